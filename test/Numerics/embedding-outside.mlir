// Ids at both ends of the table and just outside it: NaN, and no access outside.
// RUN: ssmc run %s --device=cpu --check \
// RUN:   --input ids=@%S/Inputs/embedding_outside.safetensors:ids \
// RUN:   --input table=@%S/Inputs/embedding_outside.safetensors:table \
// RUN:   --expected-output y=@%S/Inputs/embedding_outside.safetensors:y

func.func @embedding(%ids: tensor<?x?xi32> {ssm.name = "ids"},
                     %table: tensor<4x2xf32> {ssm.name = "table"})
    -> (tensor<?x?x2xf32> {ssm.name = "y"}) {
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<4x2xf32> -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}
