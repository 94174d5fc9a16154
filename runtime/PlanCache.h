//===- PlanCache.h - Bound plans of a session -----------------------------===//
//
// Planning an entry, allocating its inputs and outputs and recording its work
// cost more than a small kernel, so a session keeps what it made for each set
// of sizes. A plan keeps its addresses for as long as it lives, because
// recorded work refers to them; all plans share one arena, and are bound anew
// when that has to grow.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_PLANCACHE_H
#define SSMC_RUNTIME_PLANCACHE_H

#include "Bind.h"
#include "ssmc/Runtime/Session.h"
#include <functional>
#include <list>

namespace ssmc::runtime {

/// A plan with everything that a call of it needs.
struct BoundPlan {
  EntryPlan plan;
  /// Parallel to the plan's buffers: memory of inputs and outputs, and of
  /// temporaries where the device wants them apart.
  std::vector<DeviceBuffer> io;
  std::vector<BoundStep> steps;
  /// The arena that `steps` refers to.
  DevicePtr arena = 0;
  uint64_t ioBytes = 0;
  /// Runs since the last binding: work is recorded on the second one.
  uint64_t runs = 0;
  std::unique_ptr<RecordedWork> recorded;
};

class Session::PlanCache {
public:
  PlanCache(Program &program, const std::vector<DeviceBuffer> &states)
      : program_(program), states_(states), choices_(program.choices()) {}

  /// Drops all plans, since they were made with other choices.
  void setChoices(ChoiceTable choices) {
    plans_.clear();
    choices_ = std::move(choices);
  }

  /// The plan of `entry` at `dims`, bound to addresses that stay valid until
  /// the next call of get(). `check` sees the plan before anything is allocated
  /// for it.
  Result<BoundPlan *>
  get(const bundle::Entry &entry, std::vector<uint64_t> dims,
      const std::function<Status(const EntryPlan &)> &check);

  /// Runs the steps: recorded ones are replayed.
  Status run(BoundPlan &plan);

  [[nodiscard]] size_t size() const { return plans_.size(); }

private:
  Status allocateIo(BoundPlan &plan);
  Status growArena(uint64_t bytes);
  void bind(BoundPlan &plan);
  /// Drops the least recently used plans beyond the limits, never the first.
  void evict(size_t maxPlans, uint64_t maxBytes);

  Program &program_;
  const std::vector<DeviceBuffer> &states_;
  ChoiceTable choices_;
  DeviceBuffer arena_;
  /// Most recently used first.
  std::list<BoundPlan> plans_;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_PLANCACHE_H
