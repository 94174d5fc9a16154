//===- Plan.h - An entry of a bundle at given sizes -----------------------===//
//
// Evaluates the expressions of an entry once its dims are known: shapes and
// bytes of buffers, grids, scalars and offsets of steps, and the place of each
// temporary in one arena. Nothing here touches a device, so that `inspect` can
// show a plan where there is none.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_PLAN_H
#define SSMC_RUNTIME_PLAN_H

#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/Choice.h"
#include <array>
#include <optional>
#include <variant>

namespace ssmc::runtime {

/// Alignment of everything in the arena, in bytes.
inline constexpr uint64_t kArenaAlignment = 256;

struct BufferPlan {
  std::vector<uint64_t> shape;
  uint64_t bytes = 0;
  /// Where a Temporary lies in the arena; 0 for the other kinds.
  uint64_t arenaOffset = 0;
  /// False for a Temporary of alternatives that are not taken: it has no place.
  bool isUsed = true;
};

/// A byte offset into a buffer of the entry, at most the buffer's size.
struct PointerPlan {
  uint32_t buffer = 0;
  uint64_t offset = 0;
};

/// What a launch does at least, whatever its schedule: bytes read and written,
/// results of the special-function unit, and of the FMA pipe.
struct CostPlan {
  uint64_t bytes = 0;
  uint64_t mufu = 0;
  uint64_t fma = 0;
};

struct LaunchPlan {
  uint32_t kernel = 0;
  /// A zero extent means that nothing is launched.
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::vector<PointerPlan> pointers;
  std::vector<uint64_t> scalars;
  /// None where the bundle does not say, or where it is beyond 64 bits.
  std::optional<CostPlan> cost;
};

struct CopyPlan {
  PointerPlan source, target;
  uint64_t bytes = 0;
};

using StepPlan = std::variant<LaunchPlan, CopyPlan>;

struct EntryPlan {
  const bundle::Entry *entry = nullptr;
  /// Values of the entry's dims, in their order.
  std::vector<uint64_t> dims;
  /// Parallel to the entry's buffers.
  std::vector<BufferPlan> buffers;
  /// Launches and copies in their order; of a Choose, those of the alternative
  /// that is taken.
  std::vector<StepPlan> steps;
  /// Parallel to `steps`: the number of the entry's step that each belongs to.
  std::vector<uint32_t> origins;
  /// What was taken at each Choose of the entry.
  std::vector<ChoiceMade> choices;
  /// Size of the arena that holds all temporaries.
  uint64_t arenaBytes = 0;
};

/// Evaluates `entry` of `bundle` at `dims` (one value per dim of the entry)
/// with the alternatives that `choices` says. Fails on overflow, a grid beyond
/// what devices take, or an offset or copy beyond its buffer, naming the step
/// and the expression.
Result<EntryPlan> planEntry(const BundleView &bundle,
                            const bundle::Entry &entry,
                            std::vector<uint64_t> dims,
                            const ChoiceTable &choices = {});

/// A block of memory needed from `firstStep` to `lastStep`, both included.
struct ArenaRequest {
  uint64_t bytes = 0;
  uint32_t firstStep = 0;
  uint32_t lastStep = 0;
};

struct ArenaLayout {
  /// Parallel to the requests, multiples of kArenaAlignment.
  std::vector<uint64_t> offsets;
  uint64_t bytes = 0;
};

/// Places requests so that two that live at the same time never overlap: first
/// fit by offset, largest first. Fails where the size overflows.
Result<ArenaLayout> layOutArena(const std::vector<ArenaRequest> &requests);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_PLAN_H
