// A new state is written in place where the kernel has read the old one by then,
// else to a temporary that is copied at the end.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --kernel-fuse --kernel-assign-schedules --convert-kernel-to-gpu --split-input-file | FileCheck %s

// A scan: in place, so the pointers may be equal.
// CHECK: kernel.plan @in_place dims ["x.0", "x.1"] {
// CHECK: %[[H:.*]] = kernel.buffer state "h" {{.*}} : memref<?x6x4xf32>
// CHECK-NOT: temporary
// CHECK: kernel.launch @kernels::@scan_0 {{.*}} args(%{{.*}}, %{{.*}}, %{{.*}}, %[[H]], %{{.*}}, %[[H]] :
// CHECK-NOT: kernel.copy
// CHECK: gpu.func @scan_0({{.*}} {llvm.noalias}, %arg3: memref<f32, #gpu.address_space<global>>, %arg4: memref<f32, #gpu.address_space<global>> {llvm.noalias}, %arg5: memref<f32, #gpu.address_space<global>>, %arg6: index
ssm.state @h : tensor<?x6x4xf32>
func.func @in_place(
    %x: tensor<?x?x6xf32> {ssm.name = "x"}, %A: tensor<6x4xf32>,
    %B: tensor<?x?x4xf32>) -> tensor<?x?x6xf32> {
  %h = ssm.get_state @h : tensor<?x6x4xf32>
  %y, %last = ssm.selective_scan %x, %x, %A, %B, %B
      initial_state(%h : tensor<?x6x4xf32>)
      : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6x4xf32>,
        tensor<?x?x4xf32>, tensor<?x?x4xf32>
      -> tensor<?x?x6xf32>, tensor<?x6x4xf32>
  ssm.set_state @h, %last : tensor<?x6x4xf32>
  return %y : tensor<?x?x6xf32>
}

// -----

// A sequence cut into pieces reads the old state while another block writes the
// new one.
// CHECK: kernel.plan @temporary
// CHECK: %[[S:.*]] = kernel.buffer state "s"
// CHECK: %[[T:.*]] = kernel.buffer temporary "t0"
// CHECK: kernel.launch @kernels::@window_0 {{.*}} args(%{{.*}}, %{{.*}}, %[[S]], %{{.*}}, %[[T]] :
// CHECK: kernel.copy %[[T]] to %[[S]] : memref<?x3x6xf32>, memref<?x3x6xf32>
// CHECK-NEXT: }
ssm.state @s : tensor<?x3x6xf32>
func.func @temporary(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %s = ssm.get_state @s : tensor<?x3x6xf32>
  %y, %next = ssm.causal_conv1d %x, %w initial_state(%s : tensor<?x3x6xf32>)
      : tensor<?x?x6xf32>, tensor<6x4xf32>
      -> tensor<?x?x6xf32>, tensor<?x3x6xf32>
  ssm.set_state @s, %next : tensor<?x3x6xf32>
  return %y : tensor<?x?x6xf32>
}

// -----

// A decode step walks the whole window in one thread: in place.
// CHECK: kernel.plan @decode
// CHECK-NOT: temporary
// CHECK-NOT: kernel.copy
// CHECK: gpu.module
ssm.state @s : tensor<?x3x6xf32>
func.func @decode(%x: tensor<?x1x6xf32>, %w: tensor<6x4xf32>)
    -> tensor<?x1x6xf32> {
  %s = ssm.get_state @s : tensor<?x3x6xf32>
  %y, %next = ssm.causal_conv1d %x, %w initial_state(%s : tensor<?x3x6xf32>)
      : tensor<?x1x6xf32>, tensor<6x4xf32>
      -> tensor<?x1x6xf32>, tensor<?x3x6xf32>
  ssm.set_state @s, %next : tensor<?x3x6xf32>
  return %y : tensor<?x1x6xf32>
}

// -----

// A later reader needs the old state.
// CHECK: kernel.plan @read_later
// CHECK: %[[S:.*]] = kernel.buffer state "s"
// CHECK: kernel.launch {{.*}} args(%[[S]], %[[T:[0-9]+]] :
// CHECK: kernel.launch {{.*}} args(%[[S]], %{{.*}} :
// CHECK: kernel.copy %[[T]] to %[[S]]
ssm.state @s : tensor<?x6xf32>
func.func @read_later(%x: tensor<?x6xf32>)
    -> (tensor<?x6xf32>, tensor<?x6xf32>) {
  %s = ssm.get_state @s : tensor<?x6xf32>
  %next = arith.negf %s : tensor<?x6xf32>
  %y = math.exp %s : tensor<?x6xf32>
  %z = arith.addf %x, %y : tensor<?x6xf32>
  ssm.set_state @s, %next : tensor<?x6xf32>
  return %y, %z : tensor<?x6xf32>, tensor<?x6xf32>
}

// -----

// Two states change places: the first through a temporary.
// CHECK: kernel.plan @swap
// CHECK-DAG: %[[A:.*]] = kernel.buffer state "a"
// CHECK-DAG: %[[B:.*]] = kernel.buffer state "b"
// CHECK: kernel.launch {{.*}} args(%[[B]], %[[T:[0-9]+]] :
// CHECK: kernel.launch {{.*}} args(%[[A]], %[[B]] :
// CHECK: kernel.copy %[[T]] to %[[A]]
ssm.state @a : tensor<?x6xf32>
ssm.state @b : tensor<?x6xf32>
func.func @swap(%x: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %a = ssm.get_state @a : tensor<?x6xf32>
  %b = ssm.get_state @b : tensor<?x6xf32>
  %c = arith.addf %a, %x : tensor<?x6xf32>
  %y = arith.addf %b, %c : tensor<?x6xf32>
  ssm.set_state @a, %b : tensor<?x6xf32>
  ssm.set_state @b, %a : tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}
