//===- RandomCheckpoint.h - Model directories with random weights ---------===//
//
// Writes config.json and safetensors of a model of any shape, its weights drawn
// from the distributions that such models start training from, so that every
// part of the model has a say in the logits.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_MODEL_RANDOMCHECKPOINT_H
#define SSMC_TEST_UNIT_MODEL_RANDOMCHECKPOINT_H

#include "ssmc/Support/DType.h"
#include "ssmc/Support/Status.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::test {

struct RandomCheckpoint {
  /// The text of config.json.
  std::string config;
  /// Element types that the tensors take in turn; F32, F16 or BF16.
  std::vector<DType> dtypes = {DType::F32};
  /// Element type of A_log.
  DType logA = DType::F32;
  /// Files to spread the tensors over; with more than one there is an index.
  unsigned shards = 1;
  /// The bias of dt_proj stands for time steps from 0.001 to this.
  double largestTimeStep = 0.1;
  uint64_t seed = 1;
};

/// Writes the files into an existing directory.
Status writeCheckpoint(const std::string &directory,
                       const RandomCheckpoint &checkpoint);

/// `count` token ids below `vocab`.
std::vector<int32_t> randomIds(uint64_t seed, size_t count, int64_t vocab);

} // namespace ssmc::test

#endif // SSMC_TEST_UNIT_MODEL_RANDOMCHECKPOINT_H
