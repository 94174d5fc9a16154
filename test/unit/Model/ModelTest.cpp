//===- ModelTest.cpp - The example checkpoint from end to end -------------===//
//
// Compiles examples/tiny-mamba-kjv and compares what it computes on the CPU
// device with what transformers recorded, and with itself when a sequence
// comes in pieces.
//
//===----------------------------------------------------------------------===//

#include "ReferenceModel.h"
#include "RunningModel.h"
#include "ssmc/IO/File.h"
#include "ssmc/Runtime/Generate.h"
#include "test/unit/IO/TemporaryDirectory.h"
#include <algorithm>
#include <map>

using namespace ssmc;
using namespace ssmc::test;

namespace {

constexpr const char *kExample = SSMC_SOURCE_DIR "/examples/tiny-mamba-kjv";
constexpr uint64_t kVocab = 256;
constexpr int kLayers = 8;
constexpr int kPrompts = 4;

/// A tensor of reference.safetensors, "prompt0" for instance.
Result<std::vector<double>> recorded(const std::string &name, int prompt) {
  auto file =
      SafetensorsFile::open(joinPath(kExample, "reference.safetensors"));
  if (!file.ok())
    return file.status();
  Result<HostTensor> tensor = file->load(name + std::to_string(prompt));
  if (!tensor.ok())
    return tensor.status();
  return toDoubles(*tensor);
}

std::vector<int32_t> recordedIds(const std::string &name, int prompt) {
  Result<std::vector<double>> values = recorded(name, prompt);
  EXPECT_TRUE(succeeds(values));
  if (!values.ok())
    return {};
  return {values->begin(), values->end()};
}

/// The rows of `logits` from `first` on.
std::vector<double> rowsFrom(const std::vector<double> &logits, size_t first) {
  return {logits.begin() + static_cast<ptrdiff_t>(first * kVocab),
          logits.end()};
}

/// The example in f32, compiled once for all tests of a suite.
class Example : public testing::Test {
protected:
  static void SetUpTestSuite() {
    auto created = RunningModel::create(kExample, DType::F32);
    ASSERT_TRUE(succeeds(created));
    model = std::move(*created);
  }
  static void TearDownTestSuite() { model.reset(); }
  void SetUp() override {
    ASSERT_NE(model, nullptr);
    ASSERT_TRUE(succeeds(model->session().reset()));
  }

  using States = std::map<std::string, std::vector<double>>;

  /// Adds all states of all layers to `states`, by name.
  static void readStates(States &states) {
    for (int layer = 0; layer < kLayers; ++layer)
      for (const char *kind : {"conv_state", "ssm_state"}) {
        std::string name = "layers." + std::to_string(layer) + "." + kind;
        Result<std::vector<double>> state = model->state(name);
        ASSERT_TRUE(succeeds(state));
        states[name] = std::move(*state);
      }
  }

  /// Feeds `ids` whole and then, as a new sequence each time, in pieces of the
  /// lengths of each split (0 is a call of step) and compares all logits and
  /// states.
  static void comparePieces(const std::vector<int32_t> &ids,
                            const std::vector<std::vector<size_t>> &splits) {
    auto whole = model->prefill(ids, ids.size());
    ASSERT_TRUE(succeeds(whole));
    States expected;
    readStates(expected);
    for (const std::vector<size_t> &lengths : splits) {
      SCOPED_TRACE("pieces of " + testing::PrintToString(lengths));
      compareSplit(ids, lengths, *whole, expected);
    }
  }

  /// The same of one split, with what the whole gave.
  static void compareSplit(const std::vector<int32_t> &ids,
                           const std::vector<size_t> &lengths,
                           const std::vector<double> &whole,
                           const States &expected) {
    ASSERT_TRUE(succeeds(model->session().reset()));
    std::vector<double> logits;
    auto next = ids.begin();
    for (size_t length : lengths) {
      bool isStep = length == 0;
      auto end = next + static_cast<ptrdiff_t>(isStep ? 1 : length);
      std::vector<int32_t> piece(next, end);
      auto part =
          isStep ? model->step(piece) : model->prefill(piece, piece.size());
      ASSERT_TRUE(succeeds(part));
      logits.insert(logits.end(), part->begin(), part->end());
      next = end;
    }
    ASSERT_EQ(next, ids.end()) << "the pieces make up the whole";
    EXPECT_TRUE(agrees(logits, whole, 1e-5));
    States found;
    readStates(found);
    for (const auto &[name, state] : expected)
      EXPECT_TRUE(agrees(found[name], state, 1e-5)) << name;
  }

  static std::unique_ptr<RunningModel> model;
};

std::unique_ptr<RunningModel> Example::model;

//===----------------------------------------------------------------------===//
// Against transformers
//===----------------------------------------------------------------------===//

class ExamplePrompt : public Example,
                      public testing::WithParamInterface<int> {};

TEST_P(ExamplePrompt, GivesTheRecordedLogits) {
  Result<std::vector<double>> logits = recorded("logits", GetParam());
  ASSERT_TRUE(succeeds(logits));
  EXPECT_TRUE(agrees(model->prefill(recordedIds("prompt", GetParam()),
                                    logits->size() / kVocab),
                     *logits, 1e-4));
}

TEST_P(ExamplePrompt, GeneratesTheRecordedText) {
  Result<runtime::Generator> generator =
      runtime::Generator::create(model->session());
  ASSERT_TRUE(succeeds(generator));
  std::vector<int32_t> expected = recordedIds("greedy", GetParam());
  runtime::GenerateOptions options;
  options.maxTokens = expected.size();
  options.stopAtEos = false;
  auto ids = generator->generate(recordedIds("prompt", GetParam()), options);
  ASSERT_TRUE(succeeds(ids));
  ASSERT_EQ(ids->size(), expected.size());
  Result<std::vector<double>> margins = recorded("margin", GetParam());
  ASSERT_TRUE(succeeds(margins));
  // After the first difference the texts go their own ways.
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ((*ids)[i], expected[i])
        << "token " << i << ", whose logit leads by " << (*margins)[i];
}

INSTANTIATE_TEST_SUITE_P(Recorded, ExamplePrompt, testing::Range(0, kPrompts));

/// The oracle of ShapesTest.cpp is right where transformers says what is right.
TEST(ReferenceModelTest, GivesTheRecordedLogits) {
  Result<ReferenceModel> model = ReferenceModel::open(kExample);
  ASSERT_TRUE(succeeds(model));
  for (int prompt : {0, 1}) {
    Result<std::vector<double>> expected = recorded("logits", prompt);
    ASSERT_TRUE(succeeds(expected));
    ReferenceModel::Sequence sequence = model->start();
    std::vector<double> logits =
        model->append(sequence, recordedIds("prompt", prompt));
    size_t first = (logits.size() - expected->size()) / kVocab;
    EXPECT_TRUE(agrees(rowsFrom(logits, first), *expected, 1e-5));
  }
}

//===----------------------------------------------------------------------===//
// Sequences in pieces
//===----------------------------------------------------------------------===//

TEST_F(Example, StepsEqualPrefill) {
  std::vector<int32_t> ids = recordedIds("prompt", 0);
  comparePieces(ids, {std::vector<size_t>(ids.size(), 0)});
}

TEST_F(Example, OneTokenPrefillsEqualPrefill) {
  std::vector<int32_t> ids = recordedIds("prompt", 0);
  ids.resize(20);
  comparePieces(ids, {std::vector<size_t>(ids.size(), 1)});
}

TEST_F(Example, SplitPrefillsEqualPrefill) {
  std::vector<int32_t> ids = recordedIds("prompt", 0);
  ASSERT_EQ(ids.size(), 69u);
  // Shorter than the convolution's window, at and around powers of two, thirds,
  // and steps in between.
  comparePieces(ids, {{1, 68},
                      {68, 1},
                      {2, 67},
                      {3, 66},
                      {23, 23, 23},
                      {32, 37},
                      {64, 5},
                      {33, 36},
                      {10, 0, 0, 57},
                      {0, 2, 0, 65}});
}

TEST_F(Example, LongSplitPrefillsEqualPrefill) {
  std::vector<int32_t> ids = recordedIds("prompt", 2);
  ASSERT_EQ(ids.size(), 257u);
  comparePieces(ids, {{256, 1}, {128, 129}, {85, 86, 86}});
}

TEST_F(Example, ResetForgets) {
  std::vector<int32_t> ids = recordedIds("prompt", 0);
  auto first = model->prefill(ids, 1);
  ASSERT_TRUE(succeeds(first));
  auto continued = model->prefill(ids, 1);
  ASSERT_TRUE(succeeds(continued));
  EXPECT_FALSE(agrees(*continued, *first, 1e-3));
  ASSERT_TRUE(succeeds(model->session().reset()));
  EXPECT_TRUE(agrees(model->prefill(ids, 1), *first, 0));
}

//===----------------------------------------------------------------------===//
// Half precision
//===----------------------------------------------------------------------===//

struct HalfPrecision {
  DType activation;
  /// Of the largest logit.
  double tolerance;
};

void PrintTo(const HalfPrecision &half, std::ostream *out) {
  *out << dtypeName(half.activation);
}

class ExampleInHalf : public testing::TestWithParam<HalfPrecision> {};

TEST_P(ExampleInHalf, StaysNearTheRecordedLogits) {
  auto created = RunningModel::create(kExample, GetParam().activation);
  ASSERT_TRUE(succeeds(created));
  RunningModel &model = **created;
  for (int prompt = 0; prompt < kPrompts; ++prompt) {
    SCOPED_TRACE("prompt " + std::to_string(prompt));
    std::vector<int32_t> ids = recordedIds("prompt", prompt);
    Result<std::vector<double>> expected = recorded("logits", prompt);
    ASSERT_TRUE(succeeds(expected));
    size_t rows = expected->size() / kVocab;
    ASSERT_TRUE(succeeds(model.session().reset()));
    EXPECT_TRUE(
        agrees(model.prefill(ids, rows), *expected, GetParam().tolerance));

    // The last tokens one by one.
    size_t steps = std::min<size_t>(rows, 4);
    std::vector<int32_t> last(ids.end() - static_cast<ptrdiff_t>(steps),
                              ids.end());
    ids.resize(ids.size() - steps);
    ASSERT_TRUE(succeeds(model.session().reset()));
    if (!ids.empty())
      ASSERT_TRUE(succeeds(model.prefill(ids, 1)));
    std::vector<double> logits;
    for (int32_t id : last) {
      auto part = model.step({id});
      ASSERT_TRUE(succeeds(part));
      logits.insert(logits.end(), part->begin(), part->end());
    }
    EXPECT_TRUE(agrees(logits, rowsFrom(*expected, rows - steps),
                       GetParam().tolerance));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, ExampleInHalf,
                         testing::Values(HalfPrecision{DType::F16, 5e-3},
                                         HalfPrecision{DType::BF16, 3e-2}),
                         testing::PrintToStringParamName());

} // namespace
