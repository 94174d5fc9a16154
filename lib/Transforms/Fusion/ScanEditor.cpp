//===- ScanEditor.cpp - Changing a kernel.scan in place -------------------===//
//
// The arguments of each region are
//   step        inputs without n
//   transition  step values, inputs with n
//   readout     h, step values, inputs with n
//   epilogue    the sum, step values, inputs without n
// where h and each input with n are two where the scan is complex.
//
//===----------------------------------------------------------------------===//

#include "ScanEditor.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::fusion;

AffineMap ScanEditor::getMap(unsigned input) {
  return cast<AffineMapAttr>(op.getMaps()[input]).getValue();
}

SmallVector<int64_t> ScanEditor::getShifts() {
  if (op.getShifts())
    return SmallVector<int64_t>(*op.getShifts());
  return SmallVector<int64_t>(op.getInputs().size(), 0);
}

void ScanEditor::setShifts(ArrayRef<int64_t> shifts) {
  bool any = llvm::any_of(shifts, [](int64_t shift) { return shift != 0; });
  op.setShiftsAttr(any ? rewriter.getDenseI64ArrayAttr(shifts)
                       : DenseI64ArrayAttr());
}

void ScanEditor::setMaps(ArrayRef<Attribute> maps) {
  op.setMapsAttr(rewriter.getArrayAttr(maps));
}

void ScanEditor::setOutputMap(AffineMap map) {
  SmallVector<Attribute> maps(op.getMaps().getValue());
  maps.back() = AffineMapAttr::get(map);
  rewriter.modifyOpInPlace(op, [&] { setMaps(maps); });
}

SmallVector<std::pair<Region *, unsigned>, 3> ScanEditor::users() {
  return {{&op.getTransition(), 0},
          {&op.getReadout(), components()},
          {&op.getEpilogue(), 1}};
}

BlockArgument ScanEditor::argument(Region &region, unsigned input) {
  bool withState = op.inputUsesState(input);
  bool getsStates =
      &region == &op.getTransition() || &region == &op.getReadout();
  if (withState != getsStates)
    return {};
  SmallVector<unsigned> inputs =
      withState ? op.getStateInputs() : op.getStepInputs();
  unsigned place = llvm::find(inputs, input) - inputs.begin();
  if (&region == &op.getStep())
    return region.getArgument(place);
  unsigned first = &region == &op.getEpilogue()  ? 1
                   : &region == &op.getReadout() ? components()
                                                 : 0;
  return region.getArgument(first + numStepValues() +
                            place * (withState ? components() : 1));
}

unsigned ScanEditor::addInput(Value tensor, AffineMap map, int64_t shift) {
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    if (op.getInputs()[i] == tensor && getMap(i) == map &&
        op.getShift(i) == shift)
      return i;
  unsigned input = op.getInputs().size();
  SmallVector<int64_t> shifts = getShifts();
  shifts.push_back(shift);
  SmallVector<Attribute> maps(op.getMaps().getValue());
  maps.insert(maps.begin() + input, AffineMapAttr::get(map));
  Type type = getElementTypeOrSelf(tensor);
  rewriter.modifyOpInPlace(op, [&] {
    op.getInputsMutable().append(tensor);
    setMaps(maps);
    setShifts(shifts);
    bool withState = op.inputUsesState(input);
    assert(!(withState && op.isComplex()) && "has two parts");
    Region *first = withState ? &op.getTransition() : &op.getStep();
    Region *second = withState ? &op.getReadout() : &op.getEpilogue();
    first->addArgument(type, tensor.getLoc());
    second->addArgument(type, tensor.getLoc());
  });
  return input;
}

void ScanEditor::removeInput(unsigned input) {
  SmallVector<int64_t> shifts = getShifts();
  shifts.erase(shifts.begin() + input);
  SmallVector<Attribute> maps(op.getMaps().getValue());
  maps.erase(maps.begin() + input);
  rewriter.modifyOpInPlace(op, [&] {
    for (Region *region : {&op.getStep(), &op.getTransition(), &op.getReadout(),
                           &op.getEpilogue()})
      if (BlockArgument first = argument(*region, input)) {
        unsigned count = op.inputUsesState(input) ? components() : 1;
        region->front().eraseArguments(first.getArgNumber(), count);
      }
    op.getInputsMutable().erase(input);
    setMaps(maps);
    setShifts(shifts);
  });
}

void ScanEditor::mergeInputs() {
  for (unsigned i = op.getInputs().size(); i-- > 1;)
    for (unsigned j = 0; j < i; ++j) {
      if (op.getInputs()[i] != op.getInputs()[j] || getMap(i) != getMap(j) ||
          op.getShift(i) != op.getShift(j))
        continue;
      unsigned count = op.inputUsesState(i) ? components() : 1;
      for (Region *region : {&op.getStep(), &op.getTransition(),
                             &op.getReadout(), &op.getEpilogue()}) {
        BlockArgument from = argument(*region, i), to = argument(*region, j);
        for (unsigned part = 0; from && part < count; ++part)
          rewriter.replaceAllUsesWith(
              region->getArgument(from.getArgNumber() + part),
              region->getArgument(to.getArgNumber() + part));
      }
      removeInput(i);
      break;
    }
}

void ScanEditor::replaceStepInput(unsigned input,
                                  llvm::function_ref<Value(Region &)> build) {
  OpBuilder::InsertionGuard guard(rewriter);
  BlockArgument inStep = argument(op.getStep(), input);
  BlockArgument inEpilogue = argument(op.getEpilogue(), input);
  Region &region = inStep.use_empty() ? op.getEpilogue() : op.getStep();
  rewriter.setInsertionPointToStart(&region.front());
  Value element = build(region);
  rewriter.replaceAllUsesWith(inStep, element);
  if (!inEpilogue.use_empty())
    rewriter.replaceAllUsesWith(inEpilogue,
                                &region == &op.getEpilogue()
                                    ? element
                                    : bring(element, op.getEpilogue()));
  removeInput(input);
}

Value ScanEditor::bring(Value value, Region &to) {
  if (auto own = dyn_cast<BlockArgument>(value);
      own && &to == &op.getEpilogue())
    return argument(to, op.getStepInputs()[own.getArgNumber()]);
  OpBuilder::InsertionGuard guard(rewriter);
  Operation *yield = stepYield();
  Value crossing = value.getType().isF32() ? value : Value();
  for (Operation *user : value.getUsers())
    if (auto wide = dyn_cast<arith::ExtFOp>(user))
      crossing = wide.getType().isF32() ? wide.getResult() : crossing;
  if (!crossing) {
    rewriter.setInsertionPoint(yield);
    crossing = arith::ExtFOp::create(rewriter, value.getLoc(),
                                     rewriter.getF32Type(), value);
  }
  unsigned place =
      llvm::find(yield->getOperands(), crossing) - yield->getOperands().begin();
  if (place == yield->getNumOperands())
    rewriter.modifyOpInPlace(op, [&] {
      for (auto [region, first] : users())
        region->insertArgument(first + place, rewriter.getF32Type(),
                               value.getLoc());
      yield->insertOperands(place, crossing);
    });
  Value brought;
  for (auto [region, first] : users())
    if (region == &to)
      brought = region->getArgument(first + place);
  if (brought.getType() == value.getType())
    return brought;
  rewriter.setInsertionPointToStart(&to.front());
  return arith::TruncFOp::create(rewriter, value.getLoc(), value.getType(),
                                 brought);
}

void ScanEditor::removeUnused() {
  auto removeOps = [&](Region &region) {
    for (Operation &dead :
         llvm::make_early_inc_range(llvm::reverse(region.front())))
      if (isOpTriviallyDead(&dead))
        rewriter.eraseOp(&dead);
  };
  for (auto [region, first] : users())
    removeOps(*region);
  for (unsigned place = numStepValues(); place-- > 0;) {
    auto isUsed = [&, place = place](auto user) {
      return !user.first->getArgument(user.second + place).use_empty();
    };
    SmallVector<std::pair<Region *, unsigned>, 3> regions = users();
    if (llvm::any_of(regions, isUsed))
      continue;
    rewriter.modifyOpInPlace(op, [&] {
      for (auto [region, first] : regions)
        region->eraseArgument(first + place);
      stepYield()->eraseOperand(place);
    });
  }
  removeOps(op.getStep());
}
