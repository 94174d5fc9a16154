//===- WorkerPool.cpp - Threads that share the blocks of a launch ---------===//

#include "WorkerPool.h"
#include <algorithm>

using namespace ssmc::emulator;

WorkerPool::WorkerPool(unsigned workers)
    : size_(workers ? workers
                    : std::max(1u, std::thread::hardware_concurrency())) {}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread &thread : threads_)
    thread.join();
}

void WorkerPool::run(llvm::function_ref<void(unsigned)> task) {
  while (threads_.size() + 1 < size_)
    threads_.emplace_back(&WorkerPool::workerMain, this,
                          static_cast<unsigned>(threads_.size() + 1));
  {
    std::lock_guard<std::mutex> lock(mutex_);
    task_ = task;
    running_ = size_ - 1;
    ++round_;
  }
  wake_.notify_all();
  task(0);
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [&] { return running_ == 0; });
}

void WorkerPool::workerMain(unsigned worker) {
  uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || round_ != seen; });
    if (stopping_)
      return;
    seen = round_;
    llvm::function_ref<void(unsigned)> task = task_;
    lock.unlock();
    task(worker);
    lock.lock();
    if (--running_ == 0)
      done_.notify_one();
  }
}
