// What the verifiers of row_reduce and matmul refuse, beside what all compute
// ops share.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// row_reduce
//===----------------------------------------------------------------------===//

// K4
func.func @reduce_arguments(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects region 'reduce' to take ('f32'), got ('f32', 'f32')}}
  %y = kernel.row_reduce ins(%x : tensor<?x8xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      -> tensor<?x8xf32> reduce {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K4
func.func @reduce_epilogue(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects region 'epilogue' to take ('f32', 'f32', 'f32'), got ('f32', 'f32')}}
  %y = kernel.row_reduce ins(%x : tensor<?x8xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      -> tensor<?x8xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e, %e : f32, f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// K4
func.func @reduce_nothing(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects region 'reduce' to yield a term}}
  %y = kernel.row_reduce ins(%x : tensor<?x8xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      -> tensor<?x8xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield
  } epilogue {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @reduce_columns(%x: tensor<8x?xf32>) {
  // expected-error@+1 {{expects iteration dimension 1 to be static}}
  %y = kernel.row_reduce ins(%x : tensor<8x?xf32>)
      maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
      -> tensor<8x?xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @reduce_result(%x: tensor<8x4xf32>) {
  // expected-error@+1 {{expects result's map to be affine_map<(d0, d1) -> (d0, d1)>, got affine_map<(d0, d1) -> (d1, d0)>}}
  %y = kernel.row_reduce ins(%x : tensor<8x4xf32>)
      maps [affine_map<(m, d) -> (m, d)>,
            affine_map<(m, d) -> (d, m)>]
      -> tensor<4x8xf32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

// C1
func.func @reduce_rank(%x: tensor<f32>) {
  // expected-error@+1 {{expects at least 1 iteration dimensions, got 0}}
  %y = kernel.row_reduce ins(%x : tensor<f32>)
      maps [affine_map<() -> ()>, affine_map<() -> ()>]
      -> tensor<f32> reduce {
  ^bb0(%e: f32):
    kernel.yield %e : f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %e : f32
  }
  return
}

// -----

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

// K4
func.func @contract_yields(%x: tensor<?x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error@+1 {{expects region 'contract' to yield ('f32', 'f32'), got ('f32')}}
  %y = kernel.matmul ins(%x, %w : tensor<?x8xf32>, tensor<4x8xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a : f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// K4
func.func @contract_epilogue(%x: tensor<?x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error@+1 {{expects region 'epilogue' to take ('f32'), got ('f32', 'f32')}}
  %y = kernel.matmul ins(%x, %w : tensor<?x8xf32>, tensor<4x8xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32, %e: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @one_input(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects x and a weight}}
  %y = kernel.matmul ins(%x : tensor<?x8xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32):
    kernel.yield %a, %a : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_rank(%x: tensor<8xf32>, %w: tensor<8xf32>) {
  // expected-error@+1 {{expects at least 2 iteration dimensions, got 1}}
  %y = kernel.matmul ins(%x, %w : tensor<8xf32>, tensor<8xf32>)
      maps [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>]
      -> tensor<f32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_x(%x: tensor<8x?xf32>, %w: tensor<4x8xf32>) {
  // expected-error@+1 {{expects x's map to be affine_map<(d0, d1, d2) -> (d0, d2)>, got affine_map<(d0, d1, d2) -> (d2, d0)>}}
  %y = kernel.matmul ins(%x, %w : tensor<8x?xf32>, tensor<4x8xf32>)
      maps [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_weight(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>) {
  // expected-error@+1 {{expects weight's map to be affine_map<(d0, d1, d2) -> (d1, d2)>, got affine_map<(d0, d1, d2) -> (d2, d1)>}}
  %y = kernel.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x4xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_result(%x: tensor<?x8xf32>, %w: tensor<4x8xf32>) {
  // expected-error@+1 {{expects result's map to be affine_map<(d0, d1, d2) -> (d0, d1)>, got affine_map<(d0, d1, d2) -> (d1, d0)>}}
  %y = kernel.matmul ins(%x, %w : tensor<?x8xf32>, tensor<4x8xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (n, m)>]
      -> tensor<4x?xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_k(%x: tensor<?x?xf32>, %w: tensor<4x?xf32>) {
  // expected-error@+1 {{expects iteration dimension 2 to be static}}
  %y = kernel.matmul ins(%x, %w : tensor<?x?xf32>, tensor<4x?xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x4xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}

// -----

// C1
func.func @matmul_n(%x: tensor<?x8xf32>, %w: tensor<?x8xf32>) {
  // expected-error@+1 {{expects iteration dimension 1 to be static}}
  %y = kernel.matmul ins(%x, %w : tensor<?x8xf32>, tensor<?x8xf32>)
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
            affine_map<(m, n, k) -> (m, n)>]
      -> tensor<?x?xf32> contract {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } epilogue {
  ^bb0(%sum: f32):
    kernel.yield %sum : f32
  }
  return
}
