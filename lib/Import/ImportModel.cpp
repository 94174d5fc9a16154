//===- ImportModel.cpp - Model directories as ssm modules -----------------===//
//
// Writes down the model as the reference code computes it; nothing is rewritten
// or reordered here, so that the imported module can be read against that code.
//
//===----------------------------------------------------------------------===//

#include "ImportTensors.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Verifier.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Import/Import.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include <limits>

using namespace mlir;
using namespace ssmc;
using namespace ssmc::ssm;

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static FloatType floatType(MLIRContext &context, DType dtype) {
  switch (dtype) {
  case DType::F16:
    return Float16Type::get(&context);
  case DType::BF16:
    return BFloat16Type::get(&context);
  default:
    assert(dtype == DType::F32 && "checked before");
    return Float32Type::get(&context);
  }
}

namespace {
/// Builds the module of one model.
class ModelBuilder {
public:
  ModelBuilder(MLIRContext &context, const ModelConfig &config,
               DType activation)
      : config(config),
        b(NameLoc::get(StringAttr::get(&context, "model")), &context),
        activation(floatType(context, activation)),
        residual(config.residualInFp32 ? b.getF32Type() : this->activation) {}

  OwningOpRef<ModuleOp> build(const std::vector<TensorInfo> &tensors,
                              StringRef embedding, bool byteLevel);

private:
  /// (batch, second, size), batch dynamic.
  RankedTensorType tensorType(int64_t second, int64_t size, Type element) {
    return RankedTensorType::get({ShapedType::kDynamic, second, size}, element);
  }
  RankedTensorType convStateType() {
    return tensorType(config.dConv - 1, config.dInner, activation);
  }
  RankedTensorType ssmStateType() {
    return tensorType(config.dInner, config.dState, b.getF32Type());
  }
  static std::string stateName(int64_t layer, StringRef state) {
    return ("layers." + Twine(layer) + "." + state).str();
  }
  /// All that is built until the next call is said to come from `name`.
  void setLocation(StringRef name) {
    b.setLoc(NameLoc::get(b.getStringAttr(name)));
  }

  void declare(const std::vector<TensorInfo> &tensors);
  DictionaryAttr modelAttribute(bool byteLevel);
  /// A function of ids (batch, seqlen); `returnsLast` adds the argument that
  /// says for how many positions there are logits.
  void buildFunction(StringRef name, int64_t seqlen, bool returnsLast,
                     StringRef embedding);
  /// One layer's mixer, with its states read and set.
  Value buildMixer(int64_t layer, Value hidden);
  Value getParameter(StringRef name);
  Value getLayerParameter(int64_t layer, StringRef name) {
    return getParameter(layerTensorName(layer, name));
  }

  const ModelConfig &config;
  ImplicitLocOpBuilder b;
  FloatType activation, residual;
  llvm::StringMap<RankedTensorType> parameterTypes;
};
} // namespace

void ModelBuilder::declare(const std::vector<TensorInfo> &tensors) {
  for (const TensorInfo &tensor : tensors) {
    SmallVector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
    auto type =
        RankedTensorType::get(shape, floatType(*b.getContext(), tensor.dtype));
    parameterTypes[tensor.name] = type;
    setLocation(tensor.name);
    ParameterOp::create(b, tensor.name, type);
  }
  for (int64_t layer = 0; layer < config.numLayers; ++layer) {
    setLocation(stateName(layer, "state"));
    StateOp::create(b, stateName(layer, "conv_state"), convStateType());
    StateOp::create(b, stateName(layer, "ssm_state"), ssmStateType());
  }
}

DictionaryAttr ModelBuilder::modelAttribute(bool byteLevel) {
  return b.getDictionaryAttr({
      b.getNamedAttr("model_type", b.getStringAttr(config.modelType)),
      b.getNamedAttr("vocab_size", b.getI64IntegerAttr(config.vocabSize)),
      b.getNamedAttr("byte_level", b.getBoolAttr(byteLevel)),
      b.getNamedAttr("eos_token_id", b.getI64IntegerAttr(config.eosTokenId)),
      b.getNamedAttr("num_layers", b.getI64IntegerAttr(config.numLayers)),
      b.getNamedAttr("d_model", b.getI64IntegerAttr(config.dModel)),
  });
}

Value ModelBuilder::getParameter(StringRef name) {
  return GetParameterOp::create(b, parameterTypes.at(name), name);
}

Value ModelBuilder::buildMixer(int64_t layer, Value hidden) {
  auto parameter = [&](StringRef name) {
    return getLayerParameter(layer, ("mixer." + name).str());
  };
  auto optional = [&](bool present, StringRef name) {
    return present ? parameter(name) : Value();
  };

  Value logA = parameter("A_log");
  auto f32Type =
      cast<RankedTensorType>(logA.getType()).clone(cast<Type>(b.getF32Type()));
  if (logA.getType() != f32Type)
    logA = arith::ExtFOp::create(b, f32Type, logA);
  Value A = arith::NegFOp::create(b, math::ExpOp::create(b, logA));
  Value convWeight = tensor::CollapseShapeOp::create(
      b, parameter("conv1d.weight"),
      ArrayRef<ReassociationIndices>{{0}, {1, 2}});

  // One statement each: the order of ops must not be up to the C++ compiler,
  // which is free to evaluate arguments in any.
  Value inProj = parameter("in_proj.weight");
  Value inProjBias = optional(config.useBias, "in_proj.bias");
  Value convBias = optional(config.useConvBias, "conv1d.bias");
  Value xProj = parameter("x_proj.weight");
  Value dtProj = parameter("dt_proj.weight");
  Value dtBias = parameter("dt_proj.bias");
  Value D = parameter("D");
  Value outProj = parameter("out_proj.weight");
  Value outProjBias = optional(config.useBias, "out_proj.bias");
  std::string convName = stateName(layer, "conv_state");
  std::string ssmName = stateName(layer, "ssm_state");
  Value convState = GetStateOp::create(b, convStateType(), convName);
  Value ssmState = GetStateOp::create(b, ssmStateType(), ssmName);
  auto block = MambaBlockOp::create(
      b, hidden.getType(), convState.getType(), ssmState.getType(), hidden,
      inProj, inProjBias, convWeight, convBias, xProj, dtProj, dtBias, A, D,
      outProj, outProjBias, convState, ssmState);
  SetStateOp::create(b, convName, block.getNextConvState());
  SetStateOp::create(b, ssmName, block.getNextSsmState());
  return block.getOut();
}

void ModelBuilder::buildFunction(StringRef name, int64_t seqlen,
                                 bool returnsLast, StringRef embedding) {
  OpBuilder::InsertionGuard guard(b);
  setLocation(name);
  int64_t logitsLength = returnsLast ? ShapedType::kDynamic : seqlen;
  SmallVector<Type> argumentTypes = {
      RankedTensorType::get({ShapedType::kDynamic, seqlen}, b.getI32Type())};
  if (returnsLast)
    argumentTypes.push_back(b.getIndexType());
  auto logitsType = tensorType(logitsLength, config.vocabSize, b.getF32Type());
  auto function = func::FuncOp::create(
      b, name, b.getFunctionType(argumentTypes, Type(logitsType)));
  SmallVector<StringRef> dims = {"batch"};
  if (ShapedType::isDynamic(seqlen))
    dims.push_back("seqlen");
  function.setArgAttr(0, "ssm.name", b.getStringAttr("ids"));
  function.setArgAttr(0, "ssm.dims", b.getStrArrayAttr(dims));
  if (returnsLast)
    function.setArgAttr(1, "ssm.name", b.getStringAttr("last"));
  function.setResultAttr(0, "ssm.name", b.getStringAttr("logits"));
  b.setInsertionPointToStart(function.addEntryBlock());

  auto hiddenType = tensorType(seqlen, config.dModel, activation);
  auto residualType = tensorType(seqlen, config.dModel, residual);
  FloatAttr eps = b.getF32FloatAttr(static_cast<float>(config.normEps));
  setLocation("backbone.embedding");
  Value table = getParameter(embedding);
  Value hidden =
      EmbeddingOp::create(b, hiddenType, function.getArgument(0), table);
  Value carried;
  for (int64_t layer = 0; layer < config.numLayers; ++layer) {
    setLocation(layerTensorName(layer, "norm"));
    Value weight = getLayerParameter(layer, "norm.weight");
    auto norm = RMSNormOp::create(b, hiddenType, residualType, hidden, weight,
                                  carried, eps);
    carried = norm.getResidualOut();
    setLocation(layerTensorName(layer, "mixer"));
    hidden = buildMixer(layer, norm.getY());
  }

  setLocation("backbone.norm_f");
  if (returnsLast) {
    // Before the norm and the widest product, which then see few positions.
    auto last = [&](Value x, Type element) -> Value {
      return LastTokensOp::create(
          b, tensorType(logitsLength, config.dModel, element), x,
          function.getArgument(1));
    };
    hidden = last(hidden, activation);
    carried = last(carried, residual);
  }
  Value weight = getParameter("backbone.norm_f.weight");
  auto norm = RMSNormOp::create(b, hidden.getType(), /*residual_out=*/Type(),
                                hidden, weight, carried, eps);
  setLocation("lm_head");
  Value head = config.tieEmbeddings ? table : getParameter("lm_head.weight");
  Value logits = LinearOp::create(b, logitsType, norm.getY(), head,
                                  /*bias=*/Value());
  func::ReturnOp::create(b, logits);
}

OwningOpRef<ModuleOp>
ModelBuilder::build(const std::vector<TensorInfo> &tensors, StringRef embedding,
                    bool byteLevel) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getLoc());
  (*module)->setAttr("ssm.model", modelAttribute(byteLevel));
  b.setInsertionPointToEnd(module->getBody());
  declare(tensors);
  buildFunction("prefill", ShapedType::kDynamic, /*returnsLast=*/true,
                embedding);
  buildFunction("step", /*seqlen=*/1, /*returnsLast=*/false, embedding);
  return module;
}

/// Refuses what the config may say but the ops' constraints exclude.
static llvm::Error checkRanges(const ModelConfig &config,
                               const std::string &path) {
  if (config.dConv < 2 || config.dConv > 8)
    return makeError(escaped(path, 4096) +
                     ": expected a convolution of width 2 to 8, found " +
                     Twine(config.dConv));
  if (static_cast<float>(config.normEps) < std::numeric_limits<float>::min())
    return makeError(escaped(path, 4096) +
                     ": expected an epsilon of the norms that is a normal "
                     "number in f32, found " +
                     llvm::formatv("{0:e}", config.normEps).str());
  return llvm::Error::success();
}

llvm::Expected<OwningOpRef<ModuleOp>>
ssmc::importModel(MLIRContext &context, StringRef directory,
                  const ImportOptions &options) {
  if (options.activation != DType::F32 && options.activation != DType::F16 &&
      options.activation != DType::BF16)
    return makeError(Twine("expected f32, f16 or bf16 as the type of "
                           "activations, found ") +
                     StringRef(dtypeName(options.activation)));

  auto inDirectory = [&](StringRef file) {
    SmallString<128> path(directory);
    llvm::sys::path::append(path, file);
    return std::string(path);
  };
  std::string configPath = inDirectory("config.json");
  Result<ModelConfig> config = readModelConfig(configPath);
  if (!config.ok())
    return makeError(config.status().message());
  if (llvm::Error error = checkRanges(*config, configPath))
    return error;
  Result<Checkpoint> checkpoint = Checkpoint::open(directory.str());
  if (!checkpoint.ok())
    return makeError(checkpoint.status().message());
  Result<std::vector<TensorInfo>> tensors = selectTensors(*config, *checkpoint);
  if (!tensors.ok())
    return makeError(tensors.status().message());
  context.loadDialect<SSMDialect, arith::ArithDialect, func::FuncDialect,
                      math::MathDialect, tensor::TensorDialect>();
  bool byteLevel = config->vocabSize == 256 &&
                   !llvm::sys::fs::exists(inDirectory("tokenizer.json"));
  OwningOpRef<ModuleOp> module =
      ModelBuilder(context, *config, options.activation)
          .build(*tensors, embeddingName(*config, *checkpoint), byteLevel);
  assert(succeeded(verify(*module)) && "importer made an invalid module");
  return module;
}
