//===- ToyKernels.h - The kernels of the test bundles, on the host --------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_TOYKERNELS_H
#define SSMC_TEST_UNIT_RUNTIME_TOYKERNELS_H

#include <cstdint>
#include <string_view>

namespace ssmc::runtime::test {

/// Runs the kernel `name` with `gridX` blocks on host memory; false where there
/// is none of that name.
inline bool runToyKernel(std::string_view name, uint32_t gridX,
                         const uint64_t *args) {
  auto floats = [&](int i) { return reinterpret_cast<float *>(args[i]); };
  auto longs = [&](int i) { return reinterpret_cast<int64_t *>(args[i]); };
  if (name == "toy_negate") { // (source, target; count)
    for (uint64_t i = 0; i < args[2]; ++i)
      floats(1)[i] = -floats(0)[i];
  } else if (name == "toy_double") { // (source, target; count)
    for (uint64_t i = 0; i < args[2]; ++i)
      floats(1)[i] = 2 * floats(0)[i];
  } else if (name == "toy_sum") { // (ids, sums; length)
    const auto *ids = reinterpret_cast<const int32_t *>(args[0]);
    for (uint32_t b = 0; b < gridX; ++b) {
      longs(1)[b] = 0;
      for (uint64_t t = 0; t < args[2]; ++t)
        longs(1)[b] += ids[b * args[2] + t];
    }
  } else if (name == "toy_advance") { // (sums, total, minusBias, logits; last)
    for (uint32_t b = 0; b < gridX; ++b) {
      longs(1)[b] += longs(0)[b];
      for (uint64_t l = 0; l < args[4]; ++l)
        for (int v = 0; v < 8; ++v) {
          auto distance = static_cast<float>(v - longs(1)[b] % 8);
          floats(3)[(b * args[4] + l) * 8 + v] =
              -distance * distance - floats(2)[v];
        }
    }
  } else {
    return false;
  }
  return true;
}

} // namespace ssmc::runtime::test

#endif // SSMC_TEST_UNIT_RUNTIME_TOYKERNELS_H
