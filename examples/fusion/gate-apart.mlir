// Everything but the D skip and the gate in the scan, which gives its sums in
// f32: what would be left to do if the gate were fused into the product that
// follows.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    transform.kernel.fuse_producers %module into step : !transform.any_op
    transform.kernel.fuse_maps %module : !transform.any_op
    transform.yield
  }
}
