//===- RewriteForHost.cpp - The GPU's side of a kernel for the host -------===//
//
// The kernel's body becomes a function of its thread's registers, its thread
// index and its parameters; the entry around it loads those, for one thread or
// in a loop over all threads of the block. Loads and stores stay as they are:
// host code generation takes GPU address spaces as flat.
//
//===----------------------------------------------------------------------===//

#include "HostRewriter.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace ssmc::emulator;

FunctionCallee ssmc::emulator::hostFunction(Module &module, StringRef name) {
  if (Function *function = module.getFunction(name))
    return function;
  LLVMContext &context = module.getContext();
  Type *none = Type::getVoidTy(context);
  Type *i32 = Type::getInt32Ty(context);
  Type *i64 = Type::getInt64Ty(context);
  Type *pointer = PointerType::get(context, 0);
  FunctionType *type =
      StringSwitch<FunctionType *>(name)
          .Cases({"ssmc_emu_barrier", "ssmc_emu_sync_warp"},
                 FunctionType::get(none, {pointer, i32, i32}, false))
          .Case(
              "ssmc_emu_shuffle",
              FunctionType::get(i64, {pointer, i32, i32, i32, i32, i32}, false))
          .Case("ssmc_emu_named_barrier",
                FunctionType::get(none, {pointer, i32, i32, i32, i32}, false))
          .Cases({"ssmc_emu_vote", "ssmc_emu_redux"},
                 FunctionType::get(i32, {pointer, i32, i32, i32, i32}, false))
          .Case("ssmc_emu_copy_async",
                FunctionType::get(none, {pointer, pointer, pointer, i32, i32},
                                  false))
          .Case("ssmc_emu_copy_wait",
                FunctionType::get(none, {pointer, i32}, false))
          .Case("ssmc_emu_access",
                FunctionType::get(none, {pointer, pointer, i64, i32}, false))
          .Default(FunctionType::get(none, {pointer}, false));
  Function *function =
      Function::Create(type, GlobalValue::ExternalLinkage, name, module);
  function->addFnAttr(Attribute::NoUnwind);
  // Keeps the optimizer from moving a meeting point into a branch or copying
  // it, as on the device.
  function->addFnAttr(Attribute::Convergent);
  // These exchange registers only: what a thread knows of memory stays known.
  if (name == "ssmc_emu_shuffle" || name == "ssmc_emu_vote" ||
      name == "ssmc_emu_redux")
    function->setMemoryEffects(MemoryEffects::inaccessibleOrArgMemOnly());
  return function;
}

Error ssmc::emulator::rewriteForHost(Function &kernel, StringRef symbol,
                                     bool check, uint32_t dynamicSharedBytes,
                                     Kernel &info) {
  return HostRewriter(kernel, check, dynamicSharedBytes, info)
      .run(kernel, symbol);
}

Error HostRewriter::run(Function &kernel, StringRef symbol) {
  if (Error error = readShape(kernel))
    return error;
  moveBody(kernel);
  if (check_)
    instrumentAccesses(*body_, thread_);
  else
    relaxAlignment();
  // From here on the body has accesses of our own, which need no check.
  loadBlock();
  if (Error error = rewriteCalls())
    return error;
  expandBFloatTruncation(*body_);
  if (Error error = placeShared())
    return error;
  emitEntry(symbol);
  return Error::success();
}

Error HostRewriter::readShape(Function &kernel) {
  info_.numParams = kernel.arg_size();
  for (Argument &arg : kernel.args()) {
    if (arg.hasPassPointeeByValueCopyAttr())
      return createStringError(formatv(
          "parameter {0} is passed by value in memory; the CPU device takes "
          "pointers and numbers of at most 8 bytes",
          arg.getArgNo()));
    if (module_.getDataLayout().getTypeStoreSize(arg.getType()) > 8)
      return createStringError(formatv(
          "parameter {0} is larger than 8 bytes; the CPU device takes pointers "
          "and numbers of at most 8 bytes",
          arg.getArgNo()));
  }
  Attribute required = kernel.getFnAttribute("nvvm.reqntid");
  if (!required.isValid())
    return Error::success();
  SmallVector<StringRef> extents;
  required.getValueAsString().split(extents, ',');
  info_.requiredBlock = {1, 1, 1};
  for (auto [i, extent] : enumerate(extents))
    if (i >= 3 || extent.trim().getAsInteger(10, info_.requiredBlock[i]) ||
        info_.requiredBlock[i] == 0)
      return createStringError(formatv("its attribute nvvm.reqntid is '{0}', "
                                       "not up to three positive numbers",
                                       required.getValueAsString()));
  return Error::success();
}

void HostRewriter::moveBody(Function &kernel) {
  Type *i32 = Type::getInt32Ty(context_);
  SmallVector<Type *> types = {PointerType::get(context_, 0), i32, i32, i32};
  append_range(types, kernel.getFunctionType()->params());
  body_ = Function::Create(
      FunctionType::get(Type::getVoidTy(context_), types, false),
      GlobalValue::InternalLinkage, "", module_);
  body_->addFnAttr(Attribute::AlwaysInline);
  body_->addFnAttr(Attribute::NoUnwind);
  body_->addFnAttr(Attribute::Convergent);
  body_->splice(body_->begin(), &kernel);
  for (Argument &arg : kernel.args()) {
    Argument *moved = body_->getArg(4 + arg.getArgNo());
    arg.replaceAllUsesWith(moved);
    if (arg.hasNoAliasAttr())
      moved->addAttr(Attribute::NoAlias);
  }
  kernel.eraseFromParent();

  thread_ = body_->getArg(0);
}

void HostRewriter::loadBlock() {
  BasicBlock &entry = body_->getEntryBlock();
  IRBuilder<> builder(&entry, entry.getFirstInsertionPt());
  block_ = loadField(builder, thread_, offsetof(ThreadRegisters, block),
                     builder.getPtrTy());
  top_ = cast<Instruction>(block_);
}

// Unchecked, a misaligned address must not end the process: host vector
// accesses that promise alignment fault. Nothing is lost, since unaligned
// accesses cost the same.
void HostRewriter::relaxAlignment() {
  for (Instruction &instruction : make_early_inc_range(instructions(*body_))) {
    if (auto *load = dyn_cast<LoadInst>(&instruction); load && load->isSimple())
      load->setAlignment(Align(1));
    else if (auto *store = dyn_cast<StoreInst>(&instruction);
             store && store->isSimple())
      store->setAlignment(Align(1));
    else if (isa<AssumeInst>(instruction))
      instruction.eraseFromParent();
  }
}

void HostRewriter::emitCall(IRBuilder<> &builder, Value *thread,
                            ArrayRef<Value *> tid) {
  Value *block = loadField(builder, thread, offsetof(ThreadRegisters, block),
                           builder.getPtrTy());
  Value *slots = loadField(builder, block, offsetof(BlockRegisters, args),
                           builder.getPtrTy());
  SmallVector<Value *> args = {thread};
  append_range(args, tid);
  for (Argument &arg : drop_begin(body_->args(), 4))
    args.push_back(
        loadField(builder, slots, 8 * (arg.getArgNo() - 4), arg.getType()));
  builder.CreateCall(body_, args);
}

void HostRewriter::emitEntry(StringRef symbol) {
  Function *entry = Function::Create(
      FunctionType::get(Type::getVoidTy(context_),
                        {PointerType::get(context_, 0)}, false),
      GlobalValue::ExternalLinkage, symbol, module_);
  entry->addFnAttr(Attribute::NoUnwind);
  Value *thread = entry->getArg(0);
  IRBuilder<> builder(BasicBlock::Create(context_, "", entry));
  Type *i32 = builder.getInt32Ty();
  if (info_.needsFibers) {
    Value *tid[3];
    for (unsigned dim = 0; dim < 3; ++dim)
      tid[dim] = loadField(builder, thread,
                           offsetof(ThreadRegisters, tid) + 4 * dim, i32);
    emitCall(builder, thread, tid);
    builder.CreateRetVoid();
    return;
  }

  // for z: for y: for x: body(x, y, z), built from the outside in.
  Value *block = loadField(builder, thread, offsetof(ThreadRegisters, block),
                           builder.getPtrTy());
  Value *extent[3];
  for (unsigned dim = 0; dim < 3; ++dim)
    extent[dim] = blockExtent(builder, block, dim);
  PHINode *tid[3];
  BasicBlock *header[3];
  for (int dim = 2; dim >= 0; --dim) {
    BasicBlock *before = builder.GetInsertBlock();
    header[dim] = BasicBlock::Create(context_, "", entry);
    builder.CreateBr(header[dim]);
    builder.SetInsertPoint(header[dim]);
    tid[dim] = builder.CreatePHI(i32, 2);
    tid[dim]->addIncoming(builder.getInt32(0), before);
  }
  if (check_) {
    Value *rows =
        builder.CreateAdd(tid[1], builder.CreateMul(tid[2], extent[1]));
    Value *index =
        builder.CreateAdd(tid[0], builder.CreateMul(rows, extent[0]));
    builder.CreateStore(index, builder.CreateConstInBoundsGEP1_64(
                                   builder.getInt8Ty(), thread,
                                   offsetof(ThreadRegisters, index)));
  }
  emitCall(builder, thread, {tid[0], tid[1], tid[2]});
  for (unsigned dim = 0; dim < 3; ++dim) {
    Value *next = builder.CreateAdd(tid[dim], builder.getInt32(1));
    tid[dim]->addIncoming(next, builder.GetInsertBlock());
    BasicBlock *after = BasicBlock::Create(context_, "", entry);
    builder.CreateCondBr(builder.CreateICmpULT(next, extent[dim]), header[dim],
                         after);
    builder.SetInsertPoint(after);
  }
  builder.CreateRetVoid();
}

Value *HostRewriter::loadField(IRBuilder<> &builder, Value *base, size_t offset,
                               Type *type) {
  Value *address =
      builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), base, offset);
  LoadInst *load = builder.CreateLoad(type, address);
  load->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
  return load;
}

Value *HostRewriter::blockExtent(IRBuilder<> &builder, Value *block,
                                 unsigned dim) {
  if (info_.requiredBlock[dim])
    return builder.getInt32(info_.requiredBlock[dim]);
  return loadField(builder, block, offsetof(BlockRegisters, ntid) + 4 * dim,
                   builder.getInt32Ty());
}
