// All of a selective scan in one kernel, which reads each input once:
// discretization, softplus and bias of delta, D skip, gate.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    transform.kernel.fuse_producers %module into transition : !transform.any_op
    transform.kernel.fuse_consumers %module : !transform.any_op
    transform.kernel.fuse_producers %module into step : !transform.any_op
    transform.kernel.fuse_maps %module : !transform.any_op
    transform.yield
  }
}
