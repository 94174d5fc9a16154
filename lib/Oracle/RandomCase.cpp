//===- RandomCase.cpp - Configurations by chance --------------------------===//
//
// Not uniform: half of the extents are at edges (of tiles, of warps, of vectors
// of four), where kernels go wrong.
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "ssmc/Oracle/Case.h"
#include <algorithm>

using namespace ssmc;
using namespace ssmc::oracle;

/// Bounds of batch * seqlen * dim * dstate and of dim * dstate: what the CPU
/// device runs in about a second with its checks on.
static constexpr uint64_t kMaxWork = 400000;
static constexpr uint64_t kMaxChannelWork = 8000;

static constexpr std::array<uint64_t, 27> kSeqlens = {
    1,  2,  3,  4,  5,  6,  7,   8,   9,   15,  16,  17,  31, 32,
    33, 48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 257, 300};
static constexpr std::array<uint64_t, 18> kDims = {
    1, 2, 3, 4, 7, 8, 10, 16, 24, 31, 32, 33, 48, 63, 64, 65, 127, 130};
static constexpr std::array<uint64_t, 13> kStates = {1,  2,  3,  4,  8,  16, 16,
                                                     31, 32, 33, 64, 65, 80};
static constexpr std::array<DType, 4> kTypes = {DType::F32, DType::F32,
                                                DType::F16, DType::BF16};

static MatrixKind randomKind(Random &random, bool hasGroups) {
  if (hasGroups && random.chance(75))
    return MatrixKind::Groups;
  return random.chance(70) ? MatrixKind::Variable : MatrixKind::Constant;
}

/// Tiles of channels and time that are legal for the kernel.
static void forceTiles(Random &random, Case &it) {
  constexpr std::array<uint64_t, 5> segments = {1, 2, 4, 8, 32};
  constexpr std::array<uint64_t, 4> steps = {1, 3, 4, 8};
  constexpr std::array<uint64_t, 3> states = {1, 3, 4}, pieces = {5, 64, 4096};
  it.family = it.sequences == 0 && random.chance(35) ? "split" : "tiled";
  if (it.family == "split")
    it.schedule["piece"] = random.pick(pieces);
  // As many states a thread as registers hold.
  uint64_t lanes = 1;
  while (it.dstate > 20 * lanes && lanes < 32)
    lanes *= 2;
  uint64_t perWarp = std::min(random.pick(segments), 32 / lanes);
  uint64_t warps = random.chance(30) ? 2 : 1, perSegment = random.pick(steps);
  // What a block holds of B and C in shared memory.
  constexpr uint64_t kMaxElements = 2400;
  if (perWarp * warps * perSegment * it.dstate > kMaxElements)
    perWarp = warps = perSegment = 1;
  // The lanes of a channel share the steps of a piece that is one segment.
  if (it.family == "split" && perWarp * warps == 1 && perSegment % lanes != 0 &&
      lanes % perSegment != 0)
    perSegment = lanes;
  it.schedule["lanes"] = lanes;
  it.schedule["segments"] = perWarp;
  it.schedule["steps"] = perSegment;
  it.schedule["warps"] = warps;
  it.schedule["threads"] = 32 * warps * (random.chance(50) ? 2 : 1);
  it.schedule["states"] = random.pick(states);
  it.schedule["stages"] = random.between(1, 2);
  it.schedule["width"] = it.dim % 2 == 0 && random.chance(40) ? 2 : 1;
}

/// Warps in rings, or alone, that are legal for the kernel.
static void forceChain(Random &random, Case &it) {
  constexpr std::array<uint64_t, 4> rings = {1, 2, 4, 8}, steps = {1, 2, 3, 4};
  it.family = "chained";
  // As many states a thread as registers hold.
  uint64_t lanes = random.pick(rings);
  while (it.dstate > 20 * lanes && lanes < 32)
    lanes *= 2;
  uint64_t warps = random.pick(rings);
  uint64_t perLane = random.pick(steps);
  uint64_t width = it.dim % 2 == 0 && random.chance(40) ? 2 : 1;
  // A block has barriers for 15 warps.
  uint64_t teams = random.chance(30) && warps < 8 ? 2 : 1;
  // f32 of a block in shared memory: rows of B and C, step values, and states
  // on their way, with some for the gaps between them.
  constexpr uint64_t kMaxWords = 10000;
  auto words = [&] {
    uint64_t rows = 2 * lanes * perLane * it.dstate,
             values = width * perLane * 2 * 32,
             states = 32 * width * ((it.dstate + lanes - 1) / lanes);
    return teams * warps * (rows + values + states);
  };
  if (words() > kMaxWords)
    width = teams = 1;
  while (warps > 1 && words() > kMaxWords)
    warps /= 2;
  if (words() > kMaxWords)
    perLane = 1;
  it.schedule["lanes"] = lanes;
  it.schedule["warps"] = warps;
  // At times fewer steps than lanes.
  it.schedule["steps"] = random.chance(20) ? 1 : lanes * perLane;
  it.schedule["threads"] = 32 * warps * teams;
  it.schedule["ahead"] = random.between(0, 1);
  it.schedule["stages"] = random.between(1, 2);
  it.schedule["width"] = width;
  // Blocks with half the channels, twice the lanes and rows twice as long.
  if (random.chance(25) && lanes <= 16 && lanes * perLane <= 32 &&
      2 * words() <= kMaxWords)
    it.schedule["full"] = random.between(1, 3);
  it.schedule["resident"] = random.between(0, 2);
}

/// Parameters of a window; those that it cannot take are left out later.
static void forceWindow(Random &random, Case &it) {
  constexpr std::array<uint64_t, 4> threads = {32, 64, 128, 256};
  constexpr std::array<uint64_t, 4> loads = {1, 3, 4, 8};
  constexpr std::array<uint64_t, 4> tileSteps = {1, 4, 8, 16};
  constexpr std::array<uint64_t, 3> windows = {0, 7, 32};
  if (it.sequences == 0 && random.chance(40))
    it.family = "tiled";
  bool isTiled = !it.family.empty();
  if (random.chance(70))
    it.schedule["threads"] = random.pick(threads);
  if (random.chance(70))
    it.schedule["steps"] =
        isTiled ? random.pick(tileSteps) : random.pick(windows);
  it.schedule["width"] = uint64_t(1) << random.between(0, 3);
  it.schedule["loads"] = random.pick(loads);
  it.schedule["rounds"] = random.between(1, 3);
}

/// Parameters that are legal for the kernel, at times only some of them.
static void forceSchedule(Random &random, Case &it) {
  constexpr std::array<uint64_t, 4> threads = {32, 64, 128, 256};
  constexpr std::array<uint64_t, 4> steps = {1, 2, 4, 8};
  if (it.op == CaseOp::Conv)
    return forceWindow(random, it);
  if (!it.isComplex && random.chance(60))
    return random.chance(60) ? forceChain(random, it) : forceTiles(random, it);
  if (random.chance(70))
    it.schedule["threads"] = random.pick(threads);
  if (random.chance(70))
    it.schedule["steps"] = random.pick(steps);
  // As many states a thread as registers hold.
  uint64_t lanes = uint64_t(1) << random.between(0, 5);
  if (it.dstate <= 32 * lanes)
    it.schedule["lanes"] = lanes;
}

static Case randomKernel(CaseOp op, Random random) {
  Case it;
  it.op = op;
  do {
    it.dim = random.chance(60) ? random.pick(kDims) : random.between(1, 200);
    it.dstate =
        random.chance(70) ? random.pick(kStates) : random.between(1, 80);
    if (op == CaseOp::Conv)
      it.dstate = 1;
  } while (it.dim * it.dstate > kMaxChannelWork);
  it.width = random.between(2, 8);
  it.activation = random.pick(kTypes);
  // One type for all is what models have; every other mixture is legal.
  it.result = random.chance(75) ? it.activation : random.pick(kTypes);
  it.matrix = random.chance(70) ? it.activation : random.pick(kTypes);
  it.weight = random.chance(70) ? DType::F32 : random.pick(kTypes);
  if (random.chance(40)) {
    do
      it.groups = random.between(1, std::min<uint64_t>(it.dim, 8));
    while (it.dim % it.groups != 0);
  }
  it.B = randomKind(random, it.groups != 0);
  it.C = randomKind(random, it.groups != 0);
  for (bool *flag :
       {&it.D, &it.z, &it.bias, &it.softplus, &it.silu, &it.first, &it.last})
    *flag = random.chance(60);
  it.isStatic = random.chance(15);
  it.state = random.chance(75) ? DType::F32 : random.pick(kTypes);
  it.limits = random.chance(20);
  it.reverse = random.chance(20);
  if (random.chance(25))
    it.sequences = random.between(1, 6);
  it.layout = random.chance(40) ? Layout::ChannelMajor : Layout::TokenMajor;
  it.isComplex = random.chance(20);
  it.strided = random.chance(20);
  if (random.chance(25))
    it.slots = random.between(1, 8);
  if (random.chance(15))
    forceSchedule(random, it);
  return it;
}

Case oracle::randomCase(CaseOp op, uint64_t seed, uint64_t index,
                        uint64_t perKernel) {
  auto opStream = static_cast<uint64_t>(op) << 62;
  Case it = randomKernel(op, Random(seed, opStream + index / perKernel));
  // A kernel of fixed extents has one shape: cases differ in their data.
  uint64_t shape = it.isStatic ? index / perKernel : index;
  Random random(seed ^ 0x5eed, opStream + shape);
  do {
    it.batch = random.between(1, 3);
    it.seqlen =
        random.chance(60) ? random.pick(kSeqlens) : random.between(1, 300);
    // A kernel of one step is scheduled in its own way.
    if (it.isStatic && random.chance(50))
      it.seqlen = 1;
  } while (it.batch * it.seqlen * it.dim * it.dstate > kMaxWork);
  it.gap = random.chance(30);
  // What kernels do not depend on.
  if (it.slots != 0 && !it.isStatic)
    it.slots = random.between(1, 8);
  if (it.first && it.last && it.state == DType::F32 && random.chance(15))
    it.chunk = random.between(1, std::min<uint64_t>(it.seqlen, 40));
  if (random.chance(10))
    it.data = DataKind::Special;
  it.seed = Random(seed ^ 0xda7a, opStream + index).next() % 1000000;
  normalize(it);
  return it;
}
