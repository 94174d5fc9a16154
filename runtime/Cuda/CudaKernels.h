//===- CudaKernels.h - A bundle's kernels on a GPU ------------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDAKERNELS_H
#define SSMC_RUNTIME_CUDA_CUDAKERNELS_H

#include "CudaContext.h"
#include "ssmc/Runtime/BundleView.h"

namespace ssmc::runtime::cuda {

class CudaKernels : public LoadedKernels {
public:
  /// Loads the image that fits, its cubin where that is for this very GPU and
  /// its PTX otherwise, finds every kernel of the bundle in it and compares
  /// what it needs with what the GPU has. A cubin that the driver refuses is
  /// noted, and the PTX takes its place.
  static Result<std::unique_ptr<CudaKernels>>
  load(std::shared_ptr<CudaContext> context, const BundleView &bundle);
  ~CudaKernels() override;

  /// Checks the launch against the kernel and the GPU, then starts it.
  Status launch(const LaunchParams &params);

private:
  struct Kernel {
    std::string name;
    CUfunction function = nullptr;
    std::array<uint32_t, 3> block = {1, 1, 1};
    uint32_t numParameters = 0;
  };

  explicit CudaKernels(std::shared_ptr<CudaContext> context)
      : context_(std::move(context)) {}
  Status loadModule(const BundleView &bundle);
  /// Loads PTX or a cubin as the module; `what` says so in messages. `result`
  /// is what the driver says.
  Status loadCode(std::string_view section, const std::string &what,
                  CUresult &result);
  Status findKernel(const bundle::Kernel &kernel);
  Status checkLaunch(const LaunchParams &params) const;

  std::shared_ptr<CudaContext> context_;
  CUmodule module_ = nullptr;
  std::vector<Kernel> kernels_;
  /// Scratch of launch(): where each argument is.
  std::vector<void *> arguments_;
};

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDAKERNELS_H
