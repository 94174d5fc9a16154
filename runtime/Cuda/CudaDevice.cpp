//===- CudaDevice.cpp - NVIDIA GPUs through the driver --------------------===//

#include "ssmc/Runtime/CudaDevice.h"
#include "../Guard.h"
#include "CudaErrors.h"
#include "CudaKernels.h"
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>

namespace ssmc::runtime {

using namespace cuda;

namespace {

/// A CUDA graph that can be launched.
class CudaGraph : public RecordedWork {
public:
  explicit CudaGraph(std::shared_ptr<CudaContext> context)
      : context_(std::move(context)) {}
  ~CudaGraph() override {
    if (executable)
      context_->release("cuGraphExecDestroy", [&] {
        return context_->driver.cuGraphExecDestroy(executable);
      });
  }

  CUgraphExec executable = nullptr;
  /// What replaying launches.
  LaunchLog launches;

private:
  std::shared_ptr<CudaContext> context_;
};

class CudaEvent : public DeviceEvent {
public:
  explicit CudaEvent(std::shared_ptr<CudaContext> context)
      : context_(std::move(context)) {}
  ~CudaEvent() override {
    if (handle)
      context_->release("cuEventDestroy", [&] {
        return context_->driver.cuEventDestroy_v2(handle);
      });
  }

  CUevent handle = nullptr;

private:
  std::shared_ptr<CudaContext> context_;
};

class CudaDevice : public Device {
public:
  CudaDevice(std::shared_ptr<CudaContext> context, bool debugSync)
      : context_(std::move(context)), driver_(context_->driver),
        debugSync_(debugSync) {}

  std::string description() const override { return context_->description; }
  DeviceFacts facts() const override;
  Result<uint64_t> freeMemory() override;

  Result<DevicePtr> allocate(size_t bytes) override;
  void free(DevicePtr pointer) override;
  Status copyToDevice(DevicePtr target, const void *source,
                      size_t bytes) override;
  Status copyToHost(void *target, DevicePtr source, size_t bytes) override;
  Status copyOnDevice(DevicePtr target, DevicePtr source,
                      size_t bytes) override;
  Status fillZero(DevicePtr target, size_t bytes) override;
  Result<std::unique_ptr<LoadedKernels>>
  load(const BundleView &bundle) override;
  Status launch(LoadedKernels &kernels, const LaunchParams &params) override;
  Status synchronize() override;
  bool canRecord() const override { return !debugSync_; }
  Status beginRecording() override;
  Result<std::unique_ptr<RecordedWork>> endRecording() override;
  Status replay(RecordedWork &work) override;
  Result<std::unique_ptr<DeviceEvent>> createEvent() override;
  Status recordEvent(DeviceEvent &event) override;
  Result<double> secondsBetween(DeviceEvent &begin, DeviceEvent &end) override;

private:
  /// Ready, and not between beginRecording() and endRecording().
  Status readyToWait();
  /// Waits for the stream.
  Status wait(const char *call);

  std::shared_ptr<CudaContext> context_;
  const CudaDriver &driver_;
  const bool debugSync_;
  /// What endRecording() will return.
  std::unique_ptr<CudaGraph> recorded_;
};

} // namespace

Status CudaDevice::readyToWait() {
  if (context_->recording)
    return Status::device(context_->description +
                          ": only launches and copies on the device can be "
                          "recorded");
  return context_->ready();
}

Status CudaDevice::wait(const char *call) {
  SSMC_TRY(
      context_->check(driver_.cuStreamSynchronize(context_->stream), call));
  context_->launches.count = 0;
  return {};
}

DeviceFacts CudaDevice::facts() const {
  DeviceFacts facts;
  // "cuda:0, NVIDIA H200, sm_90"
  std::string_view text = context_->description;
  size_t begin = text.find(", ") + 2;
  facts.name = text.substr(begin, text.rfind(", ") - begin);
  facts.driver = "CUDA " + driver_.version();
  facts.capability = context_->limits.capability;
  facts.multiprocessors = context_->attribute(kMultiprocessorCount);
  facts.clock = 1e3 * context_->attribute(kClockRate);
  // kHz and bits, with data on both edges of the clock.
  facts.bandwidth = 2e3 * context_->attribute(kMemoryClockRate) *
                    context_->attribute(kGlobalMemoryBusWidth) / 8;
  facts.l2Bytes = static_cast<uint64_t>(context_->attribute(kL2CacheSize));
  return facts;
}

Result<uint64_t> CudaDevice::freeMemory() {
  SSMC_TRY(readyToWait());
  size_t free = 0, total = 0;
  SSMC_TRY(
      context_->check(driver_.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo"));
  return uint64_t{free};
}

Result<DevicePtr> CudaDevice::allocate(size_t bytes) {
  SSMC_TRY(readyToWait());
  CUdeviceptr pointer = 0;
  CUresult result = driver_.cuMemAlloc_v2(&pointer, bytes);
  if (result == kSuccess)
    return DevicePtr{pointer};
  Status status = context_->check(result, "cuMemAlloc");
  size_t free = 0, total = 0;
  if (result != kOutOfMemory ||
      driver_.cuMemGetInfo_v2(&free, &total) != kSuccess)
    return status;
  return Status::device(fmt::format("{}; {} bytes asked, {} of {} are free",
                                    status.message(), bytes, free, total));
}

void CudaDevice::free(DevicePtr pointer) {
  context_->release("cuMemFree", [&] { return driver_.cuMemFree_v2(pointer); });
}

Status CudaDevice::copyToDevice(DevicePtr target, const void *source,
                                size_t bytes) {
  SSMC_TRY(readyToWait());
  SSMC_TRY(context_->check(
      driver_.cuMemcpyHtoDAsync_v2(target, source, bytes, context_->stream),
      "cuMemcpyHtoD"));
  // The caller may change `source` as soon as this returns.
  return wait("copying to the device");
}

Status CudaDevice::copyToHost(void *target, DevicePtr source, size_t bytes) {
  SSMC_TRY(readyToWait());
  SSMC_TRY(context_->check(
      driver_.cuMemcpyDtoHAsync_v2(target, source, bytes, context_->stream),
      "cuMemcpyDtoH"));
  return wait("copying to the host");
}

Status CudaDevice::copyOnDevice(DevicePtr target, DevicePtr source,
                                size_t bytes) {
  SSMC_TRY(context_->ready());
  return context_->check(
      driver_.cuMemcpyDtoDAsync_v2(target, source, bytes, context_->stream),
      "cuMemcpyDtoD");
}

Status CudaDevice::fillZero(DevicePtr target, size_t bytes) {
  SSMC_TRY(context_->ready());
  return context_->check(
      driver_.cuMemsetD8Async(target, 0, bytes, context_->stream),
      "cuMemsetD8");
}

Result<std::unique_ptr<LoadedKernels>>
CudaDevice::load(const BundleView &bundle) {
  return guarded([&]() -> Result<std::unique_ptr<LoadedKernels>> {
    SSMC_TRY(readyToWait());
    Result<std::unique_ptr<CudaKernels>> kernels =
        CudaKernels::load(context_, bundle);
    if (!kernels.ok())
      return kernels.status();
    return std::unique_ptr<LoadedKernels>(std::move(*kernels));
  });
}

Status CudaDevice::launch(LoadedKernels &kernels, const LaunchParams &params) {
  SSMC_TRY(context_->ready());
  SSMC_TRY(static_cast<CudaKernels &>(kernels).launch(params));
  return debugSync_ ? wait("waiting for the kernel (SSMC_DEBUG_SYNC)")
                    : Status();
}

Status CudaDevice::synchronize() {
  SSMC_TRY(readyToWait());
  return wait("waiting for the device");
}

Status CudaDevice::beginRecording() {
  SSMC_TRY(readyToWait());
  // Made before the capture: between its end and the graph's owner nothing may
  // run out of memory.
  recorded_ = std::make_unique<CudaGraph>(context_);
  SSMC_TRY(context_->check(
      driver_.cuStreamBeginCapture_v2(context_->stream, kCaptureThreadLocal),
      "cuStreamBeginCapture"));
  context_->recording = true;
  context_->launches.count = 0;
  return {};
}

Result<std::unique_ptr<RecordedWork>> CudaDevice::endRecording() {
  if (!context_->recording)
    return Status::device(context_->description + ": nothing is recorded");
  context_->recording = false;
  std::unique_ptr<CudaGraph> recorded = std::move(recorded_);
  if (context_->lost())
    return context_->ready();
  // No ready() before it: whatever else fails, the capture must end.
  CUgraph graph = nullptr;
  SSMC_TRY(context_->check(driver_.cuStreamEndCapture(context_->stream, &graph),
                           "cuStreamEndCapture"));
  CUresult instantiated =
      driver_.cuGraphInstantiateWithFlags(&recorded->executable, graph, 0);
  CUresult destroyed = driver_.cuGraphDestroy(graph);
  if (instantiated != kSuccess)
    recorded->executable = nullptr;
  SSMC_TRY(context_->check(instantiated, "cuGraphInstantiate"));
  SSMC_TRY(context_->check(destroyed, "cuGraphDestroy"));
  std::swap(recorded->launches, context_->launches);
  return std::unique_ptr<RecordedWork>(std::move(recorded));
}

Status CudaDevice::replay(RecordedWork &work) {
  SSMC_TRY(readyToWait());
  auto &graph = static_cast<CudaGraph &>(work);
  context_->launches.add(graph.launches);
  return context_->check(
      driver_.cuGraphLaunch(graph.executable, context_->stream),
      "cuGraphLaunch");
}

Result<std::unique_ptr<DeviceEvent>> CudaDevice::createEvent() {
  return guarded([&]() -> Result<std::unique_ptr<DeviceEvent>> {
    SSMC_TRY(readyToWait());
    auto event = std::make_unique<CudaEvent>(context_);
    SSMC_TRY(context_->check(driver_.cuEventCreate(&event->handle, 0),
                             "cuEventCreate"));
    return std::unique_ptr<DeviceEvent>(std::move(event));
  });
}

Status CudaDevice::recordEvent(DeviceEvent &event) {
  SSMC_TRY(readyToWait());
  return context_->check(
      driver_.cuEventRecord(static_cast<CudaEvent &>(event).handle,
                            context_->stream),
      "cuEventRecord");
}

Result<double> CudaDevice::secondsBetween(DeviceEvent &begin,
                                          DeviceEvent &end) {
  SSMC_TRY(readyToWait());
  CUevent last = static_cast<CudaEvent &>(end).handle;
  SSMC_TRY(context_->check(driver_.cuEventSynchronize(last),
                           "waiting for the kernels"));
  float milliseconds = 0;
  SSMC_TRY(context_->check(
      driver_.cuEventElapsedTime(&milliseconds,
                                 static_cast<CudaEvent &>(begin).handle, last),
      "cuEventElapsedTime"));
  return 1e-3 * milliseconds;
}

Result<std::unique_ptr<Device>> createCudaDevice(int ordinal) {
  return guarded([&]() -> Result<std::unique_ptr<Device>> {
    Result<std::shared_ptr<CudaContext>> context = CudaContext::create(ordinal);
    if (!context.ok())
      return context.status();
    const char *debug = std::getenv("SSMC_DEBUG_SYNC");
    bool debugSync = debug && *debug && std::strcmp(debug, "0") != 0;
    return std::unique_ptr<Device>(
        std::make_unique<CudaDevice>(std::move(*context), debugSync));
  });
}

Result<std::vector<std::string>> listCudaDevices() {
  return guarded([&]() -> Result<std::vector<std::string>> {
    Result<CudaDriver> driver = CudaDriver::load();
    if (!driver.ok())
      return driver.status();
    Result<int> count = driver->deviceCount();
    if (!count.ok())
      return count.status();
    std::vector<std::string> devices;
    for (int i = 0; i < *count; ++i) {
      Result<std::string> device = describeGpu(*driver, i);
      if (!device.ok())
        return device.status();
      devices.push_back(std::move(*device));
    }
    return devices;
  });
}

} // namespace ssmc::runtime
