// As `scan`, and the convolution before it in its step, where the scan alone
// reads what the convolution makes. In a Mamba block x_proj reads it too.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    transform.kernel.fuse_consumers %module : !transform.any_op
    transform.kernel.fuse_windows %module : !transform.any_op
    transform.kernel.fuse_producers %module into step : !transform.any_op
    transform.kernel.fuse_maps %module : !transform.any_op
    transform.yield
  }
}
