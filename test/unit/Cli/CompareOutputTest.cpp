//===- CompareOutputTest.cpp - Results against those of the oracle --------===//

#include "tools/cli/CompareOutput.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <typename T>
HostTensor tensor(DType dtype, const std::vector<T> &values) {
  HostTensor result{dtype, {values.size()}, {}};
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  result.data.assign(bytes, bytes + values.size() * sizeof(T));
  return result;
}

oracle::ExpectedOutput expect(const std::vector<double> &values,
                              double absolute) {
  oracle::ExpectedOutput expected;
  expected.name = "out";
  expected.values = tensor(DType::F64, values);
  expected.absolute = absolute;
  return expected;
}

OutputDifference compare(const oracle::ExpectedOutput &expected,
                         const std::vector<float> &got) {
  return compareOutput(expected, tensor(DType::F32, got));
}

} // namespace

TEST(CompareOutput, WithinTheBound) {
  OutputDifference difference = compare(expect({1, -4}, 0.5), {1.25, -4});
  EXPECT_TRUE(difference.isWithin) << difference.text;
  EXPECT_DOUBLE_EQ(difference.fraction, 0.5);
  EXPECT_EQ(difference.text, "out max difference 0.25 (0.0625 of "
                             "max|expected|), nmse 0.0037, 0.500 of the bound");
}

TEST(CompareOutput, BeyondTheBound) {
  OutputDifference difference = compare(expect({1, 2, 3}, 0.5), {1, 2.75, 4});
  EXPECT_FALSE(difference.isWithin);
  EXPECT_DOUBLE_EQ(difference.fraction, 2);
  EXPECT_NE(difference.text.find("2 of 3 elements differ by more than allowed; "
                                 "the worst is [2]: got 4, expected 3, "
                                 "difference 1, allowed 0.5"),
            std::string::npos)
      << difference.text;
}

TEST(CompareOutput, NothingAllowed) {
  EXPECT_TRUE(compare(expect({1}, 0), {1}).isWithin);
  EXPECT_FALSE(compare(expect({1}, 0), {std::nextafter(1.0F, 2.0F)}).isWithin);
}

TEST(CompareOutput, UnitsInTheLastPlace) {
  oracle::ExpectedOutput expected = expect({1.0}, 0);
  expected.ulps = 0.5;
  // 0x3f80 is 1 in bf16, 0x3f81 the next one.
  EXPECT_TRUE(compareOutput(expected, tensor<uint16_t>(DType::BF16, {0x3f80}))
                  .isWithin);
  EXPECT_FALSE(compareOutput(expected, tensor<uint16_t>(DType::BF16, {0x3f81}))
                   .isWithin);
  expected.ulps = 1;
  EXPECT_TRUE(compareOutput(expected, tensor<uint16_t>(DType::BF16, {0x3f81}))
                  .isWithin);
}

TEST(CompareOutput, BoundOfEachElement) {
  oracle::ExpectedOutput expected = expect({1e30, 1}, 1e24);
  expected.allowed = {1e24, 1e-6};
  EXPECT_TRUE(compare(expected, {1e30F, 1}).isWithin);
  // Hidden by the other one if the bound were the same for both.
  OutputDifference difference = compare(expected, {1e30F, 1.5});
  EXPECT_FALSE(difference.isWithin);
  EXPECT_NE(difference.text.find("the worst is [1]"), std::string::npos);
}

TEST(CompareOutput, Classes) {
  auto isWithin = [](double wanted, float got) {
    return compare(expect({wanted}, 1), {got}).isWithin;
  };
  constexpr auto inf = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(isWithin(kNaN, NAN));
  EXPECT_TRUE(isWithin(kInf, inf));
  EXPECT_TRUE(isWithin(-kInf, -inf));
  EXPECT_TRUE(isWithin(0, -0.0F));
  EXPECT_FALSE(isWithin(kInf, -inf));
  EXPECT_FALSE(isWithin(kNaN, inf));
  EXPECT_FALSE(isWithin(kInf, NAN));
  EXPECT_FALSE(isWithin(1, NAN));
  EXPECT_FALSE(isWithin(kNaN, 1));
  EXPECT_FALSE(isWithin(kInf, 1));
  EXPECT_FALSE(isWithin(1, inf));
  EXPECT_EQ(compare(expect({1}, 1), {NAN}).fraction, kInf);
}

TEST(CompareOutput, InfinityForWhatTheTypeMayNotHold) {
  auto isWithin = [](double wanted, uint16_t bits) {
    return compareOutput(expect({wanted}, 10),
                         tensor<uint16_t>(DType::F16, {bits}))
        .isWithin;
  };
  // 65504 is the largest f16; 0x7c00 is infinity, 0xfc00 minus infinity.
  EXPECT_TRUE(isWithin(65500, 0x7c00));
  EXPECT_TRUE(isWithin(-65500, 0xfc00));
  EXPECT_FALSE(isWithin(65500, 0xfc00));
  EXPECT_FALSE(isWithin(65400, 0x7c00));
}

TEST(CompareOutput, MeanSquareError) {
  oracle::ExpectedOutput expected = expect({1, 1, 1, 1}, 1);
  expected.nmse = 1e-12;
  EXPECT_TRUE(compare(expected, {1, 1, 1, 1}).isWithin);
  OutputDifference difference = compare(expected, {1, 1, 1, 1.5});
  EXPECT_FALSE(difference.isWithin);
  EXPECT_NE(difference.text.find("the squared errors are 0.0625 of the "
                                 "squares, allowed 1e-12"),
            std::string::npos)
      << difference.text;
  // All zeros have no squares to be relative to.
  expected.values = tensor<double>(DType::F64, {0, 0, 0, 0});
  EXPECT_TRUE(compare(expected, {0, 0, 0, 0.5}).isWithin);
}

TEST(CompareOutput, Shape) {
  OutputDifference difference = compare(expect({1, 2}, 1), {1});
  EXPECT_FALSE(difference.isWithin);
  EXPECT_NE(difference.text.find("expected shape f64[2], got f32[1]"),
            std::string::npos);
}
