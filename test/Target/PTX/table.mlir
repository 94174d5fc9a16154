// Kernels become a gpu.binary with PTX for each target and, unless it is left
// out, the bitcode that the CPU device runs.

// RUN: ssmc compile %s --compile-to=ptx --target=sm_86,sm_90 | FileCheck %s --check-prefixes=CHECK,BITCODE
// RUN: ssmc compile %s --compile-to=ptx --target=sm_86 --no-bitcode | FileCheck %s --implicit-check-not="offload ="

// The tile of 16 x 68 f32, twice.
// CHECK: kernel.plan @f
// CHECK: gpu.binary @kernels {kernel.table = [{block = array<i32: 256, 1, 1>, name = "matmul_0", parameters = 7 : i64, shared_bytes = 8704 : i64}]}
// CHECK-SAME: chip = "sm_86">, assembly =
// BITCODE-SAME: chip = "sm_90">, assembly =
// BITCODE-SAME: offload =
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32>)
    -> tensor<?x?x64xf32> {
  %0 = ssm.linear %x, %w
      : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  return %0 : tensor<?x?x64xf32>
}
