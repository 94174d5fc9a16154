//===- FuseProducers.cpp - kernel.map into the kernel.scan that reads it --===//
//
// What a map computes with n goes to the transition and the readout; those of
// its ops that need nothing with n go to the step, which runs once for all
// states of a channel.
//
//===----------------------------------------------------------------------===//

#include "Common.h"
#include "ScanEditor.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "ssmc/Transforms/Fusion.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::fusion;
using kernel::Destination;
using kernel::MapOp;
using kernel::ScanOp;

namespace {

/// The iteration dimensions of a scan.
enum Dim : unsigned { b, t, d, n };

class ProducerFusion {
public:
  ProducerFusion(RewriterBase &rewriter, ScanOp scan)
      : rewriter(rewriter), scan(scan), editor(rewriter, scan) {}

  /// Moves all maps that may move `into` the scan, and those that they read.
  void run(Destination into);

private:
  Refusal whyApart(MapOp map, unsigned input);
  void fuse(MapOp map, unsigned input);
  void moveWithState(MapOp map, ArrayRef<unsigned> inputs, unsigned input);
  void takeLogarithm();

  RewriterBase &rewriter;
  ScanOp scan;
  ScanEditor editor;
};

} // namespace

Refusal ProducerFusion::whyApart(MapOp map, unsigned input) {
  if (map.getOutputs().size() != 1)
    return "it has several results";
  if (!map.getOutputs()[0].hasOneUse())
    return "its result has another user";
  if (scan.getShift(input) != 0)
    return "the scan reads its result at an earlier step";
  bool withState = scan.inputUsesState(input);
  if (withState && scan.isComplex())
    return "the scan is complex";
  for (Value operand : map.getInputs())
    if (!isa<FloatType>(getElementTypeOrSelf(operand)))
      return "it reads integers, which a scan does not";
  // Packed sequences take turns along t.
  SmallVector<unsigned> dims = {t, d};
  if (!scan.getOffsets())
    dims.push_back(b);
  if (withState)
    dims.push_back(n);
  return whyRecomputed(scan, editor.getMap(input), dims);
}

void ProducerFusion::moveWithState(MapOp map, ArrayRef<unsigned> inputs,
                                   unsigned input) {
  // What depends on an input with n, and constants, which are written where
  // they are used.
  Block &body = map.getBody().front();
  DenseSet<Value> perState;
  for (auto [argument, place] : llvm::zip(body.getArguments(), inputs))
    if (scan.inputUsesState(place))
      perState.insert(argument);
  IRMapping inStep;
  for (auto [argument, place] : llvm::zip(body.getArguments(), inputs))
    if (!scan.inputUsesState(place))
      inStep.map(argument, editor.argument(scan.getStep(), place));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(scan.getStep().front().getTerminator());
  auto isPerState = [&](Value value) { return perState.contains(value); };
  auto isConstant = [](Operation &op) {
    return op.hasTrait<OpTrait::ConstantLike>();
  };
  for (Operation &op : body.without_terminator())
    if (llvm::any_of(op.getOperands(), isPerState))
      perState.insert(op.result_begin(), op.result_end());
    else
      rewriter.clone(op, inStep);

  for (Region *region : {&scan.getTransition(), &scan.getReadout()}) {
    if (editor.argument(*region, input).use_empty())
      continue;
    IRMapping mapping;
    for (auto [argument, place] : llvm::zip(body.getArguments(), inputs))
      if (isPerState(argument))
        mapping.map(argument, editor.argument(*region, place));
    auto valueOf = [&](Value value) {
      if (!mapping.contains(value))
        mapping.map(value, editor.bring(inStep.lookup(value), *region));
    };
    // Before what uses the input, and after what brings a half here.
    Operation *start = &region->front().front();
    for (Operation &op : body.without_terminator()) {
      bool isOwn = isConstant(op) || llvm::any_of(op.getOperands(), isPerState);
      if (!isOwn)
        continue;
      for (Value operand : op.getOperands())
        valueOf(operand);
      rewriter.setInsertionPoint(start);
      rewriter.clone(op, mapping);
    }
    Value element = body.getTerminator()->getOperand(0);
    valueOf(element);
    rewriter.replaceAllUsesWith(editor.argument(*region, input),
                                mapping.lookup(element));
  }
  editor.removeInput(input);
}

void ProducerFusion::fuse(MapOp map, unsigned input) {
  bool withState = scan.inputUsesState(input);
  remarkFused(map, scan,
              withState ? "the transition of kernel.scan"
                        : "the step of kernel.scan");
  SmallVector<unsigned> inputs;
  SmallVector<AffineMap> maps = composeInputMaps(map, editor.getMap(input));
  for (auto [tensor, inputMap] : llvm::zip(map.getInputs(), maps))
    inputs.push_back(editor.addInput(tensor, inputMap));
  if (withState)
    moveWithState(map, inputs, input);
  else
    editor.replaceStepInput(input, [&](Region &region) {
      SmallVector<Value> arguments;
      for (unsigned place : inputs)
        arguments.push_back(editor.argument(region, place));
      return inlineRegion(rewriter, map.getBody(), arguments)[0];
    });
  rewriter.eraseOp(map);
}

/// decay linear of exp2(x) is decay exp2 of x.
void ProducerFusion::takeLogarithm() {
  if (scan.getDecay() != kernel::Decay::Linear)
    return;
  Operation *yield = scan.getTransition().front().getTerminator();
  Value decay = yield->getOperand(0);
  auto exp2 = decay.getDefiningOp<math::Exp2Op>();
  Value logarithm;
  if (exp2) {
    logarithm = exp2.getOperand();
  } else if (auto argument = dyn_cast<BlockArgument>(decay)) {
    // A step value: the recurrence has the same decay for all states.
    Operation *values = scan.getStep().front().getTerminator();
    if (argument.getArgNumber() >= values->getNumOperands())
      return;
    if (auto inStep = values->getOperand(argument.getArgNumber())
                          .getDefiningOp<math::Exp2Op>())
      logarithm = editor.bring(inStep.getOperand(), scan.getTransition());
  }
  if (!logarithm)
    return;
  rewriter.modifyOpInPlace(scan, [&] {
    yield->setOperand(0, logarithm);
    scan.setDecay(kernel::Decay::Exp2);
  });
  if (exp2 && exp2->use_empty())
    rewriter.eraseOp(exp2);
}

void ProducerFusion::run(Destination into) {
  editor.mergeInputs();
  auto nextFusable = [&]() -> std::optional<unsigned> {
    for (unsigned i = 0; i < scan.getInputs().size(); ++i) {
      auto map = scan.getInputs()[i].getDefiningOp<MapOp>();
      if (map && scan.inputUsesState(i) == (into == Destination::Transition) &&
          !whyApart(map, i))
        return i;
    }
    return std::nullopt;
  };
  while (std::optional<unsigned> input = nextFusable())
    fuse(scan.getInputs()[*input].getDefiningOp<MapOp>(), *input);
  takeLogarithm();
  editor.removeUnused();

  for (unsigned i = 0; i < scan.getInputs().size(); ++i) {
    auto map = scan.getInputs()[i].getDefiningOp<MapOp>();
    if (map && scan.inputUsesState(i) == (into == Destination::Transition))
      remarkApart(map, scan, *whyApart(map, i));
  }
}

void ssmc::fuseProducers(RewriterBase &rewriter, Operation *root,
                         Destination into) {
  for (ScanOp scan : kernelsIn<ScanOp>(root))
    ProducerFusion(rewriter, scan).run(into);
}
