//===- HostRewriter.h - The state of rewriteForHost() ---------------------===//
//
// One kernel on its way to the host: its new body and the values that the
// rewritten instructions share.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_HOSTREWRITER_H
#define SSMC_LIB_EMULATOR_HOSTREWRITER_H

#include "Rewrite.h"

namespace ssmc::emulator {

class HostRewriter {
public:
  HostRewriter(llvm::Function &kernel, bool check, uint32_t dynamicSharedBytes,
               Kernel &info)
      : module_(*kernel.getParent()), context_(kernel.getContext()),
        check_(check), dynamicSharedBytes_(dynamicSharedBytes), info_(info) {}

  llvm::Error run(llvm::Function &kernel, llvm::StringRef symbol);

private:
  // RewriteForHost.cpp
  llvm::Error readShape(llvm::Function &kernel);
  /// Moves the kernel's blocks into body_, a function of the thread's
  /// registers, its index in the block (x, y, z) and the kernel's parameters.
  void moveBody(llvm::Function &kernel);
  void relaxAlignment();
  void loadBlock();
  void emitEntry(llvm::StringRef symbol);
  /// Calls body_ with the launch's parameters.
  void emitCall(llvm::IRBuilder<> &builder, llvm::Value *thread,
                llvm::ArrayRef<llvm::Value *> tid);
  /// Loads a field of ThreadRegisters, BlockRegisters or the parameters, none
  /// of which a kernel changes.
  llvm::Value *loadField(llvm::IRBuilder<> &builder, llvm::Value *base,
                         size_t offset, llvm::Type *type);
  /// ntid, a constant where the kernel fixes it.
  llvm::Value *blockExtent(llvm::IRBuilder<> &builder, llvm::Value *block,
                           unsigned dim);

  // LowerIntrinsics.cpp
  llvm::Error rewriteCalls();
  /// What replaces a call of llvm.nvvm.`name`; null when unknown.
  llvm::Value *lower(llvm::IRBuilder<> &builder, llvm::CallInst &call,
                     llvm::StringRef name);
  llvm::Value *lowerRegister(llvm::StringRef name);
  llvm::Value *lowerShuffle(llvm::IRBuilder<> &builder, llvm::CallInst &call,
                            llvm::StringRef name);
  llvm::Value *lowerCopy(llvm::IRBuilder<> &builder, llvm::CallInst &call,
                         llvm::StringRef name);
  /// Calls a function of hostSymbols() with thread_ before `args`.
  llvm::Value *callHost(llvm::IRBuilder<> &builder, llvm::StringRef name,
                        llvm::ArrayRef<llvm::Value *> args);
  /// The thread's index in its block, in the order that forms warps.
  llvm::Value *linearIndex(llvm::IRBuilder<> &builder);

  // PlaceShared.cpp
  llvm::Error placeShared();
  void placeSharedVariable(llvm::GlobalVariable &variable, uint64_t bytes);

  llvm::Module &module_;
  llvm::LLVMContext &context_;
  bool check_;
  uint32_t dynamicSharedBytes_;
  Kernel &info_;
  llvm::Function *body_ = nullptr;
  llvm::Value *thread_ = nullptr;
  llvm::Value *block_ = nullptr;
  /// Where loads of registers go: they must dominate everything.
  llvm::Instruction *top_ = nullptr;
  uint64_t sharedEnd_ = 0;
  uint32_t sites_ = 0;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_HOSTREWRITER_H
