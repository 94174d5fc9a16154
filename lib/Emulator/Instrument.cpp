//===- Instrument.cpp - Checks before accesses to memory ------------------===//

#include "Rewrite.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace ssmc::emulator;

// Stack slots and constant tables need no check.
static bool isPrivate(const Value *pointer) {
  const Value *object = getUnderlyingObject(pointer, /*MaxLookup=*/0);
  if (isa<AllocaInst>(object))
    return true;
  auto *variable = dyn_cast<GlobalVariable>(object);
  return variable && variable->isConstant();
}

namespace {

class Instrumenter {
public:
  Instrumenter(Module &module, Value *thread)
      : thread_(thread), layout_(module.getDataLayout()),
        check_(hostFunction(module, "ssmc_emu_access")) {}

  void visit(Instruction &instruction) {
    if (auto *load = dyn_cast<LoadInst>(&instruction))
      insert(load, load->getPointerOperand(), load->getType(), kAccessRead,
             load->getAlign());
    else if (auto *store = dyn_cast<StoreInst>(&instruction))
      insert(store, store->getPointerOperand(),
             store->getValueOperand()->getType(), kAccessWrite,
             store->getAlign());
    else if (auto *rmw = dyn_cast<AtomicRMWInst>(&instruction))
      insert(rmw, rmw->getPointerOperand(), rmw->getValOperand()->getType(),
             kAccessRead | kAccessWrite | kAccessAtomic, rmw->getAlign());
    else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
      insert(exchange, exchange->getPointerOperand(),
             exchange->getNewValOperand()->getType(),
             kAccessRead | kAccessWrite | kAccessAtomic, exchange->getAlign());
    else if (auto *set = dyn_cast<MemIntrinsic>(&instruction)) {
      insert(set, set->getRawDest(), set->getLength(), kAccessWrite,
             set->getDestAlign().valueOrOne());
      if (auto *transfer = dyn_cast<MemTransferInst>(set))
        insert(transfer, transfer->getRawSource(), transfer->getLength(),
               kAccessRead, transfer->getSourceAlign().valueOrOne());
    }
  }

private:
  void insert(Instruction *before, Value *pointer, Type *type, uint32_t flags,
              Align align) {
    IRBuilder<> builder(before);
    insert(before, pointer,
           builder.getInt64(layout_.getTypeStoreSize(type).getFixedValue()),
           flags, align);
  }

  void insert(Instruction *before, Value *pointer, Value *bytes, uint32_t flags,
              Align align) {
    if (isPrivate(pointer))
      return;
    unsigned space = pointer->getType()->getPointerAddressSpace();
    if (space == 1)
      flags |= kAccessGlobal;
    if (space == 3)
      flags |= kAccessShared;
    flags |= Log2(align) << kAccessAlignShift;
    IRBuilder<> builder(before);
    builder.CreateCall(
        check_,
        {thread_, builder.CreateAddrSpaceCast(pointer, builder.getPtrTy()),
         builder.CreateZExtOrTrunc(bytes, builder.getInt64Ty()),
         builder.getInt32(flags)});
  }

  Value *thread_;
  const DataLayout &layout_;
  FunctionCallee check_;
};

} // namespace

void ssmc::emulator::instrumentAccesses(Function &function, Value *thread) {
  Instrumenter instrumenter(*function.getParent(), thread);
  SmallVector<Instruction *> accesses;
  for (Instruction &instruction : instructions(function))
    if (instruction.mayReadOrWriteMemory())
      accesses.push_back(&instruction);
  for (Instruction *instruction : accesses)
    instrumenter.visit(*instruction);
}
