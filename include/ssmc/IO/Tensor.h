//===- Tensor.h - A tensor in host memory ---------------------------------===//
//
// What the file readers return and the tools compare: an element type, a shape
// and the elements in row-major order, little-endian.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_TENSOR_H
#define SSMC_IO_TENSOR_H

#include "ssmc/Support/DType.h"
#include "ssmc/Support/Status.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc {

struct HostTensor {
  DType dtype = DType::F32;
  /// Outermost dimension first; empty for a scalar.
  std::vector<uint64_t> shape;
  /// byteCount(dtype, shape) bytes.
  std::vector<uint8_t> data;
};

/// The product of the dimensions, 1 for a scalar. Fails beyond 2^64.
Result<uint64_t> elementCount(const std::vector<uint64_t> &shape);

/// Bytes of all elements. Fails beyond 2^63, which no file or vector can hold.
Result<uint64_t> byteCount(DType dtype, const std::vector<uint64_t> &shape);

/// A tensor of zeros. Fails where it does not fit in memory.
Result<HostTensor> makeTensor(DType dtype, std::vector<uint64_t> shape);

/// "bf16[2, 3]", "f32[]".
std::string describeTensor(DType dtype, const std::vector<uint64_t> &shape);
std::string describeTensor(const HostTensor &tensor);

/// All elements as doubles: exact but for 64-bit integers beyond 2^53. A bool
/// is 0 or 1.
std::vector<double> toDoubles(const HostTensor &tensor);

/// Reads the tensor that a command line names: "x.npy" or
/// "x.safetensors:name", with or without an '@' before it.
Result<HostTensor> loadTensor(const std::string &spec);

} // namespace ssmc

#endif // SSMC_IO_TENSOR_H
