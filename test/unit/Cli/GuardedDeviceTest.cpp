//===- GuardedDeviceTest.cpp - Stray writes are noticed -------------------===//

#include "tools/cli/GuardedDevice.h"
#include "test/unit/Runtime/Support/FakeDevice.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::cli;
using runtime::DevicePtr;

namespace {

constexpr size_t kBand = GuardedDevice::kBandBytes;

/// What a kernel does: writes without asking the device.
void poke(DevicePtr address, uint8_t value) {
  *reinterpret_cast<uint8_t *>(address) = value;
}

struct GuardedDeviceTest : testing::Test {
  runtime::test::FakeDevice inner;
  GuardedDevice device{inner};

  DevicePtr allocate(size_t bytes) {
    Result<DevicePtr> address = device.allocate(bytes);
    EXPECT_TRUE(address.ok()) << address.status().message();
    return address.ok() ? *address : 0;
  }
  void expectDamage(const std::string &message) {
    Status status = device.checkGuards();
    EXPECT_EQ(status.code(), StatusCode::Mismatch);
    EXPECT_NE(status.message().find(message), std::string::npos)
        << status.message();
  }
};

} // namespace

TEST_F(GuardedDeviceTest, FreshMemoryIsNaN) {
  // More than is sent at once, and of an odd size.
  for (size_t bytes : {1, 6, 200001}) {
    DevicePtr address = allocate(bytes);
    std::vector<uint8_t> content(bytes);
    ASSERT_TRUE(device.copyToHost(content.data(), address, bytes).ok());
    EXPECT_EQ(content, std::vector<uint8_t>(bytes, 0xff));
  }
  EXPECT_TRUE(device.checkGuards().ok());
}

TEST_F(GuardedDeviceTest, BandsAreNaNToo) {
  DevicePtr address = allocate(8);
  for (DevicePtr at : {address - 4, address - kBand, address + 8}) {
    float value = 0;
    std::memcpy(&value, reinterpret_cast<void *>(at), sizeof(value));
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST_F(GuardedDeviceTest, KeepsAlignment) {
  // The fake's own blocks are aligned less: the distance is what counts.
  DevicePtr address = allocate(8);
  EXPECT_EQ(kBand % 256, 0u);
  EXPECT_EQ(inner.memory.count(address - kBand), 1u);
}

TEST_F(GuardedDeviceTest, WritesInsideAreFine) {
  DevicePtr address = allocate(16);
  poke(address, 1);
  poke(address + 15, 1);
  EXPECT_TRUE(device.checkGuards().ok());
  device.free(address);
  EXPECT_TRUE(device.checkGuards().ok());
}

TEST_F(GuardedDeviceTest, SeesAWriteAfterTheEnd) {
  allocate(4);
  DevicePtr address = allocate(16);
  poke(address + 16, 0);
  poke(address + 19, 0);
  expectDamage("2 bytes changed 0 to 3 bytes after its end (allocation 1 since "
               "the last check, 16 bytes)");
}

TEST_F(GuardedDeviceTest, SeesAWriteBeforeTheBegin) {
  DevicePtr address = allocate(16);
  poke(address - 1, 0);
  expectDamage("1 bytes changed 1 to 1 bytes before its begin");
}

TEST_F(GuardedDeviceTest, SeesTheFarEndsOfTheBands) {
  DevicePtr address = allocate(16);
  poke(address - kBand, 0);
  expectDamage("4096 to 4096 bytes before its begin");
  poke(address + 16 + kBand - 1, 0);
  expectDamage("4095 to 4095 bytes after its end");
}

TEST_F(GuardedDeviceTest, SeesPoisonWrittenOutside) {
  // What was never written may be copied along.
  DevicePtr address = allocate(16);
  poke(address + 16, 0xff);
  expectDamage("after its end");
}

TEST_F(GuardedDeviceTest, SeesDamageOfWhatIsFreed) {
  DevicePtr address = allocate(16);
  poke(address + 20, 0);
  device.free(address);
  EXPECT_EQ(inner.allocated, 0u);
  expectDamage("4 to 4 bytes after its end");
}

TEST_F(GuardedDeviceTest, TellsDamageOnce) {
  DevicePtr address = allocate(16);
  poke(address + 16, 0);
  poke(address - 1, 0);
  expectDamage("before its begin");
  EXPECT_TRUE(device.checkGuards().ok());
  device.free(address);
  EXPECT_TRUE(device.checkGuards().ok());
}

TEST_F(GuardedDeviceTest, GivesBackWhatItCannotFill) {
  // The first call allocates, the others fill.
  for (uint64_t call : {2, 3, 4}) {
    inner.calls = 0;
    inner.failAt = call;
    EXPECT_FALSE(device.allocate(16).ok()) << call;
    EXPECT_EQ(inner.allocated, 0u) << call;
  }
}

TEST_F(GuardedDeviceTest, RecordsAndReplays) {
  EXPECT_FALSE(device.canRecord());
  inner.recordable = true;
  EXPECT_TRUE(device.canRecord());
  EXPECT_TRUE(device.wantsSeparateTemporaries());
  DevicePtr from = allocate(4), to = allocate(4);
  ASSERT_TRUE(device.fillZero(from, 4).ok());
  ASSERT_TRUE(device.beginRecording().ok());
  ASSERT_TRUE(device.copyOnDevice(to, from, 4).ok());
  auto recorded = device.endRecording();
  ASSERT_TRUE(recorded.ok());
  uint32_t value = 1;
  ASSERT_TRUE(device.copyToHost(&value, to, 4).ok());
  EXPECT_EQ(value, 0xffffffff);
  ASSERT_TRUE(device.replay(**recorded).ok());
  ASSERT_TRUE(device.copyToHost(&value, to, 4).ok());
  EXPECT_EQ(value, 0u);
}

TEST(GuardOptions, WithoutBands) {
  runtime::test::FakeDevice inner;
  GuardedDevice device(inner, {false, true, true});
  Result<DevicePtr> address = device.allocate(8);
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(inner.memory.at(*address), std::vector<uint8_t>(8, 0xff));
  // Filled without a call that the device could take for a write.
  EXPECT_EQ(inner.calls, 1u);
  device.free(*address);
  EXPECT_EQ(inner.allocated, 0u);
  EXPECT_TRUE(device.checkGuards().ok());
}

TEST(GuardOptions, WithoutPoison) {
  runtime::test::FakeDevice inner;
  GuardedDevice device(inner, {false, false, false});
  Result<DevicePtr> address = device.allocate(8);
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(inner.memory.at(*address), std::vector<uint8_t>(8, 0xcd));
  EXPECT_EQ(inner.calls, 1u);
}
