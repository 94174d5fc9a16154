// Math without an expansion is an error at the op, where LLVM would abort.

// RUN: ssmc-opt %s --pass-pipeline="builtin.module(gpu.module(gpu-expand-math))" --split-input-file --verify-diagnostics

gpu.module @kernels {
  func.func @sin(%x: f32) -> f32 {
    // expected-error@+1 {{the hardware has no instruction for 'math.sin' on 'f32', and no expansion of it is known; use exp, exp2, log, log1p, log2, rsqrt, sqrt, tanh or arithmetic on f32}}
    %y = math.sin %x : f32
    return %y : f32
  }
}

// -----

gpu.module @kernels {
  func.func @f64(%x: f64) -> f64 {
    // expected-error@+1 {{no instruction for 'math.exp' on 'f64'}}
    %y = math.exp %x : f64
    return %y : f64
  }
}

// -----

gpu.module @kernels {
  func.func @vector(%x: vector<4xf32>) -> vector<4xf32> {
    // expected-error@+1 {{no instruction for 'math.exp' on 'vector<4xf32>'}}
    %y = math.exp %x : vector<4xf32>
    return %y : vector<4xf32>
  }
}

// -----

gpu.module @kernels {
  func.func @mixed(%x: f32, %n: i32) -> f32 {
    // expected-error@+1 {{no instruction for 'math.fpowi' on 'f32'}}
    %y = math.fpowi %x, %n : f32, i32
    return %y : f32
  }
}
