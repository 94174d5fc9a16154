//===- Compile.cpp - From bitcode to host code ----------------------------===//

#include "Compile.h"
#include "Rewrite.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;
using namespace ssmc::emulator;

// Well below a fiber's stack, which also holds spilled registers and the frames
// of what the kernel calls.
static constexpr uint64_t kMaxLocalBytes = 48 * 1024;

static Expected<std::unique_ptr<TargetMachine>> createHostMachine() {
  auto builder = orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setRelocationModel(Reloc::PIC_);
  builder->setCodeModel(CodeModel::Small);
  return builder->createTargetMachine();
}

static void optimize(Module &module, TargetMachine &machine) {
  PassBuilder passes(&machine);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(sccs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, sccs, modules);
  passes.buildPerModuleDefaultPipeline(OptimizationLevel::O2)
      .run(module, modules);
}

static Error checkLocalMemory(Module &module) {
  uint64_t total = 0;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *slot = dyn_cast<AllocaInst>(&instruction)) {
        std::optional<TypeSize> bytes =
            slot->getAllocationSize(module.getDataLayout());
        if (!bytes || bytes->isScalable() ||
            bytes->getFixedValue() > kMaxLocalBytes ||
            (total += bytes->getFixedValue()) > kMaxLocalBytes)
          return createStringError(
              formatv("it needs more than {0} bytes of local memory per thread",
                      kMaxLocalBytes));
      }
  return Error::success();
}

Expected<std::unique_ptr<MemoryBuffer>>
ssmc::emulator::compileKernel(const CompileRequest &request, Kernel &info) {
  LLVMContext context;
  // LLVM would print these, and end the process on an error.
  std::string diagnostics;
  context.setDiagnosticHandlerCallBack(
      [](const DiagnosticInfo *diagnostic, void *text) {
        if (diagnostic->getSeverity() != DS_Error)
          return;
        raw_string_ostream stream(*static_cast<std::string *>(text));
        DiagnosticPrinterRawOStream printer(stream);
        diagnostic->print(printer);
      },
      &diagnostics);

  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  auto parsed = parseBitcodeFile(request.bitcode, context);
  if (!parsed)
    return parsed.takeError();
  Module &module = **parsed;
  auto kernel = isolateKernel(module, request.kernel);
  if (!kernel)
    return kernel.takeError();
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  if (Error error = rewriteForHost(**kernel, request.symbol, request.check,
                                   request.dynamicSharedBytes, info))
    return std::move(error);
  std::string problem;
  raw_string_ostream stream(problem);
  if (verifyModule(module, &stream))
    return createStringError("the CPU device cannot run it: " + problem);
  optimize(module, **machine);
  if (Error error = checkLocalMemory(module))
    return std::move(error);

  SmallVector<char, 0> object;
  raw_svector_ostream objectStream(object);
  legacy::PassManager codegen;
  if ((*machine)->addPassesToEmitFile(codegen, objectStream, nullptr,
                                      CodeGenFileType::ObjectFile))
    return createStringError("this machine's LLVM cannot emit object files");
  codegen.run(module);
  if (!diagnostics.empty())
    return createStringError("code generation failed: " + diagnostics);
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(object), request.symbol, /*RequiresNullTerminator=*/false);
}
