//===- FakeDevice.h - A device in host memory for tests -------------------===//
//
// Runs the toy kernels at once, checks every address against what is
// allocated, can record, and fails at a chosen call.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_FAKEDEVICE_H
#define SSMC_TEST_UNIT_RUNTIME_FAKEDEVICE_H

#include "ToyKernels.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/Device.h"
#include <cstring>
#include <functional>
#include <map>

namespace ssmc::runtime::test {

class FakeDevice : public Device {
public:
  /// Calls that can fail so far.
  uint64_t calls = 0;
  /// The call that fails, from 1 on; 0 for none.
  uint64_t failAt = 0;
  /// Bytes that may be allocated at a time.
  uint64_t capacity = UINT64_MAX;
  bool recordable = false;
  /// Whether the call that failed was an allocation.
  bool failedAllocation = false;
  uint64_t launches = 0, replays = 0, allocated = 0;
  std::map<DevicePtr, std::vector<uint8_t>> memory;

  std::string description() const override { return "fake"; }

  Result<DevicePtr> allocate(size_t bytes) override {
    if (Status status = count(); !status.ok()) {
      failedAllocation = true;
      return status;
    }
    if (bytes > capacity || allocated > capacity - bytes)
      return Status::device("out of memory");
    std::vector<uint8_t> block(bytes, 0xcd);
    auto address = reinterpret_cast<DevicePtr>(block.data());
    memory.emplace(address, std::move(block));
    allocated += bytes;
    return address;
  }
  void free(DevicePtr pointer) override {
    allocated -= memory.at(pointer).size();
    memory.erase(pointer);
  }
  Status copyToDevice(DevicePtr target, const void *source,
                      size_t bytes) override {
    SSMC_TRY(count());
    SSMC_TRY(check(target, bytes));
    std::memcpy(reinterpret_cast<void *>(target), source, bytes);
    return {};
  }
  Status copyToHost(void *target, DevicePtr source, size_t bytes) override {
    SSMC_TRY(count());
    SSMC_TRY(check(source, bytes));
    std::memcpy(target, reinterpret_cast<void *>(source), bytes);
    return {};
  }
  Status copyOnDevice(DevicePtr target, DevicePtr source,
                      size_t bytes) override {
    return issue([=]() -> Status {
      SSMC_TRY(check(target, bytes));
      SSMC_TRY(check(source, bytes));
      std::memcpy(reinterpret_cast<void *>(target),
                  reinterpret_cast<void *>(source), bytes);
      return {};
    });
  }
  Status fillZero(DevicePtr target, size_t bytes) override {
    SSMC_TRY(count());
    SSMC_TRY(check(target, bytes));
    std::memset(reinterpret_cast<void *>(target), 0, bytes);
    return {};
  }
  Result<std::unique_ptr<LoadedKernels>>
  load(const BundleView &bundle) override {
    SSMC_TRY(count());
    return std::unique_ptr<LoadedKernels>(std::make_unique<Kernels>(bundle));
  }
  Status launch(LoadedKernels &kernels, const LaunchParams &params) override {
    std::string name = static_cast<Kernels &>(kernels)
                           .bundle.kernel(params.kernel)
                           .name()
                           ->str();
    return issue([this, name, params]() -> Status {
      ++launches;
      if (!runToyKernel(name, params.grid[0], params.args.data()))
        return Status::device("no kernel " + name);
      return {};
    });
  }
  Status synchronize() override { return count(); }

  bool canRecord() const override { return recordable; }
  Status beginRecording() override {
    SSMC_TRY(count());
    recording_ = std::make_unique<Recording>();
    return {};
  }
  Result<std::unique_ptr<RecordedWork>> endRecording() override {
    std::unique_ptr<Recording> recorded = std::move(recording_);
    SSMC_TRY(count());
    return std::unique_ptr<RecordedWork>(std::move(recorded));
  }
  Status replay(RecordedWork &work) override {
    SSMC_TRY(count());
    ++replays;
    for (const auto &action : static_cast<Recording &>(work).actions)
      SSMC_TRY(action());
    return {};
  }

private:
  struct Kernels : LoadedKernels {
    explicit Kernels(const BundleView &bundle) : bundle(bundle) {}
    const BundleView &bundle;
  };
  struct Recording : RecordedWork {
    std::vector<std::function<Status()>> actions;
  };

  Status count() {
    return ++calls == failAt ? Status::device("failed as asked") : Status();
  }
  Status issue(std::function<Status()> action) {
    SSMC_TRY(count());
    if (!recording_)
      return action();
    recording_->actions.push_back(std::move(action));
    return {};
  }
  Status check(DevicePtr address, size_t bytes) const {
    auto block = memory.upper_bound(address);
    if (block == memory.begin())
      return Status::device("not an address of the device");
    --block;
    uint64_t offset = address - block->first;
    if (offset > block->second.size() || bytes > block->second.size() - offset)
      return Status::device("out of bounds");
    return {};
  }

  std::unique_ptr<Recording> recording_;
};

} // namespace ssmc::runtime::test

#endif // SSMC_TEST_UNIT_RUNTIME_FAKEDEVICE_H
