// A strategy of one's own: any script of the transform dialect.

// RUN: ssmc compile %s --fuse=@%S/Inputs/narrow.mlir --compile-to=fused | FileCheck %s
// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse=strategy=@%S/Inputs/narrow.mlir \
// RUN:   | FileCheck %s --check-prefix=PASS

// CHECK-LABEL: func.func @two
// CHECK-NOT: kernel.map
// CHECK: kernel.scan {{.*}} decay exp2 schedule <chained, {{.*}}>
// CHECK-COUNT-2: kernel.map
// CHECK: kernel.scan {{.*}} decay linear schedule <sequential, {lanes = 2 : i64, steps = 8 : i64}>
// CHECK: kernel.map
// CHECK: return

// PASS: kernel.scan {{.*}} decay exp2 ->
// PASS: kernel.scan {{.*}} decay linear schedule <sequential, {lanes = 2 : i64, steps = 8 : i64}>

!x = tensor<?x?x6xf32>
!A = tensor<6x4xf32>
!B = tensor<?x?x4xf32>

func.func @two(%u: !x, %A: !A, %B: !B, %z: !x) -> !x {
  %0 = ssm.selective_scan %u, %u, %A, %B, %B z(%z : !x) : !x, !x, !A, !B, !B -> !x
  %1 = ssm.selective_scan %0, %u, %A, %B, %B z(%z : !x) : !x, !x, !A, !B, !B -> !x
  return %1 : !x
}
