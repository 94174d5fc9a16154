//===- CompareTest.cpp ----------------------------------------------------===//

#include "tools/cli/Compare.h"
#include "ssmc/IO/Float16.h"
#include <gtest/gtest.h>
#include <limits>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

HostTensor floats(std::vector<uint64_t> shape,
                  const std::vector<float> &values) {
  HostTensor tensor;
  tensor.shape = std::move(shape);
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  tensor.data.assign(bytes, bytes + values.size() * sizeof(float));
  return tensor;
}

HostTensor halves(DType dtype, const std::vector<float> &values) {
  HostTensor tensor;
  tensor.dtype = dtype;
  tensor.shape = {values.size()};
  for (float value : values) {
    uint16_t bits =
        dtype == DType::F16 ? f16FromFloat(value) : bf16FromFloat(value);
    tensor.data.push_back(static_cast<uint8_t>(bits));
    tensor.data.push_back(static_cast<uint8_t>(bits >> 8));
  }
  return tensor;
}

bool matches(const std::vector<float> &got, const std::vector<float> &expected,
             const Tolerance &tolerance) {
  Result<std::string> result =
      compareTensors("y", floats({got.size()}, got),
                     floats({expected.size()}, expected), tolerance);
  if (!result.ok())
    EXPECT_EQ(result.status().code(), StatusCode::Mismatch);
  return result.ok();
}

TEST(CompareTest, EachToleranceHasItsOwnScale) {
  Tolerance absolute, relative, maximum;
  absolute.absolute = 0.25;
  EXPECT_TRUE(matches({1.25f, 100}, {1, 100}, absolute));
  EXPECT_FALSE(matches({1.5f, 100}, {1, 100}, absolute));
  relative.relative = 0.25;
  EXPECT_TRUE(matches({1, 125}, {1, 100}, relative));
  EXPECT_FALSE(matches({1.5f, 100}, {1, 100}, relative));
  maximum.maxRelative = 0.25;
  EXPECT_TRUE(matches({26, 100}, {1, 100}, maximum));
  EXPECT_FALSE(matches({27, 100}, {1, 100}, maximum));
  EXPECT_TRUE(matches({1, -2}, {1, -2}, {}));
  EXPECT_FALSE(matches({1, -2}, {1, -2.0000002f}, {}));
}

TEST(CompareTest, WhatIsNotFiniteMustBeTheSame) {
  Tolerance wide;
  wide.absolute = 1e30;
  wide.relative = wide.maxRelative = 1;
  EXPECT_TRUE(matches({kNaN, kInfinity}, {kNaN, kInfinity}, wide));
  EXPECT_FALSE(matches({kNaN}, {1}, wide));
  EXPECT_FALSE(matches({1}, {kNaN}, wide));
  EXPECT_FALSE(matches({kInfinity}, {-kInfinity}, wide));
  EXPECT_FALSE(matches({1}, {kInfinity}, wide));
  EXPECT_FALSE(matches({kInfinity}, {1}, wide));
}

TEST(CompareTest, UnitsInTheLastPlace) {
  EXPECT_EQ(unitInLastPlace(DType::BF16, 1), 0x1p-7);
  EXPECT_EQ(unitInLastPlace(DType::BF16, -3), 0x1p-6);
  EXPECT_EQ(unitInLastPlace(DType::F16, 1), 0x1p-10);
  EXPECT_EQ(unitInLastPlace(DType::F16, 0), 0x1p-24);
  EXPECT_EQ(unitInLastPlace(DType::F16, 0x1p-20), 0x1p-24);
  EXPECT_EQ(unitInLastPlace(DType::F32, 0x1p24), 2);
  EXPECT_EQ(unitInLastPlace(DType::F64, 1), 0x1p-52);
  EXPECT_EQ(unitInLastPlace(DType::I32, 5), 0);

  Tolerance one;
  one.ulps = 1;
  HostTensor got = halves(DType::BF16, {1 + 0x1p-7f});
  EXPECT_TRUE(compareTensors("y", got, halves(DType::BF16, {1}), one).ok());
  EXPECT_FALSE(compareTensors("y", halves(DType::BF16, {1 + 0x1p-6f}),
                              halves(DType::BF16, {1}), one)
                   .ok());
}

TEST(CompareTest, DefaultsByType) {
  EXPECT_EQ(defaultTolerance(DType::I32).maxRelative, 0);
  EXPECT_EQ(defaultTolerance(DType::I32).ulps, 0);
  EXPECT_EQ(defaultTolerance(DType::F32).ulps, 0);
  EXPECT_GT(defaultTolerance(DType::F32).maxRelative, 0);
  EXPECT_EQ(defaultTolerance(DType::BF16).ulps, 1);
}

TEST(CompareTest, NamesTheWorstElement) {
  Result<std::string> result =
      compareTensors("y\n", floats({2, 3}, {0, 1, 2, 3, 5, 5}),
                     floats({2, 3}, {0, 1.5f, 2, 3, 4, 5}), {});
  ASSERT_FALSE(result.ok());
  const std::string &message = result.status().message();
  EXPECT_NE(message.find("result 'y\\n' f32[2, 3]: 2 of 6 elements"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("[1, 1]: got 5, expected 4, difference 1"),
            std::string::npos)
      << message;
}

TEST(CompareTest, ShapesMustBeEqual) {
  Result<std::string> result =
      compareTensors("y", floats({1, 2}, {0, 0}), floats({2}, {0, 0}), {});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(
      result.status().message().find("expected shape f32[2], got f32[1, 2]"),
      std::string::npos);
}

TEST(PrintTensorTest, SmallOnesWhole) {
  EXPECT_EQ(printTensor(floats({2, 2}, {1, 0.1f, -3, kInfinity})),
            "f32[2, 2] = [[1, 0.1], [-3, inf]]");
  EXPECT_EQ(printTensor(floats({}, {1})), "f32[] = 1");
  EXPECT_EQ(printTensor(floats({2, 0}, {})), "f32[2, 0] = [[], []]");
}

TEST(PrintTensorTest, LargeOnesWithoutTheirMiddle) {
  std::vector<float> values(100);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i);
  EXPECT_EQ(printTensor(floats({100}, values)),
            "f32[100] = [0, 1, 2, ..., 97, 98, 99]");
}

TEST(PrintTensorTest, HugeEmptyOnes) {
  EXPECT_LT(printTensor(floats({uint64_t(1) << 40, 0}, {})).size(), 100u);
}

} // namespace
