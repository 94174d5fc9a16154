//===- Program.cpp - A bundle with its weights on a device ----------------===//

#include "ssmc/Runtime/Program.h"
#include "Bind.h"
#include "Guard.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <fmt/format.h>

namespace ssmc::runtime {

DeviceBuffer::~DeviceBuffer() {
  if (address_ != 0)
    device_->free(address_);
}

Result<DeviceBuffer> DeviceBuffer::allocate(Device &device, uint64_t bytes) {
  Result<DevicePtr> address =
      device.allocate(static_cast<size_t>(std::max<uint64_t>(bytes, 1)));
  if (!address.ok())
    return address.status();
  DeviceBuffer buffer;
  buffer.device_ = &device;
  buffer.address_ = *address;
  buffer.size_ = bytes;
  return buffer;
}

/// Dtype and shape as the bundle has them.
static DType dtypeOf(const bundle::Tensor &tensor) {
  return static_cast<DType>(tensor.dtype());
}
static std::vector<uint64_t> shapeOf(const bundle::Tensor &tensor) {
  return {tensor.shape()->begin(), tensor.shape()->end()};
}

/// Memory for each of `tensors`, whose sizes the bundle's verifier has checked.
static Status allocateAll(
    Device &device,
    const flatbuffers::Vector<flatbuffers::Offset<bundle::Tensor>> &tensors,
    std::vector<DeviceBuffer> &buffers) {
  for (const bundle::Tensor *tensor : tensors) {
    Result<DeviceBuffer> buffer = DeviceBuffer::allocate(
        device, *byteCount(dtypeOf(*tensor), shapeOf(*tensor)));
    if (!buffer.ok())
      return buffer.status().withContext("memory for " +
                                         quoted(tensor->name()->string_view()));
    buffers.push_back(std::move(*buffer));
  }
  return {};
}

/// Compares what the bundle wants with what the checkpoint has, in full, so
/// that one run shows everything that is wrong.
static Status checkParameters(const BundleView &bundle,
                              const Checkpoint *weights) {
  const auto &parameters = *bundle.body().parameters();
  if (parameters.size() == 0)
    return {};
  if (!weights)
    return Status::invalid(fmt::format(
        "{} needs {} parameters, but no weights are given; name the directory "
        "of the checkpoint it was compiled from (--weights DIR)",
        quoted(bundle.name()), parameters.size()));
  constexpr size_t maxListed = 50;
  std::string list;
  size_t count = 0;
  for (const bundle::Tensor *parameter : parameters) {
    std::string_view name = parameter->name()->string_view();
    std::string expected =
        describeTensor(dtypeOf(*parameter), shapeOf(*parameter));
    const TensorInfo *found = weights->find(name);
    if (found && found->dtype == dtypeOf(*parameter) &&
        found->shape == shapeOf(*parameter))
      continue;
    if (count++ < maxListed)
      list +=
          fmt::format("\n  {}: expected {}, found {}", quoted(name), expected,
                      found ? describeTensor(found->dtype, found->shape)
                            : "no such tensor");
  }
  if (count == 0)
    return {};
  if (count > maxListed)
    list += fmt::format("\n  and {} more", count - maxListed);
  return Status::invalid(fmt::format(
      "{} does not fit {}: {} of {} parameters differ:{}\nuse the checkpoint "
      "that the bundle was compiled from, or compile it again",
      quoted(weights->path()), quoted(bundle.name()), count, parameters.size(),
      list));
}

Status Program::uploadParameters(const Checkpoint *weights) {
  SSMC_TRY(checkParameters(*bundle_, weights));
  const auto &parameters = *bundle_->body().parameters();
  SSMC_TRY(allocateAll(device_, parameters, parameters_));
  // Large enough that the disk and the bus are busy, small beside any model.
  constexpr uint64_t chunk = 16 << 20;
  std::vector<uint8_t> staging;
  for (uint32_t i = 0; i < parameters.size(); ++i) {
    const TensorInfo &info =
        *weights->find(parameters.Get(i)->name()->string_view());
    uint64_t bytes = parameters_[i].size();
    staging.resize(std::max<uint64_t>(staging.size(), std::min(bytes, chunk)));
    for (uint64_t offset = 0; offset < bytes; offset += chunk) {
      uint64_t part = std::min(chunk, bytes - offset);
      SSMC_TRY(weights->read(info, offset, staging.data(), part));
      SSMC_TRY(device_.copyToDevice(parameters_[i].address() + offset,
                                    staging.data(), part));
    }
  }
  return {};
}

Status Program::uploadParameters(const ParameterSource &source) {
  const auto &parameters = *bundle_->body().parameters();
  SSMC_TRY(allocateAll(device_, parameters, parameters_));
  for (uint32_t i = 0; i < parameters.size(); ++i) {
    const bundle::Tensor &parameter = *parameters.Get(i);
    Result<HostTensor> tensor = source(parameter);
    if (!tensor.ok())
      return tensor.status();
    if (tensor->dtype != dtypeOf(parameter) ||
        tensor->shape != shapeOf(parameter) ||
        tensor->data.size() != parameters_[i].size())
      return Status::invalid(
          fmt::format("parameter {}: expected {}, found {}",
                      quoted(parameter.name()->string_view()),
                      describeTensor(dtypeOf(parameter), shapeOf(parameter)),
                      describeTensor(*tensor)));
    if (!tensor->data.empty())
      SSMC_TRY(device_.copyToDevice(parameters_[i].address(),
                                    tensor->data.data(), tensor->data.size()));
  }
  return {};
}

Status Program::computeDerived() {
  const auto &derived = *bundle_->body().derived();
  SSMC_TRY(allocateAll(device_, derived, derived_));
  const bundle::Entry *init = bundle_->findEntry("init");
  if (!init)
    return derived.size() == 0
               ? Status()
               : Status::invalid(quoted(bundle_->name()) +
                                 " has derived tensors, but no entry 'init' "
                                 "that computes them; compile the model again");
  Result<EntryPlan> plan = planEntry(*bundle_, *init, {}, choices_);
  if (!plan.ok())
    return plan.status();
  Result<DeviceBuffer> arena =
      DeviceBuffer::allocate(device_, plan->arenaBytes);
  if (!arena.ok())
    return arena.status();
  std::vector<DevicePtr> bases;
  for (uint32_t i = 0; i < plan->buffers.size(); ++i) {
    const bundle::Buffer &buffer = *init->buffers()->Get(i);
    if (buffer.kind() == bundle::BufferKind::Parameter)
      bases.push_back(parameters_[buffer.index()].address());
    else if (buffer.kind() == bundle::BufferKind::Derived)
      bases.push_back(derived_[buffer.index()].address());
    else
      bases.push_back(arena->address() + plan->buffers[i].arenaOffset);
  }
  Status status =
      issueSteps(device_, *kernels_, bindSteps(*bundle_, *plan, bases));
  // Also after a failure: the arena must not be freed under running kernels.
  Status finished = device_.synchronize();
  return status.ok() ? finished : status;
}

Status Program::loadKernels() {
  Result<std::unique_ptr<LoadedKernels>> kernels = device_.load(*bundle_);
  if (!kernels.ok())
    return kernels.status();
  kernels_ = std::move(*kernels);
  return {};
}

Result<std::unique_ptr<Program>>
Program::create(std::shared_ptr<const BundleView> bundle, Device &device,
                const Checkpoint *weights, ChoiceTable choices) {
  return guarded([&]() -> Result<std::unique_ptr<Program>> {
    std::unique_ptr<Program> program(
        new Program(std::move(bundle), device, std::move(choices)));
    SSMC_TRY(program->loadKernels());
    SSMC_TRY(program->uploadParameters(weights));
    SSMC_TRY(program->computeDerived());
    return program;
  });
}

Result<std::unique_ptr<Program>>
Program::create(std::shared_ptr<const BundleView> bundle, Device &device,
                const ParameterSource &source, ChoiceTable choices) {
  return guarded([&]() -> Result<std::unique_ptr<Program>> {
    std::unique_ptr<Program> program(
        new Program(std::move(bundle), device, std::move(choices)));
    SSMC_TRY(program->loadKernels());
    SSMC_TRY(program->uploadParameters(source));
    SSMC_TRY(program->computeDerived());
    return program;
  });
}

} // namespace ssmc::runtime
