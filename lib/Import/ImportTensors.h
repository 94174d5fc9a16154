//===- ImportTensors.h - The tensors a Mamba model consists of ------------===//
//
// Their names and shapes as the config calls for them, and the check of a
// checkpoint against that list.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_IMPORT_IMPORTTENSORS_H
#define SSMC_LIB_IMPORT_IMPORTTENSORS_H

#include "ssmc/IO/Safetensors.h"
#include "ssmc/Import/Config.h"
#include <string>
#include <vector>

namespace ssmc {

/// The name in the checkpoint of a tensor of layer `layer`, e.g. "mixer.D".
std::string layerTensorName(int64_t layer, std::string_view tensor);

/// The name of the embedding: that of the config's style, or of the other one
/// where the checkpoint has only that.
std::string embeddingName(const ModelConfig &config,
                          const Checkpoint &checkpoint);

/// The tensors of the checkpoint that the model uses, in the order of their
/// use. Fails where one is missing, has another shape than the config calls
/// for or no float type, or where there are others; the message lists all.
Result<std::vector<TensorInfo>> selectTensors(const ModelConfig &config,
                                              const Checkpoint &checkpoint);

} // namespace ssmc

#endif // SSMC_LIB_IMPORT_IMPORTTENSORS_H
