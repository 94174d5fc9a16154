//===- ProblemTest.cpp ----------------------------------------------------===//

#include "ssmc/Oracle/Problem.h"
#include <algorithm>
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

} // namespace
