//===- KernelFiles.cpp - One file for each kernel -------------------------===//

#include "KernelFiles.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace ssmc;

static bool isKernel(Operation &op) {
  return isa<FunctionOpInterface>(op) &&
         (op.hasAttr(gpu::GPUDialect::getKernelFuncAttrName()) ||
          op.hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()));
}

static InFlightDiagnostic errorAt(MLIRContext *context, const Twine &path) {
  return emitError(FileLineColLoc::get(context, path.str(), 1, 1));
}

/// An architecture's PTX.
static StringRef archOf(gpu::ObjectAttr object) {
  auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
  bool isText = object.getFormat() == gpu::CompilationTarget::Assembly;
  return target && isText ? target.getChip() : StringRef();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// A gpu.module of one kernel and what it refers to, directly or not.
static std::string printKernel(gpu::GPUModuleOp module, Operation *kernel) {
  llvm::SetVector<Operation *> needed;
  needed.insert(kernel);
  for (size_t i = 0; i < needed.size(); ++i)
    if (auto uses = SymbolTable::getSymbolUses(&needed[i]->getRegion(0)))
      for (SymbolTable::SymbolUse use : *uses)
        if (Operation *symbol = module.lookupSymbol(use.getSymbolRef()))
          needed.insert(symbol);
  // Operations that ask for a data layout look for a module around them.
  OwningOpRef<ModuleOp> around = ModuleOp::create(module.getLoc());
  auto copy = cast<gpu::GPUModuleOp>(module->cloneWithoutRegions());
  around->push_back(copy);
  OpBuilder builder(module.getContext());
  builder.createBlock(&copy.getBodyRegion());
  for (Operation &op : *module.getBody())
    if (needed.contains(&op))
      builder.clone(op);
  std::string text;
  llvm::raw_string_ostream os(text);
  copy->print(os);
  os << '\n';
  return text;
}

namespace {
/// Where a kernel's entry stands in PTX.
struct Entry {
  StringRef name;
  size_t begin, end;
};
} // namespace

/// The entries of PTX as LLVM writes it: each ends with a brace at the start of
/// a line.
static SmallVector<Entry> findEntries(StringRef ptx) {
  constexpr StringLiteral start = ".visible .entry ";
  constexpr StringLiteral end = "\n}\n";
  SmallVector<Entry> entries;
  size_t at = 0;
  while ((at = ptx.find(start, at)) != StringRef::npos) {
    StringRef name = ptx.substr(at + start.size()).take_until([](char c) {
      return c == '(' || llvm::isSpace(c);
    });
    size_t close = ptx.find(end, at);
    if (close == StringRef::npos)
      break;
    close += end.size();
    entries.push_back({name, at, close});
    at = close;
  }
  return entries;
}

std::map<std::string, std::string> ssmc::printKernels(ModuleOp module,
                                                      Phase phase) {
  std::map<std::string, std::string> files;
  std::string folder = (phaseName(phase) + "/").str();
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    for (Operation &op : *kernels.getBody())
      if (isKernel(op))
        files[folder + SymbolTable::getSymbolName(&op).str() + ".mlir"] =
            printKernel(kernels, &op);
  for (auto binary : module.getOps<gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      StringRef arch = archOf(object), ptx = object.getObject().getValue();
      if (arch.empty())
        continue;
      for (const Entry &entry : findEntries(ptx))
        files[(folder + entry.name + "." + arch + ".ptx").str()] =
            ptx.slice(entry.begin, entry.end).str();
    }
  return files;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

LogicalResult Overrides::addKernel(MLIRContext *context, StringRef path,
                                   StringRef name, std::string text, Phase from,
                                   Phase to) {
  Kernel kernel;
  kernel.path = path.str();
  kernel.module = parseSourceString<ModuleOp>(text, context, path);
  if (!kernel.module)
    return failure();
  auto modules = llvm::to_vector(kernel.module->getOps<gpu::GPUModuleOp>());
  Operation *function =
      modules.size() == 1 ? modules[0].lookupSymbol(name) : nullptr;
  if (!function || !isKernel(*function))
    return errorAt(context, path) << "expects one gpu.module with the kernel @"
                                  << name << ", as --dump-to writes it";
  bool isGPU = isa<gpu::GPUFuncOp>(function);
  Phase phase = isGPU ? Phase::GPU : Phase::NVVM;
  if (phase < from || phase > to)
    return function->emitError("belongs to the phase ")
           << phaseName(phase) << ", which is not passed from "
           << phaseName(from) << " to " << phaseName(to);
  kernels[phase].emplace(name, std::move(kernel));
  return success();
}

LogicalResult
Overrides::read(MLIRContext *context, StringRef directory, Phase from, Phase to,
                llvm::function_ref<Status(StringRef, StringRef)> checkText) {
  std::vector<std::string> paths;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error))
    paths.push_back(it->path());
  if (error)
    return errorAt(context, directory) << error.message();
  // A directory has no order.
  llvm::sort(paths);
  for (const std::string &path : paths) {
    StringRef name = llvm::sys::path::stem(path);
    StringRef extension = llvm::sys::path::extension(path);
    if (extension != ".mlir" && extension != ".ptx")
      return errorAt(context, path)
             << "is neither a kernel (.mlir) nor PTX (.ptx); an override "
                "directory holds nothing else";
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer)
      return errorAt(context, path) << buffer.getError().message();
    std::string text = (*buffer)->getBuffer().str();
    if (extension == ".ptx") {
      if (to < Phase::PTX)
        return errorAt(context, path)
               << "belongs to the phase ptx, which is not passed from "
               << phaseName(from) << " to " << phaseName(to);
      ptx[name.str()] = {path, std::move(text)};
      continue;
    }
    if (Status status = checkText(text, path); !status.ok())
      return errorAt(context, path) << status.message();
    if (failed(addKernel(context, path, name, std::move(text), from, to)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Putting in
//===----------------------------------------------------------------------===//

LogicalResult Overrides::replaceKernel(ModuleOp module, StringRef name,
                                       Kernel &kernel) {
  gpu::GPUModuleOp target;
  Operation *old = nullptr;
  std::string known;
  for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
    for (Operation &op : *kernels.getBody())
      if (isKernel(op))
        known +=
            (known.empty() ? "" : ", ") + SymbolTable::getSymbolName(&op).str();
    Operation *found = kernels.lookupSymbol(name);
    if (found && isKernel(*found)) {
      target = kernels;
      old = found;
    }
  }
  if (!old)
    return errorAt(module.getContext(), kernel.path)
           << "no kernel is called '" << name << "'; there are: " << known;
  auto source = *kernel.module->getOps<gpu::GPUModuleOp>().begin();
  auto replacement = cast<FunctionOpInterface>(source.lookupSymbol(name));
  auto replaced = cast<FunctionOpInterface>(old);
  if (replacement.getArgumentTypes() != replaced.getArgumentTypes()) {
    InFlightDiagnostic diagnostic =
        replacement->emitError("has the parameters ")
        << replacement.getFunctionType() << ", but the launches of '" << name
        << "' pass " << replaced.getFunctionType();
    diagnostic.attachNote(replaced->getLoc()) << "in the place of this kernel";
    return diagnostic;
  }
  OpBuilder builder(old);
  for (Operation &op : llvm::make_early_inc_range(*source.getBody())) {
    // What the kernel refers to goes with it.
    Operation *same = target.lookupSymbol(SymbolTable::getSymbolName(&op));
    if (same)
      builder.setInsertionPoint(same);
    op.remove();
    builder.insert(&op);
    if (same)
      same->erase();
  }
  return success();
}

/// `whole` with one entry replaced by `entry`.
static FailureOr<std::string> replaceEntry(MLIRContext *context,
                                           StringRef whole, StringRef name,
                                           StringRef path, StringRef entry) {
  SmallVector<Entry> given = findEntries(entry);
  if (given.size() != 1 || given[0].name != name ||
      !entry.take_front(given[0].begin).trim().empty() ||
      !entry.drop_front(given[0].end).trim().empty())
    return errorAt(context, path)
           << "expects the entry of '" << name
           << "' and nothing else, as --dump-to writes it";
  std::string known;
  for (const Entry &old : findEntries(whole)) {
    if (old.name == name)
      return (whole.take_front(old.begin) + entry + whole.drop_front(old.end))
          .str();
    known += (known.empty() ? "" : ", ") + old.name.str();
  }
  return errorAt(context, path)
         << "no kernel is called '" << name << "'; there are: " << known;
}

LogicalResult Overrides::replacePtx(ModuleOp module) {
  MLIRContext *context = module.getContext();
  Builder b(context);
  llvm::StringSet<> used;
  std::string archs;
  for (auto binary : module.getOps<gpu::BinaryOp>()) {
    SmallVector<Attribute> objects;
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      StringRef arch = archOf(object);
      std::string text = object.getObject().str();
      if (!arch.empty()) {
        archs += (archs.empty() ? "" : ", ") + arch.str();
        // The whole before its parts.
        if (auto whole = ptx.find(arch.str()); whole != ptx.end()) {
          used.insert(whole->first);
          text = whole->second.text;
        }
        for (const auto &[key, part] : ptx) {
          auto [name, suffix] = StringRef(key).rsplit('.');
          if (suffix != arch)
            continue;
          used.insert(key);
          FailureOr<std::string> edited =
              replaceEntry(context, text, name, part.path, part.text);
          if (failed(edited))
            return failure();
          text = std::move(*edited);
        }
      }
      objects.push_back(gpu::ObjectAttr::get(
          context, object.getTarget(), object.getFormat(),
          b.getStringAttr(text), object.getProperties(), object.getKernels()));
    }
    binary.setObjectsAttr(b.getArrayAttr(objects));
  }
  for (const auto &[key, text] : ptx)
    if (!used.contains(key))
      return errorAt(context, text.path)
             << "expects ARCH.ptx or KERNEL.ARCH.ptx with a target that is "
                "compiled for: "
             << (archs.empty() ? "none" : archs);
  return success();
}

LogicalResult Overrides::apply(ModuleOp module, Phase phase) {
  if (phase == Phase::PTX && !ptx.empty()) {
    if (failed(replacePtx(module)))
      return failure();
    for (auto binary : module.getOps<gpu::BinaryOp>())
      for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>())
        if (object.getFormat() == gpu::CompilationTarget::Offload)
          emitWarning(FileLineColLoc::get(module.getContext(),
                                          ptx.begin()->second.path, 1, 1))
              << "replaces PTX alone; the CPU device runs the kernel that was "
                 "there";
  }
  auto found = kernels.find(phase);
  if (found == kernels.end())
    return success();
  for (auto &[name, kernel] : found->second)
    if (failed(replaceKernel(module, name, kernel)))
      return failure();
  return verify(module);
}
