//===- ProblemTest.cpp ----------------------------------------------------===//

#include "ssmc/Oracle/Problem.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

Problem problem(const char *text) {
  Result<Case> it = parseCase(text);
  EXPECT_TRUE(it.ok()) << it.status().message();
  Result<Problem> made = makeProblem(it.ok() ? *it : Case());
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.ok() ? *made : Problem();
}

const HostTensor &input(const Problem &problem, const char *name) {
  auto found =
      std::find_if(problem.inputs.begin(), problem.inputs.end(),
                   [&](const auto &input) { return input.name == name; });
  EXPECT_NE(found, problem.inputs.end()) << name;
  return found->tensor;
}

TEST(ModuleText, DescribesTheOp) {
  EXPECT_EQ(
      moduleText(*parseCase("scan b2 l7 d10 n4 u=bf16 out=f32 bc=f16 D "
                            "softplus h0 hT groups=2 B=const "
                            "layout=channel")),
      R"(func.func @check(%u: tensor<?x10x?xbf16> {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: tensor<?x10x?xbf16> {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<10x4xf32> {ssm.name = "A"},
    %B: tensor<10x4xf16> {ssm.name = "B"},
    %C: tensor<?x2x4x?xf16> {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %D: tensor<10xf32> {ssm.name = "D"},
    %initial_state: tensor<?x10x4xf32> {ssm.name = "initial_state", ssm.dims = ["batch"]})
    -> (tensor<?x10x?xf32> {ssm.name = "out"}, tensor<?x10x4xf32> {ssm.name = "last_state"}) {
  %out, %last_state = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : tensor<10xf32>) delta_softplus initial_state(%initial_state : tensor<?x10x4xf32>) layout channel_major
      : tensor<?x10x?xbf16>, tensor<?x10x?xbf16>, tensor<10x4xf32>, tensor<10x4xf16>, tensor<?x2x4x?xf16>
      -> tensor<?x10x?xf32>, tensor<?x10x4xf32>
  return %out, %last_state : tensor<?x10x?xf32>, tensor<?x10x4xf32>
}
)");
  EXPECT_EQ(moduleText(*parseCase("conv b2 l7 d10 k4 bias silu static")),
            R"(func.func @check(%x: tensor<2x7x10xf32> {ssm.name = "x"},
    %weight: tensor<10x4xf32> {ssm.name = "weight"},
    %bias: tensor<10xf32> {ssm.name = "bias"})
    -> (tensor<2x7x10xf32> {ssm.name = "y"}) {
  %y = ssm.causal_conv1d %x, %weight bias(%bias : tensor<10xf32>) activation silu
      : tensor<2x7x10xf32>, tensor<10x4xf32>
      -> tensor<2x7x10xf32>
  return %y : tensor<2x7x10xf32>
}
)");
}

TEST(ModuleText, PacksSequences) {
  EXPECT_EQ(
      moduleText(*parseCase("scan l7 d10 n4 h=bf16 limits h0 reverse "
                            "seqs=3 C=const")),
      R"(func.func @check(%u: tensor<1x?x10xf32> {ssm.name = "u", ssm.dims = ["seqlen"]},
    %delta: tensor<1x?x10xf32> {ssm.name = "delta", ssm.dims = ["seqlen"]},
    %A: tensor<10x4xf32> {ssm.name = "A"},
    %B: tensor<1x?x4xf32> {ssm.name = "B", ssm.dims = ["seqlen"]},
    %C: tensor<10x4xf32> {ssm.name = "C"},
    %initial_state: tensor<3x10x4xbf16> {ssm.name = "initial_state"},
    %cu_seqlens: tensor<4xi32> {ssm.name = "cu_seqlens"})
    -> (tensor<1x?x10xf32> {ssm.name = "out"}) {
  %out = ssm.selective_scan %u, %delta, %A, %B, %C delta_limits [0.0625, 0.5] initial_state(%initial_state : tensor<3x10x4xbf16>) cu_seqlens(%cu_seqlens : tensor<4xi32>) reverse
      : tensor<1x?x10xf32>, tensor<1x?x10xf32>, tensor<10x4xf32>, tensor<1x?x4xf32>, tensor<10x4xf32>
      -> tensor<1x?x10xf32>
  return %out : tensor<1x?x10xf32>
}
)");
}

TEST(ModuleText, TakesSlotsSlicesAndComplexNumbers) {
  EXPECT_EQ(
      moduleText(*parseCase("scan b2 l7 d10 n4 u=f16 bc=f32 complex strided h0 "
                            "hT slots=5 B=const layout=channel")),
      R"(func.func @check(%u: tensor<?x34x?xf16> {ssm.name = "u", ssm.dims = ["batch", "seqlen"]},
    %delta: tensor<?x32x?xf16> {ssm.name = "delta", ssm.dims = ["batch", "seqlen"]},
    %A: tensor<10x4x2xf32> {ssm.name = "A"},
    %B: tensor<10x15x2xf32> {ssm.name = "B"},
    %C: tensor<?x12x?x2xf32> {ssm.name = "C", ssm.dims = ["batch", "seqlen"]},
    %initial_state: tensor<?x10x4x2xf32> {ssm.name = "initial_state", ssm.dims = ["nslots"]},
    %state_slots: tensor<?xi32> {ssm.name = "state_slots", ssm.dims = ["batch"]})
    -> (tensor<?x10x?xf16> {ssm.name = "out"}, tensor<?x10x4x2xf32> {ssm.name = "last_state"}) {
  %u_slice = ssm.slice %u dim 1 offset 2 step 3 : tensor<?x34x?xf16> -> tensor<?x10x?xf16>
  %delta_slice = ssm.slice %delta dim 1 offset 3 step 3 : tensor<?x32x?xf16> -> tensor<?x10x?xf16>
  %B_slice = ssm.slice %B dim 1 offset 3 step 3 : tensor<10x15x2xf32> -> tensor<10x4x2xf32>
  %C_slice = ssm.slice %C dim 1 offset 4 step 2 : tensor<?x12x?x2xf32> -> tensor<?x4x?x2xf32>
  %out, %last_state = ssm.selective_scan %u_slice, %delta_slice, %A, %B_slice, %C_slice initial_state(%initial_state : tensor<?x10x4x2xf32>) state_slots(%state_slots : tensor<?xi32>) layout channel_major
      : tensor<?x10x?xf16>, tensor<?x10x?xf16>, tensor<10x4x2xf32>, tensor<10x4x2xf32>, tensor<?x4x?x2xf32>
      -> tensor<?x10x?xf16>, tensor<?x10x4x2xf32>
  return %out, %last_state : tensor<?x10x?xf16>, tensor<?x10x4x2xf32>
}
)");
  EXPECT_EQ(
      moduleText(*parseCase("conv b2 l7 d10 k4 seqs=3 h0 slots=5")),
      R"(func.func @check(%x: tensor<1x?x10xf32> {ssm.name = "x", ssm.dims = ["seqlen"]},
    %weight: tensor<10x4xf32> {ssm.name = "weight"},
    %initial_state: tensor<?x3x10xf32> {ssm.name = "initial_state", ssm.dims = ["nslots"]},
    %cu_seqlens: tensor<4xi32> {ssm.name = "cu_seqlens"},
    %state_slots: tensor<3xi32> {ssm.name = "state_slots"})
    -> (tensor<1x?x10xf32> {ssm.name = "y"}) {
  %y = ssm.causal_conv1d %x, %weight initial_state(%initial_state : tensor<?x3x10xf32>) cu_seqlens(%cu_seqlens : tensor<4xi32>) state_slots(%state_slots : tensor<3xi32>)
      : tensor<1x?x10xf32>, tensor<10x4xf32>
      -> tensor<1x?x10xf32>
  return %y : tensor<1x?x10xf32>
}
)");
}

TEST(Problem, CoversAllStepsWithPackedSequences) {
  Problem it = problem("scan l50 d2 n2 seqs=6 hT seed=4");
  std::vector<double> bounds = toDoubles(input(it, "cu_seqlens"));
  ASSERT_EQ(bounds.size(), 7u);
  EXPECT_EQ(bounds.front(), 0);
  EXPECT_EQ(bounds.back(), 50);
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
  EXPECT_EQ(describeTensor(it.outputs[1].values), "f64[6, 2, 2]");
}

TEST(Problem, HasTheTensorsOfTheCase) {
  Problem it = problem("scan b2 l7 d10 n4 u=bf16 bc=f16 D z bias softplus h0 "
                       "hT groups=5 layout=channel w=f16");
  EXPECT_EQ(it.inputs.size(), 9u);
  EXPECT_EQ(describeTensor(input(it, "u")), "bf16[2, 10, 7]");
  EXPECT_EQ(describeTensor(input(it, "z")), "bf16[2, 10, 7]");
  EXPECT_EQ(describeTensor(input(it, "B")), "f16[2, 5, 4, 7]");
  EXPECT_EQ(describeTensor(input(it, "delta_bias")), "f16[10]");
  EXPECT_EQ(describeTensor(input(it, "initial_state")), "f32[2, 10, 4]");
  ASSERT_EQ(it.outputs.size(), 2u);
  EXPECT_EQ(describeTensor(it.outputs[0].values), "f64[2, 10, 7]");
  EXPECT_EQ(it.outputs[0].ulps, 0.5);
  EXPECT_EQ(describeTensor(it.outputs[1].values), "f64[2, 10, 4]");
  EXPECT_EQ(it.outputs[1].ulps, 0);
}

TEST(Problem, IsDrawnFromItsSeed) {
  const char *text = "scan l9 d3 n2 seed=5";
  EXPECT_EQ(input(problem(text), "u").data, input(problem(text), "u").data);
  EXPECT_NE(input(problem(text), "u").data,
            input(problem("scan l9 d3 n2 seed=6"), "u").data);
  EXPECT_NE(input(problem(text), "u").data, input(problem(text), "delta").data);
  // What a flag adds leaves the rest as it is.
  EXPECT_EQ(input(problem(text), "B").data,
            input(problem("scan l9 d3 n2 z h0 seed=5"), "B").data);
}

TEST(Problem, SpreadsItsData) {
  Problem it = problem("scan b2 l100 d10 n4 softplus");
  std::vector<double> u = toDoubles(input(it, "u"));
  double sum = 0, squares = 0;
  for (double value : u) {
    sum += value;
    squares += value * value;
  }
  auto count = static_cast<double>(u.size());
  EXPECT_NEAR(sum / count, 0, 0.1);
  EXPECT_NEAR(squares / count, 1, 0.1);
  for (double slope : toDoubles(input(it, "A")))
    EXPECT_LT(slope, 0);
  // Some steps lie beyond the threshold of softplus.
  std::vector<double> delta = toDoubles(input(it, "delta"));
  EXPECT_GT(*std::max_element(delta.begin(), delta.end()), 20);
}

TEST(Problem, AllowsWhatTheOpPromises) {
  EXPECT_DOUBLE_EQ(scanErrorBound(100, 1), 4e-6 + 0x1p-22);
  EXPECT_DOUBLE_EQ(scanErrorBound(100, 0.001), 4e-6 + 100 * 0x1p-22);
  EXPECT_DOUBLE_EQ(scanErrorBound(5000, 0.001), 4e-6 + 1000 * 0x1p-22);
  EXPECT_DOUBLE_EQ(scanErrorBound(100, 0), 4e-6 + 100 * 0x1p-22);

  Problem it = problem("conv l100 d10 k4 hT");
  ASSERT_EQ(it.outputs.size(), 2u);
  double largest = 0;
  for (double value : toDoubles(it.outputs[0].values))
    largest = std::max(largest, std::abs(value));
  EXPECT_DOUBLE_EQ(it.outputs[0].absolute, kConvErrorBound * largest);
  EXPECT_EQ(it.outputs[0].ulps, 0);
  // States are copied.
  EXPECT_EQ(it.outputs[1].absolute, 0);
}

TEST(Problem, LeavesGapsAroundPackedSequences) {
  Problem it = problem("scan l50 d2 n2 seqs=6 gap seed=4");
  std::vector<double> bounds = toDoubles(input(it, "cu_seqlens"));
  EXPECT_GT(bounds.front(), 0);
  EXPECT_LT(bounds.back(), 50);
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
  // Nothing may be there.
  std::vector<double> out = toDoubles(it.outputs[0].values);
  ASSERT_EQ(it.outputs[0].allowed.size(), out.size());
  EXPECT_EQ(out.front(), 0);
  EXPECT_EQ(it.outputs[0].allowed.front(), 0);
  auto middle = static_cast<size_t>(bounds.front()) * 2;
  EXPECT_EQ(it.outputs[0].allowed[middle], it.outputs[0].absolute);
}

TEST(Problem, DrawsSlotsOnce) {
  bool hasPadding = false;
  for (const char *text : {"scan b9 d2 n2 h0 hT slots=12 seed=1",
                           "conv l20 d2 seqs=9 h0 hT slots=9",
                           "scan b9 d2 n2 h0 hT slots=2 seed=3"}) {
    Problem it = problem(text);
    std::vector<double> slots = toDoubles(input(it, "state_slots"));
    ASSERT_EQ(slots.size(), 9u);
    auto rows = static_cast<double>(input(it, "initial_state").shape[0]);
    std::sort(slots.begin(), slots.end());
    auto first = std::find_if(slots.begin(), slots.end(),
                              [](double slot) { return slot >= 0; });
    hasPadding |= first != slots.begin();
    EXPECT_EQ(std::adjacent_find(first, slots.end()), slots.end()) << text;
    EXPECT_LT(slots.back(), rows) << text;
    EXPECT_EQ(it.outputs.back().values.shape[0], rows);
  }
  EXPECT_TRUE(hasPadding);
}

TEST(Problem, PutsSlicesBetweenNaNs) {
  std::vector<double> part = toDoubles(input(problem("scan l3 d5 n4"), "u"));
  std::vector<double> whole =
      toDoubles(input(problem("scan l3 d5 n4 strided"), "u"));
  Slice slice = inputSlice("u", 5);
  ASSERT_EQ(whole.size(), 3 * slice.whole);
  size_t numbers = 0;
  for (double value : whole)
    numbers += std::isnan(value) ? 0 : 1;
  EXPECT_EQ(numbers, part.size());
  for (size_t t = 0; t < 3; ++t)
    for (size_t d = 0; d < 5; ++d)
      EXPECT_EQ(whole[t * slice.whole + slice.offset + d * slice.step],
                part[t * 5 + d]);
  // What should come out is the same.
  EXPECT_EQ(problem("scan l3 d5 n4").outputs[0].values.data,
            problem("scan l3 d5 n4 strided").outputs[0].values.data);
}

TEST(Problem, SaysHowToRunInCalls) {
  Problem whole = problem("scan l23 d4 n2 h0 hT layout=channel B=const");
  Problem it = problem("scan l23 d4 n2 layout=channel B=const chunk=10");
  EXPECT_EQ(whole.calls, std::vector<uint64_t>{23});
  EXPECT_EQ(it.calls, (std::vector<uint64_t>{10, 10, 3}));
  EXPECT_EQ(it.outputs[0].values.data, whole.outputs[0].values.data);
  EXPECT_EQ(it.inputs[0].timeAxis, 2u);
  EXPECT_EQ(it.inputs[3].timeAxis, std::nullopt);
  EXPECT_EQ(it.inputs[4].timeAxis, 2u);
  EXPECT_EQ(it.outputs[0].timeAxis, 2u);
  EXPECT_EQ(it.outputs[0].feeds, "");
  EXPECT_EQ(it.outputs[1].timeAxis, std::nullopt);
  EXPECT_EQ(it.outputs[1].feeds, "initial_state");
  EXPECT_EQ(problem("conv l9 d4 k3 chunk=2").outputs[1].feeds, "initial_state");
}

TEST(Problem, DrawsLargePhasesOfExactSteps) {
  double largest = 0;
  for (const char *seed : {"1", "2", "3", "4", "5", "6", "7", "8"}) {
    std::string text = "scan l20 d4 n4 complex seed=" + std::string(seed);
    Problem it = problem(text.c_str());
    std::vector<double> A = toDoubles(input(it, "A"));
    double delta = toDoubles(input(it, "delta"))[0];
    for (size_t i = 1; i < A.size(); i += 2)
      largest = std::max(largest, std::fabs(A[i]) * delta);
    // However large they are, they must be accurate.
    EXPECT_LT(it.outputs[0].absolute / 1e-3, 1);
  }
  EXPECT_GT(largest, 1e3);
  EXPECT_LT(largest, 2e5);
  EXPECT_DOUBLE_EQ(scanErrorBound(100, 1, 9), 4e-6 + 10 * 0x1p-22);
}

TEST(Problem, BoundsTheMeanErrorWhereStatesForget) {
  size_t bounded = 0;
  for (int seed = 0; seed < 50; ++seed) {
    std::string text = "scan l20 d4 n4 seed=" + std::to_string(seed);
    bounded += problem(text.c_str()).outputs[0].nmse == kMaxNmse ? 1 : 0;
  }
  EXPECT_GT(bounded, 5u);
  EXPECT_LT(bounded, 45u);
}

TEST(Problem, DrawsSpecialNumbers) {
  size_t nans = 0, infinities = 0, others = 0;
  for (int seed = 0; seed < 200; ++seed) {
    std::string text = "scan b2 l20 d3 n2 D z bias h0 hT data=special seed=" +
                       std::to_string(seed);
    Problem it = problem(text.c_str());
    ASSERT_EQ(it.outputs[0].allowed.size(), 120u);
    size_t finite = 0;
    for (double value : toDoubles(it.outputs[0].values)) {
      nans += std::isnan(value) ? 1 : 0;
      infinities += std::isinf(value) ? 1 : 0;
      finite += std::isfinite(value) ? 1 : 0;
    }
    others += finite != 0 ? 1 : 0;
    for (double allowed : it.outputs[0].allowed)
      EXPECT_TRUE(std::isfinite(allowed));
  }
  EXPECT_GT(nans, 100u);
  EXPECT_GT(infinities, 100u);
  // Some row is in order in nearly all of them.
  EXPECT_GT(others, 180u);
}

} // namespace
