//===- CudaSignaturesTest.cpp - The driver's list against cuda.h ----------===//
//
// Compiled only where there is a CUDA Toolkit. The types differ by design (the
// runtime has none of the Toolkit's), so parameters are compared by kind and
// size: that is what the calling convention sees.
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/CudaDriver.h"
#include "runtime/Cuda/CudaErrors.h"
#include <cuda.h>
#include <gtest/gtest.h>
#include <type_traits>

// Newer headers rename this one and keep its signature; the runtime asks for
// the name that all drivers have.
#ifdef cuEventElapsedTime
#undef cuEventElapsedTime
extern "C" CUresult CUDAAPI cuEventElapsedTime(float *, CUevent, CUevent);
#endif

namespace cuda = ssmc::runtime::cuda;

namespace {

template <typename A, typename B>
constexpr bool sameParameter() {
  if constexpr (std::is_pointer_v<A> && std::is_pointer_v<B>) {
    using PointeeA = std::remove_pointer_t<A>;
    using PointeeB = std::remove_pointer_t<B>;
    constexpr bool scalars =
        (std::is_arithmetic_v<PointeeA> || std::is_enum_v<PointeeA>) &&
        (std::is_arithmetic_v<PointeeB> || std::is_enum_v<PointeeB>);
    if constexpr (scalars)
      return sizeof(PointeeA) == sizeof(PointeeB) &&
             std::is_const_v<PointeeA> == std::is_const_v<PointeeB>;
    else
      return std::is_pointer_v<PointeeA> == std::is_pointer_v<PointeeB>;
  } else {
    return std::is_pointer_v<A> == std::is_pointer_v<B> &&
           sizeof(A) == sizeof(B);
  }
}

template <typename ResultA, typename... A, typename ResultB, typename... B>
constexpr bool sameSignature(ResultA (*)(A...), ResultB (*)(B...)) {
  if constexpr (sizeof...(A) == sizeof...(B))
    return sizeof(ResultA) == sizeof(ResultB) && (sameParameter<A, B>() && ...);
  else
    return false;
}

#define SSMC_CUDA_FUNCTION(name, ...)                                          \
  static_assert(sameSignature(decltype(cuda::CudaDriver::name)(nullptr),       \
                              decltype (&::name)(nullptr)),                    \
                #name " differs from cuda.h");
#include "runtime/Cuda/CudaFunctions.inc"

TEST(CudaSignaturesTest, ConstantsAreThoseOfTheHeader) {
  EXPECT_EQ(cuda::kMaxThreadsPerBlock,
            CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  EXPECT_EQ(cuda::kMaxBlockDimX, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X);
  EXPECT_EQ(cuda::kMaxBlockDimX + 2, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z);
  EXPECT_EQ(cuda::kMaxGridDimX, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X);
  EXPECT_EQ(cuda::kMaxGridDimX + 2, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z);
  EXPECT_EQ(cuda::kMaxSharedMemoryPerBlock,
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK);
  EXPECT_EQ(cuda::kClockRate, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
  EXPECT_EQ(cuda::kMultiprocessorCount,
            CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  EXPECT_EQ(cuda::kMemoryClockRate, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
  EXPECT_EQ(cuda::kGlobalMemoryBusWidth,
            CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  EXPECT_EQ(cuda::kL2CacheSize, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  EXPECT_EQ(cuda::kComputeCapabilityMajor,
            CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  EXPECT_EQ(cuda::kComputeCapabilityMinor,
            CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  EXPECT_EQ(cuda::kFunctionMaxThreadsPerBlock,
            CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  EXPECT_EQ(cuda::kFunctionSharedSizeBytes,
            CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
  EXPECT_EQ(cuda::kJitErrorLogBuffer, CU_JIT_ERROR_LOG_BUFFER);
  EXPECT_EQ(cuda::kJitErrorLogBufferSizeBytes,
            CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
  EXPECT_EQ(cuda::kStreamNonBlocking, unsigned(CU_STREAM_NON_BLOCKING));
  EXPECT_EQ(cuda::kCaptureThreadLocal, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
}

TEST(CudaSignaturesTest, ErrorNamesAreThoseOfTheHeader) {
#define EXPECT_NAME(code) EXPECT_STREQ(cuda::describeError(code).name, #code)
  EXPECT_NAME(CUDA_ERROR_INVALID_VALUE);
  EXPECT_NAME(CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_NAME(CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_NAME(CUDA_ERROR_DEINITIALIZED);
  EXPECT_NAME(CUDA_ERROR_STUB_LIBRARY);
  EXPECT_NAME(CUDA_ERROR_DEVICE_UNAVAILABLE);
  EXPECT_NAME(CUDA_ERROR_NO_DEVICE);
  EXPECT_NAME(CUDA_ERROR_INVALID_DEVICE);
  EXPECT_NAME(CUDA_ERROR_INVALID_IMAGE);
  EXPECT_NAME(CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_NAME(CUDA_ERROR_NO_BINARY_FOR_GPU);
  EXPECT_NAME(CUDA_ERROR_ECC_UNCORRECTABLE);
  EXPECT_NAME(CUDA_ERROR_INVALID_PTX);
  EXPECT_NAME(CUDA_ERROR_NVLINK_UNCORRECTABLE);
  EXPECT_NAME(CUDA_ERROR_JIT_COMPILER_NOT_FOUND);
  EXPECT_NAME(CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  EXPECT_NAME(CUDA_ERROR_JIT_COMPILATION_DISABLED);
  EXPECT_NAME(CUDA_ERROR_INVALID_SOURCE);
  EXPECT_NAME(CUDA_ERROR_NOT_FOUND);
  EXPECT_NAME(CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_NAME(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  EXPECT_NAME(CUDA_ERROR_LAUNCH_TIMEOUT);
  EXPECT_NAME(CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_NAME(CUDA_ERROR_ASSERT);
  EXPECT_NAME(CUDA_ERROR_HARDWARE_STACK_ERROR);
  EXPECT_NAME(CUDA_ERROR_ILLEGAL_INSTRUCTION);
  EXPECT_NAME(CUDA_ERROR_MISALIGNED_ADDRESS);
  EXPECT_NAME(CUDA_ERROR_INVALID_ADDRESS_SPACE);
  EXPECT_NAME(CUDA_ERROR_INVALID_PC);
  EXPECT_NAME(CUDA_ERROR_LAUNCH_FAILED);
  EXPECT_NAME(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
  EXPECT_NAME(CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE);
  EXPECT_NAME(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

} // namespace
