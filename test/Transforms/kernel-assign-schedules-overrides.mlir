// Parameters that replace those chosen; a schedule in the file stays.

// RUN: ssmc-opt %s --kernel-assign-schedules="overrides=scan:family=sequential,lanes=2,scan:steps=1,window:threads=64" \
// RUN:   2>&1 | FileCheck %s
// RUN: not ssmc-opt %s --kernel-assign-schedules="overrides=lanes=2" 2>&1 | FileCheck %s --check-prefix=NO-OP
// RUN: not ssmc-opt %s --kernel-assign-schedules="overrides=scan:lanes=two" 2>&1 | FileCheck %s --check-prefix=NO-NUMBER
// RUN: not ssmc-opt %s --kernel-assign-schedules="overrides=scan:lanes=3" 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not ssmc-opt %s --kernel-assign-schedules="overrides=scan:family=sequential,columns=4" 2>&1 | FileCheck %s --check-prefix=NAME

// CHECK: warning: no kernel.window takes the schedule 'window:threads=64'
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 2 : i64, steps = 1 : i64}>
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 4 : i64}>
// NO-OP: error: expects a schedule as op:name=value, as in scan:lanes=4,steps=2, got 'lanes=2'
// NO-NUMBER: error: expects a schedule as op:name=value, {{.*}}, got 'scan:lanes=two'
// VALUE: 'kernel.scan' op expects "lanes" to be a power of two from 1 to 32, got 3 : i64
// NAME: 'kernel.scan' op expects parameters of the family 'sequential', got "columns"
func.func @scans(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %0 = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  %1 = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <sequential, {lanes = 4 : i64}> -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %0, %1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
