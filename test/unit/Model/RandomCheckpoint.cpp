//===- RandomCheckpoint.cpp - Model directories with random weights -------===//

#include "RandomCheckpoint.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Float16.h"
#include "ssmc/IO/Safetensors.h"
#include "ssmc/Import/Config.h"
#include <cmath>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

using namespace ssmc;
using namespace ssmc::test;

namespace {

/// Draws the tensors of one checkpoint. The standard's engines give the same
/// numbers everywhere, its distributions do not.
class TensorWriter {
public:
  explicit TensorWriter(const RandomCheckpoint &options)
      : options_(options), engine_(options.seed) {}

  /// From 0 to 1.
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  /// From -1 to 1.
  double symmetric() { return 2 * uniform() - 1; }

  /// Elements from `draw`, in the dtype whose turn it is.
  void add(const std::string &name, std::vector<int64_t> shape,
           const std::function<double()> &draw) {
    add(name, std::move(shape), options_.dtypes[turn_], draw);
    turn_ = (turn_ + 1) % options_.dtypes.size();
  }
  void add(const std::string &name, std::vector<int64_t> shape, DType dtype,
           const std::function<double()> &draw);
  /// A matrix (outputs, inputs) that keeps the size of what it multiplies.
  void addMatrix(const std::string &name, int64_t outputs, int64_t inputs,
                 double scale = 1) {
    double bound = scale * std::sqrt(3.0 / static_cast<double>(inputs));
    add(name, {outputs, inputs}, [&] { return bound * symmetric(); });
  }
  void addLayer(const std::string &prefix, const ModelConfig &config);
  Status write(const std::string &directory) const;

private:
  const RandomCheckpoint &options_;
  std::mt19937_64 engine_;
  size_t turn_ = 0;
  std::vector<std::pair<std::string, HostTensor>> tensors_;
};

} // namespace

void TensorWriter::add(const std::string &name, std::vector<int64_t> shape,
                       DType dtype, const std::function<double()> &draw) {
  HostTensor tensor{dtype, {shape.begin(), shape.end()}, {}};
  size_t count = 1;
  for (int64_t size : shape)
    count *= static_cast<size_t>(size);
  size_t width = dtypeSize(dtype);
  tensor.data.resize(count * width);
  for (size_t i = 0; i < count; ++i) {
    auto value = static_cast<float>(draw());
    uint32_t bits = dtype == DType::F32   ? floatBits(value)
                    : dtype == DType::F16 ? f16FromFloat(value)
                                          : bf16FromFloat(value);
    // Little-endian, as the format is: the low bytes come first.
    for (size_t byte = 0; byte < width; ++byte)
      tensor.data[i * width + byte] = static_cast<uint8_t>(bits >> (8 * byte));
  }
  tensors_.emplace_back(name, std::move(tensor));
}

void TensorWriter::addLayer(const std::string &prefix,
                            const ModelConfig &config) {
  int64_t width = config.dModel, dim = config.dInner, rank = config.dtRank;
  std::string mixer = prefix + "mixer.";
  auto bias = [&] { return 0.1 * symmetric(); };
  auto nearOne = [&] { return 1 + 0.3 * symmetric(); };
  add(prefix + "norm.weight", {width}, nearOne);
  addMatrix(mixer + "in_proj.weight", 2 * dim, width);
  if (config.useBias)
    add(mixer + "in_proj.bias", {2 * dim}, bias);
  double tap = std::sqrt(3.0 / static_cast<double>(config.dConv));
  add(mixer + "conv1d.weight", {dim, 1, config.dConv},
      [&] { return tap * symmetric(); });
  if (config.useConvBias)
    add(mixer + "conv1d.bias", {dim}, bias);
  // What leaves the convolution is small: give dt, B and C some size.
  addMatrix(mixer + "x_proj.weight", rank + 2 * config.dState, dim, 2);
  addMatrix(mixer + "dt_proj.weight", dim, rank);
  // The inverse of softplus of 0.001 to the largest time step.
  double range = options_.largestTimeStep / 0.001;
  add(mixer + "dt_proj.bias", {dim},
      [&] { return std::log(std::expm1(0.001 * std::pow(range, uniform()))); });
  int64_t n = 0;
  add(mixer + "A_log", {dim, config.dState}, options_.logA, [&] {
    double value = std::log(static_cast<double>(n + 1));
    n = (n + 1) % config.dState;
    return value;
  });
  add(mixer + "D", {dim}, nearOne);
  addMatrix(mixer + "out_proj.weight", width, dim);
  if (config.useBias)
    add(mixer + "out_proj.bias", {width}, bias);
}

Status TensorWriter::write(const std::string &directory) const {
  if (options_.shards == 1)
    return writeSafetensors(joinPath(directory, "model.safetensors"), tensors_);
  std::vector<std::vector<std::pair<std::string, HostTensor>>> files(
      options_.shards);
  nlohmann::json map = nlohmann::json::object();
  auto fileName = [](size_t file) {
    return "model-" + std::to_string(file + 1) + ".safetensors";
  };
  for (size_t i = 0; i < tensors_.size(); ++i) {
    files[i % files.size()].push_back(tensors_[i]);
    map[tensors_[i].first] = fileName(i % files.size());
  }
  for (size_t file = 0; file < files.size(); ++file)
    SSMC_TRY(
        writeSafetensors(joinPath(directory, fileName(file)), files[file]));
  nlohmann::json index = {{"metadata", {{"total_size", 0}}},
                          {"weight_map", map}};
  return writeFileAtomically(
      joinPath(directory, "model.safetensors.index.json"), index.dump());
}

Status ssmc::test::writeCheckpoint(const std::string &directory,
                                   const RandomCheckpoint &checkpoint) {
  std::string path = joinPath(directory, "config.json");
  SSMC_TRY(writeFileAtomically(path, checkpoint.config));
  Result<ModelConfig> config = readModelConfig(path);
  if (!config.ok())
    return config.status();
  TensorWriter writer(checkpoint);
  writer.add(
      config->style == ConfigStyle::StateSpaces ? "backbone.embedding.weight"
                                                : "backbone.embeddings.weight",
      {config->vocabSize, config->dModel}, [&] { return writer.symmetric(); });
  for (int64_t i = 0; i < config->numLayers; ++i)
    writer.addLayer("backbone.layers." + std::to_string(i) + ".", *config);
  writer.add("backbone.norm_f.weight", {config->dModel},
             [&] { return 1 + 0.3 * writer.symmetric(); });
  if (!config->tieEmbeddings)
    writer.addMatrix("lm_head.weight", config->vocabSize, config->dModel);
  return writer.write(directory);
}

std::vector<int32_t> ssmc::test::randomIds(uint64_t seed, size_t count,
                                           int64_t vocab) {
  std::mt19937_64 engine(seed);
  std::vector<int32_t> ids(count);
  for (int32_t &id : ids)
    id = static_cast<int32_t>(engine() % static_cast<uint64_t>(vocab));
  return ids;
}
