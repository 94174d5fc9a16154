//===- Block.h - Runs the threads of one block ----------------------------===//
//
// A worker owns one Block and runs one block of a grid after another in it,
// reusing its fibers' stacks and its shared memory. A thread that has to wait
// switches straight to the next thread that can run; control comes back to
// run() only when none can: all have ended, one has faulted, or they are stuck.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_BLOCK_H
#define SSMC_LIB_EMULATOR_BLOCK_H

#include "Checker.h"
#include "Fiber.h"
#include "Kernel.h"
#include "ssmc/Runtime/Device.h"
#include <memory>

namespace ssmc::emulator {

/// What a lane brings to a warp operation.
struct WarpRequest {
  enum Kind : uint8_t { Sync, Shuffle, Vote, Redux };
  Kind kind = Sync;
  /// A ShuffleMode, VoteMode or ReduxOp.
  uint32_t mode = 0;
  uint32_t mask = 0;
  /// Number of the call in the kernel, to tell two of the same kind apart.
  uint32_t site = 0;
  uint32_t value = 0;
  /// Operands b and c of shfl.sync.
  uint32_t lane = 0;
  uint32_t clamp = 0;
};

/// A cp.async on its way.
struct PendingCopy {
  char *target = nullptr;
  const char *source = nullptr;
  uint32_t bytes = 0;
  /// Bytes taken from the source; the rest is zero.
  uint32_t sourceBytes = 0;
  /// The group it was committed with; open groups have the next number.
  uint32_t group = 0;
};

struct Thread : ThreadRegisters {
  Fiber fiber;
  WarpRequest request;
  uint64_t result = 0;
  uint32_t barrierSite = 0;
  /// The named barrier it waits at, if its warp says that it does.
  uint32_t barrierId = 0;
  /// Groups of copies committed so far.
  uint32_t groups = 0;
  std::vector<PendingCopy> copies;
};

class Block : public BlockRegisters {
public:
  Block(const DeviceMemory &memory, bool check);

  /// Makes room for blocks of this launch. The kernel and the parameters must
  /// outlive the runs.
  Status prepare(const Kernel &kernel, const runtime::LaunchParams &params);
  /// Runs the block of that linear index; false when it faulted.
  [[nodiscard]] bool run(uint64_t linearIndex);
  /// Why the last run() returned false.
  [[nodiscard]] const std::string &failure() const { return failure_; }

  // What kernels call. None of these returns after a fault.
  void barrier(Thread &thread, uint32_t id, uint32_t site);
  /// bar.sync and bar.arrive with a number of threads: the barrier completes
  /// once `count` have come, of whom those wait that `wait`.
  void namedBarrier(Thread &thread, uint32_t id, uint32_t count, bool wait,
                    uint32_t site);
  uint64_t meet(Thread &thread, const WarpRequest &request);
  void copyAsync(Thread &thread, const PendingCopy &copy);
  void commitCopies(Thread &thread);
  void waitForCopies(Thread &thread, uint32_t groupsInFlight);
  void access(Thread &thread, uint64_t address, uint64_t bytes, uint32_t flags);
  void trap(Thread &thread);

private:
  struct Warp {
    uint32_t exists = 0;
    uint32_t exited = 0;
    /// Can run and is not running.
    uint32_t runnable = 0;
    uint32_t atBarrier = 0;
    uint32_t atNamedBarrier = 0;
    uint32_t atWarpOp = 0;
  };

  /// A barrier of some threads of the block that has not completed.
  struct NamedBarrier {
    uint32_t arrived = 0;
    /// How many threads it needs, as the first to come has said.
    uint32_t count = 0;
  };

  static void threadMain(void *argument);
  static void loopMain(void *argument);
  void suspend(Thread &thread);
  /// Leaves the thread for good. Not marked noreturn, from which a sanitizer
  /// would conclude that this stack is being unwound.
  void abandon(Thread &thread);
  void exitThread(Thread &thread);
  /// Lets everybody go on if `current` was the last that barrier `id` needed.
  void releaseBarrier(Thread &current, uint32_t id);
  /// Notes what is wrong with coming to a named barrier, if anything is.
  void checkNamedBarrier(Thread &thread, uint32_t id, uint32_t count, bool wait,
                         uint32_t site);
  void releaseNamedBarrier(Thread &current, uint32_t id);
  /// Works out the results of all `lanes`; false, with the failure noted, when
  /// their requests do not fit together.
  bool complete(Warp &warp, uint32_t lanes, uint32_t runningLane);
  bool shuffleLanes(Thread *lane, uint32_t lanes);
  Thread *nextRunnable(uint32_t warp);
  void noteFault(uint32_t thread, const std::string &what);
  void noteDivergence(uint32_t thread, uint32_t other, const char *what);
  std::string place(uint32_t thread) const;
  std::string stuckMessage() const;

  const Kernel *kernel_ = nullptr;
  std::unique_ptr<Checker> checker_;
  FiberStacks stacks_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<char> sharedMemory_;
  Fiber scheduler_;
  uint32_t threadCount_ = 0;
  uint32_t exited_ = 0;
  /// How many threads wait at each barrier, and whether any does.
  uint32_t waiting_[kNamedBarriers] = {};
  bool anyWaiting_ = false;
  NamedBarrier named_[kNamedBarriers];
  std::string failure_;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_BLOCK_H
