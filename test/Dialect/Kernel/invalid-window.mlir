// What the verifier of window refuses, beside what all compute ops share.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// K4
func.func @window_reduce(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'reduce' to take ('f32', 'f32'), got ('f32')}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @window_epilogue(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error@+1 {{expects region 'epilogue' to take ('f32'), got ('f32', 'f32')}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_x(%x: tensor<?x?x4xf32>, %w: tensor<8x4xf32>) {
  // expected-error@+1 {{expects x's map to permute (b, t, d), got affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>}}
  %y = kernel.window ins(%x, %w : tensor<?x?x4xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, w)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_weight(%x: tensor<?x?x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error@+1 {{expects weight's map to be affine_map<(d0, d1, d2, d3) -> (d2, d3)>}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<4x8xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (w, d)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_result(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error@+1 {{expects result's map to be affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, d, t)>]
      -> tensor<?x8x?xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_width(%x: tensor<?x?x8xf32>, %w: tensor<8x?xf32>) {
  // expected-error@+1 {{expects iteration dimension 3 to be static}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x?xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_of_one(%x: tensor<?x?x8xf32>, %w: tensor<8x1xf32>) {
  // expected-error@+1 {{expects iteration dimension 3 to have an extent from 2 to 64, got 1}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x1xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @window_too_wide(%x: tensor<?x?x8xf32>, %w: tensor<8x65xf32>) {
  // expected-error@+1 {{expects iteration dimension 3 to have an extent from 2 to 64, got 65}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x65xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C2
func.func @initial_width(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %s: tensor<?x4x8xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states, 3, 8) of 'f32', got 'tensor<?x4x8xf32>'}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      init(%s : tensor<?x4x8xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C2
func.func @initial_channels(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %s: tensor<?x3x4xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states, 3, 8) of 'f32', got 'tensor<?x3x4xf32>'}}
  %y = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      init(%s : tensor<?x3x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C2
func.func @initial_batch(%x: tensor<2x?x8xf32>, %w: tensor<8x4xf32>, %s: tensor<3x3x8xf32>) {
  // expected-error@+1 {{expects initial_state of shape (states = 2, 3, 8) of 'f32', got 'tensor<3x3x8xf32>'}}
  %y = kernel.window ins(%x, %w : tensor<2x?x8xf32>, tensor<8x4xf32>)
      init(%s : tensor<3x3x8xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<2x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C2
func.func @final_type(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %s: tensor<?x3x8xf32>) {
  // expected-error@+1 {{expects final_state of shape (states, 3, 8) of 'f32', got 'tensor<?x3x8xbf16>'}}
  %y, %n = kernel.window ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
      init(%s : tensor<?x3x8xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      -> tensor<?x?x8xf32>, tensor<?x3x8xbf16> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C3
func.func @window_offsets(%x: tensor<1x?x8xf32>, %w: tensor<8x4xf32>, %o: tensor<3x1xi32>) {
  // expected-error@+1 {{expects offsets of one dimension, one more than sequences, got 'tensor<3x1xi32>'}}
  %y = kernel.window ins(%x, %w : tensor<1x?x8xf32>, tensor<8x4xf32>) offsets(%o : tensor<3x1xi32>)
      maps [affine_map<(b, t, d, w) -> (0, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (0, t, d)>]
      -> tensor<1x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C4
func.func @window_slots(%x: tensor<2x?x8xf32>, %w: tensor<8x4xf32>, %pool: tensor<5x3x8xf32>, %slots: tensor<2x1xi32>) {
  // expected-error@+1 {{expects slots of one dimension, one for each sequence, got 'tensor<2x1xi32>'}}
  %y = kernel.window ins(%x, %w : tensor<2x?x8xf32>, tensor<8x4xf32>)
      init(%pool : tensor<5x3x8xf32>) slots(%slots : tensor<2x1xi32>)
      maps [affine_map<(b, t, d, w, p) -> (b, t, d)>,
            affine_map<(b, t, d, w, p) -> (d, w)>,
            affine_map<(b, t, d, w, p) -> (b, t, d)>]
      -> tensor<2x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @window_channels(%x: tensor<?x?x6xf32>, %w: tensor<6x4xf32>) {
  // expected-error@+1 {{expects width to divide the number of channels, 6, got 4}}
  %y = kernel.window ins(%x, %w : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, w) -> (b, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (b, t, d)>]
      schedule <sequential, {width = 4}> -> tensor<?x?x6xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C5
func.func @window_tiled(%x: tensor<1x?x8xf32>, %w: tensor<8x4xf32>, %o: tensor<3xi32>) {
  // expected-error@+1 {{expects no offsets with the family 'tiled', whose threads have steps that are neighbours in memory; use 'sequential'}}
  %y = kernel.window ins(%x, %w : tensor<1x?x8xf32>, tensor<8x4xf32>) offsets(%o : tensor<3xi32>)
      maps [affine_map<(b, t, d, w) -> (0, t, d)>,
            affine_map<(b, t, d, w) -> (d, w)>,
            affine_map<(b, t, d, w) -> (0, t, d)>]
      schedule <tiled> -> tensor<1x?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}
