// A scan with its discretization, D skip and gate is one kernel.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[BDT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>
// CHECK-DAG: #[[DN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[BTN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[BNT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>
// CHECK-DAG: #[[BTGN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 floordiv 2, d3)>
// CHECK-DAG: #[[BGNT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2 floordiv 2, d3, d1)>

// CHECK-LABEL: func @everything
// CHECK-SAME: (%[[U:.*]]: tensor<?x?x6xbf16>, %[[DELTA:.*]]: tensor<?x?x6xbf16>, %[[A:.*]]: tensor<6x4xf32>, %[[B:.*]]: tensor<?x?x4xbf16>, %[[C:.*]]: tensor<?x?x4xf16>, %[[DSKIP:.*]]: tensor<6xf32>, %[[Z:.*]]: tensor<?x?x6xbf16>, %[[BIAS:.*]]: tensor<6xf32>, %[[H0:.*]]: tensor<?x6x4xf32>)
// CHECK: %[[OUT:.*]], %[[LAST:.*]] = kernel.scan ins(%[[U]], %[[DELTA]], %[[Z]], %[[DSKIP]], %[[BIAS]], %[[A]], %[[B]], %[[C]] :
// CHECK-SAME: init(%[[H0]] : tensor<?x6x4xf32>)
// CHECK-SAME: maps [#[[BTD]], #[[BTD]], #[[BTD]], #[[D]], #[[D]], #[[DN]], #[[BTN]], #[[BTN]], #[[BTD]]] decay exp2
// CHECK-SAME: -> tensor<?x?x6xbf16>, tensor<?x6x4xf32> step {
//     dt = softplus(delta + bias), dt * u
// CHECK-NEXT: ^bb0(%[[XU:.*]]: bf16, %[[XDELTA:.*]]: bf16, %{{.*}}: bf16, %{{.*}}: f32, %[[XBIAS:.*]]: f32):
// CHECK: %[[WIDE:.*]] = arith.extf %[[XDELTA]]
// CHECK: %[[BIASED:.*]] = arith.addf %[[WIDE]], %[[XBIAS]]
// CHECK: %[[DT:.*]] = ssm.softplus %[[BIASED]]
// CHECK: %[[WIDEU:.*]] = arith.extf %[[XU]]
// CHECK: %[[DTU:.*]] = arith.mulf %[[DT]], %[[WIDEU]]
// CHECK: kernel.yield %[[DT]], %[[DTU]]
// CHECK: } transition {
//     log2 of the decay, dt * u * B
// CHECK-NEXT: ^bb0(%[[DT:.*]]: f32, %[[DTU:.*]]: f32, %[[XA:.*]]: f32, %[[XB:.*]]: bf16, %{{.*}}: f16):
// CHECK: %[[LOG2E:.*]] = arith.constant 1.442695
// CHECK: %[[SLOPE:.*]] = arith.mulf %[[XA]], %[[LOG2E]]
// CHECK: %[[DECAY:.*]] = arith.mulf %[[DT]], %[[SLOPE]]
// CHECK: %[[WIDEB:.*]] = arith.extf %[[XB]]
// CHECK: %[[IN:.*]] = arith.mulf %[[DTU]], %[[WIDEB]]
// CHECK: kernel.yield %[[DECAY]], %[[IN]]
// CHECK: } readout {
// CHECK-NEXT: ^bb0(%[[H:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: bf16, %[[XC:.*]]: f16):
// CHECK: %[[WIDEC:.*]] = arith.extf %[[XC]] : f16
// CHECK: %[[HC:.*]] = arith.mulf %[[H]], %[[WIDEC]]
// CHECK: kernel.yield %[[HC]]
// CHECK: } epilogue {
//     (sum + D * u) * silu(z), rounded once
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32, %[[XU:.*]]: bf16, %{{.*}}: bf16, %[[XZ:.*]]: bf16, %[[XD:.*]]: f32, %{{.*}}: f32):
// CHECK: %[[WIDEU:.*]] = arith.extf %[[XU]]
// CHECK: %[[SKIP:.*]] = arith.mulf %[[XD]], %[[WIDEU]]
// CHECK: %[[Y:.*]] = arith.addf %[[SKIP]], %[[SUM]]
// CHECK: %[[WIDEZ:.*]] = arith.extf %[[XZ]]
// CHECK: %[[GATE:.*]] = ssm.silu %[[WIDEZ]]
// CHECK: %[[GATED:.*]] = arith.mulf %[[Y]], %[[GATE]]
// CHECK: %[[ROUNDED:.*]] = arith.truncf %[[GATED]] : f32 to bf16
// CHECK-NEXT: kernel.yield %[[ROUNDED]]
// CHECK: return %[[OUT]], %[[LAST]]
func.func @everything(
    %u: tensor<?x?x6xbf16>, %delta: tensor<?x?x6xbf16>, %A: tensor<6x4xf32>,
    %B: tensor<?x?x4xbf16>, %C: tensor<?x?x4xf16>, %D: tensor<6xf32>,
    %z: tensor<?x?x6xbf16>, %bias: tensor<6xf32>, %h: tensor<?x6x4xf32>)
    -> (tensor<?x?x6xbf16>, tensor<?x6x4xf32>) {
  %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<6xf32>) z(%z : tensor<?x?x6xbf16>)
      delta_bias(%bias : tensor<6xf32>) delta_softplus
      initial_state(%h : tensor<?x6x4xf32>)
      : tensor<?x?x6xbf16>, tensor<?x?x6xbf16>, tensor<6x4xf32>,
        tensor<?x?x4xbf16>, tensor<?x?x4xf16>
      -> tensor<?x?x6xbf16>, tensor<?x6x4xf32>
  return %out, %last : tensor<?x?x6xbf16>, tensor<?x6x4xf32>
}

// What is not there is not computed; a constant B has the map of A.
// CHECK-LABEL: func @plain
// CHECK: kernel.scan ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : {{.*}}) maps [#[[BTD]], #[[BTD]], #[[DN]], #[[DN]], #[[BTN]], #[[BTD]]] decay exp2 -> tensor<?x?x6xf32> step {
// CHECK-NEXT: ^bb0(%[[XU:.*]]: f32, %[[DT:.*]]: f32):
// CHECK-NEXT: %[[DTU:.*]] = arith.mulf %[[DT]], %[[XU]]
// CHECK-NEXT: kernel.yield %[[DT]], %[[DTU]]
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:[a-z0-9]*]]: f32, {{.*}}):
// CHECK-NEXT: kernel.yield %[[SUM]]
func.func @plain(
    %u: tensor<?x?x6xf32>, %delta: tensor<?x?x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<6x4xf32>, %C: tensor<?x?x4xf32>) -> tensor<?x?x6xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4xf32>, tensor<6x4xf32>,
        tensor<?x?x4xf32> -> tensor<?x?x6xf32>
  return %out : tensor<?x?x6xf32>
}

// Channels 2g and 2g + 1 read group g.
// CHECK-LABEL: func @groups
// CHECK: kernel.scan {{.*}} maps [#[[BTD]], #[[BTD]], #[[DN]], #[[BTGN]], #[[BTGN]], #[[BTD]]]
func.func @groups(
    %u: tensor<?x?x6xf32>, %delta: tensor<?x?x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<?x?x3x4xf32>, %C: tensor<?x?x3x4xf32>) -> tensor<?x?x6xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4xf32>,
        tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32> -> tensor<?x?x6xf32>
  return %out : tensor<?x?x6xf32>
}

// CHECK-LABEL: func @channel_major
// CHECK: kernel.scan {{.*}} maps [#[[BDT]], #[[BDT]], #[[DN]], #[[BGNT]], #[[BNT]], #[[BDT]]]
func.func @channel_major(
    %u: tensor<?x6x?xf32>, %delta: tensor<?x6x?xf32>, %A: tensor<6x4xf32>,
    %B: tensor<?x3x4x?xf32>, %C: tensor<?x4x?xf32>) -> tensor<?x6x?xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C layout channel_major
      : tensor<?x6x?xf32>, tensor<?x6x?xf32>, tensor<6x4xf32>,
        tensor<?x3x4x?xf32>, tensor<?x4x?xf32> -> tensor<?x6x?xf32>
  return %out : tensor<?x6x?xf32>
}

// Packed sequences share one batch row; time may run backwards; dt is clamped
// after softplus.
// CHECK-LABEL: func @packed
// CHECK: kernel.scan {{.*}} offsets(%{{.*}} : tensor<?xi32>) maps [#[[OTD:[a-z0-9]+]], #[[OTD]], #[[DN]], #[[OTN:[a-z0-9]+]], #[[OTN]], #[[OTD]]] reverse decay exp2
// CHECK: %[[SOFT:.*]] = ssm.softplus
// CHECK: %[[LOW:.*]] = arith.maximumf %[[SOFT]], %{{.*}} : f32
// CHECK: arith.minimumf %[[LOW]], %{{.*}} : f32
func.func @packed(%u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>,
                  %B: tensor<1x?x4xf32>, %cu: tensor<?xi32>)
    -> tensor<1x?x6xf32> {
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      delta_softplus delta_limits [0.001, 0.1] cu_seqlens(%cu : tensor<?xi32>)
      reverse
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>,
        tensor<1x?x4xf32>, tensor<1x?x4xf32> -> tensor<1x?x6xf32>
  return %out : tensor<1x?x6xf32>
}
