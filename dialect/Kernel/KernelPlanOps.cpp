//===- KernelPlanOps.cpp - Verifiers of launch plans ----------------------===//

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace ssmc::kernel;

LogicalResult DerivedOp::verify() {
  // (C1)
  if (!cast<RankedTensorType>(getType()).hasStaticShape())
    return emitOpError("expects a static shape, got ") << getType();
  return success();
}

/// (C1) of the users of derived tensors.
static LogicalResult verifyDerivedUse(Operation *op, FlatSymbolRefAttr name,
                                      Type type,
                                      SymbolTableCollection &symbols) {
  auto derived = symbols.lookupNearestSymbolFrom<DerivedOp>(op, name);
  if (!derived || derived.getType() != type)
    return op->emitOpError("expects the name of a 'kernel.derived' of type ")
           << type << ", got " << name;
  return success();
}

LogicalResult GetDerivedOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyDerivedUse(*this, getNameAttr(), getValue().getType(), symbols);
}

LogicalResult SetDerivedOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyDerivedUse(*this, getNameAttr(), getValue().getType(), symbols);
}

/// (C2) of plans: a map of an op inside.
static LogicalResult verifyPlanMap(Operation *op, StringRef what,
                                   AffineMap map) {
  size_t numDims = op->getParentOfType<PlanOp>().getDims().size();
  if (map.getNumDims() != 0 || map.getNumSymbols() != numDims)
    return op->emitOpError("expects ")
           << what << " to be a map of the plan's " << numDims
           << " dims as symbols, got " << AffineMapAttr::get(map);
  return success();
}

LogicalResult PlanOp::verify() {
  // (C1)
  for (Operation &op : getBody().front())
    if (!isa<BufferOp, LaunchOp, CopyOp, ChooseOp>(op)) {
      InFlightDiagnostic diagnostic =
          emitOpError("expects only buffers, launches, copies and choices");
      diagnostic.attachNote(op.getLoc()) << "got " << op.getName();
      return diagnostic;
    }
  return success();
}

LogicalResult BufferOp::verify() {
  if (failed(verifyPlanMap(*this, "shape", getShape())))
    return failure();
  // (C1)
  auto type = cast<MemRefType>(getBuffer().getType());
  bool fits = getShape().getNumResults() == type.getRank();
  for (unsigned i = 0; fits && i < type.getRank(); ++i) {
    auto constant = dyn_cast<AffineConstantExpr>(getShape().getResult(i));
    fits = type.isDynamicDim(i) ||
           (constant && constant.getValue() == type.getDimSize(i));
  }
  if (!fits)
    return emitOpError("expects a shape that fits ")
           << type << ", got " << getShapeAttr();
  // (C2)
  if (!getRules())
    return success();
  if (getKind() != BufferKind::Input || !type.getElementType().isInteger(32))
    return emitOpError("expects rules for inputs of i32 alone, got ") << type;
  for (auto rule : getRules()->getAsRange<InputRuleAttr>()) {
    if (failed(verifyPlanMap(*this, "a rule's limit", rule.getLimit())))
      return failure();
    if (rule.getLimit().getNumResults() != 1)
      return emitOpError("expects a limit of one number, got ") << rule;
  }
  return success();
}

LogicalResult LaunchOp::verify() {
  if (failed(verifyPlanMap(*this, "grid", getGrid())) ||
      failed(verifyPlanMap(*this, "offsets", getOffsets())) ||
      failed(verifyPlanMap(*this, "scalars", getScalars())))
    return failure();
  // (C1)
  if (getGrid().getNumResults() != 3)
    return emitOpError("expects a grid of three extents, got ")
           << getGridAttr();
  if (getOffsets().getNumResults() != getArgs().size())
    return emitOpError("expects an offset for each of the ")
           << getArgs().size() << " arguments, got " << getOffsetsAttr();
  // (C3)
  if (!getCost())
    return success();
  if (failed(verifyPlanMap(*this, "cost", *getCost())))
    return failure();
  if (getCost()->getNumResults() != 3)
    return emitOpError("expects a cost of three numbers, got ")
           << getCostAttr();
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (C2). After code generation the module is a gpu.binary, whose kernels have
  // no ops.
  Operation *container =
      symbols.lookupNearestSymbolFrom(*this, getKernel().getRootReference());
  if (container && isa<gpu::BinaryOp>(container))
    return success();
  Operation *kernel = symbols.lookupNearestSymbolFrom(*this, getKernel());
  if (!kernel)
    return emitOpError("expects the name of a kernel, got ") << getKernel();
  auto function = dyn_cast<gpu::GPUFuncOp>(kernel);
  size_t numArguments = getArgs().size() + getScalars().getNumResults();
  if (function && function.getNumArguments() != numArguments)
    return emitOpError("expects a kernel of ")
           << numArguments << " parameters, got " << function.getFunctionType();
  return success();
}

LogicalResult CopyOp::verify() {
  // (C1)
  if (getSource().getType() != getTarget().getType())
    return emitOpError("expects source and target of one type, got ")
           << getSource().getType() << " and " << getTarget().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// choose
//===----------------------------------------------------------------------===//

/// "group", then `alternative "label" (cost #map)? { … }` any number of times.
ParseResult ChooseOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr group;
  SmallVector<Attribute> labels, costs;
  if (parser.parseAttribute(group))
    return failure();
  SMLoc start = parser.getCurrentLocation();
  while (succeeded(parser.parseOptionalKeyword("alternative"))) {
    StringAttr label;
    AffineMapAttr cost;
    if (parser.parseAttribute(label))
      return failure();
    labels.push_back(label);
    if (succeeded(parser.parseOptionalKeyword("cost"))) {
      if (parser.parseAttribute(cost))
        return failure();
      costs.push_back(cost);
    }
    Region *region = result.addRegion();
    if (parser.parseRegion(*region, /*arguments=*/{}))
      return failure();
    if (region->empty())
      region->emplaceBlock();
  }
  if (!costs.empty() && costs.size() != labels.size())
    return parser.emitError(start, "expects a cost of each alternative or of "
                                   "none, got ")
           << costs.size() << " for " << labels.size();
  result.addAttribute(getGroupAttrName(result.name), group);
  result.addAttribute(getLabelsAttrName(result.name),
                      parser.getBuilder().getArrayAttr(labels));
  if (!costs.empty())
    result.addAttribute(getCostsAttrName(result.name),
                        parser.getBuilder().getArrayAttr(costs));
  return parser.parseOptionalAttrDictWithKeyword(result.attributes);
}

void ChooseOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getGroupAttr();
  for (auto [i, region] : llvm::enumerate(getAlternatives())) {
    if (i == 0)
      printer.printNewline();
    else
      printer << ' ';
    printer << "alternative " << getLabels()[i];
    if (getCosts())
      printer << " cost " << (*getCosts())[i];
    printer << ' ';
    printer.printRegion(region, /*printEntryBlockArgs=*/false);
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getGroupAttrName(), getLabelsAttrName(), getCostsAttrName()});
}

LogicalResult ChooseOp::verify() {
  // (C1)
  size_t count = getAlternatives().size();
  if (count < 2 || getLabels().size() != count)
    return emitOpError("expects two or more alternatives, each with a label, "
                       "got ")
           << count << " and " << getLabels().size() << " labels";
  for (auto [i, label] : llvm::enumerate(getLabels()))
    if (llvm::is_contained(getLabels().getValue().take_front(i), label))
      return emitOpError("expects labels that differ, got ")
             << label << " twice";
  // (C2)
  for (auto [label, region] : llvm::zip(getLabels(), getAlternatives())) {
    if (region.front().empty())
      return emitOpError("expects alternative ") << label << " to do something";
    for (Operation &op : region.front())
      if (!isa<LaunchOp, CopyOp>(op)) {
        InFlightDiagnostic diagnostic = emitOpError("expects only launches and "
                                                    "copies in alternative ")
                                        << label;
        diagnostic.attachNote(op.getLoc()) << "got " << op.getName();
        return diagnostic;
      }
  }
  // (C3)
  if (!getCosts())
    return success();
  if (getCosts()->size() != count)
    return emitOpError("expects ")
           << count << " costs, got " << getCosts()->size();
  for (AffineMap cost : getCosts()->getAsValueRange<AffineMapAttr>()) {
    if (failed(verifyPlanMap(*this, "a cost", cost)))
      return failure();
    if (cost.getNumResults() != 1)
      return emitOpError("expects a cost of one number, got ")
             << AffineMapAttr::get(cost);
  }
  return success();
}
