//===- Config.h - A model's config.json -----------------------------------===//
//
// Reads the sizes and options of a Mamba model from the config.json of either
// style in use, state-spaces or Hugging Face, fills in what the authors' config
// classes default to, and refuses what this compiler would get wrong. Free of
// LLVM, so that the tools without the compiler can use it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IMPORT_CONFIG_H
#define SSMC_IMPORT_CONFIG_H

#include "ssmc/Support/Status.h"
#include <cstdint>
#include <string>
#include <string_view>

namespace ssmc {

/// Who wrote the file. Decides its keys, its defaults and the name of the
/// embedding (backbone.embedding.weight or backbone.embeddings.weight).
enum class ConfigStyle { StateSpaces, HuggingFace };

struct ModelConfig {
  ConfigStyle style = ConfigStyle::HuggingFace;
  /// "mamba".
  std::string modelType;
  int64_t dModel = 0;
  int64_t numLayers = 0;
  /// Rows of the embedding: padded as the style asks for.
  int64_t vocabSize = 0;
  /// Channels of a mixer.
  int64_t dInner = 0;
  /// States per channel.
  int64_t dState = 0;
  /// Taps of the convolution.
  int64_t dConv = 0;
  /// Width of the low-rank time step.
  int64_t dtRank = 0;
  double normEps = 0;
  bool residualInFp32 = false;
  /// RMSNorm; always true in what readModelConfig() returns.
  bool rmsNorm = true;
  /// in_proj and out_proj have a bias.
  bool useBias = false;
  bool useConvBias = true;
  /// The checkpoint has no lm_head of its own: it is the embedding.
  bool tieEmbeddings = true;
  /// The token that ends generation (the first one, of several); -1 for none.
  int64_t eosTokenId = -1;
};

/// Reads a config.json. Messages name the file and the JSON path.
Result<ModelConfig> readModelConfig(const std::string &path);

/// The same for text; `where` stands for the path in messages.
Result<ModelConfig> parseModelConfig(std::string_view text,
                                     const std::string &where);

} // namespace ssmc

#endif // SSMC_IMPORT_CONFIG_H
