//===- Shapes.h - Do the tensors of a call fit each other -----------------===//

#ifndef SSMC_LIB_ORACLE_SHAPES_H
#define SSMC_LIB_ORACLE_SHAPES_H

#include "ssmc/IO/Tensor.h"

namespace ssmc::oracle {

/// Fails unless `tensor` has that shape and as many bytes as it says. A null
/// tensor is an absent one, which fits.
Status expectShape(const char *name, const HostTensor *tensor,
                   const std::vector<uint64_t> &shape);

/// Fails unless `tensor` is there and has that rank.
Status expectRank(const char *name, const HostTensor *tensor, size_t rank);

/// Steps that share a state: from `begin` up to, not including, `end`.
struct Sequence {
  uint64_t batch, begin, end;
  /// Of the initial and the last states.
  uint64_t row;
};

struct Sequences {
  /// Those that are not padding.
  std::vector<Sequence> running;
  /// Rows of the initial and the last states.
  uint64_t numStates = 0;
};

/// The sequence of each batch row, or the packed ones where `cuSeqlens` is not
/// null, with the rows that `stateSlots` gives them where it is not null.
/// Checks these and `initialState`, whose rows are of shape `row`.
Result<Sequences> findSequences(const HostTensor *cuSeqlens,
                                const HostTensor *stateSlots,
                                const HostTensor *initialState, uint64_t batch,
                                uint64_t seqlen,
                                const std::vector<uint64_t> &row);

/// The elements of a tensor that may be absent.
std::vector<double> elements(const HostTensor *tensor);

} // namespace ssmc::oracle

#endif // SSMC_LIB_ORACLE_SHAPES_H
