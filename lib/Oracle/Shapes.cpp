//===- Shapes.cpp - Do the tensors of a call fit each other ---------------===//

#include "Shapes.h"
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;

Status oracle::expectShape(const char *name, const HostTensor *tensor,
                           const std::vector<uint64_t> &shape) {
  if (!tensor)
    return Status();
  Result<uint64_t> bytes = byteCount(tensor->dtype, tensor->shape);
  if (tensor->shape == shape && bytes.ok() && *bytes == tensor->data.size())
    return Status();
  return Status::invalid(fmt::format(
      "oracle: {}: expected the shape [{}], found {} with {} bytes of data",
      name, fmt::join(shape, ", "), describeTensor(*tensor),
      tensor->data.size()));
}

Status oracle::expectRank(const char *name, const HostTensor *tensor,
                          size_t rank) {
  if (tensor && tensor->shape.size() == rank)
    return Status();
  return Status::invalid(
      fmt::format("oracle: {}: expected a tensor of rank {}, found {}", name,
                  rank, tensor ? describeTensor(*tensor) : "none"));
}

std::vector<double> oracle::elements(const HostTensor *tensor) {
  return tensor ? toDoubles(*tensor) : std::vector<double>();
}
