// Variants beside the schedule; those in the file stay as they are.

// RUN: ssmc-opt %s --kernel-assign-schedules="overrides=scan:family=sequential,lanes=1,threads=64 variants=scan:lanes=2,scan:family=sequential,steps=8,scan:lanes=1,window:threads=64" \
// RUN:   2>&1 | FileCheck %s
// RUN: ssmc-opt %s --kernel-assign-schedules="overrides=map:threads=64 variants=map:family=elementwise" \
// RUN:   | FileCheck %s --check-prefix=MAP
// RUN: not ssmc-opt %s --kernel-assign-schedules="variants=scan:lanes=3" 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not ssmc-opt %s --kernel-assign-schedules="variants=scan:family=rows" 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: not ssmc-opt %s --kernel-assign-schedules="overrides=scan:family=rows,threads=64" 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: not ssmc-opt %s --kernel-assign-schedules="variants=scan:family=fast" 2>&1 | FileCheck %s --check-prefix=FAMILY
// RUN: not ssmc-opt %s --kernel-assign-schedules="variants=lanes=2" 2>&1 | FileCheck %s --check-prefix=NO-OP

// The third is what is chosen anyway, and adds nothing.
// CHECK: warning: no kernel.window takes the variant 'window:threads=64'
// CHECK: kernel.scan {{.*}} schedule <sequential, {lanes = 1 : i64, threads = 64 : i64}> variants [#kernel.schedule<sequential, {lanes = 2 : i64, threads = 64 : i64}>, #kernel.schedule<sequential, {steps = 8 : i64}>] ->
// CHECK: kernel.map {{.*}} schedule <elementwise, {threads = 128 : i64}> variants [#kernel.schedule<elementwise>] ->

// MAP: kernel.map {{.*}} schedule <elementwise, {threads = 128 : i64}> variants [#kernel.schedule<elementwise>] ->
// VALUE: 'kernel.scan' op expects "lanes" to be a power of two from 1 to 32, got 3 : i64
// REFUSED: 'kernel.scan' op cannot be scheduled by the family 'rows'
// FAMILY: error: expects a family of schedules, elementwise, sequential, rows, {{.*}}, got 'scan:family=fast'
// NO-OP: error: expects a schedule as op:name=value, as in scan:lanes=4,steps=2, got 'lanes=2'
func.func @scan(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>)
    -> (tensor<?x?x8xf32>, tensor<4xf32>) {
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
  %c = ssm.get_parameter @w : tensor<4xf32>
  %1 = kernel.map ins(%c : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 128 : i64}>
      variants [#kernel.schedule<elementwise>] -> tensor<4xf32> body {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  }
  return %0, %1 : tensor<?x?x8xf32>, tensor<4xf32>
}
ssm.parameter @w : tensor<4xf32>
