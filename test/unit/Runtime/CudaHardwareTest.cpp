//===- CudaHardwareTest.cpp - The CUDA device on a real GPU ---------------===//
//
// Skipped where there is no driver or no GPU. What the fake driver cannot show:
// that the real one takes these calls, that graphs replay, and that an error of
// a kernel is told as what it is.
//
//===----------------------------------------------------------------------===//

#include "Support/ToyWeights.h"
#include "ssmc/Runtime/CudaDevice.h"
#include "ssmc/Runtime/Generate.h"
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

class CudaHardwareTest : public testing::Test {
protected:
  void SetUp() override {
    unsetenv("SSMC_LIBCUDA");
    auto opened = createCudaDevice(0);
    if (!opened.ok())
      GTEST_SKIP() << opened.status().message();
    device = std::move(*opened);
  }

  std::unique_ptr<Device> device;
};

TEST_F(CudaHardwareTest, Generates) {
  ToyWeights weights;
  auto program =
      Program::create(toyModel().view(), *device, &weights.checkpoint);
  ASSERT_TRUE(program.ok()) << program.status().message();
  auto session = Session::create(**program);
  ASSERT_TRUE(session.ok()) << session.status().message();
  Generator generator = *Generator::create(**session);
  GenerateOptions options;
  options.maxTokens = 4;
  // Many rounds: prefill and step are recorded and replayed.
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(generator.reset().ok());
    auto ids = generator.generate({1, 2}, options);
    ASSERT_TRUE(ids.ok()) << ids.status().message();
    EXPECT_EQ(*ids, (std::vector<int32_t>{3, 6, 4, 0}));
  }
}

TEST_F(CudaHardwareTest, RunsBatchesAndFunctions) {
  auto program = Program::create(toyFunction().view(), *device, nullptr);
  ASSERT_TRUE(program.ok()) << program.status().message();
  auto session = std::move(*Session::create(**program));
  NamedTensor input;
  input.tensor = *makeTensor(DType::F32, {3, 1});
  const float values[3] = {1, -2, 0.5f};
  std::memcpy(input.tensor.data.data(), values, sizeof(values));
  for (int round = 0; round < 3; ++round) {
    auto outputs = session->run("double", {input});
    ASSERT_TRUE(outputs.ok()) << outputs.status().message();
    EXPECT_EQ(toDoubles((*outputs)[0].tensor), (std::vector<double>{2, -4, 1}));
  }
}

TEST_F(CudaHardwareTest, OutOfMemoryLeavesTheDeviceUsable) {
  auto large = device->allocate(uint64_t{1} << 45);
  ASSERT_FALSE(large.ok());
  EXPECT_TRUE(contains(large.status().message(), "bytes asked"))
      << large.status().message();
  auto small = device->allocate(1024);
  ASSERT_TRUE(small.ok()) << small.status().message();
  EXPECT_TRUE(device->fillZero(*small, 1024).ok());
  EXPECT_TRUE(device->synchronize().ok());
  device->free(*small);
}

TEST_F(CudaHardwareTest, ShowsTheLogOfRefusedPtx) {
  TestBundle bundle = toyFunction();
  bundle.sections[0] += "this is not PTX\n";
  auto view = bundle.view();
  auto kernels = device->load(*view);
  ASSERT_FALSE(kernels.ok());
  EXPECT_TRUE(contains(kernels.status().message(), "CUDA_ERROR_INVALID_PTX"))
      << kernels.status().message();
  EXPECT_TRUE(contains(kernels.status().message(), "\n  ptxas"))
      << kernels.status().message();
}

/// Loses the device on purpose, in a process of its own, and exits with 0 where
/// the messages are right.
[[noreturn]] void loseTheDevice(Device &device) {
  auto view = toyFunction().view();
  auto kernels = std::move(*device.load(*view));
  LaunchParams params;
  params.block = {32, 1, 1};
  // Eight floats from an address that nobody owns.
  params.args = {0x1000, 0x2000, 8};
  Status first = device.launch(*kernels, params);
  if (first.ok())
    first = device.synchronize();
  Status later = device.allocate(16).status();
  fprintf(stderr, "%s\n", first.message().c_str());
  std::_Exit(contains(first.message(), "CUDA_ERROR_ILLEGAL_ADDRESS") &&
                     contains(first.message(), "kernel 'toy_double'") &&
                     later.message() == first.message()
                 ? 0
                 : 1);
}

TEST_F(CudaHardwareTest, TellsWhichKernelLostTheDevice) {
  // CUDA does not survive a fork: the child starts over and opens the GPU.
  device.reset();
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(loseTheDevice(**createCudaDevice(0)), testing::ExitedWithCode(0),
              "device lost");
}

} // namespace
