// The discretization in the scan: exp(dt * A) and dt * u * B are computed where
// the recurrence uses them, and nothing per state is in memory. dt itself, the D
// skip and the gate are kernels.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    transform.kernel.fuse_maps %module : !transform.any_op
    transform.yield
  }
}
