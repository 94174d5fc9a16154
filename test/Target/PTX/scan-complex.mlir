// The angle of a complex decay, as it is written: what does not depend on time
// stands before the loop, and nothing is contracted.

// RUN: rm -rf %t && mkdir %t
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_90 --dump-to=%t -o %t/out.mlir
// RUN: FileCheck %s --input-file=%t/sm_90.ptx

// CHECK-LABEL: .visible .entry scan_0(
// CHECK: ld.global.nc.v2.b32 {%{{.*}}, [[IM:%r[0-9]+]]}
// CHECK: mul.rn.f32 [[HIGH:%r[0-9]+]], [[IM]], 0f3E22F983;
// CHECK: neg.f32 [[NEGHIGH:%r[0-9]+]], [[HIGH]];
// CHECK: fma.rn.f32 [[LOST:%r[0-9]+]], [[IM]], 0f3E22F983, [[NEGHIGH]];
// CHECK: fma.rn.f32 [[LOW:%r[0-9]+]], [[IM]], 0f31DC9C88, [[LOST]];
// CHECK: $L__BB0_2:
// CHECK-NOT: 0f3E22F983
// CHECK: mul.rn.f32 [[P:%r[0-9]+]], [[HIGH]], [[DT:%r[0-9]+]];
// CHECK: neg.f32 [[NEGP:%r[0-9]+]], [[P]];
// CHECK: fma.rn.f32 [[E0:%r[0-9]+]], [[DT]], [[HIGH]], [[NEGP]];
// CHECK: fma.rn.f32 [[E:%r[0-9]+]], [[DT]], [[LOW]], [[E0]];
// CHECK: cvt.rni.f32.f32 [[WHOLE:%r[0-9]+]], [[P]];
// CHECK: sub.rn.f32 [[F:%r[0-9]+]], [[P]], [[WHOLE]];
// CHECK: add.rn.f32 {{%r[0-9]+}}, [[F]], [[E]];
// CHECK: ex2.approx.ftz.f32
func.func @scan(%dt: tensor<?x?x64xf32>, %A: tensor<64x1x2xf32>)
    -> tensor<?x?x64xf32> {
  %out = ssm.selective_scan %dt, %dt, %A, %A, %A
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x1x2xf32>,
        tensor<64x1x2xf32>, tensor<64x1x2xf32> -> tensor<?x?x64xf32>
  return %out : tensor<?x?x64xf32>
}
