//===- Tensors.h - Small tensors for tests --------------------------------===//

#ifndef SSMC_TEST_UNIT_ORACLE_TENSORS_H
#define SSMC_TEST_UNIT_ORACLE_TENSORS_H

#include "ssmc/IO/Tensor.h"

namespace ssmc {

/// An f64 tensor, so that a test's numbers are what the oracle reads.
inline HostTensor doubles(std::vector<uint64_t> shape,
                          const std::vector<double> &values) {
  HostTensor tensor{DType::F64, std::move(shape), {}};
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  tensor.data.assign(bytes, bytes + values.size() * sizeof(double));
  return tensor;
}

} // namespace ssmc

#endif // SSMC_TEST_UNIT_ORACLE_TENSORS_H
