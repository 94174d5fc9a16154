// Kernels that differ in nothing but their operands are one.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse --kernel-assign-schedules --convert-kernel-to-gpu | FileCheck %s

// CHECK: kernel.plan @layers
// CHECK: kernel.launch @kernels::@row_reduce_0
// CHECK: kernel.launch @kernels::@matmul_0
// CHECK: kernel.launch @kernels::@row_reduce_0
// CHECK: kernel.launch @kernels::@matmul_0
// Another eps, another kernel.
// CHECK: kernel.launch @kernels::@row_reduce_1
// CHECK: kernel.plan @other_entry
// CHECK: kernel.launch @kernels::@matmul_0
// Other strides.
// CHECK: kernel.launch @kernels::@matmul_1

// CHECK: gpu.module @kernels {
// CHECK: gpu.func @row_reduce_0
// CHECK: gpu.func @matmul_0
// CHECK: gpu.func @row_reduce_1
// CHECK: gpu.func @matmul_1
// CHECK-NOT: gpu.func
ssm.parameter @norm : tensor<8xf32>
ssm.parameter @w0 : tensor<8x8xbf16>
ssm.parameter @w1 : tensor<8x8xbf16>
func.func @layers(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %norm = ssm.get_parameter @norm : tensor<8xf32>
  %w0 = ssm.get_parameter @w0 : tensor<8x8xbf16>
  %w1 = ssm.get_parameter @w1 : tensor<8x8xbf16>
  %0 = ssm.rms_norm %x, %norm eps 1.0e-5
      : tensor<?x?x8xf32>, tensor<8xf32> -> tensor<?x?x8xf32>
  %1 = ssm.linear %0, %w0
      : tensor<?x?x8xf32>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
  %2 = ssm.rms_norm %1, %norm eps 1.0e-5
      : tensor<?x?x8xf32>, tensor<8xf32> -> tensor<?x?x8xf32>
  %3 = ssm.linear %2, %w1
      : tensor<?x?x8xf32>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
  %4 = ssm.rms_norm %3, %norm eps 1.0e-6
      : tensor<?x?x8xf32>, tensor<8xf32> -> tensor<?x?x8xf32>
  return %4 : tensor<?x?x8xf32>
}
func.func @other_entry(%x: tensor<?x?x8xf32>, %xz: tensor<?x?x16xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %w0 = ssm.get_parameter @w0 : tensor<8x8xbf16>
  %0 = ssm.linear %x, %w0
      : tensor<?x?x8xf32>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
  %a, %b = ssm.split %xz
      : tensor<?x?x16xf32> -> tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %1 = ssm.linear %b, %w0
      : tensor<?x?x8xf32>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
  return %0, %1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
