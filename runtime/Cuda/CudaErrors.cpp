//===- CudaErrors.cpp - What the driver's error codes mean ----------------===//
//
// Not cuGetErrorString(): the driver says what happened, a user needs to know
// what to do, and the codes that destroy the context must be told from those
// that do not.
//
//===----------------------------------------------------------------------===//

#include "CudaErrors.h"

namespace ssmc::runtime::cuda {

static constexpr CudaError kErrors[] = {
    {1, "CUDA_ERROR_INVALID_VALUE",
     "an argument was refused; this is an error of this program, please "
     "report it",
     false},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY",
     "not enough device memory; use a smaller batch or sequence, or end other "
     "programs on this GPU",
     false},
    {3, "CUDA_ERROR_NOT_INITIALIZED",
     "the driver could not be initialized; check it with nvidia-smi", false},
    {4, "CUDA_ERROR_DEINITIALIZED", "the driver is shutting down", true},
    {kStubLibrary, "CUDA_ERROR_STUB_LIBRARY",
     "this is the stub of the CUDA Toolkit, which cannot run anything; remove "
     "its directory (.../lib64/stubs) from LD_LIBRARY_PATH so that the "
     "driver's libcuda.so.1 is found",
     false},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE",
     "the GPU is in use exclusively or prohibited; see `nvidia-smi -q -d "
     "COMPUTE`",
     false},
    {kNoDevice, "CUDA_ERROR_NO_DEVICE",
     "the driver sees no GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES",
     false},
    {101, "CUDA_ERROR_INVALID_DEVICE",
     "there is no GPU of that number; check CUDA_VISIBLE_DEVICES", false},
    {200, "CUDA_ERROR_INVALID_IMAGE",
     "the kernel image is neither PTX nor a cubin of this driver; the bundle "
     "is damaged or of the wrong kind, compile the model again",
     false},
    {201, "CUDA_ERROR_INVALID_CONTEXT",
     "the CUDA context is gone; restart the program", true},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "the bundle has no code for this GPU; compile the model with --target "
     "for its architecture, as PTX",
     false},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE",
     "the GPU's memory has a hardware fault (uncorrectable ECC error); see "
     "`nvidia-smi -q -d ECC` and reset or replace the GPU",
     true},
    {kInvalidPtx, "CUDA_ERROR_INVALID_PTX",
     "the driver's compiler refused the PTX; its log follows, and `ssmc "
     "inspect --ptx` shows the PTX",
     false},
    {220, "CUDA_ERROR_NVLINK_UNCORRECTABLE",
     "NVLink has a hardware fault; see nvidia-smi nvlink -s", true},
    {221, "CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
     "the driver has no PTX compiler (libnvidia-ptxjitcompiler.so is "
     "missing); install the driver completely, or compile the model with "
     "--cubin",
     false},
    {kUnsupportedPtxVersion, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
     "the PTX is of a newer version than this driver reads; update the "
     "driver, or compile the model for an older PTX version",
     false},
    {223, "CUDA_ERROR_JIT_COMPILATION_DISABLED",
     "compilation of PTX is turned off (CUDA_DISABLE_PTX_JIT); unset it, or "
     "compile the model with --cubin",
     false},
    {kInvalidSource, "CUDA_ERROR_INVALID_SOURCE",
     "the driver's compiler refused the kernels; its log follows, and `ssmc "
     "inspect --ptx` shows the PTX",
     false},
    {kNotFound, "CUDA_ERROR_NOT_FOUND",
     "the kernel image lacks a kernel that the bundle lists; compile the "
     "model again",
     false},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "a kernel accessed memory that is not its own", true},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
     "a kernel needs more registers, threads or arguments than the GPU has",
     false},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT",
     "a kernel ran for longer than the display's watchdog allows; use a "
     "shorter sequence or a GPU without a display",
     true},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED",
     "the CUDA context was destroyed; restart the program", true},
    {710, "CUDA_ERROR_ASSERT", "a kernel hit an assertion", true},
    {714, "CUDA_ERROR_HARDWARE_STACK_ERROR",
     "a kernel overflowed or corrupted its stack", true},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION",
     "a kernel met an illegal instruction", true},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS",
     "a kernel accessed memory at a misaligned address", true},
    {717, "CUDA_ERROR_INVALID_ADDRESS_SPACE",
     "a kernel accessed memory in the wrong address space", true},
    {718, "CUDA_ERROR_INVALID_PC", "a kernel jumped to an invalid address",
     true},
    {719, "CUDA_ERROR_LAUNCH_FAILED",
     "a kernel failed, e.g. by an invalid access to shared memory", true},
    {kDriverMismatch, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
     "the driver's library and its kernel module have different versions; "
     "reboot, or install one version of both",
     false},
    {kCompatNotSupported, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
     "the forward compatibility library does not support this GPU; remove the "
     "cuda-compat package from LD_LIBRARY_PATH, or update the driver",
     false},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "recording a CUDA graph failed because of an earlier error", false},
};

static constexpr CudaError kUnknown = {
    999, "unknown CUDA error",
    "cuda.h lists the codes; check the GPU with nvidia-smi", false};

const CudaError &describeError(CUresult code) {
  for (const CudaError &error : kErrors)
    if (error.code == code)
      return error;
  return kUnknown;
}

} // namespace ssmc::runtime::cuda
