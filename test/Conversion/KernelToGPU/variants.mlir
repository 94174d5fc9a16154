// An op with variants is a choice between the kernels of each schedule. Ops that
// are equal but for their operands are of one group.

// RUN: ssmc-opt %s --convert-kernel-to-gpu --split-input-file | FileCheck %s

// CHECK: kernel.plan @two_layers dims ["n"] {
// CHECK: kernel.choose "map.0"
// CHECK-NEXT: alternative "elementwise threads=64" {
// CHECK-NEXT: kernel.launch @kernels::@map_0
// CHECK-NEXT: } alternative "elementwise" {
// CHECK-NEXT: kernel.launch @kernels::@map_1
// CHECK-NEXT: }
// CHECK: kernel.choose "map.0"
// CHECK-NEXT: alternative "elementwise threads=64" {
// CHECK-NEXT: kernel.launch @kernels::@map_0
// CHECK-NEXT: } alternative "elementwise" {
// CHECK-NEXT: kernel.launch @kernels::@map_1
// One of the two kernels is known, and yet it is another group.
// CHECK: kernel.choose "map.1"
// CHECK-NEXT: alternative "elementwise threads=64" {
// CHECK-NEXT: kernel.launch @kernels::@map_0
// CHECK-NEXT: } alternative "elementwise threads=128" {
// CHECK-NEXT: kernel.launch @kernels::@map_2
// CHECK: gpu.func @map_0({{.*}}known_block_size = array<i32: 64, 1, 1>
// CHECK: gpu.func @map_1({{.*}}known_block_size = array<i32: 256, 1, 1>
// CHECK: gpu.func @map_2({{.*}}known_block_size = array<i32: 128, 1, 1>
func.func @two_layers(%x: tensor<?xf32> {ssm.dims = ["n"]}) -> tensor<?xf32> {
  %0 = kernel.map ins(%x : tensor<?xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 64}> variants [#kernel.schedule<elementwise>]
      -> tensor<?xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  %1 = kernel.map ins(%0 : tensor<?xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 64}> variants [#kernel.schedule<elementwise>]
      -> tensor<?xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  %2 = kernel.map ins(%1 : tensor<?xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 64}>
      variants [#kernel.schedule<elementwise, {threads = 128}>]
      -> tensor<?xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %2 : tensor<?xf32>
}

// -----

// A window that one variant cuts along time is written to a temporary in all.
// CHECK: kernel.plan @state
// CHECK: %[[S:.*]] = kernel.buffer state "s"
// CHECK: %[[T:.*]] = kernel.buffer temporary "t0"
// CHECK: kernel.choose "window.0"
// CHECK: kernel.launch @kernels::@window_0 {{.*}} args(%{{.*}}, %{{.*}}, %[[S]], %{{.*}}, %[[T]] :
// CHECK: kernel.launch @kernels::@window_1 {{.*}} args(%{{.*}}, %{{.*}}, %[[S]], %{{.*}}, %[[T]] :
// CHECK: kernel.copy %[[T]] to %[[S]]
ssm.state @s : tensor<?x3x6xf32>
func.func @state(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  %s = ssm.get_state @s : tensor<?x3x6xf32>
  %y, %next = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      init(%s : tensor<?x3x6xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential> variants [#kernel.schedule<sequential, {steps = 32}>]
      -> tensor<?x?x6xf32>, tensor<?x3x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  ssm.set_state @s, %next : tensor<?x3x6xf32>
  return %y : tensor<?x?x6xf32>
}
