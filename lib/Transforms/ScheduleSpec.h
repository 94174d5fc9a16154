//===- ScheduleSpec.h - Schedules that an option asks for -----------------===//
//
// "scan:lanes=4,steps=2" or "scan:family=tiled": parameters, and perhaps a
// family, for all ops of a name.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TRANSFORMS_SCHEDULESPEC_H
#define SSMC_TRANSFORMS_SCHEDULESPEC_H

#include "dialect/Kernel/KernelDialect.h"

namespace ssmc::kernel {

/// What is asked for the ops of one name.
struct ScheduleSpec {
  /// A kernel op's name without the dialect's.
  std::string op;
  /// The family; where it is left out, that of the schedule that is changed.
  std::optional<Family> family;
  llvm::SmallVector<std::pair<std::string, int64_t>> params;

  /// Whether the spec is for ops of this kind.
  bool isFor(KernelOpInterface op) const;
  /// `base` with the parameters replaced or added. Where the spec names a
  /// family, its parameters are all there are, whatever `base` is.
  ScheduleAttr apply(ScheduleAttr base) const;
  /// "scan:family=tiled,lanes=4".
  std::string str() const;
};

/// Takes the items of an option apart that splits at commas. An item with a
/// colon begins a spec, `op:name=value`; one without belongs to the spec before
/// it. Emits an error at `op` for any other form and for an unknown family.
mlir::FailureOr<llvm::SmallVector<ScheduleSpec>>
parseScheduleSpecs(mlir::Operation *op, llvm::ArrayRef<std::string> items);

} // namespace ssmc::kernel

#endif // SSMC_TRANSFORMS_SCHEDULESPEC_H
