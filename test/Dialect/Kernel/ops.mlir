// Every op in every form prints as it parses, through text and bytecode. The
// ops of the functions named as they are include the examples of their
// descriptions.

// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

//===----------------------------------------------------------------------===//
// map, gather
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @map
// CHECK: kernel.map ins(%{{.*}} : tensor<512x16xf32>) maps [#{{.*}}, #{{.*}}] -> tensor<512x16xf32> body {
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32):
// CHECK-NEXT: %[[E:.*]] = math.exp %[[A]] : f32
// CHECK-NEXT: %[[R:.*]] = arith.negf %[[E]] : f32
// CHECK-NEXT: kernel.yield %[[R]] : f32
func.func @map(%A_log: tensor<512x16xf32>) -> tensor<512x16xf32> {
  %A = kernel.map ins(%A_log : tensor<512x16xf32>)
      maps [affine_map<(d, n) -> (d, n)>, affine_map<(d, n) -> (d, n)>]
      -> tensor<512x16xf32> body {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    %r = arith.negf %e : f32
    kernel.yield %r : f32
  }
  return %A : tensor<512x16xf32>
}

// CHECK-LABEL: func @yield
// CHECK: ^bb0(%[[Y:.*]]: f32):
// CHECK-NEXT: kernel.yield %[[Y]] : f32
func.func @yield(%x: tensor<4xf32>) -> tensor<4xf32> {
  %copy = kernel.map ins(%x : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%y: f32):
    kernel.yield %y : f32
  }
  return %copy : tensor<4xf32>
}

// No input; two results, one of them transposed.
// CHECK-LABEL: func @map_without_input
// CHECK: kernel.map maps [#{{.*}}, #{{.*}}] schedule <elementwise, {threads = 64 : i64}> attributes {note} -> tensor<2x3xf32>, tensor<3x2xi32> body {
// CHECK: kernel.yield %{{.*}}, %{{.*}} : f32, i32
func.func @map_without_input() -> (tensor<2x3xf32>, tensor<3x2xi32>) {
  %y:2 = kernel.map
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>]
      schedule <elementwise, {threads = 64}> attributes {note}
      -> tensor<2x3xf32>, tensor<3x2xi32> body {
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1 : i32
    kernel.yield %zero, %one : f32, i32
  }
  return %y#0, %y#1 : tensor<2x3xf32>, tensor<3x2xi32>
}

// CHECK-LABEL: func @gather
// CHECK: kernel.gather %{{.*}}, %{{.*}} maps [#{{.*}}, #{{.*}}, #{{.*}}] : tensor<?x?xi32>, tensor<256x64xbf16> -> tensor<?x?x64xf32> body {
// CHECK: kernel.gather {{.*}} schedule <elementwise> : tensor<7xi32>, tensor<256x64xf32> -> tensor<7x64xf32> body {
func.func @gather(%ids: tensor<?x?xi32>, %table: tensor<256x64xbf16>,
                  %few: tensor<7xi32>, %f32: tensor<256x64xf32>)
    -> (tensor<?x?x64xf32>, tensor<7x64xf32>) {
  %y = kernel.gather %ids, %table
      maps [affine_map<(b, t, d) -> (b, t)>, affine_map<(b, t, d) -> (0, d)>,
            affine_map<(b, t, d) -> (b, t, d)>]
      : tensor<?x?xi32>, tensor<256x64xbf16> -> tensor<?x?x64xf32> body {
  ^bb0(%e: bf16):
    %r = arith.extf %e : bf16 to f32
    kernel.yield %r : f32
  }
  %z = kernel.gather %few, %f32
      maps [affine_map<(b, d) -> (b)>, affine_map<(b, d) -> (0, d)>,
            affine_map<(b, d) -> (b, d)>]
      schedule <elementwise>
      : tensor<7xi32>, tensor<256x64xf32> -> tensor<7x64xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y, %z : tensor<?x?x64xf32>, tensor<7x64xf32>
}

//===----------------------------------------------------------------------===//
// row_reduce, matmul
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @row_reduce
// CHECK: kernel.row_reduce ins(%{{.*}} : tensor<?x256xf32>) maps [#{{.*}}, #{{.*}}] -> tensor<?x256xf32> reduce {
// CHECK: } epilogue {
// CHECK: kernel.row_reduce {{.*}} schedule <rows, {threads = 64 : i64}> -> tensor<?x256xf32>, tensor<?x256xbf16> reduce {
func.func @row_reduce(%x: tensor<?x256xf32>)
    -> (tensor<?x256xf32>, tensor<?x256xf32>, tensor<?x256xbf16>) {
  %y = kernel.row_reduce ins(%x : tensor<?x256xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      -> tensor<?x256xf32> reduce {
  ^bb0(%e: f32):
    %s = arith.mulf %e, %e : f32
    kernel.yield %s : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    %r = math.rsqrt %sum : f32
    %y0 = arith.mulf %e, %r : f32
    kernel.yield %y0 : f32
  }
  // Two sums and two results.
  %z:2 = kernel.row_reduce ins(%x : tensor<?x256xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>,
            affine_map<(m, d) -> (m, d)>]
      schedule <rows, {threads = 64}>
      -> tensor<?x256xf32>, tensor<?x256xbf16> reduce {
  ^bb0(%e: f32):
    kernel.yield %e, %e : f32, f32
  } epilogue {
  ^bb0(%sum: f32, %again: f32, %e: f32):
    %n = arith.truncf %e : f32 to bf16
    kernel.yield %sum, %n : f32, bf16
  }
  return %y, %z#0, %z#1
      : tensor<?x256xf32>, tensor<?x256xf32>, tensor<?x256xbf16>
}

// CHECK-LABEL: func @matmul
// CHECK: kernel.matmul ins(%{{.*}}, %{{.*}} : tensor<?x256xf32>, tensor<48x256xbf16>) maps [#{{.*}}, #{{.*}}, #{{.*}}] -> tensor<?x48xf32> contract {
// CHECK: } epilogue {
// CHECK: kernel.matmul {{.*}} schedule <rows, {columns = 2 : i64, threads = 64 : i64}> -> tensor<?x48xf32>
// CHECK: kernel.matmul {{.*}} schedule <tiled> -> tensor<?x48xf32>
func.func @matmul(%x: tensor<?x256xf32>, %w: tensor<48x256xbf16>,
                  %bias: tensor<48xf32>)
    -> (tensor<?x48xf32>, tensor<?x48xf32>, tensor<?x48xf32>) {
  %y = kernel.matmul ins(%x, %w : tensor<?x256xf32>, tensor<48x256xbf16>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x48xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    %c = arith.extf %b : bf16 to f32
    kernel.yield %a, %c : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  %rows = kernel.matmul
      ins(%x, %w, %bias : tensor<?x256xf32>, tensor<48x256xbf16>, tensor<48xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (n)>, affine_map<(m, n, k) -> (m, n)>]
      schedule <rows, {columns = 2, threads = 64}> -> tensor<?x48xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    kernel.yield %a, %a : f32, f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  %tiled = kernel.matmul ins(%x, %w : tensor<?x256xf32>, tensor<48x256xbf16>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      schedule <tiled> -> tensor<?x48xf32> contract {
  ^bb0(%a: f32, %b: bf16):
    kernel.yield %a, %a : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y, %rows, %tiled
      : tensor<?x48xf32>, tensor<?x48xf32>, tensor<?x48xf32>
}

//===----------------------------------------------------------------------===//
// window, scan
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @window
// CHECK: kernel.window ins(%{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<64x4xf32>) maps [#{{.*}}, #{{.*}}, #{{.*}}] -> tensor<?x?x64xf32> reduce {
// CHECK: } epilogue {
// CHECK: kernel.window {{.*}} init(%{{.*}} : tensor<?x3x64xf32>) maps {{.*}} schedule <sequential, {steps = 32 : i64, threads = 128 : i64}> -> tensor<?x?x64xf32>, tensor<?x3x64xf32> reduce {
func.func @window(%x: tensor<?x?x64xf32>, %w: tensor<64x4xf32>,
                  %state: tensor<?x3x64xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x3x64xf32>) {
  %y = kernel.window ins(%x, %w : tensor<?x?x64xf32>, tensor<64x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x64xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    %r = arith.mulf %e, %f : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32):
    %r = ssm.silu %sum : f32
    kernel.yield %r : f32
  }
  %z, %next = kernel.window ins(%x, %w : tensor<?x?x64xf32>, tensor<64x4xf32>)
      init(%state : tensor<?x3x64xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential, {steps = 32, threads = 128}>
      -> tensor<?x?x64xf32>, tensor<?x3x64xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return %y, %z, %next
      : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x3x64xf32>
}

// CHECK-LABEL: func @scan
// CHECK: kernel.scan ins(%{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<64x16xf32>) maps [#{{.*}}, #{{.*}}, #{{.*}}] decay exp2 -> tensor<?x?x64xf32> step {
// CHECK: } transition {
// CHECK: } readout {
// CHECK: } epilogue {
// CHECK: kernel.scan {{.*}} init(%{{.*}} : tensor<?x64x16xf32>) maps {{.*}} decay linear schedule <sequential, {lanes = 2 : i64}> -> tensor<?x64x?xf32>, tensor<?x64x16xf32> step {
func.func @scan(%u: tensor<?x?x64xf32>, %A: tensor<64x16xf32>,
                %v: tensor<?x64x?xf32>, %h0: tensor<?x64x16xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x64x?xf32>, tensor<?x64x16xf32>) {
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x16xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x64xf32> step {
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
  // Channel-major, without step values.
  %z, %last = kernel.scan ins(%v, %A : tensor<?x64x?xf32>, tensor<64x16xf32>)
      init(%h0 : tensor<?x64x16xf32>)
      maps [affine_map<(b, t, d, n) -> (b, d, t)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, d, t)>]
      decay linear schedule <sequential, {lanes = 2}>
      -> tensor<?x64x?xf32>, tensor<?x64x16xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32):
    kernel.yield %a, %a : f32, f32
  } readout {
  ^bb0(%h: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %x : f32
  }
  return %y, %z, %last
      : tensor<?x?x64xf32>, tensor<?x64x?xf32>, tensor<?x64x16xf32>
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

// CHECK: func private @schedule() attributes {schedule = #kernel.schedule<sequential, {lanes = 2 : i64}>}
func.func private @schedule() attributes {
  schedule = #kernel.schedule<sequential, {lanes = 2 : i64}>
}

//===----------------------------------------------------------------------===//
// Derived tensors
//===----------------------------------------------------------------------===//

// CHECK: kernel.derived @derived_0 : tensor<512x16xf32>
kernel.derived @derived_0 : tensor<512x16xf32>

// CHECK-LABEL: func @init
// CHECK: kernel.set_derived @derived_0, %{{.*}} : tensor<512x16xf32>
func.func @init(%A: tensor<512x16xf32>) {
  kernel.set_derived @derived_0, %A : tensor<512x16xf32>
  return
}

// CHECK-LABEL: func @derived
// CHECK: kernel.get_derived @derived_0 : tensor<512x16xf32>
func.func @derived() -> tensor<512x16xf32> {
  %A = kernel.get_derived @derived_0 : tensor<512x16xf32>
  return %A : tensor<512x16xf32>
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

// CHECK: kernel.plan @twice dims ["n"] {
// CHECK: %[[X:.*]] = kernel.buffer input "x" shape #{{.*}} : memref<?xf32>
// CHECK: %[[Y:.*]] = kernel.buffer output "y" shape #{{.*}} : memref<?xf32>
// CHECK: kernel.launch @kernels::@map_0 grid #{{.*}} args(%[[X]], %[[Y]] : memref<?xf32>, memref<?xf32>) offsets #{{.*}} scalars #{{.*}} cost #
kernel.plan @twice dims ["n"] {
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)> : memref<?xf32>
  %y = kernel.buffer output "y" shape affine_map<()[n] -> (n)> : memref<?xf32>
  kernel.launch @kernels::@map_0
      grid affine_map<()[n] -> (n ceildiv 256, 1, 1)>
      args (%x, %y : memref<?xf32>, memref<?xf32>)
      offsets affine_map<()[n] -> (0, 0)> scalars affine_map<()[n] -> (n)>
      cost affine_map<()[n] -> (n * 8, 0, n)>
}

// CHECK: kernel.plan @kinds dims ["n"] attributes {note} {
// CHECK: kernel.buffer parameter "w"
// CHECK: kernel.buffer state "h"
// CHECK: kernel.buffer derived "derived_0"
// CHECK: %[[A:.*]] = kernel.buffer temporary "t0" shape #{{.*}} : memref<?xf32>
// CHECK: %[[B:.*]] = kernel.buffer temporary "t1" shape #{{.*}} : memref<?xf32>
// CHECK: kernel.copy %[[A]] to %[[B]] : memref<?xf32>, memref<?xf32>
kernel.plan @kinds dims ["n"] attributes {note} {
  %w = kernel.buffer parameter "w" shape affine_map<()[n] -> (4)> : memref<4xbf16>
  %h = kernel.buffer state "h" shape affine_map<()[n] -> (n, 4)> : memref<?x4xf32>
  %d = kernel.buffer derived "derived_0" shape affine_map<()[n] -> (512, 16)>
      : memref<512x16xf32>
  %a = kernel.buffer temporary "t0" shape affine_map<()[n] -> (n)> : memref<?xf32>
  %b = kernel.buffer temporary "t1" shape affine_map<()[n] -> (n)> : memref<?xf32>
  kernel.copy %a to %b : memref<?xf32>, memref<?xf32>
}

gpu.module @kernels {
  gpu.func @map_0(%x: memref<f32>, %y: memref<f32>, %n: index) kernel {
    gpu.return
  }
}

// CHECK-LABEL: func @scan_packed
// CHECK: kernel.scan ins({{.*}}) init(%{{.*}} : tensor<?x64x16xbf16>) offsets(%{{.*}} : tensor<?xi32>) maps [{{.*}}] reverse decay linear -> tensor<1x?x64xf32>, tensor<?x64x16xbf16> step
func.func @scan_packed(%u: tensor<1x?x64xf32>, %A: tensor<64x16xf32>,
                       %h: tensor<?x64x16xbf16>, %offsets: tensor<?xi32>) {
  %y, %last = kernel.scan ins(%u, %A : tensor<1x?x64xf32>, tensor<64x16xf32>)
      init(%h : tensor<?x64x16xbf16>) offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, n) -> (0, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (0, t, d)>]
      reverse decay linear -> tensor<1x?x64xf32>, tensor<?x64x16xbf16> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// CHECK-LABEL: func @scan_complex
// CHECK: kernel.scan ins(%{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<64x8x2xf32>) maps [{{.*}}] decay cexp2 -> tensor<?x?x64xf32> step
// CHECK: kernel.scan ins({{.*}}) init(%{{.*}} : tensor<?x64x8x2xf16>) offsets(%{{.*}} : tensor<?xi32>) maps [{{.*}}] decay cexp2 -> tensor<1x?x64xf32>, tensor<?x64x8x2xf16> step
func.func @scan_complex(%u: tensor<?x?x64xf32>, %v: tensor<1x?x64xf32>,
                        %A: tensor<64x8x2xf32>, %h0: tensor<?x64x8x2xf16>,
                        %offsets: tensor<?xi32>) {
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a_re: f32, %a_im: f32):
    kernel.yield %a_re, %a_im, %s, %s : f32, f32, f32, f32
  } readout {
  ^bb0(%h_re: f32, %h_im: f32, %s: f32, %a_re: f32, %a_im: f32):
    kernel.yield %h_re : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  %z, %last = kernel.scan ins(%v, %A : tensor<1x?x64xf32>, tensor<64x8x2xf32>)
      init(%h0 : tensor<?x64x8x2xf16>) offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, n, c) -> (0, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (0, t, d)>]
      decay cexp2 -> tensor<1x?x64xf32>, tensor<?x64x8x2xf16> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a_re: f32, %a_im: f32):
    kernel.yield %a_re, %a_im, %a_re, %a_im : f32, f32, f32, f32
  } readout {
  ^bb0(%h_re: f32, %h_im: f32, %a_re: f32, %a_im: f32):
    kernel.yield %h_im : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// CHECK-LABEL: func @scan_shifts
// CHECK: kernel.scan {{.*}} maps [{{.*}}] shifts [1, 0, 0] decay exp2 -> tensor<?x?x64xf32> step
func.func @scan_shifts(%u: tensor<?x?x64xf32>, %A: tensor<64x16xf32>) {
  %y = kernel.scan ins(%u, %u, %A
          : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x16xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [1, 0, 0] decay exp2 -> tensor<?x?x64xf32> step {
  ^bb0(%before: f32, %x: f32):
    %s = arith.addf %before, %x : f32
    kernel.yield %s : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %before: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// The ops of fusion strategies.
// CHECK-LABEL: transform.named_sequence @__transform_main
// CHECK: transform.kernel.fuse_maps %{{.*}} : !transform.any_op
// CHECK: transform.kernel.fuse_producers %{{.*}} into transition : !transform.any_op
// CHECK: transform.kernel.fuse_consumers %{{.*}} : !transform.any_op
// CHECK: transform.kernel.fuse_windows %{{.*}} : !transform.any_op
// CHECK: transform.kernel.set_schedule %{{.*}} to <sequential, {lanes = 4 : i64}> : !transform.any_op
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.kernel.fuse_maps %module : !transform.any_op
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    transform.kernel.fuse_consumers %module : !transform.any_op
    transform.kernel.fuse_windows %module : !transform.any_op
    transform.yield
  }
  transform.named_sequence @schedule(
      %scan: !transform.any_op {transform.readonly}) {
    transform.kernel.set_schedule %scan to <sequential, {lanes = 4}>
        : !transform.any_op
    transform.yield
  }
}
