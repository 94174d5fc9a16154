// Maps move into the epilogue of the scan or window whose result they alone
// read.

// RUN: ssmc-opt %s --kernel-fuse=strategy=scan | FileCheck %s
// RUN: ssmc-opt %s --kernel-fuse=strategy=scan \
// RUN:   --remarks-filter=kernel-fuse --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// CHECK-DAG: #[[BDT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[DN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>

// Two in a row, the second of which transposes and needs what comes after the
// scan; the state that the scan returns stays where it is used.
// CHECK-LABEL: func @scan
// CHECK-SAME: (%[[A:.*]]: tensor<6x4xf32>, %[[Z:.*]]: tensor<?x6x?xbf16>, %[[V:.*]]: tensor<6xf32>, %[[H:.*]]: tensor<?x6x4xf32>)
// CHECK: %[[OUT:.*]], %[[LAST:.*]] = kernel.scan ins(%[[A]], %[[V]], %[[Z]] : {{.*}}) {{.*}} maps [#[[DN]], #[[D]], #[[BDT]], #[[BDT]]] decay exp2 -> tensor<?x6x?xbf16>, tensor<?x6x4xf32> step
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[XV:.*]]: f32, %[[XZ:.*]]: bf16):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[XZ]]
// CHECK-NEXT: %[[SILU:.*]] = ssm.silu %[[WIDE]]
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[SUM]], %[[SUM]]
// CHECK-NEXT: %[[ADDED:.*]] = arith.addf %[[SQUARE]], %[[XV]]
// CHECK-NEXT: %[[GATED:.*]] = arith.mulf %[[ADDED]], %[[SILU]]
// CHECK-NEXT: %[[R:.*]] = arith.truncf %[[GATED]] : f32 to bf16
// CHECK-NEXT: kernel.yield %[[R]] : bf16
// CHECK-NOT: kernel.map
// CHECK: return %[[OUT]], %[[LAST]]
// REMARK-DAG: kernel-fuse-consumers.mlir:51:{{.*}} remark: {{.*}}Passed{{.*}}fused kernel.map into the epilogue of kernel.scan
// REMARK-DAG: kernel-fuse-consumers.mlir:69:{{.*}} remark: {{.*}}Passed{{.*}}fused kernel.map into the epilogue of kernel.scan
func.func @scan(%A: tensor<6x4xf32>, %z: tensor<?x6x?xbf16>, %v: tensor<6xf32>,
                %h: tensor<?x6x4xf32>)
    -> (tensor<?x6x?xbf16>, tensor<?x6x4xf32>) {
  %y, %last = kernel.scan ins(%A : tensor<6x4xf32>)
      init(%h : tensor<?x6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32>, tensor<?x6x4xf32> step {
    kernel.yield
  } transition {
  ^bb0(%a: f32):
    kernel.yield %a, %a : f32, f32
  } readout {
  ^bb0(%g: f32, %a: f32):
    kernel.yield %g : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y, %v, %y
          : tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k)>,
            affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32, %f: f32, %e_again: f32):
    %r = arith.mulf %e, %e_again : f32
    %s = arith.addf %r, %f : f32
    kernel.yield %s : f32
  }
  %g = kernel.map ins(%z : tensor<?x6x?xbf16>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x6x?xf32> body {
  ^bb0(%e: bf16):
    %w = arith.extf %e : bf16 to f32
    %r = ssm.silu %w : f32
    kernel.yield %r : f32
  }
  %q = kernel.map ins(%p, %g : tensor<?x?x6xf32>, tensor<?x6x?xf32>)
      maps [affine_map<(i, k, j) -> (i, j, k)>,
            affine_map<(i, k, j) -> (i, k, j)>,
            affine_map<(i, k, j) -> (i, k, j)>] -> tensor<?x6x?xbf16> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    %s = arith.truncf %r : f32 to bf16
    kernel.yield %s : bf16
  }
  return %q, %last : tensor<?x6x?xbf16>, tensor<?x6x4xf32>
}

// CHECK-LABEL: func @window
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x6xf32>, %[[W:.*]]: tensor<6x4xf32>, %[[V:.*]]: tensor<6xf32>)
// CHECK: kernel.window ins(%[[X]], %[[W]], %[[V]] : {{.*}}) maps [#[[BTD]], #[[DN]], #[[D]], #[[BTD]]] -> tensor<?x?x6xf16> reduce
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[XV:.*]]: f32):
// CHECK-NEXT: arith.addf %[[SUM]], %[[XV]]
// CHECK-NOT: kernel.map
// REMARK-DAG: fused kernel.map into the epilogue of kernel.window
func.func @window(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>,
                  %v: tensor<6xf32>) -> tensor<?x?x6xf16> {
  %y = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y, %v : tensor<?x?x6xf32>, tensor<6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf16> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.addf %e, %f : f32
    %s = arith.truncf %r : f32 to f16
    kernel.yield %s : f16
  }
  return %p : tensor<?x?x6xf16>
}

// A window writes as it reads.
// CHECK-LABEL: func @transposed
// CHECK: kernel.window
// CHECK: kernel.map
// REMARK-DAG: kept kernel.map apart from kernel.window: a window's result is laid out as its input is
func.func @transposed(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>)
    -> tensor<?x6x?xf32> {
  %y = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y : tensor<?x?x6xf32>)
      maps [affine_map<(i, k, j) -> (i, j, k)>,
            affine_map<(i, k, j) -> (i, k, j)>] -> tensor<?x6x?xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  return %p : tensor<?x6x?xf32>
}

// CHECK-LABEL: func @two_users
// CHECK: kernel.window
// CHECK: kernel.map
// REMARK-DAG: kept kernel.map apart from kernel.window: it is not the only one to read that result, in one place
func.func @two_users(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>)
    -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>) {
  %y = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y : tensor<?x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<?x?x6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  return %p, %y : tensor<?x?x6xf32>, tensor<?x?x6xf32>
}

// CHECK-LABEL: func @broadcast
// CHECK: kernel.window
// CHECK: kernel.map
// REMARK-DAG: kept kernel.map apart from kernel.window: it does not read each element once
func.func @broadcast(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>,
                     %v: tensor<?x?x6x3xf32>) -> tensor<?x?x6x3xf32> {
  %y = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y, %v : tensor<?x?x6xf32>, tensor<?x?x6x3xf32>)
      maps [affine_map<(i, j, k, l) -> (i, j, k)>,
            affine_map<(i, j, k, l) -> (i, j, k, l)>,
            affine_map<(i, j, k, l) -> (i, j, k, l)>]
      -> tensor<?x?x6x3xf32> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.addf %e, %f : f32
    kernel.yield %r : f32
  }
  return %p : tensor<?x?x6x3xf32>
}

// exp(0) is not 0, which the result is at steps of no sequence.
// CHECK-LABEL: func @packed
// CHECK: kernel.window
// CHECK: kernel.map
// REMARK-DAG: kept kernel.map apart from kernel.window: what it makes of the 0 at steps of no sequence need not be 0
func.func @packed(%x: tensor<1x?x6xf32>, %w: tensor<6x4xf32>,
                  %offsets: tensor<?xi32>) -> tensor<1x?x6xf32> {
  %y = kernel.window ins(%x, %w : tensor<1x?x6xf32>, tensor<6x4xf32>)
      offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, w) -> (0, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (0, t, d)>]
      -> tensor<1x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y : tensor<1x?x6xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<1x?x6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  return %p : tensor<1x?x6xf32>
}

// What the map needs besides depends on the state that the scan returns.
// CHECK-LABEL: func @needs_state
// CHECK: kernel.scan
// CHECK: kernel.map
// REMARK-DAG: kept kernel.map apart from kernel.scan: it needs something that comes after the other
func.func @needs_state(%A: tensor<6x4xf32>, %h: tensor<2x6x4xf32>)
    -> tensor<2x5x6xf32> {
  %y, %last = kernel.scan ins(%A : tensor<6x4xf32>)
      init(%h : tensor<2x6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<2x5x6xf32>, tensor<2x6x4xf32> step {
    kernel.yield
  } transition {
  ^bb0(%a: f32):
    kernel.yield %a, %a : f32, f32
  } readout {
  ^bb0(%g: f32, %a: f32):
    kernel.yield %g : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %p = kernel.map ins(%y, %last : tensor<2x5x6xf32>, tensor<2x6x4xf32>)
      maps [affine_map<(i, j, k) -> (i, j, k)>,
            affine_map<(i, j, k) -> (i, k, 0)>,
            affine_map<(i, j, k) -> (i, j, k)>] -> tensor<2x5x6xf32> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.addf %e, %f : f32
    kernel.yield %r : f32
  }
  return %p : tensor<2x5x6xf32>
}
