//===- GuardedDevice.cpp - A device that notices stray writes -------------===//

#include "tools/cli/GuardedDevice.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// What a fresh allocation is filled with.
static constexpr uint8_t kPoison = 0xff;

/// The byte of a band at `address`: with 0xff as the upper byte, every element
/// of a floating-point type is a NaN; the lower one is never that of the poison
/// or of the NaN that arithmetic makes, and tells neighbours apart.
static uint8_t bandByte(DevicePtr address) {
  constexpr uint64_t kPeriod = 125;
  return address % 2 != 0 ? 0xff
                          : static_cast<uint8_t>(0x81 + address / 2 % kPeriod);
}

Status GuardedDevice::fill(DevicePtr address, size_t bytes) {
  if (!options.poison)
    return Status();
  if (options.hostAddresses) {
    std::memset(reinterpret_cast<void *>(address), kPoison, bytes);
    return Status();
  }
  // What has been filled is copied behind itself: a device does that faster
  // than the host can send.
  size_t filled = std::min(bytes, size_t{1} << 16);
  std::vector<uint8_t> poison(filled, kPoison);
  SSMC_TRY(inner.copyToDevice(address, poison.data(), filled));
  while (filled < bytes) {
    size_t next = std::min(filled, bytes - filled);
    SSMC_TRY(inner.copyOnDevice(address + filled, address, next));
    filled += next;
  }
  return Status();
}

Status GuardedDevice::writeBand(DevicePtr address) {
  std::array<uint8_t, kBandBytes> band;
  for (size_t i = 0; i < kBandBytes; ++i)
    band[i] = bandByte(address + i);
  return inner.copyToDevice(address, band.data(), kBandBytes);
}

Result<DevicePtr> GuardedDevice::allocate(size_t bytes) {
  size_t total = bytes;
  if (options.bands && __builtin_add_overflow(bytes, 2 * kBandBytes, &total))
    return Status::device(
        fmt::format("an allocation of {} bytes has no room for guards", bytes));
  Result<DevicePtr> block = inner.allocate(total);
  if (!block.ok())
    return block;
  DevicePtr address = options.bands ? *block + kBandBytes : *block;
  Status status = fill(address, bytes);
  if (status.ok() && options.bands)
    status = writeBand(*block);
  if (status.ok() && options.bands)
    status = writeBand(address + bytes);
  if (!status.ok()) {
    inner.free(*block);
    return status;
  }
  allocations[address] = {bytes, numAllocated++};
  return address;
}

void GuardedDevice::free(DevicePtr pointer) {
  auto found = allocations.find(pointer);
  if (found == allocations.end() || !options.bands) {
    if (found != allocations.end())
      allocations.erase(found);
    inner.free(pointer);
    return;
  }
  Status status = checkBands(pointer, found->second);
  // A device that cannot be read any more has said so where it was used.
  if (damage.ok() && status.code() == StatusCode::Mismatch)
    damage = status;
  allocations.erase(found);
  inner.free(pointer - kBandBytes);
}

Status GuardedDevice::checkBand(DevicePtr address, const Allocation &allocation,
                                bool isFront) {
  std::array<uint8_t, kBandBytes> band;
  SSMC_TRY(inner.copyToHost(band.data(), address, kBandBytes));
  size_t count = 0, first = 0, last = 0;
  for (size_t i = 0; i < kBandBytes; ++i) {
    if (band[i] == bandByte(address + i))
      continue;
    if (count++ == 0)
      first = i;
    last = i;
  }
  if (count == 0)
    return Status();
  SSMC_TRY(writeBand(address));
  std::string where =
      isFront ? fmt::format("{} to {} bytes before its begin",
                            kBandBytes - first, kBandBytes - last)
              : fmt::format("{} to {} bytes after its end", first, last);
  return Status::mismatch(
      fmt::format("a write outside of an allocation: {} bytes changed {} "
                  "(allocation {} since the last check, {} bytes)",
                  count, where, allocation.number, allocation.bytes));
}

Status GuardedDevice::checkBands(DevicePtr address,
                                 const Allocation &allocation) {
  // Both, whatever the first one says, so that both are repaired.
  Status front = checkBand(address - kBandBytes, allocation, true);
  Status back = checkBand(address + allocation.bytes, allocation, false);
  return front.ok() ? back : front;
}

Status GuardedDevice::checkGuards() {
  Status first = std::exchange(damage, Status());
  numAllocated = 0;
  if (!options.bands)
    return first;
  for (const auto &[address, allocation] : allocations) {
    Status status = checkBands(address, allocation);
    if (first.ok())
      first = std::move(status);
  }
  return first;
}
