//===- ShapesTest.cpp - Models of other shapes than the usual -------------===//
//
// Sizes that are odd, tiny or wider than a tile, optional parts, both config
// styles and every way to store weights, against a float64 model.
//
//===----------------------------------------------------------------------===//

#include "RandomCheckpoint.h"
#include "ReferenceModel.h"
#include "RunningModel.h"
#include "test/unit/IO/TemporaryDirectory.h"

using namespace ssmc;
using namespace ssmc::test;

namespace {

struct Shape {
  const char *name;
  RandomCheckpoint checkpoint;
  uint64_t batch = 1;
  DType activation = DType::F32;
  /// Of the largest logit.
  double tolerance = 1e-5;
  /// Run under the checks of the CPU device. They cost much time, so such a
  /// model sees short sequences only.
  bool check = false;
};

void PrintTo(const Shape &shape, std::ostream *out) { *out << shape.name; }

// Odd are the widths of the model (37), of the mixer (111), of what x_proj
// gives (35) and of the vocabulary.
constexpr const char *kOddConfig = R"({"model_type": "mamba",
    "hidden_size": 37, "num_hidden_layers": 2, "vocab_size": 101, "expand": 3,
    "state_size": 16, "conv_kernel": 4, "layer_norm_epsilon": 1e-5})";
constexpr const char *kRankConfig = R"({"d_model": 40, "n_layer": 2,
    "vocab_size": 101, "pad_vocab_size_multiple": 1, "rms_norm": true,
    "ssm_cfg": {"layer": "Mamba1", "d_state": 64, "dt_rank": 5, "bias": true,
                "conv_bias": false}})";
constexpr const char *kMixedConfig = R"({"model_type": "mamba",
    "hidden_size": 48, "num_hidden_layers": 3, "vocab_size": 101,
    "state_size": 16, "conv_kernel": 4, "use_bias": true,
    "tie_word_embeddings": false, "time_step_limit": [0.0, Infinity]})";

constexpr const char *kNarrowResidualConfig = R"({"d_model": 24, "n_layer": 2,
    "vocab_size": 101, "residual_in_fp32": false})";

RandomCheckpoint plain(const char *config) {
  RandomCheckpoint checkpoint;
  checkpoint.config = config;
  return checkpoint;
}

/// Time steps beyond where softplus gives back its argument, which forget all
/// that was before.
RandomCheckpoint withLargeTimeSteps(const char *config) {
  RandomCheckpoint checkpoint = plain(config);
  checkpoint.largestTimeStep = 100;
  return checkpoint;
}

/// All weights, A_log too, in the dtypes given, over several files.
RandomCheckpoint stored(const char *config, std::vector<DType> dtypes,
                        DType logA, unsigned shards) {
  RandomCheckpoint checkpoint;
  checkpoint.config = config;
  checkpoint.dtypes = std::move(dtypes);
  checkpoint.logA = logA;
  checkpoint.shards = shards;
  return checkpoint;
}

std::vector<Shape> shapes() {
  const std::vector<DType> mixed = {DType::BF16, DType::F32, DType::F16};
  return {
      {"OddWidths", plain(kOddConfig)},
      {"OddWidthsBatch3", plain(kOddConfig), 3},
      {"OneState", plain(R"({"d_model": 24, "n_layer": 2, "vocab_size": 101,
          "ssm_cfg": {"d_state": 1, "d_conv": 2}})")},
      {"EightStates", plain(R"({"model_type": "mamba", "hidden_size": 32,
          "num_hidden_layers": 2, "vocab_size": 101, "state_size": 8,
          "conv_kernel": 3, "use_bias": true, "tie_word_embeddings": false})")},
      {"OddStates", plain(R"({"model_type": "mamba", "hidden_size": 20,
          "num_hidden_layers": 2, "vocab_size": 101, "state_size": 33,
          "conv_kernel": 8, "use_conv_bias": false})")},
      {"ExplicitRank", stored(kRankConfig, {DType::F32}, DType::F32, 3)},
      {"ManyStatesBatch3", plain(R"({"model_type": "mamba", "hidden_size": 16,
          "num_hidden_layers": 2, "vocab_size": 101, "state_size": 130,
          "intermediate_size": 40, "time_step_rank": 1,
          "tie_word_embeddings": false})"),
       3},
      {"AllOnes", plain(R"({"model_type": "mamba", "hidden_size": 1,
          "num_hidden_layers": 1, "vocab_size": 3, "expand": 1,
          "state_size": 1, "conv_kernel": 2, "time_step_rank": 1})"),
       2},
      {"OneChannel", plain(R"({"model_type": "mamba", "hidden_size": 2,
          "num_hidden_layers": 2, "vocab_size": 3, "expand": 0.5,
          "state_size": 2, "conv_kernel": 5, "use_bias": true})")},
      // Products of large dt, B, C and u magnify the rounding of each.
      {"LargeTimeSteps", withLargeTimeSteps(kOddConfig), 1, DType::F32, 5e-5},
      {"WiderThanATile", plain(R"({"model_type": "mamba", "hidden_size": 130,
          "num_hidden_layers": 2, "vocab_size": 517, "state_size": 16,
          "conv_kernel": 4})")},
      {"MixedDTypes", stored(kMixedConfig, mixed, DType::BF16, 1)},
      {"MixedDTypesBatch3", stored(kMixedConfig, mixed, DType::F16, 2), 3},
      {"AllBF16", stored(kOddConfig, {DType::BF16}, DType::BF16, 2)},
      {"AllF16", stored(kRankConfig, {DType::F16}, DType::F16, 1)},
      {"ResidualInF32Anyway", plain(kNarrowResidualConfig)},
      {"ResidualInF16", plain(kNarrowResidualConfig), 2, DType::F16, 5e-3},
      {"OddWidthsInF16", plain(kOddConfig), 2, DType::F16, 5e-3},
      {"OddWidthsInBF16", stored(kOddConfig, {DType::BF16}, DType::F32, 1), 2,
       DType::BF16, 4e-2},
      {"OddWidthsChecked", plain(kOddConfig), 2, DType::F32, 1e-5, true},
      {"ExplicitRankChecked", plain(kRankConfig), 1, DType::F32, 1e-5, true},
      {"MixedDTypesInBF16Checked", stored(kMixedConfig, mixed, DType::BF16, 1),
       1, DType::BF16, 4e-2, true},
  };
}

class Shapes : public TemporaryDirectory,
               public testing::WithParamInterface<Shape> {
protected:
  void SetUp() override {
    const Shape &shape = GetParam();
    ASSERT_TRUE(succeeds(writeCheckpoint(directory_, shape.checkpoint)));
    auto reference = ReferenceModel::open(directory_);
    ASSERT_TRUE(succeeds(reference));
    reference_ = std::make_unique<ReferenceModel>(std::move(*reference));
    emulator::EmulatorOptions options;
    options.check = shape.check;
    options.shuffleBlocks = true;
    auto model = RunningModel::create(directory_, shape.activation, shape.batch,
                                      options);
    ASSERT_TRUE(succeeds(model));
    model_ = std::move(*model);
    sequences_.assign(shape.batch, reference_->start());
  }

  /// Appends `ids`, row-major (batch, length), to the reference's sequences.
  std::vector<double> appendToReference(const std::vector<int32_t> &ids) {
    size_t length = ids.size() / sequences_.size();
    std::vector<double> logits;
    auto next = ids.begin();
    for (ReferenceModel::Sequence &sequence : sequences_) {
      auto end = next + static_cast<ptrdiff_t>(length);
      std::vector<double> rows = reference_->append(sequence, {next, end});
      logits.insert(logits.end(), rows.begin(), rows.end());
      next = end;
    }
    return logits;
  }

  std::unique_ptr<ReferenceModel> reference_;
  std::unique_ptr<RunningModel> model_;
  std::vector<ReferenceModel::Sequence> sequences_;
};

TEST_P(Shapes, AgreeWithFloat64) {
  const Shape &shape = GetParam();
  std::vector<size_t> lengths = {1, 2, 5, 33, 70};
  if (shape.check)
    lengths = {1, 5, 18};
  for (size_t length : lengths) {
    SCOPED_TRACE("length " + std::to_string(length));
    ASSERT_TRUE(succeeds(model_->session().reset()));
    sequences_.assign(shape.batch, reference_->start());
    auto draw = [&](uint64_t seed, size_t count) {
      return randomIds(seed, shape.batch * count,
                       reference_->config().vocabSize);
    };
    auto prefill = [&](uint64_t seed) {
      std::vector<int32_t> ids = draw(seed, length);
      EXPECT_TRUE(agrees(model_->prefill(ids, length), appendToReference(ids),
                         shape.tolerance));
    };
    prefill(1);
    for (uint64_t i = 0; i < 3; ++i) {
      SCOPED_TRACE("step " + std::to_string(i));
      std::vector<int32_t> ids = draw(2 + i, 1);
      EXPECT_TRUE(
          agrees(model_->step(ids), appendToReference(ids), shape.tolerance));
    }
    SCOPED_TRACE("after the steps");
    prefill(5);
  }
}

INSTANTIATE_TEST_SUITE_P(Random, Shapes, testing::ValuesIn(shapes()),
                         testing::PrintToStringParamName());

} // namespace
