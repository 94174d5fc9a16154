//===- HoldAddresses.cpp - Keep loops' addresses whole --------------------===//

#include "HoldAddresses.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/NVPTXAddrSpace.h"

using namespace llvm;

void ssmc::holdAddresses(Function &function) {
  DominatorTree tree(function);
  LoopInfo loops(tree);
  SmallSetVector<GetElementPtrInst *, 8> bases;
  for (Loop *loop : loops.getLoopsInPreorder())
    for (BasicBlock *block : loop->blocks())
      for (Instruction &op : *block) {
        auto *address = dyn_cast<GetElementPtrInst>(&op);
        if (!address ||
            address->getPointerAddressSpace() != NVPTXAS::ADDRESS_SPACE_GLOBAL)
          continue;
        auto *base = dyn_cast<GetElementPtrInst>(address->getPointerOperand());
        if (base && loop->isLoopInvariant(base))
          bases.insert(base);
      }
  // What is frozen is as good as a value from elsewhere, and costs nothing.
  for (GetElementPtrInst *base : bases) {
    IRBuilder<> builder(base->getNextNode());
    Value *held = builder.CreateFreeze(base);
    base->replaceUsesWithIf(held,
                            [&](Use &use) { return use.getUser() != held; });
  }
}
