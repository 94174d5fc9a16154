//===- StatePoolTest.cpp - Sequences in rows of a carried pool ------------===//
//
// What a server does: more sequences than a call has, each with a row of the
// pool. With A = 0, delta = B = C = 1 and one state, a channel's output is the
// sum of what its row has been given.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Compiler/Compiler.h"
#include "ssmc/Emulator/Emulator.h"
#include "ssmc/Runtime/Session.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;

static constexpr const char *kModule = R"(
ssm.state @pool : tensor<?x2x1xf32>
func.func @step(%u: tensor<?x1x2xf32> {ssm.name = "u"},
                %ones: tensor<?x1x2xf32> {ssm.name = "ones"},
                %B: tensor<?x1x1xf32> {ssm.name = "B"},
                %A: tensor<2x1xf32> {ssm.name = "A"},
                %slots: tensor<?xi32> {ssm.name = "slots"})
    -> (tensor<?x1x2xf32> {ssm.name = "out"}) {
  %pool = ssm.get_state @pool : tensor<?x2x1xf32>
  %out, %next = ssm.selective_scan %u, %ones, %A, %B, %B
      initial_state(%pool : tensor<?x2x1xf32>)
      state_slots(%slots : tensor<?xi32>)
      : tensor<?x1x2xf32>, tensor<?x1x2xf32>, tensor<2x1xf32>,
        tensor<?x1x1xf32>, tensor<?x1x1xf32>
      -> tensor<?x1x2xf32>, tensor<?x2x1xf32>
  ssm.set_state @pool, %next : tensor<?x2x1xf32>
  return %out : tensor<?x1x2xf32>
}
)";

template <typename T>
static HostTensor tensorOf(DType dtype, std::vector<uint64_t> shape,
                           const std::vector<T> &elements) {
  HostTensor tensor{dtype, std::move(shape), {}};
  tensor.data.resize(elements.size() * sizeof(T));
  std::memcpy(tensor.data.data(), elements.data(), tensor.data.size());
  return tensor;
}

static std::vector<float> floatsOf(const HostTensor &tensor) {
  std::vector<float> elements(tensor.data.size() / sizeof(float));
  std::memcpy(elements.data(), tensor.data.data(), tensor.data.size());
  return elements;
}

namespace {

class StatePoolTest : public testing::Test {
protected:
  void SetUp() override {
    CompileOptions options;
    options.input = "pool.mlir";
    options.inputText = kModule;
    options.targets.clear();
    Result<CompileResult> compiled = compile(options);
    ASSERT_TRUE(compiled.ok()) << compiled.status().message();
    auto bundle = BundleView::fromBytes(
        {compiled->output.begin(), compiled->output.end()}, "pool.mlir");
    ASSERT_TRUE(bundle.ok()) << bundle.status().message();
    emulator::EmulatorOptions emulator;
    emulator.check = true;
    auto opened = emulator::createCpuDevice(emulator);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    device = std::move(*opened);
    auto loaded = Program::create(std::move(*bundle), *device, nullptr);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    program = std::move(*loaded);
    auto started = Session::create(*program, /*batch=*/kRows);
    ASSERT_TRUE(started.ok()) << started.status().message();
    session = std::move(*started);
  }

  /// One token, of value `u` in both channels, for each of `slots`.
  Result<std::vector<float>> step(const std::vector<float> &u,
                                  const std::vector<int32_t> &slots) {
    uint64_t batch = u.size();
    std::vector<float> both, ones(2 * batch, 1.0f), B(batch, 1.0f);
    for (float value : u)
      both.insert(both.end(), 2, value);
    auto outputs = session->run(
        "step", {{"u", tensorOf(DType::F32, {batch, 1, 2}, both)},
                 {"ones", tensorOf(DType::F32, {batch, 1, 2}, ones)},
                 {"B", tensorOf(DType::F32, {batch, 1, 1}, B)},
                 {"A", tensorOf(DType::F32, {2, 1}, std::vector<float>{0, 0})},
                 {"slots", tensorOf(DType::I32, {slots.size()}, slots)}});
    if (!outputs.ok())
      return outputs.status();
    return floatsOf(outputs->front().tensor);
  }

  static constexpr uint64_t kRows = 4;
  std::unique_ptr<Device> device;
  std::unique_ptr<Program> program;
  std::unique_ptr<Session> session;
};

} // namespace

TEST_F(StatePoolTest, SequencesComeAndGo) {
  auto first = step({1, 10}, {2, 0});
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ(*first, (std::vector<float>{1, 1, 10, 10}));
  // Another order, another number, one of them padding.
  auto second = step({5, 100, 7}, {0, -1, 3});
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ(*second, (std::vector<float>{15, 15, 0, 0, 7, 7}));
  auto third = step({2}, {2});
  ASSERT_TRUE(third.ok()) << third.status().message();
  EXPECT_EQ(*third, (std::vector<float>{3, 3}));

  Result<HostTensor> pool = session->readState("pool");
  ASSERT_TRUE(pool.ok()) << pool.status().message();
  EXPECT_EQ(floatsOf(*pool), (std::vector<float>{15, 15, 0, 0, 3, 3, 7, 7}));
}

TEST_F(StatePoolTest, RefusedCallsChangeNothing) {
  ASSERT_TRUE(step({1}, {1}).ok());
  auto shared = step({5, 6}, {1, 1});
  EXPECT_EQ(shared.status().code(), StatusCode::Invalid);
  EXPECT_NE(shared.status().message().find("elements 0 and 1 are both 1"),
            std::string::npos)
      << shared.status().message();
  auto beyond = step({5}, {4});
  EXPECT_NE(beyond.status().message().find("the pool has 4 rows"),
            std::string::npos)
      << beyond.status().message();

  Result<HostTensor> pool = session->readState("pool");
  ASSERT_TRUE(pool.ok()) << pool.status().message();
  EXPECT_EQ(floatsOf(*pool), (std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0}));
}
