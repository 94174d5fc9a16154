//===- Memory.h - The memory of the CPU device ----------------------------===//
//
// Host memory handed out as device memory. With checks on, every byte has a
// flag that says whether it was ever written, and red zones keep buffers apart
// so that an access just past one never lands in another.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_MEMORY_H
#define SSMC_LIB_EMULATOR_MEMORY_H

#include "ssmc/Support/Status.h"
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace ssmc::emulator {

/// Pages from the system.
struct Unmap {
  size_t bytes = 0;
  void operator()(uint8_t *memory) const;
};
using Mapping = std::unique_ptr<uint8_t, Unmap>;

/// Changed between launches only; workers look things up concurrently.
class DeviceMemory {
public:
  struct Buffer {
    uint64_t address = 0;
    uint64_t bytes = 0;
    /// One byte per byte of the buffer, 1 once written; null without checks.
    uint8_t *written = nullptr;

    [[nodiscard]] bool contains(uint64_t at, uint64_t count) const {
      return at >= address && count <= bytes && at - address <= bytes - count;
    }
  };

  explicit DeviceMemory(bool check) : check_(check) {}

  Result<uint64_t> allocate(size_t bytes);
  void free(uint64_t address);

  /// The buffer that holds all of [address, address + bytes), or null.
  [[nodiscard]] const Buffer *find(uint64_t address, uint64_t bytes) const;
  /// Invalid, with the nearest buffer, when find() gives none. Anything is
  /// valid at a length of zero.
  [[nodiscard]] Status require(uint64_t address, uint64_t bytes,
                               const char *what) const;
  /// Where `address` is, for people: "8 bytes after the end of the 64-byte
  /// buffer at 0x7f0000001000".
  [[nodiscard]] std::string describe(uint64_t address) const;

  void markWritten(uint64_t address, uint64_t bytes);
  /// The target is as much written as the source is.
  void copyWritten(uint64_t target, uint64_t source, uint64_t bytes);

private:
  struct Entry {
    Buffer buffer;
    Mapping memory;
    Mapping flags;
  };

  bool check_;
  std::map<uint64_t, Entry> buffers_;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_MEMORY_H
