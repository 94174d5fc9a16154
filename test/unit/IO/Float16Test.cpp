//===- Float16Test.cpp - f16 and bf16 by hand -----------------------------===//
//
// Exhaustive over all 16-bit patterns. Rounding is a monotone step function of
// the float, so checking both sides of every step and the step itself checks
// all floats.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Float16.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;

namespace {
struct Format {
  uint16_t (*fromFloat)(float);
  float (*toFloat)(uint16_t);
  unsigned fractionBits;
  int bias;

  uint16_t infinity() const {
    return static_cast<uint16_t>(0x7fffu >> fractionBits << fractionBits);
  }
};
} // namespace

static const Format kFormats[] = {{f16FromFloat, floatFromF16, 10, 15},
                                  {bf16FromFloat, floatFromBf16, 7, 127}};

/// The value of a finite pattern by the definition of the format.
static double valueOf(const Format &format, uint16_t magnitude) {
  int exponent = magnitude >> format.fractionBits;
  double one = 1 << format.fractionBits;
  double fraction = (magnitude & ((1 << format.fractionBits) - 1)) / one;
  return exponent == 0 ? std::ldexp(fraction, 1 - format.bias)
                       : std::ldexp(1 + fraction, exponent - format.bias);
}

TEST(Float16Test, WidensEveryPattern) {
  for (const Format &format : kFormats) {
    for (uint32_t bits = 0; bits < 0x8000; ++bits) {
      auto negative = static_cast<uint16_t>(bits | 0x8000);
      float value = format.toFloat(static_cast<uint16_t>(bits));
      if (bits > format.infinity()) {
        ASSERT_TRUE(std::isnan(value)) << bits;
        ASSERT_TRUE(std::isnan(format.toFloat(negative))) << bits;
        continue;
      }
      double expected = bits == format.infinity()
                            ? INFINITY
                            : valueOf(format, static_cast<uint16_t>(bits));
      ASSERT_EQ(value, expected) << bits;
      ASSERT_EQ(floatBits(format.toFloat(negative)),
                floatBits(value) | 0x80000000u)
          << bits;
    }
  }
}

TEST(Float16Test, RoundTripsEveryPattern) {
  for (const Format &format : kFormats) {
    auto quiet = static_cast<uint16_t>(1 << (format.fractionBits - 1));
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      auto pattern = static_cast<uint16_t>(bits);
      uint16_t back = format.fromFloat(format.toFloat(pattern));
      bool isNan = (pattern & 0x7fff) > format.infinity();
      ASSERT_EQ(back, isNan ? pattern | quiet : pattern) << bits;
    }
  }
}

TEST(Float16Test, RoundsToNearestEvenAtEveryStep) {
  for (const Format &format : kFormats) {
    for (uint32_t bits = 0; bits < format.infinity(); ++bits) {
      auto low = static_cast<uint16_t>(bits);
      auto high = static_cast<uint16_t>(bits + 1);
      // The last step is to infinity, where the next power of two would be.
      double a = valueOf(format, low), b = valueOf(format, high);
      auto middle = static_cast<float>((a + b) / 2);
      ASSERT_EQ(middle, (a + b) / 2) << "not a float: the test is wrong";
      uint16_t even = low & 1 ? high : low;
      ASSERT_EQ(format.fromFloat(middle), even) << bits;
      ASSERT_EQ(format.fromFloat(-middle), even | 0x8000) << bits;
      ASSERT_EQ(format.fromFloat(std::nextafterf(middle, 0)), low) << bits;
      ASSERT_EQ(format.fromFloat(std::nextafterf(middle, INFINITY)), high)
          << bits;
    }
  }
}

TEST(Float16Test, OverflowsAndUnderflows) {
  EXPECT_EQ(f16FromFloat(65519.996f), 0x7bff);
  EXPECT_EQ(f16FromFloat(65520.f), 0x7c00);
  EXPECT_EQ(f16FromFloat(-3e38f), 0xfc00);
  EXPECT_EQ(f16FromFloat(1e-45f), 0x0000);
  EXPECT_EQ(f16FromFloat(-1e-45f), 0x8000);
  EXPECT_EQ(bf16FromFloat(3.4028235e38f), 0x7f80);
  EXPECT_EQ(bf16FromFloat(1e-45f), 0x0000);
}

TEST(Float16Test, KeepsNansQuiet) {
  // A signalling NaN whose payload is all in the bits that are dropped.
  float signalling = floatFromBits(0xff800001u);
  EXPECT_EQ(f16FromFloat(signalling), 0xfe00);
  EXPECT_EQ(bf16FromFloat(signalling), 0xffc0);
  EXPECT_EQ(f16FromFloat(floatFromBits(0x7fffffffu)), 0x7fff);
  EXPECT_EQ(bf16FromFloat(floatFromBits(0x7fffffffu)), 0x7fff);
}
