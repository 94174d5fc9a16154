//===- CausalConv1dTest.cpp -----------------------------------------------===//

#include "ssmc/Oracle/CausalConv1d.h"
#include "Tensors.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

CausalConv1dResult conv(const CausalConv1dInputs &inputs) {
  Result<CausalConv1dResult> result = causalConv1d(inputs);
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? *result : CausalConv1dResult();
}

TEST(CausalConv1d, LooksBackOnly) {
  // Two channels, three steps, three taps: the oldest tap first.
  HostTensor x = doubles({1, 3, 2}, {1, 10, 2, 20, 3, 30});
  HostTensor weight = doubles({2, 3}, {100, 10, 1, 0, 0, -1});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  CausalConv1dResult result = conv(inputs);
  EXPECT_EQ(result.y, (std::vector<double>{1, -10, 12, -20, 123, -30}));
  EXPECT_EQ(result.finalState, (std::vector<double>{2, 20, 3, 30}));
  EXPECT_EQ(result.yMagnitude, 123);
}

TEST(CausalConv1d, ContinuesFromAState) {
  // A decode step: the state is longer than what is new.
  HostTensor x = doubles({2, 1, 1}, {1, 2});
  HostTensor weight = doubles({1, 4}, {1000, 100, 10, 1});
  HostTensor bias = doubles({1}, {0.5});
  HostTensor state = doubles({2, 3, 1}, {4, 3, 2, 7, 6, 5});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.bias = &bias;
  inputs.initialState = &state;
  CausalConv1dResult result = conv(inputs);
  EXPECT_EQ(result.y, (std::vector<double>{4321.5, 7652.5}));
  EXPECT_EQ(result.finalState, (std::vector<double>{3, 2, 1, 6, 5, 2}));
}

TEST(CausalConv1d, KeepsPackedSequencesApart) {
  // Sequences of one step, of none and of three.
  HostTensor x = doubles({1, 4, 1}, {1, 2, 3, 4});
  HostTensor weight = doubles({1, 3}, {100, 10, 1});
  HostTensor state = doubles({3, 2, 1}, {9, 8, 7, 6, 5, 5});
  HostTensor bounds = doubles({4}, {0, 1, 1, 4});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.initialState = &state;
  inputs.cuSeqlens = &bounds;
  CausalConv1dResult result = conv(inputs);
  EXPECT_EQ(result.y, (std::vector<double>{981, 552, 523, 234}));
  EXPECT_EQ(result.finalState, (std::vector<double>{8, 1, 7, 6, 3, 4}));
}

TEST(CausalConv1d, KeepsStatesInSlots) {
  HostTensor x = doubles({3, 1, 1}, {1, 2, 3});
  HostTensor weight = doubles({1, 2}, {10, 1});
  HostTensor pool = doubles({3, 1, 1}, {4, 5, 6});
  HostTensor slots = doubles({3}, {1, -1, 0});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.initialState = &pool;
  inputs.stateSlots = &slots;
  CausalConv1dResult result = conv(inputs);
  EXPECT_EQ(result.y, (std::vector<double>{51, 0, 43}));
  EXPECT_EQ(result.finalState, (std::vector<double>{3, 1, 6}));

  slots = doubles({3}, {1, -1, 1});
  EXPECT_FALSE(causalConv1d(inputs).ok());
}

TEST(CausalConv1d, ReadsChannelMajorInputs) {
  HostTensor x = doubles({1, 2, 3}, {1, 2, 3, 10, 20, 30});
  HostTensor weight = doubles({2, 2}, {10, 1, 0, -1});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.layout = Layout::ChannelMajor;
  CausalConv1dResult result = conv(inputs);
  EXPECT_EQ(result.y, (std::vector<double>{1, 12, 23, -10, -20, -30}));
  EXPECT_EQ(result.finalState, (std::vector<double>{3, 30}));
}

TEST(CausalConv1d, Activates) {
  HostTensor x = doubles({1, 2, 1}, {1, -2});
  HostTensor weight = doubles({1, 2}, {0, 1});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.silu = true;
  CausalConv1dResult result = conv(inputs);
  ASSERT_EQ(result.y.size(), 2u);
  EXPECT_NEAR(result.y[0], 1 / (1 + std::exp(-1.0)), 1e-15);
  EXPECT_NEAR(result.y[1], -2 / (1 + std::exp(2.0)), 1e-15);
}

TEST(CausalConv1d, RefusesShapesThatDoNotFit) {
  HostTensor x = doubles({1, 2, 1}, {1, -2});
  HostTensor weight = doubles({2, 2}, {0, 1, 2, 3});
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  Result<CausalConv1dResult> result = causalConv1d(inputs);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(),
            "oracle: weight: expected the shape [1, 2], found f64[2, 2] with "
            "32 bytes of data");
  HostTensor none = doubles({1, 0}, {});
  inputs.weight = &none;
  EXPECT_FALSE(causalConv1d(inputs).ok());
  inputs.weight = nullptr;
  EXPECT_FALSE(causalConv1d(inputs).ok());
}

} // namespace
