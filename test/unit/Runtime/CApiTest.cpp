//===- CApiTest.cpp - The C API, also without memory ----------------------===//

#include "CApiTestInC.h"
#include "FakeCuda/FakeCuda.h"
#include "Support/ToyWeights.h"
#include "ssmc/IO/File.h"
#include "ssmc/Runtime/Tuning.h"
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

/// Allocations until one fails; negative for none.
static thread_local int64_t allocationsLeft = -1;

static void *allocate(size_t size) {
  if (allocationsLeft >= 0 && !fakecuda::inside() && allocationsLeft-- == 0)
    return nullptr;
  return std::malloc(size ? size : 1);
}
static void *allocateOrThrow(size_t size) {
  if (void *memory = allocate(size))
    return memory;
  throw std::bad_alloc();
}
void *operator new(size_t size) { return allocateOrThrow(size); }
void *operator new[](size_t size) { return allocateOrThrow(size); }
void *operator new(size_t size, const std::nothrow_t &) noexcept {
  return allocate(size);
}
void *operator new[](size_t size, const std::nothrow_t &) noexcept {
  return allocate(size);
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }
void operator delete[](void *memory, size_t) noexcept { std::free(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, const std::nothrow_t &) noexcept {
  std::free(memory);
}

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

class CApiTest : public testing::Test {
protected:
  void SetUp() override {
    setenv("SSMC_LIBCUDA", SSMC_FAKE_LIBCUDA, 1);
    fakecuda::reset({});
    bundlePath =
        testing::TempDir() + "capi_test_" + std::to_string(getpid()) + ".ssmb";
    std::vector<uint8_t> bytes = toyModel().bytes();
    ASSERT_TRUE(
        writeFileAtomically(
            bundlePath, std::string_view(reinterpret_cast<char *>(bytes.data()),
                                         bytes.size()))
            .ok());
  }
  void TearDown() override {
    unsetenv("SSMC_LIBCUDA");
    std::remove(bundlePath.c_str());
  }

  /// Code and message of a failure, which is freed.
  std::pair<int, std::string> take(ssmc_status status) {
    std::pair<int, std::string> result(ssmc_status_code(status),
                                       ssmc_status_message(status));
    ssmc_status_free(status);
    return result;
  }

  ToyWeights weights;
  std::string bundlePath;
};

TEST_F(CApiTest, ServesACProgram) {
  int wrong = 0;
  auto [code, message] =
      take(use_toy_model(bundlePath.c_str(), weights.path.c_str(), &wrong));
  EXPECT_EQ(code, SSMC_OK) << message;
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(fakecuda::faults(), "");
}

TEST_F(CApiTest, ReportsFailures) {
  int wrong = 0;
  EXPECT_EQ(take(use_toy_model("/nowhere", "", &wrong)).first, SSMC_INVALID);
  EXPECT_EQ(take(use_toy_model(bundlePath.c_str(), nullptr, &wrong)).first,
            SSMC_INVALID);
  fakecuda::Settings none;
  none.devices = 0;
  fakecuda::reset(none);
  EXPECT_EQ(take(use_toy_model(bundlePath.c_str(), nullptr, &wrong)).first,
            SSMC_DEVICE);
  ssmc_device *device = nullptr;
  EXPECT_EQ(take(ssmc_device_create("abacus", &device)).first, SSMC_USAGE);
  EXPECT_EQ(device, nullptr);
}

TEST_F(CApiTest, RefusesNullArguments) {
  EXPECT_EQ(take(ssmc_bundle_open(nullptr, nullptr)).first, SSMC_USAGE);
  EXPECT_EQ(take(ssmc_device_create("cuda", nullptr)).second,
            "the argument 'device' is NULL");
  EXPECT_EQ(take(ssmc_program_create(nullptr, nullptr, nullptr, nullptr)).first,
            SSMC_USAGE);
  EXPECT_EQ(take(ssmc_program_create_tuned(nullptr, nullptr, nullptr, nullptr,
                                           nullptr))
                .first,
            SSMC_USAGE);
  EXPECT_EQ(take(ssmc_session_create(nullptr, 1, nullptr)).first, SSMC_USAGE);
  EXPECT_EQ(take(ssmc_session_reset(nullptr)).first, SSMC_USAGE);
  EXPECT_EQ(take(ssmc_session_step(nullptr, 1, nullptr, 0)).first, SSMC_USAGE);
  EXPECT_EQ(ssmc_bundle_vocab_size(nullptr), 0u);
  EXPECT_EQ(ssmc_outputs_count(nullptr), 0u);
  EXPECT_STREQ(ssmc_device_description(nullptr), "");
  EXPECT_STREQ(ssmc_program_note(nullptr), "");
  EXPECT_EQ(ssmc_status_code(nullptr), SSMC_OK);
  EXPECT_STREQ(ssmc_status_message(nullptr), "");
  ssmc_bundle_free(nullptr);
  ssmc_device_free(nullptr);
  ssmc_program_free(nullptr);
  ssmc_session_free(nullptr);
  ssmc_outputs_free(nullptr);
  ssmc_status_free(nullptr);
}

TEST_F(CApiTest, ReadsTuningFiles) {
  ssmc_bundle *bundle = nullptr;
  ssmc_device *device = nullptr;
  ssmc_program *program = nullptr;
  ASSERT_EQ(ssmc_bundle_open(bundlePath.c_str(), &bundle), nullptr);
  ASSERT_EQ(ssmc_device_create("cuda:0", &device), nullptr);
  auto createWith = [&](const std::string &tuning) {
    return take(ssmc_program_create_tuned(bundle, device, weights.path.c_str(),
                                          tuning.c_str(), &program));
  };
  EXPECT_EQ(createWith(bundlePath + ".none").first, SSMC_INVALID);
  EXPECT_TRUE(contains(createWith(bundlePath).second,
                       "remove the file and tune again"));
  EXPECT_EQ(program, nullptr);
  std::string place = bundlePath + ".tune";
  ASSERT_TRUE(TuningFile().write(place).ok());
  EXPECT_EQ(createWith(place).first, SSMC_OK);
  EXPECT_NE(program, nullptr);
  EXPECT_STREQ(ssmc_program_note(program), "");
  ssmc_program_free(program);
  ssmc_device_free(device);
  ssmc_bundle_free(bundle);
  std::remove(place.c_str());
}

TEST_F(CApiTest, ChecksTheRoomForLogitsBeforeTheStateMoves) {
  ssmc_bundle *bundle = nullptr;
  ssmc_device *device = nullptr;
  ssmc_program *program = nullptr;
  ssmc_session *session = nullptr;
  ASSERT_EQ(ssmc_bundle_open(bundlePath.c_str(), &bundle), nullptr);
  ASSERT_EQ(ssmc_device_create("cuda:0", &device), nullptr);
  EXPECT_STREQ(ssmc_device_description(device), "cuda:0, Fake GPU, sm_90");
  ASSERT_EQ(ssmc_program_create(bundle, device, weights.path.c_str(), &program),
            nullptr);
  ASSERT_EQ(ssmc_session_create(program, 1, &session), nullptr);
  float logits[8];
  const int32_t ids[2] = {1, 2};
  EXPECT_EQ(take(ssmc_session_step(session, 1, logits, 7)).first, SSMC_USAGE);
  EXPECT_EQ(take(ssmc_session_prefill(session, ids, 2, 2, logits, 8)).first,
            SSMC_USAGE);
  EXPECT_EQ(
      take(ssmc_session_prefill(session, ids, 2, UINT64_MAX, logits, 8)).first,
      SSMC_USAGE);
  ASSERT_EQ(ssmc_session_step(session, 5, logits, 8), nullptr);
  EXPECT_EQ(logits[5], 0.03125f * 5);
  const ssmc_tensor bad = {nullptr, 77, nullptr, 0, nullptr, 0};
  ssmc_outputs *outputs = nullptr;
  EXPECT_EQ(
      take(ssmc_session_run(session, "step", &bad, 1, nullptr, 0, &outputs))
          .first,
      SSMC_USAGE);
  ssmc_session_free(session);
  ssmc_program_free(program);
  ssmc_device_free(device);
  ssmc_bundle_free(bundle);
}

/// Each allocation of the runtime fails once: a status comes back and nothing
/// is lost, on the device neither.
TEST_F(CApiTest, SurvivesEveryFailedAllocation) {
  int wrong = 0;
  ASSERT_EQ(use_toy_model(bundlePath.c_str(), weights.path.c_str(), &wrong),
            nullptr);
  int64_t n = 0;
  for (;; ++n) {
    fakecuda::reset({});
    allocationsLeft = n;
    ssmc_status status =
        use_toy_model(bundlePath.c_str(), weights.path.c_str(), &wrong);
    bool exhausted = allocationsLeft < 0;
    allocationsLeft = -1;
    int code = take(status).first;
    if (!exhausted) {
      EXPECT_EQ(code, SSMC_OK);
      break;
    }
    EXPECT_EQ(wrong, 0) << "allocation " << n;
    EXPECT_EQ(fakecuda::faults(), "") << "allocation " << n;
    ASSERT_LT(n, 100000);
  }
  EXPECT_GT(n, 300);
}

} // namespace
