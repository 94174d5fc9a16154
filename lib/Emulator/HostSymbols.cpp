//===- HostSymbols.cpp - What compiled kernels call -----------------------===//

#include "Block.h"
#include <cmath>
#include <cstring>

using namespace ssmc::emulator;

static Thread &threadOf(ThreadRegisters *registers) {
  return *static_cast<Thread *>(registers);
}

static Block &blockOf(ThreadRegisters *registers) {
  return *static_cast<Block *>(registers->block);
}

//===----------------------------------------------------------------------===//
// Meeting points, copies, checks
//===----------------------------------------------------------------------===//

static void emuBarrier(ThreadRegisters *thread, uint32_t id, uint32_t site) {
  blockOf(thread).barrier(threadOf(thread), id, site);
}

static void emuNamedBarrier(ThreadRegisters *thread, uint32_t id,
                            uint32_t count, uint32_t waits, uint32_t site) {
  blockOf(thread).namedBarrier(threadOf(thread), id, count, waits != 0, site);
}

static void emuSyncWarp(ThreadRegisters *thread, uint32_t mask, uint32_t site) {
  WarpRequest request;
  request.kind = WarpRequest::Sync;
  request.mask = mask;
  request.site = site;
  blockOf(thread).meet(threadOf(thread), request);
}

// The mode is in the low two bits of `siteAndMode`, to keep all operands in
// registers.
static uint64_t emuShuffle(ThreadRegisters *thread, uint32_t siteAndMode,
                           uint32_t mask, uint32_t value, uint32_t lane,
                           uint32_t clamp) {
  WarpRequest request;
  request.kind = WarpRequest::Shuffle;
  request.mode = siteAndMode & 3;
  request.mask = mask;
  request.site = siteAndMode >> 2;
  request.value = value;
  request.lane = lane;
  request.clamp = clamp;
  return blockOf(thread).meet(threadOf(thread), request);
}

static uint32_t emuVote(ThreadRegisters *thread, uint32_t mode, uint32_t mask,
                        uint32_t value, uint32_t site) {
  WarpRequest request;
  request.kind = WarpRequest::Vote;
  request.mode = mode;
  request.mask = mask;
  request.site = site;
  request.value = value;
  return static_cast<uint32_t>(blockOf(thread).meet(threadOf(thread), request));
}

static uint32_t emuRedux(ThreadRegisters *thread, uint32_t op, uint32_t mask,
                         uint32_t value, uint32_t site) {
  WarpRequest request;
  request.kind = WarpRequest::Redux;
  request.mode = op;
  request.mask = mask;
  request.site = site;
  request.value = value;
  return static_cast<uint32_t>(blockOf(thread).meet(threadOf(thread), request));
}

static void emuCopyAsync(ThreadRegisters *thread, char *target,
                         const char *source, uint32_t bytes,
                         uint32_t sourceBytes) {
  PendingCopy copy;
  copy.target = target;
  copy.source = source;
  copy.bytes = bytes;
  copy.sourceBytes = sourceBytes;
  blockOf(thread).copyAsync(threadOf(thread), copy);
}

static void emuCopyCommit(ThreadRegisters *thread) {
  blockOf(thread).commitCopies(threadOf(thread));
}

static void emuCopyWait(ThreadRegisters *thread, uint32_t groupsInFlight) {
  blockOf(thread).waitForCopies(threadOf(thread), groupsInFlight);
}

static void emuAccess(ThreadRegisters *thread, const void *address,
                      uint64_t bytes, uint32_t flags) {
  blockOf(thread).access(threadOf(thread), reinterpret_cast<uintptr_t>(address),
                         bytes, flags);
}

static void emuTrap(ThreadRegisters *thread) {
  blockOf(thread).trap(threadOf(thread));
}

const std::vector<HostSymbol> &ssmc::emulator::hostSymbols() {
  static const std::vector<HostSymbol> symbols = {
      {"ssmc_emu_barrier", reinterpret_cast<void *>(emuBarrier)},
      {"ssmc_emu_named_barrier", reinterpret_cast<void *>(emuNamedBarrier)},
      {"ssmc_emu_sync_warp", reinterpret_cast<void *>(emuSyncWarp)},
      {"ssmc_emu_shuffle", reinterpret_cast<void *>(emuShuffle)},
      {"ssmc_emu_vote", reinterpret_cast<void *>(emuVote)},
      {"ssmc_emu_redux", reinterpret_cast<void *>(emuRedux)},
      {"ssmc_emu_copy_async", reinterpret_cast<void *>(emuCopyAsync)},
      {"ssmc_emu_copy_commit", reinterpret_cast<void *>(emuCopyCommit)},
      {"ssmc_emu_copy_wait", reinterpret_cast<void *>(emuCopyWait)},
      {"ssmc_emu_access", reinterpret_cast<void *>(emuAccess)},
      {"ssmc_emu_trap", reinterpret_cast<void *>(emuTrap)},
  };
  return symbols;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

// 16-bit values travel in the low half of a floating-point register, both on
// x86-64 and on AArch64, which is where a float lies too: so these functions
// speak of floats and need no 16-bit type of the compiler that builds them.

static uint32_t bitsOf(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static float floatOf(uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// Rounds a finite `value` to a float such that rounding that again, to a type
// with at least two bits less, gives what rounding `value` itself would: an
// inexact result gets an odd last bit (round to odd).
static float roundToOdd(double value) {
  auto rounded = static_cast<float>(value);
  if (std::isnan(value) || std::isinf(rounded) || rounded == value)
    return std::isinf(rounded) && !std::isinf(value)
               ? std::copysign(floatOf(0x7f7fffff), rounded)
               : rounded;
  uint32_t bits = bitsOf(rounded);
  if (std::fabs(static_cast<double>(rounded)) > std::fabs(value))
    --bits;
  return floatOf(bits | 1);
}

static float truncateToBFloat(float value) {
  uint32_t bits = bitsOf(value);
  if (std::isnan(value))
    return floatOf(bits >> 16 | 0x40);
  return floatOf((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static float truncateDoubleToBFloat(double value) {
  return truncateToBFloat(roundToOdd(value));
}

static float truncateToHalf(float value) {
  uint32_t bits = bitsOf(value);
  uint32_t sign = bits >> 16 & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return floatOf(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) // rounds to 65536 or more
    return floatOf(sign | 0x7c00);
  if (magnitude < 0x38800000) { // subnormal: count units of 2^-24
    float units = std::nearbyint(floatOf(magnitude) * 0x1p24f);
    return floatOf(sign | static_cast<uint32_t>(units));
  }
  uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return floatOf(sign | (rounded - 0x38000000) >> 13);
}

static float truncateDoubleToHalf(double value) {
  return truncateToHalf(roundToOdd(value));
}

static float extendHalf(float half) {
  uint32_t bits = bitsOf(half) & 0xffff;
  uint32_t sign = (bits & 0x8000) << 16;
  uint32_t magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00)
    return floatOf(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude < 0x400)
    return floatOf(sign | bitsOf(static_cast<float>(magnitude) * 0x1p-24f));
  return floatOf(sign | ((magnitude << 13) + 0x38000000));
}

const std::vector<HostSymbol> &ssmc::emulator::conversionSymbols() {
  static const std::vector<HostSymbol> symbols = {
      {"__truncsfbf2", reinterpret_cast<void *>(truncateToBFloat)},
      {"__truncdfbf2", reinterpret_cast<void *>(truncateDoubleToBFloat)},
      {"__truncsfhf2", reinterpret_cast<void *>(truncateToHalf)},
      {"__truncdfhf2", reinterpret_cast<void *>(truncateDoubleToHalf)},
      {"__extendhfsf2", reinterpret_cast<void *>(extendHalf)},
  };
  return symbols;
}
