// The rows of two inputs that a warp's channels share are fetched together, each
// by half of the lanes, where these suffice and the inputs are alike.

// RUN: ssmc-opt %s --split-input-file --convert-kernel-to-gpu | FileCheck %s

#channels = affine_map<(b, t, d, n) -> (b, t, d)>
#decays = affine_map<(b, t, d, n) -> (d, n)>
#rows = affine_map<(b, t, d, n) -> (b, t, n)>

// Four vectors of four states; several channels a thread have the ring hold its
// addresses.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: passthrough = ["ssmc-hold-addresses"]
// CHECK: %[[LANE:.*]] = arith.remui %{{.*}}, %c32
// CHECK: %[[FIRST:.*]] = arith.cmpi slt, %[[LANE]], %c16
// CHECK: %[[ROWS:.*]] = arith.select %[[FIRST]], %[[B:.*]], %[[C:.*]] : memref<?x?x4xf32
// CHECK: %[[TO:.*]] = arith.select %[[FIRST]], %{{.*}}, %{{.*}} : index
// CHECK: %[[HALF:.*]] = arith.remui %[[LANE]], %c16
// CHECK: vector.load %[[ROWS]]
// CHECK: scf.for
// CHECK: %[[VECTOR:.*]] = arith.addi %[[HALF]], %c0
// CHECK: arith.cmpi slt, %[[VECTOR]], %c4
// CHECK: scf.if
// CHECK: vector.store
// CHECK-NOT: vector.store
// CHECK: }
// CHECK-NOT: vector.load %[[B]]
// CHECK-NOT: vector.load %[[C]]
// CHECK: vector.load %[[ROWS]]
// CHECK-NOT: vector.load %[[B]]
// CHECK-NOT: vector.load %[[C]]
// CHECK: gpu.return
func.func @alike(%u: tensor<?x?x128xf32>, %A: tensor<128x4xf32>, %B: tensor<?x?x4xf32>, %C: tensor<?x?x4xf32>)
    -> tensor<?x?x128xf32> {
  %y = kernel.scan
      ins(%u, %A, %B, %C : tensor<?x?x128xf32>, tensor<128x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>)
      maps [#channels, #decays, #rows, #rows, #channels]
      decay exp2 schedule <chained, {ahead = 0, steps = 4, threads = 64, warps = 2, width = 2}>
      -> tensor<?x?x128xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32, %c: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32, %c: f32):
    %r = arith.mulf %state, %c : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x128xf32>
}

// -----

#channels = affine_map<(b, t, d, n) -> (b, t, d)>
#decays = affine_map<(b, t, d, n) -> (d, n)>
#rows = affine_map<(b, t, d, n) -> (b, t, n)>

// Of two types: each is fetched by the whole warp. One channel a thread.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-NOT: passthrough
// CHECK-NOT: arith.select {{.*}} : memref
// CHECK: gpu.return
func.func @unlike(%u: tensor<?x?x128xf32>, %A: tensor<128x4xf32>, %B: tensor<?x?x4xf32>, %C: tensor<?x?x4xbf16>)
    -> tensor<?x?x128xf32> {
  %y = kernel.scan
      ins(%u, %A, %B, %C : tensor<?x?x128xf32>, tensor<128x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xbf16>)
      maps [#channels, #decays, #rows, #rows, #channels]
      decay exp2 schedule <chained, {ahead = 0, steps = 4, threads = 64, warps = 2}>
      -> tensor<?x?x128xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32, %c: bf16):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32, %c: bf16):
    %wide = arith.extf %c : bf16 to f32
    %r = arith.mulf %state, %wide : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x128xf32>
}

// -----

#channels = affine_map<(b, t, d, n) -> (b, t, d)>
#decays = affine_map<(b, t, d, n) -> (d, n)>
#rows = affine_map<(b, t, d, n) -> (b, t, n)>

// 20 vectors a tile are more than half of the lanes.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-NOT: arith.select {{.*}} : memref
// CHECK: gpu.return
func.func @many(%u: tensor<?x?x128xf32>, %A: tensor<128x4xf32>, %B: tensor<?x?x4xf32>, %C: tensor<?x?x4xf32>)
    -> tensor<?x?x128xf32> {
  %y = kernel.scan
      ins(%u, %A, %B, %C : tensor<?x?x128xf32>, tensor<128x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>)
      maps [#channels, #decays, #rows, #rows, #channels]
      decay exp2 schedule <chained, {steps = 20, threads = 32}>
      -> tensor<?x?x128xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32, %c: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32, %c: f32):
    %r = arith.mulf %state, %c : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x128xf32>
}
