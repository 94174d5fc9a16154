//===- CudaDriver.h - The functions of libcuda ----------------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDADRIVER_H
#define SSMC_RUNTIME_CUDA_CUDADRIVER_H

#include "CudaTypes.h"
#include "ssmc/Support/Status.h"
#include <string>
#include <string_view>

namespace ssmc::runtime::cuda {

/// The table of driver functions.
struct CudaDriver {
#define SSMC_CUDA_FUNCTION(name, ...) CUresult (*name)(__VA_ARGS__) = nullptr;
#include "CudaFunctions.inc"

  /// The library that was loaded, for messages.
  std::string path;

  /// Loads libcuda.so.1, or the library that SSMC_LIBCUDA names, and
  /// initializes the driver. Never unloads it: drivers keep threads of their
  /// own. Fails with StatusCode::Device.
  static Result<CudaDriver> load();

  /// "13.0", what the driver supports; "unknown" where it does not say.
  [[nodiscard]] std::string version() const;

  /// The number of GPUs; fails where there is none.
  Result<int> deviceCount() const;

  /// A failure of `call` with cause and cure; no Status for success.
  [[nodiscard]] Status check(CUresult result, std::string_view call) const;
};

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDADRIVER_H
