//===- GuardedDevice.h - A device that notices stray writes ---------------===//
//
// Wraps another device for the differential tester. Every allocation lies
// between two bands of a known pattern, so that a write just outside it shows,
// and begins as bytes of 0xff, a NaN in every floating-point type and -1 in
// every integer type, so that what a kernel left unwritten shows in its
// results. The bands are NaNs too: an element read from them is not mistaken
// for a zero.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_GUARDEDDEVICE_H
#define SSMC_TOOLS_CLI_GUARDEDDEVICE_H

#include "ssmc/Runtime/Device.h"
#include <map>

namespace ssmc::cli {

struct GuardOptions {
  /// Whether allocations get bands. A device that checks every access against
  /// the bounds of its allocations would take the bands for part of them and
  /// let an overrun pass, so there they are off.
  bool bands = true;
  /// Whether allocations are filled. A tool that finds reads of what was never
  /// written, such as compute-sanitizer, would take that for a write.
  bool poison = true;
  /// Whether the device's addresses are this process's own. They are then
  /// filled without a call of the device, which does not see a write: a device
  /// that checks for reads of what was never written still finds them.
  bool hostAddresses = false;
};

class GuardedDevice : public runtime::Device {
public:
  /// Bytes of a band: a multiple of the alignment of allocations.
  static constexpr size_t kBandBytes = 4096;

  /// `inner` must outlive this device.
  explicit GuardedDevice(runtime::Device &inner, GuardOptions options = {})
      : inner(inner), options(options) {}

  /// StatusCode::Mismatch with the first write outside of an allocation since
  /// the last call; says which allocation, on which side and where. Looks at
  /// those that have been freed since, too, and repairs the bands.
  Status checkGuards();

  std::string description() const override { return inner.description(); }
  Result<runtime::DevicePtr> allocate(size_t bytes) override;
  void free(runtime::DevicePtr pointer) override;
  Status copyToDevice(runtime::DevicePtr target, const void *source,
                      size_t bytes) override {
    return inner.copyToDevice(target, source, bytes);
  }
  Status copyToHost(void *target, runtime::DevicePtr source,
                    size_t bytes) override {
    return inner.copyToHost(target, source, bytes);
  }
  Status copyOnDevice(runtime::DevicePtr target, runtime::DevicePtr source,
                      size_t bytes) override {
    return inner.copyOnDevice(target, source, bytes);
  }
  Status fillZero(runtime::DevicePtr target, size_t bytes) override {
    return inner.fillZero(target, bytes);
  }
  Result<std::unique_ptr<runtime::LoadedKernels>>
  load(const runtime::BundleView &bundle) override {
    return inner.load(bundle);
  }
  bool wantsSeparateTemporaries() const override { return true; }
  Status launch(runtime::LoadedKernels &kernels,
                const runtime::LaunchParams &params) override {
    return inner.launch(kernels, params);
  }
  Status synchronize() override { return inner.synchronize(); }
  bool canRecord() const override { return inner.canRecord(); }
  Status beginRecording() override { return inner.beginRecording(); }
  Result<std::unique_ptr<runtime::RecordedWork>> endRecording() override {
    return inner.endRecording();
  }
  Status replay(runtime::RecordedWork &work) override {
    return inner.replay(work);
  }

private:
  struct Allocation {
    size_t bytes = 0;
    /// How many were made before it since the last check.
    uint64_t number = 0;
  };

  Status fill(runtime::DevicePtr address, size_t bytes);
  Status writeBand(runtime::DevicePtr address);
  Status checkBand(runtime::DevicePtr address, const Allocation &allocation,
                   bool isFront);
  Status checkBands(runtime::DevicePtr address, const Allocation &allocation);

  runtime::Device &inner;
  GuardOptions options;
  /// By the address that the caller knows.
  std::map<runtime::DevicePtr, Allocation> allocations;
  uint64_t numAllocated = 0;
  /// The first damage found when something was freed.
  Status damage;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_GUARDEDDEVICE_H
