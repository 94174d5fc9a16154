//===- ReferenceModel.h - A Mamba-1 model in float64 ----------------------===//
//
// The oracle of the tests in this folder: the equations of the model as plain
// loops over doubles, one token at a time, and nothing shared with the compiler
// but the reading of files.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_MODEL_REFERENCEMODEL_H
#define SSMC_TEST_UNIT_MODEL_REFERENCEMODEL_H

#include "ssmc/IO/Safetensors.h"
#include "ssmc/Import/Config.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::test {

class ReferenceModel {
public:
  using Vector = std::vector<double>;

  /// What a layer keeps of the tokens so far.
  struct LayerState {
    /// The last dConv inputs of the convolution, oldest first; dConv x dInner.
    Vector window;
    /// The state of the scan, dInner x dState.
    Vector scan;
  };
  /// One sequence: the states of all layers.
  using Sequence = std::vector<LayerState>;

  /// Reads all weights. Fails where one is missing or misshapen.
  static Result<ReferenceModel> create(const ModelConfig &config,
                                       const Checkpoint &checkpoint);
  /// The same for config.json and the checkpoint in a directory.
  static Result<ReferenceModel> open(const std::string &directory);

  [[nodiscard]] const ModelConfig &config() const { return config_; }
  /// A sequence without tokens.
  [[nodiscard]] Sequence start() const;
  /// Appends tokens and returns the logits after each: ids.size() x vocab.
  [[nodiscard]] Vector append(Sequence &sequence,
                              const std::vector<int32_t> &ids) const;

private:
  /// Matrices are row-major, (outputs x inputs); an absent bias is empty.
  struct Layer {
    Vector norm, inProj, inProjBias, convWeight, convBias, xProj, dtProj,
        dtBias, logA, D, outProj, outProjBias;
  };

  explicit ReferenceModel(const ModelConfig &config) : config_(config) {}
  [[nodiscard]] Vector rmsNorm(const Vector &x, const Vector &weight) const;
  [[nodiscard]] Vector convolve(const Layer &layer, LayerState &state,
                                const Vector &x) const;
  [[nodiscard]] Vector scan(const Layer &layer, LayerState &state,
                            const Vector &u, const Vector &delta,
                            const double *B, const double *C) const;
  [[nodiscard]] Vector mixer(const Layer &layer, LayerState &state,
                             const Vector &hidden) const;

  ModelConfig config_;
  std::vector<Layer> layers_;
  Vector embedding_, normF_, head_;
};

} // namespace ssmc::test

#endif // SSMC_TEST_UNIT_MODEL_REFERENCEMODEL_H
