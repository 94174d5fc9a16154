// The states of a complex recurrence are pairs in registers; a decay turns them.

// RUN: ssmc-opt %s --convert-kernel-to-gpu | FileCheck %s

// One state a lane: its parts are one load.
// CHECK-LABEL: gpu.func @scan_0
// CHECK: %[[A:.*]] = vector.load %{{.*}} {alignment = 8 : i64} : memref<96x2x2xf32, {{.*}} vector<2xf32>
// CHECK: %[[ARE:.*]] = vector.extract %[[A]][0]
// CHECK: %[[AIM:.*]] = vector.extract %[[A]][1]
// CHECK: vector.load %{{.*}} {alignment = 4 : i64} : memref<?x96x2x2xf16, {{.*}} vector<2xf16>
// CHECK: %[[LAST:.*]]:2 = scf.for {{.*}} iter_args(%[[RE:.*]] = %{{.*}}, %[[IM:.*]] = %{{.*}}) -> (f32, f32)
// CHECK: %[[S:.*]] = memref.load
// CHECK: %[[M:.*]] = math.exp2 %[[ARE]]
// CHECK: %[[COS:.*]], %[[SIN:.*]] = ssm.cis %[[AIM]]
// CHECK: %[[DRE:.*]] = arith.mulf %[[M]], %[[COS]]
// CHECK: %[[DIM:.*]] = arith.mulf %[[M]], %[[SIN]]
// CHECK: %[[NEG:.*]] = arith.negf %[[DIM]]
// CHECK: %[[RE0:.*]] = math.fma %[[NEG]], %[[IM]], %[[S]]
// CHECK: %[[RE1:.*]] = math.fma %[[DRE]], %[[RE]], %[[RE0]]
// CHECK: %[[IM0:.*]] = math.fma %[[DIM]], %[[RE]], %[[ARE]]
// CHECK: %[[IM1:.*]] = math.fma %[[DRE]], %[[IM]], %[[IM0]]
//     The readout is that of the new state.
// CHECK: gpu.shuffle xor %[[IM1]]
// CHECK: scf.yield %[[RE1]], %[[IM1]]
// CHECK: arith.truncf %[[LAST]]#0
// CHECK: arith.truncf %[[LAST]]#1
// CHECK: vector.store {{.*}} vector<2xf16>
func.func @pairs(%u: tensor<?x?x96xf32>, %A: tensor<96x2x2xf32>, %h: tensor<?x96x2x2xf16>)
    -> (tensor<?x?x96xf32>, tensor<?x96x2x2xf16>) {
  %y, %last = kernel.scan ins(%u, %A : tensor<?x?x96xf32>, tensor<96x2x2xf32>)
      init(%h : tensor<?x96x2x2xf16>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 schedule <sequential, {lanes = 2, steps = 1, threads = 64}>
      -> tensor<?x?x96xf32>, tensor<?x96x2x2xf16> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %re: f32, %im: f32):
    kernel.yield %re, %im, %s, %re : f32, f32, f32, f32
  } readout {
  ^bb0(%h_re: f32, %h_im: f32, %s: f32, %re: f32, %im: f32):
    kernel.yield %h_im : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y, %last : tensor<?x?x96xf32>, tensor<?x96x2x2xf16>
}

// Of 3 states on 2 lanes one does not exist: neither part of it is loaded, counted
// or stored. Parts that are apart are loaded one by one.
// CHECK-LABEL: gpu.func @scan_1
// CHECK-COUNT-4: memref.load %{{.*}} : memref<96x2x3xf32
// CHECK-COUNT-2: vector.load %{{.*}} : memref<?x96x3x2xf32
// CHECK: arith.select %[[EXISTS0:.*]], %{{.*}}, %{{.*}} : f32
// CHECK: arith.select %[[EXISTS0]],
// CHECK: arith.select %[[EXISTS1:.*]], %{{.*}}, %{{.*}} : f32
// CHECK: arith.select %[[EXISTS1]],
// CHECK: %[[LAST:.*]]:4 = scf.for
//     Both parts of the input, and the term.
// CHECK: ssm.cis
// CHECK-COUNT-3: arith.select %[[EXISTS0]],
// CHECK: ssm.cis
// CHECK-COUNT-3: arith.select %[[EXISTS1]],
// CHECK: scf.if %[[EXISTS0]] {
// CHECK: vector.from_elements %[[LAST]]#0, %[[LAST]]#1 :
// CHECK: vector.store
// CHECK: scf.if %[[EXISTS1]] {
// CHECK: vector.from_elements %[[LAST]]#2, %[[LAST]]#3 :
// CHECK: vector.store
func.func @ragged(%u: tensor<?x?x96xf32>, %A: tensor<96x2x3xf32>, %h: tensor<?x96x3x2xf32>)
    -> (tensor<?x?x96xf32>, tensor<?x96x3x2xf32>) {
  %y, %last = kernel.scan ins(%u, %A : tensor<?x?x96xf32>, tensor<96x2x3xf32>)
      init(%h : tensor<?x96x3x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, c, n)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 schedule <sequential, {lanes = 2, steps = 1}>
      -> tensor<?x?x96xf32>, tensor<?x96x3x2xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %re: f32, %im: f32):
    kernel.yield %re, %im, %s, %re : f32, f32, f32, f32
  } readout {
  ^bb0(%h_re: f32, %h_im: f32, %s: f32, %re: f32, %im: f32):
    kernel.yield %h_im : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y, %last : tensor<?x?x96xf32>, tensor<?x96x3x2xf32>
}
