// What cannot become a launch plan is an error where it stands.

// RUN: ssmc-opt %s --convert-kernel-to-gpu --split-input-file --verify-diagnostics

func.func @no_schedule(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{has no schedule; run kernel-assign-schedules first}}
  %y = kernel.map ins(%x : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<4xf32>
}

// -----

// expected-error@+1 {{already has a symbol @kernels}}
module {
  ssm.parameter @kernels : tensor<4xf32>
}

// -----

// Nothing that a caller passes says how large the result is.
func.func @no_argument_fixes() -> tensor<?xf32> {
  // expected-error@+1 {{no argument fixes dimension 0 of 'tensor<?xf32>'}}
  %y = kernel.map maps [affine_map<(i) -> (i)>] schedule <elementwise>
      -> tensor<?xf32> body {
    %zero = arith.constant 0.0 : f32
    kernel.yield %zero : f32
  }
  return %y : tensor<?xf32>
}

// -----

// Rows that no slot names would have to be copied from every second row.
func.func @pool_is_a_view(%u: tensor<2x7x6xf32>, %A: tensor<6x4xf32>,
    %B: tensor<2x7x4xf32>, %all: tensor<10x6x4xf32>, %slots: tensor<2xi32>)
    -> tensor<5x6x4xf32> {
  %pool = ssm.slice %all dim 0 offset 0 step 2
      : tensor<10x6x4xf32> -> tensor<5x6x4xf32>
  // expected-error@+1 {{expects operand 5 to be a whole tensor, not part of one}}
  %out, %last = kernel.scan
      ins(%u, %u, %A, %B, %B : tensor<2x7x6xf32>, tensor<2x7x6xf32>,
          tensor<6x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>)
      init(%pool : tensor<5x6x4xf32>) slots(%slots : tensor<2xi32>)
      maps [affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (d, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>]
      decay exp2 schedule <sequential> -> tensor<2x7x6xf32>, tensor<5x6x4xf32>
      step {
  ^bb0(%x: f32, %y: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %b: f32, %c: f32):
    kernel.yield %a, %b : f32, f32
  } readout {
  ^bb0(%h: f32, %a: f32, %b: f32, %c: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32, %y: f32):
    kernel.yield %sum : f32
  }
  return %last : tensor<5x6x4xf32>
}

// -----

func.func @reshape_of_a_part(%x: tensor<4x8xf32>) -> tensor<2x2x4xf32> {
  %a, %b = ssm.split %x : tensor<4x8xf32> -> tensor<4x4xf32>, tensor<4x4xf32>
  // expected-error@+1 {{cannot reshape part of a tensor without a copy}}
  %y = tensor.expand_shape %a [[0, 1], [2]] output_shape [2, 2, 4]
      : tensor<4x4xf32> into tensor<2x2x4xf32>
  return %y : tensor<2x2x4xf32>
}

// -----

func.func @dynamic_reshape(%x: tensor<?x4x2xf32>, %y: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  // expected-error@+1 {{expects static shapes, since a reshape is a view}}
  %flat = tensor.collapse_shape %x [[0], [1, 2]]
      : tensor<?x4x2xf32> into tensor<?x8xf32>
  %sum = kernel.map ins(%flat, %y : tensor<?x8xf32>, tensor<?x8xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
            affine_map<(i, j) -> (i, j)>]
      schedule <elementwise> -> tensor<?x8xf32> body {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  }
  return %sum : tensor<?x8xf32>
}

// -----

// expected-error@+1 {{expects straight-line code, one block}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^end
^end:
  return %x : tensor<4xf32>
}

// -----

// expected-error@+1 {{expects straight-line code, one block}}
func.func private @declaration(%x: tensor<4xf32>)

// -----

func.func @sizes_clash(%x: tensor<2x4xf32> {ssm.name = "x"},
                       %y: tensor<?x4xf32> {ssm.dims = ["n"]},
                       %z: tensor<?x4xf32> {ssm.dims = ["n"]},
                       %w: tensor<3x4xf32>)
    -> (tensor<2x4xf32>, tensor<3x4xf32>) {
  %0 = kernel.map ins(%x, %y : tensor<2x4xf32>, tensor<?x4xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
            affine_map<(i, j) -> (i, j)>]
      schedule <elementwise> -> tensor<2x4xf32> body {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  }
  // expected-error@+1 {{dimension 0 of 'tensor<3x4xf32>' has to equal one of size 2}}
  %1 = kernel.map ins(%w, %z : tensor<3x4xf32>, tensor<?x4xf32>)
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
            affine_map<(i, j) -> (i, j)>]
      schedule <elementwise> -> tensor<3x4xf32> body {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  }
  return %0, %1 : tensor<2x4xf32>, tensor<3x4xf32>
}

// -----

ssm.parameter @w : tensor<4xf32>
func.func @unknown_op(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{cannot be part of a launch plan}}
  %y = ssm.silu %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @count_is_computed(%x: tensor<?x?x4xf32>, %n: index) {
  // expected-error@+1 {{cannot be part of a launch plan}}
  %m = arith.addi %n, %n : index
  %y = ssm.last_tokens %x, %m : tensor<?x?x4xf32> -> tensor<?x?x4xf32>
  return
}

// -----

// expected-error@+1 {{expects arguments to be tensors or indices, got 'f32'}}
func.func @scalar_argument(%x: f32) {
  return
}

// -----

// expected-error@+1 {{expects results to be tensors of f32, f16, bf16 or i32, got 'index'}}
func.func @index_result(%n: index) -> index {
  return %n : index
}

// -----

// expected-error@+1 {{expects results to be tensors of f32, f16, bf16 or i32, got 'tensor<4xi64>'}}
func.func @i64_result(%x: tensor<4xi64>) -> tensor<4xi64> {
  return %x : tensor<4xi64>
}

// -----

// expected-error@+1 {{expects arguments of different names, got 'x' twice}}
func.func @argument_names(%x: tensor<4xf32> {ssm.name = "x"},
                          %y: tensor<4xf32> {ssm.name = "x"}) {
  return
}

// -----

// expected-error@+1 {{expects results of different names, got 'y' twice}}
func.func @result_names(%x: tensor<4xf32>)
    -> (tensor<4xf32> {ssm.name = "y"}, tensor<4xf32> {ssm.name = "y"}) {
  return %x, %x : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error@+1 {{has two sizes named 'n'; give index arguments and dimensions different names}}
func.func @size_names(%x: tensor<?xf32> {ssm.dims = ["n"]},
                      %n: index {ssm.name = "n"}) {
  return
}
