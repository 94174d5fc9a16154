// A map whose only use is an input of another map moves into its body.

// RUN: ssmc-opt %s --kernel-fuse=strategy=discretize | FileCheck %s
// RUN: ssmc-opt %s --kernel-fuse=strategy=discretize \
// RUN:   --remarks-filter=kernel-fuse --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: ssmc-opt %s --kernel-fuse=strategy=none | FileCheck %s --check-prefix=NONE

// NONE-LABEL: func @chain
// NONE-COUNT-3: kernel.map

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: func @chain
// CHECK-SAME: (%[[X:.*]]: tensor<4x6xf32>)
// CHECK: kernel.map ins(%[[X]] : tensor<4x6xf32>) maps [#[[ID]], #[[ID]]] -> tensor<4x6xbf16> body {
// CHECK-NEXT: ^bb0(%[[E:.*]]: f32):
// CHECK-NEXT: %[[A:.*]] = math.exp %[[E]]
// CHECK-NEXT: %[[B:.*]] = arith.negf %[[A]]
// CHECK-NEXT: %[[C:.*]] = arith.truncf %[[B]]
// CHECK-NEXT: kernel.yield %[[C]] : bf16
// CHECK-NOT: kernel.map
func.func @chain(%x: tensor<4x6xf32>) -> tensor<4x6xbf16> {
  %a = kernel.map ins(%x : tensor<4x6xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]
      -> tensor<4x6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %b = kernel.map ins(%a : tensor<4x6xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]
      -> tensor<4x6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  %c = kernel.map ins(%b : tensor<4x6xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]
      -> tensor<4x6xbf16> body {
  ^bb0(%e: f32):
    %r = arith.truncf %e : f32 to bf16
    kernel.yield %r : bf16
  }
  return %c : tensor<4x6xbf16>
}

// Maps are composed: the producer wrote its transpose, the consumer reads that
// transposed. The consumer's schedule stays.
// CHECK-LABEL: func @maps
// CHECK-SAME: (%[[X:.*]]: tensor<4x6xf32>, %[[V:.*]]: tensor<4xf32>, %[[Z:.*]]: tensor<4x6xf32>)
// CHECK: kernel.map ins(%[[X]], %[[V]], %[[Z]] : {{.*}}) maps [#[[ID]], #[[ROW]], #[[ID]], #[[ID]]] schedule <elementwise, {threads = 64 : i64}> -> tensor<4x6xf32> body {
// CHECK-NEXT: ^bb0(%[[E:.*]]: f32, %[[F:.*]]: f32, %[[G:.*]]: f32):
// CHECK-NEXT: %[[P:.*]] = arith.addf %[[E]], %[[F]]
// CHECK-NEXT: %[[R:.*]] = arith.subf %[[G]], %[[P]]
// CHECK-NEXT: kernel.yield %[[R]]
func.func @maps(%x: tensor<4x6xf32>, %v: tensor<4xf32>, %z: tensor<4x6xf32>)
    -> tensor<4x6xf32> {
  %t = kernel.map ins(%x, %v : tensor<4x6xf32>, tensor<4xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
            affine_map<(i, j) -> (j, i)>]
      -> tensor<6x4xf32> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.addf %e, %f : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%z, %t : tensor<4x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>,
            affine_map<(i, j) -> (i, j)>]
      schedule <elementwise, {threads = 64}> -> tensor<4x6xf32> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.subf %e, %f : f32
    kernel.yield %r : f32
  }
  return %y : tensor<4x6xf32>
}

// A broadcast would be computed at each of its uses.
// CHECK-LABEL: func @broadcast
// CHECK: kernel.map ins(%{{.*}} : tensor<6xf32>) maps [#{{.*}}, #{{.*}}] -> tensor<6xf32> body {
// CHECK: kernel.map ins(%{{.*}} : tensor<6xf32>) maps [#[[COLUMN]], #[[ID]]] -> tensor<4x6xf32> body {
// REMARK: kernel-fuse-maps.mlir:[[# @LINE + 2]]:{{.*}} remark: {{.*}}Missed{{.*}}kept kernel.map apart from kernel.map: it would be computed again for each dimension 0
func.func @broadcast(%x: tensor<6xf32>) -> tensor<4x6xf32> {
  %a = kernel.map ins(%x : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%a : tensor<6xf32>)
      maps [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>]
      -> tensor<4x6xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<4x6xf32>
}

// One row is no broadcast.
// CHECK-LABEL: func @one_row
// CHECK-COUNT-1: kernel.map
// CHECK-NOT: kernel.map
func.func @one_row(%x: tensor<6xf32>) -> tensor<1x6xf32> {
  %a = kernel.map ins(%x : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%a : tensor<6xf32>)
      maps [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>]
      -> tensor<1x6xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<1x6xf32>
}

// Two reads of one element are one input.
// CHECK-LABEL: func @square
// CHECK: kernel.map ins(%{{.*}} : tensor<6xf32>) maps [
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[E:.*]] = math.exp %[[X]]
// CHECK-NEXT: arith.mulf %[[E]], %[[E]]
// CHECK-NOT: kernel.map
func.func @square(%x: tensor<6xf32>) -> tensor<6xf32> {
  %a = kernel.map ins(%x : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%a, %a : tensor<6xf32>, tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
            affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  }
  return %y : tensor<6xf32>
}

// What is used twice is written once.
// CHECK-LABEL: func @two_uses
// CHECK-COUNT-2: kernel.map
// CHECK-NOT: kernel.map
// REMARK: kernel-fuse-maps.mlir:[[# @LINE + 2]]:{{.*}}kept kernel.map apart from kernel.map: its result has another user
func.func @two_uses(%x: tensor<6xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %a = kernel.map ins(%x : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%a : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  return %a, %y : tensor<6xf32>, tensor<6xf32>
}

// CHECK-LABEL: func @two_results
// CHECK-COUNT-2: kernel.map
// CHECK-NOT: kernel.map
// REMARK: kernel-fuse-maps.mlir:[[# @LINE + 2]]:{{.*}}kept kernel.map apart from kernel.map: it has several results
func.func @two_results(%x: tensor<6xf32>) -> tensor<6xf32> {
  %a:2 = kernel.map ins(%x : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
            affine_map<(i) -> (i)>]
      -> tensor<6xf32>, tensor<6xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e, %e : f32, f32
  }
  %y = kernel.map ins(%a#0 : tensor<6xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<6xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<6xf32>
}
