//===- EmitElementwise.cpp - kernel.map and kernel.gather -----------------===//

#include "Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

static constexpr int64_t kDefaultThreads = 256;

/// Calls `body` with the point of the iteration space that belongs to this
/// thread, if there is one, and finishes the function.
static void emitElementwise(KernelFunction &f, kernel::KernelOpInterface op,
                            llvm::function_ref<void(ArrayRef<Value>)> body) {
  unsigned numDims = op.getNumIterationDims();
  int64_t threads = op.getScheduleAttr().get("threads", kDefaultThreads);
  SmallVector<unsigned> dims = llvm::to_vector(llvm::seq<unsigned>(0, numDims));

  Value total = f.index(1);
  AffineExpr totalExpr = getAffineConstantExpr(1, op.getContext());
  for (unsigned dim : dims) {
    total = f.mul(total, f.extent(dim));
    totalExpr = totalExpr * f.extentSymbol(dim);
  }
  Value linear = f.add(f.mul(f.blockId(), f.index(threads)), f.threadId());
  f.ifThen(f.lessThan(linear, total),
           [&] { body(f.delinearize(linear, dims)); });
  f.finish(threads, f.gridMap(totalExpr.ceilDiv(threads)));
}

void ssmc::emitMap(KernelFunction &f, kernel::MapOp op) {
  emitElementwise(f, op, [&](ArrayRef<Value> point) {
    SmallVector<Value> elements;
    for (unsigned i = 0; i < op.getInputs().size(); ++i)
      elements.push_back(f.load(i, point));
    for (auto [i, value] :
         llvm::enumerate(f.inlineRegion(op.getBody(), elements)))
      f.store(f.resultView(i), point, value);
  });
}

void ssmc::emitGather(KernelFunction &f, kernel::GatherOp op) {
  constexpr unsigned ids = 0, table = 1;
  emitElementwise(f, op, [&](ArrayRef<Value> point) {
    // An id outside the table must not be followed: it reads row 0 and gets
    // NaN.
    Value id =
        arith::IndexCastOp::create(f.b, f.b.getIndexType(), f.load(ids, point));
    Value rows = f.index(f.viewType(table).sizes[0]);
    Value known =
        arith::CmpIOp::create(f.b, arith::CmpIPredicate::ult, id, rows);
    Value row = arith::SelectOp::create(f.b, known, id, f.index(0));
    Value element = f.loadAt(table, {row, point.back()});
    auto type = cast<FloatType>(element.getType());
    Value nan = arith::ConstantFloatOp::create(
        f.b, type, APFloat::getQNaN(type.getFloatSemantics()));
    element = arith::SelectOp::create(f.b, known, element, nan);
    f.store(f.resultView(0), point, f.inlineRegion(op.getBody(), element)[0]);
  });
}
