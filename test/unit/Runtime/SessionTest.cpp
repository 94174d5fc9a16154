//===- SessionTest.cpp - Programs and sessions on a fake device -----------===//

#include "ssmc/Runtime/Session.h"
#include "Support/FakeDevice.h"
#include "Support/ToyWeights.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

template <typename T>
NamedTensor tensor(std::string name, DType dtype, std::vector<uint64_t> shape,
                   const std::vector<T> &values) {
  NamedTensor result;
  result.name = std::move(name);
  result.tensor.dtype = dtype;
  result.tensor.shape = std::move(shape);
  result.tensor.data.resize(values.size() * sizeof(T));
  if (!values.empty())
    std::memcpy(result.tensor.data.data(), values.data(),
                result.tensor.data.size());
  return result;
}

NamedTensor ids(std::vector<uint64_t> shape, const std::vector<int32_t> &ids) {
  return tensor("ids", DType::I32, std::move(shape), ids);
}

class SessionTest : public testing::Test {
protected:
  /// The toy model with its weights and a session of `batch`.
  void start(uint64_t batch = 1) {
    auto created =
        Program::create(toyModel().view(), device, &weights.checkpoint);
    ASSERT_TRUE(created.ok()) << created.status().message();
    program = std::move(*created);
    auto made = Session::create(*program, batch);
    ASSERT_TRUE(made.ok()) << made.status().message();
    session = std::move(*made);
  }
  void startFunction(const TestBundle &bundle = toyFunction()) {
    auto created = Program::create(bundle.view(), device, nullptr);
    ASSERT_TRUE(created.ok()) << created.status().message();
    program = std::move(*created);
    session = std::move(*Session::create(*program));
  }
  void TearDown() override {
    session.reset();
    program.reset();
    EXPECT_TRUE(device.memory.empty());
  }

  /// The message of a call that must fail.
  std::string failure(std::string_view entry,
                      const std::vector<NamedTensor> &inputs,
                      const Scalars &scalars = {}) {
    auto result = session->run(entry, inputs, scalars);
    EXPECT_FALSE(result.ok());
    return result.ok() ? "" : result.status().message();
  }
  int64_t total(uint64_t sequence = 0) {
    HostTensor state = *session->readState("total");
    int64_t value;
    std::memcpy(&value, state.data.data() + sequence * sizeof(value),
                sizeof(value));
    return value;
  }

  ToyWeights weights;
  FakeDevice device;
  std::unique_ptr<Program> program;
  std::unique_ptr<Session> session;
};

TEST_F(SessionTest, RunsAFunctionWithoutState) {
  startFunction();
  auto outputs = session->run(
      "double", {tensor<float>("", DType::F32, {2, 2}, {1, 2, 3, 4})});
  ASSERT_TRUE(outputs.ok()) << outputs.status().message();
  ASSERT_EQ(outputs->size(), 1u);
  EXPECT_EQ((*outputs)[0].name, "y");
  EXPECT_EQ(toDoubles((*outputs)[0].tensor), (std::vector<double>{2, 4, 6, 8}));
}

TEST_F(SessionTest, RunsOnNothing) {
  startFunction();
  auto outputs =
      session->run("double", {tensor<float>("x", DType::F32, {0, 2}, {})});
  ASSERT_TRUE(outputs.ok()) << outputs.status().message();
  EXPECT_EQ((*outputs)[0].tensor.shape, (std::vector<uint64_t>{0, 2}));
  EXPECT_EQ(device.launches, 0u);
}

TEST_F(SessionTest, CarriesState) {
  start(2);
  EXPECT_EQ(total(), 0);
  auto outputs =
      session->run("prefill", {ids({2, 2}, {1, 2, 3, 4})}, {{"last", 2}});
  ASSERT_TRUE(outputs.ok()) << outputs.status().message();
  EXPECT_EQ((*outputs)[0].tensor.shape, (std::vector<uint64_t>{2, 2, 8}));
  EXPECT_EQ(total(0), 3);
  EXPECT_EQ(total(1), 7);
  // The bias came through "init": logit 3 of sequence 0 is 0 + bias[3].
  EXPECT_EQ(toDoubles((*outputs)[0].tensor)[3], 0.03125 * 3);
  ASSERT_TRUE(session->run("step", {ids({2, 1}, {1, 1})}).ok());
  EXPECT_EQ(total(0), 4);
  EXPECT_EQ(total(1), 8);
  ASSERT_TRUE(session->reset().ok());
  EXPECT_EQ(total(1), 0);
}

TEST_F(SessionTest, SavesAndRestoresState) {
  start();
  ASSERT_TRUE(session->run("step", {ids({1, 1}, {5})}).ok());
  HostTensor saved = *session->readState("total");
  EXPECT_EQ(saved.shape, (std::vector<uint64_t>{1, 1}));
  ASSERT_TRUE(session->run("step", {ids({1, 1}, {5})}).ok());
  EXPECT_EQ(total(), 10);
  ASSERT_TRUE(session->writeState("total", saved).ok());
  EXPECT_EQ(total(), 5);
  EXPECT_FALSE(session->readState("none").ok());
  EXPECT_FALSE(session->writeState("none", saved).ok());
  saved.shape = {1};
  Status status = session->writeState("total", saved);
  EXPECT_TRUE(contains(status.message(), "expected i64[1, 1], found i64[1]"));
}

TEST_F(SessionTest, ReportsWrongInputs) {
  start();
  const NamedTensor good = ids({1, 2}, {1, 2});
  EXPECT_TRUE(contains(failure("generate", {good}),
                       "entries are 'init', 'prefill', 'step'"));
  EXPECT_TRUE(contains(failure("prefill", {}, {{"last", 1}}),
                       "input 'ids' is missing"));
  EXPECT_TRUE(contains(failure("prefill", {good, good}, {{"last", 1}}),
                       "input 'ids' is given twice"));
  NamedTensor positional = good;
  positional.name = "";
  EXPECT_TRUE(contains(failure("prefill", {good, positional}, {{"last", 1}}),
                       "2 inputs given, expected 1: 'ids'"));
  NamedTensor unknown = good;
  unknown.name = "tokens";
  EXPECT_TRUE(contains(failure("prefill", {unknown}, {{"last", 1}}),
                       "no input 'tokens'; the inputs are 'ids'"));
  EXPECT_TRUE(
      contains(failure("prefill", {tensor<float>("", DType::F32, {1, 1}, {1})},
                       {{"last", 1}}),
               "input 'ids': expected i32[batch, seqlen], found f32[1, 1]"));
  EXPECT_TRUE(contains(failure("prefill", {ids({2}, {1, 2})}, {{"last", 1}}),
                       "expected i32[batch, seqlen], found i32[2]"));
  EXPECT_TRUE(contains(failure("prefill", {ids({1, 3}, {1, 2})}, {{"last", 1}}),
                       "8 bytes of data do not make i32[1, 3]"));
  EXPECT_TRUE(contains(failure("step", {ids({1, 2}, {1, 2})}),
                       "input 'ids': expected i32[1, 1], found i32[1, 2]"));
  EXPECT_EQ(session->planCount(), 0u);
}

TEST_F(SessionTest, ReportsUnboundAndConflictingDims) {
  start();
  const NamedTensor good = ids({1, 2}, {1, 2});
  EXPECT_TRUE(contains(failure("prefill", {good}),
                       "'last' is not fixed by any input; give it as a scalar "
                       "argument (last=N)"));
  EXPECT_TRUE(contains(failure("prefill", {good}, {{"lst", 1}}),
                       "no scalar 'lst'; the sizes are 'batch', 'seqlen', "
                       "'last'"));
  EXPECT_TRUE(
      contains(failure("prefill", {good}, {{"last", 1}, {"seqlen", 3}}),
               "'seqlen' is 2 by dimension 1 of input 'ids', but 3 by a "
               "scalar argument"));
  EXPECT_TRUE(
      session->run("prefill", {good}, {{"last", 1}, {"seqlen", 2}}).ok());
}

TEST_F(SessionTest, NamesBothInputsOfAConflict) {
  TestBundle bundle = toyFunction();
  TestBuffer second = bundle.entries[0].buffers[0];
  second.name = "w";
  bundle.entries[0].buffers.push_back(second);
  startFunction(bundle);
  EXPECT_TRUE(contains(
      failure("double", {tensor<float>("w", DType::F32, {1, 3}, {1, 2, 3}),
                         tensor<float>("", DType::F32, {1, 2}, {1, 2})}),
      "'m' is 2 by dimension 1 of input 'x', but 3 by dimension 1 of input "
      "'w'"));
}

TEST_F(SessionTest, ReportsAnotherBatch) {
  start();
  EXPECT_TRUE(contains(failure("step", {ids({3, 1}, {1, 2, 3})}),
                       "the call is for a batch of 3, but the session holds "
                       "the state of 1"));
  EXPECT_FALSE(Session::create(*program, 0).ok());
  EXPECT_FALSE(Session::create(*program, UINT64_MAX).ok());
}

TEST_F(SessionTest, ListsEveryParameterThatDiffers) {
  TestBundle bundle = toyModel();
  bundle.parameters = {{"bias", DType::F16, {8}},
                       {"a", DType::F32, {2, 3}},
                       {"extra\x1b", DType::F32, {1}}};
  bundle.entries.clear();
  bundle.derived.clear();
  bundle.model.reset();
  auto created = Program::create(bundle.view(), device, &weights.checkpoint);
  ASSERT_FALSE(created.ok());
  const std::string &message = created.status().message();
  EXPECT_TRUE(contains(message, "3 of 3 parameters differ")) << message;
  EXPECT_TRUE(contains(message, "'bias': expected f16[8], found f32[8]"));
  EXPECT_TRUE(contains(message, "'a': expected f32[2, 3], found no such"));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);

  auto without = Program::create(toyModel().view(), device, nullptr);
  ASSERT_FALSE(without.ok());
  EXPECT_TRUE(contains(without.status().message(), "no weights are given"));
}

TEST_F(SessionTest, RefusesDerivedTensorsThatNothingComputes) {
  TestBundle bundle = toyModel();
  bundle.entries.erase(bundle.entries.begin());
  auto created = Program::create(bundle.view(), device, &weights.checkpoint);
  ASSERT_FALSE(created.ok());
  EXPECT_TRUE(contains(created.status().message(), "no entry 'init'"));
}

TEST_F(SessionTest, KeepsABoundedNumberOfPlans) {
  startFunction();
  for (uint64_t n = 1; n <= 2 * Session::kMaxPlans; ++n) {
    std::vector<float> values(n, 1);
    ASSERT_TRUE(
        session->run("double", {tensor("x", DType::F32, {n, 1}, values)}).ok());
    EXPECT_LE(session->planCount(), Session::kMaxPlans);
  }
  EXPECT_EQ(session->planCount(), Session::kMaxPlans);
  // A plan that is kept allocates nothing.
  uint64_t calls = device.calls;
  std::vector<float> values(2 * Session::kMaxPlans, 1);
  ASSERT_TRUE(session
                  ->run("double", {tensor("x", DType::F32,
                                          {2 * Session::kMaxPlans, 1}, values)})
                  .ok());
  // In, launch, out, synchronize.
  EXPECT_EQ(device.calls - calls, 4u);
}

TEST_F(SessionTest, RecordsOnTheSecondRunAndReplays) {
  device.recordable = true;
  start();
  for (int64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(session->run("step", {ids({1, 1}, {1})}).ok());
    EXPECT_EQ(total(), i);
  }
  EXPECT_EQ(device.replays, 4u);
  // A larger arena moves what the recording refers to.
  ASSERT_TRUE(session
                  ->run("prefill",
                        {ids({1, 1000}, std::vector<int32_t>(1000, 1))},
                        {{"last", 1}})
                  .ok());
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(session->run("step", {ids({1, 1}, {1})}).ok());
    EXPECT_EQ(total(), 1005 + i);
  }
}

TEST_F(SessionTest, DropsOtherPlansBeforeRunningOutOfMemory) {
  startFunction();
  std::vector<float> values(1000, 1);
  auto run = [&](uint64_t n, uint64_t m) {
    return session->run("double", {tensor("x", DType::F32, {n, m}, values)});
  };
  ASSERT_TRUE(run(1, 1000).ok());
  device.capacity = device.allocated + 4000;
  ASSERT_TRUE(run(2, 500).ok());
  EXPECT_EQ(session->planCount(), 1u);
  device.capacity = device.allocated - 1;
  EXPECT_FALSE(run(4, 250).ok());
  device.capacity = UINT64_MAX;
  EXPECT_TRUE(run(4, 250).ok());
}

/// Every call of the device fails once: reported, nothing leaked, and what can
/// go on goes on.
TEST_F(SessionTest, ReportsEveryFailureOfTheDevice) {
  auto scenario = [&](FakeDevice &device) -> Status {
    auto program =
        Program::create(toyModel().view(), device, &weights.checkpoint);
    if (!program.ok())
      return program.status();
    auto session = Session::create(**program);
    if (!session.ok())
      return session.status();
    for (int i = 0; i < 3; ++i) {
      auto prefill =
          (*session)->run("prefill", {ids({1, 2}, {1, 2})}, {{"last", 1}});
      if (!prefill.ok())
        return prefill.status();
      auto step = (*session)->run("step", {ids({1, 1}, {1})});
      if (!step.ok())
        return step.status();
    }
    return (*session)->reset();
  };
  FakeDevice clean;
  clean.recordable = true;
  ASSERT_TRUE(scenario(clean).ok());
  ASSERT_GT(clean.calls, 40u);
  for (uint64_t n = 1; n <= clean.calls; ++n) {
    FakeDevice failing;
    failing.recordable = true;
    failing.failAt = n;
    Status status = scenario(failing);
    // An allocation may succeed once other plans have been dropped.
    EXPECT_TRUE(contains(status.message(), "failed as asked") ||
                (status.ok() && failing.failedAllocation))
        << "call " << n << ": " << status.message();
    EXPECT_TRUE(failing.memory.empty()) << "call " << n;
  }
}

} // namespace
