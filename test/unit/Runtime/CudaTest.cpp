//===- CudaTest.cpp - The CUDA device on a fake driver --------------------===//

#include "FakeCuda/FakeCuda.h"
#include "Support/ToyWeights.h"
#include "runtime/Cuda/CudaErrors.h"
#include "runtime/Cuda/CudaImage.h"
#include "ssmc/Runtime/CudaDevice.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "ssmc/Runtime/Generate.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

class CudaTest : public testing::Test {
protected:
  void SetUp() override {
    setenv("SSMC_LIBCUDA", SSMC_FAKE_LIBCUDA, 1);
    unsetenv("SSMC_DEBUG_SYNC");
    fakecuda::reset(settings);
  }
  void TearDown() override { unsetenv("SSMC_LIBCUDA"); }

  /// A generation with recording and replay, all handles given back at the end.
  Status generate() {
    auto device = createCudaDevice(0);
    if (!device.ok())
      return device.status();
    auto program =
        Program::create(toyModel().view(), **device, &weights.checkpoint);
    if (!program.ok())
      return program.status();
    auto session = Session::create(**program);
    if (!session.ok())
      return session.status();
    auto generator = Generator::create(**session);
    if (!generator.ok())
      return generator.status();
    GenerateOptions options;
    options.maxTokens = 5;
    auto ids = generator->generate({1, 2}, options);
    if (!ids.ok())
      return ids.status();
    EXPECT_EQ(*ids, (std::vector<int32_t>{3, 6, 4, 0, 0}));
    return (*session)->reset();
  }
  /// The failure of opening GPU `ordinal` under `settings`.
  std::string openFailure(int ordinal = 0) {
    fakecuda::reset(settings);
    auto device = createCudaDevice(ordinal);
    EXPECT_FALSE(device.ok());
    if (device.ok())
      return "";
    EXPECT_EQ(device.status().code(), StatusCode::Device);
    return device.status().message();
  }
  /// The failure of loading `bundle` under `settings`.
  std::string loadFailure(const TestBundle &bundle = toyModel()) {
    fakecuda::reset(settings);
    auto device = createCudaDevice(0);
    EXPECT_TRUE(device.ok());
    auto view = bundle.view();
    auto kernels = (*device)->load(*view);
    EXPECT_FALSE(kernels.ok());
    if (kernels.ok())
      return "";
    EXPECT_EQ(kernels.status().code(), StatusCode::Device);
    return kernels.status().message();
  }

  /// The number of the first call of that name in generate().
  uint64_t firstCall(const std::string &name) {
    for (uint64_t n = 1;; ++n) {
      fakecuda::Settings probe = settings;
      probe.failAt = n;
      probe.failWith = 999;
      fakecuda::reset(probe);
      if (generate().ok() || fakecuda::failedCall() == name)
        return fakecuda::failedCall() == name ? n : 0;
    }
  }
  /// The failure of generate() when the first call of `name` fails with `code`.
  std::string failureOf(const std::string &name, int code) {
    uint64_t n = firstCall(name);
    EXPECT_NE(n, 0u) << name;
    settings.failAt = n;
    settings.failWith = code;
    fakecuda::reset(settings);
    Status status = generate();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.code(), StatusCode::Device);
    settings.failAt = 0;
    return status.message();
  }

  fakecuda::Settings settings;
  ToyWeights weights;
};

TEST_F(CudaTest, GeneratesAndGivesEverythingBack) {
  Status status = generate();
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(fakecuda::faults(), "");
  // sm_90 is the best image for this GPU.
  EXPECT_EQ(fakecuda::loadedImage(), toyModel().sections[1]);
  const std::vector<std::string> first = {"toy_negate 1x1x1", "toy_sum 1x1x1",
                                          "toy_advance 1x1x1"};
  std::vector<std::string> launches = fakecuda::launches();
  ASSERT_EQ(launches.size(), 11u);
  launches.resize(3);
  EXPECT_EQ(launches, first);
}

TEST_F(CudaTest, DescribesDevices) {
  settings.devices = 2;
  fakecuda::reset(settings);
  EXPECT_EQ((*createCudaDevice(1))->description(), "cuda:1, Fake GPU, sm_90");
  EXPECT_EQ(listCudaDevices()->size(), 2u);
  EXPECT_EQ((*createDevice("cuda"))->description(), "cuda:0, Fake GPU, sm_90");
  EXPECT_EQ((*createDevice("cuda:1"))->description(),
            "cuda:1, Fake GPU, sm_90");
  for (const char *spec : {"tpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", ""})
    EXPECT_EQ(createDevice(spec).status().code(), StatusCode::Usage) << spec;
}

TEST_F(CudaTest, RegistersOtherDevices) {
  registerDevice("mine", [](int ordinal) -> Result<std::unique_ptr<Device>> {
    return Status::device("asked for " + std::to_string(ordinal));
  });
  EXPECT_EQ(createDevice("mine:7").status().message(), "asked for 7");
  EXPECT_TRUE(contains(createDevice("tpu").status().message(), "cuda, mine"));
}

TEST_F(CudaTest, ExplainsMissingAndWrongDrivers) {
  setenv("SSMC_LIBCUDA", "/nowhere/libcuda.so.1", 1);
  EXPECT_TRUE(contains(openFailure(),
                       "no NVIDIA driver found (/nowhere/libcuda.so.1)"));
  EXPECT_FALSE(listCudaDevices().ok());
  setenv("SSMC_LIBCUDA", SSMC_OLD_LIBCUDA, 1);
  EXPECT_TRUE(contains(openFailure(), "it is too old"));
  setenv("SSMC_LIBCUDA", SSMC_FAKE_LIBCUDA, 1);

  settings.devices = 0;
  setenv("CUDA_VISIBLE_DEVICES", "-1", 1);
  EXPECT_TRUE(contains(openFailure(), "CUDA_VISIBLE_DEVICES is '-1'"));
  EXPECT_FALSE(listCudaDevices().ok());
  unsetenv("CUDA_VISIBLE_DEVICES");
  settings.devices = 2;
  EXPECT_TRUE(
      contains(openFailure(2), "there is no cuda:2; the driver sees 2"));
  EXPECT_TRUE(contains(openFailure(-1), "there is no cuda:-1"));

  settings.failAt = 1;
  settings.failWith = 34;
  std::string failure = openFailure();
  EXPECT_TRUE(contains(failure, "CUDA_ERROR_STUB_LIBRARY (34)")) << failure;
  EXPECT_TRUE(contains(failure, SSMC_FAKE_LIBCUDA));
  settings.failWith = 100;
  EXPECT_TRUE(contains(openFailure(), "CUDA_VISIBLE_DEVICES"));
  for (int code : {803, 804}) {
    settings.failWith = code;
    failure = openFailure();
    EXPECT_TRUE(contains(failure, "supports CUDA 12.4, kernel module:"))
        << failure;
  }
}

TEST_F(CudaTest, ExplainsWhyKernelsDoNotLoad) {
  settings.major = 7;
  settings.minor = 5;
  std::string failure = loadFailure();
  EXPECT_TRUE(contains(failure, "'test.ssmb' has no code for cuda:0, Fake GPU, "
                                "sm_75: it holds sm_80 (PTX), sm_90 (PTX), the "
                                "GPU is sm_75"))
      << failure;
  settings = {};
  settings.jitLog = "ptxas error: line 3\x1b\nsecond line";
  failure = failureOf("cuModuleLoadDataEx", 218);
  EXPECT_TRUE(contains(failure, "\n  ptxas error: line 3")) << failure;
  EXPECT_TRUE(contains(failure, "\n  second line"));
  EXPECT_EQ(failure.find('\x1b'), std::string::npos);
  failure = failureOf("cuModuleLoadDataEx", 222);
  EXPECT_TRUE(contains(failure, "the PTX has version 7.8, the driver supports "
                                "CUDA 12.4"))
      << failure;
  failure = failureOf("cuModuleGetFunction", 500);
  EXPECT_TRUE(contains(failure, "kernel 'toy_negate'")) << failure;
}

TEST_F(CudaTest, ComparesKernelsWithTheGpu) {
  settings.maxThreads = 31;
  EXPECT_TRUE(contains(loadFailure(), "blocks of 32 threads"));
  settings = {};
  settings.sharedBytes = 49153;
  EXPECT_TRUE(contains(loadFailure(), "49153 bytes of shared memory"));
  settings = {};
  TestBundle bundle = toyModel();
  bundle.kernels[0].sharedBytes = UINT32_MAX;
  EXPECT_TRUE(contains(loadFailure(bundle), "4294967295 bytes of shared"));
}

TEST_F(CudaTest, ChecksALaunchBeforeTheDriverSeesIt) {
  auto device = std::move(*createCudaDevice(0));
  auto view = toyModel().view();
  auto kernels = std::move(*device->load(*view));
  LaunchParams good;
  good.kernel = 0;
  good.block = {32, 1, 1};
  good.args = {0, 0, 0};
  uint64_t calls = fakecuda::calls();
  auto refused = [&](LaunchParams params) {
    return !device->launch(*kernels, params).ok();
  };
  LaunchParams params = good;
  params.kernel = 3;
  EXPECT_TRUE(refused(params));
  for (size_t count : {0, 2, 4, 100}) {
    params = good;
    params.args.resize(count);
    EXPECT_TRUE(refused(params)) << count;
  }
  for (uint32_t extent : {0u, 31u, 33u, 1024u, UINT32_MAX}) {
    params = good;
    params.block[0] = extent;
    EXPECT_TRUE(refused(params)) << extent;
  }
  for (int d = 0; d < 3; ++d)
    for (uint32_t extent : {0u, d ? 65536u : 1u << 31, UINT32_MAX}) {
      params = good;
      params.grid[d] = extent;
      EXPECT_TRUE(refused(params)) << d << " " << extent;
    }
  // Only cuCtxSetCurrent was called.
  EXPECT_EQ(fakecuda::calls() - calls, 1u + 4 + 5 + 9);
  EXPECT_TRUE(fakecuda::launches().empty());
}

TEST_F(CudaTest, OutOfMemoryLeavesTheDeviceUsable) {
  auto device = std::move(*createCudaDevice(0));
  auto large = device->allocate(uint64_t{2} << 30);
  ASSERT_FALSE(large.ok());
  EXPECT_TRUE(contains(large.status().message(),
                       "2147483648 bytes asked, 1073741824 of 1073741824 are "
                       "free"))
      << large.status().message();
  auto small = device->allocate(16);
  ASSERT_TRUE(small.ok());
  device->free(*small);
}

TEST_F(CudaTest, OnlyLaunchesAndCopiesAreRecorded) {
  auto device = std::move(*createCudaDevice(0));
  DevicePtr memory = *device->allocate(16);
  EXPECT_FALSE(device->endRecording().ok());
  ASSERT_TRUE(device->beginRecording().ok());
  char byte = 0;
  EXPECT_FALSE(device->copyToDevice(memory, &byte, 1).ok());
  EXPECT_FALSE(device->copyToHost(&byte, memory, 1).ok());
  EXPECT_FALSE(device->synchronize().ok());
  EXPECT_FALSE(device->allocate(1).ok());
  EXPECT_FALSE(device->beginRecording().ok());
  EXPECT_TRUE(device->copyOnDevice(memory + 8, memory, 8).ok());
  auto recorded = device->endRecording();
  ASSERT_TRUE(recorded.ok());
  EXPECT_TRUE(device->replay(**recorded).ok());
  EXPECT_TRUE(device->synchronize().ok());
  device->free(memory);
}

/// The codes of the driver that the runtime must explain, and others.
const int kCodes[] = {1,   2,   46,  100, 200, 201, 209, 214, 218, 221,
                      222, 500, 700, 701, 702, 716, 719, 901, 999};

/// Each driver call fails once with each code: the message names the code, and
/// nothing is lost.
TEST_F(CudaTest, ReportsEveryFailureOfEveryCall) {
  ASSERT_TRUE(generate().ok());
  const uint64_t count = fakecuda::calls();
  ASSERT_GT(count, 100u);
  for (int code : kCodes) {
    bool sticky = cuda::describeError(code).sticky;
    for (uint64_t n = 1; n <= count; ++n) {
      settings.failAt = n;
      settings.failWith = code;
      settings.sticky = sticky;
      fakecuda::reset(settings);
      Status status = generate();
      std::string call = fakecuda::failedCall();
      // Giving something back has nobody to report to, and neither has making
      // the context current for it; memory may be found at the second attempt,
      // which shows in the number of calls.
      bool retried = !sticky && fakecuda::calls() > count;
      if (call == "cuCtxSetCurrent" && !retried)
        call = fakecuda::callAfterFailure();
      bool quiet = retried || call == "cuMemFree" ||
                   contains(call, "Destroy") || contains(call, "Unload") ||
                   contains(call, "Release");
      if (status.ok()) {
        EXPECT_TRUE(quiet) << call << " " << code << " at " << n;
      } else {
        EXPECT_EQ(status.code(), StatusCode::Device);
        EXPECT_TRUE(contains(status.message(), cuda::describeError(code).name))
            << call << ": " << status.message();
      }
      EXPECT_EQ(fakecuda::faults(), "") << call << " " << code << " at " << n;
    }
  }
}

/// After an error that destroys the context, nothing succeeds any more.
TEST_F(CudaTest, NothingSucceedsAfterTheDeviceIsLost) {
  for (int code : {214, 700, 702, 710, 714, 715, 716, 717, 718, 719}) {
    fakecuda::reset({});
    auto device = std::move(*createCudaDevice(0));
    auto view = toyModel().view();
    auto kernels = std::move(*device->load(*view));
    DevicePtr memory = *device->allocate(64);
    ASSERT_TRUE(device->beginRecording().ok());
    auto recorded = std::move(*device->endRecording());
    LaunchParams params;
    params.block = {32, 1, 1};
    params.args = {memory, memory + 32, 8};
    ASSERT_TRUE(device->launch(*kernels, params).ok());
    fakecuda::failNext(code);
    Status first = device->synchronize();
    ASSERT_FALSE(first.ok());
    EXPECT_TRUE(contains(first.message(), "device lost"));
    EXPECT_TRUE(contains(first.message(),
                         "kernel 'toy_negate' (grid 1x1x1, block 32x1x1)"))
        << first.message();
    // The driver itself would work again: the latch must hold.
    char byte = 0;
    const Status later[] = {device->synchronize(),
                            device->copyToDevice(memory, &byte, 1),
                            device->copyToHost(&byte, memory, 1),
                            device->copyOnDevice(memory, memory + 8, 8),
                            device->fillZero(memory, 1),
                            device->allocate(1).status(),
                            device->load(*view).status(),
                            device->launch(*kernels, params),
                            device->beginRecording(),
                            device->endRecording().status(),
                            device->replay(*recorded)};
    for (const Status &status : later) {
      EXPECT_EQ(status.code(), StatusCode::Device);
    }
    EXPECT_EQ(later[0].message(), first.message());
    device->free(memory);
  }
}

TEST_F(CudaTest, DebugSyncNamesTheKernel) {
  setenv("SSMC_DEBUG_SYNC", "1", 1);
  auto device = std::move(*createCudaDevice(0));
  EXPECT_FALSE(device->canRecord());
  auto view = toyModel().view();
  auto kernels = std::move(*device->load(*view));
  DevicePtr memory = *device->allocate(64);
  LaunchParams params;
  params.block = {32, 1, 1};
  params.args = {memory, memory + 32, 8};
  uint64_t calls = fakecuda::calls();
  ASSERT_TRUE(device->launch(*kernels, params).ok());
  // Current, launch, synchronize.
  EXPECT_EQ(fakecuda::calls() - calls, 3u);
  device->free(memory);
}

TEST_F(CudaTest, NamesTheRangeOfSuspects) {
  auto device = std::move(*createCudaDevice(0));
  auto view = toyModel().view();
  auto kernels = std::move(*device->load(*view));
  DevicePtr memory = *device->allocate(64);
  LaunchParams negate;
  negate.block = {32, 1, 1};
  negate.args = {memory, memory + 32, 8};
  LaunchParams sum = negate;
  sum.kernel = 1;
  ASSERT_TRUE(device->beginRecording().ok());
  ASSERT_TRUE(device->launch(*kernels, negate).ok());
  ASSERT_TRUE(device->launch(*kernels, sum).ok());
  auto recorded = std::move(*device->endRecording());
  ASSERT_TRUE(device->replay(*recorded).ok());
  fakecuda::failNext(700);
  std::string message = device->synchronize().message();
  EXPECT_TRUE(contains(message, "one of the 2 kernels from 'toy_negate' (grid "
                                "1x1x1, block 32x1x1) to 'toy_sum'"))
      << message;
  EXPECT_TRUE(contains(message, "SSMC_DEBUG_SYNC=1"));
}

TEST(CudaImageTest, ChoosesByArchitecture) {
  const std::string ptx = ".version 8.0\n", cubin = "\x7f"
                                                    "ELFxxxx";
  TestBundle bundle = toyFunction();
  bundle.images = {
      {"sm_80", 1}, {"sm_90", 2}, {"sm_90a", 3}, {"sm_100f", 4}, {"sm_86", 5}};
  bundle.sections = {ptx, ptx, ptx, ptx, cubin};
  auto view = bundle.view();
  auto choice = [&](int capability) -> std::string {
    auto image = cuda::chooseImage(*view, capability, "gpu");
    return image.ok() ? (*image)->arch()->str() : "";
  };
  EXPECT_EQ(choice(75), "");
  EXPECT_EQ(choice(80), "sm_80");
  EXPECT_EQ(choice(86), "sm_86");
  EXPECT_EQ(choice(89), "sm_86");
  EXPECT_EQ(choice(90), "sm_90a");
  EXPECT_EQ(choice(100), "sm_100f");
  EXPECT_EQ(choice(103), "sm_100f");
  EXPECT_EQ(choice(120), "sm_90");
}

/// The toy model with a cubin beside the PTX for sm_90.
TestBundle toyModelWithCubin() {
  TestBundle bundle = toyModel();
  bundle.sections.push_back("\x7f"
                            "ELF of sm_90");
  bundle.images[1].cubinSection = 4;
  return bundle;
}

/// Which code is loaded, and what is told of it.
class CubinTest : public CudaTest {
protected:
  /// Loads the model and returns the note; fails where loading does.
  std::string load() {
    fakecuda::reset(settings);
    auto device = createCudaDevice(0);
    EXPECT_TRUE(device.ok());
    auto kernels = (*device)->load(*view);
    EXPECT_TRUE(kernels.ok()) << kernels.status().message();
    return kernels.ok() ? (*kernels)->note() : "";
  }

  TestBundle bundle = toyModelWithCubin();
  std::shared_ptr<const BundleView> view = bundle.view();
};

TEST_F(CubinTest, IsTakenOnItsOwnArchitecture) {
  EXPECT_EQ(load(), "");
  EXPECT_EQ(fakecuda::loadedImage(), bundle.sections[3]);
}

TEST_F(CubinTest, LeavesOtherArchitecturesToThePtx) {
  struct Case {
    int major, minor;
    size_t section;
  };
  // Of the same major version the cubin would run, as the PTX does.
  for (const Case &other : {Case{8, 0, 0}, Case{8, 9, 0}, Case{9, 1, 1},
                            Case{10, 0, 1}, Case{12, 0, 1}}) {
    settings.major = other.major;
    settings.minor = other.minor;
    EXPECT_EQ(load(), "");
    EXPECT_EQ(fakecuda::loadedImage(), bundle.sections[other.section])
        << other.major << "." << other.minor;
  }
}

TEST_F(CubinTest, GivesWayToThePtxWhereItIsRefused) {
  for (int code : {200, 209, 218, 222, 300, 999}) {
    settings.refuseCubins = code;
    std::string note = load();
    EXPECT_TRUE(contains(note, "the driver, for CUDA 12.4, refuses the sm_90 "
                               "cubin of 'test.ssmb' ("))
        << note;
    EXPECT_TRUE(contains(note, cuda::describeError(code).name)) << note;
    EXPECT_TRUE(contains(note, "the PTX takes its place")) << note;
    EXPECT_EQ(fakecuda::loadedImage(), bundle.sections[1]);
    EXPECT_EQ(fakecuda::faults(), "");
  }
}

/// What has nothing to do with the code fails, as it does without cubins.
TEST_F(CubinTest, DoesNotHideOtherFailures) {
  for (int code : {cuda::kOutOfMemory, 700, 719}) {
    settings.refuseCubins = code;
    std::string failure = loadFailure(bundle);
    EXPECT_TRUE(contains(failure, cuda::describeError(code).name)) << failure;
  }
}

TEST(CudaImageTest, FindsTheVersionOfPtx) {
  EXPECT_EQ(cuda::ptxVersion("//\n.version 8.5\n.target"), "8.5");
  EXPECT_EQ(cuda::ptxVersion(".version 8.5"), "8.5");
  EXPECT_EQ(cuda::ptxVersion("nothing"), "unknown");
}

} // namespace
