//===- FuseWindows.cpp - kernel.window into the step of kernel.scan -------===//
//
// The window's input becomes as many inputs of the scan as it has taps, each
// read so many steps earlier, and each tap of the weight one whose map has the
// tap in the place of w.
//
//===----------------------------------------------------------------------===//

#include "Common.h"
#include "ScanEditor.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ssmc/Transforms/Fusion.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::fusion;
using kernel::ScanOp;
using kernel::WindowOp;

/// The iteration dimensions of a window; a scan's begin alike.
enum Dim : unsigned { b, t, d, w };

/// A window's map in a scan's space, with tap `tap` in the place of w.
static AffineMap inScan(AffineMap map, ScanOp scan, int64_t tap) {
  MLIRContext *context = map.getContext();
  unsigned numDims = scan.getNumIterationDims();
  SmallVector<AffineExpr> dims(map.getNumDims(),
                               getAffineConstantExpr(0, context));
  for (unsigned dim : {b, t, d})
    dims[dim] = getAffineDimExpr(dim, context);
  dims[w] = getAffineConstantExpr(tap, context);
  return map.replaceDimsAndSymbols(dims, {}, numDims, 0);
}

static Refusal whyApart(WindowOp window, ScanOp scan, unsigned input) {
  if (!window.getOutput().hasOneUse())
    return "its result has another user";
  if (window.getInitialState() || window.getFinalState() || window.getSlots())
    return "it carries states";
  if (window.getOffsets() != scan.getOffsets())
    return "their sequences are not packed alike";
  if (scan.getReverse())
    return "the scan runs backwards";
  if (scan.getShift(input) != 0)
    return "the scan reads its result at an earlier step";
  SmallVector<AffineMap> maps = window.getOperandMaps();
  for (AffineMap map : ArrayRef(maps).slice(2, window.getInputs().size() - 2))
    if (map.isFunctionOfDim(w))
      return "its epilogue depends on the tap";
  if (scan.getOperandMaps()[input] !=
      inScan(window.getResultMaps()[0], scan, 0))
    return "the scan does not read its result by (b, t, d)";
  return std::nullopt;
}

static void fuse(RewriterBase &rewriter, WindowOp window, ScanOp scan,
                 unsigned input) {
  remarkFused(window, scan, "the step of kernel.scan");
  ScanEditor editor(rewriter, scan);
  SmallVector<AffineMap> maps = window.getOperandMaps();
  int64_t width = kernel::getIterationExtents(window)[w];
  SmallVector<unsigned> x, weights, others;
  for (int64_t tap = 0; tap < width; ++tap) {
    x.push_back(editor.addInput(window.getInputs()[0],
                                inScan(maps[0], scan, tap), width - 1 - tap));
    weights.push_back(
        editor.addInput(window.getInputs()[1], inScan(maps[1], scan, tap)));
  }
  for (unsigned i = 2; i < window.getInputs().size(); ++i)
    others.push_back(
        editor.addInput(window.getInputs()[i], inScan(maps[i], scan, 0)));

  editor.replaceStepInput(input, [&](Region &region) {
    Value sum;
    for (auto [xTap, weight] : llvm::zip(x, weights)) {
      Value term = inlineRegion(
          rewriter, window.getReduce(),
          {editor.argument(region, xTap), editor.argument(region, weight)})[0];
      sum = sum ? arith::AddFOp::create(rewriter, window.getLoc(), sum, term,
                                        arith::FastMathFlags::contract)
                      .getResult()
                : term;
    }
    SmallVector<Value> arguments = {sum};
    for (unsigned other : others)
      arguments.push_back(editor.argument(region, other));
    return inlineRegion(rewriter, window.getEpilogue(), arguments)[0];
  });
  rewriter.eraseOp(window);
}

static void fuseInto(RewriterBase &rewriter, ScanOp scan) {
  ScanEditor(rewriter, scan).mergeInputs();
  DenseSet<Operation *> apart;
  for (unsigned i = 0; i < scan.getInputs().size();) {
    auto window = scan.getInputs()[i].getDefiningOp<WindowOp>();
    if (!window || apart.contains(window)) {
      ++i;
      continue;
    }
    if (Refusal refusal = whyApart(window, scan, i)) {
      remarkApart(window, scan, *refusal);
      apart.insert(window);
      continue;
    }
    fuse(rewriter, window, scan, i);
    i = 0;
  }
}

void ssmc::fuseWindows(RewriterBase &rewriter, Operation *root) {
  for (ScanOp scan : kernelsIn<ScanOp>(root))
    fuseInto(rewriter, scan);
}
