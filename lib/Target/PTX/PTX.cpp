//===- PTX.cpp - From kernels in the LLVM dialect to PTX ------------------===//

#include "ssmc/Target/PTX.h"
#include "HoldAddresses.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;

static constexpr StringLiteral kTriple = "nvptx64-nvidia-cuda";
/// Kernels use cp.async-era instructions and bf16 conversions.
static constexpr unsigned kMinimumArch = 80;

static const Target *getNVPTX() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(Triple(kTriple), error);
  assert(target && "NVPTX is linked in");
  return target;
}

static std::unique_ptr<TargetMachine> createTargetMachine(StringRef arch) {
  // No features: each architecture's lowest PTX version, which the most drivers
  // take.
  return std::unique_ptr<TargetMachine>(getNVPTX()->createTargetMachine(
      Triple(kTriple), arch, /*Features=*/"", {}, std::nullopt, std::nullopt,
      CodeGenOptLevel::Default));
}

Error ssmc::checkTarget(StringRef arch) {
  unsigned number = 0;
  StringRef digits = arch;
  bool known = digits.consume_front("sm_") &&
               !digits.consumeInteger(10, number) &&
               (digits.empty() || digits == "a" || digits == "f");
  if (known && number >= kMinimumArch)
    known =
        createTargetMachine("sm_80")->getMCSubtargetInfo()->isCPUStringValid(
            arch);
  if (!known || number < kMinimumArch)
    return createStringError("unknown target '" + arch +
                             "'; expected an NVIDIA architecture from sm_80 on "
                             "that LLVM knows, such "
                             "as sm_80, sm_86, sm_89, sm_90, sm_100 or sm_120");
  return Error::success();
}

Expected<std::string> ssmc::emitBitcode(mlir::gpu::GPUModuleOp op) {
  LLVMContext context;
  std::unique_ptr<Module> module = mlir::translateModuleToLLVMIR(op, context);
  if (!module)
    return createStringError("cannot translate the kernels to LLVM IR");
  module->setTargetTriple(Triple(kTriple));
  module->setDataLayout(createTargetMachine("sm_80")->createDataLayout());
  std::string bytes;
  raw_string_ostream os(bytes);
  WriteBitcodeToFile(*module, os);
  return bytes;
}

/// Kernels come unrolled and without calls, and the driver's compiler optimizes
/// them again: what O2 and O3 add, and the global value numberings of
/// aggressive code generation, are half of the time to PTX and change no loop's
/// instructions (bench/README.md, "Time to compile").
static void optimize(Module &module, TargetMachine &machine) {
  PassBuilder builder(&machine);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O1)
      .run(module, modules);
  for (Function &function : module)
    if (function.hasFnAttribute(ssmc::kHoldAddressesAttr))
      ssmc::holdAddresses(function);
}

/// What TargetMachine::addPassesToEmitFile() adds, but for the sinking of
/// machine instructions: the driver's compiler moves instructions again, and a
/// conversion of what a tile has loaded, sunk below the loads of the next tile,
/// keeps both in registers and costs a copy of each value. Whether the target
/// can do it.
static bool addPasses(TargetMachine &machine, legacy::PassManager &passes,
                      raw_pwrite_stream &os) {
  auto *info = new MachineModuleInfoWrapperPass(&machine);
  TargetPassConfig *config = machine.createPassConfig(passes);
  config->disablePass(&MachineSinkingLegacyID);
  passes.add(config);
  passes.add(info);
  if (config->addISelPasses())
    return false;
  config->addMachinePasses();
  config->setInitialized();
  if (machine.addAsmPrinter(passes, os, nullptr, CodeGenFileType::AssemblyFile,
                            info->getMMI().getContext()))
    return false;
  passes.add(createFreeMachineFunctionPass());
  return true;
}

Expected<std::string> ssmc::emitPTX(StringRef bitcode, StringRef arch) {
  if (Error error = checkTarget(arch))
    return std::move(error);
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bitcode, "kernels"), context);
  if (!module)
    return module.takeError();
  std::unique_ptr<TargetMachine> machine = createTargetMachine(arch);
  optimize(**module, *machine);
  SmallString<0> text;
  raw_svector_ostream os(text);
  legacy::PassManager codegen;
  if (!addPasses(*machine, codegen, os))
    return createStringError("LLVM's NVPTX target cannot emit assembly");
  codegen.run(**module);
  return std::string(text);
}
