// What the verifiers of derived tensors and launch plans refuse, in the order of
// the constraints.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// derived
//===----------------------------------------------------------------------===//

// C1
// expected-error@+1 {{'kernel.derived' op expects a static shape, got 'tensor<?xf32>'}}
kernel.derived @w : tensor<?xf32>

// -----

// C1
func.func @get_unknown() {
  // expected-error@+1 {{expects the name of a 'kernel.derived' of type 'tensor<4xf32>', got @w}}
  %w = kernel.get_derived @w : tensor<4xf32>
  return
}

// -----

// C1
kernel.derived @w : tensor<4xf32>
func.func @get_type() {
  // expected-error@+1 {{expects the name of a 'kernel.derived' of type 'tensor<5xf32>', got @w}}
  %w = kernel.get_derived @w : tensor<5xf32>
  return
}

// -----

// C1
ssm.parameter @w : tensor<4xf32>
func.func @set_parameter(%x: tensor<4xf32>) {
  // expected-error@+1 {{expects the name of a 'kernel.derived' of type 'tensor<4xf32>', got @w}}
  kernel.set_derived @w, %x : tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// plan
//===----------------------------------------------------------------------===//

// C1
// expected-error@+1 {{expects only buffers, launches, copies and choices}}
kernel.plan @p dims [] {
  // expected-note@+1 {{got arith.constant}}
  %c = arith.constant 1 : index
}

// -----

// C2
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects shape to be a map of the plan's 1 dims as symbols, got affine_map<()[s0, s1] -> (s1)>}}
  %x = kernel.buffer input "x" shape affine_map<()[n, m] -> (m)> : memref<?xf32>
}

// -----

// C2
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects shape to be a map of the plan's 1 dims as symbols, got affine_map<(d0)[s0] -> (s0)>}}
  %x = kernel.buffer input "x" shape affine_map<(d)[n] -> (n)> : memref<?xf32>
}

// -----

// C2
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects grid to be a map of the plan's 1 dims as symbols}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<()[n, m] -> (1, 1, 1)>,
      offsets = affine_map<()[n] -> ()>, scalars = affine_map<()[n] -> ()>}> : () -> ()
}

// -----

// C2
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects offsets to be a map of the plan's 1 dims as symbols}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<()[n] -> (1, 1, 1)>,
      offsets = affine_map<() -> ()>, scalars = affine_map<()[n] -> ()>}> : () -> ()
}

// -----

// C2
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects scalars to be a map of the plan's 1 dims as symbols}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<()[n] -> (1, 1, 1)>,
      offsets = affine_map<()[n] -> ()>, scalars = affine_map<() -> ()>}> : () -> ()
}

// -----

//===----------------------------------------------------------------------===//
// buffer
//===----------------------------------------------------------------------===//

// C1
kernel.plan @p dims [] {
  // expected-error@+1 {{expects a shape that fits 'memref<4xf32>', got affine_map<() -> (4, 1)>}}
  %x = kernel.buffer input "x" shape affine_map<() -> (4, 1)> : memref<4xf32>
}

// -----

// C1
kernel.plan @p dims [] {
  // expected-error@+1 {{expects a shape that fits 'memref<4xf32>', got affine_map<() -> (5)>}}
  %x = kernel.buffer input "x" shape affine_map<() -> (5)> : memref<4xf32>
}

// -----

// C1
kernel.plan @p dims ["n"] {
  // expected-error@+1 {{expects a shape that fits 'memref<4xf32>', got affine_map<()[s0] -> (s0)>}}
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)> : memref<4xf32>
}

// -----

//===----------------------------------------------------------------------===//
// launch
//===----------------------------------------------------------------------===//

// C1
kernel.plan @p dims [] {
  // expected-error@+1 {{expects a grid of three extents, got affine_map<() -> (1, 1)>}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<() -> (1, 1)>,
      offsets = affine_map<() -> ()>, scalars = affine_map<() -> ()>}> : () -> ()
}

// -----

// C1
kernel.plan @p dims [] {
  // expected-error@+1 {{expects an offset for each of the 0 arguments, got affine_map<() -> (0)>}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<() -> (1, 1, 1)>,
      offsets = affine_map<() -> (0)>, scalars = affine_map<() -> ()>}> : () -> ()
}

// -----

// C2
kernel.plan @p dims [] {
  // expected-error@+1 {{expects the name of a kernel, got @kernels::@k}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<() -> (1, 1, 1)>,
      offsets = affine_map<() -> ()>, scalars = affine_map<() -> ()>}> : () -> ()
}

// -----

// C2
kernel.plan @p dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects a kernel of 2 parameters, got '(memref<f32>) -> ()'}}
  kernel.launch @kernels::@k grid affine_map<() -> (1, 1, 1)>
      args(%x : memref<4xf32>) offsets affine_map<() -> (0)>
      scalars affine_map<() -> (4)>
}
gpu.module @kernels {
  gpu.func @k(%x: memref<f32>) kernel {
    gpu.return
  }
}

// -----

// C3
kernel.plan @p dims [] {
  // expected-error@+1 {{expects a cost of three numbers, got affine_map<() -> (1, 2)>}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<() -> (1, 1, 1)>,
      offsets = affine_map<() -> ()>, scalars = affine_map<() -> ()>,
      cost = affine_map<() -> (1, 2)>}> : () -> ()
}

// -----

// C2 of plan
kernel.plan @cost_of_other_sizes dims [] {
  // expected-error@+1 {{expects cost to be a map of the plan's 0 dims as symbols}}
  "kernel.launch"() <{kernel = @kernels::@k, grid = affine_map<() -> (1, 1, 1)>,
      offsets = affine_map<() -> ()>, scalars = affine_map<() -> ()>,
      cost = affine_map<()[n] -> (n, 0, 0)>}> : () -> ()
}

// -----

//===----------------------------------------------------------------------===//
// copy
//===----------------------------------------------------------------------===//

// C1
kernel.plan @p dims ["n"] {
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<()[n] -> (n)> : memref<?xf32>
  // expected-error@+1 {{expects source and target of one type, got 'memref<4xf32>' and 'memref<?xf32>'}}
  kernel.copy %x to %y : memref<4xf32>, memref<?xf32>
}

// -----

// C2 of buffer
kernel.plan @rules_of_floats dims ["n"] {
  // expected-error@+1 {{expects rules for inputs of i32 alone, got 'memref<?xf32>'}}
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)>
      rules [#kernel.input_rule<slots up_to ()[n] -> (n)>] : memref<?xf32>
}

// -----

// C2 of buffer
kernel.plan @rules_of_outputs dims ["n"] {
  // expected-error@+1 {{expects rules for inputs of i32 alone}}
  %x = kernel.buffer output "x" shape affine_map<()[n] -> (n)>
      rules [#kernel.input_rule<slots up_to ()[n] -> (n)>] : memref<?xi32>
}

// -----

// C2 of buffer
kernel.plan @two_limits dims ["n"] {
  // expected-error@+1 {{expects a limit of one number}}
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)>
      rules [#kernel.input_rule<offsets up_to ()[n] -> (n, n)>] : memref<?xi32>
}

// -----

// C2 of plan
kernel.plan @limit_of_other_sizes dims ["n"] {
  // expected-error@+1 {{expects a rule's limit to be a map of the plan's 1 dims as symbols}}
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (n)>
      rules [#kernel.input_rule<offsets up_to ()[n, m] -> (m)>] : memref<?xi32>
}

// -----

//===----------------------------------------------------------------------===//
// choose
//===----------------------------------------------------------------------===//

// C1
kernel.plan @lone dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects two or more alternatives, each with a label, got 1 and 1 labels}}
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }
}

// -----

// C1
kernel.plan @labels dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects two or more alternatives, each with a label, got 2 and 1 labels}}
  "kernel.choose"() <{group = "g", labels = ["a"]}> ({
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }, {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }) : () -> ()
}

// -----

// C1
kernel.plan @alike dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects labels that differ, got "a" twice}}
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }
}

// -----

// C2
kernel.plan @nothing dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects alternative "b" to do something}}
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" {
  }
}

// -----

// C2
kernel.plan @other_ops dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects only launches and copies in alternative "b"}}
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" {
    // expected-note@+1 {{got arith.constant}}
    %c = arith.constant 1 : index
  }
}

// -----

// C3
kernel.plan @two_numbers dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects a cost of one number, got affine_map<() -> (1, 2)>}}
  kernel.choose "g" alternative "a" cost affine_map<() -> (1)> {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" cost affine_map<() -> (1, 2)> {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }
}

// -----

// C3
kernel.plan @one_cost dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects 2 costs, got 1}}
  "kernel.choose"() <{group = "g", labels = ["a", "b"], costs = [affine_map<() -> (1)>]}> ({
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }, {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }) : () -> ()
}

// -----

// C3
kernel.plan @cost_for_one dims [] {
  %x = kernel.buffer input "x" shape affine_map<() -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<() -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects a cost of each alternative or of none, got 1 for 2}}
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" cost affine_map<() -> (1)> {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }
}

// -----

// C2 of plan
kernel.plan @cost_of_other_sizes dims ["n"] {
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<()[n] -> (4)> : memref<4xf32>
  // expected-error@+1 {{expects a cost to be a map of the plan's 1 dims as symbols}}
  kernel.choose "g" alternative "a" cost affine_map<() -> (1)> {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" cost affine_map<() -> (1)> {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  }
}

// -----

// C2 of plan
kernel.plan @launch_of_other_sizes dims ["n"] {
  %x = kernel.buffer input "x" shape affine_map<()[n] -> (4)> : memref<4xf32>
  %y = kernel.buffer output "y" shape affine_map<()[n] -> (4)> : memref<4xf32>
  kernel.choose "g" alternative "a" {
    kernel.copy %x to %y : memref<4xf32>, memref<4xf32>
  } alternative "b" {
    // expected-error@+1 {{expects grid to be a map of the plan's 1 dims as symbols}}
    kernel.launch @kernels::@k grid affine_map<() -> (1, 1, 1)>
        args(%x, %y : memref<4xf32>, memref<4xf32>)
        offsets affine_map<()[n] -> (0, 0)> scalars affine_map<()[n] -> ()>
  }
}
