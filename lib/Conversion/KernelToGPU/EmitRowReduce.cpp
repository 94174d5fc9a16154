//===- EmitRowReduce.cpp - kernel.row_reduce, one block a row -------------===//

#include "Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace ssmc;

/// Sums `values` over the block, in a fixed tree; every thread gets the sums.
static SmallVector<Value> sumOverBlock(KernelFunction &f, ValueRange values,
                                       Value thread, int64_t threads) {
  constexpr int64_t kWarp = 32;
  SmallVector<Value> sums;
  for (Value value : values)
    sums.push_back(f.sumOverLanes(value, kWarp));
  int64_t warps = threads / kWarp;
  if (warps == 1)
    return sums;
  int64_t numSums = sums.size();
  Value partial = f.sharedF32({numSums, warps});
  Value warp = f.div(thread, f.index(kWarp));
  Value lane = f.rem(thread, f.index(kWarp));
  Value first =
      arith::CmpIOp::create(f.b, arith::CmpIPredicate::eq, lane, f.index(0));
  f.ifThen(first, [&] {
    for (auto [i, sum] : llvm::enumerate(sums))
      memref::StoreOp::create(f.b, sum, partial, ValueRange{f.index(i), warp});
  });
  f.barrier();
  for (auto [i, sum] : llvm::enumerate(sums)) {
    for (int64_t w = 0; w < warps; ++w) {
      Value part = memref::LoadOp::create(f.b, partial,
                                          ValueRange{f.index(i), f.index(w)});
      sum = w == 0 ? part : arith::AddFOp::create(f.b, sum, part).getResult();
    }
  }
  return sums;
}

void ssmc::emitRowReduce(KernelFunction &f, kernel::RowReduceOp op) {
  unsigned numDims = op.getNumIterationDims(), column = numDims - 1;
  int64_t threads = op.getScheduleAttr().get("threads", 128);
  SmallVector<unsigned> rowDims =
      llvm::to_vector(llvm::seq<unsigned>(0, column));

  AffineExpr rows = getAffineConstantExpr(1, op.getContext());
  for (unsigned dim : rowDims)
    rows = rows * f.extentSymbol(dim);
  SmallVector<Value> point = f.delinearize(f.blockId(), rowDims);
  point.push_back(Value());
  Value thread = f.threadId();

  auto loadElements = [&](Value at) {
    point[column] = at;
    SmallVector<Value> elements;
    for (unsigned i = 0; i < op.getInputs().size(); ++i)
      elements.push_back(f.load(i, point));
    return elements;
  };

  SmallVector<Value> zeros(
      op.getReduce().front().getTerminator()->getNumOperands(), f.f32(0.0f));
  auto loop = scf::ForOp::create(f.b, thread, f.extent(column),
                                 f.index(threads), zeros);
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> terms =
        f.inlineRegion(op.getReduce(), loadElements(loop.getInductionVar()));
    for (auto [term, sum] : llvm::zip(terms, loop.getRegionIterArgs()))
      term = f.addF(sum, term);
    scf::YieldOp::create(f.b, terms);
  }
  SmallVector<Value> sums = sumOverBlock(f, loop.getResults(), thread, threads);

  auto finish =
      scf::ForOp::create(f.b, thread, f.extent(column), f.index(threads));
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(finish.getBody());
    SmallVector<Value> arguments = sums;
    llvm::append_range(arguments, loadElements(finish.getInductionVar()));
    for (auto [i, value] :
         llvm::enumerate(f.inlineRegion(op.getEpilogue(), arguments)))
      f.store(f.resultView(i), point, value);
  }
  f.finish(threads, f.gridMap(rows));
}
