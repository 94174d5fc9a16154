// A norm, a product and a scan with its gate: kernels of several kinds, a
// derived tensor, and one kernel that two launches share.

ssm.parameter @A_log : tensor<32x4xf32>
ssm.parameter @w : tensor<32x32xf32>
func.func @f(%x: tensor<?x?x32xf32> {ssm.name = "x", ssm.dims = ["batch", "seqlen"]},
             %B: tensor<?x?x4xf32> {ssm.name = "B"},
             %norm: tensor<32xf32> {ssm.name = "norm"})
    -> (tensor<?x?x32xf32> {ssm.name = "y"}) {
  %w = ssm.get_parameter @w : tensor<32x32xf32>
  %A_log = ssm.get_parameter @A_log : tensor<32x4xf32>
  %exp = math.exp %A_log : tensor<32x4xf32>
  %A = arith.negf %exp : tensor<32x4xf32>
  %n = ssm.rms_norm %x, %norm eps 1.0e-5
      : tensor<?x?x32xf32>, tensor<32xf32> -> tensor<?x?x32xf32>
  %u = ssm.linear %n, %w : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  %z = ssm.linear %x, %w : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  %y = ssm.selective_scan %u, %u, %A, %B, %B z(%z : tensor<?x?x32xf32>) delta_softplus
      : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<32x4xf32>,
        tensor<?x?x4xf32>, tensor<?x?x4xf32> -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
