// A product, a derived tensor and a state: each kind of buffer.

ssm.parameter @A_log : tensor<6x4xf32>
ssm.parameter @w : tensor<6x6xbf16>
ssm.state @h : tensor<?x6x4xf32>
func.func @step(%x: tensor<?x1x6xf32> {ssm.name = "x", ssm.dims = ["batch"]},
                %B: tensor<?x1x4xf32> {ssm.name = "B", ssm.dims = ["batch"]})
    -> (tensor<?x1x6xf32> {ssm.name = "y"}) {
  %w = ssm.get_parameter @w : tensor<6x6xbf16>
  %u = ssm.linear %x, %w
      : tensor<?x1x6xf32>, tensor<6x6xbf16> -> tensor<?x1x6xf32>
  %A_log = ssm.get_parameter @A_log : tensor<6x4xf32>
  %exp = math.exp %A_log : tensor<6x4xf32>
  %A = arith.negf %exp : tensor<6x4xf32>
  %h = ssm.get_state @h : tensor<?x6x4xf32>
  %y, %next = ssm.selective_scan %u, %u, %A, %B, %B delta_softplus
      initial_state(%h : tensor<?x6x4xf32>)
      : tensor<?x1x6xf32>, tensor<?x1x6xf32>, tensor<6x4xf32>,
        tensor<?x1x4xf32>, tensor<?x1x4xf32>
      -> tensor<?x1x6xf32>, tensor<?x6x4xf32>
  ssm.set_state @h, %next : tensor<?x6x4xf32>
  return %y : tensor<?x1x6xf32>
}
