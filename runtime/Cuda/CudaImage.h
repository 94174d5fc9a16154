//===- CudaImage.h - Which code of a bundle fits a GPU --------------------===//

#ifndef SSMC_RUNTIME_CUDA_CUDAIMAGE_H
#define SSMC_RUNTIME_CUDA_CUDAIMAGE_H

#include "ssmc/Runtime/BundleView.h"

namespace ssmc::runtime::cuda {

/// "8.0" from the PTX's .version line; "unknown" where there is none.
std::string ptxVersion(std::string_view ptx);

/// The image that runs best on a GPU of compute capability `capability` (90
/// for 9.0): the highest architecture that is not above it. PTX is forward
/// compatible, except that "sm_90a" is for 9.0 alone and "sm_100f" for 10.x; a
/// cubin runs within its major version. Fails with the list of what the bundle
/// has; `device` names the GPU.
Result<const bundle::Image *>
chooseImage(const BundleView &bundle, int capability, std::string_view device);

/// Whether `image` has a cubin beside its PTX that is for exactly a GPU of
/// `capability`. On others of its major version it would run too, but the
/// driver makes better code for them of the PTX.
bool hasCubinFor(const bundle::Image &image, int capability);

} // namespace ssmc::runtime::cuda

#endif // SSMC_RUNTIME_CUDA_CUDAIMAGE_H
