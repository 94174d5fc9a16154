// What the verifier of scan refuses, beside what all compute ops share.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// K4
func.func @scan_step(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'step' to take ('f32'), got ('f32', 'f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32, %y: f32):
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
  return
}

// -----

// K4
func.func @scan_transition(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'transition' to yield ('f32', 'f32'), got ('f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a : f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @scan_readout(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'readout' to take ('f32', 'f32', 'f32'), got ('f32', 'f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @scan_epilogue(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'epilogue' to take ('f32', 'f32', 'f32'), got ('f32')}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%h: f32, %s: f32, %a: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @scan_output(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects output's map to permute (b, t, d), got affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>]
      decay exp2 -> tensor<?x?x4xf32> step {
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
  return
}

// -----

// C1
func.func @scan_states(%u: tensor<?x?x8xf32>, %A: tensor<8x?xf32>) {
  // expected-error@+1 {{expects iteration dimension 3 to be static}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x?xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
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
  return
}

// -----

// C1
func.func @scan_no_states(%u: tensor<?x?x8xf32>, %A: tensor<8x0xf32>) {
  // expected-error@+1 {{expects iteration dimension 3 to have an extent from 1 to 65536, got 0}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x0xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
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
  return
}

// -----

// C1
func.func @scan_channels(%u: tensor<?x?x?xf32>, %A: tensor<?x4xf32>) {
  // expected-error@+1 {{expects iteration dimension 2 to be static}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x?xf32>, tensor<?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x?xf32> step {
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
  return
}

// -----

// C2
func.func @initial_states(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>, %h0: tensor<?x8x5xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states, 8, 4) of 'f32', got 'tensor<?x8x5xf32>'}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      init(%h0 : tensor<?x8x5xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
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
  return
}

// -----

// C2
func.func @initial_rank(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>, %h0: tensor<8x4xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states, 8, 4) of 'f32', got 'tensor<8x4xf32>'}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x8xf32>, tensor<8x4xf32>)
      init(%h0 : tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<?x?x8xf32> step {
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
  return
}

// -----

// C2
func.func @last_states(%u: tensor<2x?x8xf32>, %A: tensor<8x4xf32>) {
  // expected-error@+1 {{expects last_state of shape (states = 2, 8, 4) of 'f32', got 'tensor<3x8x4xf32>'}}
  %y, %last = kernel.scan ins(%u, %A : tensor<2x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<2x?x8xf32>, tensor<3x8x4xf32> step {
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
  return
}

// -----

// C1
func.func @packed_output(%u: tensor<1x?x8xf32>, %A: tensor<8x4xf32>, %o: tensor<?xi32>) {
  // expected-error@+1 {{expects output's map to be affine_map<(d0, d1, d2, d3) -> (0, d1, d2)>, got affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>}}
  %y = kernel.scan ins(%u, %A : tensor<1x?x8xf32>, tensor<8x4xf32>) offsets(%o : tensor<?xi32>)
      maps [affine_map<(b, t, d, n) -> (0, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 -> tensor<1x?x8xf32> step {
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
  return
}

// -----

// C3
func.func @offsets(%u: tensor<1x?x8xf32>, %A: tensor<8x4xf32>, %o: tensor<3x1xi32>) {
  // expected-error@+1 {{expects offsets of one dimension, one more than sequences, got 'tensor<3x1xi32>'}}
  %y = kernel.scan ins(%u, %A : tensor<1x?x8xf32>, tensor<8x4xf32>) offsets(%o : tensor<3x1xi32>)
      maps [affine_map<(b, t, d, n) -> (0, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (0, t, d)>]
      decay exp2 -> tensor<1x?x8xf32> step {
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
  return
}

// -----

// C4
func.func @slots(%u: tensor<2x?x8xf32>, %A: tensor<8x4xf32>, %pool: tensor<5x8x4xf32>, %slots: tensor<3xi32>) {
  // expected-error@+1 {{expects slots of one dimension, one for each sequence, got 'tensor<3xi32>'}}
  %y = kernel.scan ins(%u, %A : tensor<2x?x8xf32>, tensor<8x4xf32>)
      init(%pool : tensor<5x8x4xf32>) slots(%slots : tensor<3xi32>)
      maps [affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (d, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>]
      decay exp2 -> tensor<2x?x8xf32> step {
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
  return
}

// -----

// C4
func.func @slots_alone(%u: tensor<2x?x8xf32>, %A: tensor<8x4xf32>, %slots: tensor<2xi32>) {
  // expected-error@+1 {{expects an initial_state, the pool, with slots}}
  %y = kernel.scan ins(%u, %A : tensor<2x?x8xf32>, tensor<8x4xf32>) slots(%slots : tensor<2xi32>)
      maps [affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (d, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>]
      decay exp2 -> tensor<2x?x8xf32> step {
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
  return
}

// -----

// C2
func.func @pool_type(%u: tensor<2x?x8xf32>, %A: tensor<8x4xf32>, %pool: tensor<5x8x3xf32>, %slots: tensor<2xi32>) {
  // expected-error@+1 {{expects initial_state of shape (states = 5, 8, 4) of 'f32', got 'tensor<5x8x3xf32>'}}
  %y = kernel.scan ins(%u, %A : tensor<2x?x8xf32>, tensor<8x4xf32>)
      init(%pool : tensor<5x8x3xf32>) slots(%slots : tensor<2xi32>)
      maps [affine_map<(b, t, d, n, p) -> (b, t, d)>,
            affine_map<(b, t, d, n, p) -> (d, n)>,
            affine_map<(b, t, d, n, p) -> (b, t, d)>]
      decay exp2 -> tensor<2x?x8xf32> step {
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
  return
}
