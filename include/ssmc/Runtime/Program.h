//===- Program.h - A bundle with its weights on a device ------------------===//
//
// What all sessions of a model share: the loaded kernels, the parameters bound
// by name from a checkpoint, and what the entry "init" derives from them.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_PROGRAM_H
#define SSMC_RUNTIME_PROGRAM_H

#include "ssmc/IO/Safetensors.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/Choice.h"
#include "ssmc/Runtime/Device.h"
#include <functional>
#include <memory>
#include <vector>

namespace ssmc::runtime {

/// A block of device memory that frees itself. The device must outlive it.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer &&other) noexcept { swap(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept {
    DeviceBuffer old(std::move(other));
    swap(old);
    return *this;
  }
  ~DeviceBuffer();

  /// At least one byte is asked for, so that the address is never 0.
  static Result<DeviceBuffer> allocate(Device &device, uint64_t bytes);

  [[nodiscard]] DevicePtr address() const { return address_; }
  [[nodiscard]] uint64_t size() const { return size_; }

private:
  void swap(DeviceBuffer &other) noexcept {
    std::swap(device_, other.device_);
    std::swap(address_, other.address_);
    std::swap(size_, other.size_);
  }

  Device *device_ = nullptr;
  DevicePtr address_ = 0;
  uint64_t size_ = 0;
};

/// Gives the elements of a parameter, of the dtype and shape of the bundle.
using ParameterSource =
    std::function<Result<HostTensor>(const bundle::Tensor &parameter)>;

class Program {
public:
  /// Loads the kernels, uploads the parameters and runs "init" where the bundle
  /// has it. `weights` may be null for a bundle without parameters; tensors
  /// that the bundle does not ask for are ignored. All missing and misshapen
  /// tensors are listed in one message. `choices`, made for this bundle, decide
  /// between alternatives in "init" and, unless a session has its own, in
  /// every call. The device must outlive the program.
  static Result<std::unique_ptr<Program>>
  create(std::shared_ptr<const BundleView> bundle, Device &device,
         const Checkpoint *weights, ChoiceTable choices = {});

  /// The same with parameters that `source` makes up instead of a checkpoint.
  static Result<std::unique_ptr<Program>>
  create(std::shared_ptr<const BundleView> bundle, Device &device,
         const ParameterSource &source, ChoiceTable choices = {});

  [[nodiscard]] const BundleView &bundle() const { return *bundle_; }
  [[nodiscard]] Device &device() const { return device_; }
  [[nodiscard]] const ChoiceTable &choices() const { return choices_; }
  [[nodiscard]] LoadedKernels &kernels() const { return *kernels_; }
  /// Device memory of Bundle.parameters[index].
  [[nodiscard]] const DeviceBuffer &parameter(uint32_t index) const {
    return parameters_[index];
  }
  /// Device memory of Bundle.derived[index].
  [[nodiscard]] const DeviceBuffer &derived(uint32_t index) const {
    return derived_[index];
  }

private:
  Program(std::shared_ptr<const BundleView> bundle, Device &device,
          ChoiceTable choices)
      : bundle_(std::move(bundle)), device_(device),
        choices_(std::move(choices)) {}
  Status loadKernels();
  Status uploadParameters(const Checkpoint *weights);
  Status uploadParameters(const ParameterSource &source);
  Status computeDerived();

  std::shared_ptr<const BundleView> bundle_;
  Device &device_;
  ChoiceTable choices_;
  std::unique_ptr<LoadedKernels> kernels_;
  std::vector<DeviceBuffer> parameters_;
  std::vector<DeviceBuffer> derived_;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_PROGRAM_H
