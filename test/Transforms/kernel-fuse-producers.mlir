// Maps move into the scan that reads them: what depends on n to the transition
// and the readout, the rest to the step.

// RUN: ssmc-opt %s --kernel-fuse=strategy=scan | FileCheck %s
// RUN: ssmc-opt %s --kernel-fuse=strategy=scan \
// RUN:   --remarks-filter=kernel-fuse --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: ssmc-opt %s --kernel-fuse=strategy=discretize | FileCheck %s --check-prefix=DISCRETIZE

// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[DN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>

// The square needs nothing with n; the constant is where it is used. The decay
// is said as its logarithm. A half stays a half: it crosses as f32, which is
// exact.
// CHECK-LABEL: func @transition
// CHECK-SAME: (%[[X:.*]]: tensor<2x?x6xbf16>, %[[A:.*]]: tensor<6x4xbf16>)
// CHECK: kernel.scan ins(%[[X]], %[[A]] : tensor<2x?x6xbf16>, tensor<6x4xbf16>) maps [#[[BTD]], #[[DN]], #[[BTD]]] decay exp2
// CHECK: step {
// CHECK-NEXT: ^bb0(%[[E:.*]]: bf16):
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[E]], %[[E]] : bf16
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[SQUARE]] : bf16 to f32
// CHECK-NEXT: kernel.yield %[[WIDE]] : f32
// CHECK-NEXT: } transition {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[Q:.*]]: bf16):
// CHECK-NEXT: %[[HALF:.*]] = arith.truncf %[[S]] : f32 to bf16
// CHECK-NEXT: %[[TWO:.*]] = arith.constant 2.0
// CHECK-NEXT: %[[PRODUCT:.*]] = arith.mulf %[[HALF]], %[[Q]] : bf16
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[PRODUCT]]
// CHECK-NEXT: %[[LOG:.*]] = arith.mulf %[[WIDE]], %[[TWO]]
// CHECK-NEXT: %[[DECAY:.*]] = math.exp2 %[[LOG]]
// CHECK-NEXT: kernel.yield %[[LOG]], %[[DECAY]]
// CHECK-NEXT: } readout {
// CHECK-NEXT: ^bb0(%[[H:.*]]: f32, %[[S:.*]]: f32, %[[Q:.*]]: bf16):
// CHECK: %[[DECAY:.*]] = math.exp2
// CHECK-NEXT: arith.mulf %[[H]], %[[DECAY]]
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 3]]:{{.*}} remark: {{.*}}Passed{{.*}}fused kernel.map into the transition of kernel.scan
func.func @transition(%x: tensor<2x?x6xbf16>, %A: tensor<6x4xbf16>)
    -> tensor<2x?x6xf32> {
  %a = kernel.map ins(%x, %A : tensor<2x?x6xbf16>, tensor<6x4xbf16>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n, d)>]
      -> tensor<2x?x4x6xf32> body {
  ^bb0(%e: bf16, %f: bf16):
    %two = arith.constant 2.0 : f32
    %square = arith.mulf %e, %e : bf16
    %product = arith.mulf %square, %f : bf16
    %wide = arith.extf %product : bf16 to f32
    %i = arith.mulf %wide, %two : f32
    %j = math.exp2 %i : f32
    kernel.yield %j : f32
  }
  %y = kernel.scan ins(%a : tensor<2x?x4x6xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, n, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay linear -> tensor<2x?x6xf32> step {
    kernel.yield
  } transition {
  ^bb0(%e: f32):
    kernel.yield %e, %e : f32, f32
  } readout {
  ^bb0(%h: f32, %e: f32):
    %r = arith.mulf %h, %e : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<2x?x6xf32>
}

// Without n: what the step uses is computed there, and reaches the epilogue as a
// step value; what the epilogue alone uses is computed in it. A second map moves
// after the one that it feeds. discretize leaves all of these alone.
// CHECK-LABEL: func @step
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x6xf32>, %[[Z:.*]]: tensor<?x?x6xf32>, %[[A:.*]]: tensor<6x4xf32>)
// CHECK-NOT: kernel.map
// CHECK: kernel.scan ins(%[[A]], %[[Z]], %[[X]] :
// CHECK-NEXT: ^bb0(%[[XZ:.*]]: f32, %[[XX:.*]]: f32):
// CHECK-NEXT: %[[NEG:.*]] = arith.negf %[[XX]]
// CHECK-NEXT: %[[EXP:.*]] = math.exp %[[NEG]]
// CHECK-NEXT: kernel.yield %[[EXP]] : f32
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[S:.*]]: f32, %[[XZ:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[ABS:.*]] = math.absf %[[XZ]]
// CHECK-NEXT: %[[AB:.*]] = arith.addf %[[SUM]], %[[S]]
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[AB]], %[[ABS]]
// CHECK-NEXT: kernel.yield %[[R]]
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 13]]:{{.*}}fused kernel.map into the step of kernel.scan
// DISCRETIZE-LABEL: func @step
// DISCRETIZE-COUNT-2: kernel.map
// DISCRETIZE: kernel.scan
func.func @step(%x: tensor<?x?x6xf32>, %z: tensor<?x?x6xf32>,
                %A: tensor<6x4xf32>) -> tensor<?x?x6xf32> {
  %v = kernel.map ins(%x : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %u = kernel.map ins(%v : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %w = kernel.map ins(%z : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = math.absf %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %u, %w, %A
          : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>,
            tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32, %e_again: f32, %f: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32, %e_again: f32, %f: f32):
    %r = arith.addf %sum, %e_again : f32
    %q = arith.mulf %r, %f : f32
    kernel.yield %q : f32
  }
  return %y : tensor<?x?x6xf32>
}

// A decay that is the same for all states is a step value; its logarithm takes
// its place.
// CHECK-LABEL: func @decay_of_step
// CHECK: decay exp2
// CHECK: step {
// CHECK-NEXT: ^bb0(%[[L:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[L]] : f32
// CHECK-NEXT: } transition {
// CHECK-NEXT: ^bb0(%[[L:.*]]: f32, %[[X:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[L]], %[[X]]
func.func @decay_of_step(%l: tensor<?x?x6xf32>, %x: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %a = kernel.map ins(%l : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp2 %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%a, %x : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay linear -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %f: f32):
    kernel.yield %s, %f : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %f: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}

// B is read by every channel, and P by two kernels; shifted inputs are 0 before
// the first step, which need not stay 0.
// CHECK-LABEL: func @refused
// CHECK-COUNT-4: kernel.map
// CHECK: kernel.scan
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 5]]:{{.*}}Missed{{.*}}kept kernel.map apart from kernel.scan: it would be computed again for each d
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 11]]:{{.*}}kept kernel.map apart from kernel.scan: its result has another user
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 17]]:{{.*}}kept kernel.map apart from kernel.scan: the scan reads its result at an earlier step
// REMARK-DAG: kernel-fuse-producers.mlir:[[# @LINE + 23]]:{{.*}}kept kernel.map apart from kernel.scan: it reads integers, which a scan does not
func.func @refused(%m: tensor<?x?x4xf32>, %x: tensor<?x?x6xf32>, %i: tensor<?x?x6xi32>) -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>) {
  %B = kernel.map ins(%m : tensor<?x?x4xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x4xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %p = kernel.map ins(%x : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %q = kernel.map ins(%x : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %o = kernel.map ins(%i : tensor<?x?x6xi32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: i32):
    %r = arith.sitofp %e : i32 to f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%p, %q, %o, %B
          : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [0, 1, 0, 0] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32, %f: f32, %g: f32):
    %r = arith.addf %e, %f : f32
    %s = arith.addf %r, %g : f32
    kernel.yield %s : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32, %f: f32, %g: f32):
    kernel.yield %sum : f32
  }
  return %y, %p : tensor<?x?x6xf32>, tensor<?x?x6xf32>
}

// Of a complex scan, what is read without n moves.
// CHECK-LABEL: func @complex
// CHECK: kernel.map ins(%{{.*}} : tensor<6x4x2xf32>)
// CHECK-NOT: kernel.map
// CHECK: kernel.scan
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.negf %[[X]]
// CHECK-NEXT: kernel.yield %[[R]]
// REMARK-DAG: kept kernel.map apart from kernel.scan: the scan is complex
func.func @complex(%A: tensor<6x4x2xf32>, %x: tensor<?x?x6xf32>)
    -> tensor<?x?x6xf32> {
  %a = kernel.map ins(%A : tensor<6x4x2xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<6x4x2xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %p = kernel.map ins(%x : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%p, %a : tensor<?x?x6xf32>, tensor<6x4x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %re: f32, %im: f32):
    kernel.yield %re, %im, %s, %s : f32, f32, f32, f32
  } readout {
  ^bb0(%hr: f32, %hi: f32, %s: f32, %re: f32, %im: f32):
    kernel.yield %hr : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}
