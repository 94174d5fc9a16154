//===- PlaceShared.cpp - Shared memory at offsets -------------------------===//
//
// A variable of shared memory becomes an offset from the block's own memory, so
// that several blocks can run at the same time.
//
//===----------------------------------------------------------------------===//

#include "HostRewriter.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace ssmc::emulator;

void HostRewriter::placeSharedVariable(GlobalVariable &variable,
                                       uint64_t bytes) {
  // Red zones make an overrun of one variable miss the next.
  if (check_)
    sharedEnd_ += 256;
  sharedEnd_ = alignTo(sharedEnd_, variable.getAlign().valueOrOne());
  SharedVariable placed;
  raw_string_ostream nameStream(placed.name);
  printEscapedString(variable.getName(), nameStream);
  placed.offset = static_cast<uint32_t>(sharedEnd_);
  placed.bytes = static_cast<uint32_t>(bytes);
  sharedEnd_ += bytes;
  info_.shared.push_back(placed);

  convertUsersOfConstantsToInstructions({&variable}, body_);
  IRBuilder<> builder(top_->getParent(), std::next(top_->getIterator()));
  Value *base = loadField(builder, block_, offsetof(BlockRegisters, shared),
                          builder.getPtrTy());
  Value *address =
      builder.CreateAddrSpaceCast(builder.CreateConstInBoundsGEP1_64(
                                      builder.getInt8Ty(), base, placed.offset),
                                  variable.getType());
  variable.replaceUsesWithIf(
      address, [](Use &use) { return isa<Instruction>(use.getUser()); });
}

Error HostRewriter::placeShared() {
  const DataLayout &layout = module_.getDataLayout();
  uint64_t staticTotal = 0;
  SmallVector<std::pair<GlobalVariable *, uint64_t>> dynamic;
  for (GlobalVariable &variable : make_early_inc_range(module_.globals())) {
    variable.removeDeadConstantUsers();
    if (variable.use_empty())
      continue;
    if (variable.getAddressSpace() != 3) {
      if (variable.isConstant() && variable.hasInitializer())
        continue;
      return createStringError(
          formatv("the CPU device has no place for the variable '{0}' of "
                  "address space {1}; only constants and shared memory may be "
                  "outside functions",
                  variable.getName(), variable.getAddressSpace()));
    }
    uint64_t bytes = layout.getTypeAllocSize(variable.getValueType());
    if (bytes == 0) {
      dynamic.push_back({&variable, dynamicSharedBytes_});
      continue;
    }
    if (__builtin_add_overflow(staticTotal, bytes, &staticTotal) ||
        staticTotal > kMaxStaticSharedBytes)
      return createStringError(
          formatv("it declares more than {0} bytes of static shared memory, "
                  "which no GPU takes",
                  kMaxStaticSharedBytes));
    placeSharedVariable(variable, bytes);
  }
  // All [0 x T] arrays are the same memory, behind the static variables.
  uint64_t total = staticTotal + (dynamic.empty() ? 0 : dynamicSharedBytes_);
  if (total > kMaxSharedBytes)
    return createStringError(formatv("it needs {0} bytes of shared memory; a "
                                     "block has {1}",
                                     total, kMaxSharedBytes));
  Align alignment(16);
  for (auto [variable, bytes] : dynamic)
    alignment = std::max(alignment, variable->getAlign().valueOrOne());
  uint64_t start = sharedEnd_;
  uint64_t end = sharedEnd_;
  for (auto [variable, bytes] : dynamic) {
    variable->setAlignment(alignment);
    if (bytes == 0)
      return createStringError(
          formatv("it uses the dynamic shared array '{0}', but is launched "
                  "with 0 bytes of dynamic shared memory",
                  variable->getName()));
    sharedEnd_ = start;
    placeSharedVariable(*variable, bytes);
    end = std::max(end, sharedEnd_);
  }
  info_.sharedBytes = static_cast<uint32_t>(end + (check_ ? 256 : 0));
  return Error::success();
}
