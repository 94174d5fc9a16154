//===- ReportBuilder.cpp - Finding out what a compilation made ------------===//

#include "ReportBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "ssmc/Analysis/KernelCost.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Locations
//===----------------------------------------------------------------------===//

Location ReportBuilder::tagged(ReportTag::Kind kind, size_t index,
                               Location location) {
  tags.push_back(std::make_unique<ReportTag>(ReportTag{kind, index}));
  return OpaqueLoc::get(tags.back().get(), location);
}

/// The indices that a location has of one kind, in order.
static void findTags(Location location, ReportTag::Kind kind,
                     llvm::SmallSetVector<size_t, 4> &found) {
  location->walk([&](Location inner) {
    auto *tag = OpaqueLoc::getUnderlyingLocationOrNull<ReportTag *>(inner);
    if (tag && tag->kind == kind)
      found.insert(tag->index);
    return WalkResult::advance();
  });
}

/// "model.mlir:3:8", or the name that an imported op has; empty for neither.
static std::string printLocation(Location location) {
  std::string text;
  location->walk([&](Location inner) {
    if (auto file = dyn_cast<FileLineColLoc>(inner))
      text = (llvm::sys::path::filename(file.getFilename()) + ":" +
              Twine(file.getLine()) + ":" + Twine(file.getColumn()))
                 .str();
    else if (auto name = dyn_cast<NameLoc>(inner))
      text = name.getName().str();
    else
      return WalkResult::advance();
    return WalkResult::interrupt();
  });
  return text;
}

void ReportBuilder::nameSources(Operation *root) {
  root->walk([&](func::FuncOp function) {
    for (Operation &op : function.getBody().front()) {
      if (isa<arith::ConstantOp>(op))
        continue;
      sources.push_back({op.getName().getStringRef().str(),
                         printLocation(op.getLoc()),
                         {},
                         0});
      op.setLoc(tagged(ReportTag::Source, sources.size() - 1, op.getLoc()));
    }
  });
}

/// "scan"; of a map, what it computes: "addf softplus".
static std::string stepName(kernel::KernelOpInterface op) {
  if (!isa<kernel::MapOp>(op))
    return op->getName().stripDialect().str();
  llvm::SmallSetVector<StringRef, 4> names;
  op->walk([&](Operation *inner) {
    if (inner != op && !isa<arith::ConstantOp, arith::ExtFOp, arith::TruncFOp,
                            kernel::YieldOp>(inner))
      names.insert(inner->getName().stripDialect());
  });
  return names.empty() ? "copy" : llvm::join(names, " ");
}

void ReportBuilder::nameSteps(Operation *root) {
  root->walk([&](kernel::KernelOpInterface op) {
    llvm::SmallSetVector<size_t, 4> of;
    findTags(op.getLoc(), ReportTag::Source, of);
    if (of.empty()) {
      of.insert(sources.size());
      sources.push_back({op->getName().getStringRef().str(),
                         printLocation(op.getLoc()),
                         {},
                         0});
    }
    ++sources[of[0]].numSteps;
    steps.push_back({of[0], stepName(op)});
    op->walk([&](Operation *inner) {
      inner->setLoc(tagged(ReportTag::Step, steps.size() - 1, inner->getLoc()));
    });
  });
}

namespace ssmc {
struct ReportInstrumentation final : PassInstrumentation {
  explicit ReportInstrumentation(ReportBuilder &builder) : builder(builder) {}

  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument() == "ssm-decompose-blocks")
      builder.nameSources(op);
    else if (pass->getArgument() == "convert-ssm-to-kernel")
      builder.nameSteps(op);
  }

  ReportBuilder &builder;
};
} // namespace ssmc

void ReportBuilder::watch(PassManager &pm) {
  pm.addInstrumentation(std::make_unique<ReportInstrumentation>(*this));
}

void ReportBuilder::nameKernels(ModuleOp module) {
  module.walk([&](kernel::KernelOpInterface op) {
    KernelInfo info;
    info.op = op->getName().getStringRef();
    if (kernel::ScheduleAttr schedule = op.getScheduleAttr())
      info.schedule = schedule.describe();
    info.numInputs = op->getNumOperands();
    info.numResults = op->getNumResults();
    llvm::SmallSetVector<size_t, 4> of;
    op->walk([&](Operation *inner) {
      findTags(inner->getLoc(), ReportTag::Step, of);
    });
    info.steps.assign(of.begin(), of.end());
    llvm::sort(info.steps);
    llvm::MapVector<size_t, ReportOp> ops;
    for (size_t step : info.steps) {
      size_t source = steps[step].source;
      ops.try_emplace(source, sources[source])
          .first->second.steps.push_back(steps[step].name);
    }
    for (auto &[source, op] : ops)
      info.ops.push_back(std::move(op));
    if (info.ops.empty())
      info.ops.push_back({info.op, printLocation(op.getLoc()), {}, 0});
    kernels.push_back(std::move(info));
    op->setLoc(tagged(ReportTag::Kernel, kernels.size() - 1, op.getLoc()));
  });
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

size_t ReportBuilder::findKernel(kernel::LaunchOp launch,
                                 const KernelInfo *info) {
  std::string name = launch.getKernel().getLeafReference().str();
  auto [known, isNew] = kernelIndex.try_emplace(name, report.kernels.size());
  if (!isNew)
    return known->second;
  ReportKernel kernel;
  kernel.name = name;
  if (info) {
    kernel.op = info->op;
    kernel.schedule = info->schedule;
  }
  auto function = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch, launch.getKernel());
  if (function) {
    if (DenseI32ArrayAttr block = function.getKnownBlockSizeAttr())
      llvm::copy(block.asArrayRef(), kernel.block.begin());
    for (BlockArgument shared : function.getWorkgroupAttributions()) {
      auto type = cast<MemRefType>(shared.getType());
      kernel.sharedBytes +=
          type.getNumElements() * type.getElementTypeBitWidth() / 8;
    }
  }
  report.kernels.push_back(std::move(kernel));
  return known->second;
}

void ReportBuilder::collectLaunch(kernel::LaunchOp op, ArrayRef<int64_t> sizes,
                                  const DenseMap<Value, size_t> &tensors,
                                  ReportEntry &entry) {
  llvm::SmallSetVector<size_t, 4> kernelTags;
  findTags(op.getLoc(), ReportTag::Kernel, kernelTags);
  const KernelInfo *info =
      kernelTags.empty() ? nullptr : &kernels[kernelTags[0]];
  ReportLaunch launch;
  launch.kernel = findKernel(op, info);
  if (info)
    launch.ops = info->ops;
  for (auto [extent, expr] : llvm::zip(launch.grid, op.getGrid().getResults()))
    extent = evaluateExpr(expr, sizes);
  // A kernel that is not of the model copies its only input. What follows the
  // results is what a schedule keeps for itself.
  size_t numInputs = info ? info->numInputs : op.getArgs().size() - 1;
  size_t numOwn = info ? numInputs + info->numResults : op.getArgs().size();
  for (auto [i, buffer] : llvm::enumerate(op.getArgs())) {
    if (i < numInputs || i >= numOwn)
      launch.reads.push_back(tensors.at(buffer));
    if (i >= numInputs)
      launch.writes.push_back(tensors.at(buffer));
  }
  if (std::optional<AffineMap> cost = op.getCost())
    launch.work = {evaluateExpr(cost->getResult(0), sizes),
                   evaluateExpr(cost->getResult(1), sizes),
                   evaluateExpr(cost->getResult(2), sizes)};
  llvm::SmallSetVector<size_t, 4> stepTags;
  findTags(op.getLoc(), ReportTag::Step, stepTags);
  stepBytes.resize(steps.size());
  for (size_t step : stepTags)
    stepBytes[step] += launch.work.bytes;
  // Where an op is several launches, the last stands for it and has its cost.
  if (!info)
    launchSteps.push_back(std::nullopt);
  else
    launchSteps.push_back(launch.work.bytes > 0 ? info->steps
                                                : std::vector<size_t>());
  entry.launches.push_back(std::move(launch));
}

void ReportBuilder::collectEntry(kernel::PlanOp plan) {
  ReportEntry entry;
  entry.name = plan.getSymName();
  SmallVector<int64_t> sizes;
  for (auto name : plan.getDims().getAsValueRange<StringAttr>()) {
    auto given = llvm::find_if(
        options.dims, [&](const auto &dim) { return dim.first == name; });
    sizes.push_back(given == options.dims.end() ? 1 : given->second);
    entry.dims.push_back({name.str(), uint64_t(sizes.back())});
  }
  DenseMap<Value, size_t> tensors;
  for (auto buffer : plan.getOps<kernel::BufferOp>()) {
    auto type = cast<MemRefType>(buffer.getBuffer().getType());
    ReportTensor tensor;
    tensor.name = buffer.getName();
    tensor.kind = kernel::stringifyBufferKind(buffer.getKind());
    double bytes = type.getElementTypeBitWidth() / 8;
    llvm::raw_string_ostream os(tensor.type);
    os << type.getElementType() << '[';
    llvm::interleaveComma(buffer.getShape().getResults(), os,
                          [&](AffineExpr expr) {
                            double extent = evaluateExpr(expr, sizes);
                            bytes *= extent;
                            os << int64_t(extent);
                          });
    os << ']';
    tensor.bytes = bytes;
    tensors[buffer.getBuffer()] = entry.tensors.size();
    entry.tensors.push_back(std::move(tensor));
  }
  auto collectStep = [&](Operation &op) {
    if (auto launch = dyn_cast<kernel::LaunchOp>(op))
      collectLaunch(launch, sizes, tensors, entry);
    if (auto copy = dyn_cast<kernel::CopyOp>(op)) {
      ++entry.copies;
      // Read and written.
      entry.copyBytes +=
          2.0 * entry.tensors[tensors.at(copy.getSource())].bytes;
    }
  };
  for (Operation &op : plan.getBody().front()) {
    auto choose = dyn_cast<kernel::ChooseOp>(op);
    if (!choose) {
      collectStep(op);
      continue;
    }
    // What runs without measurements.
    size_t taken = 0;
    double least = INFINITY;
    if (choose.getCosts())
      for (auto [i, cost] :
           llvm::enumerate(choose.getCosts()->getAsValueRange<AffineMapAttr>()))
        if (double value = evaluateExpr(cost.getResult(0), sizes);
            value < least) {
          least = value;
          taken = i;
        }
    size_t first = entry.launches.size();
    for (Operation &part : choose.getAlternatives()[taken].front())
      collectStep(part);
    auto labels =
        llvm::to_vector(choose.getLabels().getAsValueRange<StringAttr>());
    for (size_t i = first; i < entry.launches.size(); ++i) {
      entry.launches[i].alternatives.assign(labels.begin(), labels.end());
      // The op's own schedule is that of its first alternative.
      report.kernels[entry.launches[i].kernel].schedule = labels[taken];
    }
  }
  report.entries.push_back(std::move(entry));
}

void ReportBuilder::collect(ModuleOp module) {
  for (auto plan : module.getOps<kernel::PlanOp>())
    collectEntry(plan);
}

void ReportBuilder::collectPtx(ModuleOp module) {
  for (auto binary : module.getOps<gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>())
      if (object.getFormat() == gpu::CompilationTarget::Assembly)
        report.ptx.push_back(
            {cast<NVVM::NVVMTargetAttr>(object.getTarget()).getChip().str(),
             object.getObject().getValue().str()});
}

void ReportBuilder::setUnfused(const ReportBuilder &unfused) {
  size_t index = 0;
  for (ReportEntry &entry : report.entries)
    for (ReportLaunch &launch : entry.launches) {
      const std::optional<std::vector<size_t>> &of = launchSteps[index++];
      if (!of)
        continue;
      launch.unfusedKernels = of->size();
      launch.unfusedBytes = 0;
      for (size_t step : *of)
        *launch.unfusedBytes += unfused.stepBytes.at(step);
    }
}
