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

// Nothing that a caller passes says how large the state's batch is.
ssm.state @h : tensor<?x4xf32>
func.func @no_argument_fixes() {
  // expected-error@+1 {{no argument fixes dimension 0 of 'tensor<?x4xf32>'}}
  %h = ssm.get_state @h : tensor<?x4xf32>
  ssm.set_state @h, %h : tensor<?x4xf32>
  return
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
