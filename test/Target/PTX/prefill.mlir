// A tiled product and a norm meet at barriers; the norm's root is refined.

// RUN: rm -rf %t && mkdir %t
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_90 --dump-to=%t -o %t/out.mlir
// RUN: FileCheck %s --input-file=%t/sm_90.ptx

// CHECK-LABEL: .visible .entry matmul_0(
// CHECK: .maxntid 256, 1, 1
// CHECK: bar.sync 0;
// CHECK: st.shared
// CHECK: bar.sync 0;
// CHECK: ld.shared
// CHECK: fma.rn.f32

// CHECK-LABEL: .visible .entry row_reduce_0(
// CHECK: shfl.sync.bfly.b32
// CHECK: bar.sync 0;
// CHECK: rsqrt.approx.ftz.f32

// Odd rows: no wide loads.
// CHECK-LABEL: .visible .entry map_0(
// CHECK-NOT: ld.global{{.*}}.v
// CHECK: ret;
func.func @prefill(%x: tensor<?x?x64xf32>, %w: tensor<512x64xf32>,
                   %norm: tensor<512xf32>, %odd: tensor<?x7xbf16>)
    -> (tensor<?x?x512xf32>, tensor<?x7xbf16>) {
  %0 = ssm.linear %x, %w
      : tensor<?x?x64xf32>, tensor<512x64xf32> -> tensor<?x?x512xf32>
  %1 = ssm.rms_norm %0, %norm eps 1.0e-5
      : tensor<?x?x512xf32>, tensor<512xf32> -> tensor<?x?x512xf32>
  %2 = ssm.silu %odd : tensor<?x7xbf16>
  return %1, %2 : tensor<?x?x512xf32>, tensor<?x7xbf16>
}
