//===- ExprTest.cpp - Size expressions of a bundle ------------------------===//

#include "ssmc/Runtime/Expr.h"
#include "Support/TestBundle.h"
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;
using bundle::ExprOp;

namespace {

/// An expression over the dims "batch" and "seqlen".
class ExprTest : public testing::Test {
protected:
  const bundle::Expr &make(const TestExpr &items) {
    builder_.Clear();
    auto names = builder_.CreateVectorOfStrings({"batch", "seqlen"});
    auto expr = bundle::CreateExprDirect(builder_, &items);
    auto shape = builder_.CreateVector(&expr, 1);
    auto buffer = bundle::CreateBuffer(builder_, bundle::BufferKind::Input, 0,
                                       builder_.CreateString("x"), 1, shape);
    auto buffers = builder_.CreateVector(&buffer, 1);
    auto steps =
        builder_.CreateVector(std::vector<flatbuffers::Offset<bundle::Step>>());
    builder_.Finish(bundle::CreateEntry(
        builder_, builder_.CreateString("entry"), names, buffers, steps));
    const auto *entry =
        flatbuffers::GetRoot<bundle::Entry>(builder_.GetBufferPointer());
    names_ = entry->dims();
    return *entry->buffers()->Get(0)->shape()->Get(0);
  }

  Result<uint64_t> evaluate(const TestExpr &items,
                            const std::vector<uint64_t> &dims = {2, 5}) {
    const bundle::Expr &expr = make(items);
    SSMC_TRY(checkExpr(expr, 2));
    return evaluateExpr(expr, names_, dims);
  }

  std::string print(const TestExpr &items) {
    return printExpr(make(items), names_);
  }

  const DimNames *names_ = nullptr;

private:
  flatbuffers::FlatBufferBuilder builder_;
};

TestExpr binary(uint64_t a, ExprOp op, uint64_t b) {
  return combine(constant(a), op, constant(b));
}

TEST_F(ExprTest, EvaluatesEachOperation) {
  EXPECT_EQ(*evaluate(constant(7)), 7u);
  EXPECT_EQ(*evaluate(dim(1)), 5u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::Add, 3)), 10u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::Sub, 3)), 4u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::Mul, 3)), 21u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::FloorDiv, 3)), 2u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::CeilDiv, 3)), 3u);
  EXPECT_EQ(*evaluate(binary(6, ExprOp::CeilDiv, 3)), 2u);
  EXPECT_EQ(*evaluate(binary(7, ExprOp::Mod, 3)), 1u);
}

TEST_F(ExprTest, AcceptsTheLargestValues) {
  EXPECT_EQ(*evaluate(binary(UINT64_MAX - 1, ExprOp::Add, 1)), UINT64_MAX);
  EXPECT_EQ(*evaluate(binary(UINT64_MAX, ExprOp::CeilDiv, 2)),
            uint64_t{1} << 63);
  EXPECT_EQ(*evaluate(binary(3, ExprOp::Sub, 3)), 0u);
}

TEST_F(ExprTest, RefusesWhatDoesNotFit) {
  for (const TestExpr &expr :
       {binary(UINT64_MAX, ExprOp::Add, 1), binary(2, ExprOp::Sub, 3),
        binary(uint64_t{1} << 32, ExprOp::Mul, uint64_t{1} << 32),
        binary(1, ExprOp::FloorDiv, 0), binary(1, ExprOp::CeilDiv, 0),
        binary(1, ExprOp::Mod, 0)}) {
    Result<uint64_t> result = evaluate(expr);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.status().code(), StatusCode::Invalid);
  }
}

TEST_F(ExprTest, FailureShowsTheExpressionAndTheDims) {
  Result<uint64_t> result = evaluate(combine(dim(0), ExprOp::Sub, dim(1)));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().message(),
            "batch - seqlen cannot be evaluated with batch = 2, seqlen = 5: "
            "the difference is negative (operands 2 and 5)");
}

TEST_F(ExprTest, ChecksTheShapeOfTheProgram) {
  EXPECT_FALSE(evaluate({}).ok());
  EXPECT_FALSE(evaluate({{0, ExprOp::Add}}).ok());
  EXPECT_FALSE(evaluate({{1, ExprOp::Const}, {0, ExprOp::Mul}}).ok());
  EXPECT_FALSE(evaluate({{1, ExprOp::Const}, {2, ExprOp::Const}}).ok());
  EXPECT_FALSE(evaluate(dim(2)).ok());
  EXPECT_FALSE(evaluate({{0, static_cast<ExprOp>(8)}}).ok());
  EXPECT_FALSE(evaluate({{0, static_cast<ExprOp>(255)}}).ok());
}

TEST_F(ExprTest, LimitsTheLength) {
  TestExpr sum = constant(1);
  while (sum.size() + 2 <= kMaxExprItems)
    sum = combine(sum, ExprOp::Add, constant(1));
  ASSERT_EQ(sum.size(), 63u);
  EXPECT_EQ(*evaluate(sum), 32u);
  EXPECT_FALSE(evaluate(combine(sum, ExprOp::Add, constant(1))).ok());
  // All values first: the deepest stack there can be.
  TestExpr deep;
  for (int i = 0; i < 32; ++i)
    deep.emplace_back(1, ExprOp::Const);
  for (int i = 0; i < 31; ++i)
    deep.emplace_back(0, ExprOp::Add);
  EXPECT_EQ(*evaluate(deep), 32u);
}

TEST_F(ExprTest, PrintsInfixWithFewParentheses) {
  TestExpr sum = combine(dim(0), ExprOp::Add, dim(1));
  EXPECT_EQ(print(sum), "batch + seqlen");
  EXPECT_EQ(print(sum * constant(3)), "(batch + seqlen) * 3");
  EXPECT_EQ(print(constant(3) * sum), "3 * (batch + seqlen)");
  EXPECT_EQ(print(combine(dim(0) * dim(1), ExprOp::Add, constant(1))),
            "batch * seqlen + 1");
  EXPECT_EQ(print(combine(dim(0), ExprOp::Sub, sum)),
            "batch - (batch + seqlen)");
  EXPECT_EQ(print(combine(sum, ExprOp::CeilDiv, constant(4))),
            "ceildiv(batch + seqlen, 4)");
  EXPECT_EQ(print(combine(dim(1), ExprOp::Mod, constant(4))), "seqlen mod 4");
}

TEST_F(ExprTest, KnowsABareDim) {
  EXPECT_EQ(bareDim(make(dim(1))), 1u);
  EXPECT_FALSE(bareDim(make(constant(1))));
  EXPECT_FALSE(bareDim(make(dim(1) * constant(1))));
}

} // namespace
