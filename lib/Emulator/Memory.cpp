//===- Memory.cpp - The memory of the CPU device --------------------------===//

#include "Memory.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>
#include <sys/mman.h>

using namespace ssmc;
using namespace ssmc::emulator;

static constexpr size_t kAlignment = 256;
static constexpr size_t kRedZone = 4096;

void Unmap::operator()(uint8_t *memory) const { munmap(memory, bytes); }

// mmap rather than malloc: the memory comes zeroed without being touched, so
// flags of large buffers cost only what is used.
static Mapping mapPages(size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return Mapping(nullptr, Unmap());
  return Mapping(static_cast<uint8_t *>(memory), Unmap{bytes});
}

Result<uint64_t> DeviceMemory::allocate(size_t bytes) {
  Status noMemory = Status::device(llvm::formatv(
      "the CPU device cannot allocate {0} bytes; use a smaller batch or "
      "sequence, or free memory",
      bytes));
  if (bytes == 0)
    return Status::invalid("an allocation on the CPU device needs at least one "
                           "byte");
  size_t total = 0;
  if (__builtin_add_overflow(bytes, 2 * kRedZone, &total))
    return noMemory;
  Entry entry;
  entry.memory = mapPages(total);
  if (check_)
    entry.flags = mapPages(bytes);
  if (!entry.memory || (check_ && !entry.flags))
    return noMemory;
  entry.buffer.address =
      reinterpret_cast<uintptr_t>(entry.memory.get()) + kRedZone;
  static_assert(kRedZone % kAlignment == 0);
  entry.buffer.bytes = bytes;
  entry.buffer.written = entry.flags.get();
  uint64_t address = entry.buffer.address;
  buffers_.emplace(address, std::move(entry));
  return address;
}

void DeviceMemory::free(uint64_t address) { buffers_.erase(address); }

const DeviceMemory::Buffer *DeviceMemory::find(uint64_t address,
                                               uint64_t bytes) const {
  auto next = buffers_.upper_bound(address);
  if (next == buffers_.begin())
    return nullptr;
  const Buffer &buffer = std::prev(next)->second.buffer;
  return buffer.contains(address, bytes) ? &buffer : nullptr;
}

Status DeviceMemory::require(uint64_t address, uint64_t bytes,
                             const char *what) const {
  if (bytes == 0 || find(address, bytes))
    return {};
  return Status::invalid(
      llvm::formatv("emulator: {0} of {1} bytes is out of bounds: it begins "
                    "{2}",
                    what, bytes, describe(address)));
}

std::string DeviceMemory::describe(uint64_t address) const {
  if (buffers_.empty())
    return llvm::formatv("at {0:x}, and the device has no buffers", address);
  auto next = buffers_.upper_bound(address);
  const Buffer *after = next == buffers_.end() ? nullptr : &next->second.buffer;
  const Buffer *before =
      next == buffers_.begin() ? nullptr : &std::prev(next)->second.buffer;
  auto name = [](const Buffer &buffer) {
    return llvm::formatv("the {0}-byte buffer at {1:x}", buffer.bytes,
                         buffer.address)
        .str();
  };
  if (before && address - before->address < before->bytes)
    return llvm::formatv("at byte {0} of {1}", address - before->address,
                         name(*before));
  uint64_t past =
      before ? address - before->address - before->bytes : UINT64_MAX;
  uint64_t ahead = after ? after->address - address : UINT64_MAX;
  if (past <= ahead)
    return llvm::formatv("{0} bytes after the end of {1}", past, name(*before));
  return llvm::formatv("{0} bytes before {1}", ahead, name(*after));
}

void DeviceMemory::markWritten(uint64_t address, uint64_t bytes) {
  const Buffer *buffer = find(address, bytes);
  if (buffer && buffer->written)
    std::memset(buffer->written + (address - buffer->address), 1, bytes);
}

void DeviceMemory::copyWritten(uint64_t target, uint64_t source,
                               uint64_t bytes) {
  const Buffer *to = find(target, bytes);
  const Buffer *from = find(source, bytes);
  if (to && from && to->written && from->written)
    std::memmove(to->written + (target - to->address),
                 from->written + (source - from->address), bytes);
}
