//===- Random.h - Numbers that are the same everywhere --------------------===//
//
// The distributions of the standard library differ between implementations; a
// line that reruns a failure must not.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_ORACLE_RANDOM_H
#define SSMC_LIB_ORACLE_RANDOM_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace ssmc::oracle {

/// SplitMix64 (Steele, Lea and Flood 2014).
class Random {
public:
  explicit Random(uint64_t seed) : state_(seed) {}

  /// An independent sequence for each `stream`.
  Random(uint64_t seed, uint64_t stream) : state_(seed) {
    state_ = next() ^ stream;
    state_ = next();
  }

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// From `low` to `high`, both included.
  uint64_t between(uint64_t low, uint64_t high) {
    return low + next() % (high - low + 1);
  }
  /// True `percent` times of a hundred.
  bool chance(unsigned percent) { return next() % 100 < percent; }

  template <typename T, size_t N>
  const T &pick(const std::array<T, N> &choices) {
    return choices[next() % N];
  }

  /// Between 0 and 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }
  /// Close to a normal distribution of variance 1: the sum of four uniform
  /// numbers, which has no tails beyond 3.5.
  double normal() {
    double sum = uniform() + uniform() + uniform() + uniform();
    return (sum - 2) * 1.7320508075688772;
  }

private:
  uint64_t state_;
};

} // namespace ssmc::oracle

#endif // SSMC_LIB_ORACLE_RANDOM_H
