// A window moves into the step of the scan that alone reads its result.

// RUN: ssmc-opt %s --kernel-fuse=strategy=conv-scan | FileCheck %s
// RUN: ssmc-opt %s --kernel-fuse=strategy=conv-scan \
// RUN:   --remarks-filter=kernel-fuse --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: ssmc-opt %s --kernel-fuse=strategy=scan | FileCheck %s --check-prefix=SCAN

// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[DN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[W0:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, 0)>
// CHECK-DAG: #[[W1:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, 1)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>

// The sum begins with the oldest tap, as a window's does.
// CHECK-LABEL: func @taps
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x6xbf16>, %[[W:.*]]: tensor<6x2xf32>, %[[V:.*]]: tensor<6xf32>, %[[A:.*]]: tensor<6x4xf32>)
// CHECK-NOT: kernel.window
// CHECK: kernel.scan ins(%[[A]], %[[X]], %[[W]], %[[X]], %[[W]], %[[V]] : {{.*}}) maps [#[[DN]], #[[BTD]], #[[W0]], #[[BTD]], #[[W1]], #[[D]], #[[BTD]]] shifts [0, 1, 0, 0, 0, 0] decay exp2
// CHECK: step {
// CHECK-NEXT: ^bb0(%[[X1:.*]]: bf16, %[[T0:.*]]: f32, %[[X0:.*]]: bf16, %[[T1:.*]]: f32, %[[XV:.*]]: f32):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[X1]]
// CHECK-NEXT: %[[OLD:.*]] = arith.mulf %[[WIDE]], %[[T0]]
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[X0]]
// CHECK-NEXT: %[[NEW:.*]] = arith.mulf %[[WIDE]], %[[T1]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[OLD]], %[[NEW]] fastmath<contract>
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[SUM]], %[[XV]]
// CHECK-NEXT: kernel.yield %[[R]]
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 6]]:{{.*}} remark: {{.*}}Passed{{.*}}fused kernel.window into the step of kernel.scan
// SCAN-LABEL: func @taps
// SCAN: kernel.window
// SCAN: kernel.scan
func.func @taps(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>, %v: tensor<6xf32>,
                %A: tensor<6x4xf32>) -> tensor<?x?x6xf32> {
  %u = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}

// What the epilogue alone reads is summed there.
// CHECK-LABEL: func @in_epilogue
// CHECK-NOT: kernel.window
// CHECK: kernel.scan
// CHECK: } epilogue {
// CHECK: %[[OLD:.*]] = arith.mulf
// CHECK: %[[NEW:.*]] = arith.mulf
// CHECK: arith.addf %[[OLD]], %[[NEW]]
func.func @in_epilogue(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>,
                       %v: tensor<6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %u = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32):
    kernel.yield %a, %a : f32, f32
  } readout {
  ^bb0(%h: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    %r = arith.addf %sum, %e : f32
    kernel.yield %r : f32
  }
  return %y : tensor<?x?x6xf32>
}

// CHECK-LABEL: func @two_users
// CHECK: kernel.window
// CHECK: kernel.scan
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 4]]:{{.*}}kept kernel.window apart from kernel.scan: its result has another user
func.func @two_users(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>,
                     %v: tensor<6xf32>, %A: tensor<6x4xf32>)
    -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>) {
  %u = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y, %u : tensor<?x?x6xf32>, tensor<?x?x6xf32>
}

// CHECK-LABEL: func @reverse
// CHECK: kernel.window
// CHECK: kernel.scan
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 4]]:{{.*}}kept kernel.window apart from kernel.scan: the scan runs backwards
func.func @reverse(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>,
                   %v: tensor<6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %u = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      reverse decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}

// CHECK-LABEL: func @state
// CHECK: kernel.window
// CHECK: kernel.scan
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 4]]:{{.*}}kept kernel.window apart from kernel.scan: it carries states
func.func @state(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>,
                 %v: tensor<6xf32>, %A: tensor<6x4xf32>)
    -> (tensor<?x?x6xf32>, tensor<?x1x6xf32>) {
  %u, %state = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32>, tensor<?x1x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y, %state : tensor<?x?x6xf32>, tensor<?x1x6xf32>
}

// The scan's sequences are rows of a batch, the window's are packed in one.
// CHECK-LABEL: func @packed
// CHECK: kernel.window
// CHECK: kernel.scan
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 5]]:{{.*}}kept kernel.window apart from kernel.scan: their sequences are not packed alike
func.func @packed(%x: tensor<1x?x6xbf16>, %w: tensor<6x2xf32>,
                  %v: tensor<6xf32>, %A: tensor<6x4xf32>,
                  %offsets: tensor<?xi32>)
    -> tensor<1x?x6xf32> {
  %u = kernel.window ins(%x, %w, %v
          : tensor<1x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, w) -> (0, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (0, t, d)>]
      -> tensor<1x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<1x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<1x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<1x?x6xf32>
}

// The scan reads its channels in another order.
// CHECK-LABEL: func @indexed
// CHECK: kernel.window
// CHECK: kernel.scan
// REMARK: kernel-fuse-windows.mlir:[[# @LINE + 4]]:{{.*}}kept kernel.window apart from kernel.scan: the scan does not read its result by (b, t, d)
func.func @indexed(%x: tensor<?x?x6xbf16>, %w: tensor<6x2xf32>,
                   %v: tensor<6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %u = kernel.window ins(%x, %w, %v
          : tensor<?x?x6xbf16>, tensor<6x2xf32>, tensor<6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: bf16, %f: f32):
    %g = arith.extf %e : bf16 to f32
    %r = arith.mulf %g, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %f: f32):
    %r = arith.addf %sum, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d floordiv 2)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}
