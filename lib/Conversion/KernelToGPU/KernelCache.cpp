//===- KernelCache.cpp - Each different kernel is emitted once ------------===//

#include "KernelCache.h"
#include "Emitters.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc;

static void emitKernel(KernelFunction &f, kernel::KernelOpInterface op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](kernel::MapOp op) { emitMap(f, op); })
      .Case([&](kernel::GatherOp op) { emitGather(f, op); })
      .Case([&](kernel::RowReduceOp op) { emitRowReduce(f, op); })
      .Case([&](kernel::WindowOp op) {
        if (op.getScheduleAttr().getFamily() == kernel::Family::Tiled)
          emitWindowTiled(f, op);
        else
          emitWindow(f, op);
      })
      .Case([&](kernel::ScanOp op) {
        kernel::Family family = op.getScheduleAttr().getFamily();
        if (family == kernel::Family::Tiled)
          emitScanTiled(f, op);
        else if (family == kernel::Family::Chained)
          emitScanChained(f, op);
        else
          emitScanSequential(f, op);
      })
      .Case([&](kernel::MatmulOp op) {
        if (op.getScheduleAttr().getFamily() == kernel::Family::Tiled)
          emitMatmulTiled(f, op);
        else
          emitMatmulRows(f, op);
      });
}

/// A copy whose operands are block arguments of its own, which can be compared
/// with other copies.
static OwningOpRef<Operation *> detach(Operation *op) {
  Operation *copy = op->cloneWithoutRegions();
  copy->dropAllReferences();
  for (auto [to, from] : llvm::zip(copy->getRegions(), op->getRegions())) {
    IRMapping mapping;
    from.cloneInto(&to, mapping);
  }
  return copy;
}

const KernelCache::Entry &KernelCache::get(kernel::KernelOpInterface op,
                                           ArrayRef<ViewType> views,
                                           ArrayRef<int64_t> extents) {
  // Operands are compared by their views; what remains is the structure.
  auto ignore = OperationEquivalence::ignoreHashValue;
  size_t hash = OperationEquivalence::computeHash(
      op, ignore, ignore, OperationEquivalence::Flags::IgnoreLocations);
  std::vector<std::unique_ptr<Entry>> &bucket = entries[hash];
  auto sameRegions = [](Operation *a, Operation *b) {
    return llvm::all_of(llvm::zip(a->getRegions(), b->getRegions()),
                        [](auto pair) {
                          return OperationEquivalence::isRegionEquivalentTo(
                              &std::get<0>(pair), &std::get<1>(pair),
                              OperationEquivalence::Flags::IgnoreLocations);
                        });
  };
  for (std::unique_ptr<Entry> &entry : bucket)
    if (entry->op->getName() == op->getName() &&
        entry->op->getAttrDictionary() == op->getAttrDictionary() &&
        ArrayRef(entry->views) == views &&
        ArrayRef(entry->extents) == extents && sameRegions(entry->op.get(), op))
      return *entry;

  StringRef kind = op->getName().stripDialect();
  std::string name = (kind + "_" + Twine(counters[kind]++)).str();
  auto entry = std::make_unique<Entry>();
  entry->op = detach(op);
  entry->views.assign(views.begin(), views.end());
  entry->extents.assign(extents.begin(), extents.end());
  auto emit = [&](const Twine &suffix,
                  llvm::function_ref<void(KernelFunction &)> body) {
    KernelFunction f(module, (name + suffix).str(), op, views, extents,
                     entry->scratch.size());
    body(f);
    Launch &launch = entry->launches.emplace_back();
    launch.name = f.getFunction().getNameAttr();
    launch.scalars.assign(f.getScalars().begin(), f.getScalars().end());
    launch.grid = f.getGrid();
  };
  if (op.getScheduleAttr().getFamily() == kernel::Family::Split) {
    auto scan = cast<kernel::ScanOp>(op);
    entry->scratch = getSplitScratch(scan);
    emit("_summarize", [&](auto &f) { emitSplitSummaries(f, scan); });
    emit("_join", [&](auto &f) { emitSplitJoin(f, scan); });
    emit("", [&](auto &f) { emitSplitScan(f, scan); });
  } else {
    emit("", [&](auto &f) { emitKernel(f, op); });
  }
  return *bucket.emplace_back(std::move(entry));
}

StringAttr
KernelCache::getGroup(StringRef kind,
                      const std::vector<std::vector<Attribute>> &alternatives) {
  for (const auto &[known, name] : groups)
    if (known == alternatives)
      return name;
  auto name = StringAttr::get(module.getContext(),
                              kind + "." + Twine(groupCounters[kind]++));
  groups.emplace_back(alternatives, name);
  return name;
}
