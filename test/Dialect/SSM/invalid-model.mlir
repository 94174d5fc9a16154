// What the verifiers of the model's ops and attributes refuse, in the order of
// the constraints.

// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

// A1
// expected-error@+1 {{expects the attributes of the ssm dialect on ops to be 'ssm.model' of a module, a dictionary, got 'ssm.model' = 3 : i64}}
module attributes {ssm.model = 3} {
}

// -----

// A1
// expected-error@+1 {{expects the attributes of the ssm dialect on ops to be 'ssm.model' of a module, a dictionary, got 'ssm.model' = {}}}
func.func private @model_of_function() attributes {ssm.model = {}}

// -----

// A1
// expected-error@+1 {{expects the attributes of the ssm dialect on ops to be 'ssm.model' of a module, a dictionary, got 'ssm.modle' = {}}}
module attributes {ssm.modle = {}} {
}

// -----

// A2
// expected-error@+1 {{expects 'ssm.name' of argument 1 to be a string that is not empty, got ""}}
func.func private @empty_name(tensor<?xi32>, tensor<?xi32> {ssm.name = ""})

// -----

// A2
// expected-error@+1 {{expects 'ssm.name' of result 0 to be a string that is not empty, got 1 : i64}}
func.func private @number_as_name() -> (tensor<?xi32> {ssm.name = 1})

// -----

// A3
// expected-error@+1 {{expects 'ssm.dims' of argument 0 to name the dynamic dimensions of 'tensor<?x1xi32>', got ["batch", "seqlen"]}}
func.func private @too_many_dims(tensor<?x1xi32> {ssm.dims = ["batch", "seqlen"]})

// -----

// A3
// expected-error@+1 {{expects 'ssm.dims' of argument 0 to name the dynamic dimensions of 'index', got []}}
func.func private @dims_of_scalar(index {ssm.dims = []})

// -----

// A3
// expected-error@+1 {{expects 'ssm.dims' of result 0 to name the dynamic dimensions of 'tensor<?xi32>', got [1]}}
func.func private @numbers_as_dims() -> (tensor<?xi32> {ssm.dims = [1]})

// -----

// A2, A3
// expected-error@+1 {{expects 'ssm.name' or 'ssm.dims' as the attributes of argument 0, got 'ssm.nam'}}
func.func private @unknown_attribute(tensor<?xi32> {ssm.nam = "ids"})

// -----

//===----------------------------------------------------------------------===//
// parameter, state and their users
//===----------------------------------------------------------------------===//

// C1
// expected-error@+1 {{'ssm.parameter' op expects a static shape, got 'tensor<?x8xf32>'}}
ssm.parameter @w : tensor<?x8xf32>

// -----

// C1
// expected-error@+1 {{'ssm.parameter' op attribute 'type' failed to satisfy constraint}}
ssm.parameter @w : tensor<8xi64>

// -----

// C1
// expected-error@+1 {{'ssm.state' op expects a dynamic first dimension (batch) and no other dynamic one, got 'tensor<2x8xf32>'}}
ssm.state @h : tensor<2x8xf32>

// -----

// C1
// expected-error@+1 {{expects a dynamic first dimension (batch) and no other dynamic one, got 'tensor<?x?xf32>'}}
ssm.state @h : tensor<?x?xf32>

// -----

// C1
// expected-error@+1 {{expects a dynamic first dimension (batch) and no other dynamic one, got 'tensor<f32>'}}
ssm.state @h : tensor<f32>

// -----

// C1
func.func @no_parameter() {
  // expected-error@+1 {{'ssm.get_parameter' op expects the name of an 'ssm.parameter', got @w}}
  %w = ssm.get_parameter @w : tensor<8xf32>
  return
}

// -----

// C1
ssm.state @w : tensor<?x8xf32>
func.func @not_a_parameter() {
  // expected-error@+1 {{expects the name of an 'ssm.parameter', got @w}}
  %w = ssm.get_parameter @w : tensor<?x8xf32>
  return
}

// -----

// C1
// expected-note@+1 {{declared here}}
ssm.parameter @w : tensor<8xbf16>
func.func @parameter_type() {
  // expected-error@+1 {{expects the type of @w, 'tensor<8xbf16>', got 'tensor<8xf32>'}}
  %w = ssm.get_parameter @w : tensor<8xf32>
  return
}

// -----

// C1
// expected-note@+1 {{declared here}}
ssm.state @h : tensor<?x8xf32>
func.func @get_state_type() {
  // expected-error@+1 {{'ssm.get_state' op expects the type of @h, 'tensor<?x8xf32>', got 'tensor<?x9xf32>'}}
  %h = ssm.get_state @h : tensor<?x9xf32>
  return
}

// -----

// C2
ssm.state @h : tensor<?x8xf32>
func.func @get_after_set(%next: tensor<?x8xf32>) {
  // expected-note@+1 {{set here}}
  ssm.set_state @h, %next : tensor<?x8xf32>
  // expected-error@+1 {{'ssm.get_state' op expects to come before the op that sets @h}}
  %h = ssm.get_state @h : tensor<?x8xf32>
  return
}

// -----

// C2
ssm.state @h : tensor<?x8xf32>
func.func @get_in_branch_after_set(%next: tensor<?x8xf32>, %c: i1) {
  // expected-note@+1 {{set here}}
  ssm.set_state @h, %next : tensor<?x8xf32>
  scf.if %c {
    // expected-error@+1 {{expects to come before the op that sets @h}}
    %h = ssm.get_state @h : tensor<?x8xf32>
  }
  return
}

// -----

// C1
// expected-note@+1 {{declared here}}
ssm.state @h : tensor<?x8xf32>
func.func @set_state_type(%next: tensor<?x8xbf16>) {
  // expected-error@+1 {{'ssm.set_state' op expects the type of @h, 'tensor<?x8xf32>', got 'tensor<?x8xbf16>'}}
  ssm.set_state @h, %next : tensor<?x8xbf16>
  return
}

// -----

// C2
ssm.state @h : tensor<?x8xf32>
func.func @set_twice(%next: tensor<?x8xf32>) {
  // expected-note@+1 {{set before here}}
  ssm.set_state @h, %next : tensor<?x8xf32>
  // expected-error@+1 {{'ssm.set_state' op expects to be the only one that sets @h}}
  ssm.set_state @h, %next : tensor<?x8xf32>
  return
}

// -----

// C3
ssm.state @h : tensor<?x8xf32>
func.func @set_in_branch(%next: tensor<?x8xf32>, %c: i1) {
  scf.if %c {
    // expected-error@+1 {{expects a function around it, got 'scf.if'}}
    ssm.set_state @h, %next : tensor<?x8xf32>
  }
  return
}

// -----

//===----------------------------------------------------------------------===//
// embedding
//===----------------------------------------------------------------------===//

// C1
func.func @table(%ids: tensor<?x?xi32>, %table: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.embedding' op expects table of shape (vocab, d_model), got 'tensor<8xf32>'}}
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8xf32>
  return
}

// -----

// C1
func.func @dynamic_table(%ids: tensor<?x?xi32>, %table: tensor<?x8xf32>) {
  // expected-error@+1 {{expects table with a static vocab, got 'tensor<?x8xf32>'}}
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<?x8xf32> -> tensor<?x?x8xf32>
  return
}

// -----

// C2
func.func @rows(%ids: tensor<?x?xi32>, %table: tensor<4x8xf32>) {
  // expected-error@+1 {{expects y of the shape of ids, 'tensor<?x?xi32>', with d_model = 8 appended, got 'tensor<?x8xf32>'}}
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<4x8xf32> -> tensor<?x8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// linear
//===----------------------------------------------------------------------===//

// C1
func.func @weight(%x: tensor<?x4xf32>, %weight: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.linear' op expects weight of shape (out, in), got 'tensor<8xf32>'}}
  %y = ssm.linear %x, %weight : tensor<?x4xf32>, tensor<8xf32> -> tensor<?x8xf32>
  return
}

// -----

// C1
func.func @dynamic_weight(%x: tensor<?x4xf32>, %weight: tensor<8x?xf32>) {
  // expected-error@+1 {{expects weight with a static in, got 'tensor<8x?xf32>'}}
  %y = ssm.linear %x, %weight : tensor<?x4xf32>, tensor<8x?xf32> -> tensor<?x8xf32>
  return
}

// -----

// C2
func.func @transposed(%x: tensor<?x4xf32>, %weight: tensor<4x8xf32>) {
  // expected-error@+1 {{expects x of shape (..., in = 8), got 'tensor<?x4xf32>'}}
  %y = ssm.linear %x, %weight : tensor<?x4xf32>, tensor<4x8xf32> -> tensor<?x8xf32>
  return
}

// -----

// C2
func.func @vector(%x: tensor<4xf32>, %weight: tensor<8x4xf32>) {
  // expected-error@+1 {{expects x of shape (..., in = 4), got 'tensor<4xf32>'}}
  %y = ssm.linear %x, %weight : tensor<4xf32>, tensor<8x4xf32> -> tensor<8xf32>
  return
}

// -----

// C2
func.func @linear_y(%x: tensor<?x4xf32>, %weight: tensor<8x4xf32>) {
  // expected-error@+1 {{expects y of x's shape, 'tensor<?x4xf32>', with out = 8 last, got 'tensor<?x4xf32>'}}
  %y = ssm.linear %x, %weight : tensor<?x4xf32>, tensor<8x4xf32> -> tensor<?x4xf32>
  return
}

// -----

// C3
func.func @bias(%x: tensor<?x4xf32>, %weight: tensor<8x4xf32>, %bias: tensor<4xf32>) {
  // expected-error@+1 {{expects bias of shape (out = 8), got 'tensor<4xf32>'}}
  %y = ssm.linear %x, %weight bias(%bias : tensor<4xf32>)
      : tensor<?x4xf32>, tensor<8x4xf32> -> tensor<?x8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// split
//===----------------------------------------------------------------------===//

// C1
func.func @scalar(%x: tensor<f32>) {
  // expected-error@+1 {{'ssm.split' op expects x of rank 1 or more, got 'tensor<f32>'}}
  %a = ssm.split %x : tensor<f32> -> tensor<f32>
  return
}

// -----

// C1
func.func @dynamic_piece(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects pieces with a static last dimension, got 'tensor<?x?xf32>'}}
  %a, %b = ssm.split %x : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x?xf32>
  return
}

// -----

// C1
func.func @sum(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects the pieces' last dimensions to add up to x's, 'tensor<?x8xf32>', got a sum of 7}}
  %a, %b = ssm.split %x : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x3xf32>
  return
}

// -----

// C1: a sum that 64 bits do not hold
func.func @overflow(%x: tensor<?x0xf32>) {
  // expected-error@+1 {{expects the pieces' last dimensions to add up to x's}}
  %a, %b, %c = ssm.split %x : tensor<?x0xf32> -> tensor<?x9223372036854775807xf32>,
      tensor<?x9223372036854775807xf32>, tensor<?x2xf32>
  return
}

// -----

// C1
func.func @dynamic_x(%x: tensor<?x?xf32>) {
  // expected-error@+1 {{expects the pieces' last dimensions to add up to x's, 'tensor<?x?xf32>', got a sum of 8}}
  %a, %b = ssm.split %x : tensor<?x?xf32> -> tensor<?x4xf32>, tensor<?x4xf32>
  return
}

// -----

// C2
func.func @piece_type(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects pieces that differ from x, 'tensor<?x8xf32>', in the last dimension only, got 'tensor<?x4xbf16>'}}
  %a, %b = ssm.split %x : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x4xbf16>
  return
}

// -----

// C2
func.func @piece_shape(%x: tensor<2x8xf32>) {
  // expected-error@+1 {{expects pieces that differ from x, 'tensor<2x8xf32>', in the last dimension only, got 'tensor<1x4xf32>'}}
  %a, %b = ssm.split %x : tensor<2x8xf32> -> tensor<1x4xf32>, tensor<1x4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// last_tokens
//===----------------------------------------------------------------------===//

// C1
func.func @rank(%x: tensor<?x8xf32>, %n: index) {
  // expected-error@+1 {{'ssm.last_tokens' op expects x of shape (batch, seqlen, d_model) with a static d_model, got 'tensor<?x8xf32>'}}
  %y = ssm.last_tokens %x, %n : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}

// -----

// C1
func.func @dynamic_d_model(%x: tensor<?x?x?xf32>, %n: index) {
  // expected-error@+1 {{expects x of shape (batch, seqlen, d_model) with a static d_model, got 'tensor<?x?x?xf32>'}}
  %y = ssm.last_tokens %x, %n : tensor<?x?x?xf32> -> tensor<?x?x?xf32>
  return
}

// -----

// C2
func.func @static_count(%x: tensor<?x?x8xf32>, %n: index) {
  // expected-error@+1 {{expects y to differ from x, 'tensor<?x?x8xf32>', in a dynamic second dimension only, got 'tensor<?x1x8xf32>'}}
  %y = ssm.last_tokens %x, %n : tensor<?x?x8xf32> -> tensor<?x1x8xf32>
  return
}

// -----

// C2
func.func @other_d_model(%x: tensor<?x?x8xf32>, %n: index) {
  // expected-error@+1 {{expects y to differ from x, 'tensor<?x?x8xf32>', in a dynamic second dimension only, got 'tensor<?x?x4xf32>'}}
  %y = ssm.last_tokens %x, %n : tensor<?x?x8xf32> -> tensor<?x?x4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// slice
//===----------------------------------------------------------------------===//

// C1
func.func @slice_no_dim(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects dim to be a dimension that is static in 'tensor<?x8xf32>' and 'tensor<?x4xf32>', got 2 : i64}}
  %y = ssm.slice %x dim 2 offset 0 step 1 : tensor<?x8xf32> -> tensor<?x4xf32>
  return
}

// -----

// C1
func.func @slice_dynamic(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects dim to be a dimension that is static}}
  %y = ssm.slice %x dim 0 offset 0 step 1 : tensor<?x8xf32> -> tensor<4x8xf32>
  return
}

// -----

// C2
func.func @slice_beyond(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects 4 elements from offset 2, 2 apart, to lie in dimension 1 of 'tensor<?x8xf32>'}}
  %y = ssm.slice %x dim 1 offset 2 step 2 : tensor<?x8xf32> -> tensor<?x4xf32>
  return
}

// -----

// C2
func.func @slice_negative(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects 4 elements from offset -1, 1 apart}}
  %y = ssm.slice %x dim 1 offset -1 step 1 : tensor<?x8xf32> -> tensor<?x4xf32>
  return
}

// -----

// C2
func.func @slice_backwards(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects 4 elements from offset 7, -1 apart}}
  %y = ssm.slice %x dim 1 offset 7 step -1 : tensor<?x8xf32> -> tensor<?x4xf32>
  return
}

// -----

// C3
func.func @slice_type(%x: tensor<?x8xf32>) {
  // expected-error@+1 {{expects y of x's element type and rank, 'tensor<?x8xf32>', got 'tensor<?x4xbf16>'}}
  %y = ssm.slice %x dim 1 offset 0 step 1 : tensor<?x8xf32> -> tensor<?x4xbf16>
  return
}

// -----

// C3
func.func @slice_others(%x: tensor<6x8xf32>) {
  // expected-error@+1 {{expects y to differ from x, 'tensor<6x8xf32>', in dimension 1 only, got 'tensor<5x4xf32>'}}
  %y = ssm.slice %x dim 1 offset 0 step 1 : tensor<6x8xf32> -> tensor<5x4xf32>
  return
}
