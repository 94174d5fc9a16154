//===- BundleWriter.cpp - Writing bundles ---------------------------------===//

#include "dialect/Kernel/KernelDialect.h"
#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "ssmc/Analysis/BufferLiveness.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/Bundle/Schema.h"
#include "ssmc/Support/DType.h"
#include "ssmc/Support/Producer.h"
#include "ssmc/Target/Bundle.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc;
using flatbuffers::Offset;

namespace {

class BundleWriter {
public:
  BundleWriter(ModuleOp module, StringRef source)
      : module(module), source(source) {}

  FailureOr<std::vector<uint8_t>> write();

private:
  template <typename T>
  using Offsets = std::vector<Offset<T>>;

  FailureOr<uint8_t> dtypeOf(Operation *op, Type type);
  template <typename Declaration>
  LogicalResult addTensors(kernel::BufferKind kind,
                           Offsets<bundle::Tensor> &tensors);
  LogicalResult addStates();
  LogicalResult addKernels(gpu::BinaryOp binary);
  LogicalResult addImages(gpu::BinaryOp binary);
  LogicalResult addEntry(kernel::PlanOp plan);
  FailureOr<Offset<bundle::Buffer>> addBuffer(kernel::BufferOp op,
                                              const BufferLiveness &liveness);
  Offset<bundle::Expr> addExpr(AffineExpr expr);
  Offsets<bundle::Expr> addExprs(AffineMap map);
  FailureOr<Offset<bundle::Step>> addLaunch(kernel::LaunchOp op);
  FailureOr<Offset<bundle::Step>> addCopy(kernel::CopyOp op);
  FailureOr<Offset<bundle::Step>> addChoose(kernel::ChooseOp op);
  FailureOr<Offset<bundle::Step>> addStep(Operation *op);
  FailureOr<uint32_t> addGroup(kernel::ChooseOp op);
  std::string describeGroup(kernel::ChooseOp op);
  Offset<bundle::Pointer> addPointer(Value buffer, AffineExpr elements);
  Offset<bundle::Model> addModel();

  ModuleOp module;
  StringRef source;
  flatbuffers::FlatBufferBuilder fbb;
  Offsets<bundle::Kernel> kernels;
  Offsets<bundle::Image> images;
  Offsets<bundle::Tensor> parameters, derived;
  Offsets<bundle::State> states;
  Offsets<bundle::Entry> entries;
  llvm::StringMap<uint32_t> kernelIndex;
  /// Parameters, states and derived tensors have names apart from each other,
  /// as symbols of one module.
  llvm::StringMap<std::pair<kernel::BufferKind, uint32_t>> tensorIndex;
  Offsets<bundle::VariantGroup> groups;
  /// The number of each group and the first step of it.
  llvm::StringMap<std::pair<uint32_t, kernel::ChooseOp>> groupIndex;
  /// How many groups have the same description so far.
  llvm::StringMap<uint32_t> groupsAlike;
  /// Block and shared memory of each kernel, as text.
  llvm::StringMap<std::string> kernelShapes;
  /// The buffers of the plan at hand.
  DenseMap<Value, uint32_t> bufferIndex;
  /// Images and bitcode, after the body.
  std::vector<std::string_view> blobs;
  uint32_t bitcodeSection = 0;
};

} // namespace

FailureOr<uint8_t> BundleWriter::dtypeOf(Operation *op, Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << getElementTypeOrSelf(type);
  std::optional<DType> dtype = parseDType(name);
  if (!dtype)
    return op->emitError("a bundle cannot hold elements of type ") << name;
  return uint8_t(*dtype);
}

template <typename Declaration>
LogicalResult BundleWriter::addTensors(kernel::BufferKind kind,
                                       Offsets<bundle::Tensor> &tensors) {
  for (auto declaration : module.getOps<Declaration>()) {
    auto type = cast<RankedTensorType>(declaration.getType());
    FailureOr<uint8_t> dtype = dtypeOf(declaration, type);
    if (failed(dtype))
      return failure();
    tensorIndex[declaration.getSymName()] = {kind, uint32_t(tensors.size())};
    std::vector<uint64_t> shape(type.getShape().begin(), type.getShape().end());
    tensors.push_back(bundle::CreateTensor(
        fbb, fbb.CreateString(declaration.getSymName().str()), *dtype,
        fbb.CreateVector(shape)));
  }
  return success();
}

LogicalResult BundleWriter::addStates() {
  for (auto state : module.getOps<ssm::StateOp>()) {
    auto type = cast<RankedTensorType>(state.getType());
    FailureOr<uint8_t> dtype = dtypeOf(state, type);
    if (failed(dtype))
      return failure();
    tensorIndex[state.getSymName()] = {kernel::BufferKind::State,
                                       uint32_t(states.size())};
    ArrayRef<int64_t> inner = type.getShape().drop_front();
    std::vector<uint64_t> shape(inner.begin(), inner.end());
    states.push_back(
        bundle::CreateState(fbb, fbb.CreateString(state.getSymName().str()),
                            *dtype, fbb.CreateVector(shape)));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

/// Appends `expr` in reverse Polish notation. Affine maps write a - b as
/// a + b * -1; a bundle has no negative numbers, but a Sub.
static void appendItems(AffineExpr expr, std::vector<bundle::ExprItem> &items) {
  using bundle::ExprItem;
  using bundle::ExprOp;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    items.push_back(ExprItem(constant.getValue(), ExprOp::Const));
    return;
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    items.push_back(ExprItem(symbol.getPosition(), ExprOp::Dim));
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  // The positive form of a term that is subtracted, or null.
  auto negated = [](AffineExpr term) -> AffineExpr {
    if (auto constant = dyn_cast<AffineConstantExpr>(term))
      return constant.getValue() < 0 ? -term : AffineExpr();
    auto product = dyn_cast<AffineBinaryOpExpr>(term);
    if (!product || product.getKind() != AffineExprKind::Mul)
      return nullptr;
    auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
    return factor && factor.getValue() < 0
               ? product.getLHS() * -factor.getValue()
               : AffineExpr();
  };
  ExprOp op;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    op = ExprOp::Add;
    if (AffineExpr positive = negated(lhs)) {
      lhs = rhs;
      rhs = positive;
      op = ExprOp::Sub;
    } else if (AffineExpr positive = negated(rhs)) {
      rhs = positive;
      op = ExprOp::Sub;
    }
    break;
  case AffineExprKind::Mul:
    op = ExprOp::Mul;
    break;
  case AffineExprKind::FloorDiv:
    op = ExprOp::FloorDiv;
    break;
  case AffineExprKind::CeilDiv:
    op = ExprOp::CeilDiv;
    break;
  default:
    op = ExprOp::Mod;
    break;
  }
  appendItems(lhs, items);
  appendItems(rhs, items);
  items.push_back(ExprItem(0, op));
}

Offset<bundle::Expr> BundleWriter::addExpr(AffineExpr expr) {
  std::vector<bundle::ExprItem> items;
  appendItems(expr, items);
  return bundle::CreateExpr(fbb, fbb.CreateVectorOfStructs(items));
}

BundleWriter::Offsets<bundle::Expr> BundleWriter::addExprs(AffineMap map) {
  Offsets<bundle::Expr> exprs;
  for (AffineExpr expr : map.getResults())
    exprs.push_back(addExpr(expr));
  return exprs;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

FailureOr<Offset<bundle::Buffer>>
BundleWriter::addBuffer(kernel::BufferOp op, const BufferLiveness &liveness) {
  using kernel::BufferKind;
  uint32_t index = 0;
  if (op.getKind() == BufferKind::Parameter ||
      op.getKind() == BufferKind::State ||
      op.getKind() == BufferKind::Derived) {
    auto known = tensorIndex.find(op.getName());
    if (known == tensorIndex.end() || known->second.first != op.getKind())
      return op.emitError("names no ")
             << stringifyBufferKind(op.getKind()) << " tensor of the module";
    index = known->second.second;
  }
  FailureOr<uint8_t> dtype = dtypeOf(op, op.getBuffer().getType());
  if (failed(dtype))
    return failure();
  BufferLiveness::Range range = liveness.get(op.getBuffer());
  auto kind = bundle::BufferKind(uint32_t(op.getKind()));
  Offset<flatbuffers::Vector<Offset<bundle::InputRule>>> rules;
  if (op.getRules()) {
    Offsets<bundle::InputRule> list;
    for (auto rule : op.getRules()->getAsRange<kernel::InputRuleAttr>())
      list.push_back(bundle::CreateInputRule(
          fbb, bundle::InputRuleKind(uint32_t(rule.getRule())),
          addExpr(rule.getLimit().getResult(0))));
    rules = fbb.CreateVector(list);
  }
  return bundle::CreateBuffer(fbb, kind, index,
                              fbb.CreateString(op.getName().str()), *dtype,
                              fbb.CreateVector(addExprs(op.getShape())),
                              range.first, range.last, rules);
}

Offset<bundle::Pointer> BundleWriter::addPointer(Value buffer,
                                                 AffineExpr elements) {
  Type type = cast<MemRefType>(buffer.getType()).getElementType();
  int64_t bytes = type.getIntOrFloatBitWidth() / 8;
  return bundle::CreatePointer(fbb, bufferIndex.at(buffer),
                               addExpr(elements * bytes));
}

FailureOr<Offset<bundle::Step>> BundleWriter::addLaunch(kernel::LaunchOp op) {
  StringRef name = op.getKernel().getLeafReference();
  auto known = kernelIndex.find(name);
  if (known == kernelIndex.end())
    return op.emitError("names no kernel of the module's gpu.binary");
  Offsets<bundle::Pointer> pointers;
  for (auto [buffer, offset] :
       llvm::zip(op.getArgs(), op.getOffsets().getResults()))
    pointers.push_back(addPointer(buffer, offset));
  Offset<bundle::Cost> cost;
  if (std::optional<AffineMap> map = op.getCost())
    cost = bundle::CreateCost(fbb, addExpr(map->getResult(0)),
                              addExpr(map->getResult(1)),
                              addExpr(map->getResult(2)));
  auto launch = bundle::CreateLaunch(
      fbb, known->second, fbb.CreateVector(addExprs(op.getGrid())),
      fbb.CreateVector(pointers), fbb.CreateVector(addExprs(op.getScalars())),
      cost);
  return bundle::CreateStep(fbb, bundle::StepAction::Launch, launch.Union());
}

FailureOr<Offset<bundle::Step>> BundleWriter::addCopy(kernel::CopyOp op) {
  auto source = op.getSource().getDefiningOp<kernel::BufferOp>();
  if (!source)
    return op.emitError("expects a buffer of the plan");
  Type type = cast<MemRefType>(op.getSource().getType()).getElementType();
  AffineExpr bytes =
      getAffineConstantExpr(type.getIntOrFloatBitWidth() / 8, op.getContext());
  for (AffineExpr size : source.getShape().getResults())
    bytes = bytes * size;
  AffineExpr zero = getAffineConstantExpr(0, op.getContext());
  auto copy =
      bundle::CreateCopy(fbb, addPointer(op.getSource(), zero),
                         addPointer(op.getTarget(), zero), addExpr(bytes));
  return bundle::CreateStep(fbb, bundle::StepAction::Copy, copy.Union());
}

/// What a kernel of this name does: its name without the number, which says
/// only in which order kernels were made. "scan_summarize" of
/// "scan_4_summarize".
static std::string kernelKind(StringRef name) {
  SmallVector<StringRef> parts;
  name.split(parts, '_');
  llvm::erase_if(parts, [](StringRef part) {
    return !part.empty() && llvm::all_of(part, llvm::isDigit);
  });
  return llvm::join(parts, "_");
}

/// What the choice depends on, but for the sizes of a call.
std::string BundleWriter::describeGroup(kernel::ChooseOp op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (auto [label, region] : llvm::zip(op.getLabels(), op.getAlternatives())) {
    os << label << '\n';
    for (auto launch : region.getOps<kernel::LaunchOp>()) {
      StringRef kernel = launch.getKernel().getLeafReference();
      os << kernelKind(kernel) << ' ' << kernelShapes.lookup(kernel) << ' '
         << launch.getGridAttr();
      for (Value argument : launch.getArgs())
        os << ' ' << argument.getType();
      os << '\n';
    }
  }
  return text;
}

FailureOr<uint32_t> BundleWriter::addGroup(kernel::ChooseOp op) {
  auto [it, isNew] =
      groupIndex.try_emplace(op.getGroup(), uint32_t(groups.size()), op);
  auto [index, first] = it->second;
  if (!isNew) {
    if (first.getLabelsAttr() == op.getLabelsAttr())
      return index;
    InFlightDiagnostic diagnostic =
        op.emitError("expects the labels of the group's other steps, ")
        << first.getLabelsAttr();
    diagnostic.attachNote(first.getLoc()) << "such as this one";
    return diagnostic;
  }
  std::string description = describeGroup(op);
  // Kernels that differ in nothing but what they compute have groups of their
  // own, which their order tells apart.
  description += std::to_string(groupsAlike[description]++);
  Offsets<flatbuffers::String> labels;
  for (auto label : op.getLabels().getAsValueRange<StringAttr>())
    labels.push_back(fbb.CreateString(label.str()));
  groups.push_back(bundle::CreateVariantGroup(
      fbb, fbb.CreateString(op.getGroup().str()), bundle::checksum(description),
      fbb.CreateVector(labels)));
  return index;
}

FailureOr<Offset<bundle::Step>> BundleWriter::addChoose(kernel::ChooseOp op) {
  FailureOr<uint32_t> group = addGroup(op);
  if (failed(group))
    return failure();
  Offsets<bundle::Alternative> alternatives;
  for (auto [i, region] : llvm::enumerate(op.getAlternatives())) {
    Offsets<bundle::Step> steps;
    for (Operation &part : region.front()) {
      FailureOr<Offset<bundle::Step>> step = addStep(&part);
      if (failed(step))
        return failure();
      steps.push_back(*step);
    }
    Offset<bundle::Expr> cost;
    if (op.getCosts())
      cost = addExpr(
          cast<AffineMapAttr>((*op.getCosts())[i]).getValue().getResult(0));
    alternatives.push_back(
        bundle::CreateAlternative(fbb, fbb.CreateVector(steps), cost));
  }
  auto choose =
      bundle::CreateChoose(fbb, *group, fbb.CreateVector(alternatives));
  return bundle::CreateStep(fbb, bundle::StepAction::Choose, choose.Union());
}

FailureOr<Offset<bundle::Step>> BundleWriter::addStep(Operation *op) {
  return llvm::TypeSwitch<Operation *, FailureOr<Offset<bundle::Step>>>(op)
      .Case([&](kernel::LaunchOp launch) { return addLaunch(launch); })
      .Case([&](kernel::ChooseOp choose) { return addChoose(choose); })
      .Default(
          [&](Operation *copy) { return addCopy(cast<kernel::CopyOp>(copy)); });
}

LogicalResult BundleWriter::addEntry(kernel::PlanOp plan) {
  BufferLiveness liveness(plan);
  bufferIndex.clear();
  Offsets<bundle::Buffer> buffers;
  Offsets<bundle::Step> steps;
  for (Operation &op : plan.getBody().front()) {
    if (auto buffer = dyn_cast<kernel::BufferOp>(op)) {
      FailureOr<Offset<bundle::Buffer>> offset = addBuffer(buffer, liveness);
      if (failed(offset))
        return failure();
      bufferIndex[buffer.getBuffer()] = buffers.size();
      buffers.push_back(*offset);
      continue;
    }
    FailureOr<Offset<bundle::Step>> step = addStep(&op);
    if (failed(step))
      return failure();
    steps.push_back(*step);
  }
  Offsets<flatbuffers::String> dims;
  for (auto name : plan.getDims().getAsValueRange<StringAttr>())
    dims.push_back(fbb.CreateString(name.str()));
  entries.push_back(bundle::CreateEntry(
      fbb, fbb.CreateString(plan.getSymName().str()), fbb.CreateVector(dims),
      fbb.CreateVector(buffers), fbb.CreateVector(steps)));
  return success();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

LogicalResult BundleWriter::addKernels(gpu::BinaryOp binary) {
  auto table = binary->getAttrOfType<ArrayAttr>("kernel.table");
  if (!table)
    return binary.emitError("expects the attribute kernel.table, which "
                            "gpu-emit-ptx makes");
  // The pointer parameters of each kernel, as its launches have them.
  llvm::StringMap<uint32_t> pointers;
  module.walk([&](kernel::LaunchOp op) {
    pointers[op.getKernel().getLeafReference()] = op.getArgs().size();
  });
  for (Attribute attribute : table) {
    auto entry = dyn_cast<DictionaryAttr>(attribute);
    auto name = entry ? entry.getAs<StringAttr>("name") : StringAttr();
    auto block =
        entry ? entry.getAs<DenseI32ArrayAttr>("block") : DenseI32ArrayAttr();
    auto parameters =
        entry ? entry.getAs<IntegerAttr>("parameters") : IntegerAttr();
    auto shared =
        entry ? entry.getAs<IntegerAttr>("shared_bytes") : IntegerAttr();
    if (!name || !block || block.size() != 3 || !parameters || !shared)
      return binary.emitError("expects kernel.table entries of name, block, "
                              "parameters and shared_bytes, got ")
             << attribute;
    kernelIndex[name.getValue()] = kernels.size();
    uint32_t numPointers = pointers.lookup(name.getValue());
    std::vector<uint32_t> extents(block.asArrayRef().begin(),
                                  block.asArrayRef().end());
    llvm::raw_string_ostream(kernelShapes[name.getValue()])
        << block << ' ' << shared;
    kernels.push_back(bundle::CreateKernel(
        fbb, fbb.CreateString(name.str()), fbb.CreateVector(extents),
        numPointers, parameters.getInt() - numPointers, shared.getInt(),
        fbb.CreateString(kernelKind(name.getValue()))));
  }
  return addImages(binary);
}

LogicalResult BundleWriter::addImages(gpu::BinaryOp binary) {
  // The sections of each architecture; 0 is for none.
  struct Sections {
    uint32_t ptx = 0, cubin = 0;
  };
  llvm::MapVector<StringRef, Sections> archs;
  for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
    // Section 0 is the body.
    uint32_t section = 1 + blobs.size();
    blobs.push_back(object.getObject().getValue());
    if (object.getFormat() == gpu::CompilationTarget::Offload) {
      bitcodeSection = section;
      continue;
    }
    auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
    if (!target)
      return binary.emitError("expects NVVM targets, got ")
             << object.getTarget();
    Sections &sections = archs[target.getChip()];
    bool isCubin = object.getFormat() == gpu::CompilationTarget::Binary;
    uint32_t &place = isCubin ? sections.cubin : sections.ptx;
    if (place)
      return binary.emitError("expects one ")
             << (isCubin ? "cubin" : "PTX") << " for " << target.getChip()
             << ", got two";
    place = section;
  }
  for (const auto &[arch, sections] : archs)
    images.push_back(
        bundle::CreateImage(fbb, fbb.CreateString(arch.str()),
                            sections.ptx ? sections.ptx : sections.cubin,
                            sections.ptx ? sections.cubin : 0));
  return success();
}

Offset<bundle::Model> BundleWriter::addModel() {
  auto model = module->getAttrOfType<DictionaryAttr>("ssm.model");
  if (!model)
    return 0;
  auto integer = [&](StringRef name, int64_t fallback) {
    auto attr = model.getAs<IntegerAttr>(name);
    return attr ? attr.getInt() : fallback;
  };
  auto type = model.getAs<StringAttr>("model_type");
  auto byteLevel = model.getAs<BoolAttr>("byte_level");
  return bundle::CreateModel(
      fbb, fbb.CreateString(type ? type.str() : ""), integer("vocab_size", 0),
      byteLevel && byteLevel.getValue(), integer("eos_token_id", -1),
      integer("num_layers", 0), integer("d_model", 0));
}

FailureOr<std::vector<uint8_t>> BundleWriter::write() {
  auto binaries = llvm::to_vector(module.getOps<gpu::BinaryOp>());
  if (binaries.size() != 1)
    return module.emitError("expects one gpu.binary, got ") << binaries.size();
  using kernel::BufferKind;
  if (failed(addTensors<ssm::ParameterOp>(BufferKind::Parameter, parameters)) ||
      failed(addTensors<kernel::DerivedOp>(BufferKind::Derived, derived)) ||
      failed(addStates()) || failed(addKernels(binaries[0])))
    return failure();
  for (auto plan : module.getOps<kernel::PlanOp>())
    if (failed(addEntry(plan)))
      return failure();
  Offset<bundle::Model> model = addModel();
  auto body = bundle::CreateBundle(
      fbb, fbb.CreateString(producer()), fbb.CreateString(source.str()),
      fbb.CreateVector(kernels), fbb.CreateVector(images), bitcodeSection,
      fbb.CreateVector(parameters), fbb.CreateVector(states),
      fbb.CreateVector(derived), fbb.CreateVector(entries), model,
      fbb.CreateVector(groups));
  fbb.Finish(body, bundle::BundleIdentifier());
  std::vector<std::string_view> sections = {
      {reinterpret_cast<const char *>(fbb.GetBufferPointer()), fbb.GetSize()}};
  sections.insert(sections.end(), blobs.begin(), blobs.end());
  Result<std::vector<uint8_t>> bytes = bundle::assembleContainer(sections);
  if (!bytes.ok())
    return module.emitError(bytes.status().message());
  return std::move(*bytes);
}

FailureOr<std::vector<uint8_t>> ssmc::writeBundle(ModuleOp module,
                                                  StringRef source) {
  return BundleWriter(module, source).write();
}
