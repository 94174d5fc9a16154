//===- WindowThread.h - What a thread of a window does --------------------===//
//
// Shared by the families of kernel.window: where a thread's channels and its
// sequence lie, the inputs before a step, one step's result, and the walk along
// time with the window in registers.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_WINDOWTHREAD_H
#define SSMC_CONVERSION_KERNELTOGPU_WINDOWTHREAD_H

#include "Sequences.h"
#include <optional>

namespace ssmc {

class WindowThread {
public:
  /// A value for each of the thread's channels.
  using Row = llvm::SmallVector<mlir::Value>;
  static constexpr unsigned x = 0, weight = 1;

  /// Of `width` neighbouring channels, which all exist or none.
  WindowThread(KernelFunction &f, kernel::WindowOp op, int64_t width)
      : f(f), op(op), width(width), taps(f.staticExtent(3)) {}

  /// `channel` is the thread's first.
  void place(mlir::Value batch, mlir::Value channel);
  /// Loads the taps and the further inputs that do not depend on time.
  void loadInvariants();

  /// The inputs from `taps` - 1 steps before `step` up to it, in f32. Those
  /// before the sequence are of the state, or 0. `atStart`: the step is the
  /// sequence's first.
  llvm::SmallVector<Row> loadBefore(mlir::Value step, bool atStart = false);
  /// Steps `from` up to, not including, `to`, with the loads of `count` of them
  /// issued together. Returns the window after the last.
  llvm::SmallVector<Row> walk(mlir::Value from, mlir::Value to, int64_t count,
                              llvm::ArrayRef<Row> window);
  void storeState(llvm::ArrayRef<Row> window);
  void storeZero(mlir::Value time);

  /// The result's elements from the inputs of a window, the oldest first, and
  /// the elements of each further input that depends on time.
  Row compute(llvm::ArrayRef<Row> window, llvm::ArrayRef<Row> timed);
  /// The further inputs that depend on time.
  llvm::ArrayRef<unsigned> timedInputs() const { return timed; }
  Row widen(mlir::ValueRange elements);

  llvm::SmallVector<mlir::Value> pointAt(mlir::Value time) {
    return {batch, time, channel, mlir::Value()};
  }
  mlir::Value timeOf(mlir::Value step) {
    return f.add(sequence->firstTime, step);
  }

  std::optional<Sequence> sequence;

private:
  llvm::SmallVector<mlir::Value> load(unsigned view, mlir::Value time);
  Row fromState(mlir::Value index);
  Row zeros();

  KernelFunction &f;
  kernel::WindowOp op;
  int64_t width, taps;
  mlir::Value batch, channel;
  /// For each tap, then for each further input, null where it depends on time.
  llvm::SmallVector<Row> weights, extras;
  llvm::SmallVector<unsigned> timed;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_WINDOWTHREAD_H
