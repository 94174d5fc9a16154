//===- CudaDevice.h - NVIDIA GPUs through the driver ----------------------===//
//
// The driver is found by dlopen when first asked for: nothing of CUDA is
// needed to build or to start a program, and its absence is an ordinary error.
// SSMC_LIBCUDA names another libcuda.so.1; SSMC_DEBUG_SYNC=1 waits after each
// launch, so that an error names the kernel that caused it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_CUDADEVICE_H
#define SSMC_RUNTIME_CUDADEVICE_H

#include "ssmc/Runtime/Device.h"

namespace ssmc::runtime {

/// Opens the GPU of that number. Fails with StatusCode::Device and the cure
/// where there is no driver, no such device, or the driver refuses it.
Result<std::unique_ptr<Device>> createCudaDevice(int ordinal);

/// "cuda:0, NVIDIA H200, sm_90" for each GPU; fails where there is no usable
/// driver or no GPU.
Result<std::vector<std::string>> listCudaDevices();

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_CUDADEVICE_H
