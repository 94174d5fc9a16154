//===- InputRulesTest.cpp - Indices that a call refuses -------------------===//

#include "runtime/InputRules.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using bundle::InputRuleKind;

static Status check(InputRuleKind kind, uint64_t limit,
                    const std::vector<int32_t> &elements) {
  HostTensor tensor{DType::I32, {elements.size()}, {}};
  tensor.data.resize(elements.size() * sizeof(int32_t));
  if (!elements.empty())
    std::memcpy(tensor.data.data(), elements.data(), tensor.data.size());
  return checkInputRule(kind, limit, tensor);
}

static Status checkOffsets(uint64_t limit,
                           const std::vector<int32_t> &elements) {
  return check(InputRuleKind::Offsets, limit, elements);
}
static Status checkSlots(uint64_t limit, const std::vector<int32_t> &elements) {
  return check(InputRuleKind::Slots, limit, elements);
}

TEST(InputRulesTest, TakesOffsetsInOrder) {
  EXPECT_TRUE(checkOffsets(7, {0, 7}).ok());
  EXPECT_TRUE(checkOffsets(7, {2, 2, 5, 5, 7}).ok());
  EXPECT_TRUE(checkOffsets(0, {0, 0}).ok());
}

TEST(InputRulesTest, RefusesOffsetsThatDecrease) {
  Status status = checkOffsets(7, {0, 5, 4, 7});
  EXPECT_EQ(status.code(), StatusCode::Invalid);
  EXPECT_NE(status.message().find("element 2 is 4, below the one before it, 5"),
            std::string::npos);
}

TEST(InputRulesTest, RefusesOffsetsOutsideTheSteps) {
  EXPECT_NE(checkOffsets(7, {0, 8}).message().find(
                "element 1 is 8, but there are 7 steps"),
            std::string::npos);
  EXPECT_NE(checkOffsets(7, {-1, 7})
                .message()
                .find("element 0 is -1: an offset cannot be negative"),
            std::string::npos);
  EXPECT_NE(checkOffsets(7, {3, -2})
                .message()
                .find("element 1 is -2: an offset cannot be negative"),
            std::string::npos);
}

TEST(InputRulesTest, RefusesOffsetsOfNoSequence) {
  EXPECT_NE(checkOffsets(7, {0}).message().find("one sequence"),
            std::string::npos);
  EXPECT_NE(checkOffsets(7, {}).message().find("found 0"), std::string::npos);
}

TEST(InputRulesTest, TakesSlotsAndPadding) {
  EXPECT_TRUE(checkSlots(4, {3, 0, 2}).ok());
  EXPECT_TRUE(checkSlots(4, {-1, 1, -1, -7}).ok());
  EXPECT_TRUE(checkSlots(0, {-1}).ok());
  EXPECT_TRUE(checkSlots(0, {}).ok());
}

TEST(InputRulesTest, RefusesSharedSlots) {
  Status status = checkSlots(4, {3, 1, -1, 3});
  EXPECT_EQ(status.code(), StatusCode::Invalid);
  EXPECT_NE(status.message().find("elements 0 and 3 are both 3"),
            std::string::npos);
}

TEST(InputRulesTest, RefusesSlotsBeyondThePool) {
  EXPECT_NE(checkSlots(4, {0, 4}).message().find(
                "element 1 is 4, but the pool has 4 rows"),
            std::string::npos);
}
