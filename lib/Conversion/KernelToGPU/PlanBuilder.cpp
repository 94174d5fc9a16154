//===- PlanBuilder.cpp - From a function to its launch plan ---------------===//

#include "PlanBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ssmc/Analysis/KernelCost.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace ssmc;
using kernel::BufferKind;

/// Alignments beyond this many elements make no access wider.
static constexpr int64_t kMaxAlignment = 16;

AffineMap PlanBuilder::planMap(ArrayRef<AffineExpr> results) {
  return simplifyAffineMap(AffineMap::get(0, dims.getNames().size(), results,
                                          function.getContext()));
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

Value PlanBuilder::getBuffer(BufferKind kind, StringRef name, Type elementType,
                             ArrayRef<AffineExpr> sizes) {
  Value &buffer = buffers[{unsigned(kind), b.getStringAttr(name)}];
  if (buffer)
    return buffer;
  SmallVector<int64_t> shape;
  for (AffineExpr size : sizes) {
    auto constant = dyn_cast<AffineConstantExpr>(size);
    shape.push_back(constant ? constant.getValue() : ShapedType::kDynamic);
  }
  OpBuilder::InsertionGuard guard(b);
  if (lastBuffer)
    b.setInsertionPointAfter(lastBuffer);
  else
    b.setInsertionPointToStart(&plan.getBody().front());
  auto op = kernel::BufferOp::create(b, MemRefType::get(shape, elementType),
                                     kind, name, planMap(sizes),
                                     /*rules=*/ArrayAttr());
  lastBuffer = op;
  return buffer = op.getBuffer();
}

FailureOr<Value> PlanBuilder::getBufferOf(Value tensor, BufferKind kind,
                                          StringRef name) {
  FailureOr<SmallVector<AffineExpr>> sizes = dims.getSizes(tensor);
  if (failed(sizes))
    return failure();
  return getBuffer(kind, name, getElementTypeOrSelf(tensor.getType()), *sizes);
}

/// The strides of a contiguous, row-major tensor.
static SmallVector<AffineExpr> rowMajorStrides(ArrayRef<AffineExpr> sizes,
                                               MLIRContext *context) {
  SmallVector<AffineExpr> strides(sizes.size());
  AffineExpr stride = getAffineConstantExpr(1, context);
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride = stride * sizes[i];
  }
  return strides;
}

BufferView PlanBuilder::wholeBuffer(Value buffer) {
  auto op = buffer.getDefiningOp<kernel::BufferOp>();
  BufferView view;
  view.buffer = buffer;
  view.offset = b.getAffineConstantExpr(0);
  view.sizes.assign(op.getShape().getResults().begin(),
                    op.getShape().getResults().end());
  view.strides = rowMajorStrides(view.sizes, b.getContext());
  return view;
}

LogicalResult PlanBuilder::addBuffer(Value tensor, BufferKind kind,
                                     StringRef name) {
  FailureOr<Value> buffer = getBufferOf(tensor, kind, name);
  if (failed(buffer))
    return failure();
  views[tensor] = wholeBuffer(*buffer);
  return success();
}

ViewType PlanBuilder::viewType(const BufferView &view) const {
  auto fold = [](AffineExpr expr) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    return constant ? constant.getValue() : ShapedType::kDynamic;
  };
  ViewType type;
  type.elementType = cast<MemRefType>(view.buffer.getType()).getElementType();
  type.sizes = llvm::map_to_vector(view.sizes, fold);
  type.strides = llvm::map_to_vector(view.strides, fold);
  auto limit = [&](AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      if (constant.getValue() == 0)
        return;
    while (expr.getLargestKnownDivisor() % type.alignment != 0)
      type.alignment /= 2;
  };
  type.alignment = kMaxAlignment;
  limit(view.offset);
  ArrayRef<AffineExpr> strides =
      ArrayRef(view.strides).drop_back(view.strides.empty() ? 0 : 1);
  for (AffineExpr stride : strides)
    if (isa<AffineConstantExpr>(stride))
      limit(stride);
  type.possibleAlignment = type.alignment;
  for (AffineExpr stride : strides)
    limit(stride);
  return type;
}

//===----------------------------------------------------------------------===//
// The interface: inputs and sinks
//===----------------------------------------------------------------------===//

std::string PlanBuilder::inputName(unsigned number) {
  auto name = function.getArgAttrOfType<StringAttr>(number, "ssm.name");
  return name ? name.str() : "arg" + std::to_string(number);
}

std::string PlanBuilder::outputName(unsigned number) {
  auto name = function.getResultAttrOfType<StringAttr>(number, "ssm.name");
  return name ? name.str() : "result" + std::to_string(number);
}

/// Callers match tensors by name; a kernel has to be able to write each result.
LogicalResult PlanBuilder::checkInterface() {
  llvm::StringSet<> inputs, outputs;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (!inputs.insert(inputName(i)).second)
      return function.emitError("expects arguments of different names, got '")
             << inputName(i) << "' twice";
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    Type element = tensor ? tensor.getElementType() : Type();
    if (!tensor || !(element.isF32() || element.isF16() || element.isBF16() ||
                     element.isInteger(32)))
      return function.emitError("expects results to be tensors of f32, f16, "
                                "bf16 or i32, got ")
             << type;
    if (!outputs.insert(outputName(i)).second)
      return function.emitError("expects results of different names, got '")
             << outputName(i) << "' twice";
  }
  return success();
}

/// Makes each output, new state and derived tensor the result of a kernel of
/// its own, by copying what is an argument, a view, or already has another
/// place.
void PlanBuilder::giveSinksKernels() {
  auto addSink = [&](OpOperand &operand, BufferKind kind, StringRef name) {
    Value value = operand.get();
    if (!isa_and_nonnull<kernel::KernelOpInterface>(value.getDefiningOp()) ||
        sinks.count(value)) {
      ImplicitLocOpBuilder builder(operand.getOwner()->getLoc(),
                                   operand.getOwner());
      auto type = cast<RankedTensorType>(value.getType());
      AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
      auto copy = kernel::MapOp::create(
          builder, TypeRange{type}, value,
          builder.getAffineMapArrayAttr({identity, identity}),
          kernel::ScheduleAttr::get(builder.getContext(),
                                    kernel::Family::Elementwise, {}),
          ArrayAttr());
      builder.createBlock(&copy.getBody(), {}, type.getElementType(),
                          copy.getLoc());
      kernel::YieldOp::create(builder, copy.getBody().getArguments());
      operand.set(copy.getResult(0));
      value = copy.getResult(0);
    }
    sinks[value] = {kind, name.str(), operand.getOwner()};
  };

  for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
    if (auto set = dyn_cast<ssm::SetStateOp>(op))
      addSink(set.getValueMutable(), BufferKind::State, set.getName());
    else if (auto set = dyn_cast<kernel::SetDerivedOp>(op))
      addSink(set.getValueMutable(), BufferKind::Derived, set.getName());
  }
  Operation *terminator = function.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands())
    addSink(operand, BufferKind::Output,
            outputName(operand.getOperandNumber()));
}

/// Inputs and outputs are the first buffers, in the function's order.
LogicalResult PlanBuilder::createInterface() {
  for (BlockArgument argument : function.getArguments()) {
    if (argument.getType().isIndex())
      continue;
    if (failed(addBuffer(argument, BufferKind::Input,
                         inputName(argument.getArgNumber()))))
      return failure();
  }
  for (Value output : function.getBody().front().getTerminator()->getOperands())
    if (failed(getBufferOf(output, BufferKind::Output, sinks[output].name)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// Whether `op` may write its result straight to a state: nothing reads the old
/// one afterwards, nor the op itself once it has begun to write.
bool PlanBuilder::canWriteState(kernel::KernelOpInterface op, unsigned result,
                                StringRef state, bool &shared) {
  SmallVector<Value> olds;
  for (auto get : function.getOps<ssm::GetStateOp>())
    if (get.getName() == state)
      olds.push_back(get.getValue());
  while (!olds.empty()) {
    Value old = olds.pop_back_val();
    for (OpOperand &use : old.getUses()) {
      Operation *user = use.getOwner();
      if (user == op) {
        shared = true;
        if (!op.canShareBuffer(use.getOperandNumber(), result))
          return false;
      } else if (!user->isBeforeInBlock(op)) {
        return false;
      }
      if (!isa<kernel::KernelOpInterface>(user))
        llvm::append_range(olds, user->getResults());
    }
  }
  return true;
}

FailureOr<Value> PlanBuilder::placeResult(kernel::KernelOpInterface op,
                                          unsigned result, bool &shared) {
  Value value = op->getResult(result);
  auto sink = sinks.find(value);
  bool direct = sink != sinks.end();
  if (direct && sink->second.kind == BufferKind::State)
    direct = canWriteState(op, result, sink->second.name, shared);
  if (direct)
    return getBufferOf(value, sink->second.kind, sink->second.name);

  shared = false;
  FailureOr<Value> buffer = getBufferOf(value, BufferKind::Temporary,
                                        "t" + std::to_string(numTemporaries++));
  if (failed(buffer) || sink == sinks.end())
    return buffer;
  FailureOr<Value> target =
      getBufferOf(value, sink->second.kind, sink->second.name);
  if (failed(target))
    return failure();
  copies.push_back({*buffer, *target});
  return buffer;
}

/// Elements that the kernel will not write, copied from the operand that has
/// them unless `buffer` is its own.
LogicalResult PlanBuilder::startFromTied(kernel::KernelOpInterface op,
                                         unsigned result, Value buffer) {
  std::optional<unsigned> operand = op.getTiedOperand(result);
  if (!operand)
    return success();
  const BufferView &source = views.at(op->getOperand(*operand));
  if (source.buffer == buffer)
    return success();
  BufferView whole = wholeBuffer(source.buffer);
  if (source.sizes != whole.sizes || source.strides != whole.strides)
    return op->emitOpError("expects operand ")
           << *operand << " to be a whole tensor, not part of one, since rows "
           << "that no slot names are copied from it";
  b.setLoc(op.getLoc());
  kernel::CopyOp::create(b, source.buffer, buffer);
  return success();
}

/// Notes at inputs what a call has to check of the integers in them.
void PlanBuilder::addRules(kernel::KernelOpInterface op,
                           ArrayRef<BufferView> operands,
                           ArrayRef<AffineExpr> extents) {
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    auto rule = op.getIndexRule(i);
    auto buffer = operands[i].buffer.getDefiningOp<kernel::BufferOp>();
    if (!rule || buffer.getKind() != BufferKind::Input)
      continue;
    SmallVector<Attribute> rules;
    if (buffer.getRules())
      llvm::append_range(rules, *buffer.getRules());
    Attribute attr = kernel::InputRuleAttr::get(b.getContext(), rule->first,
                                                planMap(extents[rule->second]));
    if (!llvm::is_contained(rules, attr))
      rules.push_back(attr);
    buffer.setRulesAttr(b.getArrayAttr(rules));
  }
}

LogicalResult PlanBuilder::convertKernel(kernel::KernelOpInterface op) {
  SmallVector<BufferView> operands;
  SmallVector<ViewType> types;
  for (Value operand : op->getOperands()) {
    operands.push_back(views.at(operand));
    types.push_back(viewType(operands.back()));
  }
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    bool shared = false;
    FailureOr<Value> buffer = placeResult(op, i, shared);
    if (failed(buffer) || failed(startFromTied(op, i, *buffer)))
      return failure();
    BufferView view = wholeBuffer(*buffer);
    views[op->getResult(i)] = view;
    operands.push_back(view);
    types.push_back(viewType(view));
    if (!shared)
      continue;
    for (auto [type, operand] : llvm::zip(types, operands))
      type.shared |= operand.buffer == *buffer;
  }

  // The extents of the iteration space, from any operand or result.
  SmallVector<AffineExpr> extents(op.getNumIterationDims());
  SmallVector<AffineMap> maps = op.getOperandMaps();
  llvm::append_range(maps, op.getResultMaps());
  for (auto [view, map] : llvm::zip(operands, maps))
    for (auto [expr, size] : llvm::zip(map.getResults(), view.sizes))
      if (std::optional<kernel::SizedDim> sized = kernel::getSizedDim(expr))
        extents[sized->dim] = size - sized->extra;
  SmallVector<int64_t> staticExtents =
      llvm::map_to_vector(extents, [](AffineExpr extent) {
        auto constant = dyn_cast_or_null<AffineConstantExpr>(extent);
        return constant ? constant.getValue() : ShapedType::kDynamic;
      });

  addRules(op, operands, extents);
  b.setLoc(op.getLoc());
  if (!op.getVariantsAttr()) {
    launch(op, operands, types, extents, staticExtents);
    return success();
  }

  SmallVector<kernel::ScheduleAttr> schedules = op.getSchedules();
  op.setVariantsAttr(ArrayAttr());
  SmallVector<std::string> labels = llvm::map_to_vector(
      schedules, [](kernel::ScheduleAttr it) { return it.describe(); });
  auto choose = kernel::ChooseOp::create(
      b, b.getStringAttr(""),
      b.getStrArrayAttr(SmallVector<StringRef>(labels.begin(), labels.end())),
      /*costs=*/ArrayAttr(), schedules.size());
  std::vector<std::vector<Attribute>> alternatives;
  for (auto [schedule, region] :
       llvm::zip(schedules, choose.getAlternatives())) {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&region);
    op.setScheduleAttr(schedule);
    launch(op, operands, types, extents, staticExtents);
    std::vector<Attribute> &names = alternatives.emplace_back();
    for (auto it : region.getOps<kernel::LaunchOp>())
      names.push_back(it.getKernel());
  }
  choose.setGroupAttr(
      cache.getGroup(op->getName().stripDialect(), alternatives));
  return success();
}

void PlanBuilder::launch(kernel::KernelOpInterface op,
                         ArrayRef<BufferView> operands,
                         ArrayRef<ViewType> types, ArrayRef<AffineExpr> extents,
                         ArrayRef<int64_t> staticExtents) {
  const KernelCache::Entry &entry = cache.get(op, types, staticExtents);
  SmallVector<Value> arguments;
  SmallVector<AffineExpr> offsets;
  for (const BufferView &view : operands) {
    arguments.push_back(view.buffer);
    offsets.push_back(view.offset);
  }
  for (AffineExpr elements : entry.scratch) {
    arguments.push_back(
        getBuffer(BufferKind::Temporary, "t" + std::to_string(numTemporaries++),
                  b.getF32Type(), elements.replaceSymbols(extents)));
    offsets.push_back(b.getAffineConstantExpr(0));
  }
  KernelCost work = computeKernelCost(op);
  SmallVector<AffineExpr> cost = {work.bytes().replaceSymbols(extents),
                                  work.mufu.replaceSymbols(extents),
                                  work.fma.replaceSymbols(extents)};
  b.setLoc(op.getLoc());
  for (const KernelCache::Launch &launch : entry.launches) {
    SmallVector<AffineExpr> scalars;
    for (const ScalarParameter &scalar : launch.scalars)
      scalars.push_back(scalar.kind == ScalarParameter::Extent
                            ? extents[scalar.index]
                            : operands[scalar.index].strides[scalar.dim]);
    SmallVector<AffineExpr> grid =
        llvm::map_to_vector(launch.grid.getResults(), [&](AffineExpr expr) {
          return expr.replaceSymbols(extents);
        });
    // The op's cost is that of its last launch: those before it are the
    // schedule's own work, of which the op needs nothing.
    bool isLast = &launch == &entry.launches.back();
    AffineExpr zero = b.getAffineConstantExpr(0);
    AffineMap launchCost = isLast ? planMap(cost) : planMap({zero, zero, zero});
    kernel::LaunchOp::create(
        b,
        SymbolRefAttr::get(b.getContext(), kernels,
                           {FlatSymbolRefAttr::get(launch.name)}),
        planMap(grid), arguments, planMap(offsets), planMap(scalars),
        AffineMapAttr::get(launchCost));
  }
}

/// Views of contiguous, static tensors.
LogicalResult PlanBuilder::convertReshape(Operation *op) {
  Value source = op->getOperand(0), target = op->getResult(0);
  if (!cast<RankedTensorType>(source.getType()).hasStaticShape() ||
      !cast<RankedTensorType>(target.getType()).hasStaticShape())
    return op->emitError("expects static shapes, since a reshape is a view");
  BufferView view = views.at(source);
  if (view.strides != rowMajorStrides(view.sizes, b.getContext()))
    return op->emitError("cannot reshape part of a tensor without a copy");
  FailureOr<SmallVector<AffineExpr>> sizes = dims.getSizes(target);
  if (failed(sizes))
    return failure();
  BufferView result;
  result.buffer = view.buffer;
  result.offset = view.offset;
  result.sizes = *sizes;
  result.strides = rowMajorStrides(result.sizes, b.getContext());
  views[target] = result;
  return success();
}

LogicalResult PlanBuilder::convert(Operation &op) {
  if (auto kernelOp = dyn_cast<kernel::KernelOpInterface>(op))
    return convertKernel(kernelOp);
  if (auto get = dyn_cast<ssm::GetParameterOp>(op))
    return addBuffer(get.getValue(), BufferKind::Parameter, get.getName());
  if (auto get = dyn_cast<ssm::GetStateOp>(op))
    return addBuffer(get.getValue(), BufferKind::State, get.getName());
  if (auto get = dyn_cast<kernel::GetDerivedOp>(op))
    return addBuffer(get.getValue(), BufferKind::Derived, get.getName());
  if (auto split = dyn_cast<ssm::SplitOp>(op)) {
    BufferView view = views.at(split.getX());
    for (Value piece : split.getPieces()) {
      int64_t width = cast<RankedTensorType>(piece.getType()).getShape().back();
      AffineExpr next = view.offset + view.strides.back() * width;
      view.sizes.back() = b.getAffineConstantExpr(width);
      views[piece] = view;
      view.offset = next;
    }
    return success();
  }
  if (auto slice = dyn_cast<ssm::SliceOp>(op)) {
    BufferView view = views.at(slice.getX());
    uint64_t dim = slice.getDim();
    view.offset = view.offset + view.strides[dim] * slice.getOffset();
    view.strides[dim] = view.strides[dim] * slice.getStep();
    view.sizes[dim] = b.getAffineConstantExpr(
        cast<RankedTensorType>(slice.getY().getType()).getDimSize(dim));
    views[slice.getY()] = view;
    return success();
  }
  if (auto last = dyn_cast<ssm::LastTokensOp>(op)) {
    BufferView view = views.at(last.getX());
    AffineExpr count = dims.getScalar(last.getCount());
    if (!count)
      return op.emitError("expects count to be an argument of the function");
    view.offset = view.offset + (view.sizes[1] - count) * view.strides[1];
    view.sizes[1] = count;
    views[last.getY()] = view;
    return success();
  }
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return convertReshape(&op);
  if (isa<ssm::SetStateOp, kernel::SetDerivedOp, func::ReturnOp>(op) ||
      (isa<arith::ConstantOp>(op) && op.use_empty()))
    return success();
  return op.emitError("cannot be part of a launch plan");
}

LogicalResult PlanBuilder::build() {
  if (!function.getBody().hasOneBlock())
    return function.emitError("expects straight-line code, one block");
  if (failed(checkInterface()))
    return failure();
  giveSinksKernels();
  FailureOr<DimSymbols> symbols = DimSymbols::compute(function);
  if (failed(symbols))
    return failure();
  dims = std::move(*symbols);

  b.setInsertionPoint(function);
  SmallVector<StringRef> names(dims.getNames().begin(), dims.getNames().end());
  plan = kernel::PlanOp::create(b, (function.getName() + ".plan").str(),
                                b.getStrArrayAttr(names));
  b.createBlock(&plan.getBody());
  if (failed(createInterface()))
    return failure();
  for (Operation &op : function.getBody().front())
    if (failed(convert(op)))
      return failure();
  b.setLoc(function.getLoc());
  for (auto [source, target] : copies)
    kernel::CopyOp::create(b, source, target);
  return success();
}
