// The real-gated linear recurrent unit of Griffin (De et al. 2024), which is no
// op of this compiler, written as what it computes:
//
//   r_t   = sigmoid(gate_a_t)               log2(a_t) = -8 log2(e) softplus(L) r_t
//   x_t   = sqrt(1 - a_t^2) sigmoid(gate_x_t) u_t
//   h_t   = a_t h_{t-1} + x_t               out_t = h_t gelu(gate_t)
//
// Every step is a kernel of its own; a fusion strategy makes them one:
//
//   ssmc compile rg-lru.mlir --fuse=none --compile-to=fused
//   ssmc compile rg-lru.mlir --compile-to=fused

!x = tensor<?x?x32xf32>
!channel = tensor<32xf32>
!state = tensor<?x32x1xf32>

#each = affine_map<(b, t, d) -> (b, t, d)>
#channel = affine_map<(b, t, d) -> (d)>
#step = affine_map<(b, t, d, n) -> (b, t, d)>

func.func @rg_lru(
    %u: !x {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %gate_a: !x {ssm.name = "gate_a", ssm.dims = ["batch", "seqlen"]},
    %gate_x: !x {ssm.name = "gate_x", ssm.dims = ["batch", "seqlen"]},
    %gate: !x {ssm.name = "gate", ssm.dims = ["batch", "seqlen"]},
    %L: !channel {ssm.name = "L"},
    %h0: !state {ssm.name = "initial_state", ssm.dims = ["batch"]})
    -> (!x {ssm.name = "out"}, !state {ssm.name = "last_state"}) {
  %r = kernel.map ins(%gate_a : !x) maps [#each, #each] -> !x body {
  ^bb0(%e: f32):
    %one = arith.constant 1.0 : f32
    %0 = arith.negf %e : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.divf %one, %2 : f32
    kernel.yield %3 : f32
  }
  %log_a = kernel.map ins(%r, %L : !x, !channel) maps [#each, #channel, #each]
      -> !x body {
  ^bb0(%e: f32, %l: f32):
    // 8 log2(e)
    %scale = arith.constant -11.5415603 : f32
    %0 = ssm.softplus %l : f32
    %1 = arith.mulf %0, %scale : f32
    %2 = arith.mulf %1, %e : f32
    kernel.yield %2 : f32
  }
  %a = math.exp2 %log_a : !x

  %i = kernel.map ins(%gate_x : !x) maps [#each, #each] -> !x body {
  ^bb0(%e: f32):
    %one = arith.constant 1.0 : f32
    %0 = arith.negf %e : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.divf %one, %2 : f32
    kernel.yield %3 : f32
  }
  %iu = arith.mulf %i, %u : !x
  %x = kernel.map ins(%a, %iu : !x, !x) maps [#each, #each, #each] -> !x body {
  ^bb0(%e: f32, %f: f32):
    %one = arith.constant 1.0 : f32
    %0 = arith.mulf %e, %e : f32
    %1 = arith.subf %one, %0 : f32
    %2 = math.sqrt %1 : f32
    %3 = arith.mulf %2, %f : f32
    kernel.yield %3 : f32
  }

  // One state a channel: n has the extent 1.
  %h, %last = kernel.scan ins(%a, %x : !x, !x) init(%h0 : !state)
      maps [#step, #step, #step] decay linear -> !x, !state step {
  ^bb0(%e: f32, %f: f32):
    kernel.yield %e, %f : f32, f32
  } transition {
  ^bb0(%decay: f32, %input: f32):
    kernel.yield %decay, %input : f32, f32
  } readout {
  ^bb0(%state: f32, %decay: f32, %input: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %decay: f32, %input: f32, %e: f32, %f: f32):
    kernel.yield %sum : f32
  }

  %g = kernel.map ins(%gate : !x) maps [#each, #each] -> !x body {
  ^bb0(%e: f32):
    // gelu by tanh, with sqrt(2 / pi)
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.797884583 : f32
    %cubic = arith.constant 0.044715 : f32
    %0 = arith.mulf %e, %e : f32
    %1 = arith.mulf %0, %e : f32
    %2 = arith.mulf %1, %cubic : f32
    %3 = arith.addf %e, %2 : f32
    %4 = arith.mulf %3, %root : f32
    %5 = math.tanh %4 : f32
    %6 = arith.addf %5, %one : f32
    %7 = arith.mulf %e, %half : f32
    %8 = arith.mulf %7, %6 : f32
    kernel.yield %8 : f32
  }
  %out = arith.mulf %h, %g : !x
  return %out, %last : !x, !state
}
