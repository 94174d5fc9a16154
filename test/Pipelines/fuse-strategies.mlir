// One model under each named strategy: which kernels there are.

// RUN: ssmc compile %s --fuse=none --compile-to=fused | FileCheck %s --check-prefix=NONE
// RUN: ssmc compile %s --fuse=discretize --compile-to=fused | FileCheck %s --check-prefix=DISCRETIZE
// RUN: ssmc compile %s --fuse=scan --compile-to=fused | FileCheck %s --check-prefix=SCAN
// RUN: ssmc compile %s --fuse=conv-scan --compile-to=fused | FileCheck %s --check-prefix=CONV
// RUN: ssmc compile %s --compile-to=fused -o %t.default
// RUN: ssmc compile %s --fuse=scan --compile-to=fused | cmp - %t.default

// Each is a file that can be asked for, edited and given back.
// RUN: ssmc compile --print-strategy=conv-scan > %t.mlir
// RUN: diff %t.mlir %source_dir/lib/Strategies/conv-scan.mlir
// RUN: ssmc compile %s --fuse=@%t.mlir --compile-to=fused | FileCheck %s --check-prefix=CONV
// RUN: ssmc compile %s --fuse=@%source_dir/lib/Strategies/none.mlir --compile-to=fused | FileCheck %s --check-prefix=NONE
// RUN: ssmc compile %s --fuse=@%source_dir/lib/Strategies/discretize.mlir --compile-to=fused | FileCheck %s --check-prefix=DISCRETIZE
// RUN: ssmc compile %s --fuse=@%source_dir/lib/Strategies/scan.mlir --compile-to=fused | cmp - %t.default

// What it leaves apart without having tried, it says too.
// RUN: ssmc compile %s --fuse=none --compile-to=fused --remarks=kernel-fuse 2>&1 >/dev/null | FileCheck %s --check-prefix=NONE-APART
// NONE-APART-DAG: kept kernel.map 'dt' apart from kernel.map 'decay': the strategy has no transform.kernel.fuse_maps for it
// NONE-APART-DAG: kept kernel.map 'decay' apart from kernel.scan: the strategy has no transform.kernel.fuse_producers for it
// NONE-APART-DAG: kept kernel.map 'D skip' apart from kernel.scan: the strategy has no transform.kernel.fuse_consumers for it
// RUN: ssmc compile %s --fuse=discretize --compile-to=fused --remarks=kernel-fuse 2>&1 >/dev/null | FileCheck %s --check-prefix=DISCRETIZE-APART --implicit-check-not="apart from kernel.map"
// DISCRETIZE-APART-DAG: kept kernel.map 'dt' apart from kernel.scan: the strategy has no transform.kernel.fuse_producers for it
// DISCRETIZE-APART-DAG: kept kernel.map{{.*}} apart from kernel.scan: the strategy has no transform.kernel.fuse_consumers for it
// RUN: ssmc compile %s --fuse=scan --compile-to=fused --remarks=kernel-fuse 2>&1 >/dev/null | FileCheck %s --check-prefix=SCAN-APART
// SCAN-APART: kept kernel.window apart from kernel.scan: the strategy has no transform.kernel.fuse_windows for it
// SCAN-APART-NOT: apart

// NONE-LABEL: func.func @model
// NONE-NEXT: kernel.window
// NONE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// NONE: ssm.softplus
// NONE: kernel.map {{.*}} -> tensor<?x?x6x4xf32> body
// NONE: math.exp2
// NONE: kernel.map {{.*}} -> tensor<?x?x6x4xf32> body
// NONE: kernel.scan {{.*}} decay linear
// NONE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// NONE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// NONE: ssm.silu
// NONE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// NONE: math.exp
// NONE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// NONE: math.absf
// NONE: return

// DISCRETIZE-LABEL: func.func @model
// DISCRETIZE-NEXT: kernel.window
// DISCRETIZE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// DISCRETIZE: ssm.softplus
// DISCRETIZE-NOT: kernel.map
// DISCRETIZE: kernel.scan {{.*}} decay exp2
// DISCRETIZE: kernel.map {{.*}} -> tensor<?x?x6xf32> body
// DISCRETIZE: ssm.silu
// DISCRETIZE: math.exp
// DISCRETIZE: math.absf
// DISCRETIZE-NOT: kernel.map
// DISCRETIZE: return

// SCAN-LABEL: func.func @model
// SCAN-NEXT: kernel.window
// SCAN-NOT: kernel.map
// SCAN: kernel.scan {{.*}} decay exp2
// SCAN: step {
// SCAN: ssm.softplus
// SCAN: epilogue {
// SCAN: ssm.silu
// SCAN: math.exp
// SCAN: math.absf
// SCAN-NOT: kernel.map
// SCAN: return

// CONV-LABEL: func.func @model
// CONV-NEXT: kernel.scan {{.*}} shifts [{{.*}}3, 0, 2, 0, 1, 0, 0{{.*}}] decay exp2
// CONV: epilogue {
// CONV: math.absf
// CONV-NOT: = kernel.
// CONV: return

!x = tensor<?x?x6xf32>

func.func @model(%x: !x, %w: tensor<6x4xf32>, %delta: !x, %A: tensor<6x4xf32>,
                 %B: tensor<?x?x4xf32>, %D: tensor<6xf32>, %z: !x) -> !x {
  %u = ssm.causal_conv1d %x, %w activation silu : !x, tensor<6x4xf32> -> !x
  %y = ssm.selective_scan %u, %delta, %A, %B, %B
      D(%D : tensor<6xf32>) z(%z : !x) delta_softplus
      : !x, !x, tensor<6x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32> -> !x
  %e = math.exp %y : !x
  %out = math.absf %e : !x
  return %out : !x
}
