//===- MathTest.cpp - Arithmetic of the GPU -------------------------------===//

#include "Bench.h"
#include <cmath>

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

// f(in[0], in[1], in[2]) for the call `expression`, which gives a float %v.
float evaluate(const std::string &expression, std::vector<float> in) {
  Bench bench(checked(false));
  in.resize(3);
  auto source = bench.upload(in);
  auto target = bench.allocate(4);
  expectOk(bench.run(kernel("ptr %in, ptr %out", R"(
  %p1 = getelementptr float, ptr %in, i32 1
  %p2 = getelementptr float, ptr %in, i32 2
  %a = load float, ptr %in
  %b = load float, ptr %p1
  %c = load float, ptr %p2
)" + expression + R"(
  store float %v, ptr %out
  ret void)"),
                     1, 1, {source, target}));
  return bench.download<float>(target, 1)[0];
}

float unary(const std::string &name, float value) {
  return evaluate("  %v = call float @llvm.nvvm." + name + "(float %a)",
                  {value});
}

float binary(const std::string &name, float a, float b) {
  return evaluate(
      "  %v = call float @llvm.nvvm." + name + "(float %a, float %b)", {a, b});
}

const float kSubnormal = 0x1p-130f;

} // namespace

TEST(Math, Approximations) {
  EXPECT_FLOAT_EQ(unary("ex2.approx.f32", 1.5f), std::exp2(1.5f));
  EXPECT_FLOAT_EQ(unary("ex2.approx.ftz.f32", -3.25f), std::exp2(-3.25f));
  EXPECT_FLOAT_EQ(unary("lg2.approx.f", 10.0f), std::log2(10.0f));
  EXPECT_FLOAT_EQ(unary("lg2.approx.ftz.f", 10.0f), std::log2(10.0f));
  EXPECT_FLOAT_EQ(unary("rcp.approx.ftz.f", 3.0f), 1.0f / 3.0f);
  EXPECT_FLOAT_EQ(unary("rcp.rn.f", 3.0f), 1.0f / 3.0f);
  EXPECT_FLOAT_EQ(unary("rsqrt.approx.f", 2.0f), 1.0f / std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(unary("rsqrt.approx.ftz.f", 2.0f), 1.0f / std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(unary("sqrt.approx.f", 2.0f), std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(unary("sqrt.rn.f", 2.0f), std::sqrt(2.0f));
  EXPECT_FLOAT_EQ(unary("sin.approx.f", 1.0f), std::sin(1.0f));
  EXPECT_FLOAT_EQ(unary("cos.approx.ftz.f", 1.0f), std::cos(1.0f));
  EXPECT_FLOAT_EQ(binary("div.approx.f", 1.0f, 3.0f), 1.0f / 3.0f);
  EXPECT_FLOAT_EQ(binary("div.rn.f", 1.0f, 3.0f), 1.0f / 3.0f);
}

TEST(Math, SpecialValues) {
  EXPECT_EQ(unary("ex2.approx.f32", -INFINITY), 0.0f);
  EXPECT_EQ(unary("ex2.approx.f32", 200.0f), INFINITY);
  EXPECT_EQ(unary("lg2.approx.f", 0.0f), -INFINITY);
  EXPECT_TRUE(std::isnan(unary("lg2.approx.f", -1.0f)));
  EXPECT_EQ(unary("rcp.approx.ftz.f", 0.0f), INFINITY);
  EXPECT_EQ(unary("rsqrt.approx.f", 0.0f), INFINITY);
  EXPECT_EQ(unary("rsqrt.approx.f", INFINITY), 0.0f);
}

TEST(Math, FtzFlushesSubnormals) {
  EXPECT_EQ(unary("ex2.approx.f32", -130.0f), kSubnormal);
  EXPECT_EQ(unary("ex2.approx.ftz.f32", -130.0f), 0.0f);
  EXPECT_EQ(unary("lg2.approx.f", kSubnormal), -130.0f);
  EXPECT_EQ(unary("lg2.approx.ftz.f", kSubnormal), -INFINITY);
  EXPECT_EQ(unary("rcp.approx.ftz.f", -kSubnormal), -INFINITY);
  EXPECT_TRUE(std::signbit(unary("rcp.approx.ftz.f", -0x1p127f)));
  EXPECT_EQ(unary("rcp.approx.ftz.f", -0x1p127f), 0.0f);
}

TEST(Math, RoundingIsExact) {
  // 1 + 2^-23 and its square need fma's single rounding.
  float e = 1.0f + 0x1p-23f;
  EXPECT_EQ(evaluate("  %v = call float @llvm.nvvm.fma.rn.f(float %a, float %b,"
                     " float %c)",
                     {e, e, -1.0f}),
            std::fma(e, e, -1.0f));
  EXPECT_EQ(evaluate("  %v = call float @llvm.fma.f32(float %a, float %b,"
                     " float %c)",
                     {e, e, -1.0f}),
            std::fma(e, e, -1.0f));
  EXPECT_EQ(binary("add.rn.f", 1.0f, 0x1p-24f), 1.0f);
  EXPECT_EQ(binary("mul.rn.f", e, e), e * e);
}

TEST(Math, MinimumAndMaximum) {
  EXPECT_EQ(binary("fmax.f", NAN, 2.0f), 2.0f);
  EXPECT_EQ(binary("fmin.f", 1.0f, 2.0f), 1.0f);
  EXPECT_TRUE(std::isnan(binary("fmax.nan.f", NAN, 2.0f)));
  EXPECT_TRUE(std::isnan(binary("fmin.nan.f", 2.0f, NAN)));
  EXPECT_EQ(unary("fabs.f32", -2.0f), 2.0f);
}

TEST(Math, PlainIntrinsics) {
  EXPECT_FLOAT_EQ(
      evaluate("  %v = call float @llvm.exp2.f32(float %a)", {2.5f}),
      std::exp2(2.5f));
  EXPECT_FLOAT_EQ(
      evaluate("  %v = call afn float @llvm.tanh.f32(float %a)", {0.5f}),
      std::tanh(0.5f));
  EXPECT_FLOAT_EQ(evaluate("  %v = call float @llvm.minnum.f32(float %a, "
                           "float %b)",
                           {1.0f, NAN}),
                  1.0f);
  EXPECT_FLOAT_EQ(
      evaluate("  %v = call float @llvm.log2.f32(float %a)", {8.0f}), 3.0f);
  EXPECT_EQ(evaluate("  %v = call float @llvm.roundeven.f32(float %a)", {2.5f}),
            2.0f);
}

TEST(Math, NarrowTypesRoundOnce) {
  EXPECT_EQ(evaluate(R"(
  %h = fptrunc float %a to half
  %r = call half @llvm.nvvm.ex2.approx.f16(half %h)
  %v = fpext half %r to float)",
                     {1.0f}),
            2.0f);
  EXPECT_EQ(evaluate(R"(
  %h = fptrunc float %a to bfloat
  %i = insertelement <2 x bfloat> poison, bfloat %h, i32 0
  %j = insertelement <2 x bfloat> %i, bfloat %h, i32 1
  %r = call <2 x bfloat> @llvm.nvvm.ex2.approx.ftz.v2bf16(<2 x bfloat> %j)
  %k = extractelement <2 x bfloat> %r, i32 1
  %v = fpext bfloat %k to float)",
                     {3.0f}),
            8.0f);
}

TEST(Math, TrapIsAFault) {
  Bench bench(checked(false));
  expectFault(bench.run(kernel("", "  call void @llvm.trap()\n  unreachable"),
                        1, 1, {}),
              {"kernel 'k'", "trap"});
}
