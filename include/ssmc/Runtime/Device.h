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
#include <chrono>
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

  /// For people: code that was refused and what took its place; empty where
  /// there is nothing to tell.
  [[nodiscard]] const std::string &note() const { return note_; }

protected:
  std::string note_;
};

/// A point in the order of a device's work, for measuring.
class DeviceEvent {
public:
  virtual ~DeviceEvent() = default;
};

/// What measurements are related to; 0 and "" where the device does not say.
struct DeviceFacts {
  /// "NVIDIA H200".
  std::string name;
  /// "CUDA 13.0".
  std::string driver;
  /// 90 for compute capability 9.0.
  int capability = 0;
  int multiprocessors = 0;
  /// Of the multiprocessors, in Hz.
  double clock = 0;
  /// What the memory's clock and width allow, in bytes a second.
  double bandwidth = 0;
  uint64_t l2Bytes = 0;
};

class Device {
public:
  virtual ~Device() = default;

  /// For people: "cuda:0, NVIDIA H200, sm_90" or "cpu, 2 threads".
  [[nodiscard]] virtual std::string description() const = 0;

  [[nodiscard]] virtual DeviceFacts facts() const {
    DeviceFacts facts;
    facts.name = description();
    return facts;
  }

  /// Bytes that can be allocated now; UINT64_MAX where the device does not say.
  virtual Result<uint64_t> freeMemory() { return UINT64_MAX; }

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

  /// An event is recorded between two pieces of work and then tells when the
  /// first had ended. The device's own clock where it has one; else, as here,
  /// the work is waited for and the host's clock is read.
  virtual Result<std::unique_ptr<DeviceEvent>> createEvent() {
    return std::unique_ptr<DeviceEvent>(std::make_unique<HostEvent>());
  }
  virtual Status recordEvent(DeviceEvent &event) {
    SSMC_TRY(synchronize());
    static_cast<HostEvent &>(event).time = std::chrono::steady_clock::now();
    return {};
  }
  /// Waits for `end`. Both must have been recorded.
  virtual Result<double> secondsBetween(DeviceEvent &begin, DeviceEvent &end) {
    return std::chrono::duration<double>(static_cast<HostEvent &>(end).time -
                                         static_cast<HostEvent &>(begin).time)
        .count();
  }

private:
  struct HostEvent : DeviceEvent {
    std::chrono::steady_clock::time_point time;
  };
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_DEVICE_H
