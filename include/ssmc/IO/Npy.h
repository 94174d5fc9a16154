//===- Npy.h - NumPy's array files ----------------------------------------===//
//
// Versions 1 to 3 of the .npy format, little-endian and in C order: bool, int8,
// uint8, int16, int32, int64, float16, float32, float64. The format has no
// bf16; tensors of that type travel in safetensors files.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_NPY_H
#define SSMC_IO_NPY_H

#include "ssmc/IO/Tensor.h"

namespace ssmc {

Result<HostTensor> readNpy(const std::string &path);

/// Writes version 1.0, atomically. Fails for bf16.
Status writeNpy(const std::string &path, const HostTensor &tensor);

} // namespace ssmc

#endif // SSMC_IO_NPY_H
