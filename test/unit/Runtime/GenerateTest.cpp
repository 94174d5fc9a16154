//===- GenerateTest.cpp - Sampling and generation -------------------------===//

#include "ssmc/Runtime/Generate.h"
#include "Support/FakeDevice.h"
#include "Support/ToyWeights.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

/// How often each id comes in `draws` draws.
std::vector<int> histogram(const SamplingOptions &options,
                           const std::vector<float> &logits,
                           int draws = 20000) {
  Sampler sampler = *Sampler::create(options);
  std::vector<int> counts(logits.size());
  for (int i = 0; i < draws; ++i)
    ++counts.at(*sampler.sample(logits.data(), logits.size()));
  return counts;
}

TEST(SamplerTest, GreedyTakesTheLowestOfEquals) {
  EXPECT_EQ(histogram({}, {1, 3, 3, 2}, 10), (std::vector<int>{0, 10, 0, 0}));
}

TEST(SamplerTest, FollowsTheDistribution) {
  SamplingOptions options;
  options.temperature = 2;
  // Probabilities 1/7, 2/7, 4/7 at temperature 2.
  float ln2 = std::log(2.f);
  std::vector<int> counts = histogram(options, {0, 2 * ln2, 4 * ln2});
  EXPECT_NEAR(counts[0], 20000 / 7., 250);
  EXPECT_NEAR(counts[1], 40000 / 7., 300);
  EXPECT_NEAR(counts[2], 80000 / 7., 300);
}

TEST(SamplerTest, TopKAndTopPCutTheTail) {
  SamplingOptions options;
  options.temperature = 1;
  options.topK = 2;
  std::vector<int> counts = histogram(options, {1, 0.5f, 1, 0.9f});
  EXPECT_EQ(counts[1] + counts[3], 0);
  EXPECT_NEAR(counts[0], 10000, 300);
  options.topK = 0;
  // The first has 0.64 of the probability, the first two 0.87.
  options.topP = 0.6;
  EXPECT_EQ(histogram(options, {2, 1, 0})[0], 20000);
  options.topP = 0.7;
  counts = histogram(options, {2, 1, 0});
  EXPECT_GT(counts[1], 4000);
  EXPECT_EQ(counts[2], 0);
}

TEST(SamplerTest, SeedsRepeat) {
  SamplingOptions options;
  options.temperature = 1;
  auto draw = [&](uint64_t seed) {
    options.seed = seed;
    Sampler sampler = *Sampler::create(options);
    const float logits[4] = {0, 0, 0, 0};
    std::vector<int32_t> ids;
    for (int i = 0; i < 40; ++i)
      ids.push_back(*sampler.sample(logits, 4));
    return ids;
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(SamplerTest, RefusesBadOptionsAndLogits) {
  for (double temperature : {-1., double(NAN), double(INFINITY)})
    EXPECT_FALSE(Sampler::create({temperature, 0, 1, 0}).ok());
  for (double topP : {0., 1.5, -1., double(NAN)})
    EXPECT_FALSE(Sampler::create({1, 0, topP, 0}).ok());
  Sampler sampler = *Sampler::create({});
  EXPECT_FALSE(sampler.sample(nullptr, 0).ok());
  const float bad[][2] = {
      {0, NAN}, {NAN, 0}, {INFINITY, 0}, {-INFINITY, -INFINITY}};
  for (const auto &logits : bad)
    EXPECT_FALSE(sampler.sample(logits, 2).ok());
  const float masked[2] = {-INFINITY, 0};
  EXPECT_EQ(*sampler.sample(masked, 2), 1);
}

class GeneratorTest : public testing::Test {
protected:
  void start(const TestBundle &bundle, uint64_t batch = 1) {
    auto created = Program::create(bundle.view(), device, &weights.checkpoint);
    ASSERT_TRUE(created.ok()) << created.status().message();
    program = std::move(*created);
    session = std::move(*Session::create(*program, batch));
  }
  std::string createFailure() {
    auto generator = Generator::create(*session);
    EXPECT_FALSE(generator.ok());
    return generator.ok() ? "" : generator.status().message();
  }

  ToyWeights weights;
  FakeDevice device;
  std::unique_ptr<Program> program;
  std::unique_ptr<Session> session;
};

TEST_F(GeneratorTest, GeneratesGreedily) {
  start(toyModel());
  Generator generator = *Generator::create(*session);
  GenerateOptions options;
  options.maxTokens = 4;
  std::vector<int32_t> seen;
  // Sum 3, then each token doubles the sum: 3, 6, 12 mod 8 = 4, 16 mod 8 = 0.
  auto ids = generator.generate({1, 2}, options, [&](int32_t id) {
    seen.push_back(id);
    return true;
  });
  ASSERT_TRUE(ids.ok()) << ids.status().message();
  EXPECT_EQ(*ids, (std::vector<int32_t>{3, 6, 4, 0}));
  EXPECT_EQ(seen, *ids);
}

TEST_F(GeneratorTest, PrefillInPartsIsPrefillAtOnce) {
  start(toyModel());
  Generator generator = *Generator::create(*session);
  auto whole = generator.prefill({1, 2, 3, 4});
  ASSERT_TRUE(generator.reset().ok());
  ASSERT_TRUE(generator.prefill({1, 2}).ok());
  ASSERT_TRUE(generator.step(3).ok());
  EXPECT_EQ(*generator.step(4), *whole);
  EXPECT_EQ(generator.prefill({1, 2, 3}, 2)->size(), 16u);
}

TEST_F(GeneratorTest, StopsAtEosAndOnRequest) {
  TestBundle bundle = toyModel();
  bundle.model->eos = 4;
  start(bundle);
  Generator generator = *Generator::create(*session);
  GenerateOptions options;
  options.maxTokens = 10;
  EXPECT_EQ(*generator.generate({1, 2}, options), (std::vector<int32_t>{3, 6}));
  ASSERT_TRUE(generator.reset().ok());
  options.stopAtEos = false;
  EXPECT_EQ(generator.generate({1, 2}, options)->size(), 10u);
  ASSERT_TRUE(generator.reset().ok());
  EXPECT_EQ(generator.generate({1, 2}, options, [](int32_t) { return false; })
                ->size(),
            1u);
}

TEST_F(GeneratorTest, ReportsWrongTokensAndCounts) {
  start(toyModel());
  Generator generator = *Generator::create(*session);
  EXPECT_TRUE(contains(generator.prefill({}).status().message(), "empty"));
  EXPECT_TRUE(contains(generator.prefill({1, 8}).status().message(),
                       "token 1 is 8, expected 0 to 7"));
  EXPECT_FALSE(generator.step(-1).ok());
  EXPECT_FALSE(generator.prefill({1}, 2).ok());
  EXPECT_FALSE(generator.prefill({1}, 0).ok());
}

TEST_F(GeneratorTest, RefusesBundlesThatCannotGenerate) {
  TestBundle bundle = toyModel();
  bundle.model.reset();
  start(bundle);
  EXPECT_TRUE(contains(createFailure(), "plain functions"));

  bundle = toyModel();
  bundle.entries.pop_back();
  start(bundle);
  EXPECT_TRUE(contains(createFailure(), "no entry 'step'"));

  bundle = toyModel();
  bundle.entries[1].buffers[0].name = "tokens";
  start(bundle);
  EXPECT_TRUE(contains(createFailure(), "does not take 'ids'"));

  start(toyModel(), 2);
  EXPECT_TRUE(contains(createFailure(), "batch 1, not 2"));

  bundle = toyModel();
  bundle.model->vocabSize = 9;
  start(bundle);
  auto logits = Generator::create(*session)->step(1);
  ASSERT_FALSE(logits.ok());
  EXPECT_TRUE(contains(logits.status().message(),
                       "expected logits f32[1, 1, 9], found f32[1, 1, 8]"));
}

} // namespace
