//===- Sequences.h - Where a kernel's sequence and state lie --------------===//
//
// What the emitters of scans and windows share: sequences that are packed along
// time by offsets, and states that are rows of a pool. Offsets and slots come
// from the caller; whatever they are, no access may leave the tensors.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_SEQUENCES_H
#define SSMC_CONVERSION_KERNELTOGPU_SEQUENCES_H

#include "KernelFunction.h"

namespace ssmc {

/// The sequence of a thread, the same for all threads of a block.
class Sequence {
public:
  /// Loads what the operands of `op` (ScanOp or WindowOp) say of sequence
  /// `index`. The iteration dimensions are (b, t, …), with slots the rows of
  /// the pool last.
  template <typename SequenceOp>
  Sequence(KernelFunction &f, SequenceOp op, mlir::Value index)
      : f(f), index(index) {
    findTimes(op.getOffsets() ? std::optional(op.getOffsetsOperand())
                              : std::nullopt);
    if (op.getSlots())
      findRow(op.getSlotsOperand(), op.getNumIterationDims() - 1);
  }

  /// The first step along time, and how many there are.
  mlir::Value firstTime, numSteps;
  /// The index of the state: the sequence's own, or its slot.
  mlir::Value row;
  /// With slots, whether there is a state, and the rows of the pool; null where
  /// every sequence has a state.
  mlir::Value hasState, numRows;

  /// Emits `body` where the sequence has a state, `padding` where its slot is
  /// none.
  void ifHasState(llvm::function_ref<void()> body,
                  llvm::function_ref<void()> padding);

  /// `row`, or the first where there is none. A pool without rows has no first.
  mlir::Value clampedRow();

  /// Emits `store` at each step before the first sequence and after the last,
  /// in the threads that have one of these two.
  void forEachStepOutside(llvm::function_ref<void(mlir::Value time)> store);

private:
  void findTimes(std::optional<unsigned> offsets);
  void findRow(unsigned slots, unsigned rowDim);

  KernelFunction &f;
  mlir::Value index;
  bool isPacked = false;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SEQUENCES_H
