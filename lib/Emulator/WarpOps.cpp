//===- WarpOps.cpp - Shuffles, votes and reductions -----------------------===//
//
// The lanes of a mask meet, and the last to come works out every lane's result:
// so a fast lane can never overwrite what a slow one has yet to read.
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

using namespace ssmc;
using namespace ssmc::emulator;
using llvm::formatv;

uint64_t Block::meet(Thread &thread, const WarpRequest &request) {
  Warp &warp = warps_[thread.index / kWarpSize];
  uint32_t lane = thread.index % kWarpSize;
  if (!(request.mask >> lane & 1)) {
    noteFault(thread.index,
              formatv("divergent warp operation: the mask {0:x} does not name "
                      "the lane {1} that executes it",
                      request.mask, lane));
    abandon(thread);
  }
  thread.request = request;
  uint32_t arrived = warp.atWarpOp | 1u << lane;
  if (checker_ && (request.mask & warp.exited)) {
    warp.atWarpOp = arrived;
    noteDivergence(thread.index,
                   thread.index - lane +
                       llvm::countr_zero(request.mask & warp.exited),
                   "has ended");
    abandon(thread);
  }
  uint32_t wanted = request.mask & warp.exists & ~warp.exited;
  if ((arrived & wanted) != wanted) {
    warp.atWarpOp = arrived;
    suspend(thread);
    return thread.result;
  }
  if (LLVM_UNLIKELY(!complete(warp, wanted, lane)))
    abandon(thread);
  return thread.result;
}

static uint32_t reduce(ReduxOp op, uint32_t a, uint32_t b) {
  auto less = static_cast<int32_t>(a) < static_cast<int32_t>(b);
  switch (op) {
  case ReduxOp::Add:
    return a + b;
  case ReduxOp::Min:
    return less ? a : b;
  case ReduxOp::Max:
    return less ? b : a;
  case ReduxOp::UMin:
    return std::min(a, b);
  case ReduxOp::UMax:
    return std::max(a, b);
  case ReduxOp::And:
    return a & b;
  case ReduxOp::Or:
    return a | b;
  case ReduxOp::Xor:
    return a ^ b;
  }
  return 0;
}

bool Block::complete(Warp &warp, uint32_t lanes, uint32_t runningLane) {
  Thread *lane0 =
      &threads_[static_cast<size_t>(&warp - warps_.data()) * kWarpSize];
  const Thread &first = lane0[llvm::countr_zero(lanes)];
  const WarpRequest &request = first.request;
  uint32_t ballot = 0;
  uint32_t reduced = request.value;
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const Thread &lane = lane0[llvm::countr_zero(rest)];
    if (lane.request.kind != request.kind ||
        lane.request.mode != request.mode ||
        lane.request.mask != request.mask ||
        (checker_ && lane.request.site != request.site)) {
      warp.atWarpOp |= lanes;
      noteDivergence(lane.index, first.index,
                     "is at another one or has another mask");
      return false;
    }
    if (lane.request.kind == WarpRequest::Vote && lane.request.value)
      ballot |= rest & -rest;
    if (lane.request.kind == WarpRequest::Redux && &lane != &first)
      reduced = reduce(static_cast<ReduxOp>(request.mode), reduced,
                       lane.request.value);
  }

  uint32_t common = reduced;
  switch (request.kind) {
  case WarpRequest::Sync:
    if (checker_)
      checker_->syncLanes(lane0->index, lanes);
    break;
  case WarpRequest::Shuffle:
    if (!shuffleLanes(lane0, lanes))
      return false;
    break;
  case WarpRequest::Vote:
    switch (static_cast<VoteMode>(request.mode)) {
    case VoteMode::Ballot:
      common = ballot;
      break;
    case VoteMode::Any:
      common = ballot != 0;
      break;
    case VoteMode::All:
      common = ballot == lanes;
      break;
    case VoteMode::Uniform:
      common = ballot == lanes || ballot == 0;
      break;
    }
    break;
  case WarpRequest::Redux:
    break;
  }
  if (request.kind != WarpRequest::Shuffle)
    for (uint32_t rest = lanes; rest; rest &= rest - 1)
      lane0[llvm::countr_zero(rest)].result = common;

  warp.atWarpOp &= ~lanes;
  warp.runnable |= lanes;
  if (runningLane < kWarpSize)
    warp.runnable &= ~(1u << runningLane);
  return true;
}

// PTX, shfl.sync: bits 12 to 8 of c split the warp into segments, bits 4 to 0
// clamp the source lane within its segment; a lane whose source is outside
// keeps its own value and gets a false predicate.
bool Block::shuffleLanes(Thread *lane0, uint32_t lanes) {
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    auto own = static_cast<int>(llvm::countr_zero(rest));
    Thread &lane = lane0[own];
    int segment = lane.request.clamp >> 8 & 31;
    int clamp = lane.request.clamp & 31;
    int offset = lane.request.lane & 31;
    int limit = (own & segment) | (clamp & ~segment);
    int source = own;
    bool valid = false;
    switch (static_cast<ShuffleMode>(lane.request.mode)) {
    case ShuffleMode::Up:
      source = own - offset;
      valid = source >= limit;
      break;
    case ShuffleMode::Down:
      source = own + offset;
      valid = source <= limit;
      break;
    case ShuffleMode::Butterfly:
      source = own ^ offset;
      valid = source <= limit;
      break;
    case ShuffleMode::Index:
      source = (own & segment) | (offset & ~segment);
      valid = source <= limit;
      break;
    }
    if (!valid)
      source = own;
    if (!(lanes >> source & 1)) {
      if (checker_) {
        noteFault(lane.index,
                  formatv("a shuffle reads lane {0}, which does not take part "
                          "in it (mask {1:x})",
                          source, lane.request.mask));
        return false;
      }
      source = own;
    }
    lane.result = lane0[source].request.value | static_cast<uint64_t>(valid)
                                                    << 32;
  }
  return true;
}
