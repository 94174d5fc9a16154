//===- LowerIntrinsics.cpp - NVVM intrinsics for the host -----------------===//
//
// Special registers become loads, meeting points and copies become calls of the
// emulator; arithmetic is MathIntrinsics.cpp's.
//
//===----------------------------------------------------------------------===//

#include "HostRewriter.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace ssmc::emulator;

Value *HostRewriter::callHost(IRBuilder<> &builder, StringRef name,
                              ArrayRef<Value *> args) {
  SmallVector<Value *> all = {thread_};
  append_range(all, args);
  CallInst *call = builder.CreateCall(hostFunction(module_, name), all);
  call->addFnAttr(Attribute::Convergent);
  return call;
}

Value *HostRewriter::linearIndex(IRBuilder<> &builder) {
  Value *rows = builder.CreateAdd(
      body_->getArg(2),
      builder.CreateMul(body_->getArg(3), blockExtent(builder, block_, 1)));
  return builder.CreateAdd(
      body_->getArg(1),
      builder.CreateMul(rows, blockExtent(builder, block_, 0)));
}

Value *HostRewriter::lowerRegister(StringRef name) {
  IRBuilder<> builder(top_->getParent(), std::next(top_->getIterator()));
  if (name == "warpsize")
    return builder.getInt32(kWarpSize);
  if (name == "laneid")
    return builder.CreateAnd(linearIndex(builder), kWarpSize - 1);
  if (name == "warpid")
    return builder.CreateUDiv(linearIndex(builder),
                              builder.getInt32(kWarpSize));
  auto [reg, axis] = name.rsplit('.');
  unsigned dim = axis == "x" ? 0 : axis == "y" ? 1 : 2;
  if (axis != "x" && axis != "y" && axis != "z")
    return nullptr;
  if (reg == "tid")
    return body_->getArg(1 + dim);
  if (reg == "ntid")
    return blockExtent(builder, block_, dim);
  if (reg == "ctaid")
    return loadField(builder, block_, offsetof(BlockRegisters, ctaid) + 4 * dim,
                     builder.getInt32Ty());
  if (reg == "nctaid")
    return loadField(builder, block_,
                     offsetof(BlockRegisters, nctaid) + 4 * dim,
                     builder.getInt32Ty());
  return nullptr;
}

Value *HostRewriter::lowerShuffle(IRBuilder<> &builder, CallInst &call,
                                  StringRef name) {
  auto [modeName, typeName] = name.split('.');
  auto mode = StringSwitch<std::optional<ShuffleMode>>(modeName)
                  .Case("up", ShuffleMode::Up)
                  .Case("down", ShuffleMode::Down)
                  .Case("bfly", ShuffleMode::Butterfly)
                  .Case("idx", ShuffleMode::Index)
                  .Default(std::nullopt);
  if (!mode)
    return nullptr;
  Type *i32 = builder.getInt32Ty();
  uint32_t siteAndMode = ++sites_ << 2 | static_cast<uint32_t>(*mode);
  Value *both = callHost(builder, "ssmc_emu_shuffle",
                         {builder.getInt32(siteAndMode), call.getArgOperand(0),
                          builder.CreateBitCast(call.getArgOperand(1), i32),
                          call.getArgOperand(2), call.getArgOperand(3)});
  Value *bits = builder.CreateTrunc(both, i32);
  auto *pair = dyn_cast<StructType>(call.getType());
  if (!pair)
    return builder.CreateBitCast(bits, call.getType());
  Value *result = builder.CreateInsertValue(
      PoisonValue::get(pair),
      builder.CreateBitCast(bits, pair->getElementType(0)), 0);
  return builder.CreateInsertValue(
      result,
      builder.CreateTrunc(builder.CreateLShr(both, 32), builder.getInt1Ty()),
      1);
}

Value *HostRewriter::lowerCopy(IRBuilder<> &builder, CallInst &call,
                               StringRef name) {
  if (name == "commit.group")
    return callHost(builder, "ssmc_emu_copy_commit", {});
  if (name == "wait.all")
    return callHost(builder, "ssmc_emu_copy_wait",
                    builder.getInt32(kWaitAllCopies));
  if (name == "wait.group")
    return callHost(builder, "ssmc_emu_copy_wait", call.getArgOperand(0));
  // {ca,cg}.shared.global.BYTES, with ".s" for a size of the source.
  if (!name.consume_front("ca.shared.global.") &&
      !name.consume_front("cg.shared.global."))
    return nullptr;
  bool sized = name.consume_back(".s");
  uint32_t bytes = 0;
  if (name.getAsInteger(10, bytes))
    return nullptr;
  auto flat = [&](unsigned operand) {
    return builder.CreateAddrSpaceCast(call.getArgOperand(operand),
                                       builder.getPtrTy());
  };
  return callHost(builder, "ssmc_emu_copy_async",
                  {flat(0), flat(1), builder.getInt32(bytes),
                   sized ? call.getArgOperand(2) : builder.getInt32(bytes)});
}

Value *HostRewriter::lower(IRBuilder<> &builder, CallInst &call,
                           StringRef name) {
  if (name.consume_front("read.ptx.sreg."))
    return lowerRegister(name);
  if (name.starts_with("membar.") || name == "fence.sc.cluster")
    return builder.CreateFence(AtomicOrdering::SequentiallyConsistent);
  if (Value *value = lowerMath(builder, call, name))
    return value;

  info_.needsFibers = true;
  auto site = [&] { return builder.getInt32(++sites_); };
  if (name == "barrier.cta.sync.aligned.all" || name == "barrier.cta.sync.all")
    return callHost(builder, "ssmc_emu_barrier",
                    {call.getArgOperand(0), site()});
  if (name == "barrier.cta.sync.aligned.count" ||
      name == "barrier.cta.sync.count")
    return callHost(builder, "ssmc_emu_named_barrier",
                    {call.getArgOperand(0), call.getArgOperand(1),
                     builder.getInt32(1), site()});
  if (name == "barrier.cta.arrive.aligned.count" ||
      name == "barrier.cta.arrive.count")
    return callHost(builder, "ssmc_emu_named_barrier",
                    {call.getArgOperand(0), call.getArgOperand(1),
                     builder.getInt32(0), site()});
  if (name == "bar.warp.sync")
    return callHost(builder, "ssmc_emu_sync_warp",
                    {call.getArgOperand(0), site()});
  if (name.consume_front("shfl.sync."))
    return lowerShuffle(builder, call, name);
  if (name.consume_front("cp.async."))
    return lowerCopy(builder, call, name);
  auto vote = StringSwitch<std::optional<VoteMode>>(name)
                  .Case("vote.ballot.sync", VoteMode::Ballot)
                  .Case("vote.any.sync", VoteMode::Any)
                  .Case("vote.all.sync", VoteMode::All)
                  .Case("vote.uni.sync", VoteMode::Uniform)
                  .Default(std::nullopt);
  if (vote) {
    Value *result = callHost(
        builder, "ssmc_emu_vote",
        {builder.getInt32(static_cast<uint32_t>(*vote)), call.getArgOperand(0),
         builder.CreateZExt(call.getArgOperand(1), builder.getInt32Ty()),
         site()});
    return builder.CreateTrunc(result, call.getType());
  }
  auto redux = StringSwitch<std::optional<ReduxOp>>(name)
                   .Case("redux.sync.add", ReduxOp::Add)
                   .Case("redux.sync.min", ReduxOp::Min)
                   .Case("redux.sync.max", ReduxOp::Max)
                   .Case("redux.sync.umin", ReduxOp::UMin)
                   .Case("redux.sync.umax", ReduxOp::UMax)
                   .Case("redux.sync.and", ReduxOp::And)
                   .Case("redux.sync.or", ReduxOp::Or)
                   .Case("redux.sync.xor", ReduxOp::Xor)
                   .Default(std::nullopt);
  if (redux)
    return callHost(builder, "ssmc_emu_redux",
                    {builder.getInt32(static_cast<uint32_t>(*redux)),
                     call.getArgOperand(1), call.getArgOperand(0), site()});
  return nullptr;
}

Error HostRewriter::rewriteCalls() {
  std::string unknown;
  for (Instruction &instruction : make_early_inc_range(instructions(*body_))) {
    auto *call = dyn_cast<CallInst>(&instruction);
    Function *callee = call ? call->getCalledFunction() : nullptr;
    if (!callee || !callee->isIntrinsic())
      continue;
    IRBuilder<> builder(call);
    StringRef name = callee->getName();
    Value *value = nullptr;
    if (callee->getIntrinsicID() == Intrinsic::trap ||
        callee->getIntrinsicID() == Intrinsic::debugtrap)
      value = callHost(builder, "ssmc_emu_trap", {});
    else if (!Intrinsic::isTargetIntrinsic(callee->getIntrinsicID()))
      continue;
    else if (name.consume_front("llvm.nvvm."))
      value = lower(builder, *call, name);
    if (!value) {
      unknown += " " + callee->getName().str();
      continue;
    }
    if (!call->getType()->isVoidTy())
      call->replaceAllUsesWith(value);
    call->eraseFromParent();
  }
  if (!unknown.empty())
    return createStringError(
        formatv("the CPU device does not know the intrinsics{0}; use others or "
                "add them to the emulator",
                unknown));
  return Error::success();
}
