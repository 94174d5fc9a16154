// What the verifiers of the compute ops refuse: what all of them share, then map
// and gather.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// What all compute ops share
//===----------------------------------------------------------------------===//

// K1
func.func @maps_count(%a0: tensor<4xf32>) {
  // expected-error@+1 {{'kernel.map' op expects a map for each input and result, 2, got 1}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K1
func.func @map_dims(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects a map from 1 dimensions to the 1 of 'tensor<4xf32>', got affine_map<(d0, d1) -> (d0)>}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i, j) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K1
func.func @map_symbols(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects a map from 1 dimensions to the 1 of 'tensor<4xf32>', got affine_map<(d0)[s0] -> (d0)>}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i)[s] -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K1
func.func @map_results(%a0: tensor<4x4xf32>) {
  // expected-error@+1 {{expects a map from 1 dimensions to the 2 of 'tensor<4x4xf32>', got affine_map<(d0) -> (d0)>}}
  %y = kernel.map ins(%a0 : tensor<4x4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K1
func.func @no_result() {
  // expected-error@+1 {{expects a result and its map}}
  "kernel.map"() <{maps = []}> ({
    kernel.yield
  }) : () -> ()
  return
}

// -----

// K2
func.func @extents(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects iteration dimension 0 to have extent 4, got 5 from 'tensor<5xf32>'}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<5xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K2
func.func @dynamic_group(%a0: tensor<?xf32>) {
  // expected-error@+1 {{expects a static size of 'tensor<?xf32>' where affine_map<(d0) -> (d0 floordiv 2)> has no plain dimension}}
  %y = kernel.map ins(%a0 : tensor<?xf32>)
      maps [affine_map<(i) -> (i floordiv 2)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @family(%a0: tensor<4xf32>) {
  // expected-error@+1 {{cannot be scheduled by the family 'tiled'}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <tiled>
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @parameter(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects parameters of the family 'elementwise', got "lanes"}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {lanes = 2}>
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @parameter_type(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects "threads" to be a power of two from 32 to 1024, got "many"}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = "many"}>
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @parameter_power(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects "threads" to be a power of two from 32 to 1024, got 96 : i64}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 96}>
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @parameter_range(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects "threads" to be a power of two from 32 to 1024, got 2048 : i64}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 2048}>
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K3
func.func @variant_parameter(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects parameters of the family 'elementwise', got "lanes"}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise> variants [#kernel.schedule<elementwise, {lanes = 2}>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K4
func.func @arguments(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects region 'body' to take ('f32'), got ('f16')}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f16):
    %r = arith.extf %e : f16 to f32
    kernel.yield %r : f32
  }
  return
}

// -----

// K4
func.func @yields(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects region 'body' to yield ('f32'), got ('f32', 'f32')}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e, %e : f32, f32
  }
  return
}

// -----

// K4
func.func @terminator(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects region 'body' to yield ('f32'), got ('f32')}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    %r = arith.negf %e : f32
  }
  return
}

// -----

// K4
func.func @outside(%x: tensor<4xf32>, %s: f32) {
  // expected-note@+1 {{required by region isolation constraints}}
  %y = kernel.map ins(%x : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    // expected-error@+1 {{using value defined outside the region}}
    kernel.yield %s : f32
  }
  return
}

// -----

//===----------------------------------------------------------------------===//
// map
//===----------------------------------------------------------------------===//

// K5
func.func @lone_variants(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects variants, at least one, beside a schedule, got [#kernel.schedule<elementwise>]}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      variants [#kernel.schedule<elementwise>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K5
func.func @no_variants(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects variants, at least one, beside a schedule, got []}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise> variants []
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K5
func.func @same_variant(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects variants that differ, got #kernel.schedule<elementwise, {threads = 64 : i64}> twice}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>]
      schedule <elementwise, {threads = 64}>
      variants [#kernel.schedule<elementwise>, #kernel.schedule<elementwise, {threads = 64}>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @map_broadcast(%a0: tensor<4xf32>) {
  // expected-error@+1 {{expects each result's map to be a permutation, got affine_map<(d0, d1) -> (d0)>}}
  %y = kernel.map ins(%a0 : tensor<4xf32>)
      maps [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>]
      -> tensor<4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

//===----------------------------------------------------------------------===//
// gather
//===----------------------------------------------------------------------===//

// K2
func.func @gather_rows(%ids: tensor<?xi32>, %table: tensor<?x4xf32>) {
  // expected-error@+1 {{expects a static size of 'tensor<?x4xf32>' where affine_map<(d0, d1) -> (0, d1)> has no plain dimension}}
  %y = kernel.gather %ids, %table
      maps [affine_map<(b, d) -> (b)>, affine_map<(b, d) -> (0, d)>,
            affine_map<(b, d) -> (b, d)>]
      : tensor<?xi32>, tensor<?x4xf32> -> tensor<?x4xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @gather_table(%ids: tensor<?xi32>, %table: tensor<8x4xf32>) {
  // expected-error@+1 {{expects table's map to be affine_map<(d0, d1) -> (0, d1)>, got affine_map<(d0, d1) -> (d1, 0)>}}
  %y = kernel.gather %ids, %table
      maps [affine_map<(b, d) -> (b)>, affine_map<(b, d) -> (d, 0)>,
            affine_map<(b, d) -> (b, d)>]
      : tensor<?xi32>, tensor<8x4xf32> -> tensor<?x8xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @gather_result(%ids: tensor<?xi32>, %table: tensor<8x4xf32>) {
  // expected-error@+1 {{expects result's map to be affine_map<(d0, d1) -> (d0, d1)>, got affine_map<(d0, d1) -> (d1, d0)>}}
  %y = kernel.gather %ids, %table
      maps [affine_map<(b, d) -> (b)>, affine_map<(b, d) -> (0, d)>,
            affine_map<(b, d) -> (d, b)>]
      : tensor<?xi32>, tensor<8x4xf32> -> tensor<4x?xf32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @gather_rank(%ids: tensor<i32>, %table: tensor<8x4xf32>) {
  // expected-error@+1 {{expects at least 1 iteration dimensions, got 0}}
  %y = kernel.gather %ids, %table
      maps [affine_map<() -> ()>, affine_map<() -> (0, 0)>, affine_map<() -> ()>]
      : tensor<i32>, tensor<8x4xf32> -> tensor<f32> body {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}
