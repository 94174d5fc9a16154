//===- Abi.h - What compiled kernels and the emulator share ---------------===//
//
// A kernel compiled for the host is a function of one pointer, to the registers
// of its thread; special registers are loads from there, and barriers, warp
// operations, asynchronous copies and checks are calls of the functions listed
// in hostSymbols(). Their first argument is always that pointer, so none of
// this needs thread-local state.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_ABI_H
#define SSMC_LIB_EMULATOR_ABI_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmc::emulator {

inline constexpr uint32_t kWarpSize = 32;
inline constexpr uint32_t kMaxThreads = 1024;
/// What one block may use of shared memory on sm_90, and what it may declare
/// statically on any architecture.
inline constexpr uint64_t kMaxSharedBytes = 227 * 1024;
inline constexpr uint64_t kMaxStaticSharedBytes = 48 * 1024;
/// Ids of named barriers are below this.
inline constexpr uint32_t kNamedBarriers = 16;

/// The special registers that all threads of a block have in common.
struct BlockRegisters {
  uint32_t ctaid[3];
  uint32_t ntid[3];
  uint32_t nctaid[3];
  /// The launch's parameters, 8 bytes each.
  const uint64_t *args;
  /// Where the block's shared memory begins.
  char *shared;
};

struct ThreadRegisters {
  uint32_t tid[3];
  /// x + y * ntid.x + z * ntid.x * ntid.y
  uint32_t index;
  BlockRegisters *block;
};

/// Runs one thread, or, for a kernel where threads never meet, all threads of
/// the block one after another.
using KernelEntry = void (*)(ThreadRegisters *);

enum class ShuffleMode : uint32_t { Up, Down, Butterfly, Index };
enum class VoteMode : uint32_t { Ballot, Any, All, Uniform };
enum class ReduxOp : uint32_t { Add, Min, Max, UMin, UMax, And, Or, Xor };

/// How a checked access is described to ssmc_emu_access: these bits, the
/// logarithm of its alignment from kAccessAlignShift on.
enum AccessFlags : uint32_t {
  kAccessRead = 1,
  kAccessWrite = 2,
  kAccessAtomic = 4,
  kAccessGlobal = 8,  // the pointer's type says global memory
  kAccessShared = 16, // the pointer's type says shared memory
};
inline constexpr uint32_t kAccessAlignShift = 8;

/// Waits for copies that were not committed, too.
inline constexpr uint32_t kWaitAllCopies = ~0u;

/// A function that compiled kernels call.
struct HostSymbol {
  const char *name;
  void *address;
};

/// The meeting points, copies and checks.
const std::vector<HostSymbol> &hostSymbols();
/// Conversions between floating-point types that code generation may call and
/// that the compiler's own library may lack.
const std::vector<HostSymbol> &conversionSymbols();

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_ABI_H
