//===- Common.cpp - What the fusions share --------------------------------===//

#include "Common.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::kernel;

static remark::RemarkOpts options() {
  return remark::RemarkOpts::name("Fuse").category("kernel-fuse");
}

/// "kernel.map 'decay'" of a kernel whose location has a name.
static std::string describe(Operation *op) {
  std::string text = op->getName().getStringRef().str();
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    text += (" '" + name.getName().getValue() + "'").str();
  return text;
}

void fusion::remarkFused(Operation *op, Operation *into, const Twine &place) {
  remark::passed(op->getLoc(), options())
      << ("fused " + describe(op) + " into " + place).str();
  into->setLoc(FusedLoc::get(op->getContext(), {into->getLoc(), op->getLoc()}));
}

void fusion::remarkApart(Operation *op, Operation *other, StringRef reason) {
  remark::missed(op->getLoc(), options())
      << ("kept " + describe(op) + " apart from " + describe(other) + ": " +
          reason)
             .str();
}

/// The names of a scan's and a window's dimensions; others have numbers.
static std::string dimName(Operation *op, unsigned dim) {
  static constexpr StringRef names[] = {"b", "t", "d", "n"};
  if (isa<ScanOp, WindowOp>(op) && dim < std::size(names))
    return names[dim].str();
  return "dimension " + std::to_string(dim);
}

fusion::Refusal fusion::whyRecomputed(KernelOpInterface reader, AffineMap map,
                                      ArrayRef<unsigned> dims) {
  SmallVector<int64_t> extents = getIterationExtents(reader);
  for (unsigned dim : dims)
    if (extents[dim] != 1 &&
        !llvm::is_contained(map.getResults(),
                            getAffineDimExpr(dim, map.getContext())))
      return "it would be computed again for each " + dimName(reader, dim);
  return std::nullopt;
}

SmallVector<AffineMap> fusion::composeInputMaps(MapOp map, AffineMap reads) {
  // The result's map, a permutation, takes an index of the result back to the
  // iteration space of `map`.
  AffineMap toMap = inversePermutation(map.getResultMaps()[0]).compose(reads);
  return llvm::map_to_vector(map.getOperandMaps(), [&](AffineMap input) {
    return input.compose(toMap);
  });
}

void fusion::mergeInputs(RewriterBase &rewriter, MapOp op) {
  Block &body = op.getBody().front();
  for (unsigned i = op.getInputs().size(); i-- > 1;)
    for (unsigned j = 0; j < i; ++j) {
      if (op.getInputs()[i] != op.getInputs()[j] ||
          op.getMaps()[i] != op.getMaps()[j])
        continue;
      rewriter.modifyOpInPlace(op, [&] {
        rewriter.replaceAllUsesWith(body.getArgument(i), body.getArgument(j));
        body.eraseArgument(i);
        op.getInputsMutable().erase(i);
        SmallVector<Attribute> maps(op.getMaps().getValue());
        maps.erase(maps.begin() + i);
        op.setMapsAttr(rewriter.getArrayAttr(maps));
      });
      break;
    }
}

SmallVector<Value> fusion::inlineRegion(RewriterBase &rewriter, Region &region,
                                        ValueRange arguments) {
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    rewriter.clone(op, mapping);
  return llvm::map_to_vector(
      block.getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookupOrDefault(value); });
}
