//===- TargetModel.cpp - What a GPU has and how fast it is ----------------===//

#include "ssmc/Analysis/TargetModel.h"
#include <algorithm>
#include <charconv>

using namespace ssmc;

static constexpr int64_t kKiB = 1024;
static constexpr double kMHz = 1e6;
/// What a copy reaches of a data sheet's bandwidth.
static constexpr double kCopyShare = 0.88;
static constexpr int64_t kWarp = 32;
/// Registers are handed out to warps in pieces of this many, a quarter of them
/// by each scheduler to its own.
static constexpr int64_t kRegisterGranularity = 256, kSchedulers = 4;
/// Each resident block takes this much shared memory for the system, and
/// shared memory is handed out in pieces.
static constexpr int64_t kSystemShared = 1 * kKiB;
static constexpr int64_t kSharedGranularity = 128;

static constexpr TargetModel
makeModel(std::string_view arch, std::string_view device, int64_t numSMs,
          double clockHz, double bytesPerSecond, int64_t fmaPerClock,
          int64_t sharedPerSM, int64_t threadsPerSM, int64_t blocksPerSM) {
  return {arch,
          device,
          numSMs,
          clockHz,
          bytesPerSecond,
          /*mufuPerClock=*/16,
          fmaPerClock,
          /*registersPerSM=*/65536,
          /*registersPerThread=*/255,
          sharedPerSM,
          /*sharedPerBlock=*/sharedPerSM - kSystemShared,
          /*staticSharedPerBlock=*/48 * kKiB,
          threadsPerSM,
          /*threadsPerBlock=*/1024,
          blocksPerSM,
          /*parameterBytes=*/4096};
}

// The clock of the H200 is the one at which it formed 4.17e12 ex2 a second.
static constexpr TargetModel kModels[] = {
    makeModel("sm_80", "A100 80GB", 108, 1410 * kMHz, kCopyShare * 2.039e12, 64,
              164 * kKiB, 2048, 32),
    makeModel("sm_86", "RTX 3090", 82, 1695 * kMHz, kCopyShare * 0.936e12, 128,
              100 * kKiB, 1536, 16),
    makeModel("sm_89", "RTX 4090", 128, 2520 * kMHz, kCopyShare * 1.008e12, 128,
              100 * kKiB, 1536, 24),
    makeModel("sm_90", "H200", 132, 1975 * kMHz, 4.24e12, 128, 228 * kKiB, 2048,
              32),
    makeModel("sm_100", "B200", 148, 1965 * kMHz, kCopyShare * 8.0e12, 128,
              228 * kKiB, 2048, 32),
    makeModel("sm_120", "RTX 5090", 170, 2407 * kMHz, kCopyShare * 1.792e12,
              128, 100 * kKiB, 1536, 24),
};

static int64_t roundDown(int64_t value, int64_t step) {
  return value / step * step;
}
static int64_t roundUp(int64_t value, int64_t step) {
  return roundDown(value + step - 1, step);
}

int64_t TargetModel::registersFor(int64_t threads) const {
  int64_t warps = roundUp(roundUp(threads, kWarp) / kWarp, kSchedulers);
  int64_t perWarp = roundDown(registersPerSM / warps, kRegisterGranularity);
  return std::min(perWarp / kWarp, registersPerThread);
}

int64_t TargetModel::residentBlocks(int64_t threads, int64_t registers,
                                    int64_t shared) const {
  if (threads > threadsPerBlock || registers > registersFor(threads) ||
      shared > sharedPerBlock)
    return 0;
  int64_t warps = roundUp(threads, kWarp) / kWarp;
  int64_t warpRegisters =
      roundUp(std::max<int64_t>(registers, 1) * kWarp, kRegisterGranularity);
  int64_t byRegisters =
      roundDown(registersPerSM / warpRegisters, kSchedulers) / warps;
  int64_t byShared =
      sharedPerSM / roundUp(shared + kSystemShared, kSharedGranularity);
  int64_t byThreads = threadsPerSM / (warps * kWarp);
  return std::min({byRegisters, byShared, byThreads, blocksPerSM});
}

/// The number in "sm_90" or "sm_90a"; 0 for anything else.
static int numberOf(std::string_view arch) {
  if (arch.substr(0, 3) != "sm_")
    return 0;
  int number = 0;
  std::from_chars(arch.data() + 3, arch.data() + arch.size(), number);
  return number;
}

int TargetModel::archNumber() const { return numberOf(arch); }

const TargetModel *ssmc::getTargetModel(std::string_view arch) {
  const TargetModel *found = nullptr;
  for (const TargetModel &model : kModels)
    if (model.archNumber() <= numberOf(arch))
      found = &model;
  return found;
}
