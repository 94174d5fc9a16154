//===- Block.cpp - Runs the threads of one block --------------------------===//

#include "Block.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace ssmc;
using namespace ssmc::emulator;
using llvm::formatv;

Block::Block(const DeviceMemory &memory, bool check) : BlockRegisters() {
  if (check)
    checker_ = std::make_unique<Checker>(memory, stacks_);
}

Status Block::prepare(const Kernel &kernel,
                      const runtime::LaunchParams &params) {
  kernel_ = &kernel;
  args = params.args.data();
  bool sameShape = std::equal(params.block.begin(), params.block.end(), ntid);
  std::copy(params.block.begin(), params.block.end(), ntid);
  std::copy(params.grid.begin(), params.grid.end(), nctaid);
  threadCount_ = ntid[0] * ntid[1] * ntid[2];

  // The alignment of shared memory on the hardware is at most this.
  constexpr size_t kSharedAlignment = 1024;
  if (sharedMemory_.size() < kernel.sharedBytes + kSharedAlignment)
    sharedMemory_.resize(kernel.sharedBytes + kSharedAlignment);
  shared = reinterpret_cast<char *>(llvm::alignTo(
      reinterpret_cast<uintptr_t>(sharedMemory_.data()), kSharedAlignment));

  if (!stacks_.reserve(kernel.needsFibers ? threadCount_ : 1))
    return Status::device(formatv(
        "the CPU device cannot allocate stacks for {0} threads", threadCount_));
  if (threads_.size() < threadCount_) {
    threads_.resize(threadCount_);
    sameShape = false;
  }
  if (!sameShape)
    for (uint32_t i = 0; i < threadCount_; ++i) {
      Thread &thread = threads_[i];
      thread.tid[0] = i % ntid[0];
      thread.tid[1] = i / ntid[0] % ntid[1];
      thread.tid[2] = i / ntid[0] / ntid[1];
      thread.block = this;
    }
  warps_.resize((threadCount_ + kWarpSize - 1) / kWarpSize);
  if (checker_)
    checker_->beginLaunch(kernel, shared, threadCount_);
  return {};
}

bool Block::run(uint64_t linearIndex) {
  ctaid[0] = linearIndex % nctaid[0];
  ctaid[1] = linearIndex / nctaid[0] % nctaid[1];
  ctaid[2] = linearIndex / nctaid[0] / nctaid[1];
  failure_.clear();
  exited_ = 0;
  anyWaiting_ = false;
  std::fill(std::begin(waiting_), std::end(waiting_), 0);
  std::fill(std::begin(named_), std::end(named_), NamedBarrier());
  if (checker_)
    checker_->beginBlock();

  Thread &first = threads_[0];
  first.index = 0;
  if (!kernel_->needsFibers) {
    // A fiber all the same: a fault leaves it from anywhere.
    startFiber(first.fiber, stacks_.stack(0), stacks_.stackBytes(0), loopMain,
               &first);
    switchFiber(scheduler_, first.fiber);
    return failure_.empty();
  }

  for (uint32_t w = 0; w < warps_.size(); ++w) {
    uint32_t lanes = std::min(kWarpSize, threadCount_ - w * kWarpSize);
    warps_[w] = Warp();
    warps_[w].exists = llvm::maskTrailingOnes<uint32_t>(lanes);
    warps_[w].runnable = warps_[w].exists;
  }
  for (uint32_t i = 0; i < threadCount_; ++i) {
    Thread &thread = threads_[i];
    thread.index = i;
    thread.groups = 0;
    thread.copies.clear();
    startFiber(thread.fiber, stacks_.stack(i), stacks_.stackBytes(i),
               threadMain, &thread);
  }
  switchFiber(scheduler_, nextRunnable(0)->fiber);
  if (failure_.empty() && exited_ < threadCount_)
    failure_ = stuckMessage();
  for (uint32_t id = 0; checker_ && id < kNamedBarriers; ++id)
    if (uint32_t arrived = named_[id].arrived)
      noteFault(0, formatv("the block has ended with {0} of {1} threads come "
                           "to barrier {2}",
                           arrived, named_[id].count, id));
  return failure_.empty();
}

void Block::threadMain(void *argument) {
  auto *thread = static_cast<Thread *>(argument);
  auto *block = static_cast<Block *>(thread->block);
  block->kernel_->entry(thread);
  block->exitThread(*thread);
  block->abandon(*thread);
}

void Block::loopMain(void *argument) {
  auto *thread = static_cast<Thread *>(argument);
  auto *block = static_cast<Block *>(thread->block);
  block->kernel_->entry(thread);
  block->abandon(*thread);
}

//===----------------------------------------------------------------------===//
// Switching
//===----------------------------------------------------------------------===//

Thread *Block::nextRunnable(uint32_t warp) {
  auto count = static_cast<uint32_t>(warps_.size());
  for (uint32_t i = 0; i < count; ++i) {
    if (uint32_t lanes = warps_[warp].runnable) {
      warps_[warp].runnable = lanes & (lanes - 1);
      return &threads_[warp * kWarpSize + llvm::countr_zero(lanes)];
    }
    if (++warp == count)
      warp = 0;
  }
  return nullptr;
}

void Block::suspend(Thread &thread) {
  Thread *next = nextRunnable(thread.index / kWarpSize);
  switchFiber(thread.fiber, next ? next->fiber : scheduler_);
}

void Block::abandon(Thread &thread) { switchFiber(thread.fiber, scheduler_); }

void Block::exitThread(Thread &thread) {
  Warp &warp = warps_[thread.index / kWarpSize];
  ++exited_;
  warp.exited |= 1u << thread.index % kWarpSize;
  if (exited_ < threadCount_)
    for (uint32_t id = 0; anyWaiting_ && id < kNamedBarriers; ++id)
      releaseBarrier(thread, id);
  // Those that waited for this lane go on without it, as on the hardware.
  for (uint32_t lanes = warp.atWarpOp; lanes && failure_.empty();
       lanes &= lanes - 1) {
    uint32_t lane = llvm::countr_zero(lanes);
    uint32_t index = thread.index / kWarpSize * kWarpSize + lane;
    uint32_t mask = threads_[index].request.mask;
    if (checker_ && mask >> thread.index % kWarpSize & 1) {
      noteDivergence(index, thread.index, "has ended");
      return;
    }
    uint32_t wanted = mask & warp.exists & ~warp.exited;
    if ((warp.atWarpOp & 1u << lane) && (warp.atWarpOp & wanted) == wanted &&
        !complete(warp, wanted, kWarpSize))
      return;
  }
  if (failure_.empty())
    if (Thread *next = nextRunnable(thread.index / kWarpSize))
      switchFiber(thread.fiber, next->fiber);
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

void Block::barrier(Thread &thread, uint32_t id, uint32_t site) {
  Warp &warp = warps_[thread.index / kWarpSize];
  if (id >= kNamedBarriers) {
    noteFault(thread.index, formatv("barrier {0} does not exist; there are {1}",
                                    id, kNamedBarriers));
    abandon(thread);
  }
  if (uint32_t lanes = warp.atBarrier | warp.atNamedBarrier;
      checker_ && lanes) {
    uint32_t other =
        thread.index / kWarpSize * kWarpSize + llvm::countr_zero(lanes);
    if (threads_[other].barrierSite != site) {
      noteDivergence(thread.index, other, "is at another barrier");
      abandon(thread);
    }
  }
  thread.barrierSite = site;
  warp.atBarrier |= 1u << thread.index % kWarpSize;
  ++waiting_[id];
  anyWaiting_ = true;
  releaseBarrier(thread, id);
  if (!failure_.empty())
    abandon(thread);
  if (warp.atBarrier >> thread.index % kWarpSize & 1)
    suspend(thread);
}

void Block::releaseBarrier(Thread &current, uint32_t id) {
  if (!waiting_[id])
    return;
  if (checker_ && exited_) {
    noteFault(current.index,
              formatv("divergent barrier: {0} threads of the block wait at "
                      "barrier {1}, {2} have ended",
                      waiting_[id], id, exited_));
    return;
  }
  if (waiting_[id] + exited_ != threadCount_)
    return;
  waiting_[id] = 0;
  anyWaiting_ = false;
  for (Warp &warp : warps_) {
    warp.runnable |= warp.atBarrier;
    warp.atBarrier = 0;
  }
  // The last to arrive goes on running; a thread that ended is not among them.
  warps_[current.index / kWarpSize].runnable &=
      ~(1u << current.index % kWarpSize);
  if (checker_)
    checker_->barrier();
}

void Block::checkNamedBarrier(Thread &thread, uint32_t id, uint32_t count,
                              bool wait, uint32_t site) {
  const Warp &warp = warps_[thread.index / kWarpSize];
  if (id >= kNamedBarriers)
    return noteFault(thread.index,
                     formatv("barrier {0} does not exist; there are {1}", id,
                             kNamedBarriers));
  if (count == 0 || count % kWarpSize != 0 || count > threadCount_)
    return noteFault(
        thread.index,
        formatv("barrier {0} is for {1} threads; expected a multiple of {2}, "
                "at most the {3} of the block",
                id, count, kWarpSize, threadCount_));
  const NamedBarrier &barrier = named_[id];
  if (barrier.arrived != 0 && barrier.count != count)
    return noteFault(thread.index,
                     formatv("barrier {0} is for {1} threads here, and for {2} "
                             "where others came to it",
                             id, count, barrier.count));
  if (waiting_[id] != 0)
    return noteFault(thread.index,
                     formatv("barrier {0} is for {1} threads here, and others "
                             "wait at it for the whole block",
                             id, count));
  // A lane that only announces its arrival may be behind those that wait.
  uint32_t lanes = warp.atBarrier | warp.atNamedBarrier;
  if (!checker_ || !wait || !lanes)
    return;
  uint32_t other =
      thread.index / kWarpSize * kWarpSize + llvm::countr_zero(lanes);
  if (threads_[other].barrierSite != site)
    noteDivergence(thread.index, other, "is at another barrier");
}

void Block::namedBarrier(Thread &thread, uint32_t id, uint32_t count, bool wait,
                         uint32_t site) {
  checkNamedBarrier(thread, id, count, wait, site);
  if (!failure_.empty())
    abandon(thread);
  if (checker_)
    checker_->arrive(thread.index, id);
  Warp &warp = warps_[thread.index / kWarpSize];
  uint32_t lane = 1u << thread.index % kWarpSize;
  if (wait) {
    thread.barrierSite = site;
    thread.barrierId = id;
    warp.atNamedBarrier |= lane;
  }
  named_[id].count = count;
  if (++named_[id].arrived == count)
    releaseNamedBarrier(thread, id);
  if (warp.atNamedBarrier & lane)
    suspend(thread);
}

void Block::releaseNamedBarrier(Thread &current, uint32_t id) {
  named_[id] = NamedBarrier();
  for (uint32_t w = 0; w < warps_.size(); ++w) {
    uint32_t released = 0;
    for (uint32_t rest = warps_[w].atNamedBarrier; rest; rest &= rest - 1)
      if (threads_[w * kWarpSize + llvm::countr_zero(rest)].barrierId == id)
        released |= rest & -rest;
    warps_[w].atNamedBarrier &= ~released;
    warps_[w].runnable |= released;
    if (checker_ && released)
      checker_->release(w * kWarpSize, released, id);
  }
  if (checker_)
    checker_->forget(id);
  // The last to arrive goes on running.
  warps_[current.index / kWarpSize].runnable &=
      ~(1u << current.index % kWarpSize);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void Block::access(Thread &thread, uint64_t address, uint64_t bytes,
                   uint32_t flags) {
  {
    std::string fault = checker_->access(thread.index, address, bytes, flags);
    if (LLVM_LIKELY(fault.empty()))
      return;
    noteFault(thread.index, fault);
  }
  abandon(thread);
}

void Block::copyAsync(Thread &thread, const PendingCopy &copy) {
  thread.copies.push_back(copy);
  thread.copies.back().group = thread.groups;
  if (!checker_)
    return;
  {
    std::string fault = checker_->copyIssued(
        thread.index, reinterpret_cast<uintptr_t>(copy.target),
        reinterpret_cast<uintptr_t>(copy.source), copy.bytes, copy.sourceBytes);
    if (fault.empty())
      return;
    noteFault(thread.index, fault);
  }
  abandon(thread);
}

void Block::commitCopies(Thread &thread) { ++thread.groups; }

void Block::waitForCopies(Thread &thread, uint32_t groupsInFlight) {
  auto landed = [&](const PendingCopy &copy) {
    return groupsInFlight == kWaitAllCopies ||
           (copy.group < thread.groups &&
            thread.groups - copy.group > groupsInFlight);
  };
  size_t kept = 0;
  for (const PendingCopy &copy : thread.copies) {
    if (!landed(copy)) {
      thread.copies[kept++] = copy;
      continue;
    }
    std::memcpy(copy.target, copy.source, copy.sourceBytes);
    std::memset(copy.target + copy.sourceBytes, 0,
                copy.bytes - copy.sourceBytes);
    if (checker_)
      checker_->copyLanded(
          thread.index, reinterpret_cast<uintptr_t>(copy.target), copy.bytes);
  }
  thread.copies.resize(kept);
}

void Block::trap(Thread &thread) {
  noteFault(thread.index, "the kernel stopped itself (trap)");
  abandon(thread);
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Block::place(uint32_t thread) const {
  return formatv("emulator: kernel '{0}', block ({1},{2},{3}), thread "
                 "({4},{5},{6})",
                 kernel_->name, ctaid[0], ctaid[1], ctaid[2], thread % ntid[0],
                 thread / ntid[0] % ntid[1], thread / ntid[0] / ntid[1]);
}

void Block::noteFault(uint32_t thread, const std::string &what) {
  if (failure_.empty())
    failure_ = place(thread) + ": " + what;
}

void Block::noteDivergence(uint32_t thread, uint32_t other, const char *what) {
  noteFault(thread,
            formatv("divergent {0}: thread ({1},{2},{3}), which it must meet, "
                    "{4}",
                    warps_[thread / kWarpSize].atWarpOp ? "warp operation"
                                                        : "barrier",
                    other % ntid[0], other / ntid[0] % ntid[1],
                    other / ntid[0] / ntid[1], what));
}

std::string Block::stuckMessage() const {
  uint32_t atBarrier = 0, atWarpOp = 0;
  for (const Warp &warp : warps_) {
    atBarrier += llvm::popcount(warp.atBarrier | warp.atNamedBarrier);
    atWarpOp += llvm::popcount(warp.atWarpOp);
  }
  uint32_t example = 0;
  for (uint32_t i = 0; i < threadCount_; ++i)
    if (!(warps_[i / kWarpSize].exited >> i % kWarpSize & 1)) {
      example = i;
      break;
    }
  return formatv("{0}: divergent barrier or warp operation, the block is "
                 "stuck: {1} threads wait at a barrier, {2} at a warp "
                 "operation, {3} have ended; all threads of a block must reach "
                 "the same barrier, and all lanes of a mask the same warp "
                 "operation",
                 place(example), atBarrier, atWarpOp, exited_);
}
