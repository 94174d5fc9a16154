//===- ChoiceTest.cpp - Which alternative of a step is taken --------------===//

#include "ssmc/Runtime/Choice.h"
#include "Support/FakeDevice.h"
#include "Support/TestBundle.h"
#include "ssmc/Runtime/Session.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

const bundle::Choose &chooseOf(const BundleView &view) {
  return *view.body().entries()->Get(0)->steps()->Get(0)->action_as_Choose();
}

ChoiceMade chooseAt(const TestBundle &bundle, std::vector<uint64_t> dims,
                    const ChoiceTable &choices = {}) {
  auto view = bundle.view();
  return choices.choose(*view->body().entries()->Get(0), chooseOf(*view), dims);
}

TEST(ChoiceTest, ForcedThenMeasuredThenEstimatedThenFirst) {
  TestBundle bundle = toyVariants();
  ChoiceMade made = chooseAt(bundle, {2, 3});
  EXPECT_EQ(made.alternative, 0u);
  EXPECT_EQ(made.reason, ChoiceReason::First);

  auto &alternatives = bundle.entries[0].steps[0].alternatives;
  alternatives[0].cost = dim(0);
  alternatives[1].cost = alternatives[2].cost = constant(5);
  EXPECT_EQ(chooseAt(bundle, {5, 3}).alternative, 0u);
  made = chooseAt(bundle, {6, 3});
  EXPECT_EQ(made.alternative, 1u);
  EXPECT_EQ(made.reason, ChoiceReason::Estimate);

  ChoiceTable choices;
  choices.setMeasured(0, "m=4,n=8", 2);
  made = chooseAt(bundle, {6, 3}, choices);
  EXPECT_EQ(made.alternative, 2u);
  EXPECT_EQ(made.reason, ChoiceReason::Measured);
  EXPECT_EQ(chooseAt(bundle, {6, 5}, choices).reason, ChoiceReason::Estimate);

  choices.force(0, 0);
  made = chooseAt(bundle, {6, 3}, choices);
  EXPECT_EQ(made.alternative, 0u);
  EXPECT_EQ(made.reason, ChoiceReason::Forced);
}

TEST(ChoiceTest, CostBeyond64BitsIsTheLargest) {
  TestBundle bundle = toyVariants();
  auto &alternatives = bundle.entries[0].steps[0].alternatives;
  alternatives[0].cost = dim(0) * constant(1ull << 63);
  alternatives[1].cost = alternatives[0].cost;
  alternatives[2].cost = constant(UINT64_MAX - 1);
  EXPECT_EQ(chooseAt(bundle, {2, 1}).alternative, 2u);
  alternatives[2].cost = alternatives[0].cost;
  EXPECT_EQ(chooseAt(bundle, {2, 1}).alternative, 0u);
}

TEST(ChoiceTest, ClassIsOfTheSizesThatTheStepUses) {
  TestBundle bundle = toyVariants();
  auto classAt = [&](std::vector<uint64_t> dims) {
    auto view = bundle.view();
    return shapeClass(*view->body().entries()->Get(0), chooseOf(*view), dims);
  };
  EXPECT_EQ(classAt({5, 1}), "m=1,n=8");
  EXPECT_EQ(classAt({8, 9}), "m=16,n=8");
  EXPECT_EQ(classAt({0, UINT64_MAX}), "m=9223372036854775808,n=1");
  bundle.entries[0].dims.push_back("last");
  EXPECT_EQ(classAt({5, 1, 7}), "m=1,n=8");
  for (TestAlternative &alternative : bundle.entries[0].steps[0].alternatives)
    for (TestStep &step : alternative.steps) {
      step.grid.assign(3, constant(1));
      step.scalars = {constant(4)};
    }
  EXPECT_EQ(classAt({5, 1, 7}), "");
}

TEST(ChoiceTest, ForcesByNumberAndByLabel) {
  TestBundle bundle = toyVariants();
  bundle.groups[0].name = "a=b";
  bundle.groups[0].labels[2] = "lanes=2";
  auto view = bundle.view();
  ChoiceTable choices;
  ASSERT_TRUE(forceChoice(*view, "a=b=1", choices).ok());
  EXPECT_EQ(chooseAt(bundle, {1, 1}, choices).alternative, 1u);
  ASSERT_TRUE(forceChoice(*view, "a=b=lanes=2", choices).ok());
  EXPECT_EQ(chooseAt(bundle, {1, 1}, choices).alternative, 2u);
  for (const char *text : {"", "a=b", "a=b=", "a=b=3", "a=b=-1", "c=0"}) {
    Status status = forceChoice(*view, text, choices);
    EXPECT_EQ(status.code(), StatusCode::Usage) << text;
    EXPECT_TRUE(contains(status.message(), "'lanes=2'")) << status.message();
  }
}

TEST(ChoiceTest, PlansTheStepsAndTemporariesOfTheAlternative) {
  auto view = toyVariants().view();
  auto planWith = [&](uint32_t alternative) {
    ChoiceTable choices;
    choices.force(0, alternative);
    Result<EntryPlan> plan =
        planEntry(*view, *view->body().entries()->Get(0), {10, 10}, choices);
    EXPECT_TRUE(plan.ok()) << plan.status().message();
    return std::move(*plan);
  };
  EntryPlan direct = planWith(0);
  EXPECT_EQ(direct.steps.size(), 1u);
  EXPECT_EQ(direct.arenaBytes, 0u);
  EXPECT_FALSE(direct.buffers[2].isUsed);
  EntryPlan once = planWith(1);
  EXPECT_EQ(once.steps.size(), 2u);
  EXPECT_EQ(once.arenaBytes, 512u);
  EXPECT_TRUE(once.buffers[2].isUsed);
  EXPECT_FALSE(once.buffers[3].isUsed);
  EntryPlan twice = planWith(2);
  EXPECT_EQ(twice.steps.size(), 3u);
  EXPECT_EQ(twice.origins, (std::vector<uint32_t>{0, 0, 0}));
  // Its two live at the same time, and share nothing with that of "once".
  EXPECT_EQ(twice.arenaBytes, 1024u);
  EXPECT_NE(twice.buffers[3].arenaOffset, twice.buffers[4].arenaOffset);
  ASSERT_EQ(twice.choices.size(), 1u);
  EXPECT_EQ(twice.choices[0].alternative, 2u);
}

TEST(ChoiceTest, SaysWhichAlternativeDoesNotFit) {
  TestBundle bundle = toyVariants();
  bundle.entries[0].steps[0].alternatives[1].steps[0].scalars = {
      constant(1 << 20)};
  auto view = bundle.view();
  ChoiceTable choices;
  EXPECT_TRUE(planEntry(*view, *view->body().entries()->Get(0), {1, 1}).ok());
  choices.force(0, 1);
  Result<EntryPlan> plan =
      planEntry(*view, *view->body().entries()->Get(0), {1, 1}, choices);
  ASSERT_FALSE(plan.ok());
  EXPECT_TRUE(contains(plan.status().message(), "alternative 'once'"));
}

/// Each alternative in a session, whose choices replace the program's.
TEST(ChoiceTest, SessionsTakeWhatTheyAreTold) {
  FakeDevice device;
  ChoiceTable choices;
  choices.force(0, 1);
  auto program =
      Program::create(toyVariants().view(), device, nullptr, choices);
  ASSERT_TRUE(program.ok()) << program.status().message();
  auto session = std::move(*Session::create(**program));
  NamedTensor x;
  x.tensor.dtype = DType::F32;
  x.tensor.shape = {1, 2};
  const float values[2] = {1, -3};
  x.tensor.data.resize(sizeof(values));
  std::memcpy(x.tensor.data.data(), values, sizeof(values));
  auto runTaking = [&](uint32_t alternative, ChoiceReason reason) {
    auto outputs = session->run("double", {x});
    ASSERT_TRUE(outputs.ok()) << outputs.status().message();
    EXPECT_EQ(toDoubles((*outputs)[0].tensor), (std::vector<double>{2, -6}));
    ASSERT_EQ(session->lastChoices().size(), 1u);
    EXPECT_EQ(session->lastChoices()[0].alternative, alternative);
    EXPECT_EQ(session->lastChoices()[0].reason, reason);
  };
  runTaking(1, ChoiceReason::Forced);
  for (uint32_t alternative : {2, 0}) {
    choices.force(0, alternative);
    session->setChoices(choices);
    EXPECT_EQ(session->planCount(), 0u);
    runTaking(alternative, ChoiceReason::Forced);
  }
  session->setChoices({});
  runTaking(0, ChoiceReason::First);
}

} // namespace
