//===- Checker.h - Finds faults of memory accesses ------------------------===//
//
// Follows every access of one block: bounds, alignment, reads of what was never
// written, and races in shared memory. Two accesses of different threads to a
// byte of shared memory, one of them a write, race unless a barrier lies
// between them or, within a warp, bar.warp.sync orders them. Barriers of the
// block are counted by an epoch; warp order is kept as one vector clock per
// thread over the lanes of its warp, the order that barriers of some warps make
// as another over the warps of the block. Of three warps that read a byte with
// no order between them, one may be forgotten, and a race with it missed.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_CHECKER_H
#define SSMC_LIB_EMULATOR_CHECKER_H

#include "Fiber.h"
#include "Kernel.h"
#include "Memory.h"
#include <array>

namespace ssmc::emulator {

/// The functions that return a string return what is wrong, or nothing.
class Checker {
public:
  Checker(const DeviceMemory &memory, const FiberStacks &stacks)
      : memory_(memory), stacks_(stacks) {}

  void beginLaunch(const Kernel &kernel, const char *shared, uint32_t threads);
  void beginBlock();

  /// All threads of the block have met.
  void barrier() { ++epoch_; }
  /// The thread has come to a barrier of some warps, all of whose lanes do.
  void arrive(uint32_t thread, uint32_t barrier);
  /// `lanes` of a warp that wait at it go on: all have come.
  void release(uint32_t firstThread, uint32_t lanes, uint32_t barrier);
  void forget(uint32_t barrier) { arrivals_[barrier].fill(0); }
  /// `lanes` of the warp whose first thread is `firstThread` have met.
  void syncLanes(uint32_t firstThread, uint32_t lanes);

  std::string access(uint32_t thread, uint64_t address, uint64_t bytes,
                     uint32_t flags);
  /// A cp.async begins: from now to its landing nobody may touch the target.
  std::string copyIssued(uint32_t thread, uint64_t target, uint64_t source,
                         uint32_t bytes, uint32_t sourceBytes);
  void copyLanded(uint32_t thread, uint64_t target, uint32_t bytes);

private:
  static constexpr uint16_t kNobody = 0xffff;

  /// Who touched a byte, and when by its own clocks.
  struct Access {
    uint16_t thread = kNobody;
    uint32_t laneClock = 0;
    uint32_t warpClock = 0;
  };

  /// What is known of one byte of shared memory. Accesses count only if they
  /// are of the current epoch.
  struct Cell {
    uint64_t epoch = 0;
    /// The block that wrote it, and that has a copy to it in flight.
    uint64_t writtenIn = 0;
    uint64_t copyIn = 0;
    Access writer;
    /// The last reader, the last one of another warp than its that it is not
    /// ordered after, and the last other one of its warp.
    Access reader, otherWarpReader, sameWarpReader;
    bool atomicWriter = false;
  };

  std::string globalAccess(uint64_t address, uint64_t bytes, uint32_t flags);
  std::string sharedAccess(uint32_t thread, uint64_t address, uint64_t bytes,
                           uint32_t flags);
  /// The thread whose access to `cell` races with this one, or kNobody.
  uint16_t racingThread(const Cell &cell, uint32_t thread,
                        uint32_t flags) const;
  bool unordered(uint32_t thread, const Access &other) const;
  void record(Cell &cell, uint32_t thread, uint32_t flags);
  std::string describeShared(uint64_t offset) const;

  const DeviceMemory &memory_;
  const FiberStacks &stacks_;
  const Kernel *kernel_ = nullptr;
  uint64_t shared_ = 0;
  /// Buffers do not move during a launch.
  const DeviceMemory::Buffer *lastBuffer_ = nullptr;
  std::vector<Cell> cells_;
  /// clocks_[t][l]: what thread t knows of lane l of its warp.
  std::vector<std::array<uint32_t, kWarpSize>> clocks_;
  /// warpClocks_[t][w]: what thread t knows of warp w of its block; arrivals_:
  /// what those know together that have come to a barrier.
  using WarpClocks = std::array<uint32_t, kMaxThreads / kWarpSize>;
  std::vector<WarpClocks> warpClocks_;
  std::array<WarpClocks, kNamedBarriers> arrivals_ = {};
  /// Both only ever grow, so cells need no clearing between blocks.
  uint64_t epoch_ = 0;
  uint64_t block_ = 0;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_CHECKER_H
