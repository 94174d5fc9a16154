//===- Checker.cpp - Finds faults of memory accesses ----------------------===//

#include "Checker.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace ssmc::emulator;
using llvm::formatv;

void Checker::beginLaunch(const Kernel &kernel, const char *shared,
                          uint32_t threads) {
  kernel_ = &kernel;
  shared_ = reinterpret_cast<uintptr_t>(shared);
  lastBuffer_ = nullptr;
  if (cells_.size() < kernel.sharedBytes)
    cells_.resize(kernel.sharedBytes);
  for (size_t i = clocks_.size(); i < threads; ++i) {
    clocks_.emplace_back().fill(0);
    clocks_.back()[i % kWarpSize] = 1;
    warpClocks_.emplace_back().fill(0);
    warpClocks_.back()[i / kWarpSize] = 1;
  }
}

void Checker::beginBlock() {
  ++epoch_;
  ++block_;
  for (WarpClocks &arrival : arrivals_)
    arrival.fill(0);
}

void Checker::arrive(uint32_t thread, uint32_t barrier) {
  WarpClocks &own = warpClocks_[thread];
  WarpClocks &known = arrivals_[barrier];
  // What the thread does from here on is not ordered by this barrier.
  ++own[thread / kWarpSize];
  for (size_t warp = 0; warp < own.size(); ++warp)
    known[warp] = std::max(known[warp], own[warp]);
}

void Checker::release(uint32_t firstThread, uint32_t lanes, uint32_t barrier) {
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    WarpClocks &own = warpClocks_[firstThread + llvm::countr_zero(rest)];
    for (size_t warp = 0; warp < own.size(); ++warp)
      own[warp] = std::max(own[warp], arrivals_[barrier][warp]);
  }
  syncLanes(firstThread, lanes);
}

void Checker::syncLanes(uint32_t firstThread, uint32_t lanes) {
  std::array<uint32_t, kWarpSize> joined = {};
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const auto &clock = clocks_[firstThread + llvm::countr_zero(rest)];
    for (uint32_t i = 0; i < kWarpSize; ++i)
      joined[i] = std::max(joined[i], clock[i]);
  }
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    uint32_t lane = llvm::countr_zero(rest);
    clocks_[firstThread + lane] = joined;
    ++clocks_[firstThread + lane][lane];
  }
}

static const char *accessName(uint32_t flags) {
  if (flags & kAccessAtomic)
    return "atomic update";
  return flags & kAccessWrite ? "write" : "read";
}

std::string Checker::access(uint32_t thread, uint64_t address, uint64_t bytes,
                            uint32_t flags) {
  if (bytes == 0)
    return {};
  bool shared =
      flags & kAccessShared ||
      (address >= shared_ && address - shared_ < kernel_->sharedBytes);
  bool local = !(flags & (kAccessShared | kAccessGlobal)) &&
               stacks_.contains(reinterpret_cast<const char *>(address));
  if (local)
    return {};
  uint64_t alignment = uint64_t(1) << (flags >> kAccessAlignShift);
  if (address % alignment != 0)
    return formatv("misaligned {0} of {1} bytes {2}: it needs an alignment of "
                   "{3} bytes",
                   accessName(flags), bytes,
                   shared ? describeShared(address - shared_)
                          : memory_.describe(address),
                   alignment);
  return shared ? sharedAccess(thread, address, bytes, flags)
                : globalAccess(address, bytes, flags);
}

std::string Checker::globalAccess(uint64_t address, uint64_t bytes,
                                  uint32_t flags) {
  if (!lastBuffer_ || !lastBuffer_->contains(address, bytes)) {
    const DeviceMemory::Buffer *buffer = memory_.find(address, bytes);
    if (!buffer)
      return formatv("global {0} of {1} bytes out of bounds: it begins {2}",
                     accessName(flags), bytes, memory_.describe(address));
    lastBuffer_ = buffer;
  }
  uint8_t *written = lastBuffer_->written + (address - lastBuffer_->address);
  if (flags & kAccessRead)
    if (const void *hole = std::memchr(written, 0, bytes))
      return formatv("global {0} of {1} bytes {2}: byte {3} of them was never "
                     "written",
                     accessName(flags), bytes, memory_.describe(address),
                     static_cast<const uint8_t *>(hole) - written);
  if (flags & kAccessWrite)
    std::memset(written, 1, bytes);
  return {};
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

std::string Checker::describeShared(uint64_t offset) const {
  const SharedVariable *nearest = nullptr;
  uint64_t nearestDistance = UINT64_MAX;
  for (const SharedVariable &variable : kernel_->shared) {
    // Offsets before the first variable wrap around; distances stay right.
    uint64_t into = offset - variable.offset;
    if (into < variable.bytes)
      return formatv("at byte {0} of the shared array '{1}'", into,
                     variable.name);
    uint64_t distance = std::min(into - variable.bytes + 1, -into);
    if (distance < nearestDistance) {
      nearest = &variable;
      nearestDistance = distance;
    }
  }
  if (!nearest)
    return "and the kernel has no shared memory";
  bool before = -(offset - nearest->offset) == nearestDistance;
  return formatv("{0} bytes {1} the {2}-byte shared array '{3}'",
                 before ? nearestDistance : nearestDistance - 1,
                 before ? "before" : "after the end of", nearest->bytes,
                 nearest->name);
}

bool Checker::unordered(uint32_t thread, const Access &other) const {
  if (other.thread == kNobody || other.thread == thread)
    return false;
  uint32_t warp = other.thread / kWarpSize;
  if (warp != thread / kWarpSize)
    return warpClocks_[thread][warp] <= other.warpClock;
  return clocks_[thread][other.thread % kWarpSize] < other.laneClock;
}

uint16_t Checker::racingThread(const Cell &cell, uint32_t thread,
                               uint32_t flags) const {
  if (cell.epoch != epoch_)
    return kNobody;
  bool bothAtomic = (flags & kAccessAtomic) && cell.atomicWriter;
  if (!bothAtomic && unordered(thread, cell.writer))
    return cell.writer.thread;
  if (!(flags & kAccessWrite))
    return kNobody;
  for (const Access *reader :
       {&cell.reader, &cell.otherWarpReader, &cell.sameWarpReader})
    if (unordered(thread, *reader))
      return reader->thread;
  return kNobody;
}

void Checker::record(Cell &cell, uint32_t thread, uint32_t flags) {
  if (cell.epoch != epoch_) {
    cell.epoch = epoch_;
    cell.writer = cell.reader = Access();
    cell.otherWarpReader = cell.sameWarpReader = Access();
  }
  Access access = {uint16_t(thread), clocks_[thread][thread % kWarpSize],
                   warpClocks_[thread][thread / kWarpSize]};
  if (flags & kAccessWrite) {
    cell.writer = access;
    cell.atomicWriter = flags & kAccessAtomic;
    cell.writtenIn = block_;
    return;
  }
  if (cell.reader.thread != kNobody && cell.reader.thread != thread) {
    if (cell.reader.thread / kWarpSize == thread / kWarpSize) {
      cell.sameWarpReader = cell.reader;
    } else {
      // What comes after this reader comes after those that it comes after.
      if (unordered(thread, cell.reader))
        cell.otherWarpReader = cell.reader;
      cell.sameWarpReader = Access();
    }
  }
  cell.reader = access;
}

std::string Checker::sharedAccess(uint32_t thread, uint64_t address,
                                  uint64_t bytes, uint32_t flags) {
  uint64_t offset = address - shared_;
  const SharedVariable *variable = nullptr;
  for (const SharedVariable &candidate : kernel_->shared)
    if (offset - candidate.offset < candidate.bytes)
      variable = &candidate;
  if (!variable || bytes > variable->bytes - (offset - variable->offset))
    return formatv("shared {0} of {1} bytes out of bounds: it begins {2}",
                   accessName(flags), bytes, describeShared(offset));
  for (uint64_t i = 0; i < bytes; ++i) {
    Cell &cell = cells_[offset + i];
    if (cell.copyIn == block_)
      return formatv("shared {0} of {1} bytes {2} while an asynchronous copy "
                     "to it is in flight; wait for the copy first",
                     accessName(flags), bytes, describeShared(offset));
    if (flags & kAccessRead && cell.writtenIn != block_)
      return formatv("shared {0} of {1} bytes {2}: byte {3} of them was never "
                     "written in this block",
                     accessName(flags), bytes, describeShared(offset), i);
    if (uint16_t other = racingThread(cell, thread, flags); other != kNobody)
      return formatv("shared-memory race: {0} of {1} bytes {2}, and thread {3} "
                     "of the block {4} it with no barrier between",
                     accessName(flags), bytes, describeShared(offset), other,
                     other == cell.writer.thread ? "wrote" : "read");
    record(cell, thread, flags);
  }
  return {};
}

std::string Checker::copyIssued(uint32_t thread, uint64_t target,
                                uint64_t source, uint32_t bytes,
                                uint32_t sourceBytes) {
  if (sourceBytes > bytes)
    return formatv("an asynchronous copy of {0} bytes takes {1} bytes from its "
                   "source",
                   bytes, sourceBytes);
  uint32_t alignment = llvm::countr_zero(bytes) << kAccessAlignShift;
  std::string fault = access(thread, source, sourceBytes,
                             kAccessRead | kAccessGlobal | alignment);
  if (fault.empty())
    fault =
        access(thread, target, bytes, kAccessWrite | kAccessShared | alignment);
  if (!fault.empty())
    return "asynchronous copy: " + fault;
  for (uint32_t i = 0; i < bytes; ++i)
    cells_[target - shared_ + i].copyIn = block_;
  return {};
}

void Checker::copyLanded(uint32_t thread, uint64_t target, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; ++i) {
    Cell &cell = cells_[target - shared_ + i];
    cell.copyIn = 0;
    record(cell, thread, kAccessWrite);
  }
}
