//===- Config.cpp - A model's config.json ---------------------------------===//
//
// One reader per style, over a small cursor that knows its JSON
// path. A key that is absent takes the default of the style's own config class
// (MambaConfig of state-spaces/mamba and of Hugging Face transformers); a key
// that is there must be of the right kind and in range.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Import/Config.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Json.h"
#include "ssmc/IO/Text.h"
#include <cmath>
#include <fmt/format.h>

using namespace ssmc;
using nlohmann::json;

static constexpr uint64_t kMaxConfigBytes = 4 << 20;
// Beyond any model, and small enough that products of two fit in 63 bits.
static constexpr int64_t kMaxDim = 1 << 20;
static constexpr int64_t kMaxVocab = 1 << 22;
static constexpr int64_t kMaxLayers = 4096;
static constexpr int64_t kMaxState = 1024;
static constexpr int64_t kMaxTaps = 16;

namespace {
/// An object and where it is. Each read keeps the first failure and turns the
/// later ones into no-ops, so that readers are lists of fields.
class Fields {
public:
  Fields(const json &object, std::string where, std::string path,
         Status &status)
      : object_(object), where_(std::move(where)), path_(std::move(path)),
        status_(status) {}

  /// The member `key`, or null where it is absent.
  [[nodiscard]] const json *find(const char *key) const {
    auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }

  void readInteger(const char *key, int64_t &value, int64_t min, int64_t max);
  void readBool(const char *key, bool &value);
  /// A finite number above 0 and up to `max`.
  void readPositive(const char *key, double &value, double max);
  void readRank(const char *key, int64_t &value, int64_t width);
  /// The nested object `key`, or an empty one where it is absent or null.
  Fields nested(const char *key);

  void fail(const char *key, const std::string &message) {
    if (status_.ok())
      status_ = Status::invalid(
          fmt::format("{}: at {}{}: {}", where_, path_, key, message));
  }
  void expect(const char *key, const std::string &expected, const json &found) {
    fail(key, "expected " + expected + ", found " + describeJson(found));
  }

private:
  const json &object_;
  std::string where_;
  /// "ssm_cfg." before the keys of a nested object.
  std::string path_;
  Status &status_;
};
} // namespace

void Fields::readInteger(const char *key, int64_t &value, int64_t min,
                         int64_t max) {
  const json *member = find(key);
  if (!member)
    return;
  bool inRange = false;
  if (member->is_number_unsigned()) {
    auto number = member->get<uint64_t>();
    inRange = number <= static_cast<uint64_t>(max) &&
              static_cast<int64_t>(number) >= min;
  } else if (member->is_number_integer()) {
    auto number = member->get<int64_t>();
    inRange = number >= min && number <= max;
  }
  if (!inRange)
    return expect(key, fmt::format("an integer from {} to {}", min, max),
                  *member);
  value = member->get<int64_t>();
}

void Fields::readBool(const char *key, bool &value) {
  const json *member = find(key);
  if (!member)
    return;
  if (!member->is_boolean())
    return expect(key, "true or false", *member);
  value = member->get<bool>();
}

void Fields::readPositive(const char *key, double &value, double max) {
  const json *member = find(key);
  if (!member)
    return;
  double number = member->is_number() ? member->get<double>() : 0;
  // Written so that NaN fails.
  if (!(number > 0 && number <= max))
    return expect(key, fmt::format("a number above 0 and up to {}", max),
                  *member);
  value = number;
}

void Fields::readRank(const char *key, int64_t &value, int64_t width) {
  const json *member = find(key);
  if (!member || *member == "auto") {
    value = (width + 15) / 16;
    return;
  }
  if (member->is_string())
    return expect(key, "an integer or \"auto\"", *member);
  readInteger(key, value, 1, kMaxDim);
}

Fields Fields::nested(const char *key) {
  static const json empty = json::object();
  const json *member = find(key);
  std::string path = path_ + key + ".";
  if (!member || member->is_null())
    return {empty, where_, path, status_};
  if (!member->is_object()) {
    expect(key, "an object", *member);
    return {empty, where_, path, status_};
  }
  return {*member, where_, path, status_};
}

//===----------------------------------------------------------------------===//
// What both styles share
//===----------------------------------------------------------------------===//

/// int(expand * width), as both authors compute it.
static void deriveInner(Fields &fields, const char *key, double expand,
                        ModelConfig &config) {
  double inner = std::floor(expand * static_cast<double>(config.dModel));
  if (!(inner >= 1 && inner <= static_cast<double>(kMaxDim)))
    return fields.fail(
        key, fmt::format("{} times the width {} gives {} channels, expected "
                         "from 1 to {}",
                         expand, config.dModel, inner, kMaxDim));
  config.dInner = static_cast<int64_t>(inner);
}

static void requireRmsNorm(Fields &fields) {
  bool rmsNorm = true;
  fields.readBool("rms_norm", rmsNorm);
  if (!rmsNorm)
    fields.fail("rms_norm",
                "LayerNorm models are not supported, expected true (RMSNorm)");
}

/// Weights in a quantized format would be read as something else.
static void refuseQuantization(Fields &fields) {
  const json *member = fields.find("quantization_config");
  if (member && !member->is_null())
    fields.fail("quantization_config",
                "quantized checkpoints are not supported; use the original "
                "one in f32, f16 or bf16");
}

//===----------------------------------------------------------------------===//
// state-spaces
//===----------------------------------------------------------------------===//

static void readMixer(Fields fields, ModelConfig &config) {
  if (const json *layer = fields.find("layer"); layer && *layer != "Mamba1") {
    if (*layer == "Mamba2" || *layer == "Mamba3")
      return fields.fail("layer", describeJson(*layer) +
                                      " is not supported yet; supported is "
                                      "\"Mamba1\"");
    return fields.expect("layer", "\"Mamba1\"", *layer);
  }
  config.dState = 16;
  fields.readInteger("d_state", config.dState, 1, kMaxState);
  config.dConv = 4;
  fields.readInteger("d_conv", config.dConv, 1, kMaxTaps);
  double expand = 2;
  fields.readPositive("expand", expand, kMaxDim);
  deriveInner(fields, "expand", expand, config);
  fields.readRank("dt_rank", config.dtRank, config.dModel);
  config.useBias = false;
  fields.readBool("bias", config.useBias);
  config.useConvBias = true;
  fields.readBool("conv_bias", config.useConvBias);
}

static void readStateSpaces(Fields &fields, ModelConfig &config) {
  config.modelType = "mamba";
  config.dModel = 2560;
  fields.readInteger("d_model", config.dModel, 1, kMaxDim);
  config.numLayers = 64;
  fields.readInteger("n_layer", config.numLayers, 1, kMaxLayers);
  config.vocabSize = 50277;
  fields.readInteger("vocab_size", config.vocabSize, 1, kMaxVocab);
  int64_t multiple = 8;
  fields.readInteger("pad_vocab_size_multiple", multiple, 1, kMaxVocab);
  config.vocabSize = (config.vocabSize + multiple - 1) / multiple * multiple;
  readMixer(fields.nested("ssm_cfg"), config);

  int64_t mlpWidth = 0;
  fields.readInteger("d_intermediate", mlpWidth, 0, kMaxDim);
  if (mlpWidth != 0)
    fields.fail("d_intermediate",
                "models with an MLP beside the mixer are not supported, "
                "expected 0");
  if (const json *attention = fields.find("attn_layer_idx");
      attention && !attention->is_null() &&
      !(attention->is_array() && attention->empty()))
    fields.fail("attn_layer_idx",
                "models with attention layers are not supported, expected []");
  // create_block's norm_epsilon, which no config.json sets.
  config.normEps = 1e-5;
  config.residualInFp32 = true;
  fields.readBool("residual_in_fp32", config.residualInFp32);
  config.tieEmbeddings = true;
  fields.readBool("tie_embeddings", config.tieEmbeddings);
}

//===----------------------------------------------------------------------===//
// Hugging Face
//===----------------------------------------------------------------------===//

static void readModelType(Fields &fields, ModelConfig &config) {
  config.modelType = "mamba";
  const json *type = fields.find("model_type");
  if (!type || *type == "mamba")
    return;
  if (*type == "mamba2" || *type == "falcon_mamba")
    return fields.fail("model_type",
                       describeJson(*type) +
                           " is not supported yet; supported is \"mamba\"");
  fields.expect("model_type", "\"mamba\", the one supported model type", *type);
}

static void readEosToken(Fields &fields, ModelConfig &config) {
  const char *key = "eos_token_id";
  config.eosTokenId = 0;
  const json *member = fields.find(key);
  if (!member)
    return;
  config.eosTokenId = -1;
  if (member->is_null())
    return;
  if (!member->is_array())
    return fields.readInteger(key, config.eosTokenId, -1, kMaxVocab);
  for (const json &item : *member)
    if (!item.is_number_unsigned() || item.get<uint64_t>() > kMaxVocab)
      return fields.expect(key, "a list of token ids", item);
  if (!member->empty())
    config.eosTokenId = member->front().get<int64_t>();
}

static void readActivation(Fields &fields) {
  const json *member = fields.find("hidden_act");
  if (member && *member != "silu" && *member != "swish")
    fields.expect("hidden_act", "\"silu\", the one supported activation",
                  *member);
}

static void readHuggingFace(Fields &fields, ModelConfig &config) {
  readModelType(fields, config);
  config.dModel = 768;
  fields.readInteger("hidden_size", config.dModel, 1, kMaxDim);
  config.numLayers = 32;
  fields.readInteger("num_hidden_layers", config.numLayers, 1, kMaxLayers);
  config.vocabSize = 50280;
  fields.readInteger("vocab_size", config.vocabSize, 1, kMaxVocab);
  // transformers lets a stored intermediate_size override what expand gives.
  if (fields.find("intermediate_size")) {
    fields.readInteger("intermediate_size", config.dInner, 1, kMaxDim);
  } else {
    double expand = 2;
    fields.readPositive("expand", expand, kMaxDim);
    deriveInner(fields, "expand", expand, config);
  }
  config.dState = 16;
  fields.readInteger("state_size", config.dState, 1, kMaxState);
  config.dConv = 4;
  fields.readInteger("conv_kernel", config.dConv, 1, kMaxTaps);
  fields.readRank("time_step_rank", config.dtRank, config.dModel);
  config.useBias = false;
  fields.readBool("use_bias", config.useBias);
  config.useConvBias = true;
  fields.readBool("use_conv_bias", config.useConvBias);
  readActivation(fields);
  config.normEps = 1e-5;
  fields.readPositive("layer_norm_epsilon", config.normEps, 1);
  config.residualInFp32 = true;
  fields.readBool("residual_in_fp32", config.residualInFp32);
  config.tieEmbeddings = true;
  fields.readBool("tie_word_embeddings", config.tieEmbeddings);
  readEosToken(fields, config);
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

Result<ModelConfig> ssmc::parseModelConfig(std::string_view text,
                                           const std::string &where) {
  JsonOptions options;
  options.allowNonFinite = true;
  Result<json> root = parseJson(text, where, options);
  if (!root.ok())
    return root.status();
  if (!root->is_object())
    return Status::invalid(where + ": expected an object, found " +
                           describeJson(*root));
  Status status;
  Fields fields(*root, where, "", status);
  ModelConfig config;
  // Hugging Face's files may keep d_model and the like from the conversion, so
  // its own keys decide.
  if (fields.find("model_type") || fields.find("hidden_size")) {
    config.style = ConfigStyle::HuggingFace;
    readHuggingFace(fields, config);
  } else if (fields.find("d_model")) {
    config.style = ConfigStyle::StateSpaces;
    readStateSpaces(fields, config);
  } else {
    return Status::invalid(
        where + ": expected a key model_type or hidden_size (Hugging Face) or "
                "d_model (state-spaces): is it the config.json of a model?");
  }
  requireRmsNorm(fields);
  refuseQuantization(fields);
  if (!status.ok())
    return status;
  return config;
}

Result<ModelConfig> ssmc::readModelConfig(const std::string &path) {
  Result<std::string> text = readFile(path, kMaxConfigBytes);
  if (!text.ok())
    return text.status();
  return parseModelConfig(*text, escaped(path, 4096));
}
