//===- Fiber.h - Cooperative threads --------------------------------------===//
//
// A switch costs a few nanoseconds: a GPU thread that waits must not cost a
// system call, because a warp's reduction alone is 160 switches. Hence own
// assembly on x86-64 and AArch64; elsewhere ucontext, which is slower but
// portable.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_EMULATOR_FIBER_H
#define SSMC_LIB_EMULATOR_FIBER_H

#include <cstddef>

#if !defined(__x86_64__) && !defined(__aarch64__)
#define SSMC_FIBER_UCONTEXT
#include <ucontext.h>
#endif

namespace ssmc::emulator {

/// A suspended flow of control. Abandoning it leaks what its frames own.
struct Fiber {
#ifdef SSMC_FIBER_UCONTEXT
  ucontext_t context;
#else
  void *stackPointer = nullptr;
#endif
};

/// Makes `fiber` call entry(argument), which must never return, when first
/// switched to. Its stack is [stack, stack + bytes), `bytes` a multiple of 16.
void startFiber(Fiber &fiber, char *stack, size_t bytes, void (*entry)(void *),
                void *argument);

/// Suspends the caller into `from` and continues `to`.
void switchFiber(Fiber &from, Fiber &to);

/// Stacks for the fibers of one worker. They need no guard pages, of which a
/// process can have only so many: what a kernel keeps on its stack is bounded
/// when it is compiled, and nothing recurses.
class FiberStacks {
public:
  FiberStacks() = default;
  ~FiberStacks();
  FiberStacks(const FiberStacks &) = delete;
  FiberStacks &operator=(const FiberStacks &) = delete;

  /// Makes stacks 0 to count - 1 exist; false when there is no memory. Stacks
  /// that were handed out before may move.
  [[nodiscard]] bool reserve(size_t count);
  [[nodiscard]] char *stack(size_t index) const {
    return base_ + index * kStride;
  }
  [[nodiscard]] size_t stackBytes(size_t index) const {
    return kStride - colour(index);
  }
  /// Whether `address` is in any of the stacks.
  [[nodiscard]] bool contains(const char *address) const {
    return address >= base_ && address < base_ + bytes_;
  }

private:
  static constexpr size_t kStride = 128 * 1024;
  /// Tops of stacks that are a power of two apart would all fall into one set
  /// of the cache; these offsets spread the lanes of a warp over a page.
  static constexpr size_t colour(size_t index) { return index % 32 * 128; }

  char *base_ = nullptr;
  size_t bytes_ = 0;
  size_t count_ = 0;
};

} // namespace ssmc::emulator

#endif // SSMC_LIB_EMULATOR_FIBER_H
