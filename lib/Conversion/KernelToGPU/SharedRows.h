//===- SharedRows.h - Rows of a tensor in shared memory -------------------===//
//
// What all channels of a block, or of a warp, read of an input (B and C of a
// scan) is loaded once, widened to f32 once, and then read by each thread as
// f32. A block has two buffers: while a tile is computed, the rows of the next
// one are on their way.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SHAREDROWS_H
#define SSMC_CONVERSION_KERNELTOGPU_SHAREDROWS_H

#include "KernelFunction.h"

namespace ssmc {

class SharedRows {
public:
  /// For `rows` rows of `columns` elements of `view`. Threads that work at the
  /// same time read rows that are multiples of `segment` apart, which a gap
  /// after each `segment` rows keeps on different banks.
  SharedRows(KernelFunction &f, unsigned view, int64_t rows, int64_t columns,
             int64_t segment, int64_t threads);
  /// The same for the lanes of one warp, which has one buffer of `rows` *
  /// `columns` words of `memory`, from `start`, a multiple of 4, on.
  SharedRows(KernelFunction &f, unsigned view, int64_t rows, int64_t columns,
             mlir::Value lane, mlir::Value memory, mlir::Value start);
  /// Of two inputs of a warp, what fetches and puts the rows of both at the
  /// same time, each in half of the lanes; they are loaded from `first` and
  /// `second` alone. None where half of the lanes are too few for a tile's
  /// rows, or the inputs are not alike.
  static std::optional<SharedRows> pair(const SharedRows &first,
                                        const SharedRows &second);

  /// The index of an element, given its row in the tile and its column.
  using PointAt = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value row, mlir::Value column)>;

  /// This thread's share of a tile, from global memory, by packets. `columnDim`
  /// is the iteration dimension of columns.
  llvm::SmallVector<mlir::Value> fetch(PointAt pointAt, unsigned columnDim);
  size_t shareSize() const { return llvm::divideCeil(vectors, threads); }
  /// Puts it into buffer `buffer`, 0 or 1. A barrier has to follow.
  void put(llvm::ArrayRef<mlir::Value> share, mlir::Value buffer);

  /// `count` columns from `column`, a multiple of `multiple`, of row `row` of
  /// segment `segment`, as f32.
  llvm::SmallVector<mlir::Value> load(mlir::Value buffer, mlir::Value segment,
                                      mlir::Value row, mlir::Value column,
                                      int64_t multiple, int64_t count);

private:
  void chooseVectors();
  mlir::Value shareRow(int64_t i);
  mlir::Value shareColumn(int64_t i);
  /// Calls `body` in the threads that have an i-th vector.
  void ifHasShare(int64_t i, llvm::function_ref<void()> body);
  mlir::Value linear(int64_t i);

  KernelFunction &f;
  unsigned view;
  int64_t rows, columns, segment, threads;
  /// Elements a vector of a share, and vectors of a tile.
  int64_t width, vectors;
  /// f32 from one segment to the next, and from one buffer to the other.
  int64_t segmentPitch, bufferPitch;
  mlir::Value memory;
  /// Number of this thread among `threads`, and where the buffers start.
  mlir::Value thread, start;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SHAREDROWS_H
