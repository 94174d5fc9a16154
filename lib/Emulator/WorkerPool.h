//===- WorkerPool.h - Threads that share the blocks of a launch -----------===//

#ifndef SSMC_LIB_EMULATOR_WORKERPOOL_H
#define SSMC_LIB_EMULATOR_WORKERPOOL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace ssmc::emulator {

/// A fixed number of workers, of which the caller of run() is the first. The
/// others start with the first run().
class WorkerPool {
public:
  /// `workers` of 0 means one per hardware thread.
  explicit WorkerPool(unsigned workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool &) = delete;
  WorkerPool &operator=(const WorkerPool &) = delete;

  [[nodiscard]] unsigned size() const { return size_; }

  /// Calls task(worker) once for each worker number, and returns when all have
  /// returned.
  void run(llvm::function_ref<void(unsigned)> task);

private:
  void workerMain(unsigned worker);

  unsigned size_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  llvm::function_ref<void(unsigned)> task_;
  /// Grows with every run().
  uint64_t round_ = 0;
  unsigned running_ = 0;
  bool stopping_ = false;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_WORKERPOOL_H
