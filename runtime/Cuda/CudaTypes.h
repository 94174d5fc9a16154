//===- CudaTypes.h - The driver's types, declared by hand -----------------===//
//
// The little of cuda.h that the runtime uses, so that it builds without the
// CUDA Toolkit. A test compares this and CudaFunctions.inc with cuda.h where
// there is one.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDATYPES_H
#define SSMC_RUNTIME_CUDA_CUDATYPES_H

#include <cstddef>

namespace ssmc::runtime::cuda {

// Enumerations are ints in the driver's ABI.
using CUresult = int;
using CUdevice = int;
using CUdevice_attribute = int;
using CUfunction_attribute = int;
using CUjit_option = int;
using CUstreamCaptureMode = int;
using CUdeviceptr = unsigned long long;

using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUevent = struct CUevent_st *;
using CUgraph = struct CUgraph_st *;
using CUgraphExec = struct CUgraphExec_st *;

inline constexpr CUdevice_attribute kMaxThreadsPerBlock = 1;
/// X; Y and Z follow.
inline constexpr CUdevice_attribute kMaxBlockDimX = 2;
/// X; Y and Z follow.
inline constexpr CUdevice_attribute kMaxGridDimX = 5;
inline constexpr CUdevice_attribute kMaxSharedMemoryPerBlock = 8;
inline constexpr CUdevice_attribute kClockRate = 13;
inline constexpr CUdevice_attribute kMultiprocessorCount = 16;
inline constexpr CUdevice_attribute kMemoryClockRate = 36;
inline constexpr CUdevice_attribute kGlobalMemoryBusWidth = 37;
inline constexpr CUdevice_attribute kL2CacheSize = 38;
inline constexpr CUdevice_attribute kComputeCapabilityMajor = 75;
inline constexpr CUdevice_attribute kComputeCapabilityMinor = 76;

inline constexpr CUfunction_attribute kFunctionMaxThreadsPerBlock = 0;
inline constexpr CUfunction_attribute kFunctionSharedSizeBytes = 1;

inline constexpr CUjit_option kJitErrorLogBuffer = 5;
inline constexpr CUjit_option kJitErrorLogBufferSizeBytes = 6;

inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr CUstreamCaptureMode kCaptureThreadLocal = 1;

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDATYPES_H
