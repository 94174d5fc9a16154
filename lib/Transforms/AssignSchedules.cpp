//===- AssignSchedules.cpp - Choose a schedule for each kernel ------------===//

#include "ScheduleSpec.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "ssmc/Analysis/ScanModel.h"
#include "ssmc/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELASSIGNSCHEDULESPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;
using namespace ssmc::kernel;

namespace {

class Chooser {
public:
  Chooser(MLIRContext *context, const TargetModel &target, int64_t batch,
          int64_t seqlen)
      : b(context), target(target), batch(batch), seqlen(seqlen) {}

  /// The schedule for `op`. `reason`, to be said after it, is empty where there
  /// is but a rule.
  ScheduleAttr choose(KernelOpInterface op, std::string &reason) {
    this->reason.clear();
    ScheduleAttr schedule = choose(op);
    reason = this->reason;
    return schedule;
  }

private:
  ScheduleAttr choose(KernelOpInterface op) {
    SmallVector<int64_t> extents = getIterationExtents(op);
    return llvm::TypeSwitch<Operation *, ScheduleAttr>(op)
        .Case([&](ScanOp op) { return scan(op, extents); })
        .Case([&](MatmulOp) { return matmul(extents); })
        .Case([&](WindowOp op) { return window(op, extents); })
        .Case([&](RowReduceOp) { return rowReduce(extents); })
        .Default(
            [&](Operation *) { return schedule(Family::Elementwise, {}); });
  }

  ScheduleAttr schedule(Family family,
                        ArrayRef<std::pair<StringRef, int64_t>> params) {
    SmallVector<NamedAttribute> attributes;
    for (auto [name, value] : params)
      attributes.push_back(b.getNamedAttr(name, b.getI64IntegerAttr(value)));
    return ScheduleAttr::get(b.getContext(), family,
                             params.empty() ? DictionaryAttr()
                                            : b.getDictionaryAttr(attributes));
  }

  /// By estimates, at the sizes that are known or assumed.
  ScheduleAttr scan(ScanOp op, SmallVector<int64_t> extents) {
    bool isAssumed = false;
    for (auto [dim, size] : {std::pair(0, batch), {1, seqlen}})
      if (ShapedType::isDynamic(extents[dim])) {
        extents[dim] = size;
        isAssumed = true;
      }
    ScanModel::Choice choice = ScanModel(op, extents, target).choose();
    reason = llvm::formatv(
        ", the least of {0} schedules: {1:f0} us estimated for {2} ({3}) at "
        "{4}batch={5}, seqlen={6}",
        choice.candidates, choice.estimate.seconds * 1e6, target.arch,
        target.device, isAssumed ? "assumed " : "", extents[0], extents[1]);
    return choice.schedule;
  }

  ScheduleAttr matmul(ArrayRef<int64_t> extents) {
    // A decode step (seqlen 1) has as many rows as sequences: few.
    bool fewRows = llvm::is_contained(extents.drop_back(2), 1);
    if (!fewRows)
      return schedule(Family::Tiled, {});
    // Columns that share a warp share its loads of x and its shuffles; a column
    // with a warp of its own keeps more loads in flight, which long columns
    // need unless there are enough of them to fill the device
    // (bench/README.md).
    int64_t columns = extents[extents.size() - 2], depth = extents.back();
    bool wantsWarps = depth > 512 && columns < 8192;
    return schedule(Family::Rows,
                    {{"columns", wantsWarps ? 1 : 4}, {"threads", 128}});
  }

  ScheduleAttr rowReduce(ArrayRef<int64_t> extents) {
    // One thread for every four columns, within reason: a lone row wants all
    // the threads that it can get.
    bool fewRows = llvm::is_contained(extents.drop_back(), 1);
    int64_t threads = llvm::PowerOf2Ceil(extents.back() / 4 + 1);
    return schedule(
        Family::Rows,
        {{"threads", std::clamp<int64_t>(threads, 32, fewRows ? 1024 : 256)}});
  }

  ScheduleAttr window(WindowOp op, SmallVector<int64_t> extents) {
    for (auto [dim, size] : {std::pair(0, batch), {1, seqlen}})
      if (ShapedType::isDynamic(extents[dim]))
        extents[dim] = size;
    int64_t sequences = extents[0], length = extents[1], dim = extents[2];
    AffineMap map = cast<AffineMapAttr>(op.getMaps()[0]).getValue();
    auto isLast = [&](unsigned d) {
      return map.getResults().back() == b.getAffineDimExpr(d);
    };
    int64_t bytes =
        getElementTypeOrSelf(op.getInputs()[0]).getIntOrFloatBitWidth() / 8;
    // Pieces are laid out for the longest sequence that there could be, which
    // for packed ones is all of them together: too many.
    // A piece could read a state that another has replaced in its slot.
    bool isWhole = length == 1 || op.getOffsets() || op.getSlots();
    // Half a warp's steps at least, or most lanes would have none.
    int64_t wide = 16 / bytes;
    if (!isWhole && isLast(1) && length >= 16 * wide)
      return schedule(Family::Tiled, {{"rounds", length >= 64 * wide ? 2 : 1},
                                      {"steps", wide},
                                      {"threads", 128}});

    // Accesses of 4 bytes, which make a line of a warp, where that leaves
    // enough threads to wait for memory; those of 8 and 16 take registers that
    // more loads want (bench/conv). Of one step, most of what is moved is
    // states, by elements.
    constexpr int64_t kThreadsPerSM = 128;
    wide = std::max<int64_t>(1, 4 / bytes);
    int64_t steps = isWhole ? 0 : 16;
    auto numThreads = [&](int64_t width) {
      int64_t pieces = isWhole ? 1 : llvm::divideCeil(length, steps);
      return sequences * pieces * dim / width;
    };
    int64_t width = 1;
    while (length > 1 && isLast(2) && 2 * width <= wide &&
           dim % (2 * width) == 0 &&
           numThreads(2 * width) >= kThreadsPerSM * target.numSMs)
      width *= 2;
    // Blocks without idle threads, if there are such.
    int64_t vectors = dim / width, threads = 128;
    while (threads > 32 && vectors % threads != 0)
      threads /= 2;
    if (vectors % threads != 0)
      threads = 128;
    SmallVector<std::pair<StringRef, int64_t>> params;
    if (length > 1)
      params.push_back({"loads", isWhole ? 8 : steps});
    llvm::append_range(params,
                       std::initializer_list<std::pair<StringRef, int64_t>>{
                           {"steps", steps}, {"threads", threads}});
    if (width > 1)
      params.push_back({"width", width});
    return schedule(Family::Sequential, params);
  }

  Builder b;
  const TargetModel &target;
  int64_t batch, seqlen;
  std::string reason;
};

/// What options ask for, with how often it was of use.
struct Request {
  ScheduleSpec spec;
  bool used = false;
};

struct KernelAssignSchedulesPass final
    : ssmc::impl::KernelAssignSchedulesPassBase<KernelAssignSchedulesPass> {
  using KernelAssignSchedulesPassBase::KernelAssignSchedulesPassBase;

  FailureOr<SmallVector<Request>> parse(ArrayRef<std::string> items) {
    FailureOr<SmallVector<ScheduleSpec>> specs =
        parseScheduleSpecs(getOperation(), items);
    if (failed(specs))
      return failure();
    return llvm::map_to_vector(
        *specs, [](ScheduleSpec &spec) { return Request{std::move(spec)}; });
  }

  /// Adds the variants that the options ask for. One that is there already, as
  /// the choice or as another variant, adds nothing.
  void addVariants(KernelOpInterface op, MutableArrayRef<Request> requests) {
    SmallVector<ScheduleAttr> schedules = op.getSchedules();
    for (Request &request : requests) {
      if (!request.spec.isFor(op))
        continue;
      request.used = true;
      ScheduleAttr variant = request.spec.apply(schedules.front());
      if (!llvm::is_contained(schedules, variant))
        schedules.push_back(variant);
    }
    if (schedules.size() > 1)
      op.setVariantsAttr(ArrayAttr::get(
          &getContext(),
          SmallVector<Attribute>(ArrayRef(schedules).drop_front())));
  }

  void runOnOperation() override {
    FailureOr<SmallVector<Request>> replacements = parse(overrides);
    FailureOr<SmallVector<Request>> additions = parse(variants);
    if (failed(replacements) || failed(additions))
      return signalPassFailure();
    const TargetModel *model = getTargetModel(target);
    if (!model) {
      getOperation()->emitError("expects a target from sm_80 on to choose "
                                "schedules for, got '")
          << target << "'";
      return signalPassFailure();
    }
    if (batch < 1 || seqlen < 1) {
      getOperation()->emitError("expects sizes from 1 on to choose schedules "
                                "for, got batch = ")
          << batch << ", seqlen = " << seqlen;
      return signalPassFailure();
    }
    Chooser chooser(&getContext(), *model, batch, seqlen);
    getOperation()->walk([&](KernelOpInterface op) {
      if (op.getScheduleAttr()) {
        if (!op.getVariantsAttr())
          addVariants(op, *additions);
        return;
      }
      std::string reason;
      ScheduleAttr schedule = chooser.choose(op, reason);
      for (Request &replacement : *replacements) {
        if (!replacement.spec.isFor(op))
          continue;
        replacement.used = true;
        schedule = replacement.spec.apply(schedule);
        reason = ", as asked for";
      }
      op.setScheduleAttr(schedule);
      std::string message;
      llvm::raw_string_ostream(message)
          << "chose " << schedule << " for " << op->getName() << reason;
      remark::passed(op.getLoc(), remark::RemarkOpts::name("Schedule")
                                      .category("kernel-assign-schedules"))
          << message;
      addVariants(op, *additions);
    });
    for (const Request &replacement : *replacements)
      if (!replacement.used)
        getOperation()->emitWarning("no kernel.")
            << replacement.spec.op << " takes the schedule '"
            << replacement.spec.str() << "'";
    for (const Request &addition : *additions)
      if (!addition.used)
        getOperation()->emitWarning("no kernel.")
            << addition.spec.op << " takes the variant '" << addition.spec.str()
            << "'";
  }
};

} // namespace
