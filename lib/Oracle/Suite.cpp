//===- Suite.cpp - Named collections of cases -----------------------------===//

#include "ssmc/Oracle/Suite.h"
#include "Covering.h"
#include "Random.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unordered_map>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

using Cases = std::vector<Case>;

/// Adds cases, each on data of its own.
class Collector {
public:
  explicit Collector(uint64_t seed) : random(seed, 0x5017e) {}

  void add(Case it) {
    it.seed = random.between(0, 999999);
    normalize(it);
    cases.push_back(it);
  }
  void add(const Cases &more) {
    cases.insert(cases.end(), more.begin(), more.end());
  }
  /// A case of a literal text, which is legal.
  static Case parse(const std::string &text) { return *parseCase(text); }
  void add(const std::string &text) { add(parse(text)); }
  void add(std::initializer_list<const char *> kernels,
           const std::vector<uint64_t> &seqlens) {
    for (const char *kernel : kernels) {
      Case it = parse(kernel);
      for (uint64_t seqlen : seqlens) {
        it.seqlen = seqlen;
        add(it);
      }
    }
  }

  Random random;
  Cases cases;
};

struct Suite {
  SuiteInfo info;
  Cases (*cases)(uint64_t seed);
};

} // namespace

/// From 1 to `last`, then the neighbours of each of `bounds`.
static std::vector<uint64_t> lengths(uint64_t last,
                                     std::initializer_list<uint64_t> bounds) {
  std::vector<uint64_t> result;
  for (uint64_t length = 1; length <= last; ++length)
    result.push_back(length);
  for (uint64_t bound : bounds)
    for (uint64_t length : {bound - 1, bound, bound + 1})
      result.push_back(length);
  return result;
}

static Cases covering(uint64_t seed) {
  Cases cases = coveringCases(CaseOp::Scan, seed);
  Cases convs = coveringCases(CaseOp::Conv, seed);
  cases.insert(cases.end(), convs.begin(), convs.end());
  return cases;
}

static Cases lengthCases(uint64_t seed) {
  Collector to(seed);
  to.add({"scan d6 n4 D z bias softplus h0 hT",
          "scan d4 n3 u=bf16 hT layout=channel groups=2",
          "scan d3 n5 complex h0 hT", "conv d6 k4 bias silu h0 hT",
          "conv d3 k3 u=f16 hT layout=channel"},
         lengths(130, {192, 256, 384, 512, 768, 1024}));
  return to.cases;
}

static Cases shapes(uint64_t seed) {
  Collector to(seed);
  for (uint64_t dstate :
       {1,  2,  3,  4,  5,  7,   8,   9,   15,  16,  17,  31,  32, 33,
        48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 257, 511, 512})
    to.add(fmt::format("scan b2 l9 d3 n{} D z softplus h0 hT", dstate));
  for (uint64_t dstate : {1, 4, 16, 33, 128, 512})
    to.add(fmt::format("scan b2 l9 d3 n{} complex h0 hT", dstate));
  for (uint64_t dstate : {16, 100, 512})
    to.add(fmt::format("scan l9 d4 n{} u=bf16 groups=2 h0 hT layout=channel",
                       dstate));
  for (uint64_t dim : {1, 3, 65, 1000, 65537}) {
    to.add(fmt::format("scan b2 l3 d{} n2 D z bias softplus h0 hT", dim));
    to.add(fmt::format("scan l3 d{} n1 u=f16 hT layout=channel", dim));
    to.add(fmt::format("conv b2 l5 d{} k4 bias silu h0 hT", dim));
    to.add(fmt::format("conv l5 d{} k3 u=bf16 hT layout=channel", dim));
  }
  for (uint64_t batch : {1, 2, 7, 64, 300}) {
    to.add(fmt::format("scan b{} l5 d4 n4 z h0 hT", batch));
    to.add(fmt::format("conv b{} l5 d4 k4 silu h0 hT", batch));
    to.add(fmt::format("scan b{0} l5 d4 n4 z h0 hT slots={0}", batch));
    to.add(fmt::format("scan l{0} d4 n4 z h0 hT seqs={0}", batch));
  }
  for (uint64_t width = 2; width <= 8; ++width)
    for (const char *rest : {"bias silu h0 hT", "u=f16 layout=channel h0 hT",
                             "u=bf16 seqs=4 h0 hT slots=6"})
      // Shorter than the window, and longer.
      for (uint64_t seqlen : {1, 3, 40})
        to.add(fmt::format("conv l{} d5 k{} {}", seqlen, width, rest));
  return to.cases;
}

static Cases scheduleCases(uint64_t seed) {
  static constexpr const char *kFlags[] = {"D z bias softplus h0 hT",
                                           "u=bf16 groups=3 hT layout=channel",
                                           "complex h0 hT",
                                           "seqs=4 h0 hT limits",
                                           "reverse z hT",
                                           "u=f16 strided h0 hT slots=3",
                                           "B=const C=const h0 hT"};
  Collector to(seed);
  size_t next = 0;
  for (uint64_t lanes : {1, 2, 4, 8, 16, 32})
    for (uint64_t steps : {1, 2, 4, 8})
      for (uint64_t threads : {32, 64, 128, 256})
        // States that the lanes divide, that they do not, and fewer than lanes.
        for (uint64_t dstate : {lanes * 2, lanes * 2 + 1, uint64_t(3)}) {
          if (dstate == 3 && lanes <= 2)
            continue;
          to.add(fmt::format("scan b2 l37 d9 n{} {} lanes={} steps={} "
                             "threads={}",
                             dstate, kFlags[next++ % std::size(kFlags)], lanes,
                             steps, threads));
        }
  // Tiles of channels and time: lengths are within a tile, whole tiles, and
  // neither.
  static constexpr const char *kTiles[] = {
      "segments=8 steps=4",
      "segments=8 steps=8 stages=2",
      "segments=4 steps=4 width=2 threads=32",
      "segments=2 steps=5 states=3 stages=2",
      "segments=1 steps=2 width=4",
      "segments=32 steps=2 states=1",
      "segments=4 lanes=4 steps=3 width=2",
      "segments=8 steps=4 warps=4",
      "segments=1 steps=4 warps=2 states=5 stages=2",
      "segments=2 lanes=8 steps=2 warps=2 threads=256"};
  static constexpr const char *kTiled[] = {
      "D z bias softplus h0 hT", "u=bf16 groups=3 hT layout=channel",
      "reverse z hT u=f16", "B=const C=const h0 hT limits",
      "u=bf16 strided h0 hT slots=3"};
  for (const char *tile : kTiles)
    for (uint64_t seqlen : {1, 37, 64, 150}) {
      const char *flags = kTiled[next++ % std::size(kTiled)];
      // A number of states that lanes divide, and one that they do not.
      uint64_t dstate = seqlen == 37 ? 17 : 16;
      to.add(fmt::format("scan b2 l{} d12 n{} {} family=tiled {}", seqlen,
                         dstate, flags, tile));
      if (seqlen != 64)
        to.add(fmt::format("scan b2 l{} d12 n{} {} family=split piece={} {}",
                           seqlen, dstate, flags, seqlen / 4 + 1, tile));
      else
        to.add(fmt::format("scan l{} d12 n{} seqs=4 h0 hT gap family=tiled {}",
                           seqlen, dstate, tile));
    }
  // The same for rings of warps; some have more warps than tiles.
  static constexpr const char *kChains[] = {
      "lanes=1 steps=8 threads=64",
      "lanes=4 steps=16 warps=4",
      "lanes=4 steps=16 warps=4 ahead=0",
      "lanes=4 steps=8 warps=2 threads=128 ahead=0 stages=2",
      "lanes=1 steps=4 warps=8 threads=256 stages=2",
      "lanes=4 steps=4 width=2 threads=32 stages=2",
      "lanes=2 steps=4 width=2 threads=32",
      "lanes=1 steps=3 warps=2 threads=128 width=2",
      "lanes=8 steps=8 warps=8 threads=256",
      "lanes=2 steps=6 warps=2 threads=64 ahead=0",
      "lanes=16 steps=16 warps=8 threads=256",
      "lanes=8 steps=2 warps=2 threads=64 width=2",
      "lanes=2 steps=6 warps=6 threads=192 ahead=0",
      "lanes=32 steps=32 width=4 warps=1 threads=32"};
  for (const char *chain : kChains) {
    for (uint64_t seqlen : {1, 37, 64}) {
      const char *flags = kTiled[next++ % std::size(kTiled)];
      uint64_t dstate = seqlen == 37 ? 17 : 16;
      to.add(fmt::format("scan b1 l{} d12 n{} {} family=chained {}", seqlen,
                         dstate, flags, chain));
    }
    to.add(fmt::format("scan l90 d12 n16 seqs=4 h0 hT gap family=chained {}",
                       chain));
  }
  // Few states: half of a warp's lanes fetch rows of B, the others rows of C,
  // where these are alike.
  for (const char *chain :
       {"lanes=1 steps=4 width=4 warps=8 threads=256 ahead=0",
        "lanes=2 steps=8 warps=4 ahead=0", "lanes=1 steps=5 width=2 threads=32",
        "lanes=1 steps=32 warps=2 threads=64"})
    for (const char *flags :
         {"D z bias softplus h0 hT", "u=bf16 bc=bf16 groups=2 strided",
          "C=const hT reverse", "B=groups groups=2 z"})
      for (uint64_t seqlen : {37, 64})
        to.add(fmt::format("scan b2 l{} d12 n{} {} family=chained {}", seqlen,
                           seqlen == 37 ? 3 : 4, flags, chain));
  // Blocks with all their channels, and the rest with half of them.
  for (const char *uneven :
       {"lanes=4 steps=8 warps=4 full=1 resident=2",
        "lanes=2 steps=4 warps=4 full=1 ahead=0 stages=2",
        "lanes=8 steps=4 warps=2 threads=128 full=1 ahead=0",
        "lanes=2 steps=6 width=2 threads=32 full=2"})
    for (uint64_t seqlen : {1, 37, 64}) {
      const char *flags = kTiled[next++ % std::size(kTiled)];
      to.add(fmt::format("scan b2 l{} d72 n{} {} family=chained {}", seqlen,
                         seqlen == 37 ? 17 : 16, flags, uneven));
      to.add(fmt::format("scan l{} d72 n16 seqs=3 h0 hT gap family=chained {}",
                         seqlen, uneven));
    }
  // Pieces that are chained; 16 of them are joined at a time.
  for (const char *tile :
       {"lanes=1 steps=8 threads=32 stages=2", "lanes=2 steps=16 threads=64",
        "lanes=4 steps=8 width=2 threads=64", "lanes=16 steps=16 threads=32"})
    for (uint64_t seqlen : {1, 37, 200}) {
      const char *flags = kTiled[next++ % std::size(kTiled)];
      uint64_t dstate = seqlen == 37 ? 17 : 16;
      to.add(fmt::format(
          "scan b2 l{} d12 n{} {} family=split segments=1 piece={} {}", seqlen,
          dstate, flags, seqlen / 20 + 3, tile));
    }
  for (const char *rest :
       {"bias silu h0 hT", "u=f16 layout=channel hT", "seqs=4 h0 hT"})
    for (uint64_t threads : {32, 64, 128, 256})
      for (uint64_t steps : {0, 1, 7, 32})
        for (uint64_t seqlen : {5, 32, 75})
          to.add(fmt::format("conv b2 l{} d9 k4 {} steps={} threads={}", seqlen,
                             rest, steps, threads));
  // Vectors of channels, aligned and not, and steps whose loads are issued
  // together: whole groups of them, and others.
  for (const char *rest :
       {"u=bf16 d16 bias silu h0 hT", "u=f16 d16 bias hT strided",
        "u=bf16 out=f32 d24 seqs=4 h0 hT gap", "d12 silu h0 hT slots=3",
        "u=bf16 d8 layout=channel h0 hT"})
    for (const char *schedule :
         {"width=2 loads=4 steps=16", "width=4 loads=8 steps=0",
          "width=8 loads=3 steps=8 threads=32", "width=4 loads=16 steps=2"})
      for (uint64_t seqlen : {1, 16, 43})
        to.add(fmt::format("conv b2 l{} k4 {} {}", seqlen, rest, schedule));
  // Lanes along time: rows that are aligned, by halves and not; whole tiles,
  // whole groups of them, and parts; a window longer than what lanes have.
  for (const char *rest :
       {"u=bf16 k4 bias silu h0 hT", "k3 bias silu hT",
        "u=f16 k8 h0 hT slots=3", "u=bf16 out=f32 k2 strided bias",
        "u=bf16 k4 static silu h0 hT"})
    for (const char *schedule :
         {"steps=8 rounds=2", "steps=4 rounds=3 threads=32",
          "steps=2 rounds=1 threads=256", "steps=1 rounds=2", "steps=16"})
      for (uint64_t seqlen : {1, 64, 132, 301, 512, 1040})
        to.add(fmt::format("conv b2 l{} d6 {} layout=channel family=tiled {}",
                           seqlen, rest, schedule));
  return to.cases;
}

static Cases special(uint64_t seed) {
  // Many data for each kernel: which input and which numbers are by chance.
  constexpr uint64_t perKernel = 12, numScans = 40, numConvs = 10;
  Collector to(seed);
  for (auto [op, kernels] :
       {std::pair(CaseOp::Scan, numScans), {CaseOp::Conv, numConvs}}) {
    for (uint64_t kernel = 0; kernel < kernels; ++kernel) {
      Case it = randomCase(op, seed ^ 0x5bec, kernel, 1);
      it.data = DataKind::Special;
      it.isStatic = false;
      it.chunk = 0;
      it.family.clear();
      it.schedule.clear();
      it.dim = 12;
      it.groups = it.groups != 0 ? 3 : 0;
      it.dstate = std::min<uint64_t>(it.dstate, 20);
      for (uint64_t i = 0; i < perKernel; ++i) {
        it.batch = to.random.between(1, 3);
        it.seqlen = to.random.between(1, 60);
        to.add(it);
      }
    }
  }
  return to.cases;
}

static Cases decode(uint64_t seed) {
  Collector to(seed);
  for (const char *kernel :
       {"scan d6 n4 D z bias softplus", "scan d5 n16 u=bf16 z softplus",
        "scan d4 n3 u=f16 groups=2 layout=channel", "scan d5 n4 complex",
        "scan d6 n4 B=const C=const", "scan d33 n40 D z slots=3",
        "scan d6 n4 limits strided", "conv d6 k4 bias silu",
        "conv d5 k2 u=bf16 slots=3", "conv d4 k8 u=f16 layout=channel",
        "conv d5 k3 strided silu"}) {
    Case it = Collector::parse(kernel);
    it.batch = 2;
    it.seqlen = 50;
    for (uint64_t chunk :
         {uint64_t(1), uint64_t(7), to.random.between(2, 6),
          to.random.between(8, 25), to.random.between(26, 49)}) {
      it.chunk = chunk;
      to.add(it);
    }
  }
  return to.cases;
}

static Cases gpu(uint64_t seed) {
  constexpr uint64_t numRandom = 4800, perKernel = 24;
  Collector to(seed);
  to.add({"scan d16 n16 D z bias softplus h0 hT",
          "scan d16 n16 u=bf16 D z bias softplus h0 hT",
          "scan d16 n16 u=f16 D z bias softplus h0 hT",
          "conv d16 k4 bias silu h0 hT", "conv d16 k4 u=bf16 bias silu h0 hT",
          "conv d16 k4 u=f16 bias silu h0 hT"},
         lengths(520, {1024, 2048, 4096}));
  to.add({"scan d4 n4 D z bias softplus h0 hT",
          "scan d4 n4 u=bf16 D z bias softplus h0 hT",
          "scan d4 n4 u=f16 D z bias softplus h0 hT", "scan d4 n4 complex hT",
          "scan d4 n4 hT layout=channel", "conv d8 k4 bias silu h0 hT",
          "conv d8 k4 u=bf16 bias silu h0 hT",
          "conv d8 k4 u=f16 bias silu h0 hT"},
         {16384, 65537});
  for (auto *suite :
       {covering, lengthCases, shapes, scheduleCases, special, decode})
    to.add(suite(seed));
  // Covering kernels at other lengths, one data each.
  for (Case it : covering(seed)) {
    if (it.isStatic)
      continue;
    for (uint64_t seqlen : {1, 64, 131}) {
      it.seqlen = seqlen;
      to.add(it);
    }
  }
  for (CaseOp op : {CaseOp::Scan, CaseOp::Conv})
    for (uint64_t i = 0; i < numRandom / (op == CaseOp::Scan ? 1 : 3); ++i)
      to.add(randomCase(op, seed, i, perKernel));
  return to.cases;
}

static Cases gpuSmall(uint64_t seed) {
  // The first rows of a covering array have the most triples.
  constexpr size_t numScans = 60, numConvs = 24;
  Collector to(seed);
  for (auto [op, wanted] :
       {std::pair(CaseOp::Scan, numScans), {CaseOp::Conv, numConvs}}) {
    std::vector<Case> rows = coveringCases(op, seed);
    rows.resize(std::min(rows.size(), wanted));
    for (Case it : rows) {
      it.isStatic = false;
      it.dim = std::min<uint64_t>(it.dim, 34);
      // Whole tiles, tails, and a single step.
      for (uint64_t seqlen : {64, 67, 1}) {
        it.seqlen = seqlen;
        to.add(it);
      }
    }
  }
  return to.cases;
}

static Cases factorial(uint64_t seed) {
  Collector to(seed);
  for (uint64_t groups : {0, 2, 4, 8})
    for (MatrixKind B : {MatrixKind::Constant, MatrixKind::Groups})
      for (MatrixKind C : {MatrixKind::Constant, MatrixKind::Groups}) {
        // Without a matrix in groups their number says nothing.
        if (groups != 0 && B != MatrixKind::Groups && C != MatrixKind::Groups)
          continue;
        for (unsigned flags = 0; flags < 128; ++flags) {
          Case it;
          it.batch = 2;
          it.seqlen = 37;
          it.dim = 8;
          it.dstate = 3;
          it.groups = groups;
          it.B = B;
          it.C = C;
          unsigned bit = 1;
          for (bool *flag : {&it.D, &it.z, &it.bias, &it.softplus, &it.first,
                             &it.last, &it.isComplex}) {
            *flag = (flags & bit) != 0;
            bit <<= 1;
          }
          to.add(it);
        }
      }
  return to.cases;
}

/// The same with each scan by the warp that is alone with its channels. Where
/// warps wait for one another in a ring, compute-sanitizer's racecheck reports
/// what is right (test/GPU/Results.md).
static Cases gpuRace(uint64_t seed) {
  Collector to(seed);
  for (Case it : gpuSmall(seed)) {
    // Complex scans are by one thread a channel, or a few.
    if (it.op == CaseOp::Scan && !it.isComplex) {
      it.family = "chained";
      it.schedule = {{"threads", 32}, {"warps", 1}};
    }
    to.add(it);
  }
  return to.cases;
}

static const std::vector<Suite> &allSuites() {
  static const std::vector<Suite> kSuites = {
      {{"covering", "any three flags, types and kinds of B and C together"},
       covering},
      {{"lengths", "every length to 130, and neighbours of tile boundaries"},
       lengthCases},
      {{"shapes", "dstate to 512, dim to 65537, batch to 300, widths 2 to 8"},
       shapes},
      {{"schedules", "forced schedules, fitting the states and not"},
       scheduleCases},
      {{"special", "infinities, NaNs, huge and tiny numbers"}, special},
      {{"decode", "sequences run in calls that pass the state on"}, decode},
      {{"factorial", "every combination of flags and kinds of B and C"},
       factorial},
      {{"gpu",
        "all but factorial, every length to 520, long ones, random cases"},
       gpu},
      {{"gpu-small", "few small cases of many kernels, for slow checkers"},
       gpuSmall},
      {{"gpu-race",
        "those of gpu-small, without rings of warps: for racecheck"},
       gpuRace}};
  return kSuites;
}

/// Puts cases of one kernel next to each other, where the first of them is.
static void groupByKernel(Cases &cases) {
  std::unordered_map<std::string, size_t> order;
  std::vector<std::pair<size_t, size_t>> places;
  for (size_t i = 0; i < cases.size(); ++i)
    places.emplace_back(
        order.try_emplace(kernelKey(cases[i]), order.size()).first->second, i);
  std::sort(places.begin(), places.end());
  Cases grouped;
  grouped.reserve(cases.size());
  for (auto [kernel, i] : places)
    grouped.push_back(cases[i]);
  cases = std::move(grouped);
}

const std::vector<SuiteInfo> &oracle::suites() {
  static const std::vector<SuiteInfo> kInfos = [] {
    std::vector<SuiteInfo> infos;
    for (const Suite &suite : allSuites())
      infos.push_back(suite.info);
    return infos;
  }();
  return kInfos;
}

Result<std::vector<Case>> oracle::suiteCases(std::string_view name,
                                             uint64_t seed) {
  std::vector<std::string_view> names;
  for (const Suite &suite : allSuites()) {
    names.push_back(suite.info.name);
    if (suite.info.name != name)
      continue;
    Cases cases = suite.cases(seed);
    groupByKernel(cases);
    return cases;
  }
  return Status::usage(fmt::format("unknown suite '{}'; there are {}", name,
                                   fmt::join(names, ", ")));
}
