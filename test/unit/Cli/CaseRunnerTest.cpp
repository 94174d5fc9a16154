//===- CaseRunnerTest.cpp - Faults that a run of cases has to notice ------===//
//
// A convolution of two taps by a device that can get it wrong in several ways.
//
//===----------------------------------------------------------------------===//

#include "tools/cli/CaseRunner.h"
#include "ssmc/IO/File.h"
#include "test/unit/Runtime/Support/FakeDevice.h"
#include "test/unit/Runtime/Support/TestBundle.h"
#include "tools/cli/CheckRun.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>

using namespace ssmc;
using namespace ssmc::cli;
using runtime::test::constant;
using SharedBundle = std::shared_ptr<const runtime::BundleView>;

namespace {

enum class Fault { None, Wrong, Unwritten, Stray, Unsteady, Lost };

/// y = w[1] x for the kernel (x, w, y): the case "conv b1 l1 d1 k2".
class ConvDevice : public runtime::test::FakeDevice {
public:
  explicit ConvDevice(Fault fault) : fault(fault) {}

  Status launch(runtime::LoadedKernels &,
                const runtime::LaunchParams &params) override {
    auto floats = [&](int i) {
      return reinterpret_cast<float *>(params.args[i]);
    };
    float y = floats(0)[0] * floats(1)[1];
    ++count;
    switch (fault) {
    case Fault::None:
      break;
    case Fault::Wrong:
      y += 1;
      break;
    case Fault::Unwritten:
      return Status();
    case Fault::Stray:
      floats(2)[1] = 0;
      break;
    case Fault::Unsteady:
      // Well within the bound.
      if (count == 3)
        y = std::nextafter(y, std::numeric_limits<float>::infinity());
      break;
    case Fault::Lost:
      return Status::device("the device is gone");
    }
    floats(2)[0] = y;
    return Status();
  }

  unsigned count = 0;

private:
  Fault fault;
};

runtime::test::TestBundle convBundle() {
  using bundle::BufferKind;
  runtime::test::TestBundle made;
  made.kernels = {{"conv", {32, 1, 1}, 3, 0, 0}};
  runtime::test::TestEntry entry;
  entry.name = oracle::kEntry;
  entry.buffers = {
      {BufferKind::Input, 0, "x", 1, {constant(1), constant(1), constant(1)}},
      {BufferKind::Input, 0, "weight", 1, {constant(1), constant(2)}},
      {BufferKind::Output, 0, "y", 1, {constant(1), constant(1), constant(1)}}};
  runtime::test::TestStep step;
  step.pointers = {{0}, {1}, {2}};
  entry.steps = {step};
  made.entries = {entry};
  return made;
}

CheckItem convItem(uint64_t seed) {
  Result<oracle::Case> it =
      oracle::parseCase("conv b1 l1 d1 k2 seed=" + std::to_string(seed));
  EXPECT_TRUE(it.ok());
  return {*it, "toy", ""};
}

std::shared_ptr<CaseRunner> makeRunner(Fault fault, uint64_t repeat = 1,
                                       GuardOptions guards = {}) {
  return std::make_shared<CaseRunner>(
      std::make_unique<ConvDevice>(fault), guards,
      [](const CheckItem &) -> Result<SharedBundle> {
        return convBundle().view();
      },
      repeat);
}

void expectFailure(Fault fault, uint64_t repeat, const std::string &message) {
  CaseReport report = makeRunner(fault, repeat)->run(convItem(1));
  EXPECT_EQ(report.status.code(), StatusCode::Mismatch);
  EXPECT_NE(report.status.message().find(message), std::string::npos)
      << report.status.message();
}

/// What runChecks() does with `size` cases on one thread.
struct Outcome {
  Outcome(Fault fault, CheckOptions options, CheckPlan plan, uint64_t size,
          size_t threads = 1) {
    plan.list = {size, [](uint64_t i) { return convItem(i); }};
    plan.runners.assign(threads, makeRunner(fault));
    plan.describeFailure = [](const CheckItem &, const Status &failure,
                              CaseRunner &,
                              const auto &) { return failure.message(); };
    Context context;
    char *text = nullptr;
    size_t bytes = 0;
    context.out = open_memstream(&text, &bytes);
    status = runChecks(context, options, plan);
    std::fclose(context.out);
    out.assign(text, bytes);
    std::free(text);
  }

  [[nodiscard]] bool says(const std::string &part) const {
    return out.find(part) != std::string::npos;
  }

  Status status;
  std::string out;
};

} // namespace

TEST(CaseRunner, Passes) {
  CaseReport report = makeRunner(Fault::None, 5)->run(convItem(1));
  EXPECT_TRUE(report.status.ok()) << report.status.message();
  EXPECT_EQ(report.lines.substr(0, 16), "y max difference");
  EXPECT_LE(report.worst, 1);
}

TEST(CaseRunner, SeesWrongResults) {
  expectFailure(Fault::Wrong, 1, "1 of 1 elements differ");
}

TEST(CaseRunner, SeesUnwrittenResults) {
  expectFailure(Fault::Unwritten, 1, "got nan");
  // Without poison there is what the memory held.
  CaseReport report =
      makeRunner(Fault::Unwritten, 1, {false, false, false})->run(convItem(1));
  EXPECT_EQ(report.status.message().find("got nan"), std::string::npos);
}

TEST(CaseRunner, SeesStrayWrites) {
  expectFailure(Fault::Stray, 1,
                "4 bytes changed 0 to 3 bytes after its end (allocation 2 "
                "since the last check, 4 bytes)");
}

TEST(CaseRunner, SeesResultsThatChange) {
  expectFailure(Fault::Unsteady, 4,
                "y: run 3 of the same call gives other "
                "bits than the first one, element 0 on");
  // Each run by itself is right.
  EXPECT_TRUE(makeRunner(Fault::Unsteady)->run(convItem(1)).status.ok());
}

TEST(CaseRunner, LoadsAKernelOnce) {
  unsigned loads = 0;
  CaseRunner runner(
      std::make_unique<ConvDevice>(Fault::None), GuardOptions(),
      [&](const CheckItem &) -> Result<SharedBundle> {
        ++loads;
        return convBundle().view();
      },
      1);
  for (uint64_t seed : {1, 2, 3})
    EXPECT_TRUE(runner.run(convItem(seed)).status.ok());
  EXPECT_EQ(loads, 1u);
}

TEST(CaseRunner, SaysWhatIsWrongWithTheBundle) {
  CaseRunner runner(
      std::make_unique<ConvDevice>(Fault::None), GuardOptions(),
      [](const CheckItem &) -> Result<SharedBundle> {
        return Status::invalid("no such op");
      },
      1);
  EXPECT_EQ(runner.run(convItem(1)).status.message(), "no such op");
}

TEST(CheckRun, AllPass) {
  Outcome outcome(Fault::None, {}, {}, 40, 4);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.message();
  EXPECT_TRUE(outcome.says("\n40 passed, 0 failed\n")) << outcome.out;
  EXPECT_TRUE(
      outcome.says("suite    cases  kernels   passed   failed  error/bound\n"
                   "toy         40        1       40        0 "))
      << outcome.out;
}

TEST(CheckRun, AllFail) {
  Outcome outcome(Fault::Wrong, {}, {}, 40, 4);
  EXPECT_EQ(outcome.status.code(), StatusCode::Mismatch);
  EXPECT_TRUE(outcome.says("\n0 passed, 40 failed\n")) << outcome.out;
  // None is lost.
  for (int seed = 0; seed < 40; ++seed)
    EXPECT_TRUE(outcome.says(
        "FAILED: conv b1 l1 d1 k2 u=f32 seed=" + std::to_string(seed) + "\n"))
        << seed;
}

TEST(CheckRun, FailFast) {
  CheckOptions options;
  options.failFast = true;
  Outcome outcome(Fault::Wrong, options, {}, 40);
  EXPECT_TRUE(outcome.says("stopped after 1 of 40 cases: enough failures"))
      << outcome.out;
}

TEST(CheckRun, EnoughFailures) {
  CheckPlan plan;
  plan.maxFailures = 3;
  Outcome outcome(Fault::Wrong, {}, plan, 40);
  EXPECT_TRUE(outcome.says("stopped after 3 of 40 cases: enough failures"))
      << outcome.out;
}

TEST(CheckRun, LostDevice) {
  CheckOptions options;
  options.junit = testing::TempDir() + "ssmc-lost-device.xml";
  Outcome outcome(Fault::Lost, options, {}, 40);
  EXPECT_EQ(outcome.status.code(), StatusCode::Device);
  EXPECT_NE(outcome.status.message().find("conv b1 l1 d1 k2 u=f32 seed=0: "),
            std::string::npos)
      << outcome.status.message();
  EXPECT_TRUE(outcome.says("stopped after 1 of 40 cases: the device is lost"))
      << outcome.out;
  EXPECT_TRUE(outcome.says("FAILED: conv b1 l1 d1 k2 u=f32 seed=0"));
  Result<std::string> junit = readFile(options.junit, 1 << 20);
  ASSERT_TRUE(junit.ok());
  EXPECT_NE(junit->find("the device is gone"), std::string::npos);
  std::remove(options.junit.c_str());
}
