//===- EmitMatmulTiled.cpp - kernel.matmul for many rows ------------------===//
//
// The classic product on the FMA pipe, in f32 as `--dtype=f32` promises: tiles
// of x and the weight go through shared memory, transposed so that k is the
// slow index, and each thread forms 4 x 4 outputs from them.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace ssmc;

namespace {

constexpr int64_t kTile = 64;     // outputs along each side
constexpr int64_t kDepth = 16;    // products between two barriers
constexpr int64_t kPerThread = 4; // outputs of a thread along each side
constexpr int64_t kSide = kTile / kPerThread;
constexpr int64_t kThreads = kSide * kSide;
/// Elements of one tile that a thread loads.
constexpr int64_t kLoads = kTile * kDepth / kThreads;
/// A row of shared memory is one bank longer, so that a transposed store meets
/// each bank once.
constexpr int64_t kPitch = kTile + 4;

} // namespace

void ssmc::emitMatmulTiled(KernelFunction &f, kernel::MatmulOp op) {
  constexpr unsigned x = 0, weight = 1;
  unsigned k = op.getNumIterationDims() - 1, n = k - 1;
  int64_t numColumns = f.staticExtent(n), depth = f.staticExtent(k);
  int64_t columnBlocks = llvm::divideCeil(numColumns, kTile);
  SmallVector<unsigned> rowDims = llvm::to_vector(llvm::seq<unsigned>(0, n));

  Value numRows = f.index(1);
  AffineExpr rowsExpr = getAffineConstantExpr(1, op.getContext());
  for (unsigned dim : rowDims) {
    numRows = f.mul(numRows, f.extent(dim));
    rowsExpr = rowsExpr * f.extentSymbol(dim);
  }
  Value block = f.blockId(), thread = f.threadId();
  Value firstRow = f.mul(f.div(block, f.index(columnBlocks)), f.index(kTile));
  Value firstColumn =
      f.mul(f.rem(block, f.index(columnBlocks)), f.index(kTile));

  // Loading: consecutive threads take consecutive k of one row of the tile.
  Value loadK = f.rem(thread, f.index(kDepth));
  Value loadRow = f.div(thread, f.index(kDepth));
  constexpr int64_t kRowsPerPass = kThreads / kDepth;
  static_assert(kRowsPerPass * kLoads == kTile);
  auto pointOf = [&](Value row, Value column) {
    Value last = f.sub(numRows, f.index(1));
    SmallVector<Value> point = f.delinearize(f.min(row, last), rowDims);
    point.push_back(f.min(column, f.index(numColumns - 1)));
    point.push_back(Value());
    return point;
  };
  SmallVector<SmallVector<Value>> loadPoints;
  for (int64_t i = 0; i < kLoads; ++i) {
    Value at = f.add(loadRow, f.index(i * kRowsPerPass));
    loadPoints.push_back(pointOf(f.add(firstRow, at), f.add(firstColumn, at)));
  }

  Value xTile = f.sharedF32({kDepth, kPitch});
  Value weightTile = f.sharedF32({kDepth, kPitch});
  Value threadRow = f.mul(f.div(thread, f.index(kSide)), f.index(kPerThread));
  Value threadColumn =
      f.mul(f.rem(thread, f.index(kSide)), f.index(kPerThread));

  auto loop = scf::ForOp::create(
      f.b, f.index(0), f.extent(k), f.index(kDepth),
      SmallVector<Value>(kPerThread * kPerThread, f.f32(0.0f)));
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> sums(loop.getRegionIterArgs());

    Value atK = f.add(loop.getInductionVar(), loadK);
    Value inside = f.lessThan(atK, f.index(depth));
    Value safeK = depth % kDepth == 0 ? atK : f.min(atK, f.index(depth - 1));
    SmallVector<Value> xs, weights;
    for (SmallVector<Value> &point : loadPoints) {
      point[k] = safeK;
      SmallVector<Value> factors = f.inlineRegion(
          op.getContract(), {f.load(x, point), f.load(weight, point)});
      if (depth % kDepth != 0)
        for (Value &factor : factors)
          factor = arith::SelectOp::create(f.b, inside, factor, f.f32(0.0f));
      xs.push_back(factors[0]);
      weights.push_back(factors[1]);
    }
    f.barrier();
    for (int64_t i = 0; i < kLoads; ++i) {
      SmallVector<Value> at = {loadK,
                               f.add(loadRow, f.index(i * kRowsPerPass))};
      memref::StoreOp::create(f.b, xs[i], xTile, at);
      memref::StoreOp::create(f.b, weights[i], weightTile, at);
    }
    f.barrier();

    auto products =
        scf::ForOp::create(f.b, f.index(0), f.index(kDepth), f.index(1), sums);
    {
      OpBuilder::InsertionGuard innerGuard(f.b);
      f.b.setInsertionPointToStart(products.getBody());
      SmallVector<Value> inner(products.getRegionIterArgs());
      Value at = products.getInductionVar();
      SmallVector<Value> rows, columns;
      for (int64_t i = 0; i < kPerThread; ++i) {
        rows.push_back(memref::LoadOp::create(
            f.b, xTile, ValueRange{at, f.add(threadRow, f.index(i))}));
        columns.push_back(memref::LoadOp::create(
            f.b, weightTile, ValueRange{at, f.add(threadColumn, f.index(i))}));
      }
      for (int64_t i = 0; i < kPerThread; ++i)
        for (int64_t j = 0; j < kPerThread; ++j) {
          Value &sum = inner[i * kPerThread + j];
          sum = f.fma(rows[i], columns[j], sum);
        }
      scf::YieldOp::create(f.b, inner);
    }
    scf::YieldOp::create(f.b, products.getResults());
  }

  for (int64_t i = 0; i < kPerThread; ++i) {
    Value row = f.add(firstRow, f.add(threadRow, f.index(i)));
    f.ifThen(f.lessThan(row, numRows), [&] {
      SmallVector<Value> point = f.delinearize(row, rowDims);
      point.append(2, Value());
      for (int64_t j = 0; j < kPerThread; ++j) {
        Value column = f.add(firstColumn, f.add(threadColumn, f.index(j)));
        f.ifThen(f.lessThan(column, f.index(numColumns)), [&] {
          point[n] = column;
          SmallVector<Value> arguments = {loop.getResult(i * kPerThread + j)};
          for (unsigned input = 2; input < op.getInputs().size(); ++input)
            arguments.push_back(f.load(input, point));
          f.store(f.resultView(0), point,
                  f.inlineRegion(op.getEpilogue(), arguments)[0]);
        });
      }
    });
  }
  f.finish(kThreads, f.gridMap(rowsExpr.ceilDiv(kTile) * columnBlocks));
}
