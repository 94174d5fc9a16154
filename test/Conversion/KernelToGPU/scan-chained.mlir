// Warps of a ring pass states on; lanes share a channel's states and steps.

// RUN: ssmc-opt %s --split-input-file --convert-kernel-to-gpu | FileCheck %s

// 16 channels of 2 lanes a warp, whose time two warps share: 16 channels a
// block.
// CHECK-DAG: #[[GRID:.*]] = affine_map<()[s0, s1] -> (s0 * 6, 1, 1)>
// CHECK: kernel.launch @kernels::@scan_0 grid #[[GRID]]

// Shared memory of each warp: 16 words of B, 64 for a step value of 16 channels
// and 4 steps, 64 for two states of each lane that are passed on.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: workgroup(%[[MEMORY:.*]] : memref<288xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// The last warp has the states before the first tile.
// CHECK: scf.if
// CHECK: vector.store %{{.*}}, %[[MEMORY]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.barrier.cta.arrive.aligned.count"
// Whole tiles: what the next one needs is fetched early, in a branch.
// CHECK: scf.for
// CHECK: vector.store %{{.*}}, %[[MEMORY]]
// CHECK: scf.if
// CHECK: vector.load %{{.*}} : memref<?x?x4xf32
// CHECK: nvvm.bar.warp.sync
// Four steps and two states; each state's decay of the tile is one more.
// CHECK-COUNT-10: math.exp2
// What was done ahead is known before the barrier's number is.
// CHECK: gpu.shuffle xor
// CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %{{.*}}
// CHECK: vector.load %[[MEMORY]]
// CHECK-COUNT-2: math.fma
// CHECK: vector.store %{{.*}}, %[[MEMORY]]
// CHECK: llvm.call_intrinsic "llvm.nvvm.barrier.cta.arrive.aligned.count"
// The readout goes over the steps again.
// CHECK-COUNT-8: math.fma
// Of four steps' sums, two lanes give each other those of two.
// CHECK-COUNT-2: gpu.shuffle xor
// CHECK: memref.store
// CHECK: nvvm.bar.warp.sync
// The rest: steps that do not exist have decay 2^0 and input 0.
// CHECK: scf.if
// CHECK: arith.select
// Whose turn it would be takes the states after the last tile.
// CHECK: scf.if
// CHECK: nvvm.barrier id
func.func @ring(%u: tensor<?x?x96xf32>, %A: tensor<96x4xf32>, %B: tensor<?x?x4xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.scan
      ins(%u, %A, %B : tensor<?x?x96xf32>, tensor<96x4xf32>, tensor<?x?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {lanes = 2, steps = 4, threads = 64, warps = 2}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32):
    %r = arith.mulf %state, %b : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x96xf32>
}

// -----

// A warp alone keeps its states, and with a lane a channel nothing is shared
// but B: no barrier of the block, none of two warps, and no sum over lanes.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: workgroup(%{{.*}} : memref<16xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-NOT: nvvm.barrier id
// CHECK-NOT: gpu.barrier
// CHECK: scf.for
// CHECK: nvvm.bar.warp.sync
// CHECK-COUNT-16: math.exp2
// CHECK: memref.store
// CHECK: scf.yield
func.func @alone(%u: tensor<?x?x64xf32>, %A: tensor<64x4xf32>, %B: tensor<?x?x4xf32>)
    -> tensor<?x?x64xf32> {
  %y = kernel.scan
      ins(%u, %A, %B : tensor<?x?x64xf32>, tensor<64x4xf32>, tensor<?x?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {steps = 4, threads = 32}>
      -> tensor<?x?x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32):
    kernel.yield %a, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x64xf32>
}

// -----

// Where no input depends on time there is nothing to fetch or to carry.
// CHECK-LABEL: gpu.func @scan_0
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK: nvvm.barrier id
// CHECK: memref.store
func.func @nothing_to_fetch(%u: tensor<64xf32>, %A: tensor<64x4xf32>)
    -> tensor<2x9x64xf32> {
  %y = kernel.scan
      ins(%u, %A : tensor<64xf32>, tensor<64x4xf32>)
      maps [affine_map<(b, t, d, n) -> (d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {steps = 4, threads = 64, warps = 2}>
      -> tensor<2x9x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<2x9x64xf32>
}

// -----

// With two stages a tile's step value and gate are known when it begins: they
// are computed before the loop, and in it for the next tile, between this one's
// decays and the ring's barrier. The next tile's rows and the inputs of the tile
// after it are fetched at the start, where both have all their steps. Once this
// tile's step values have been read, the next one's take their place.
// CHECK-LABEL: gpu.func @scan_0
// CHECK-SAME: workgroup(%[[MEMORY:[a-z0-9]*]] : memref
// CHECK: scf.if
// CHECK: math.sqrt
// CHECK: ssm.silu
// CHECK: vector.store %{{.*}}, %[[MEMORY]]
// CHECK: scf.for
// CHECK-SAME: iter_args
// CHECK-NOT: math.sqrt
// CHECK: scf.if
// CHECK: vector.load %{{.*}} : memref<?x?x4xf32
// CHECK: memref.load
// CHECK: else
// CHECK: scf.if
// CHECK: vector.load %{{.*}} : memref<?x?x4xf32
// CHECK-NOT: memref.load
// CHECK: nvvm.bar.warp.sync
// CHECK-COUNT-8: math.exp2
// CHECK: math.sqrt
// CHECK: %[[OPEN:.*]] = ssm.silu
// CHECK: nvvm.barrier id
// CHECK: llvm.call_intrinsic "llvm.nvvm.barrier.cta.arrive.aligned.count"
// CHECK: vector.store %{{.*}}, %[[MEMORY]]
// CHECK-NOT: ssm.silu
// CHECK: memref.store
// CHECK: nvvm.bar.warp.sync
// CHECK: scf.yield {{.*}}%[[OPEN]]
func.func @early(%u: tensor<?x?x96xf32>, %A: tensor<96x4xf32>, %B: tensor<?x?x4xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.scan
      ins(%u, %A, %B : tensor<?x?x96xf32>, tensor<96x4xf32>, tensor<?x?x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {ahead = 0, lanes = 2, stages = 2, steps = 4, threads = 64, warps = 2}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32):
    %s = math.sqrt %x : f32
    kernel.yield %s : f32
  } transition {
  ^bb0(%s: f32, %a: f32, %b: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %b : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32, %b: f32):
    %r = arith.mulf %state, %b : f32
    kernel.yield %r : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    %open = ssm.silu %x : f32
    %out = arith.mulf %sum, %open : f32
    kernel.yield %out : f32
  }
  return %y : tensor<?x?x96xf32>
}

// -----

// Also where there is nothing to fetch.
// CHECK-LABEL: gpu.func @scan_0
// CHECK: scf.for
// CHECK: nvvm.barrier id
// CHECK: memref.store
func.func @early_without_inputs(%u: tensor<64xf32>, %A: tensor<64x4xf32>)
    -> tensor<2x9x64xf32> {
  %y = kernel.scan
      ins(%u, %A : tensor<64xf32>, tensor<64x4xf32>)
      maps [affine_map<(b, t, d, n) -> (d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {stages = 2, steps = 4, threads = 64, warps = 2}>
      -> tensor<2x9x64xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    kernel.yield %a, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<2x9x64xf32>
}

// -----

// What of an epilogue takes long and does not wait for the sums is beside the
// step's values, before the next tile's inputs are fetched; the rest is after
// the sums.
// CHECK-LABEL: gpu.func @scan_0
// CHECK: scf.for
// CHECK: %[[OPEN:.*]] = ssm.silu
// CHECK: scf.if
// CHECK: nvvm.bar.warp.sync
// CHECK: math.exp2
// CHECK: gpu.shuffle xor
// CHECK-NOT: ssm.silu
// CHECK: %[[SUM:.*]] = arith.addf
// CHECK-NEXT: %[[SKIP:.*]] = arith.mulf
// CHECK-NEXT: %[[ALL:.*]] = arith.addf %[[SUM]], %[[SKIP]]
// CHECK-NEXT: %[[OUT:.*]] = arith.mulf %[[ALL]], %[[OPEN]]
// CHECK: memref.store %[[OUT]]
func.func @gated(%u: tensor<?x?x96xf32>, %z: tensor<?x?x96xf32>, %A: tensor<96x4xf32>)
    -> tensor<?x?x96xf32> {
  %y = kernel.scan
      ins(%u, %z, %A : tensor<?x?x96xf32>, tensor<?x?x96xf32>, tensor<96x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {lanes = 2, steps = 2, threads = 32}>
      -> tensor<?x?x96xf32> step {
  ^bb0(%x: f32, %gate: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32, %gate: f32):
    %skip = arith.mulf %x, %s : f32
    %all = arith.addf %sum, %skip : f32
    %open = ssm.silu %gate : f32
    %out = arith.mulf %all, %open : f32
    kernel.yield %out : f32
  }
  return %y : tensor<?x?x96xf32>
}

// -----

// Steps that make no tile are taken one after the other, by the warp whose turn
// it is, from a code for one step: with its states and the sums of its own
// steps, of which each lane keeps those of its own.
// CHECK-LABEL: gpu.func @scan_0
// CHECK: scf.for {{.*}} step %c16
// CHECK-COUNT-16: math.exp2
// CHECK: %[[REST:.*]] = arith.remui %{{.*}}, %c8
// CHECK: %[[ANY:.*]] = arith.cmpi slt, %c0{{.*}}, %[[REST]]
// CHECK: %[[TURN:.*]] = arith.cmpi eq
// CHECK: arith.andi %[[ANY]], %[[TURN]]
// CHECK: nvvm.barrier id
// CHECK: %[[STATES:.*]] = vector.load
// CHECK: scf.for %[[ROW:.*]] = %c0{{.*}} to %[[REST]] step %c1{{.*}} -> (f32, f32, f32, f32, f32, f32)
// CHECK-COUNT-2: math.exp2
// CHECK-NOT: math.exp2
// CHECK: %[[SUM:.*]] = arith.addf %{{.*}}, %shuffleResult
// CHECK: %[[MINE:.*]] = arith.cmpi eq, %[[ROW]]
// CHECK: arith.select %[[MINE]], %[[SUM]]
// CHECK: scf.yield
// CHECK: llvm.call_intrinsic "llvm.nvvm.barrier.cta.arrive.aligned.count"
// CHECK: %[[EXISTS:.*]] = arith.cmpi slt, %{{.*}}, %arg3
// CHECK: scf.if
// CHECK: memref.store
// CHECK: gpu.return
func.func @rest(%u: tensor<2x?x32xf32>, %A: tensor<32x4xf32>)
    -> tensor<2x?x32xf32> {
  %y = kernel.scan
      ins(%u, %A : tensor<2x?x32xf32>, tensor<32x4xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {ahead = 0, lanes = 2, steps = 8, threads = 64, warps = 2}>
      -> tensor<2x?x32xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<2x?x32xf32>
}

// -----

// The first block of a sequence has 8 channels, the other four have 4 each,
// with twice the lanes and tiles of twice the steps; all use the same shared
// memory, and registers are left for two blocks.
// CHECK: #[[GRID:.*]] = affine_map<()[{{.*}}] -> (s0 * 5, 1, 1)>
// CHECK: kernel.launch @kernels::@scan_0 grid #[[GRID]]
// CHECK: gpu.func @scan_0
// CHECK-SAME: workgroup(%{{[a-z0-9]*}} : memref<{{[0-9]+}}xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: nvvm.minctasm = 2 : i32
// CHECK: %[[BLOCK:.*]] = arith.remui %block_id_x{{.*}}, %c5
// CHECK: %[[IS_FULL:.*]] = arith.cmpi slt, %[[BLOCK]], %c1{{.*}} : index
// CHECK: scf.if %[[IS_FULL]] {
// CHECK: scf.for {{.*}} step %c4
// CHECK: scf.for {{.*}} step %c1
// CHECK-NOT: scf.for
// CHECK: arith.subi %[[BLOCK]], %c1
// CHECK: scf.for {{.*}} step %c8
// CHECK: scf.for {{.*}} step %c1
// CHECK-NOT: scf.for
// CHECK: gpu.return
func.func @uneven(%u: tensor<?x?x24xf32>, %A: tensor<24x16xf32>)
    -> tensor<?x?x24xf32> {
  %y = kernel.scan
      ins(%u, %A : tensor<?x?x24xf32>, tensor<24x16xf32>)
      maps [affine_map<(b, t, d, n) -> (b, t, d)>,
            affine_map<(b, t, d, n) -> (d, n)>,
            affine_map<(b, t, d, n) -> (b, t, d)>]
      decay exp2 schedule <chained, {full = 1, lanes = 4, resident = 2, steps = 4, threads = 32}>
      -> tensor<?x?x24xf32> step {
  ^bb0(%x: f32):
    kernel.yield %x : f32
  } transition {
  ^bb0(%s: f32, %a: f32):
    %log = arith.mulf %s, %a : f32
    kernel.yield %log, %s : f32, f32
  } readout {
  ^bb0(%state: f32, %s: f32, %a: f32):
    kernel.yield %state : f32
  } epilogue {
  ^bb0(%sum: f32, %s: f32, %x: f32):
    kernel.yield %sum : f32
  }
  return %y : tensor<?x?x24xf32>
}
