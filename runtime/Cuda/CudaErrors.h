//===- CudaErrors.h - What the driver's error codes mean ------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDAERRORS_H
#define SSMC_RUNTIME_CUDA_CUDAERRORS_H

#include "CudaTypes.h"

namespace ssmc::runtime::cuda {

inline constexpr CUresult kSuccess = 0;
inline constexpr CUresult kOutOfMemory = 2;
inline constexpr CUresult kStubLibrary = 34;
inline constexpr CUresult kNoDevice = 100;
inline constexpr CUresult kInvalidPtx = 218;
inline constexpr CUresult kUnsupportedPtxVersion = 222;
inline constexpr CUresult kInvalidSource = 300;
inline constexpr CUresult kNotFound = 500;
inline constexpr CUresult kDriverMismatch = 803;
inline constexpr CUresult kCompatNotSupported = 804;

struct CudaError {
  CUresult code;
  /// "CUDA_ERROR_OUT_OF_MEMORY".
  const char *name;
  /// Cause and cure, for a person.
  const char *meaning;
  /// The context is lost: no later call on it can succeed.
  bool sticky;
};

/// The entry of `code`; a general one where the code is not known.
const CudaError &describeError(CUresult code);

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDAERRORS_H
