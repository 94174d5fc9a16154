// What the verifier of scan refuses where the recurrence is complex.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// K1
func.func @dims(%u: tensor<?x?x64xf32>, %A: tensor<64x8xf32>) {
  // expected-error@+1 {{'kernel.scan' op expects a map from 5 dimensions to the 3 of 'tensor<?x?x64xf32>', got affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @transition_takes(%u: tensor<?x?x64xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects region 'transition' to take ('f32', 'f32'), got ('f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32):
    kernel.yield %a, %a, %a, %a : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @transition_yields(%u: tensor<?x?x64xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects region 'transition' to yield ('f32', 'f32', 'f32', 'f32'), got ('f32', 'f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i : f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @readout(%u: tensor<?x?x64xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects region 'readout' to take ('f32', 'f32', 'f32', 'f32'), got ('f32', 'f32', 'f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @output(%u: tensor<?x64xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects output's map to permute (b, t, d), got affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d2)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, c, d)>]
      decay cexp2 -> tensor<?x2x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @input_without_c(%u: tensor<?x?x64xf32>, %A: tensor<64x8xf32>) {
  // expected-error@+1 {{expects inputs with n, and no others, to use c, got the map affine_map<(d0, d1, d2, d3, d4) -> (d2, d3)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @input_without_n(%u: tensor<?x?x2xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects inputs with n, and no others, to use c, got the map affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d4)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x2xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, c)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @dynamic_c(%u: tensor<?x?x64xf32>, %A: tensor<64x8x?xf32>) {
  // expected-error@+1 {{expects iteration dimension 4 to be static}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x?xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @extent_of_c(%u: tensor<?x?x64xf32>, %A: tensor<64x8x3xf32>) {
  // expected-error@+1 {{expects iteration dimension 4 to have an extent from 2 to 2, got 3}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x3xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @initial_state(%u: tensor<?x?x64xf32>, %A: tensor<64x8x2xf32>, %h0: tensor<?x64x8xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states, 64, 8, 2) of 'f32', got 'tensor<?x64x8xf32>'}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      init(%h0 : tensor<?x64x8xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @last_state(%u: tensor<?x?x64xf32>, %A: tensor<64x8x2xf32>) {
  // expected-error@+1 {{expects last_state of shape (states, 64, 8, 2) of 'f32', got 'tensor<?x64x8x1xf32>'}}
  %y, %last = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
            affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 -> tensor<?x?x64xf32>, tensor<?x64x8x1xf32> step {
  ^bb0(%x: f32):
    kernel.yield
  } transition {
  ^bb0(%a: f32, %i: f32):
    kernel.yield %a, %i, %a, %i : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %k: f32, %a: f32, %i: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}
