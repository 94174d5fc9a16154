//===- PlanCache.cpp - Bound plans of a session ---------------------------===//

#include "PlanCache.h"
#include "Guard.h"
#include "ssmc/IO/Text.h"
#include <algorithm>

namespace ssmc::runtime {

using bundle::BufferKind;

/// Device memory that the inputs and outputs of kept plans may take together.
static constexpr uint64_t kMaxIoBytes = uint64_t{256} << 20;

Status Session::PlanCache::allocateIo(BoundPlan &plan) {
  const auto &buffers = *plan.plan.entry->buffers();
  plan.io.clear();
  plan.io.resize(buffers.size());
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    BufferKind kind = buffers.Get(i)->kind();
    bool isOwn =
        kind == BufferKind::Input || kind == BufferKind::Output ||
        (kind == BufferKind::Temporary && plan.plan.buffers[i].isUsed &&
         program_.device().wantsSeparateTemporaries());
    if (!isOwn)
      continue;
    uint64_t bytes = plan.plan.buffers[i].bytes;
    Result<DeviceBuffer> buffer =
        DeviceBuffer::allocate(program_.device(), bytes);
    if (!buffer.ok())
      return buffer.status().withContext(
          "memory for " + quoted(buffers.Get(i)->name()->string_view()));
    plan.io[i] = std::move(*buffer);
  }
  return {};
}

Status Session::PlanCache::growArena(uint64_t bytes) {
  if (arena_.address() != 0 && arena_.size() >= bytes)
    return {};
  // The old one first: the two together may not fit.
  arena_ = DeviceBuffer();
  Result<DeviceBuffer> arena = DeviceBuffer::allocate(program_.device(), bytes);
  if (!arena.ok())
    return arena.status().withContext("memory for temporaries");
  arena_ = std::move(*arena);
  return {};
}

void Session::PlanCache::bind(BoundPlan &plan) {
  std::vector<DevicePtr> bases;
  for (uint32_t i = 0; i < plan.plan.buffers.size(); ++i) {
    const bundle::Buffer &buffer = *plan.plan.entry->buffers()->Get(i);
    switch (buffer.kind()) {
    case BufferKind::Input:
    case BufferKind::Output:
      bases.push_back(plan.io[i].address());
      break;
    case BufferKind::Parameter:
      bases.push_back(program_.parameter(buffer.index()).address());
      break;
    case BufferKind::State:
      bases.push_back(states_[buffer.index()].address());
      break;
    case BufferKind::Derived:
      bases.push_back(program_.derived(buffer.index()).address());
      break;
    case BufferKind::Temporary:
      bases.push_back(plan.io[i].address() != 0
                          ? plan.io[i].address()
                          : arena_.address() +
                                plan.plan.buffers[i].arenaOffset);
      break;
    }
  }
  plan.recorded.reset();
  plan.runs = 0;
  plan.steps = bindSteps(program_.bundle(), plan.plan, bases);
  plan.arena = arena_.address();
}

void Session::PlanCache::evict(size_t maxPlans, uint64_t maxBytes) {
  uint64_t bytes = 0;
  size_t count = 0;
  auto keep = plans_.begin();
  for (; keep != plans_.end(); ++keep, ++count) {
    bool fits = !__builtin_add_overflow(bytes, keep->ioBytes, &bytes) &&
                count < maxPlans && bytes <= maxBytes;
    if (!fits && count != 0)
      break;
  }
  plans_.erase(keep, plans_.end());
}

Result<BoundPlan *>
Session::PlanCache::get(const bundle::Entry &entry, std::vector<uint64_t> dims,
                        const std::function<Status(const EntryPlan &)> &check) {
  auto found =
      std::find_if(plans_.begin(), plans_.end(), [&](const BoundPlan &plan) {
        return plan.plan.entry == &entry && plan.plan.dims == dims;
      });
  if (found != plans_.end()) {
    SSMC_TRY(check(found->plan));
    plans_.splice(plans_.begin(), plans_, found);
  } else {
    Result<EntryPlan> planned =
        planEntry(program_.bundle(), entry, std::move(dims), choices_);
    if (!planned.ok())
      return planned.status();
    SSMC_TRY(check(*planned));
    plans_.emplace_front();
    BoundPlan &plan = plans_.front();
    plan.plan = std::move(*planned);
    for (uint32_t i = 0; i < plan.plan.buffers.size(); ++i) {
      BufferKind kind = entry.buffers()->Get(i)->kind();
      if ((kind == BufferKind::Input || kind == BufferKind::Output) &&
          __builtin_add_overflow(plan.ioBytes, plan.plan.buffers[i].bytes,
                                 &plan.ioBytes))
        plan.ioBytes = UINT64_MAX;
    }
    evict(kMaxPlans, kMaxIoBytes);
    Status status = allocateIo(plan);
    if (!status.ok() && plans_.size() > 1) {
      // Other plans' memory may be what is missing.
      evict(1, 0);
      status = allocateIo(plan);
    }
    if (!status.ok()) {
      plans_.pop_front();
      return status;
    }
  }

  BoundPlan &plan = plans_.front();
  Status status = growArena(plan.plan.arenaBytes);
  if (!status.ok() && plans_.size() > 1) {
    evict(1, 0);
    status = growArena(plan.plan.arenaBytes);
  }
  if (!status.ok())
    return status;
  if (plan.arena != arena_.address())
    bind(plan);
  return &plan;
}

Status Session::PlanCache::run(BoundPlan &plan) {
  Device &device = program_.device();
  ++plan.runs;
  if (plan.recorded)
    return device.replay(*plan.recorded);
  // Recording pays from the third run on; the first one also gives kernels
  // their chance to load lazily, which a recording forbids.
  if (plan.runs < 2 || plan.steps.empty() || !device.canRecord())
    return issueSteps(device, program_.kernels(), plan.steps);
  Result<std::unique_ptr<RecordedWork>> recorded =
      recordSteps(device, program_.kernels(), plan.steps);
  if (!recorded.ok())
    return recorded.status();
  plan.recorded = std::move(*recorded);
  return device.replay(*plan.recorded);
}

} // namespace ssmc::runtime
