//===- CudaContext.cpp - One GPU: context, stream and its errors ----------===//

#include "CudaContext.h"
#include "CudaErrors.h"
#include "ssmc/IO/Text.h"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ssmc::runtime::cuda {

Result<std::string> describeGpu(const CudaDriver &driver, int ordinal) {
  CUdevice device = 0;
  SSMC_TRY(driver.check(driver.cuDeviceGet(&device, ordinal), "cuDeviceGet"));
  char name[256] = {};
  SSMC_TRY(driver.check(driver.cuDeviceGetName(name, sizeof(name) - 1, device),
                        "cuDeviceGetName"));
  int major = 0, minor = 0;
  SSMC_TRY(driver.check(
      driver.cuDeviceGetAttribute(&major, kComputeCapabilityMajor, device),
      "cuDeviceGetAttribute"));
  SSMC_TRY(driver.check(
      driver.cuDeviceGetAttribute(&minor, kComputeCapabilityMinor, device),
      "cuDeviceGetAttribute"));
  return fmt::format("cuda:{}, {}, sm_{}{}", ordinal, escaped(name), major,
                     minor);
}

Result<std::shared_ptr<CudaContext>> CudaContext::create(int ordinal) {
  Result<CudaDriver> driver = CudaDriver::load();
  if (!driver.ok())
    return driver.status();
  std::shared_ptr<CudaContext> context(new CudaContext(std::move(*driver)));
  SSMC_TRY(context->open(ordinal));
  return context;
}

Status CudaContext::open(int ordinal) {
  Result<int> count = driver.deviceCount();
  if (!count.ok())
    return count.status();
  if (ordinal < 0 || ordinal >= *count)
    return Status::device(fmt::format(
        "there is no cuda:{}; the driver sees {} GPU{}, cuda:0 to cuda:{} "
        "(CUDA_VISIBLE_DEVICES may hide others)",
        ordinal, *count, *count == 1 ? "" : "s", *count - 1));
  SSMC_TRY(readProperties(ordinal));
  CUcontext context = nullptr;
  SSMC_TRY(check(driver.cuDevicePrimaryCtxRetain(&context, device_),
                 "cuDevicePrimaryCtxRetain"));
  context_ = context;
  SSMC_TRY(ready());
  CUstream created = nullptr;
  SSMC_TRY(check(driver.cuStreamCreate(&created, kStreamNonBlocking),
                 "cuStreamCreate"));
  stream = created;
  return {};
}

Status CudaContext::readProperties(int ordinal) {
  Result<std::string> text = describeGpu(driver, ordinal);
  if (!text.ok())
    return text.status();
  description = std::move(*text);
  SSMC_TRY(check(driver.cuDeviceGet(&device_, ordinal), "cuDeviceGet"));
  int major = 0, minor = 0;
  struct Query {
    CUdevice_attribute attribute;
    int *value;
  };
  const Query queries[] = {
      {kMaxThreadsPerBlock, &limits.threadsPerBlock},
      {kMaxBlockDimX, &limits.block[0]},
      {kMaxBlockDimX + 1, &limits.block[1]},
      {kMaxBlockDimX + 2, &limits.block[2]},
      {kMaxGridDimX, &limits.grid[0]},
      {kMaxGridDimX + 1, &limits.grid[1]},
      {kMaxGridDimX + 2, &limits.grid[2]},
      {kMaxSharedMemoryPerBlock, &limits.sharedBytes},
      {kComputeCapabilityMajor, &major},
      {kComputeCapabilityMinor, &minor},
  };
  for (const Query &query : queries)
    SSMC_TRY(check(
        driver.cuDeviceGetAttribute(query.value, query.attribute, device_),
        "cuDeviceGetAttribute"));
  limits.capability = major * 10 + minor;
  return {};
}

CudaContext::~CudaContext() {
  // Nobody is left to hear of a failure here.
  if (context_) {
    driver.cuCtxSetCurrent(context_);
    if (stream)
      driver.cuStreamDestroy_v2(stream);
    driver.cuDevicePrimaryCtxRelease_v2(device_);
  }
}

Status CudaContext::ready() {
  if (!lost_.ok())
    return lost_;
  return check(driver.cuCtxSetCurrent(context_), "cuCtxSetCurrent");
}

Status CudaContext::check(CUresult result, std::string_view call) {
  if (result == kSuccess)
    return {};
  Status status = driver.check(result, call);
  if (!describeError(result).sticky)
    return status.withContext(description);
  if (lost_.ok())
    lost_ = Status::device(
        fmt::format("{}: device lost: {}; {}; restart the program", description,
                    status.message(), suspects()));
  return lost_;
}

int CudaContext::attribute(CUdevice_attribute attribute) const {
  int value = 0;
  return driver.cuDeviceGetAttribute(&value, attribute, device_) == kSuccess
             ? value
             : 0;
}

void LaunchLog::add(std::string_view kernel, const LaunchParams &params) {
  // assign() reuses the strings' memory: this runs at each launch.
  if (++count == 1) {
    first.kernel.assign(kernel);
    first.grid = params.grid;
    first.block = params.block;
  }
  last.kernel.assign(kernel);
  last.grid = params.grid;
  last.block = params.block;
}

void LaunchLog::add(const LaunchLog &later) {
  if (later.count == 0)
    return;
  if (count == 0)
    first = later.first;
  last = later.last;
  count += later.count;
}

std::string CudaContext::suspects() const {
  auto print = [](const LaunchLog::Note &note) {
    return fmt::format("{} (grid {}, block {})", quoted(note.kernel),
                       fmt::join(note.grid, "x"), fmt::join(note.block, "x"));
  };
  constexpr const char *advice =
      "run under `compute-sanitizer --tool memcheck` for the exact access";
  if (launches.count == 0)
    return "no kernel of this program was running";
  if (launches.count == 1)
    return fmt::format("it was kernel {}; {}", print(launches.first), advice);
  return fmt::format("it was one of the {} kernels from {} to {}; "
                     "SSMC_DEBUG_SYNC=1 tells which, or {}",
                     launches.count, print(launches.first),
                     print(launches.last), advice);
}

} // namespace ssmc::runtime::cuda
