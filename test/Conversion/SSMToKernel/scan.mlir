// A scan becomes a kernel for each line of its description.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s
// RUN: ssmc-opt %s --convert-ssm-to-kernel \
// RUN:   --remarks-filter=kernel-fuse --remark-format=emitRemark \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// CHECK-DAG: #[[ID3:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[D3:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-DAG: #[[BDT3:.*]] = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[BDT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1)>
// CHECK-DAG: #[[DN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[BTN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[BNT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>
// CHECK-DAG: #[[BTGN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 floordiv 2, d3)>
// CHECK-DAG: #[[BGNT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2 floordiv 2, d3, d1)>
// CHECK-DAG: #[[OID:.*]] = affine_map<(d0, d1, d2, d3) -> (0, d1, d2, d3)>
// CHECK-DAG: #[[OTN:.*]] = affine_map<(d0, d1, d2, d3) -> (0, d1, d3)>
// CHECK-DAG: #[[OTD:.*]] = affine_map<(d0, d1, d2, d3) -> (0, d1, d2)>

// CHECK-LABEL: func @everything
// CHECK-SAME: (%[[U:.*]]: tensor<?x?x6xbf16>, %[[DELTA:.*]]: tensor<?x?x6xbf16>, %[[A:.*]]: tensor<6x4xf32>, %[[B:.*]]: tensor<?x?x4xbf16>, %[[C:.*]]: tensor<?x?x4xf16>, %[[DSKIP:.*]]: tensor<6xf32>, %[[Z:.*]]: tensor<?x?x6xbf16>, %[[BIAS:.*]]: tensor<6xf32>, %[[H0:.*]]: tensor<?x6x4xf32>)
//     dt = softplus(delta + bias)
// CHECK: %[[DT:.*]] = kernel.map ins(%[[DELTA]], %[[BIAS]] : {{.*}}) maps [#[[ID3]], #[[D3]], #[[ID3]]] -> tensor<?x?x6xf32> body {
// CHECK-NEXT: ^bb0(%[[XDELTA:.*]]: bf16, %[[XBIAS:.*]]: f32):
// CHECK: %[[WIDE:.*]] = arith.extf %[[XDELTA]]
// CHECK: %[[BIASED:.*]] = arith.addf %[[WIDE]], %[[XBIAS]] fastmath<contract>
// CHECK: %[[SOFT:.*]] = ssm.softplus %[[BIASED]]
// CHECK: kernel.yield %[[SOFT]]
//     the decay, exp2(dt * (A * log2(e)))
// CHECK: %[[DECAY:.*]] = kernel.map ins(%[[DT]], %[[A]] : {{.*}}) maps [#[[BTD]], #[[DN]], #[[ID]]] -> tensor<?x?x6x4xf32> body {
// CHECK-NEXT: ^bb0(%[[XDT:.*]]: f32, %[[XA:.*]]: f32):
// CHECK: %[[LOG2E:.*]] = arith.constant 1.442695
// CHECK: %[[SLOPE:.*]] = arith.mulf %[[XA]], %[[LOG2E]] fastmath<contract>
// CHECK: %[[LOG:.*]] = arith.mulf %[[XDT]], %[[SLOPE]] : f32
// CHECK: %[[EXP:.*]] = math.exp2 %[[LOG]]
// CHECK: kernel.yield %[[EXP]]
//     (dt * u) * B
// CHECK: %[[IN:.*]] = kernel.map ins(%[[DT]], %[[U]], %[[B]] : {{.*}}) maps [#[[BTD]], #[[BTD]], #[[BTN]], #[[ID]]] -> tensor<?x?x6x4xf32> body {
// CHECK-NEXT: ^bb0(%[[XDT:.*]]: f32, %[[XU:.*]]: bf16, %[[XB:.*]]: bf16):
// CHECK: %[[WIDEU:.*]] = arith.extf %[[XU]]
// CHECK: %[[DTU:.*]] = arith.mulf %[[XDT]], %[[WIDEU]] fastmath<contract>
// CHECK: %[[WIDEB:.*]] = arith.extf %[[XB]]
// CHECK: %[[DTUB:.*]] = arith.mulf %[[DTU]], %[[WIDEB]] fastmath<contract>
// CHECK: kernel.yield %[[DTUB]]
//     the recurrence
// CHECK: %[[Y:.*]], %[[LAST:.*]] = kernel.scan ins(%[[DECAY]], %[[IN]], %[[C]] :
// CHECK-SAME: init(%[[H0]] : tensor<?x6x4xf32>)
// CHECK-SAME: maps [#[[ID]], #[[ID]], #[[BTN]], #[[BTD]]] decay linear
// CHECK-SAME: -> tensor<?x?x6xf32>, tensor<?x6x4xf32> step {
// CHECK-NEXT: kernel.yield{{$}}
// CHECK-NEXT: } transition {
// CHECK-NEXT: ^bb0(%[[XDECAY:.*]]: f32, %[[XIN:.*]]: f32, %{{.*}}: f16):
// CHECK-NEXT: kernel.yield %[[XDECAY]], %[[XIN]]
// CHECK: } readout {
// CHECK-NEXT: ^bb0(%[[H:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32, %[[XC:.*]]: f16):
// CHECK: %[[WIDEC:.*]] = arith.extf %[[XC]] : f16
// CHECK: %[[HC:.*]] = arith.mulf %[[H]], %[[WIDEC]]
// CHECK: kernel.yield %[[HC]]
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[SUM]]
//     y + D * u
// CHECK: %[[SKIPPED:.*]] = kernel.map ins(%[[Y]], %[[DSKIP]], %[[U]] : {{.*}}) maps [#[[ID3]], #[[D3]], #[[ID3]], #[[ID3]]] -> tensor<?x?x6xf32> body {
// CHECK-NEXT: ^bb0(%[[XY:.*]]: f32, %[[XD:.*]]: f32, %[[XU:.*]]: bf16):
// CHECK: %[[WIDEU:.*]] = arith.extf %[[XU]]
// CHECK: %[[DU:.*]] = arith.mulf %[[XD]], %[[WIDEU]]
// CHECK: %[[SUM:.*]] = arith.addf %[[DU]], %[[XY]]
// CHECK: kernel.yield %[[SUM]]
//     times silu(z), rounded once
// CHECK: %[[OUT:.*]] = kernel.map ins(%[[SKIPPED]], %[[Z]] : {{.*}}) maps [#[[ID3]], #[[ID3]], #[[ID3]]] -> tensor<?x?x6xbf16> body {
// CHECK-NEXT: ^bb0(%[[XY:.*]]: f32, %[[XZ:.*]]: bf16):
// CHECK: %[[WIDEZ:.*]] = arith.extf %[[XZ]]
// CHECK: %[[GATE:.*]] = ssm.silu %[[WIDEZ]]
// CHECK: %[[GATED:.*]] = arith.mulf %[[XY]], %[[GATE]]
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

// What is not there has no kernel; a constant B has the map of A.
// CHECK-LABEL: func @plain
// CHECK-SAME: (%[[U:.*]]: tensor<?x?x6xf32>, %[[DELTA:.*]]: tensor<?x?x6xf32>, %[[A:.*]]: tensor<6x4xf32>, %[[B:.*]]: tensor<6x4xf32>, %{{.*}}: tensor<?x?x4xf32>)
// CHECK: kernel.map ins(%[[DELTA]], %[[A]] : {{.*}}) maps [#[[BTD]], #[[DN]], #[[ID]]]
// CHECK: kernel.map ins(%[[DELTA]], %[[U]], %[[B]] : {{.*}}) maps [#[[BTD]], #[[BTD]], #[[DN]], #[[ID]]]
// CHECK: %[[OUT:.*]] = kernel.scan
// CHECK-NOT: kernel.map
// CHECK: return %[[OUT]]
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
// CHECK: kernel.map
// CHECK: kernel.map {{.*}} maps [#[[BTD]], #[[BTD]], #[[BTGN]], #[[ID]]]
// CHECK: kernel.scan {{.*}} maps [#[[ID]], #[[ID]], #[[BTGN]], #[[BTD]]]
func.func @groups(
    %u: tensor<?x?x6xf32>, %delta: tensor<?x?x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<?x?x3x4xf32>, %C: tensor<?x?x3x4xf32>) -> tensor<?x?x6xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4xf32>,
        tensor<?x?x3x4xf32>, tensor<?x?x3x4xf32> -> tensor<?x?x6xf32>
  return %out : tensor<?x?x6xf32>
}

// CHECK-LABEL: func @channel_major
// CHECK: kernel.map {{.*}} maps [#[[BDT]], #[[DN]], #[[ID]]] -> tensor<?x?x6x4xf32>
// CHECK: kernel.map {{.*}} maps [#[[BDT]], #[[BDT]], #[[BGNT]], #[[ID]]]
// CHECK: kernel.scan {{.*}} maps [#[[ID]], #[[ID]], #[[BNT]], #[[BDT]]]
// CHECK: kernel.map {{.*}} maps [#[[BDT3]], #[[BDT3]], #[[BDT3]]]
func.func @channel_major(
    %u: tensor<?x6x?xf32>, %delta: tensor<?x6x?xf32>, %A: tensor<6x4xf32>,
    %B: tensor<?x3x4x?xf32>, %C: tensor<?x4x?xf32>) -> tensor<?x6x?xf32> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      z(%u : tensor<?x6x?xf32>) layout channel_major
      : tensor<?x6x?xf32>, tensor<?x6x?xf32>, tensor<6x4xf32>,
        tensor<?x3x4x?xf32>, tensor<?x4x?xf32> -> tensor<?x6x?xf32>
  return %out : tensor<?x6x?xf32>
}

// Packed sequences share one batch row; time may run backwards; dt is clamped
// after softplus. What follows the sum stays, since out is 0 at steps of no
// sequence.
// CHECK-LABEL: func @packed
// CHECK: kernel.map {{.*}} maps [#[[ID3]], #[[ID3]]] -> tensor<1x?x6xf32>
// CHECK: %[[SOFT:.*]] = ssm.softplus
// CHECK: %[[LOW:.*]] = arith.maximumf %[[SOFT]], %{{.*}} : f32
// CHECK: arith.minimumf %[[LOW]], %{{.*}} : f32
// CHECK: kernel.map {{.*}} maps [#[[BTD]], #[[DN]], #[[ID]]] -> tensor<1x?x6x4xf32>
// CHECK: kernel.map {{.*}} maps [#[[BTD]], #[[BTD]], #[[BTN]], #[[ID]]] -> tensor<1x?x6x4xf32>
// CHECK: kernel.scan {{.*}} offsets(%{{.*}} : tensor<?xi32>) maps [#[[OTD]], #[[OTD]], #{{.*}}, #[[OID]], #[[OID]], #[[OTN]], #[[OTD]]] reverse decay linear
// CHECK: } epilogue {
// CHECK-NEXT: ^bb0(%[[SUM:[a-z0-9]+]]: f32, %[[XU:.*]]: f32, %[[XZ:.*]]: f32, %[[XD:.*]]: f32):
// CHECK-NEXT: %[[DU:.*]] = arith.mulf %[[XD]], %[[XU]]
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[DU]], %[[SUM]]
// CHECK-NEXT: %[[GATE:.*]] = ssm.silu %[[XZ]]
// CHECK-NEXT: arith.mulf %[[Y]], %[[GATE]]
// CHECK-NOT: kernel.map
// REMARK: scan.mlir:[[# @LINE + 5]]:{{.*}} remark: {{.*}}Missed{{.*}}the D skip and the gate stay in the scan, since its result is 0 at steps of no sequence
func.func @packed(%u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>,
                  %B: tensor<1x?x4xf32>, %cu: tensor<?xi32>,
                  %D: tensor<6xf32>, %z: tensor<1x?x6xf32>)
    -> tensor<1x?x6xf32> {
  %out = ssm.selective_scan %u, %u, %A, %B, %B
      D(%D : tensor<6xf32>) z(%z : tensor<1x?x6xf32>)
      delta_softplus delta_limits [0.001, 0.1] cu_seqlens(%cu : tensor<?xi32>)
      reverse
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4xf32>,
        tensor<1x?x4xf32>, tensor<1x?x4xf32> -> tensor<1x?x6xf32>
  return %out : tensor<1x?x6xf32>
}

// A complex scan stays one kernel.
// CHECK-LABEL: func @complex
// CHECK-NOT: kernel.map
// REMARK: scan.mlir:[[# @LINE + 3]]:{{.*}}a complex scan stays one kernel
func.func @complex(%u: tensor<?x?x6xf32>, %A: tensor<6x4x2xf32>)
    -> tensor<?x?x6xf32> {
  %out = ssm.selective_scan %u, %u, %A, %A, %A
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4x2xf32>,
        tensor<6x4x2xf32>, tensor<6x4x2xf32> -> tensor<?x?x6xf32>
  return %out : tensor<?x?x6xf32>
}
