//===- ImportTest.cpp - Model directories as ssm modules ------------------===//
//
// Imports small checkpoints that each test writes: shapes unlike the shipped
// model's, both namings, and every way in which tensors can fail to fit.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Import/Import.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "ssmc/IO/Safetensors.h"
#include "ssmc/Transforms/Passes.h"
#include "test/unit/IO/TemporaryDirectory.h"
#include "llvm/Support/raw_ostream.h"

using namespace ssmc;
using namespace ssmc::test;
using namespace mlir;
using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

namespace {
using Tensors = std::map<std::string, HostTensor>;

/// d_model 6, dim 15, dstate 5, dt_rank 2, width 3: nothing a power of two.
class ImportTest : public TemporaryDirectory {
protected:
  static HostTensor zeros(DType dtype, std::vector<uint64_t> shape) {
    return *makeTensor(dtype, std::move(shape));
  }

  /// The tensors that `config()` calls for.
  static Tensors tensors(const std::string &embedding = "embeddings") {
    Tensors result;
    result["backbone." + embedding + ".weight"] = zeros(DType::BF16, {11, 6});
    result["backbone.norm_f.weight"] = zeros(DType::F32, {6});
    for (std::string layer : {"backbone.layers.0.", "backbone.layers.1."}) {
      result[layer + "norm.weight"] = zeros(DType::F32, {6});
      std::string mixer = layer + "mixer.";
      result[mixer + "in_proj.weight"] = zeros(DType::BF16, {30, 6});
      result[mixer + "conv1d.weight"] = zeros(DType::F32, {15, 1, 3});
      result[mixer + "conv1d.bias"] = zeros(DType::F32, {15});
      result[mixer + "x_proj.weight"] = zeros(DType::BF16, {12, 15});
      result[mixer + "dt_proj.weight"] = zeros(DType::F16, {15, 2});
      result[mixer + "dt_proj.bias"] = zeros(DType::F32, {15});
      result[mixer + "A_log"] = zeros(DType::F32, {15, 5});
      result[mixer + "D"] = zeros(DType::F32, {15});
      result[mixer + "out_proj.weight"] = zeros(DType::BF16, {6, 15});
    }
    return result;
  }

  /// A config of Hugging Face's style, with `members` added or replaced.
  void writeConfig(const std::map<std::string, std::string> &members = {}) {
    std::map<std::string, std::string> all = members;
    all.insert({{"model_type", "\"mamba\""},
                {"hidden_size", "6"},
                {"num_hidden_layers", "2"},
                {"vocab_size", "11"},
                {"state_size", "5"},
                {"conv_kernel", "3"},
                {"intermediate_size", "15"},
                {"time_step_rank", "2"},
                {"tie_word_embeddings", "true"}});
    std::string text;
    for (const auto &[key, value] : all)
      text += (text.empty() ? "{\"" : ", \"") + key + "\": " + value;
    (void)write("config.json", text + "}");
  }

  void writeTensors(const Tensors &tensors,
                    const std::string &file = "model.safetensors") {
    ASSERT_TRUE(succeeds(
        writeSafetensors(path(file), {tensors.begin(), tensors.end()})));
  }

  /// Imports what was written; `module` and `text` are the result.
  AssertionResult imports(DType activation = DType::F32) {
    llvm::Expected<OwningOpRef<ModuleOp>> result =
        importModel(context, directory_, {activation});
    if (!result)
      return AssertionFailure() << toString(result.takeError());
    module = std::move(*result);
    if (failed(verify(*module)))
      return AssertionFailure() << "the module does not verify";
    text.clear();
    llvm::raw_string_ostream os(text);
    module->print(os);
    return AssertionSuccess();
  }

  /// Whether the import fails with a message that has all of `parts` in it.
  AssertionResult refuses(const std::vector<std::string> &parts,
                          DType activation = DType::F32) {
    llvm::Expected<OwningOpRef<ModuleOp>> result =
        importModel(context, directory_, {activation});
    if (result)
      return AssertionFailure() << "succeeded";
    message = toString(result.takeError());
    for (const std::string &part : parts)
      if (message.find(part) == std::string::npos)
        return AssertionFailure()
               << "message: " << message << "\nlacks: " << part;
    return AssertionSuccess();
  }

  AssertionResult has(const std::string &part) const {
    if (text.find(part) != std::string::npos)
      return AssertionSuccess();
    return AssertionFailure() << "lacks: " << part << "\nmodule:\n" << text;
  }

  template <typename Op>
  size_t count() {
    size_t number = 0;
    module->walk([&](Op) { ++number; });
    return number;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string text, message;
};
} // namespace

//===----------------------------------------------------------------------===//
// What becomes of a model
//===----------------------------------------------------------------------===//

TEST_F(ImportTest, DeclaresParametersAndStates) {
  writeConfig();
  writeTensors(tensors());
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has(R"(ssm.model = {byte_level = false, d_model = 6 : i64, )"
                  R"(eos_token_id = 0 : i64, model_type = "mamba", )"
                  R"(num_layers = 2 : i64, vocab_size = 11 : i64})"));
  EXPECT_EQ(count<ssm::ParameterOp>(), 22u);
  EXPECT_TRUE(has("ssm.parameter @backbone.embeddings.weight : "
                  "tensor<11x6xbf16>"));
  EXPECT_TRUE(has("ssm.parameter @backbone.layers.1.mixer.conv1d.weight : "
                  "tensor<15x1x3xf32>"));
  EXPECT_TRUE(has("ssm.parameter @backbone.layers.1.mixer.dt_proj.weight : "
                  "tensor<15x2xf16>"));
  EXPECT_EQ(count<ssm::StateOp>(), 4u);
  EXPECT_TRUE(has("ssm.state @layers.1.conv_state : tensor<?x2x15xf32>"));
  EXPECT_TRUE(has("ssm.state @layers.1.ssm_state : tensor<?x15x5xf32>"));
}

TEST_F(ImportTest, BuildsPrefillAndStep) {
  writeConfig();
  writeTensors(tensors());
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has(R"(func.func @prefill(%arg0: tensor<?x?xi32> )"
                  R"({ssm.dims = ["batch", "seqlen"], ssm.name = "ids"}, )"
                  R"(%arg1: index {ssm.name = "last"}) -> )"
                  R"((tensor<?x?x11xf32> {ssm.name = "logits"}))"));
  EXPECT_TRUE(has(R"(func.func @step(%arg0: tensor<?x1xi32> )"
                  R"({ssm.dims = ["batch"], ssm.name = "ids"}) -> )"
                  R"((tensor<?x1x11xf32> {ssm.name = "logits"}))"));
  EXPECT_EQ(count<ssm::MambaBlockOp>(), 4u);
  EXPECT_EQ(count<ssm::SetStateOp>(), 8u);

  auto prefill = module->lookupSymbol<func::FuncOp>("prefill");
  auto norms = llvm::to_vector(prefill.getOps<ssm::RMSNormOp>());
  ASSERT_EQ(norms.size(), 3u);
  EXPECT_FALSE(norms[0].getResidual());
  EXPECT_TRUE(norms[0].getX().getDefiningOp<ssm::EmbeddingOp>());
  EXPECT_EQ(norms[1].getResidual(), norms[0].getResidualOut());
  EXPECT_TRUE(norms[1].getX().getDefiningOp<ssm::MambaBlockOp>());
  // The last norm sees only the positions that were asked for.
  EXPECT_FALSE(norms[2].getResidualOut());
  auto lastHidden = norms[2].getX().getDefiningOp<ssm::LastTokensOp>();
  auto lastResidual = norms[2].getResidual().getDefiningOp<ssm::LastTokensOp>();
  ASSERT_TRUE(lastHidden && lastResidual);
  EXPECT_EQ(lastHidden.getCount(), prefill.getArgument(1));
  EXPECT_TRUE(lastHidden.getX().getDefiningOp<ssm::MambaBlockOp>());
  EXPECT_EQ(lastResidual.getX(), norms[1].getResidualOut());

  auto step = module->lookupSymbol<func::FuncOp>("step");
  EXPECT_TRUE(step.getOps<ssm::LastTokensOp>().empty());
}

TEST_F(ImportTest, DecomposesIntoAValidModule) {
  writeConfig();
  writeTensors(tensors());
  ASSERT_TRUE(imports(DType::BF16));
  PassManager passes(&context);
  passes.addPass(createSSMDecomposeBlocksPass());
  EXPECT_TRUE(succeeded(passes.run(*module)));
  EXPECT_EQ(count<ssm::MambaBlockOp>(), 0u);
  EXPECT_EQ(count<ssm::SelectiveScanOp>(), 4u);
}

TEST_F(ImportTest, ImportsStateSpacesStyle) {
  // The vocabulary of 11 is padded to 16.
  (void)write("config.json", R"({"d_model": 6, "n_layer": 2, "vocab_size": 11,
    "ssm_cfg": {"d_state": 5, "d_conv": 3, "expand": 2, "dt_rank": 2},
    "rms_norm": true, "residual_in_fp32": true, "tie_embeddings": true})");
  Tensors all = tensors("embedding");
  all["backbone.embedding.weight"] = zeros(DType::F32, {16, 6});
  for (std::string layer : {"backbone.layers.0.", "backbone.layers.1."}) {
    std::string mixer = layer + "mixer.";
    all[mixer + "in_proj.weight"] = zeros(DType::F32, {24, 6});
    all[mixer + "conv1d.weight"] = zeros(DType::F32, {12, 1, 3});
    all[mixer + "x_proj.weight"] = zeros(DType::F32, {12, 12});
    all[mixer + "dt_proj.weight"] = zeros(DType::F32, {12, 2});
    all[mixer + "A_log"] = zeros(DType::F32, {12, 5});
    all[mixer + "out_proj.weight"] = zeros(DType::F32, {6, 12});
    for (std::string name : {"conv1d.bias", "dt_proj.bias", "D"})
      all[mixer + name] = zeros(DType::F32, {12});
  }
  writeTensors(all);
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has("ssm.get_parameter @backbone.embedding.weight : "
                  "tensor<16x6xf32>"));
  EXPECT_TRUE(has("tensor<?x?x16xf32> {ssm.name = \"logits\"}"));
}

TEST_F(ImportTest, AcceptsTheOtherStylesEmbedding) {
  writeConfig();
  writeTensors(tensors("embedding"));
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has("ssm.get_parameter @backbone.embedding.weight"));
}

TEST_F(ImportTest, ImportsBiasesAndAnOwnHead) {
  writeConfig({{"use_bias", "true"},
               {"use_conv_bias", "false"},
               {"tie_word_embeddings", "false"}});
  Tensors all = tensors();
  all["lm_head.weight"] = zeros(DType::F16, {11, 6});
  for (std::string layer : {"backbone.layers.0.", "backbone.layers.1."}) {
    all.erase(layer + "mixer.conv1d.bias");
    all[layer + "mixer.in_proj.bias"] = zeros(DType::F32, {30});
    all[layer + "mixer.out_proj.bias"] = zeros(DType::F32, {6});
  }
  writeTensors(all);
  ASSERT_TRUE(imports());
  module->walk([](ssm::MambaBlockOp block) {
    EXPECT_TRUE(block.getInProjBias());
    EXPECT_TRUE(block.getOutProjBias());
    EXPECT_FALSE(block.getConvBias());
  });
  EXPECT_TRUE(has("tensor<?x1x6xf32>, tensor<11x6xf16> -> tensor<?x1x11xf32>"));
}

TEST_F(ImportTest, TiesTheHeadToTheEmbedding) {
  writeConfig();
  Tensors all = tensors();
  // Saved all the same by some writers.
  all["lm_head.weight"] = zeros(DType::F32, {11, 6});
  writeTensors(all);
  ASSERT_TRUE(imports());
  EXPECT_EQ(text.find("lm_head"), std::string::npos);
  EXPECT_TRUE(
      has("tensor<?x1x6xf32>, tensor<11x6xbf16> -> tensor<?x1x11xf32>"));
}

TEST_F(ImportTest, ComputesAInF32) {
  writeConfig();
  Tensors all = tensors();
  all["backbone.layers.0.mixer.A_log"] = zeros(DType::F16, {15, 5});
  writeTensors(all);
  ASSERT_TRUE(imports());
  // Layer 0 of both functions; layer 1 has it in f32 already.
  EXPECT_EQ(count<arith::ExtFOp>(), 2u);
  module->walk([](ssm::MambaBlockOp block) {
    EXPECT_TRUE(block.getA().getDefiningOp<arith::NegFOp>());
  });
}

TEST_F(ImportTest, TakesTheActivationsType) {
  writeConfig();
  writeTensors(tensors());
  ASSERT_TRUE(imports(DType::BF16));
  EXPECT_TRUE(has("ssm.state @layers.0.conv_state : tensor<?x2x15xbf16>"));
  EXPECT_TRUE(has("ssm.state @layers.0.ssm_state : tensor<?x15x5xf32>"));
  EXPECT_TRUE(has("tensor<11x6xbf16> -> tensor<?x?x6xbf16>"));
  EXPECT_TRUE(has("tensor<?x?x11xf32> {ssm.name = \"logits\"}"));
  module->walk([](ssm::RMSNormOp norm) {
    if (norm.getResidualOut()) {
      EXPECT_TRUE(getElementTypeOrSelf(norm.getResidualOut()).isF32());
    }
  });
}

TEST_F(ImportTest, KeepsTheResidualAsTheConfigSays) {
  writeConfig({{"residual_in_fp32", "false"}});
  writeTensors(tensors());
  ASSERT_TRUE(imports(DType::F16));
  module->walk([](ssm::RMSNormOp norm) {
    if (norm.getResidualOut()) {
      EXPECT_TRUE(getElementTypeOrSelf(norm.getResidualOut()).isF16());
    }
  });
}

TEST_F(ImportTest, KnowsByteLevelModels) {
  writeConfig({{"vocab_size", "256"}});
  Tensors all = tensors();
  all["backbone.embeddings.weight"] = zeros(DType::F32, {256, 6});
  writeTensors(all);
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has("byte_level = true"));
  (void)write("tokenizer.json", "{}");
  ASSERT_TRUE(imports());
  EXPECT_TRUE(has("byte_level = false"));
}

TEST_F(ImportTest, ImportsShards) {
  writeConfig();
  Tensors first = tensors(), second;
  std::string index;
  for (auto it = first.begin(); it != first.end();) {
    bool moves = it->first.find("layers.1") != std::string::npos;
    index += (index.empty() ? "" : ", ") + ("\"" + it->first + "\": ") +
             (moves ? "\"b.safetensors\"" : "\"a.safetensors\"");
    if (moves)
      second.insert(*it);
    it = moves ? first.erase(it) : std::next(it);
  }
  writeTensors(first, "a.safetensors");
  writeTensors(second, "b.safetensors");
  (void)write("model.safetensors.index.json",
              "{\"metadata\": {}, \"weight_map\": {" + index + "}}");
  ASSERT_TRUE(imports());
  EXPECT_EQ(count<ssm::ParameterOp>(), 22u);
}

TEST_F(ImportTest, ImportsTheShippedModel) {
  directory_ = SSMC_SOURCE_DIR "/examples/tiny-mamba-kjv";
  AssertionResult imported = imports();
  // So that the fixture does not remove it.
  directory_ = path("none");
  ASSERT_TRUE(imported);
  EXPECT_TRUE(has("byte_level = true"));
  EXPECT_EQ(count<ssm::MambaBlockOp>(), 16u);
}

//===----------------------------------------------------------------------===//
// What is refused
//===----------------------------------------------------------------------===//

TEST_F(ImportTest, ListsAllTensorsThatDoNotFit) {
  writeConfig();
  Tensors all = tensors();
  all.erase("backbone.layers.1.mixer.D");
  all["backbone.layers.0.mixer.A_log"] = zeros(DType::F32, {15, 6});
  all["backbone.layers.0.norm.weight"] = zeros(DType::F32, {1, 6});
  all["backbone.norm_f.weight"] = zeros(DType::I32, {6});
  all["backbone.layers.2.norm.weight"] = zeros(DType::F32, {6});
  writeTensors(all);
  EXPECT_TRUE(refuses(
      {path("model.safetensors") + ": 5 tensors do not fit the config.json",
       "missing: 'backbone.layers.1.mixer.D', expected [15]",
       "wrong shape: 'backbone.layers.0.mixer.A_log', expected [15, 5], found "
       "f32[15, 6]",
       "wrong shape: 'backbone.layers.0.norm.weight', expected [6], found "
       "f32[1, 6]",
       "wrong element type: 'backbone.norm_f.weight', expected f32, f16 or "
       "bf16, found i32[6]",
       "unexpected: 'backbone.layers.2.norm.weight', found f32[6]"}));
}

TEST_F(ImportTest, BoundsTheList) {
  writeConfig();
  Tensors all = tensors();
  for (int i = 0; i < 1200; ++i)
    all["more." + std::to_string(i)] = zeros(DType::F32, {1});
  writeTensors(all);
  EXPECT_TRUE(refuses({"1200 tensors do not fit", "and 200 more"}));
}

TEST_F(ImportTest, EscapesNames) {
  writeConfig();
  Tensors all = tensors();
  all["\x1b[31mred"] = zeros(DType::F32, {1});
  writeTensors(all);
  EXPECT_TRUE(refuses({"1 tensor does not fit", "[31mred"}));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
}

TEST_F(ImportTest, WantsAnOwnHeadWhereUntied) {
  writeConfig({{"tie_word_embeddings", "false"}});
  writeTensors(tensors());
  EXPECT_TRUE(refuses({"missing: 'lm_head.weight', expected [11, 6]"}));
}

TEST_F(ImportTest, NamesTheConfigsEmbeddingWhereThereIsNone) {
  writeConfig();
  Tensors all = tensors();
  all.erase("backbone.embeddings.weight");
  writeTensors(all);
  EXPECT_TRUE(
      refuses({"missing: 'backbone.embeddings.weight', expected [11, 6]"}));
}

TEST_F(ImportTest, RefusesConvolutionsOfOtherWidths) {
  for (uint64_t width : {1, 9}) {
    writeConfig({{"conv_kernel", std::to_string(width)}});
    Tensors all = tensors();
    for (std::string layer : {"backbone.layers.0.", "backbone.layers.1."})
      all[layer + "mixer.conv1d.weight"] = zeros(DType::F32, {15, 1, width});
    writeTensors(all);
    EXPECT_TRUE(refuses(
        {path("config.json"), "expected a convolution of width 2 to 8, found " +
                                  std::to_string(width)}));
  }
}

TEST_F(ImportTest, RefusesAnEpsilonThatF32LosesToZero) {
  writeConfig({{"layer_norm_epsilon", "1e-60"}});
  writeTensors(tensors());
  EXPECT_TRUE(refuses(
      {path("config.json"), "normal number in f32", "found 1.000000e-60"}));
}

TEST_F(ImportTest, RefusesMissingFiles) {
  EXPECT_TRUE(refuses({"config.json"}));
  writeConfig();
  EXPECT_TRUE(refuses({"model.safetensors"}));
  directory_ = path("none");
  EXPECT_TRUE(refuses({"none/config.json"}));
}

TEST_F(ImportTest, RefusesOtherActivations) {
  writeConfig();
  writeTensors(tensors());
  EXPECT_TRUE(refuses({"expected f32, f16 or bf16", "found f64"}, DType::F64));
}
