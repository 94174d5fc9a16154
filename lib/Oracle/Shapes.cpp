//===- Shapes.cpp - Do the tensors of a call fit each other ---------------===//

#include "Shapes.h"
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

/// The bounds of packed sequences as steps.
static Result<std::vector<Sequence>>
packedSequences(const HostTensor *cuSeqlens, uint64_t batch, uint64_t seqlen) {
  SSMC_TRY(expectRank("cu_seqlens", cuSeqlens, 1));
  SSMC_TRY(expectShape("cu_seqlens", cuSeqlens, cuSeqlens->shape));
  if (cuSeqlens->shape[0] == 0 || batch != 1)
    return Status::invalid("oracle: cu_seqlens: expected at least one bound "
                           "and a batch of 1");
  std::vector<double> bounds = toDoubles(*cuSeqlens);
  double least = 0;
  for (size_t s = 0; s < bounds.size(); ++s) {
    if (!(bounds[s] >= least && bounds[s] <= static_cast<double>(seqlen)))
      return Status::invalid(
          fmt::format("oracle: cu_seqlens: expected element {} from {} to {}, "
                      "found {}",
                      s, least, seqlen, bounds[s]));
    least = bounds[s];
  }
  std::vector<Sequence> sequences;
  for (size_t s = 0; s + 1 < bounds.size(); ++s)
    sequences.push_back({0, static_cast<uint64_t>(bounds[s]),
                         static_cast<uint64_t>(bounds[s + 1]), s});
  return sequences;
}

/// Gives each sequence its row and drops the padding.
static Status applySlots(const HostTensor *stateSlots, Sequences &sequences) {
  SSMC_TRY(expectShape("state_slots", stateSlots, {sequences.running.size()}));
  std::vector<double> slots = toDoubles(*stateSlots);
  std::vector<Sequence> running;
  std::vector<bool> isTaken(sequences.numStates);
  for (size_t s = 0; s < slots.size(); ++s) {
    if (slots[s] < 0)
      continue;
    if (!(slots[s] < static_cast<double>(sequences.numStates)))
      return Status::invalid(
          fmt::format("oracle: state_slots: expected element {} below {}, "
                      "found {}",
                      s, sequences.numStates, slots[s]));
    auto row = static_cast<uint64_t>(slots[s]);
    if (isTaken[row])
      return Status::invalid(fmt::format(
          "oracle: state_slots: expected each slot once, found {} again at "
          "element {}",
          row, s));
    isTaken[row] = true;
    running.push_back(sequences.running[s]);
    running.back().row = row;
  }
  sequences.running = std::move(running);
  return Status();
}

Result<Sequences> oracle::findSequences(const HostTensor *cuSeqlens,
                                        const HostTensor *stateSlots,
                                        const HostTensor *initialState,
                                        uint64_t batch, uint64_t seqlen,
                                        const std::vector<uint64_t> &row) {
  Sequences sequences;
  if (cuSeqlens) {
    Result<std::vector<Sequence>> packed =
        packedSequences(cuSeqlens, batch, seqlen);
    if (!packed.ok())
      return packed.status();
    sequences.running = std::move(*packed);
  } else {
    for (uint64_t b = 0; b < batch; ++b)
      sequences.running.push_back({b, 0, seqlen, b});
  }
  sequences.numStates = sequences.running.size();
  if (stateSlots) {
    SSMC_TRY(expectRank("initial_state", initialState, row.size() + 1));
    sequences.numStates = initialState->shape[0];
    SSMC_TRY(applySlots(stateSlots, sequences));
  }
  std::vector<uint64_t> shape = row;
  shape.insert(shape.begin(), sequences.numStates);
  SSMC_TRY(expectShape("initial_state", initialState, shape));
  return sequences;
}

std::vector<double> oracle::elements(const HostTensor *tensor) {
  return tensor ? toDoubles(*tensor) : std::vector<double>();
}
