// What a kernel.scan refuses of shifts.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// C6
func.func @too_few(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects a shift for each of 2 inputs, got 1}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [1] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C6
func.func @negative(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects shifts from 0 to 63, got -1}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [-1, 0] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C6
func.func @far(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects shifts from 0 to 63, got 64}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [64, 0] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C6
func.func @of_the_future(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects no shifts with reverse, got 1}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [1, 0] reverse decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C6
func.func @with_state(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects a shifted input's map to permute (b, t, d), got affine_map<(d0, d1, d2, d3) -> (d2, d3)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [0, 1] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C6
func.func @without_time(%u: tensor<?x1x6xf32>, %A: tensor<6x4xf32>) {
  // expected-error@+1 {{expects a shifted input's map to permute (b, t, d), got affine_map<(d0, d1, d2, d3) -> (d0, 0, d2)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x1x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, 0, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      shifts [1, 0] decay exp2 -> tensor<?x?x6xf32> step {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}
