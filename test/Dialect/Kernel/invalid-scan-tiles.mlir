// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4x2xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects a real decay with the family 'tiled', whose segments are joined as real numbers; use 'sequential'}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4x2xf32>)
      maps [affine_map<(b, t, d, n, c) -> (b, t, d)>, affine_map<(b, t, d, n, c) -> (d, n, c)>,
            affine_map<(b, t, d, n, c) -> (b, t, d)>]
      decay cexp2 schedule <tiled>
      -> tensor<?x?x6xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a_re: f32, %a_im: f32):
    kernel.yield %a_re, %a_im, %s, %s : f32, f32, f32, f32
  } readout {
  ^bb0(%h: f32, %h_im: f32, %s: f32, %a_re: f32, %a_im: f32):
    kernel.yield %h : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects segments * lanes to be at most the 32 threads of a warp, got 64}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <tiled, {segments = 16, lanes = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_of_a_variant(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects segments * lanes to be at most the 32 threads of a warp, got 64}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <sequential> variants [#kernel.schedule<tiled, {segments = 16, lanes = 4}>]
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects threads to be a multiple of 32 * warps = 128, got 64}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <tiled, {threads = 64, warps = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects width to divide the number of channels, 6, got 4}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <split, {width = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f(%u: tensor<1x?x6xf32>, %A: tensor<6x4xf32>, %offsets: tensor<?xi32>)
    -> tensor<1x?x6xf32> {
  // expected-error@+1 {{expects no offsets with the family 'split', since pieces of packed sequences would mostly be empty; use 'tiled'}}
  %y = kernel.scan ins(%u, %A : tensor<1x?x6xf32>, tensor<6x4xf32>)
      offsets(%offsets : tensor<?xi32>)
      maps [affine_map<(b, t, d, n) -> (0, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (0, t, d)>]
      decay exp2 schedule <split>
      -> tensor<1x?x6xf32> step {
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
  return %y : tensor<1x?x6xf32>
}

// -----

// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects parameters of the family 'tiled', got "piece"}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <tiled, {piece = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----


// C6
func.func @f(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects segments * lanes to be at most the 32 threads of a warp, got 128}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <sequential> variants [#kernel.schedule<tiled, {segments = 32, lanes = 4}>]
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_steps(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects steps, which lanes share, to be a multiple of lanes or to divide them, got 6 and 4}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {lanes = 4, steps = 6}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_steps_of_pieces(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects steps, which lanes share, to be a multiple of lanes or to divide them, got 6 and 4}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <split, {lanes = 4, segments = 1, steps = 6}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_ring(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects at most 480 threads where warps share time, which takes a barrier for each warp, got 1024}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {threads = 1024, warps = 2}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_warps(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects threads to be a multiple of 32 * warps = 256, got 128}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {threads = 128, warps = 8}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_full(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects at most 16 lanes and 32 steps where some blocks have twice as many, got 32 and 8}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {full = 1, lanes = 32, steps = 8}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_width(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects width to divide the number of channels, 6, got 4}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {width = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}

// -----

// C6
func.func @f_segments(%u: tensor<?x?x6xf32>, %A: tensor<6x4xf32>)
    -> tensor<?x?x6xf32> {
  // expected-error@+1 {{expects parameters of the family 'chained', got "segments"}}
  %y = kernel.scan ins(%u, %A : tensor<?x?x6xf32>, tensor<6x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>, affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {segments = 4}>
      -> tensor<?x?x6xf32> step {
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
  return %y : tensor<?x?x6xf32>
}
