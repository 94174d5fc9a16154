// Of two scans, the first is fused and keeps its schedule for the compiler to
// choose; the second stays as it is and gets one.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @is_scan(%op: !transform.any_op {transform.readonly})
      -> !transform.any_op {
    transform.match.operation_name %op ["kernel.scan"] : !transform.any_op
    transform.yield %op : !transform.any_op
  }
  transform.named_sequence @__transform_main(
      %module: !transform.any_op {transform.readonly}) {
    %scans = transform.collect_matching @is_scan in %module
        : (!transform.any_op) -> !transform.any_op
    %first, %second = transform.split_handle %scans
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.kernel.fuse_producers %first into transition : !transform.any_op
    transform.kernel.fuse_consumers %first : !transform.any_op
    transform.kernel.set_schedule %second to <sequential, {lanes = 2, steps = 8}>
        : !transform.any_op
    transform.yield
  }
}
