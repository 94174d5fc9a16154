// A decode step's PTX: wide loads, hardware approximations, fused multiply-adds,
// shuffles, and nothing that a library would have to bring.

// RUN: rm -rf %t && mkdir %t
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_80,sm_90,sm_100 --dump-to=%t -o %t/out.mlir
// RUN: FileCheck %s --input-file=%t/sm_80.ptx --check-prefixes=SM80,CHECK --implicit-check-not=.extern --implicit-check-not=__nv_ --implicit-check-not=.func
// RUN: FileCheck %s --input-file=%t/sm_90.ptx --check-prefixes=SM90,CHECK --implicit-check-not=.extern --implicit-check-not=__nv_ --implicit-check-not=.func
// RUN: FileCheck %s --input-file=%t/sm_100.ptx --check-prefix=SM100

// The lowest version that knows the architecture, which the most drivers take.
// SM80: .version 7.0
// SM80-NEXT: .target sm_80
// SM90: .version 7.8
// SM90-NEXT: .target sm_90
// SM100: .version 8.6
// SM100-NEXT: .target sm_100

// 8 weights in bf16 are 16 bytes, 4 of x in f32 too.
// CHECK: .visible .entry matmul_0(
// CHECK: .maxntid 128, 1, 1
// CHECK: ld.global.nc.v4
// CHECK: fma.rn.f32
// CHECK: shfl.sync.bfly.b32
// CHECK: st.global

// CHECK: .visible .entry scan_0(
// CHECK: .maxntid 128, 1, 1
// CHECK: ld.global.nc.v4
// CHECK: ex2.approx.ftz.f32
// CHECK: fma.rn.f32
// CHECK: st.global
func.func @step(
    %x: tensor<?x1x64xf32>, %w: tensor<64x64xbf16>, %A: tensor<64x16xf32>,
    %B: tensor<?x1x16xf32>) -> tensor<?x1x64xf32> {
  %0 = ssm.linear %x, %w
      : tensor<?x1x64xf32>, tensor<64x64xbf16> -> tensor<?x1x64xf32>
  %1 = ssm.selective_scan %0, %0, %A, %B, %B z(%x : tensor<?x1x64xf32>)
      delta_softplus
      : tensor<?x1x64xf32>, tensor<?x1x64xf32>, tensor<64x16xf32>,
        tensor<?x1x16xf32>, tensor<?x1x16xf32> -> tensor<?x1x64xf32>
  return %1 : tensor<?x1x64xf32>
}
