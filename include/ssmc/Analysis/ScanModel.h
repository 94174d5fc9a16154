//===- ScanModel.h - Which schedule a scan should have --------------------===//
//
// An estimate of a scan's time under a schedule, and the schedule with the
// least. What it knows of the hardware is a TargetModel and a few figures that
// were measured on an H200 (bench/README.md, "Schedules of the scan"); it is
// meant to rank schedules, and is right to within a third or so.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ANALYSIS_SCANMODEL_H
#define SSMC_ANALYSIS_SCANMODEL_H

#include "ssmc/Analysis/KernelCost.h"

namespace ssmc {

/// Pieces of a split scan that are joined at a time.
inline constexpr int64_t kJoinPieces = 16;

class ScanModel {
public:
  /// For `op` on `target` at `extents`, all of which are known: batch, seqlen,
  /// dim, dstate.
  ScanModel(kernel::ScanOp op, llvm::ArrayRef<int64_t> extents,
            const TargetModel &target);

  struct Estimate {
    double seconds = 0;
    /// Blocks, those that an SM holds at a time, registers a thread and bytes
    /// of static shared memory a block.
    int64_t blocks = 0, residentBlocks = 0, registers = 0, sharedBytes = 0;
  };

  /// The time under `schedule`; nothing where it does not fit the target.
  std::optional<Estimate> estimate(kernel::ScheduleAttr schedule) const;

  struct Choice {
    kernel::ScheduleAttr schedule;
    Estimate estimate;
    /// How many schedules fitted.
    int64_t candidates = 0;
  };

  /// The schedule with the least estimate of all that the model knows. There is
  /// always one.
  Choice choose() const;

private:
  /// The steps of a sequence that a block has.
  int64_t stepsOfPiece(kernel::ScheduleAttr schedule) const;
  Estimate sequential(kernel::ScheduleAttr schedule) const;
  std::optional<Estimate> tiled(kernel::ScheduleAttr schedule) const;
  std::optional<Estimate> chained(kernel::ScheduleAttr schedule) const;
  /// Of a chained scan, a tile of a warp: instructions, those of the
  /// special-function unit, passes through the load-store unit, clocks from its
  /// warp's states to the next one's, and that it waits if it is alone. Of a
  /// block: its tiles, its warps, the groups of them that share time, its
  /// channels, shared memory, and registers a thread.
  struct ChainTile {
    double instructions = 0, special = 0, passes = 0, hop = 0, wait = 0;
    int64_t tiles = 0, warps = 0, teams = 0, channels = 0, sharedBytes = 0,
            registers = 0;
  };
  ChainTile chainTile(kernel::ScheduleAttr schedule) const;
  std::optional<bool> fitRegisters(kernel::ScheduleAttr schedule,
                                   int64_t &registers) const;
  double
  clocksOf(llvm::ArrayRef<std::pair<int64_t, const ChainTile *>> blocks) const;
  void addChained(llvm::SmallVectorImpl<kernel::ScheduleAttr> &to) const;
  /// What a warp does: instructions, those of the special-function unit among
  /// them, and clocks that it waits if it is alone.
  struct WarpWork {
    double instructions = 0, special = 0, waits = 0;
  };
  double timeOfBlocks(const Estimate &estimate, int64_t warpsPerBlock,
                      const WarpWork &work) const;
  llvm::SmallVector<kernel::ScheduleAttr> getCandidates() const;
  /// Instructions of a step beside its arithmetic: addresses, loads,
  /// conversions. They are in perStep.
  static constexpr double kStepOverhead = 58;
  kernel::ScheduleAttr makeSchedule(
      kernel::Family family,
      llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> params) const;

  mlir::MLIRContext *context;
  const TargetModel &target;
  bool isComplex, isPacked;
  int64_t batch, seqlen, dim, dstate;
  /// Of one channel and step: instructions for its step, and for each of its
  /// states; and the special-function ones among them.
  double perStep, perState, specialPerStep, specialPerState;
  double bytes;
  /// Of one state in memory; 0 where states begin and end in registers.
  int64_t stateBytes = 0;
  /// Inputs without n that depend on time, and the maps of those with n that
  /// do.
  int64_t stepInputs = 0;
  llvm::SmallVector<mlir::AffineMap> stateInputs;
  /// Values of a step that depend on no state but are used for each.
  int64_t sharedValues = 0;
};

} // namespace ssmc

#endif // SSMC_ANALYSIS_SCANMODEL_H
