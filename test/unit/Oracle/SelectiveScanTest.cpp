//===- SelectiveScanTest.cpp ----------------------------------------------===//

#include "ssmc/Oracle/SelectiveScan.h"
#include "Tensors.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

/// One channel, one state, two steps.
struct TwoSteps {
  HostTensor u = doubles({1, 2, 1}, {1, 2});
  HostTensor delta = doubles({1, 2, 1}, {0.5, 0.25});
  HostTensor A = doubles({1, 1}, {-2});
  HostTensor B = doubles({1, 2, 1}, {2, 3});
  HostTensor C = doubles({1, 2, 1}, {1, -1});
  SelectiveScanInputs inputs;

  TwoSteps() {
    inputs.u = &u;
    inputs.delta = &delta;
    inputs.A = &A;
    inputs.B = &B;
    inputs.C = &C;
  }
};

SelectiveScanResult scan(const SelectiveScanInputs &inputs) {
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? *result : SelectiveScanResult();
}

void expectNear(const std::vector<double> &got,
                const std::vector<double> &expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], 1e-14) << "at " << i;
}

TEST(SelectiveScan, FollowsTheRecurrence) {
  TwoSteps two;
  SelectiveScanResult result = scan(two.inputs);
  // h0 = 0.5 * 2 * 1; h1 = exp(0.25 * -2) * h0 + 0.25 * 3 * 2.
  double h1 = std::exp(-0.5) + 1.5;
  expectNear(result.out, {1, -h1});
  expectNear(result.lastState, {h1});
  EXPECT_DOUBLE_EQ(result.minDecay, 0.5);
  EXPECT_NEAR(result.outMagnitude, h1, 1e-14);
  EXPECT_NEAR(result.stateMagnitude, h1, 1e-14);
}

TEST(SelectiveScan, ContinuesFromAState) {
  TwoSteps two;
  HostTensor state = doubles({1, 1, 1}, {-4});
  two.inputs.initialState = &state;
  SelectiveScanResult result = scan(two.inputs);
  double h0 = std::exp(-1) * -4 + 1, h1 = std::exp(-0.5) * h0 + 1.5;
  expectNear(result.out, {h0, -h1});
  expectNear(result.lastState, {h1});
  // Terms that cancel count in full.
  EXPECT_NEAR(result.stateMagnitude,
              std::exp(-0.5) * (std::exp(-1) * 4 + 1) + 1.5, 1e-14);
}

TEST(SelectiveScan, SkipsGatesAndBiases) {
  TwoSteps two;
  HostTensor D = doubles({1}, {10}), bias = doubles({1}, {0.75}),
             z = doubles({1, 2, 1}, {0.5, -3});
  two.inputs.D = &D;
  two.inputs.deltaBias = &bias;
  two.inputs.z = &z;
  two.inputs.deltaSoftplus = true;
  double dt0 = std::log(1 + std::exp(1.25)), dt1 = std::log(1 + std::exp(1.0));
  double h0 = dt0 * 2, h1 = std::exp(-2 * dt1) * h0 + dt1 * 6;
  double gate0 = 0.5 / (1 + std::exp(-0.5)), gate1 = -3 / (1 + std::exp(3.0));
  expectNear(scan(two.inputs).out, {(h0 + 10) * gate0, (-h1 + 20) * gate1});
}

TEST(SelectiveScan, SoftplusIsTheIdentityBeyondItsThreshold) {
  EXPECT_EQ(softplus(20.5), 20.5);
  EXPECT_GT(softplus(20), 20);
  EXPECT_NEAR(softplus(0), std::log(2), 1e-15);
  // log(1 + exp(x)) taken literally would be 0.
  EXPECT_NEAR(softplus(-40) / std::exp(-40), 1, 1e-12);
}

TEST(SelectiveScan, ReadsTheGroupOfEachChannel) {
  // Four channels of two groups, one step with dt = u = 1: y = B * C.
  HostTensor ones = doubles({1, 1, 4}, {1, 1, 1, 1});
  HostTensor A = doubles({4, 1}, {-1, -1, -1, -1});
  HostTensor B = doubles({1, 1, 2, 1}, {3, 5});
  HostTensor C = doubles({4, 1}, {1, 10, 100, 1000});
  SelectiveScanInputs inputs;
  inputs.u = inputs.delta = &ones;
  inputs.A = &A;
  inputs.B = &B;
  inputs.C = &C;
  expectNear(scan(inputs).out, {3, 30, 500, 5000});
}

TEST(SelectiveScan, LayoutsAgree) {
  // Two channels with a group each, two states, three steps; in both layouts.
  std::vector<double> u = {1, 2, 3, 4, 5, 6}, dt = {.1, .2, .3, .4, .5, .6};
  HostTensor uToken = doubles({1, 3, 2}, u), dtToken = doubles({1, 3, 2}, dt);
  HostTensor uChannel = doubles({1, 2, 3}, {1, 3, 5, 2, 4, 6});
  HostTensor dtChannel = doubles({1, 2, 3}, {.1, .3, .5, .2, .4, .6});
  HostTensor A = doubles({2, 2}, {-1, -2, -3, -4});
  // (batch, seqlen, ngroups, dstate) and (batch, ngroups, dstate, seqlen).
  HostTensor bToken =
      doubles({1, 3, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  HostTensor bChannel =
      doubles({1, 2, 2, 3}, {1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12});
  // (batch, seqlen, dstate) and (batch, dstate, seqlen).
  HostTensor cToken = doubles({1, 3, 2}, {1, -1, 2, -2, 3, -3});
  HostTensor cChannel = doubles({1, 2, 3}, {1, 2, 3, -1, -2, -3});

  SelectiveScanInputs token, channel;
  token.u = &uToken, token.delta = &dtToken, token.A = &A, token.B = &bToken,
  token.C = &cToken;
  channel.u = &uChannel, channel.delta = &dtChannel, channel.A = &A,
  channel.B = &bChannel, channel.C = &cChannel;
  channel.layout = Layout::ChannelMajor;
  SelectiveScanResult first = scan(token), second = scan(channel);
  ASSERT_EQ(first.out.size(), 6u);
  ASSERT_EQ(second.out.size(), 6u);
  for (size_t t = 0; t < 3; ++t)
    for (size_t d = 0; d < 2; ++d)
      EXPECT_DOUBLE_EQ(first.out[t * 2 + d], second.out[d * 3 + t]);
  expectNear(first.lastState, second.lastState);
  // The last step of channel 1 by hand, from its own group of B.
  double h = 0;
  for (size_t t = 0; t < 3; ++t)
    h = std::exp(dt[t * 2 + 1] * -4) * h +
        dt[t * 2 + 1] * (4 + 4.0 * static_cast<double>(t)) * u[t * 2 + 1];
  EXPECT_NEAR(first.lastState[3], h, 1e-14);
}

TEST(SelectiveScan, RunsBackwards) {
  TwoSteps two;
  HostTensor state = doubles({1, 1, 1}, {8});
  two.inputs.initialState = &state;
  two.inputs.reverse = true;
  SelectiveScanResult result = scan(two.inputs);
  double h1 = std::exp(-0.5) * 8 + 1.5, h0 = std::exp(-1) * h1 + 1;
  expectNear(result.out, {h0, -h1});
  expectNear(result.lastState, {h0});
}

TEST(SelectiveScan, ClampsSteps) {
  TwoSteps two;
  two.inputs.deltaLimits = {0.3, 0.4};
  SelectiveScanResult result = scan(two.inputs);
  // dt is 0.4 instead of 0.5, then 0.3 instead of 0.25.
  double h0 = 0.8, h1 = std::exp(-0.6) * h0 + 1.8;
  expectNear(result.out, {h0, -h1});
  EXPECT_DOUBLE_EQ(result.minDecay, 0.6);
}

TEST(SelectiveScan, KeepsPackedSequencesApart) {
  // Five steps with dt = B = C = 1 and a decay of one half: sequences of two
  // steps, of none and of three.
  HostTensor ones = doubles({1, 5, 1}, {1, 1, 1, 1, 1});
  HostTensor u = doubles({1, 5, 1}, {1, 2, 4, 8, 16});
  HostTensor A = doubles({1, 1}, {-std::log(2)}), B = doubles({1, 1}, {1});
  HostTensor states = doubles({3, 1, 1}, {100, 200, 300});
  HostTensor bounds = doubles({4}, {0, 2, 2, 5});
  SelectiveScanInputs inputs;
  inputs.u = &u;
  inputs.delta = &ones;
  inputs.A = &A;
  inputs.B = inputs.C = &B;
  inputs.initialState = &states;
  inputs.cuSeqlens = &bounds;
  SelectiveScanResult result = scan(inputs);
  expectNear(result.out, {51, 27.5, 154, 85, 58.5});
  expectNear(result.lastState, {27.5, 200, 58.5});

  inputs.reverse = true;
  inputs.initialState = nullptr;
  result = scan(inputs);
  expectNear(result.out, {2, 2, 12, 16, 16});
  expectNear(result.lastState, {2, 0, 12});

  // Steps of no sequence are left alone.
  bounds = doubles({2}, {1, 3});
  expectNear(scan(inputs).out, {0, 4, 4, 0, 0});
}

TEST(SelectiveScan, HasNoStepWithoutALength) {
  HostTensor u = doubles({1, 0, 1}, {}), A = doubles({1, 1}, {-1}),
             B = doubles({1, 1}, {1}), state = doubles({1, 1, 1}, {7});
  SelectiveScanInputs inputs;
  inputs.u = inputs.delta = &u;
  inputs.A = &A;
  inputs.B = inputs.C = &B;
  inputs.initialState = &state;
  SelectiveScanResult result = scan(inputs);
  EXPECT_TRUE(result.out.empty());
  expectNear(result.lastState, {7});
  EXPECT_TRUE(std::isinf(result.minDecay));
}

std::string failure(const SelectiveScanInputs &inputs) {
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  return result.ok() ? "" : result.status().message();
}

TEST(SelectiveScan, RefusesShapesThatDoNotFit) {
  TwoSteps two;
  HostTensor three = doubles({3}, {1, 2, 3});
  two.inputs.D = &three;
  EXPECT_EQ(failure(two.inputs), "oracle: D: expected the shape [1], found "
                                 "f64[3] with 24 bytes of data");
  two.inputs.D = nullptr;
  two.inputs.C = &three;
  EXPECT_EQ(failure(two.inputs),
            "oracle: C: expected a tensor of rank 4, found f64[3]");
  two.inputs.C = nullptr;
  EXPECT_EQ(failure(two.inputs),
            "oracle: C: expected a tensor of rank 4, found none");
  HostTensor groups = doubles({1, 2, 2, 1}, {1, 2, 3, 4});
  two.inputs.C = &groups;
  EXPECT_EQ(failure(two.inputs), "oracle: C: expected a number of groups that "
                                 "divides 1, found 2");
  two.inputs.C = &two.B;
  HostTensor none = doubles({0}, {});
  two.inputs.cuSeqlens = &none;
  EXPECT_EQ(failure(two.inputs), "oracle: cu_seqlens: expected at least one "
                                 "bound and a batch of 1");
  HostTensor bounds = doubles({3}, {0, 3, 2});
  two.inputs.cuSeqlens = &bounds;
  EXPECT_EQ(failure(two.inputs),
            "oracle: cu_seqlens: expected element 1 from 0 "
            "to 2, found 3");
  bounds = doubles({3}, {1, 0, 2});
  EXPECT_EQ(failure(two.inputs),
            "oracle: cu_seqlens: expected element 1 from 1 "
            "to 2, found 0");
  two.inputs.cuSeqlens = nullptr;
  two.u.data.pop_back();
  EXPECT_EQ(failure(two.inputs), "oracle: u: expected the shape [1, 2, 1], "
                                 "found f64[1, 2, 1] with 15 bytes of data");
}

/// Three sequences of one step each, whose states are 10 and more.
struct ThreeSequences {
  HostTensor ones = doubles({3, 1, 1}, {1, 1, 1});
  HostTensor u = doubles({3, 1, 1}, {1, 2, 3});
  HostTensor A = doubles({1, 1}, {-std::log(2)}), B = doubles({1, 1}, {1});
  HostTensor pool = doubles({4, 1, 1}, {10, 20, 30, 40});
  HostTensor slots = doubles({3}, {2, -5, 0});
  SelectiveScanInputs inputs;

  ThreeSequences() {
    inputs.u = &u;
    inputs.delta = &ones;
    inputs.A = &A;
    inputs.B = inputs.C = &B;
    inputs.initialState = &pool;
    inputs.stateSlots = &slots;
  }
};

TEST(SelectiveScan, KeepsStatesInSlots) {
  ThreeSequences three;
  SelectiveScanResult result = scan(three.inputs);
  expectNear(result.out, {16, 0, 8});
  expectNear(result.lastState, {8, 20, 16, 40});
  EXPECT_EQ(result.outMagnitudes[1], 0);
  EXPECT_EQ(result.stateMagnitudes[3], 0);

  // The same as packed sequences, with a step of none at the end.
  three.ones.shape = three.u.shape = {1, 3, 1};
  HostTensor bounds = doubles({3}, {0, 1, 2});
  three.slots = doubles({2}, {3, 1});
  three.inputs.cuSeqlens = &bounds;
  result = scan(three.inputs);
  expectNear(result.out, {21, 12, 0});
  expectNear(result.lastState, {10, 12, 30, 21});
}

TEST(SelectiveScan, RefusesSlotsThatDoNotFit) {
  ThreeSequences three;
  three.slots = doubles({3}, {2, 1, 2});
  EXPECT_EQ(failure(three.inputs), "oracle: state_slots: expected each slot "
                                   "once, found 2 again at element 2");
  three.slots = doubles({3}, {2, 4, 0});
  EXPECT_EQ(failure(three.inputs),
            "oracle: state_slots: expected element 1 below 4, found 4");
  three.slots = doubles({2}, {2, 1});
  EXPECT_EQ(failure(three.inputs),
            "oracle: state_slots: expected the shape [3], found f64[2] with 16 "
            "bytes of data");
  three.inputs.initialState = nullptr;
  EXPECT_EQ(failure(three.inputs), "oracle: initial_state: expected a tensor "
                                   "of rank 3, found none");
}

TEST(SelectiveScan, TakesComplexNumbers) {
  TwoSteps two;
  HostTensor A = doubles({1, 1, 2}, {-2, 3});
  HostTensor B = doubles({1, 2, 1, 2}, {2, 1, 3, -1});
  HostTensor C = doubles({1, 1, 2}, {1, -0.5});
  HostTensor state = doubles({1, 1, 1, 2}, {0.25, 4});
  two.inputs.A = &A;
  two.inputs.B = &B;
  two.inputs.C = &C;
  two.inputs.initialState = &state;
  // By hand, with real numbers: dt = 0.5 and u = 1, then dt = 0.25 and u = 2.
  double r0 = std::exp(-1), c0 = std::cos(1.5), s0 = std::sin(1.5);
  double re0 = r0 * (c0 * 0.25 - s0 * 4) + 1;
  double im0 = r0 * (c0 * 4 + s0 * 0.25) + 0.5;
  double r1 = std::exp(-0.5), c1 = std::cos(0.75), s1 = std::sin(0.75);
  double re1 = r1 * (c1 * re0 - s1 * im0) + 1.5;
  double im1 = r1 * (c1 * im0 + s1 * re0) - 0.5;
  SelectiveScanResult result = scan(two.inputs);
  expectNear(result.out, {2 * re0 + im0, 2 * re1 + im1});
  expectNear(result.lastState, {re1, im1});
  EXPECT_DOUBLE_EQ(result.maxPhase, 1.5);
  EXPECT_DOUBLE_EQ(result.minDecay, 0.5);
  EXPECT_GE(result.outMagnitude, std::fabs(2 * re1 + im1));
  ASSERT_EQ(result.stateMagnitudes.size(), 1u);
  EXPECT_GE(result.stateMagnitudes[0], std::hypot(re1, im1));

  // Without a trailing 2, B is of another rank.
  two.inputs.B = &two.B;
  EXPECT_EQ(failure(two.inputs), "oracle: B: expected the shape [1, 1, 2], "
                                 "found f64[1, 2, 1] with 16 bytes of data");
}

TEST(SelectiveScan, ClassesOfNumbersFollowTheEquations) {
  TwoSteps two;
  two.u = doubles({1, 2, 1}, {INFINITY, 2});
  SelectiveScanResult result = scan(two.inputs);
  EXPECT_EQ(result.out[0], INFINITY);
  EXPECT_EQ(result.out[1], -INFINITY);
  two.u = doubles({1, 2, 1}, {1, NAN});
  result = scan(two.inputs);
  EXPECT_EQ(result.out[0], 1);
  EXPECT_TRUE(std::isnan(result.out[1]));
  // A NaN among the steps is no clamped number.
  two.delta = doubles({1, 2, 1}, {0.5, NAN});
  two.u = doubles({1, 2, 1}, {1, 1});
  two.inputs.deltaLimits = {0.25, 1};
  EXPECT_TRUE(std::isnan(scan(two.inputs).out[1]));
}

} // namespace
