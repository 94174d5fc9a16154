// A split scan's pieces of one segment have the tiles of a chained one; the
// first kernel reads only what decays and inputs of the recurrence come from.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// Rows of B in bf16, as f32 in shared memory: no rows of C, no z, no output.
// CHECK-LABEL: gpu.func @scan_0_summarize
// CHECK-SAME: workgroup(%{{.*}} : memref<64xf32, #gpu.address_space<workgroup>>
// CHECK: scf.for
// Both halves of a word, by a shift and by a mask.
// CHECK: vector.bitcast %{{.*}} : vector<4xbf16> to vector<2xi32>
// CHECK: arith.shli
// CHECK: arith.andi
// CHECK: vector.store %{{.*}} : memref<64xf32
// Four steps of four states; what is summed up for their decays is the step's
// value, not a logarithm of each.
// CHECK-COUNT-16: math.exp2
// CHECK-COUNT-4: arith.addf
// CHECK: scf.yield
// The last sum gives all four decays.
// CHECK-COUNT-4: math.exp2
// CHECK-NOT: memref.store %{{.*}} : memref<?x?x96xf32
// CHECK: memref.store %{{.*}} : memref<?x?x?x?xf32
// CHECK-NOT: memref.store %{{.*}} : memref<?x?x96xf32
// CHECK: gpu.return

// Sixteen pieces are loaded at once, in a branch; then those that are left.
// CHECK-LABEL: gpu.func @scan_0_join
// CHECK: scf.for
// CHECK: scf.if
// CHECK-COUNT-32: memref.load
// CHECK: scf.yield
// CHECK-COUNT-16: math.fma
// CHECK: scf.for
// CHECK: math.fma

// CHECK-LABEL: gpu.func @scan_0(
// CHECK-SAME: workgroup(%{{.*}} : memref<128xf32, #gpu.address_space<workgroup>>
// CHECK: memref.store %{{.*}} : memref<?x?x96xf32
func.func @f(%u: tensor<?x?x96xf32>, %A: tensor<96x4xf32>,
             %B: tensor<?x?x4xbf16>, %C: tensor<?x?x4xbf16>,
             %z: tensor<?x?x96xf32>) -> tensor<?x?x96xf32> {
  %y = kernel.scan
      ins(%u, %z, %A, %B, %C : tensor<?x?x96xf32>, tensor<?x?x96xf32>,
          tensor<96x4xf32>, tensor<?x?x4xbf16>, tensor<?x?x4xbf16>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2
      schedule <split, {piece = 64, segments = 1, steps = 4, threads = 128}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32, %gate: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: bf16, %c: bf16):
    %log = arith.mulf %s, %a : f32
    %wide = arith.extf %b : bf16 to f32
    kernel.yield %log, %wide : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: bf16, %c: bf16):
    %wide = arith.extf %c : bf16 to f32
    %r = arith.mulf %state, %wide : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32, %gate: f32):
    %r = arith.mulf %sum, %gate : f32
    kernel.yield %r : f32
  }
  return %y : tensor<?x?x96xf32>
}
