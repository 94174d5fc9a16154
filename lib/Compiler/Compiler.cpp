//===- Compiler.cpp - The compiler as a function --------------------------===//

#include "ssmc/Compiler/Compiler.h"
#include "KernelFiles.h"
#include "ReportBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "ssmc/IO/File.h"
#include "ssmc/Import/Import.h"
#include "ssmc/InitAll.h"
#include "ssmc/Pipelines/Pipelines.h"
#include "ssmc/Strategies/Strategies.h"
#include "ssmc/Target/Bundle.h"
#include "ssmc/Target/PTX.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace ssmc;

/// Deeper nesting of brackets than any module has would overflow the stack of
/// MLIR's recursive parser.
static constexpr int kMaxNesting = 256;

std::string ssmc::llvmVersion() { return LLVM_VERSION_STRING; }

/// Refuses text whose brackets nest too deeply, whatever they mean.
static Status checkNesting(StringRef text, StringRef name) {
  int depth = 0, line = 1;
  bool inString = false, inComment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\n') {
      ++line;
      inComment = inString = false;
    } else if (inComment) {
      continue;
    } else if (inString) {
      if (c == '\\')
        ++i;
      inString = c != '"';
    } else if (c == '"') {
      inString = true;
    } else if (c == '/' && text.substr(i, 2) == "//") {
      inComment = true;
    } else if (c == '(' || c == '[' || c == '{' || c == '<') {
      if (++depth > kMaxNesting)
        return Status::invalid(
            llvm::formatv("{0}:{1}: brackets nest more than {2} deep", name,
                          line, kMaxNesting));
    } else if (c == ')' || c == ']' || c == '}' ||
               (c == '>' && (i == 0 || text[i - 1] != '-'))) {
      depth = std::max(depth - 1, 0);
    }
  }
  return Status();
}

namespace {

class Compilation {
public:
  explicit Compilation(const CompileOptions &options)
      : options(options),
        context(createRegistry(), MLIRContext::Threading::DISABLED),
        messagesStream(messages), handler(sources, &context, messagesStream) {
    // An op that holds a whole model would bury what is wrong with it.
    context.printOpOnDiagnostic(false);
    if (options.report)
      report.emplace(*options.report);
  }

  Result<CompileResult> run();

private:
  static DialectRegistry createRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }

  Status failure() {
    // Diagnostics end in a newline, as messages of a Status do not.
    return Status::invalid(StringRef(messages).rtrim().str());
  }
  Status checkOptions();
  Status enableRemarks();
  Status load();
  Status runPhases();
  Status finishPhase(Phase phase);
  Status dump(Phase phase);
  Status compareWithUnfused();
  Status assemble();
  std::string print();

  const CompileOptions &options;
  MLIRContext context;
  llvm::SourceMgr sources;
  /// The input, where it is one file.
  std::string text;
  std::string messages;
  llvm::raw_string_ostream messagesStream;
  SourceMgrDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
  Phase from = Phase::SSM, to = Phase::PTX;
  bool toBundle = true;
  Overrides overrides;
  std::optional<ReportBuilder> report;
};

} // namespace

Status Compilation::checkOptions() {
  std::optional<Phase> start = parsePhase(options.compileFrom);
  if (!start || *start == Phase::PTX)
    return Status::usage("unknown phase '" + options.compileFrom +
                         "' to compile from; expected ssm, fused, gpu or nvvm");
  from = *start;
  toBundle = options.compileTo == "bundle";
  if (!toBundle) {
    std::optional<Phase> stop = parsePhase(options.compileTo);
    if (!stop)
      return Status::usage("unknown phase '" + options.compileTo +
                           "' to compile to; expected ssm, fused, gpu, nvvm, "
                           "ptx or bundle");
    to = *stop;
    if (to < from)
      return Status::usage("cannot compile from '" + options.compileFrom +
                           "' back to '" + options.compileTo + "'");
  }
  if (from >= Phase::Fused &&
      !(options.schedules.empty() && options.variants.empty()))
    return Status::usage("schedules and variants are chosen on the way to "
                         "'fused'; write them into the file that is compiled "
                         "from '" +
                         options.compileFrom + "'");
  if (StringRef path = options.fuse; path.consume_front("@")) {
    std::string error;
    std::unique_ptr<llvm::MemoryBuffer> script = openInputFile(path, &error);
    if (!script)
      return Status::invalid("fusion strategy: " + error);
    SSMC_TRY(checkNesting(script->getBuffer(), path));
  } else if (!findStrategy(options.fuse)) {
    return Status::usage(llvm::formatv(
        "unknown fusion strategy '{0}'; expected {1}, or @FILE of a script",
        options.fuse, strategyNames()));
  }
  for (const std::string &target : options.targets)
    if (llvm::Error error = checkTarget(target))
      return Status::usage(llvm::toString(std::move(error)));
  if (options.targets.empty() && !options.bitcode && to == Phase::PTX)
    return Status::usage("expected a target architecture or bitcode");
  if (options.assemble && !toBundle)
    return Status::usage("cubins are for bundles; there are none at the phase "
                         "'" +
                         options.compileTo + "'");
  if (report && (from > Phase::GPU || to < Phase::GPU))
    return Status::usage("a report is made at the phase gpu, which is not "
                         "passed from '" +
                         options.compileFrom + "' to '" + options.compileTo +
                         "'");
  return Status();
}

Status Compilation::enableRemarks() {
  if (!options.remarks)
    return Status();
  std::string error;
  if (!llvm::Regex(*options.remarks).isValid(error))
    return Status::usage("'" + *options.remarks +
                         "' is no regular expression for remarks: " + error);
  // A kind whose own filter is missing is off, whatever the one for all says.
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.analysis =
      categories.failed = *options.remarks;
  if (failed(remark::enableOptimizationRemarks(
          context, nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(),
          categories, /*printAsEmitRemarks=*/true)))
    return Status::invalid("cannot enable remarks");
  return Status();
}

Status Compilation::load() {
  if (!options.inputText && options.input != "-" &&
      llvm::sys::fs::is_directory(options.input)) {
    if (from != Phase::SSM)
      return Status::usage("a model directory can be compiled from the phase "
                           "ssm only");
    llvm::Expected<OwningOpRef<ModuleOp>> imported =
        importModel(context, options.input, {options.activation});
    if (!imported)
      return Status::invalid(llvm::toString(imported.takeError()));
    module = std::move(*imported);
    return Status();
  }
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      options.inputText ? llvm::MemoryBuffer::getMemBufferCopy(
                              *options.inputText, options.input)
                        : openInputFile(options.input, &error);
  if (!buffer)
    return Status::invalid(error);
  SSMC_TRY(checkNesting(buffer->getBuffer(), options.input));
  text = buffer->getBuffer().str();
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  module = parseSourceFile<ModuleOp>(sources, &context);
  return module ? Status() : failure();
}

std::string Compilation::print() {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  os << '\n';
  return text;
}

/// Puts in what stands in the place of this phase's kernels, and dumps.
Status Compilation::finishPhase(Phase phase) {
  if (failed(overrides.apply(*module, phase)))
    return failure();
  if (report && phase == Phase::Fused)
    report->nameKernels(*module);
  if (report && phase == Phase::GPU)
    report->collect(*module);
  if (report && phase == Phase::PTX)
    report->collectPtx(*module);
  return dump(phase);
}

/// Compiles the input again, apart, with each step a kernel of its own.
Status Compilation::compareWithUnfused() {
  if (!report || from != Phase::SSM)
    return Status();
  CompileOptions apart = options;
  apart.remarks.reset();
  // Standard input can be read once.
  if (!text.empty())
    apart.inputText = text;
  Compilation unfused(apart);
  SSMC_TRY(unfused.load());
  PassManager pm(&unfused.context);
  unfused.report->watch(pm);
  buildUnfusedPipeline(pm);
  if (failed(pm.run(*unfused.module)))
    return unfused.failure();
  unfused.report->collect(*unfused.module);
  report->setUnfused(*unfused.report);
  return Status();
}

Status Compilation::dump(Phase phase) {
  if (options.dumpTo.empty())
    return Status();
  auto write = [&](const std::string &name, StringRef text) {
    SmallString<128> path(options.dumpTo);
    llvm::sys::path::append(path, name);
    StringRef folder = llvm::sys::path::parent_path(path);
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return Status::invalid(folder.str() + ": " + error.message());
    return writeFileAtomically(std::string(path), std::string_view(text));
  };
  SSMC_TRY(write(llvm::formatv("{0}-{1}.mlir", int(phase), phaseName(phase)),
                 print()));
  for (auto binary : module->getOps<gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>())
      if (object.getFormat() == gpu::CompilationTarget::Assembly)
        SSMC_TRY(write(
            (cast<NVVM::NVVMTargetAttr>(object.getTarget()).getChip() + ".ptx")
                .str(),
            object.getObject().getValue()));
  for (const auto &[name, text] : printKernels(*module, phase))
    SSMC_TRY(write(name, text));
  return Status();
}

Status Compilation::runPhases() {
  PipelineOptions pipeline;
  pipeline.targets = options.targets;
  pipeline.bitcode = options.bitcode;
  pipeline.fuse = options.fuse;
  pipeline.schedules = options.schedules;
  pipeline.batch = options.batch;
  pipeline.seqlen = options.seqlen;
  pipeline.variants = options.variants;
  SSMC_TRY(finishPhase(from));
  for (int phase = int(from) + 1; phase <= int(to); ++phase) {
    if (options.progress)
      options.progress(phaseName(Phase(phase)));
    PassManager pm(&context);
    if (report && Phase(phase) == Phase::Fused)
      report->watch(pm);
    buildPipeline(pm, Phase(phase - 1), Phase(phase), pipeline);
    if (failed(pm.run(*module)))
      return failure();
    SSMC_TRY(finishPhase(Phase(phase)));
  }
  return Status();
}

/// Adds a cubin to the gpu.binary for each PTX that it has.
Status Compilation::assemble() {
  Builder b(&context);
  for (auto binary : module->getOps<gpu::BinaryOp>()) {
    auto objects = llvm::to_vector(binary.getObjects());
    for (auto object : binary.getObjects().getAsRange<gpu::ObjectAttr>()) {
      auto target = dyn_cast<NVVM::NVVMTargetAttr>(object.getTarget());
      if (!target || object.getFormat() != gpu::CompilationTarget::Assembly)
        continue;
      Result<std::string> cubin = options.assemble(
          object.getObject().getValue(), target.getChip().str());
      if (!cubin.ok())
        return cubin.status();
      objects.push_back(
          gpu::ObjectAttr::get(&context, target, gpu::CompilationTarget::Binary,
                               b.getStringAttr(*cubin), nullptr, nullptr));
    }
    binary.setObjectsAttr(b.getArrayAttr(objects));
  }
  return Status();
}

Result<CompileResult> Compilation::run() {
  SSMC_TRY(checkOptions());
  if (options.progress)
    options.progress("ssm");
  SSMC_TRY(enableRemarks());
  SSMC_TRY(load());
  if (!options.overrideFrom.empty() &&
      failed(overrides.read(&context, options.overrideFrom, from, to,
                            checkNesting)))
    return failure();
  SSMC_TRY(runPhases());
  SSMC_TRY(compareWithUnfused());
  CompileResult result;
  if (report)
    result.report = report->take();
  if (options.assemble) {
    if (options.progress)
      options.progress("cubin");
    SSMC_TRY(assemble());
  }
  if (toBundle) {
    if (options.progress)
      options.progress("bundle");
    FailureOr<std::vector<uint8_t>> bytes = writeBundle(*module, options.input);
    if (failed(bytes))
      return failure();
    result.output.assign(bytes->begin(), bytes->end());
  } else {
    result.output = print();
  }
  result.messages = messages;
  return result;
}

Result<CompileResult> ssmc::compile(const CompileOptions &options) {
  return Compilation(options).run();
}
