//===- ImportTensors.cpp - The tensors a Mamba model consists of ----------===//

#include "ImportTensors.h"
#include "ssmc/IO/Text.h"
#include <set>

using namespace ssmc;

std::string ssmc::layerTensorName(int64_t layer, std::string_view tensor) {
  return "backbone.layers." + std::to_string(layer) + "." + std::string(tensor);
}

std::string ssmc::embeddingName(const ModelConfig &config,
                                const Checkpoint &checkpoint) {
  const std::string stateSpaces = "backbone.embedding.weight";
  const std::string huggingFace = "backbone.embeddings.weight";
  bool isStateSpaces = config.style == ConfigStyle::StateSpaces;
  const std::string &own = isStateSpaces ? stateSpaces : huggingFace;
  const std::string &other = isStateSpaces ? huggingFace : stateSpaces;
  // Conversions of checkpoints keep the names and replace the config, or the
  // other way round.
  return !checkpoint.find(own) && checkpoint.find(other) ? other : own;
}

namespace {
struct ExpectedTensor {
  std::string name;
  std::vector<uint64_t> shape;
};

/// Collects what is wrong with a checkpoint, one line each.
class Problems {
public:
  void add(std::string line) {
    if (count++ < kShown)
      lines += "\n  " + std::move(line);
  }

  /// A failure with all problems, or success where there are none.
  Status status(const std::string &path) const {
    if (count == 0)
      return {};
    std::string message = escaped(path, 4096) + ": " + std::to_string(count) +
                          (count == 1 ? " tensor does" : " tensors do") +
                          " not fit the config.json beside it:" + lines;
    if (count > kShown)
      message += "\n  and " + std::to_string(count - kShown) + " more";
    message += "\nCheck that both files belong to the same model.";
    return Status::invalid(std::move(message));
  }

private:
  // More than any model has wrong by mistake, and still a message.
  static constexpr size_t kShown = 1000;
  size_t count = 0;
  std::string lines;
};
} // namespace

static std::vector<ExpectedTensor> expectedTensors(const ModelConfig &config,
                                                   std::string embedding) {
  auto size = [](int64_t value) { return static_cast<uint64_t>(value); };
  uint64_t dModel = size(config.dModel), dim = size(config.dInner);
  uint64_t dState = size(config.dState), dtRank = size(config.dtRank);
  uint64_t vocab = size(config.vocabSize);

  std::vector<ExpectedTensor> tensors;
  tensors.push_back({std::move(embedding), {vocab, dModel}});
  for (int64_t layer = 0; layer < config.numLayers; ++layer) {
    auto add = [&](std::string_view name, std::vector<uint64_t> shape) {
      tensors.push_back({layerTensorName(layer, name), std::move(shape)});
    };
    add("norm.weight", {dModel});
    add("mixer.in_proj.weight", {2 * dim, dModel});
    if (config.useBias)
      add("mixer.in_proj.bias", {2 * dim});
    add("mixer.conv1d.weight", {dim, 1, size(config.dConv)});
    if (config.useConvBias)
      add("mixer.conv1d.bias", {dim});
    add("mixer.x_proj.weight", {dtRank + 2 * dState, dim});
    add("mixer.dt_proj.weight", {dim, dtRank});
    add("mixer.dt_proj.bias", {dim});
    add("mixer.A_log", {dim, dState});
    add("mixer.D", {dim});
    add("mixer.out_proj.weight", {dModel, dim});
    if (config.useBias)
      add("mixer.out_proj.bias", {dModel});
  }
  tensors.push_back({"backbone.norm_f.weight", {dModel}});
  if (!config.tieEmbeddings)
    tensors.push_back({"lm_head.weight", {vocab, dModel}});
  return tensors;
}

static bool isFloat(DType dtype) {
  return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

/// "[2, 3]".
static std::string describeShape(const std::vector<uint64_t> &shape) {
  std::string text = describeTensor(DType::F32, shape);
  return text.substr(text.find('['));
}

Result<std::vector<TensorInfo>>
ssmc::selectTensors(const ModelConfig &config, const Checkpoint &checkpoint) {
  Problems problems;
  std::vector<TensorInfo> selected;
  std::set<std::string_view> known;
  const std::vector<ExpectedTensor> expected =
      expectedTensors(config, embeddingName(config, checkpoint));
  for (const ExpectedTensor &tensor : expected) {
    known.insert(tensor.name);
    const TensorInfo *found = checkpoint.find(tensor.name);
    if (!found) {
      problems.add("missing: " + quoted(tensor.name) + ", expected " +
                   describeShape(tensor.shape));
      continue;
    }
    std::string description = describeTensor(found->dtype, found->shape);
    if (found->shape != tensor.shape)
      problems.add("wrong shape: " + quoted(tensor.name) + ", expected " +
                   describeShape(tensor.shape) + ", found " + description);
    else if (!isFloat(found->dtype))
      problems.add("wrong element type: " + quoted(tensor.name) +
                   ", expected f32, f16 or bf16, found " + description);
    selected.push_back(*found);
  }
  // Some writers save the output projection although it is the embedding.
  if (config.tieEmbeddings)
    known.insert("lm_head.weight");
  for (const TensorInfo &tensor : checkpoint.tensors())
    if (known.count(tensor.name) == 0)
      problems.add("unexpected: " + quoted(tensor.name) + ", found " +
                   describeTensor(tensor.dtype, tensor.shape));

  SSMC_TRY(problems.status(checkpoint.path()));
  return selected;
}
