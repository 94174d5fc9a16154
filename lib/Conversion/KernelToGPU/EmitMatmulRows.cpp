//===- EmitMatmulRows.cpp - kernel.matmul for few rows --------------------===//
//
// A matrix-vector product reads each weight once, so all that counts is to read
// it in wide, consecutive accesses with many in flight: lanes of a warp split k
// by vectors, and a warp computes several columns at once, which share x.
//
//===----------------------------------------------------------------------===//

#include "Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

static constexpr int64_t kWarp = 32;

/// Sums each of `sums` over the warp. Lane l gets the sum of number
/// l / (32 / count): at each of the first steps a lane gives away the half of
/// the sums that its partner keeps, so that all together cost few more shuffles
/// than one. `count` is a power of two, at most 32.
static Value sumTransposed(KernelFunction &f, SmallVector<Value> sums,
                           Value lane) {
  int64_t mask = kWarp / 2;
  for (; sums.size() > 1; mask /= 2) {
    size_t half = sums.size() / 2;
    Value bit = arith::AndIOp::create(f.b, lane, f.index(mask));
    Value upper =
        arith::CmpIOp::create(f.b, arith::CmpIPredicate::ne, bit, f.index(0));
    for (size_t i = 0; i < half; ++i) {
      Value keep = arith::SelectOp::create(f.b, upper, sums[i + half], sums[i]);
      Value give = arith::SelectOp::create(f.b, upper, sums[i], sums[i + half]);
      sums[i] = arith::AddFOp::create(f.b, keep, f.shuffleXor(give, mask));
    }
    sums.truncate(half);
  }
  return f.sumOverLanes(sums[0], mask * 2);
}

void ssmc::emitMatmulRows(KernelFunction &f, kernel::MatmulOp op) {
  constexpr unsigned x = 0, weight = 1;
  unsigned k = op.getNumIterationDims() - 1, n = k - 1;
  int64_t threads = op.getScheduleAttr().get("threads", 128);
  int64_t columns = op.getScheduleAttr().get("columns", 4);
  int64_t numColumns = f.staticExtent(n), depth = f.staticExtent(k);
  int64_t columnsPerBlock = threads / kWarp * columns;
  int64_t blocksPerRow = llvm::divideCeil(numColumns, columnsPerBlock);

  SmallVector<unsigned> rowDims = llvm::to_vector(llvm::seq<unsigned>(0, n));
  AffineExpr blocks = getAffineConstantExpr(blocksPerRow, op.getContext());
  for (unsigned dim : rowDims)
    blocks = blocks * f.extentSymbol(dim);

  Value block = f.blockId(), thread = f.threadId();
  SmallVector<Value> point =
      f.delinearize(f.div(block, f.index(blocksPerRow)), rowDims);
  point.append(2, Value());
  Value warp = f.div(thread, f.index(kWarp)),
        lane = f.rem(thread, f.index(kWarp));
  Value firstColumn = f.add(
      f.mul(f.rem(block, f.index(blocksPerRow)), f.index(columnsPerBlock)),
      f.mul(warp, f.index(columns)));

  // Columns beyond the last are computed again and not written.
  SmallVector<Value> column;
  for (int64_t i = 0; i < columns; ++i)
    column.push_back(
        f.min(f.add(firstColumn, f.index(i)), f.index(numColumns - 1)));

  int64_t width = 8;
  while (depth % width != 0)
    width /= 2;
  int64_t xWidth = f.vectorWidth(x, k, width);
  int64_t weightWidth = f.vectorWidth(weight, k, width);
  // Several vectors of each column are loaded before the first is used: one
  // access a lane in flight would leave the memory idle.
  int64_t unroll = 4;
  while (unroll > 1 && depth % (kWarp * width * unroll) != 0)
    unroll /= 2;
  auto loop = scf::ForOp::create(f.b, f.mul(lane, f.index(width)), f.extent(k),
                                 f.index(kWarp * width * unroll),
                                 SmallVector<Value>(columns, f.f32(0.0f)));
  {
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> sums(loop.getRegionIterArgs());
    SmallVector<Value> xs;
    SmallVector<SmallVector<Value>> weights(columns);
    for (int64_t part = 0; part < unroll; ++part) {
      point[k] = f.add(loop.getInductionVar(), f.index(part * kWarp * width));
      llvm::append_range(xs, f.loadMany(x, point, k, width, xWidth));
      for (int64_t c = 0; c < columns; ++c) {
        point[n] = column[c];
        llvm::append_range(weights[c],
                           f.loadMany(weight, point, k, width, weightWidth));
      }
    }
    for (auto [c, columnWeights] : llvm::enumerate(weights))
      for (auto [element, weight] : llvm::zip(xs, columnWeights)) {
        SmallVector<Value> factors =
            f.inlineRegion(op.getContract(), {element, weight});
        sums[c] = f.fma(factors[0], factors[1], sums[c]);
      }
    scf::YieldOp::create(f.b, sums);
  }

  Value sum = sumTransposed(f, SmallVector<Value>(loop.getResults()), lane);
  int64_t lanesPerColumn = kWarp / columns;
  Value mine = f.add(firstColumn, f.div(lane, f.index(lanesPerColumn)));
  Value leads =
      arith::CmpIOp::create(f.b, arith::CmpIPredicate::eq,
                            f.rem(lane, f.index(lanesPerColumn)), f.index(0));
  Value writes =
      arith::AndIOp::create(f.b, leads, f.lessThan(mine, f.index(numColumns)));
  f.ifThen(writes, [&] {
    point[n] = mine;
    point[k] = Value();
    SmallVector<Value> arguments = {sum};
    for (unsigned i = 2; i < op.getInputs().size(); ++i)
      arguments.push_back(f.load(i, point));
    f.store(f.resultView(0), point,
            f.inlineRegion(op.getEpilogue(), arguments)[0]);
  });
  f.finish(threads, f.gridMap(blocks));
}
