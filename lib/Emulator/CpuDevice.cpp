//===- CpuDevice.cpp - The CPU as a device --------------------------------===//

#include "CpuDevice.h"
#include "llvm/Support/FormatVariadic.h"
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <numeric>

using namespace ssmc;
using namespace ssmc::emulator;
using llvm::formatv;

// Waking the other workers takes about this long.
static constexpr double kWakeNanos = 30000;

static void *hostPointer(runtime::DevicePtr pointer) {
  return reinterpret_cast<void *>(static_cast<uintptr_t>(pointer));
}

Result<std::unique_ptr<runtime::Device>>
ssmc::emulator::createCpuDevice(const EmulatorOptions &options) {
  if (options.threads > 1024)
    return Status::usage(formatv(
        "the CPU device takes at most 1024 threads, not {0}", options.threads));
  return std::unique_ptr<runtime::Device>(std::make_unique<CpuDevice>(options));
}

CpuDevice::CpuDevice(const EmulatorOptions &options)
    : options_(options), memory_(options.check), pool_(options.threads),
      random_(options.seed) {
  for (unsigned i = 0; i < pool_.size(); ++i)
    blocks_.push_back(std::make_unique<Block>(memory_, options.check));
}

std::string CpuDevice::description() const {
  return formatv("cpu, {0} thread{1}{2}", pool_.size(),
                 pool_.size() == 1 ? "" : "s",
                 options_.check ? ", checked" : "");
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Result<uint64_t> CpuDevice::freeMemory() {
  // What can be had without swapping. The allocator would promise more than the
  // machine has, and the process would be ended when it uses it.
  std::ifstream file("/proc/meminfo");
  std::string name;
  for (uint64_t kibibytes; file >> name >> kibibytes;
       file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
    if (name == "MemAvailable:")
      return kibibytes * 1024;
  return UINT64_MAX;
}

Result<runtime::DevicePtr> CpuDevice::allocate(size_t bytes) {
  return memory_.allocate(bytes);
}

void CpuDevice::free(runtime::DevicePtr pointer) { memory_.free(pointer); }

Status CpuDevice::copyToDevice(runtime::DevicePtr target, const void *source,
                               size_t bytes) {
  SSMC_TRY(memory_.require(target, bytes, "copy to the device"));
  if (bytes == 0)
    return {};
  std::memcpy(hostPointer(target), source, bytes);
  memory_.markWritten(target, bytes);
  return {};
}

Status CpuDevice::copyToHost(void *target, runtime::DevicePtr source,
                             size_t bytes) {
  SSMC_TRY(memory_.require(source, bytes, "copy from the device"));
  if (bytes != 0)
    std::memcpy(target, hostPointer(source), bytes);
  return {};
}

Status CpuDevice::copyOnDevice(runtime::DevicePtr target,
                               runtime::DevicePtr source, size_t bytes) {
  SSMC_TRY(memory_.require(target, bytes, "target of a copy"));
  SSMC_TRY(memory_.require(source, bytes, "source of a copy"));
  if (bytes == 0)
    return {};
  std::memmove(hostPointer(target), hostPointer(source), bytes);
  memory_.copyWritten(target, source, bytes);
  return {};
}

Status CpuDevice::fillZero(runtime::DevicePtr target, size_t bytes) {
  SSMC_TRY(memory_.require(target, bytes, "filling with zeros"));
  if (bytes == 0)
    return {};
  std::memset(hostPointer(target), 0, bytes);
  memory_.markWritten(target, bytes);
  return {};
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

static Status checkLaunch(const Kernel &kernel,
                          const runtime::LaunchParams &params) {
  auto fail = [&](const std::string &what) {
    return Status::invalid(
        formatv("emulator: kernel '{0}': {1}", kernel.name, what));
  };
  if (params.args.size() != kernel.numParams)
    return fail(formatv("launched with {0} arguments, it has {1} parameters",
                        params.args.size(), kernel.numParams));
  uint64_t threads = 1;
  for (unsigned dim = 0; dim < 3; ++dim) {
    constexpr uint32_t kMaxBlock[3] = {1024, 1024, 64};
    constexpr uint32_t kMaxGrid[3] = {0x7fffffff, 0xffff, 0xffff};
    uint32_t extent = params.block[dim];
    if (extent == 0 || extent > kMaxBlock[dim])
      return fail(formatv("block extent {0} is {1}, it must be 1 to {2}", dim,
                          extent, kMaxBlock[dim]));
    threads *= extent;
    if (params.grid[dim] > kMaxGrid[dim])
      return fail(formatv("grid extent {0} is {1}, it can be at most {2}", dim,
                          params.grid[dim], kMaxGrid[dim]));
    uint32_t required = kernel.requiredBlock[dim];
    if (required && required != extent)
      return fail(formatv("block extent {0} is {1}, the kernel is compiled for "
                          "{2}",
                          dim, extent, required));
  }
  if (threads > kMaxThreads)
    return fail(formatv("a block of {0} threads; at most {1} are possible",
                        threads, kMaxThreads));
  return {};
}

Status CpuDevice::launch(runtime::LoadedKernels &kernels,
                         const runtime::LaunchParams &params) {
  auto &loaded = static_cast<CpuKernels &>(kernels);
  if (params.kernel >= loaded.items.size())
    return Status::invalid(formatv("emulator: launch of kernel {0}, only {1} "
                                   "are loaded",
                                   params.kernel, loaded.items.size()));
  CpuKernels::Item &item = loaded.items[params.kernel];
  SSMC_TRY(checkLaunch(item.kernel, params));
  // At most 2^63: see the limits of each extent.
  uint64_t blocks = uint64_t(params.grid[0]) * params.grid[1] * params.grid[2];
  if (blocks == 0)
    return {};

  bool share =
      static_cast<double>(blocks) * item.nanosPerBlock > 2 * kWakeNanos;
  auto workers =
      share ? static_cast<unsigned>(std::min<uint64_t>(pool_.size(), blocks))
            : 1;
  auto start = std::chrono::steady_clock::now();
  Status status = runBlocks(item.kernel, params, blocks, workers);
  std::chrono::duration<double, std::nano> elapsed =
      std::chrono::steady_clock::now() - start;
  item.nanosPerBlock = elapsed.count() * workers / static_cast<double>(blocks);
  return status;
}

namespace {

/// The blocks of a grid in a drawn order: i -> (factor * i + offset) mod count
/// with a factor prime to the count takes each once and needs no memory.
struct BlockOrder {
  uint64_t count = 1;
  uint64_t factor = 1;
  uint64_t offset = 0;

  static BlockOrder draw(uint64_t count, std::mt19937_64 &random) {
    BlockOrder order;
    order.count = count;
    order.offset = random() % count;
    do
      order.factor = 1 + random() % count;
    while (std::gcd(order.factor, count) != 1);
    return order;
  }

  uint64_t operator()(uint64_t i) const {
    if (factor == 1 && offset == 0)
      return i;
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>((Wide(factor) * i + offset) % count);
  }
};

} // namespace

Status CpuDevice::runBlocks(const Kernel &kernel,
                            const runtime::LaunchParams &params,
                            uint64_t blocks, unsigned workers) {
  BlockOrder order;
  if (options_.shuffleBlocks)
    order = BlockOrder::draw(blocks, random_);
  // Blocks taken at once: few enough that the workers end together.
  uint64_t chunk = std::max<uint64_t>(1, blocks / (uint64_t(workers) * 16));
  std::atomic<uint64_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  Status failure;
  uint64_t failedBlock = UINT64_MAX;

  // Of several faults the one of the first block is told, so that messages
  // depend on timing as little as possible.
  auto fail = [&](uint64_t block, Status status) {
    std::lock_guard<std::mutex> lock(mutex);
    failed = true;
    if (block < failedBlock || failure.ok()) {
      failedBlock = block;
      failure = std::move(status);
    }
  };
  auto work = [&](unsigned worker) {
    if (worker >= workers)
      return;
    Block &runner = *blocks_[worker];
    if (Status status = runner.prepare(kernel, params); !status.ok())
      return fail(UINT64_MAX, status);
    while (!failed) {
      uint64_t first = next.fetch_add(chunk);
      if (first >= blocks)
        return;
      uint64_t last = std::min(blocks, first + chunk);
      for (uint64_t i = first; i < last && !failed; ++i)
        if (!runner.run(order(i)))
          return fail(i, Status::invalid(runner.failure()));
    }
  };
  if (workers == 1)
    work(0);
  else
    pool_.run(work);
  return failure;
}

Status CpuDevice::synchronize() { return {}; }
