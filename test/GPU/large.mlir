// A scan of more than 2^31 elements, which check_large.py runs: with 65600
// channels, element 2^31 is that of step 32736 and channel 2048. Indices are of
// 64 bits from the start.
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_90 --dump-to=%t -o %t.mlir
// RUN: FileCheck %s --input-file=%t/sm_90.ptx
// CHECK: .visible .entry scan_0(
// CHECK-NOT: .param .u32
// CHECK: ld.global

!activation = tensor<?x?x65600xf16>
!matrix = tensor<?x?x3xf16>

func.func @scan(
    %u: !activation {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: !activation {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<65600x3xf32> {ssm.name = "A"},
    %B: !matrix {ssm.name = "B", ssm.dims = ["batch", "seqlen"]},
    %C: !matrix {ssm.name = "C", ssm.dims = ["batch", "seqlen"]})
    -> (!activation {ssm.name = "out"}, tensor<?x65600x3xf32> {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C
      : !activation, !activation, tensor<65600x3xf32>, !matrix, !matrix
      -> !activation, tensor<?x65600x3xf32>
  return %out, %last_state : !activation, tensor<?x65600x3xf32>
}
