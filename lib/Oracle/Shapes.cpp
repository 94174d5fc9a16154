//===- Shapes.cpp - Do the tensors of a call fit each other ---------------===//

#include "Shapes.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::oracle;

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

Result<std::vector<Sequence>> oracle::findSequences(const HostTensor *cuSeqlens,
                                                    uint64_t batch,
                                                    uint64_t seqlen) {
  std::vector<Sequence> sequences;
  if (!cuSeqlens) {
    for (uint64_t b = 0; b < batch; ++b)
      sequences.push_back({b, 0, seqlen});
    return sequences;
  }
  SSMC_TRY(expectRank("cu_seqlens", cuSeqlens, 1));
  SSMC_TRY(expectShape("cu_seqlens", cuSeqlens, cuSeqlens->shape));
  if (cuSeqlens->shape[0] == 0 || batch != 1)
    return Status::invalid("oracle: cu_seqlens: expected at least one bound "
                           "and a batch of 1");
  std::vector<double> bounds = toDoubles(*cuSeqlens);
  for (double &bound : bounds)
    bound = std::clamp(bound, 0.0, static_cast<double>(seqlen));
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    auto begin = static_cast<uint64_t>(bounds[s]);
    sequences.push_back(
        {0, begin, std::max(begin, static_cast<uint64_t>(bounds[s + 1]))});
  }
  return sequences;
}

std::vector<double> oracle::elements(const HostTensor *tensor) {
  return tensor ? toDoubles(*tensor) : std::vector<double>();
}
