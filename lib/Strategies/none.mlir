// Every step a kernel of its own, with what lies between in memory: exp(dt * A)
// for each batch, step, channel and state, for example. What the others are
// measured against.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.yield
  }
}
