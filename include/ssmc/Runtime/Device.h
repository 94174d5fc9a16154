//===- Device.h - What a program needs of a device ------------------------===//
//
// Two implementations: the CUDA driver (runtime/) and the emulator that runs
// the same kernels on the CPU (lib/Emulator). Calls on one device are ordered;
// none is thread-safe.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_DEVICE_H
#define SSMC_RUNTIME_DEVICE_H

#include "ssmc/Support/Status.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc::runtime {

class BundleView;

/// An address in device memory; 0 is none. Allocations are aligned to 256
/// bytes.
using DevicePtr = uint64_t;

/// One kernel launch with its arguments resolved.
struct LaunchParams {
  /// Index into the bundle's kernels.
  uint32_t kernel = 0;
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::array<uint32_t, 3> block = {1, 1, 1};
  /// All parameters in order, 8 bytes each: pointers, then scalars.
  std::vector<uint64_t> args;
};

/// A sequence of launches and copies recorded once and replayed (a CUDA graph).
class RecordedWork {
public:
  virtual ~RecordedWork() = default;
};

/// The kernels of one bundle, loaded on one device.
class LoadedKernels {
public:
  virtual ~LoadedKernels() = default;
};

class Device {
public:
  virtual ~Device() = default;

  /// For people: "cuda:0, NVIDIA H200, sm_90" or "cpu, 2 threads".
  [[nodiscard]] virtual std::string description() const = 0;

  /// Memory of at least one byte, uninitialized.
  virtual Result<DevicePtr> allocate(size_t bytes) = 0;
  virtual void free(DevicePtr pointer) = 0;

  virtual Status copyToDevice(DevicePtr target, const void *source,
                              size_t bytes) = 0;
  /// Waits for all earlier work.
  virtual Status copyToHost(void *target, DevicePtr source, size_t bytes) = 0;
  virtual Status copyOnDevice(DevicePtr target, DevicePtr source,
                              size_t bytes) = 0;
  virtual Status fillZero(DevicePtr target, size_t bytes) = 0;

  /// Picks the image that fits (PTX or cubin for CUDA, bitcode for the CPU) and
  /// makes its kernels ready. The bundle must outlive the result.
  virtual Result<std::unique_ptr<LoadedKernels>>
  load(const BundleView &bundle) = 0;

  /// Whether each temporary should be an allocation of its own instead of a
  /// part of one arena, so that a device that checks bounds sees an overrun
  /// from one into the next.
  [[nodiscard]] virtual bool wantsSeparateTemporaries() const { return false; }

  /// Starts a kernel; returns before it ends where the device can. Errors of
  /// the kernel itself come from this call or from a later one.
  virtual Status launch(LoadedKernels &kernels, const LaunchParams &params) = 0;
  virtual Status synchronize() = 0;

  /// Between beginRecording() and endRecording(), launches and copies on the
  /// device are recorded, not run. A device that cannot says so by returning
  /// false from canRecord().
  [[nodiscard]] virtual bool canRecord() const { return false; }
  virtual Status beginRecording() {
    return Status::device("this device cannot record work");
  }
  virtual Result<std::unique_ptr<RecordedWork>> endRecording() {
    return Status::device("this device cannot record work");
  }
  virtual Status replay(RecordedWork &) {
    return Status::device("this device cannot record work");
  }
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_DEVICE_H
