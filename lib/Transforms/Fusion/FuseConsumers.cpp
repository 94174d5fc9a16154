//===- FuseConsumers.cpp - kernel.map into the epilogue before it ---------===//

#include "Common.h"
#include "ScanEditor.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ssmc/Transforms/Fusion.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::fusion;
using kernel::KernelOpInterface;
using kernel::MapOp;
using kernel::ScanOp;
using kernel::WindowOp;

/// The place among `map`'s inputs of the tensor that it reads there alone.
static std::optional<unsigned> onlyPlace(MapOp map, Value tensor) {
  if (!llvm::all_of(tensor.getUsers(),
                    [&](Operation *user) { return user == map; }) ||
      llvm::count(map.getInputs(), tensor) != 1)
    return std::nullopt;
  return llvm::find(map.getInputs(), tensor) - map.getInputs().begin();
}

/// The map from a kernel's iteration space to that of a kernel.map, which reads
/// the kernel's result at `place`.
static AffineMap toConsumer(KernelOpInterface op, MapOp map, unsigned place) {
  return inversePermutation(map.getOperandMaps()[place])
      .compose(op.getResultMaps()[0]);
}

static Refusal whyApart(KernelOpInterface op, bool hasPadding, MapOp map) {
  if (hasPadding)
    return "what it makes of the 0 at steps of no sequence need not be 0";
  if (map.getOutputs().size() != 1)
    return "it has several results";
  std::optional<unsigned> place = onlyPlace(map, op->getResult(0));
  if (!place)
    return "it is not the only one to read that result, in one place";
  if (!map.getOperandMaps()[*place].isPermutation())
    return "it does not read each element once";
  for (Value input : map.getInputs())
    if (!isa<FloatType>(getElementTypeOrSelf(input)))
      return "it reads integers, which the other kernel does not";
  AffineMap result =
      map.getResultMaps()[0].compose(toConsumer(op, map, *place));
  if (isa<WindowOp>(op) && result != op.getOperandMaps()[0])
    return "a window's result is laid out as its input is";
  return std::nullopt;
}

/// Whether the other inputs of `map` could be made to come before `op`.
static bool moveInputsBefore(RewriterBase &rewriter, MapOp map, Operation *op) {
  SmallVector<Value> others = llvm::filter_to_vector(
      map.getInputs(), [&](Value value) { return value != op->getResult(0); });
  bool readsState = llvm::any_of(
      others, [&](Value value) { return value.getDefiningOp() == op; });
  return !readsState && succeeded(moveValueDefinitions(rewriter, others, op));
}

/// Adds an input without n, as the epilogue gets it.
static Value addEpilogueInput(RewriterBase &rewriter, WindowOp window,
                              Value tensor, AffineMap map) {
  Value argument;
  SmallVector<Attribute> maps(window.getMaps().getValue());
  maps.insert(maps.end() - 1, AffineMapAttr::get(map));
  rewriter.modifyOpInPlace(window, [&] {
    window.getInputsMutable().append(tensor);
    window.setMapsAttr(rewriter.getArrayAttr(maps));
    argument = window.getEpilogue().addArgument(getElementTypeOrSelf(tensor),
                                                tensor.getLoc());
  });
  return argument;
}
static Value addEpilogueInput(RewriterBase &rewriter, ScanOp scan, Value tensor,
                              AffineMap map) {
  ScanEditor editor(rewriter, scan);
  unsigned input = editor.addInput(tensor, map);
  return editor.argument(scan.getEpilogue(), input);
}

template <typename OpTy>
static void fuse(RewriterBase &rewriter, OpTy op, MapOp map) {
  remarkFused(map, op, "the epilogue of " + op->getName().getStringRef());
  unsigned place = *onlyPlace(map, op.getOutput());
  AffineMap toMap = toConsumer(op, map, place);
  AffineMap result = map.getResultMaps()[0].compose(toMap);
  Operation *yield = op.getEpilogue().front().getTerminator();
  SmallVector<Value> arguments;
  for (auto [i, input] : llvm::enumerate(map.getInputs()))
    arguments.push_back(
        i == place ? yield->getOperand(0)
                   : addEpilogueInput(rewriter, op, input,
                                      map.getOperandMaps()[i].compose(toMap)));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(yield);
  Value element = inlineRegion(rewriter, map.getBody(), arguments)[0];
  SmallVector<Attribute> maps(op.getMaps().getValue());
  maps.back() = AffineMapAttr::get(result);
  rewriter.modifyOpInPlace(op, [&] {
    yield->setOperand(0, element);
    op.setMapsAttr(rewriter.getArrayAttr(maps));
    op->getResult(0).setType(map.getOutputs()[0].getType());
  });
  rewriter.replaceAllUsesWith(map.getOutputs()[0], op.getOutput());
  rewriter.eraseOp(map);
}

template <typename OpTy>
static void fuseAll(RewriterBase &rewriter, OpTy op) {
  bool hasPadding = op.getOffsets() || op.getSlots();
  while (true) {
    auto users = llvm::make_filter_range(op.getOutput().getUsers(),
                                         llvm::IsaPred<MapOp>);
    if (users.empty())
      return;
    auto map = cast<MapOp>(*users.begin());
    mergeInputs(rewriter, map);
    Refusal refusal = whyApart(op, hasPadding, map);
    if (!refusal && !moveInputsBefore(rewriter, map, op))
      refusal = "it needs something that comes after the other";
    if (refusal)
      return remarkApart(map, op, *refusal);
    fuse(rewriter, op, map);
  }
}

void ssmc::fuseConsumers(RewriterBase &rewriter, Operation *root) {
  for (ScanOp scan : kernelsIn<ScanOp>(root))
    fuseAll(rewriter, scan);
  for (WindowOp window : kernelsIn<WindowOp>(root))
    fuseAll(rewriter, window);
}
