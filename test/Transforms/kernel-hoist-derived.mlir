// What depends on parameters alone moves to @init; each value is derived once.

// RUN: ssmc-opt %s --kernel-hoist-derived --canonicalize | FileCheck %s

ssm.parameter @A_log : tensor<8x4xf32>

// CHECK-LABEL: func @prefill
// CHECK-SAME: (%[[X:.*]]: tensor<?x8x4xf32>)
// CHECK-DAG: %[[E:.*]] = kernel.get_derived @derived_0 : tensor<8x4xf32>
// CHECK-DAG: %[[A:.*]] = kernel.get_derived @derived_1 : tensor<8x4xf32>
// CHECK-NOT: math.exp
// CHECK: %[[Y:.*]] = kernel.map ins(%[[X]], %[[E]] :
// CHECK: return %[[Y]], %[[A]]
func.func @prefill(%x: tensor<?x8x4xf32>)
    -> (tensor<?x8x4xf32>, tensor<8x4xf32>) {
  %w = ssm.get_parameter @A_log : tensor<8x4xf32>
  %e = kernel.map ins(%w : tensor<8x4xf32>)
      maps [affine_map<(d, n) -> (d, n)>, affine_map<(d, n) -> (d, n)>]
      -> tensor<8x4xf32> body {
  ^bb0(%a: f32):
    %r = math.exp %a : f32
    kernel.yield %r : f32
  }
  %A = kernel.map ins(%e : tensor<8x4xf32>)
      maps [affine_map<(d, n) -> (d, n)>, affine_map<(d, n) -> (d, n)>]
      -> tensor<8x4xf32> body {
  ^bb0(%a: f32):
    %r = arith.negf %a : f32
    kernel.yield %r : f32
  }
  %y = kernel.map ins(%x, %e : tensor<?x8x4xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, d, n) -> (b, d, n)>, affine_map<(b, d, n) -> (d, n)>,
            affine_map<(b, d, n) -> (b, d, n)>] -> tensor<?x8x4xf32> body {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %b : f32
  }
  return %y, %A : tensor<?x8x4xf32>, tensor<8x4xf32>
}

// CHECK-LABEL: func @step
// CHECK-NEXT: %[[E:.*]] = kernel.get_derived @derived_0
// CHECK-NEXT: return %[[E]]
func.func @step() -> tensor<8x4xf32> {
  %w = ssm.get_parameter @A_log : tensor<8x4xf32>
  %e = kernel.map ins(%w : tensor<8x4xf32>)
      maps [affine_map<(d, n) -> (d, n)>, affine_map<(d, n) -> (d, n)>]
      -> tensor<8x4xf32> body {
  ^bb0(%a: f32):
    %r = math.exp %a : f32
    kernel.yield %r : f32
  }
  return %e : tensor<8x4xf32>
}

// A parameter itself is not derived.
// CHECK-LABEL: func @parameter
// CHECK-NEXT: ssm.get_parameter
// CHECK-NEXT: return
func.func @parameter() -> tensor<8x4xf32> {
  %w = ssm.get_parameter @A_log : tensor<8x4xf32>
  return %w : tensor<8x4xf32>
}

// CHECK: kernel.derived @derived_0 : tensor<8x4xf32>
// CHECK: kernel.derived @derived_1 : tensor<8x4xf32>
// CHECK-LABEL: func @init()
// CHECK-NEXT: %[[W:.*]] = ssm.get_parameter @A_log
// CHECK-NEXT: %[[E:.*]] = kernel.map ins(%[[W]] :
// CHECK: kernel.set_derived @derived_0, %[[E]]
// CHECK-NEXT: %[[A:.*]] = kernel.map ins(%[[E]] :
// CHECK: kernel.set_derived @derived_1, %[[A]]
// CHECK-NEXT: return
