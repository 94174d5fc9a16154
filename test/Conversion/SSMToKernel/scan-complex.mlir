// A complex scan: pairs per state, the angle of a decay in turns.

// RUN: ssmc-opt %s --convert-ssm-to-kernel | FileCheck %s

// CHECK-DAG: #[[BTD:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>
// CHECK-DAG: #[[BDT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d1)>
// CHECK-DAG: #[[OTD:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (0, d1, d2)>
// CHECK-DAG: #[[D:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d2)>
// CHECK-DAG: #[[DNC:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d2, d3, d4)>
// CHECK-DAG: #[[BTGNC:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2 floordiv 2, d3, d4)>
// CHECK-DAG: #[[BNTC:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d1, d4)>
// CHECK-DAG: #[[OTNC:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (0, d1, d3, d4)>

// CHECK-LABEL: func @scan
// CHECK: kernel.scan ins({{.*}}) init(%{{.*}} : tensor<?x6x4x2xf32>) maps [#[[BTD]], #[[BTD]], #[[D]], #[[DNC]], #[[BTGNC]], #[[DNC]], #[[BTD]]] decay cexp2 -> tensor<?x?x6xf32>, tensor<?x6x4x2xf32> step {
// CHECK: } transition {
// CHECK-NEXT: ^bb0(%[[DT:.*]]: f32, %[[DTU:.*]]: f32, %[[ARE:.*]]: f32, %[[AIM:.*]]: f32, %[[BRE:.*]]: bf16, %[[BIM:.*]]: bf16, %{{.*}}: f32, %{{.*}}: f32):
//     log2 of the magnitude
// CHECK: %[[SLOPE:.*]] = arith.mulf %[[ARE]], %{{.*}}
// CHECK: %[[LOG:.*]] = arith.mulf %[[DT]], %[[SLOPE]] : f32
//     Im(A) / (2 pi), high and low, exactly as written
// CHECK: %[[TURN:.*]] = arith.constant 0.159154937 : f32
// CHECK: %[[HIGH:.*]] = arith.mulf %[[AIM]], %[[TURN]] : f32
// CHECK: %[[NEGHIGH:.*]] = arith.negf %[[HIGH]]
// CHECK: %[[LOST:.*]] = math.fma %[[AIM]], %[[TURN]], %[[NEGHIGH]] : f32
// CHECK: %[[LOW:.*]] = math.fma %[[AIM]], %{{.*}}, %[[LOST]] : f32
//     dt times that, less whole turns
// CHECK: %[[P:.*]] = arith.mulf %[[DT]], %[[HIGH]] : f32
// CHECK: %[[NEGP:.*]] = arith.negf %[[P]]
// CHECK: %[[E0:.*]] = math.fma %[[DT]], %[[HIGH]], %[[NEGP]] : f32
// CHECK: %[[E:.*]] = math.fma %[[DT]], %[[LOW]], %[[E0]] : f32
// CHECK: %[[WHOLE:.*]] = math.roundeven %[[P]]
// CHECK: %[[F:.*]] = arith.subf %[[P]], %[[WHOLE]] : f32
// CHECK: %[[TURNS:.*]] = arith.addf %[[F]], %[[E]] : f32
//     dt * u * B
// CHECK: %[[WRE:.*]] = arith.extf %[[BRE]]
// CHECK: %[[XRE:.*]] = arith.mulf %[[DTU]], %[[WRE]]
// CHECK: %[[WIM:.*]] = arith.extf %[[BIM]]
// CHECK: %[[XIM:.*]] = arith.mulf %[[DTU]], %[[WIM]]
// CHECK: kernel.yield %[[LOG]], %[[TURNS]], %[[XRE]], %[[XIM]]
// CHECK: } readout {
// CHECK-NEXT: ^bb0(%[[HRE:[a-z0-9]*]]: f32, %[[HIM:[a-z0-9]*]]: f32, {{.*}}, %[[CRE:[a-z0-9]*]]: f32, %[[CIM:[a-z0-9]*]]: f32):
// CHECK: %[[RE:.*]] = arith.mulf %[[HRE]], %[[CRE]]
// CHECK: %[[IM:.*]] = arith.mulf %[[HIM]], %[[CIM]]
// CHECK: %[[TERM:.*]] = arith.subf %[[RE]], %[[IM]]
// CHECK: kernel.yield %[[TERM]]
// CHECK: } epilogue {
//     Twice the sum, before D
// CHECK-NEXT: ^bb0(%[[SUM:[a-z0-9]*]]: f32,
// CHECK: %[[TWO:.*]] = arith.constant 2.0
// CHECK: %[[Y:.*]] = arith.mulf %[[SUM]], %[[TWO]]
// CHECK: arith.addf %{{.*}}, %[[Y]]
func.func @scan(
    %u: tensor<?x?x6xf32>, %delta: tensor<?x?x6xf32>, %A: tensor<6x4x2xf32>,
    %B: tensor<?x?x3x4x2xbf16>, %C: tensor<6x4x2xf32>, %D: tensor<6xf32>,
    %h: tensor<?x6x4x2xf32>) -> (tensor<?x?x6xf32>, tensor<?x6x4x2xf32>) {
  %out, %last = ssm.selective_scan %u, %delta, %A, %B, %C
      D(%D : tensor<6xf32>) initial_state(%h : tensor<?x6x4x2xf32>)
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4x2xf32>,
        tensor<?x?x3x4x2xbf16>, tensor<6x4x2xf32>
      -> tensor<?x?x6xf32>, tensor<?x6x4x2xf32>
  return %out, %last : tensor<?x?x6xf32>, tensor<?x6x4x2xf32>
}

// CHECK-LABEL: func @channel_major
// CHECK: maps [#[[BDT]], #[[BDT]], #[[DNC]], #[[BNTC]], #[[BNTC]], #[[BDT]]] decay cexp2
func.func @channel_major(
    %u: tensor<?x6x?xf32>, %A: tensor<6x4x2xf32>, %B: tensor<?x4x?x2xf32>)
    -> tensor<?x6x?xf32> {
  %out = ssm.selective_scan %u, %u, %A, %B, %B layout channel_major
      : tensor<?x6x?xf32>, tensor<?x6x?xf32>, tensor<6x4x2xf32>,
        tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32> -> tensor<?x6x?xf32>
  return %out : tensor<?x6x?xf32>
}

// CHECK-LABEL: func @packed
// CHECK: maps [#[[OTD]], #[[OTD]], #[[DNC]], #[[OTNC]], #[[OTNC]], #[[OTD]]] decay cexp2
func.func @packed(%u: tensor<1x?x6xf32>, %A: tensor<6x4x2xf32>,
                  %B: tensor<1x?x4x2xf32>, %cu: tensor<?xi32>)
    -> tensor<1x?x6xf32> {
  %out = ssm.selective_scan %u, %u, %A, %B, %B cu_seqlens(%cu : tensor<?xi32>)
      : tensor<1x?x6xf32>, tensor<1x?x6xf32>, tensor<6x4x2xf32>,
        tensor<1x?x4x2xf32>, tensor<1x?x4x2xf32> -> tensor<1x?x6xf32>
  return %out : tensor<1x?x6xf32>
}
