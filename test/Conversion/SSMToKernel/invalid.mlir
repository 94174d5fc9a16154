// What no kernel can be made of is an error at the op, with what to use instead.

// RUN: ssmc-opt %s --convert-ssm-to-kernel --split-input-file --verify-diagnostics

func.func @integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error@+1 {{no kernel can be made of 'arith.addi'; use ops of the ssm dialect, or elementwise arith and math ops on f32, f16 or bf16 tensors}}
  %y = arith.addi %x, %x : tensor<4xi32>
  return %y : tensor<4xi32>
}

// -----

func.func @constant_that_varies(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // expected-error@+1 {{no kernel can be made of 'arith.addf'}}
  %y = arith.addf %x, %c : tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @scalar(%x: f32) -> f32 {
  // expected-error@+1 {{no kernel can be made of 'arith.negf'}}
  %y = arith.negf %x : f32
  return %y : f32
}

// -----

func.func @mask(%x: tensor<2xf32>, %c: tensor<2xi1>) -> tensor<2xf32> {
  // expected-error@+1 {{no kernel can be made of 'arith.select'}}
  %y = arith.select %c, %x, %x : tensor<2xi1>, tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @f64(%x: tensor<2xf64>) -> tensor<2xf64> {
  // expected-error@+1 {{no kernel can be made of 'math.exp'}}
  %y = math.exp %x : tensor<2xf64>
  return %y : tensor<2xf64>
}
