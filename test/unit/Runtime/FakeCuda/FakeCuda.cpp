//===- FakeCuda.cpp - A driver in host memory -----------------------------===//

#include "FakeCuda.h"
#include "../Support/ToyKernels.h"
#include "runtime/Cuda/CudaTypes.h"
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

using namespace ssmc::runtime::cuda;

// With the types of the runtime's list, so that a wrong one does not compile.
extern "C" {
#define SSMC_CUDA_FUNCTION(name, ...) CUresult name(__VA_ARGS__);
#include "runtime/Cuda/CudaFunctions.inc"
}

namespace {

constexpr CUresult kSuccess = 0, kInvalidValue = 1, kNoMemory = 2;
constexpr CUresult kInvalidHandle = 400, kMissing = 500;
constexpr CUresult kCaptureUnsupported = 900, kNotCapturing = 901;

using Action = std::function<CUresult()>;

struct Driver {
  fakecuda::Settings settings;
  uint64_t calls = 0;
  std::string failedCall, callAfterFailure, faults, image;
  std::vector<std::string> launches;

  CUresult failNext = kSuccess;
  int contexts = 0;
  uint64_t used = 0;
  bool capturing = false;
  std::vector<Action> captured;
  std::map<CUdeviceptr, std::vector<char>> memory;
  /// Live handles of streams, modules and graphs; the driver owns them.
  std::set<void *> handles;
  /// The names of functions; each belongs to the modules for good.
  std::map<void *, std::unique_ptr<std::string>> functions;
  std::map<void *, std::vector<Action>> graphs;
  /// When each event was recorded, in launches.
  std::map<void *, size_t> events;

  /// Counts a call; a code other than success is what it must return.
  CUresult enter(const char *name) {
    ++calls;
    if (!failedCall.empty() && callAfterFailure.empty())
      callAfterFailure = name;
    if (failNext != kSuccess && std::strcmp(name, "cuCtxSetCurrent") != 0) {
      failedCall = name;
      return std::exchange(failNext, kSuccess);
    }
    bool chosen =
        settings.failAt != 0 && (calls == settings.failAt ||
                                 (settings.sticky && calls > settings.failAt));
    if (!chosen)
      return kSuccess;
    failedCall = name;
    return settings.failWith;
  }
  /// A call that gives something back does so even when it is told to fail, as
  /// a failed free of a real driver leaves nothing that the caller could do.
  CUresult leave(void *handle, CUresult result) {
    graphs.erase(handle);
    events.erase(handle);
    if (handles.erase(handle) == 0)
      return fault("a handle is unknown or destroyed twice");
    delete static_cast<char *>(handle);
    return result;
  }
  void *newHandle() {
    void *handle = new char;
    handles.insert(handle);
    return handle;
  }
  CUresult fault(const std::string &what) {
    faults += what + "; ";
    return kInvalidHandle;
  }
  bool inBounds(CUdeviceptr address, size_t bytes) const {
    auto block = memory.upper_bound(address);
    if (block == memory.begin())
      return false;
    --block;
    uint64_t offset = address - block->first;
    return offset <= block->second.size() &&
           bytes <= block->second.size() - offset;
  }
  /// Runs now, or keeps for the graph.
  CUresult issue(Action action) {
    if (!capturing)
      return action();
    captured.push_back(std::move(action));
    return kSuccess;
  }
  void clear() {
    for (void *handle : handles)
      delete static_cast<char *>(handle);
    *this = Driver();
  }
};

Driver driver;
int depth = 0;

/// A driver call is running.
struct Inside {
  Inside() { ++depth; }
  ~Inside() { --depth; }
};

} // namespace

#define ENTER(name)                                                            \
  Inside inside;                                                               \
  if (CUresult failure = driver.enter(name))                                   \
  return failure

void fakecuda::reset(const Settings &settings) {
  driver.clear();
  driver.settings = settings;
}
void fakecuda::failNext(int code) { driver.failNext = code; }
bool fakecuda::inside() { return depth != 0; }
uint64_t fakecuda::calls() { return driver.calls; }
std::string fakecuda::failedCall() { return driver.failedCall; }
std::string fakecuda::callAfterFailure() { return driver.callAfterFailure; }
std::string fakecuda::faults() { return driver.faults; }
std::vector<std::string> fakecuda::launches() { return driver.launches; }
std::string fakecuda::loadedImage() { return driver.image; }

CUresult cuInit(unsigned) {
  ENTER("cuInit");
  return kSuccess;
}

CUresult cuDriverGetVersion(int *version) {
  *version = 12040;
  return kSuccess;
}

CUresult cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount");
  *count = driver.settings.devices;
  return kSuccess;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return kSuccess;
}

CUresult cuDeviceGetName(char *name, int size, CUdevice) {
  ENTER("cuDeviceGetName");
  std::strncpy(name, "Fake GPU", size);
  return kSuccess;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute,
                              CUdevice) {
  ENTER("cuDeviceGetAttribute");
  const std::map<int, int> values = {
      {kMaxThreadsPerBlock, 1024},
      {kMaxBlockDimX, 1024},
      {kMaxBlockDimX + 1, 1024},
      {kMaxBlockDimX + 2, 64},
      {kMaxGridDimX, INT32_MAX},
      {kMaxGridDimX + 1, 65535},
      {kMaxGridDimX + 2, 65535},
      {kMaxSharedMemoryPerBlock, 49152},
      {kClockRate, 1000000},
      {kMultiprocessorCount, 100},
      {kMemoryClockRate, 2000000},
      {kGlobalMemoryBusWidth, 4096},
      {kL2CacheSize, 1 << 20},
      {kComputeCapabilityMajor, driver.settings.major},
      {kComputeCapabilityMinor, driver.settings.minor}};
  *value = values.at(attribute);
  return kSuccess;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice) {
  ENTER("cuDevicePrimaryCtxRetain");
  ++driver.contexts;
  *context = reinterpret_cast<CUcontext>(&driver);
  return kSuccess;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  Inside inside;
  CUresult result = driver.enter("cuDevicePrimaryCtxRelease");
  if (--driver.contexts < 0)
    return driver.fault("the context is released twice");
  // A lost context takes everything with it.
  if (!driver.settings.sticky || driver.failedCall.empty()) {
    if (!driver.memory.empty())
      driver.fault(std::to_string(driver.memory.size()) + " blocks leaked");
    if (!driver.handles.empty())
      driver.fault(std::to_string(driver.handles.size()) + " handles leaked");
  }
  return result;
}

CUresult cuCtxSetCurrent(CUcontext) {
  ENTER("cuCtxSetCurrent");
  return kSuccess;
}

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  ENTER("cuStreamCreate");
  *stream = static_cast<CUstream>(driver.newHandle());
  return kSuccess;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  Inside inside;
  return driver.leave(stream, driver.enter("cuStreamDestroy"));
}

CUresult cuStreamSynchronize(CUstream) {
  ENTER("cuStreamSynchronize");
  return driver.capturing ? kCaptureUnsupported : kSuccess;
}

CUresult cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes) {
  ENTER("cuMemAlloc");
  if (bytes == 0)
    return kInvalidValue;
  if (bytes > driver.settings.memory - driver.used)
    return kNoMemory;
  std::vector<char> block(bytes, '\xcd');
  *pointer = reinterpret_cast<CUdeviceptr>(block.data());
  driver.used += bytes;
  driver.memory.emplace(*pointer, std::move(block));
  return kSuccess;
}

CUresult cuMemFree_v2(CUdeviceptr pointer) {
  Inside inside;
  CUresult result = driver.enter("cuMemFree");
  auto block = driver.memory.find(pointer);
  if (block == driver.memory.end())
    return driver.fault("a block is unknown or freed twice");
  driver.used -= block->second.size();
  driver.memory.erase(block);
  return result;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER("cuMemGetInfo");
  *free = driver.settings.memory - driver.used;
  *total = driver.settings.memory;
  return kSuccess;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void *source,
                              size_t bytes, CUstream) {
  ENTER("cuMemcpyHtoD");
  if (driver.capturing)
    return kCaptureUnsupported;
  if (!driver.inBounds(target, bytes))
    return kInvalidValue;
  std::memcpy(reinterpret_cast<void *>(target), source, bytes);
  return kSuccess;
}

CUresult cuMemcpyDtoHAsync_v2(void *target, CUdeviceptr source, size_t bytes,
                              CUstream) {
  ENTER("cuMemcpyDtoH");
  if (driver.capturing)
    return kCaptureUnsupported;
  if (!driver.inBounds(source, bytes))
    return kInvalidValue;
  std::memcpy(target, reinterpret_cast<void *>(source), bytes);
  return kSuccess;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source,
                              size_t bytes, CUstream) {
  ENTER("cuMemcpyDtoD");
  return driver.issue([=]() -> CUresult {
    if (!driver.inBounds(target, bytes) || !driver.inBounds(source, bytes))
      return kInvalidValue;
    std::memcpy(reinterpret_cast<void *>(target),
                reinterpret_cast<void *>(source), bytes);
    return kSuccess;
  });
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t bytes,
                         CUstream) {
  ENTER("cuMemsetD8");
  if (!driver.inBounds(target, bytes))
    return kInvalidValue;
  std::memset(reinterpret_cast<void *>(target), value, bytes);
  return kSuccess;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image,
                            unsigned numOptions, CUjit_option *options,
                            void **values) {
  Inside inside;
  CUresult failure = driver.enter("cuModuleLoadDataEx");
  bool isElf = std::memcmp(image,
                           "\x7f"
                           "ELF",
                           4) == 0;
  if (failure == kSuccess && isElf)
    failure = driver.settings.refuseCubins;
  for (unsigned i = 0; failure != kSuccess && i + 1 < numOptions; ++i)
    if (options[i] == kJitErrorLogBuffer)
      std::strncpy(static_cast<char *>(values[i]),
                   driver.settings.jitLog.c_str(),
                   reinterpret_cast<size_t>(values[i + 1]));
  if (failure != kSuccess)
    return failure;
  driver.image = static_cast<const char *>(image);
  *module = static_cast<CUmodule>(driver.newHandle());
  return kSuccess;
}

CUresult cuModuleUnload(CUmodule module) {
  Inside inside;
  return driver.leave(module, driver.enter("cuModuleUnload"));
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule, const char *name) {
  ENTER("cuModuleGetFunction");
  if (std::strncmp(name, "toy_", 4) != 0)
    return kMissing;
  auto kept = std::make_unique<std::string>(name);
  *function = reinterpret_cast<CUfunction>(kept.get());
  driver.functions[kept.get()] = std::move(kept);
  return kSuccess;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute,
                            CUfunction) {
  ENTER("cuFuncGetAttribute");
  *value = attribute == kFunctionMaxThreadsPerBlock
               ? driver.settings.maxThreads
               : driver.settings.sharedBytes;
  return kSuccess;
}

CUresult cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY,
                        unsigned gridZ, unsigned, unsigned, unsigned,
                        unsigned sharedBytes, CUstream, void **arguments,
                        void **) {
  ENTER("cuLaunchKernel");
  std::string name = *reinterpret_cast<std::string *>(function);
  if (sharedBytes != 0 || gridX == 0 || gridY == 0 || gridZ == 0)
    return kInvalidValue;
  std::vector<uint64_t> values;
  for (int i = 0; i < (name == "toy_advance" ? 5 : 3); ++i)
    values.push_back(*static_cast<uint64_t *>(arguments[i]));
  return driver.issue([=]() -> CUresult {
    driver.launches.push_back(name + " " + std::to_string(gridX) + "x" +
                              std::to_string(gridY) + "x" +
                              std::to_string(gridZ));
    return ssmc::runtime::test::runToyKernel(name, gridX, values.data())
               ? kSuccess
               : kMissing;
  });
}

CUresult cuStreamBeginCapture_v2(CUstream, CUstreamCaptureMode) {
  ENTER("cuStreamBeginCapture");
  driver.capturing = true;
  driver.captured.clear();
  return kSuccess;
}

CUresult cuStreamEndCapture(CUstream, CUgraph *graph) {
  Inside inside;
  CUresult failure = driver.enter("cuStreamEndCapture");
  bool capturing = driver.capturing;
  driver.capturing = false;
  if (failure != kSuccess)
    return failure;
  if (!capturing)
    return kNotCapturing;
  *graph = static_cast<CUgraph>(driver.newHandle());
  driver.graphs[*graph] = driver.captured;
  return kSuccess;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph,
                                     unsigned long long) {
  ENTER("cuGraphInstantiate");
  *executable = static_cast<CUgraphExec>(driver.newHandle());
  driver.graphs[*executable] = driver.graphs.at(graph);
  return kSuccess;
}

CUresult cuGraphLaunch(CUgraphExec executable, CUstream) {
  ENTER("cuGraphLaunch");
  for (const Action &action : driver.graphs.at(executable))
    if (CUresult failure = action())
      return failure;
  return kSuccess;
}

CUresult cuGraphDestroy(CUgraph graph) {
  Inside inside;
  return driver.leave(graph, driver.enter("cuGraphDestroy"));
}

CUresult cuGraphExecDestroy(CUgraphExec executable) {
  Inside inside;
  return driver.leave(executable, driver.enter("cuGraphExecDestroy"));
}

CUresult cuEventCreate(CUevent *event, unsigned) {
  ENTER("cuEventCreate");
  *event = static_cast<CUevent>(driver.newHandle());
  return kSuccess;
}

CUresult cuEventRecord(CUevent event, CUstream) {
  ENTER("cuEventRecord");
  driver.events[event] = driver.launches.size();
  return kSuccess;
}

CUresult cuEventSynchronize(CUevent event) {
  ENTER("cuEventSynchronize");
  return driver.events.count(event) ? kSuccess : kInvalidHandle;
}

/// A launch takes a millisecond.
CUresult cuEventElapsedTime(float *milliseconds, CUevent begin, CUevent end) {
  ENTER("cuEventElapsedTime");
  if (!driver.events.count(begin) || !driver.events.count(end))
    return kInvalidHandle;
  *milliseconds = static_cast<float>(driver.events[end] - driver.events[begin]);
  return kSuccess;
}

CUresult cuEventDestroy_v2(CUevent event) {
  Inside inside;
  return driver.leave(event, driver.enter("cuEventDestroy"));
}
