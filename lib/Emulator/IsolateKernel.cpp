//===- IsolateKernel.cpp - Takes one kernel out of a module ---------------===//

#include "Rewrite.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/Scalar/ScalarizeMaskedMemIntrin.h"

using namespace llvm;

// Attributes that speak of the GPU, or that would keep a function from being
// inlined.
static void dropAttributes(Function &function) {
  SmallVector<StringRef> names;
  for (Attribute attribute : function.getAttributes().getFnAttrs())
    if (attribute.isStringAttribute() &&
        (attribute.getKindAsString().starts_with("target-") ||
         attribute.getKindAsString().starts_with("tune-")))
      names.push_back(attribute.getKindAsString());
  for (StringRef name : names)
    function.removeFnAttr(name);
  function.removeFnAttr(Attribute::NoInline);
  function.removeFnAttr(Attribute::OptimizeNone);
}

static Error checkCallees(Function &kernel) {
  for (Instruction &instruction : instructions(kernel)) {
    auto *call = dyn_cast<CallBase>(&instruction);
    if (!call)
      continue;
    if (call->isInlineAsm())
      return createStringError(
          "it uses inline assembly, which the CPU device cannot run; use the "
          "intrinsic instead");
    Function *callee = call->getCalledFunction();
    if (!callee)
      return createStringError("it calls a function through a pointer, which "
                               "the CPU device cannot run");
    if (callee->isIntrinsic())
      continue;
    if (callee->getName().starts_with("__nv_"))
      return createStringError(
          formatv("it calls {0} of libdevice; lower that to intrinsics",
                  callee->getName()));
    if (callee->isDeclaration())
      return createStringError(
          formatv("it calls the undefined function {0}", callee->getName()));
    return createStringError(
        formatv("it calls {0} recursively", callee->getName()));
  }
  return Error::success();
}

Expected<Function *> ssmc::emulator::isolateKernel(Module &module,
                                                   StringRef name) {
  Function *kernel = module.getFunction(name);
  if (!kernel || kernel->isDeclaration())
    return createStringError("the module does not define it");
  StripDebugInfo(module);
  for (StringRef list : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *used = module.getNamedGlobal(list))
      used->eraseFromParent();

  for (Function &function : module) {
    dropAttributes(function);
    if (&function == kernel || function.isDeclaration())
      continue;
    if (function.getCallingConv() == CallingConv::PTX_Kernel) {
      function.deleteBody();
      continue;
    }
    function.setLinkage(GlobalValue::InternalLinkage);
    function.setComdat(nullptr);
    function.addFnAttr(Attribute::AlwaysInline);
  }
  for (GlobalVariable &variable : module.globals())
    if (variable.hasInitializer()) {
      variable.setLinkage(GlobalValue::InternalLinkage);
      variable.setComdat(nullptr);
    }

  PassBuilder passes;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(sccs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, sccs, modules);
  ModulePassManager manager;
  manager.addPass(AlwaysInlinerPass());
  // No target is registered with these passes, so every masked access becomes
  // plain ones, which the checks understand.
  manager.addPass(
      createModuleToFunctionPassAdaptor(ScalarizeMaskedMemIntrinPass()));
  manager.addPass(GlobalDCEPass());
  manager.run(module, modules);

  if (Error error = checkCallees(*kernel))
    return std::move(error);
  return kernel;
}
