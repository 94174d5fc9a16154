//===- CudaContext.h - One GPU: context, stream and its errors ------------===//
//
// What the device, its kernels and its recordings share. Every driver call
// passes through check(), which remembers an error that destroyed the context:
// from then on ready() fails, so that nothing after the error looks like a
// success.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDACONTEXT_H
#define SSMC_RUNTIME_CUDA_CUDACONTEXT_H

#include "CudaDriver.h"
#include "ssmc/Runtime/Device.h"
#include <array>
#include <new>

namespace ssmc::runtime::cuda {

/// The GPU's limits on a launch.
struct CudaLimits {
  int threadsPerBlock = 0;
  int block[3] = {};
  int grid[3] = {};
  int sharedBytes = 0;
  /// 90 for compute capability 9.0.
  int capability = 0;
};

/// The launches since the last wait: who a late error may come from.
struct LaunchLog {
  struct Note {
    std::string kernel;
    std::array<uint32_t, 3> grid = {}, block = {};
  };
  uint64_t count = 0;
  Note first, last;

  void add(std::string_view kernel, const LaunchParams &params);
  void add(const LaunchLog &later);
};

class CudaContext {
public:
  /// Retains the primary context of GPU `ordinal` and makes a stream on it.
  static Result<std::shared_ptr<CudaContext>> create(int ordinal);
  ~CudaContext();

  CudaContext(const CudaContext &) = delete;
  CudaContext &operator=(const CudaContext &) = delete;

  /// Makes the context current; fails for good after a sticky error.
  Status ready();
  /// The failure of `call`, which latches where it is sticky.
  Status check(CUresult result, std::string_view call);
  /// Whether a sticky error has occurred.
  [[nodiscard]] bool lost() const { return !lost_.ok(); }
  /// What the GPU says about itself; 0 where it does not.
  [[nodiscard]] int attribute(CUdevice_attribute attribute) const;
  /// Gives a resource back: `call` runs unless the context is lost, which took
  /// the resource with it. A failure shows in later calls if it matters.
  template <typename F>
  void release(const char *name, F &&call) noexcept {
    if (lost())
      return;
    driver.cuCtxSetCurrent(context_);
    try {
      (void)check(call(), name);
    } catch (const std::bad_alloc &) {
      // Only the message of the failure found no memory.
    }
  }

  CudaDriver driver;
  CudaLimits limits;
  CUstream stream = nullptr;
  /// "cuda:0, NVIDIA H200, sm_90".
  std::string description;
  bool recording = false;
  LaunchLog launches;

private:
  explicit CudaContext(CudaDriver loaded) : driver(std::move(loaded)) {}
  Status open(int ordinal);
  Status readProperties(int ordinal);
  [[nodiscard]] std::string suspects() const;

  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  /// The failure that lost the context.
  Status lost_;
};

/// The GPU's name in the form of CudaContext::description.
Result<std::string> describeGpu(const CudaDriver &driver, int ordinal);

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDACONTEXT_H
