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

  /// Emits `body` where the sequence has a state, `padding` where its slot is
  /// none.
  void ifHasState(llvm::function_ref<void()> body,
                  llvm::function_ref<void()> padding);

  /// The same for a body that stores nothing of its own accord where there is
  /// no state: `hasState` says so, null where there always is one. The body may
  /// read the state, which is then of some row, so that nothing else in it has
  /// to wait for the slot. `padding` is emitted for a pool without rows.
  void ifPoolHasRows(llvm::function_ref<void(mlir::Value hasState)> body,
                     llvm::function_ref<void()> padding);

  /// Emits `store` at each step before the first sequence and after the last,
  /// in the threads that have one of these two.
  void forEachStepOutside(llvm::function_ref<void(mlir::Value time)> store);

private:
  void findTimes(std::optional<unsigned> offsets);
  void findRow(unsigned slots, unsigned rowDim);

  KernelFunction &f;
  mlir::Value index;
  /// Null where every sequence has a state.
  mlir::Value hasState;
  mlir::Value numRows;
  bool isPacked = false;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_SEQUENCES_H
