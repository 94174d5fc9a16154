// Rings with several channels a thread keep the addresses of their tensors
// whole. Elsewhere strength reduction keeps a thread's channels apart, and each
// tile adds them to each tensor's address.

// RUN: rm -rf %t && mkdir %t
// DEFINE: %{ring} = family=chained,ahead=0,lanes=1,steps=4,threads=64,warps=2
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_90 --schedule scan:%{ring},width=4 --dump-to=%t/four -o %t/four.mlir
// RUN: FileCheck %s --input-file=%t/four/sm_90.ptx --check-prefix=FOUR
// RUN: ssmc compile %s --compile-to=ptx --no-bitcode --target=sm_90 --schedule scan:%{ring},width=1 --dump-to=%t/one -o %t/one.mlir
// RUN: FileCheck %s --input-file=%t/one/sm_90.ptx --check-prefix=ONE

// The next tile's loads, after the index of its first step.
// FOUR: add.s64 %[[TILE:rd[0-9]+]], %[[TILE]], 8;
// FOUR-NOT: add.s64
// FOUR: ld.global{{.*}}.v2.b32
// FOUR-NOT: add.s64
// FOUR: bra.uni

// ONE: add.s64 %[[TILE:rd[0-9]+]], %[[TILE]], 8;
// ONE: add.s64
// ONE: ld.global.nc.b16
// ONE: bra.uni
func.func @scan(
    %u: tensor<?x?x128xbf16>, %delta: tensor<?x?x128xbf16>,
    %A: tensor<128x4xf32>, %B: tensor<?x?x4xbf16>, %C: tensor<?x?x4xbf16>)
    -> tensor<?x?x128xbf16> {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C
      : tensor<?x?x128xbf16>, tensor<?x?x128xbf16>, tensor<128x4xf32>,
        tensor<?x?x4xbf16>, tensor<?x?x4xbf16> -> tensor<?x?x128xbf16>
  return %out : tensor<?x?x128xbf16>
}
