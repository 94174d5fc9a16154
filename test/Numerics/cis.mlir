// Cosine and sine of turns: quarters, both sides of the borders between them,
// huge, tiny and special numbers, against float64.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input x=@%S/Inputs/cis.safetensors:x \
// RUN:   --expected-output cos=@%S/Inputs/cis.safetensors:cos \
// RUN:   --expected-output sin=@%S/Inputs/cis.safetensors:sin --rtol 1e-7

func.func @cis(%x: tensor<?xf32> {ssm.name = "x"})
    -> (tensor<?xf32> {ssm.name = "cos"}, tensor<?xf32> {ssm.name = "sin"}) {
  %cos, %sin = kernel.map ins(%x : tensor<?xf32>)
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
            affine_map<(i) -> (i)>] -> tensor<?xf32>, tensor<?xf32> body {
  ^bb0(%turns: f32):
    %c, %s = ssm.cis %turns : f32
    kernel.yield %c, %s : f32, f32
  }
  return %cos, %sin : tensor<?xf32>, tensor<?xf32>
}
