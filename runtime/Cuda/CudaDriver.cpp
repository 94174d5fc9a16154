//===- CudaDriver.cpp - The functions of libcuda --------------------------===//

#include "CudaDriver.h"
#include "CudaErrors.h"
#include "ssmc/IO/Text.h"
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>
#include <fstream>

namespace ssmc::runtime::cuda {

/// "570.86.15" of the kernel module, as it says of itself.
static std::string kernelModuleVersion() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  if (!std::getline(file, line))
    return "not loaded (no /proc/driver/nvidia/version)";
  return escaped(line);
}

std::string CudaDriver::version() const {
  int number = 0;
  if (cuDriverGetVersion(&number) != kSuccess)
    return "unknown";
  return fmt::format("{}.{}", number / 1000, number % 1000 / 10);
}

Status CudaDriver::check(CUresult result, std::string_view call) const {
  if (result == kSuccess)
    return {};
  const CudaError &error = describeError(result);
  std::string message = fmt::format("{} failed: {} ({}): {}", call, error.name,
                                    result, error.meaning);
  if (result == kStubLibrary)
    message += fmt::format("; the stub is {}", quoted(path));
  if (result == kNoDevice)
    if (const char *visible = std::getenv("CUDA_VISIBLE_DEVICES"))
      message += fmt::format("; CUDA_VISIBLE_DEVICES is {}", quoted(visible));
  if (result == kDriverMismatch || result == kCompatNotSupported)
    message += fmt::format("; library {} supports CUDA {}, kernel module: {}",
                           quoted(path), version(), kernelModuleVersion());
  return Status::device(message);
}

Result<CudaDriver> CudaDriver::load() {
  const char *override = std::getenv("SSMC_LIBCUDA");
  const char *name = override && *override ? override : "libcuda.so.1";
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return Status::device(fmt::format(
        "no NVIDIA driver found ({}): {}; install the NVIDIA driver, or run "
        "on the CPU device (--device=cpu) where this program has it",
        escaped(name), escaped(reason ? reason : "it cannot be loaded")));
  }
  CudaDriver driver;
  driver.path = name;
#define SSMC_CUDA_FUNCTION(function, ...)                                      \
  driver.function =                                                            \
      reinterpret_cast<CUresult (*)(__VA_ARGS__)>(dlsym(library, #function));  \
  if (!driver.function)                                                        \
    return Status::device(                                                     \
        fmt::format("the NVIDIA driver {} lacks " #function                    \
                    ", it is too old; update it to CUDA 12.0 or later",        \
                    quoted(name)));
#include "CudaFunctions.inc"
  Dl_info info;
  if (dladdr(reinterpret_cast<void *>(driver.cuInit), &info) && info.dli_fname)
    driver.path = info.dli_fname;
  SSMC_TRY(driver.check(driver.cuInit(0), "cuInit"));
  return driver;
}

Result<int> CudaDriver::deviceCount() const {
  int count = 0;
  SSMC_TRY(check(cuDeviceGetCount(&count), "cuDeviceGetCount"));
  if (count <= 0)
    return check(kNoDevice, "cuDeviceGetCount");
  return count;
}

} // namespace ssmc::runtime::cuda
