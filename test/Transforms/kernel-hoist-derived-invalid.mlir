// RUN: ssmc-opt %s --kernel-hoist-derived --verify-diagnostics

ssm.parameter @w : tensor<4xf32>

// expected-error@+1 {{the name 'init' is reserved for the entry that computes derived tensors}}
func.func @init() -> tensor<4xf32> {
  %w = ssm.get_parameter @w : tensor<4xf32>
  %y = kernel.map ins(%w : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return %y : tensor<4xf32>
}
