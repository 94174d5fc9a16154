//===- ConfigTest.cpp - A model's config.json -----------------------------===//

#include "ssmc/Import/Config.h"
#include <gtest/gtest.h>

using namespace ssmc;

static testing::AssertionResult fails(const Result<ModelConfig> &result,
                                      const std::string &part) {
  if (result.ok())
    return testing::AssertionFailure() << "succeeded";
  if (result.status().code() != StatusCode::Invalid)
    return testing::AssertionFailure() << "wrong code";
  if (result.status().message().find(part) == std::string::npos)
    return testing::AssertionFailure()
           << "message: " << result.status().message() << "\nlacks: " << part;
  return testing::AssertionSuccess();
}

static Result<ModelConfig> parse(const std::string &text) {
  return parseModelConfig(text, "config.json");
}

/// A config of each style with `members` added.
static Result<ModelConfig> huggingFace(const std::string &members) {
  return parse("{\"model_type\": \"mamba\"" +
               (members.empty() ? "" : ", " + members) + "}");
}
static Result<ModelConfig> stateSpaces(const std::string &members) {
  return parse("{\"n_layer\": 2, \"d_model\": 64" +
               (members.empty() ? "" : ", " + members) + "}");
}

TEST(ConfigTest, ReadsHuggingFaceStyle) {
  auto config = parse(R"({
    "architectures": ["MambaForCausalLM"], "model_type": "mamba",
    "vocab_size": 256, "hidden_size": 250, "num_hidden_layers": 8,
    "intermediate_size": 750, "expand": 3, "state_size": 8, "conv_kernel": 3,
    "time_step_rank": 13, "use_bias": true, "use_conv_bias": false,
    "hidden_act": "silu", "layer_norm_epsilon": 1e-06,
    "residual_in_fp32": false, "tie_word_embeddings": false,
    "eos_token_id": 7, "time_step_limit": [0.0, Infinity]})");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->style, ConfigStyle::HuggingFace);
  EXPECT_EQ(config->modelType, "mamba");
  EXPECT_EQ(config->dModel, 250);
  EXPECT_EQ(config->numLayers, 8);
  EXPECT_EQ(config->vocabSize, 256);
  EXPECT_EQ(config->dInner, 750);
  EXPECT_EQ(config->dState, 8);
  EXPECT_EQ(config->dConv, 3);
  EXPECT_EQ(config->dtRank, 13);
  EXPECT_EQ(config->normEps, 1e-6);
  EXPECT_FALSE(config->residualInFp32);
  EXPECT_TRUE(config->rmsNorm);
  EXPECT_TRUE(config->useBias);
  EXPECT_FALSE(config->useConvBias);
  EXPECT_FALSE(config->tieEmbeddings);
  EXPECT_EQ(config->eosTokenId, 7);
}

TEST(ConfigTest, HuggingFaceDefaults) {
  auto config = huggingFace("");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->dModel, 768);
  EXPECT_EQ(config->numLayers, 32);
  EXPECT_EQ(config->vocabSize, 50280);
  EXPECT_EQ(config->dInner, 1536);
  EXPECT_EQ(config->dState, 16);
  EXPECT_EQ(config->dConv, 4);
  EXPECT_EQ(config->dtRank, 48);
  EXPECT_EQ(config->normEps, 1e-5);
  EXPECT_TRUE(config->residualInFp32);
  EXPECT_FALSE(config->useBias);
  EXPECT_TRUE(config->useConvBias);
  EXPECT_TRUE(config->tieEmbeddings);
  EXPECT_EQ(config->eosTokenId, 0);
}

TEST(ConfigTest, ReadsStateSpacesStyle) {
  auto config = parse(R"({
    "d_model": 1025, "n_layer": 3, "vocab_size": 50277,
    "ssm_cfg": {"layer": "Mamba1", "d_state": 64, "d_conv": 2, "expand": 3,
                "dt_rank": 5, "bias": true, "conv_bias": false},
    "rms_norm": true, "residual_in_fp32": false, "fused_add_norm": false,
    "pad_vocab_size_multiple": 16, "tie_embeddings": false,
    "d_intermediate": 0, "attn_layer_idx": [], "attn_cfg": {}})");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->style, ConfigStyle::StateSpaces);
  EXPECT_EQ(config->modelType, "mamba");
  EXPECT_EQ(config->dModel, 1025);
  EXPECT_EQ(config->numLayers, 3);
  EXPECT_EQ(config->vocabSize, 50288);
  EXPECT_EQ(config->dInner, 3075);
  EXPECT_EQ(config->dState, 64);
  EXPECT_EQ(config->dConv, 2);
  EXPECT_EQ(config->dtRank, 5);
  EXPECT_EQ(config->normEps, 1e-5);
  EXPECT_FALSE(config->residualInFp32);
  EXPECT_TRUE(config->useBias);
  EXPECT_FALSE(config->useConvBias);
  EXPECT_FALSE(config->tieEmbeddings);
  EXPECT_EQ(config->eosTokenId, -1);
}

TEST(ConfigTest, StateSpacesDefaults) {
  auto config = parse(R"({"d_model": 1025})");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->numLayers, 64);
  EXPECT_EQ(config->vocabSize, 50280);
  EXPECT_EQ(config->dInner, 2050);
  EXPECT_EQ(config->dState, 16);
  EXPECT_EQ(config->dConv, 4);
  EXPECT_EQ(config->dtRank, 65);
  EXPECT_TRUE(config->residualInFp32);
  EXPECT_FALSE(config->useBias);
  EXPECT_TRUE(config->useConvBias);
  EXPECT_TRUE(config->tieEmbeddings);
}

TEST(ConfigTest, ConvertedFilesCountAsHuggingFace) {
  auto config = parse(R"({"d_model": 64, "n_layer": 9, "ssm_cfg": {},
                          "hidden_size": 32, "num_hidden_layers": 5})");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->style, ConfigStyle::HuggingFace);
  EXPECT_EQ(config->dModel, 32);
  EXPECT_EQ(config->numLayers, 5);
}

TEST(ConfigTest, DerivesSizes) {
  EXPECT_EQ(huggingFace(R"("hidden_size": 33)")->dtRank, 3);
  EXPECT_EQ(
      huggingFace(R"("hidden_size": 33, "time_step_rank": "auto")")->dtRank, 3);
  EXPECT_EQ(huggingFace(R"("hidden_size": 33, "expand": 1.5)")->dInner, 49);
  EXPECT_EQ(huggingFace(R"("hidden_size": 33, "expand": 3)")->dInner, 99);
  EXPECT_EQ(stateSpaces(R"("ssm_cfg": {"dt_rank": "auto"})")->dtRank, 4);
  EXPECT_EQ(stateSpaces(R"("vocab_size": 255)")->vocabSize, 256);
  EXPECT_EQ(stateSpaces(R"("vocab_size": 256)")->vocabSize, 256);
  EXPECT_EQ(stateSpaces(R"("vocab_size": 257, "pad_vocab_size_multiple": 1)")
                ->vocabSize,
            257);
  EXPECT_EQ(huggingFace(R"("vocab_size": 257)")->vocabSize, 257);
}

TEST(ConfigTest, ReadsEosTokens) {
  EXPECT_EQ(huggingFace(R"("eos_token_id": null)")->eosTokenId, -1);
  EXPECT_EQ(huggingFace(R"("eos_token_id": -1)")->eosTokenId, -1);
  EXPECT_EQ(huggingFace(R"("eos_token_id": [])")->eosTokenId, -1);
  EXPECT_EQ(huggingFace(R"("eos_token_id": [5, 6])")->eosTokenId, 5);
}

TEST(ConfigTest, RefusesUnsupportedModels) {
  const std::pair<const char *, const char *> cases[] = {
      {R"({"model_type": "mamba2"})",
       "config.json: at model_type: the string 'mamba2' is not supported yet; "
       "supported is \"mamba\""},
      {R"({"model_type": "falcon_mamba"})", "not supported yet"},
      {R"({"model_type": "llama"})",
       "at model_type: expected \"mamba\", the one supported model type, found "
       "the string 'llama'"},
      {R"({"model_type": 3})", "at model_type: expected"},
      {R"({"model_type": null})", "at model_type: expected"},
      {R"({"model_type": "mamba", "hidden_act": "gelu"})", "at hidden_act"},
      {R"({"model_type": "mamba", "rms_norm": false})",
       "at rms_norm: LayerNorm models are not supported"},
      {R"({"model_type": "mamba", "quantization_config": {"bits": 4}})",
       "at quantization_config: quantized"},
      {R"({"d_model": 64, "rms_norm": false})", "at rms_norm: LayerNorm"},
      {R"({"d_model": 64, "ssm_cfg": {"layer": "Mamba2"}})",
       "at ssm_cfg.layer: the string 'Mamba2' is not supported yet"},
      {R"({"d_model": 64, "ssm_cfg": {"layer": "S4"}})",
       "at ssm_cfg.layer: expected \"Mamba1\", found the string 'S4'"},
      {R"({"d_model": 64, "attn_layer_idx": [1]})", "at attn_layer_idx"},
      {R"({"d_model": 64, "attn_layer_idx": 1})", "at attn_layer_idx"},
      {R"({"d_model": 64, "d_intermediate": 128})", "at d_intermediate"},
  };
  for (const auto &[text, message] : cases)
    EXPECT_TRUE(fails(parse(text), message)) << text;
}

TEST(ConfigTest, RefusesBadHuggingFaceValues) {
  const std::pair<const char *, const char *> cases[] = {
      {R"("hidden_size": 0)",
       "at hidden_size: expected an integer from 1 to 1048576, found the "
       "number 0"},
      {R"("hidden_size": -1)", "found the number -1"},
      {R"("hidden_size": 64.0)", "found the number 64"},
      {R"("hidden_size": "64")", "found the string '64'"},
      {R"("hidden_size": null)", "found null"},
      {R"("hidden_size": true)", "found true"},
      {R"("hidden_size": Infinity)", "found the number inf"},
      {R"("hidden_size": 1048577)", "from 1 to 1048576"},
      {R"("hidden_size": 18446744073709551615)", "from 1 to 1048576"},
      {R"("hidden_size": 18446744073709551616)", "from 1 to 1048576"},
      {R"("num_hidden_layers": 4097)", "from 1 to 4096"},
      {R"("vocab_size": 0)", "at vocab_size"},
      {R"("intermediate_size": 0)", "at intermediate_size"},
      {R"("state_size": 1025)", "at state_size: expected an integer from 1 to "
                                "1024"},
      {R"("conv_kernel": 17)", "at conv_kernel: expected an integer from 1 to "
                               "16"},
      {R"("conv_kernel": 0)", "at conv_kernel"},
      {R"("time_step_rank": "full")",
       "at time_step_rank: expected an integer or \"auto\""},
      {R"("time_step_rank": 0)", "at time_step_rank"},
      {R"("expand": 0)", "at expand: expected a number above 0"},
      {R"("expand": NaN)", "at expand: expected a number above 0"},
      {R"("expand": "2")", "at expand: expected a number above 0"},
      {R"("expand": 0.001)", "at expand: 0.001 times the width 768 gives 0"},
      {R"("expand": 100000)", "channels, expected from 1 to 1048576"},
      {R"("layer_norm_epsilon": 0)", "at layer_norm_epsilon"},
      {R"("layer_norm_epsilon": -Infinity)", "at layer_norm_epsilon"},
      {R"("use_bias": 1)", "at use_bias: expected true or false"},
      {R"("use_conv_bias": null)", "at use_conv_bias"},
      {R"("residual_in_fp32": "yes")", "at residual_in_fp32"},
      {R"("tie_word_embeddings": 0)", "at tie_word_embeddings"},
      {R"("eos_token_id": "x")", "at eos_token_id"},
      {R"("eos_token_id": -2)", "at eos_token_id"},
      {R"("eos_token_id": [1, "x"])", "at eos_token_id"},
      {R"("eos_token_id": [-1])", "at eos_token_id"},
  };
  for (const auto &[members, message] : cases)
    EXPECT_TRUE(fails(huggingFace(members), message)) << members;
}

TEST(ConfigTest, RefusesBadStateSpacesValues) {
  const std::pair<const char *, const char *> cases[] = {
      {R"("vocab_size": 4194305)", "at vocab_size"},
      {R"("pad_vocab_size_multiple": 0)", "at pad_vocab_size_multiple"},
      {R"("ssm_cfg": [])", "at ssm_cfg: expected an object"},
      {R"("ssm_cfg": {"d_state": 0})", "at ssm_cfg.d_state"},
      {R"("ssm_cfg": {"d_conv": 17})", "at ssm_cfg.d_conv"},
      {R"("ssm_cfg": {"expand": -2})", "at ssm_cfg.expand"},
      {R"("ssm_cfg": {"dt_rank": "x"})", "at ssm_cfg.dt_rank"},
      {R"("ssm_cfg": {"bias": 0})", "at ssm_cfg.bias"},
      {R"("ssm_cfg": {"conv_bias": 0})", "at ssm_cfg.conv_bias"},
      {R"("tie_embeddings": 1)", "at tie_embeddings"},
      {R"("residual_in_fp32": 1)", "at residual_in_fp32"},
      {R"("rms_norm": 1)", "at rms_norm: expected true or false"},
  };
  for (const auto &[members, message] : cases)
    EXPECT_TRUE(fails(stateSpaces(members), message)) << members;
}

TEST(ConfigTest, ReportsTheFirstFault) {
  auto config = huggingFace(R"("hidden_size": 0, "vocab_size": 0)");
  ASSERT_TRUE(fails(config, "hidden_size"));
  EXPECT_EQ(config.status().message().find("vocab_size"), std::string::npos);
}

TEST(ConfigTest, RefusesWhatIsNoConfig) {
  EXPECT_TRUE(fails(parse(""), "config.json: not valid JSON: byte 0"));
  EXPECT_TRUE(fails(parse("[]"), "expected an object, found a list of 0"));
  EXPECT_TRUE(fails(parse("{}"), "expected a key model_type or hidden_size"));
  EXPECT_TRUE(fails(parse(std::string(1'000'000, '[')), "nested more than"));
  EXPECT_TRUE(fails(parse(R"({"d_model": 64, "d_model": 65})"), "twice"));
  EXPECT_TRUE(fails(readModelConfig("/nonexistent/config.json"),
                    "No such file or directory"));
}

TEST(ConfigTest, ReadsTheShippedExample) {
  auto config =
      readModelConfig(SSMC_SOURCE_DIR "/examples/tiny-mamba-kjv/config.json");
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->style, ConfigStyle::HuggingFace);
  EXPECT_EQ(config->dModel, 256);
  EXPECT_EQ(config->numLayers, 8);
  EXPECT_EQ(config->vocabSize, 256);
  EXPECT_EQ(config->dInner, 512);
  EXPECT_EQ(config->dtRank, 16);
  EXPECT_TRUE(config->tieEmbeddings);
}
