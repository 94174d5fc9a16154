// Where an access is narrower than the hardware's, a remark says why.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse=strategy=scan --kernel-assign-schedules=overrides=scan:family=sequential,lanes=2 --convert-kernel-to-gpu \
// RUN:   --remarks-filter=convert-kernel-to-gpu --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s
// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse=strategy=scan --kernel-assign-schedules=overrides=scan:family=tiled --convert-kernel-to-gpu \
// RUN:   --remarks-filter=convert-kernel-to-gpu --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=TILED

// B and C start after 3 and 3 + 16 elements of a row of 35. A, operand 2, has whole
// rows of 16, of which there is nothing to say.
// CHECK-NOT: operand 2
// CHECK: vectorize-remarks.mlir:[[# @LINE + 10]]:{{.*}} remark: {{.*}}Vectorize {{.*}}convert-kernel-to-gpu{{.*}}scan_0 accesses operand 0 by 1 of 4 elements that fit one access; alignment: its rows start at multiples of 1 elements
// CHECK-NOT: operand {{[012]}}
// CHECK: scan_0 accesses operand 3 by 1 of 4 elements that fit one access; alignment
// CHECK-NOT: scan_0
// CHECK: scan_1 accesses operand 0 by 1 of 4 elements that fit one access; stride: its elements along d3 are not neighbours
// CHECK: scan_2 accesses operand 2 by 2 of 4 elements that fit one access; size: a thread takes 6 elements, no multiple of 4
func.func @aligned(%u: tensor<?x?x64xf32>, %A: tensor<64x16xf32>,
                   %dtBC: tensor<?x?x35xf32>) -> tensor<?x?x64xf32> {
  %dt, %B, %C = ssm.split %dtBC : tensor<?x?x35xf32>
      -> tensor<?x?x3xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %y = ssm.selective_scan %u, %u, %A, %B, %C
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x16xf32>,
        tensor<?x?x16xf32>, tensor<?x?x16xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

func.func @strided(%u: tensor<?x64x?xf32>, %A: tensor<64x16xf32>,
                   %B: tensor<?x16x?xf32>) -> tensor<?x64x?xf32> {
  %y = ssm.selective_scan %u, %u, %A, %B, %B layout channel_major
      : tensor<?x64x?xf32>, tensor<?x64x?xf32>, tensor<64x16xf32>,
        tensor<?x16x?xf32>, tensor<?x16x?xf32> -> tensor<?x64x?xf32>
  return %y : tensor<?x64x?xf32>
}

func.func @twelve(%u: tensor<?x?x64xf32>, %A: tensor<64x12xf32>,
               %B: tensor<?x?x12xf32>) -> tensor<?x?x64xf32> {
  %y = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x12xf32>,
        tensor<?x?x12xf32>, tensor<?x?x12xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Rows of 17 states cannot be copied to shared memory by more than one.
// TILED: scan_3 accesses operand {{[0-9]}} by 1 of 4 elements that fit one access; alignment: its rows start at multiples of 1 elements
func.func @seventeen(%u: tensor<?x?x64xf32>, %A: tensor<64x17xf32>,
               %B: tensor<?x?x17xf32>) -> tensor<?x?x64xf32> {
  %y = ssm.selective_scan %u, %u, %A, %B, %B
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x17xf32>,
        tensor<?x?x17xf32>, tensor<?x?x17xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
