//===- ShrinkTest.cpp - Shrinking with made-up failures -------------------===//

#include "ssmc/Oracle/Shrink.h"
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

Case parse(const char *text) {
  Result<Case> it = parseCase(text);
  EXPECT_TRUE(it.ok()) << it.status().message();
  return it.ok() ? *it : Case();
}

const char *const kLarge =
    "scan b3 l257 d48 n33 u=bf16 out=f32 bc=f16 w=f16 D z bias softplus h0 hT "
    "groups=4 C=const layout=channel static seed=99";

TEST(Shrink, FindsWhatTheFailureNeeds) {
  Case smallest = shrink(parse(kLarge), [](const Case &it) {
    return it.dim >= 5 && it.z && it.activation == DType::BF16;
  });
  EXPECT_EQ(printCase(smallest),
            "scan b1 l1 d5 n1 u=bf16 out=f32 bc=f32 z seed=99");
}

TEST(Shrink, KeepsExtentsThatMustNotShrink) {
  // Neither half of 131 nor one less fails: only multiples of 131 do.
  Case smallest = shrink(
      parse("scan b1 l131 d8 n4 u=f32 groups=2 seed=1"),
      [](const Case &it) { return it.seqlen % 131 == 0 && it.groups == 2; });
  EXPECT_EQ(printCase(smallest), "scan b1 l131 d2 n1 u=f32 groups=2 seed=1");
}

TEST(Shrink, ReturnsWhatFailsAtTimesOnly) {
  Case smallest = shrink(parse(kLarge), [](const Case &) { return false; });
  EXPECT_EQ(printCase(smallest), kLarge);
}

TEST(Shrink, ShrinksConvolutions) {
  Case smallest =
      shrink(parse("conv b2 l64 d33 k7 u=f16 out=bf16 w=bf16 bias silu h0 hT "
                   "seed=3"),
             [](const Case &it) { return it.width > 3 && it.last; });
  EXPECT_EQ(printCase(smallest), "conv b1 l1 d1 k4 u=f32 hT seed=3");
}

TEST(Shrink, DropsSlotsSlicesCallsAndSchedules) {
  const char *text = "scan b3 l100 d8 n4 complex strided h0 slots=5 chunk=7 "
                     "lanes=4 steps=2 threads=64 data=special seed=1";
  Case smallest =
      shrink(parse(text), [](const Case &it) { return it.seqlen >= 9; });
  EXPECT_EQ(printCase(smallest), "scan b1 l9 d1 n1 u=f32 seed=1");
  smallest = shrink(parse(text), [](const Case &it) {
    return it.slots >= 2 && it.schedule.count("lanes") != 0 && it.isComplex;
  });
  EXPECT_EQ(printCase(smallest),
            "scan b1 l1 d1 n1 u=f32 h0 complex lanes=4 slots=2 seed=1");
  smallest = shrink(parse("conv l40 d4 seqs=3 gap seed=1"),
                    [](const Case &it) { return it.gap; });
  EXPECT_EQ(printCase(smallest), "conv b1 l1 d1 k2 u=f32 seqs=1 gap seed=1");
}

TEST(Shrink, StopsAfterSoManyAttempts) {
  unsigned attempts = 0;
  shrink(
      parse(kLarge),
      [&](const Case &) {
        ++attempts;
        return true;
      },
      3);
  EXPECT_EQ(attempts, 3u);
}

} // namespace
