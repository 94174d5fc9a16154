//===- Plan.cpp - An entry of a bundle at given sizes ---------------------===//

#include "ssmc/Runtime/Plan.h"
#include "ssmc/IO/Tensor.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace ssmc::runtime {

namespace {

class Planner {
public:
  Planner(const BundleView &bundle, const bundle::Entry &entry, EntryPlan &plan)
      : bundle_(bundle), entry_(entry), plan_(plan) {}

  /// Takes an alternative of each Choose, and notes the temporaries of the
  /// others as unused. After planBuffers().
  void choose(const ChoiceTable &choices) {
    std::vector<bool> used(plan_.buffers.size());
    for (uint32_t i = 0; i < entry_.steps()->size(); ++i) {
      const bundle::Step &step = *entry_.steps()->Get(i);
      const bundle::Choose *choose = step.action_as_Choose();
      if (!choose) {
        noteUses(step, used);
        continue;
      }
      ChoiceMade choice = choices.choose(entry_, *choose, plan_.dims);
      choice.step = i;
      plan_.choices.push_back(choice);
      for (const bundle::Step *part :
           *choose->alternatives()->Get(choice.alternative)->steps())
        noteUses(*part, used);
    }
    for (uint32_t i = 0; i < used.size(); ++i)
      if (entry_.buffers()->Get(i)->kind() == bundle::BufferKind::Temporary)
        plan_.buffers[i].isUsed = used[i];
  }

  Status planBuffers() {
    for (const bundle::Buffer *buffer : *entry_.buffers()) {
      BufferPlan planned;
      std::string context = "buffer " + quoted(buffer->name()->string_view());
      for (const bundle::Expr *item : *buffer->shape()) {
        uint64_t extent;
        SSMC_TRY(evaluate(*item, extent).withContext(context));
        planned.shape.push_back(extent);
      }
      Result<uint64_t> bytes =
          byteCount(static_cast<DType>(buffer->dtype()), planned.shape);
      if (!bytes.ok())
        return bytes.status().withContext(context);
      planned.bytes = *bytes;
      plan_.buffers.push_back(std::move(planned));
    }
    return {};
  }

  Status placeTemporaries() {
    std::vector<ArenaRequest> requests;
    std::vector<uint32_t> owners;
    for (uint32_t i = 0; i < plan_.buffers.size(); ++i) {
      const bundle::Buffer &buffer = *entry_.buffers()->Get(i);
      if (buffer.kind() != bundle::BufferKind::Temporary ||
          !plan_.buffers[i].isUsed)
        continue;
      requests.push_back(
          {plan_.buffers[i].bytes, buffer.first_step(), buffer.last_step()});
      owners.push_back(i);
    }
    Result<ArenaLayout> layout = layOutArena(requests);
    if (!layout.ok())
      return layout.status();
    for (size_t i = 0; i < owners.size(); ++i)
      plan_.buffers[owners[i]].arenaOffset = layout->offsets[i];
    plan_.arenaBytes = layout->bytes;
    return {};
  }

  Status planSteps() {
    auto choice = plan_.choices.begin();
    for (uint32_t i = 0; i < entry_.steps()->size(); ++i) {
      const bundle::Step &step = *entry_.steps()->Get(i);
      const bundle::Choose *choose = step.action_as_Choose();
      if (!choose) {
        SSMC_TRY(planStep(i, step));
        continue;
      }
      uint32_t taken = choice++->alternative;
      for (const bundle::Step *part :
           *choose->alternatives()->Get(taken)->steps())
        SSMC_TRY(planStep(i, *part).withContext(fmt::format(
            "alternative {}", quoted(bundle_.variantGroup(choose->group())
                                         .labels()
                                         ->Get(taken)
                                         ->string_view()))));
    }
    return {};
  }

private:
  static void noteUses(const bundle::Step &step, std::vector<bool> &used) {
    if (const bundle::Launch *launch = step.action_as_Launch()) {
      for (const bundle::Pointer *pointer : *launch->pointers())
        used[pointer->buffer()] = true;
      return;
    }
    const bundle::Copy &copy = *step.action_as_Copy();
    used[copy.source()->buffer()] = used[copy.target()->buffer()] = true;
  }

  /// A launch or a copy, which belongs to step `number`.
  Status planStep(uint32_t number, const bundle::Step &step) {
    plan_.origins.push_back(number);
    if (const bundle::Launch *launch = step.action_as_Launch()) {
      std::string_view kernel =
          bundle_.kernel(launch->kernel()).name()->string_view();
      return planLaunch(*launch).withContext(
          fmt::format("step {} (kernel {})", number, quoted(kernel)));
    }
    return planCopy(*step.action_as_Copy())
        .withContext(fmt::format("step {} (copy)", number));
  }

  Status evaluate(const bundle::Expr &expr, uint64_t &value) {
    Result<uint64_t> result = evaluateExpr(expr, entry_.dims(), plan_.dims);
    if (!result.ok())
      return result.status();
    value = *result;
    return {};
  }

  /// A pointer with at least `bytes` bytes behind it.
  Status planPointer(const bundle::Pointer &pointer, uint64_t bytes,
                     PointerPlan &planned) {
    planned.buffer = pointer.buffer();
    SSMC_TRY(evaluate(*pointer.offset(), planned.offset));
    const bundle::Buffer &buffer = *entry_.buffers()->Get(planned.buffer);
    uint64_t size = plan_.buffers[planned.buffer].bytes;
    if (planned.offset > size || bytes > size - planned.offset)
      return Status::invalid(fmt::format(
          "{} bytes at offset {} = {} exceed the buffer {} of {} bytes", bytes,
          printExpr(*pointer.offset(), entry_.dims()), planned.offset,
          quoted(buffer.name()->string_view()), size));
    if (planned.offset % dtypeSize(static_cast<DType>(buffer.dtype())) != 0)
      return Status::invalid(
          fmt::format("offset {} = {} splits an element of the buffer {} ({})",
                      printExpr(*pointer.offset(), entry_.dims()),
                      planned.offset, quoted(buffer.name()->string_view()),
                      dtypeName(static_cast<DType>(buffer.dtype()))));
    return {};
  }

  Status planLaunch(const bundle::Launch &launch) {
    LaunchPlan planned;
    planned.kernel = launch.kernel();
    uint64_t grid[3];
    for (uint32_t d = 0; d < 3; ++d)
      SSMC_TRY(evaluate(*launch.grid()->Get(d), grid[d]));
    if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0) {
      planned.grid = {0, 0, 0};
    } else {
      // The limits of every CUDA device.
      constexpr uint64_t limits[3] = {INT32_MAX, 65535, 65535};
      for (uint32_t d = 0; d < 3; ++d) {
        if (grid[d] > limits[d])
          return Status::invalid(fmt::format(
              "grid extent {} is {} = {}, but devices take at most {}; use "
              "smaller inputs",
              d, printExpr(*launch.grid()->Get(d), entry_.dims()), grid[d],
              limits[d]));
        planned.grid[d] = static_cast<uint32_t>(grid[d]);
      }
    }
    for (const bundle::Pointer *pointer : *launch.pointers())
      SSMC_TRY(planPointer(*pointer, 0, planned.pointers.emplace_back()));
    for (const bundle::Expr *scalar : *launch.scalars())
      SSMC_TRY(evaluate(*scalar, planned.scalars.emplace_back()));
    // Nothing depends on the cost: numbers beyond 64 bits refuse no call.
    CostPlan work;
    const bundle::Cost *cost = launch.cost();
    if (cost && evaluate(*cost->bytes(), work.bytes).ok() &&
        evaluate(*cost->mufu(), work.mufu).ok() &&
        evaluate(*cost->fma(), work.fma).ok())
      planned.cost = work;
    plan_.steps.emplace_back(std::move(planned));
    return {};
  }

  Status planCopy(const bundle::Copy &copy) {
    CopyPlan planned;
    SSMC_TRY(evaluate(*copy.bytes(), planned.bytes));
    SSMC_TRY(planPointer(*copy.source(), planned.bytes, planned.source));
    SSMC_TRY(planPointer(*copy.target(), planned.bytes, planned.target));
    if (planned.bytes != 0 && planned.source.buffer == planned.target.buffer &&
        planned.source.offset < planned.target.offset + planned.bytes &&
        planned.target.offset < planned.source.offset + planned.bytes)
      return Status::invalid("source and target overlap");
    plan_.steps.emplace_back(planned);
    return {};
  }

  const BundleView &bundle_;
  const bundle::Entry &entry_;
  EntryPlan &plan_;
};

} // namespace

Result<EntryPlan> planEntry(const BundleView &bundle,
                            const bundle::Entry &entry,
                            std::vector<uint64_t> dims,
                            const ChoiceTable &choices) {
  std::string context = fmt::format("{}: entry {}", quoted(bundle.name()),
                                    quoted(entry.name()->string_view()));
  if (dims.size() != entry.dims()->size())
    return Status::invalid(fmt::format("{}: {} dims given, expected {}",
                                       context, dims.size(),
                                       entry.dims()->size()));
  EntryPlan plan;
  plan.entry = &entry;
  plan.dims = std::move(dims);
  Planner planner(bundle, entry, plan);
  Status status = planner.planBuffers();
  if (status.ok()) {
    planner.choose(choices);
    status = planner.placeTemporaries();
  }
  if (status.ok())
    status = planner.planSteps();
  if (!status.ok())
    return status.withContext(context);
  return plan;
}

/// Rounds up to kArenaAlignment; false where the result does not fit.
static bool alignUp(uint64_t &value) {
  if (__builtin_add_overflow(value, kArenaAlignment - 1, &value))
    return false;
  value -= value % kArenaAlignment;
  return true;
}

Result<ArenaLayout> layOutArena(const std::vector<ArenaRequest> &requests) {
  ArenaLayout layout;
  layout.offsets.resize(requests.size());
  // Large blocks first: small ones then fill the gaps between them.
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    uint64_t aBytes = requests[a].bytes, bBytes = requests[b].bytes;
    return aBytes != bBytes ? aBytes > bBytes : a < b;
  });

  struct Block {
    uint64_t begin, end;
  };
  std::vector<size_t> placed;
  std::vector<Block> occupied;
  for (size_t index : order) {
    const ArenaRequest &request = requests[index];
    if (request.bytes == 0)
      break;
    occupied.clear();
    for (size_t other : placed)
      if (requests[other].firstStep <= request.lastStep &&
          request.firstStep <= requests[other].lastStep)
        occupied.push_back({layout.offsets[other],
                            layout.offsets[other] + requests[other].bytes});
    std::sort(occupied.begin(), occupied.end(),
              [](const Block &a, const Block &b) { return a.begin < b.begin; });
    uint64_t offset = 0, end = 0;
    for (const Block &block : occupied) {
      if (block.begin >= offset && block.begin - offset >= request.bytes)
        break;
      // Cannot overflow: alignUp() succeeded for the whole arena below.
      offset = std::max(offset, block.end);
      alignUp(offset);
    }
    if (__builtin_add_overflow(offset, request.bytes, &end) || !alignUp(end))
      return Status::invalid("the temporaries do not fit 64-bit addresses");
    layout.offsets[index] = offset;
    layout.bytes = std::max(layout.bytes, end);
    placed.push_back(index);
  }
  return layout;
}

} // namespace ssmc::runtime
