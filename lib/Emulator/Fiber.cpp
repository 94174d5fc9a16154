//===- Fiber.cpp - Cooperative threads ------------------------------------===//

#include "Fiber.h"
#include <cstdint>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define SSMC_FIBER_ASAN
#endif
#endif

using namespace ssmc::emulator;

// Saves the callee-saved registers on the stack, stores the stack pointer to
// *from, and continues what was saved at `to`.
extern "C" void ssmcFiberSwitch(void **from, void *to);
// Where a new fiber begins: the entry and its argument wait in two of those
// registers.
extern "C" void ssmcFiberStart();

#if defined(__x86_64__)
asm(R"(
.text
.globl ssmcFiberSwitch
.hidden ssmcFiberSwitch
.type ssmcFiberSwitch, @function
ssmcFiberSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size ssmcFiberSwitch, .-ssmcFiberSwitch
.globl ssmcFiberStart
.hidden ssmcFiberStart
.type ssmcFiberStart, @function
ssmcFiberStart:
  movq %rbx, %rdi
  callq *%r12
  ud2
.size ssmcFiberStart, .-ssmcFiberStart
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl ssmcFiberSwitch
.hidden ssmcFiberSwitch
.type ssmcFiberSwitch, @function
ssmcFiberSwitch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size ssmcFiberSwitch, .-ssmcFiberSwitch
.globl ssmcFiberStart
.hidden ssmcFiberStart
.type ssmcFiberStart, @function
ssmcFiberStart:
  mov x0, x19
  blr x20
  brk #1
.size ssmcFiberStart, .-ssmcFiberStart
)");
#endif

#ifdef SSMC_FIBER_UCONTEXT
// makecontext passes ints only, so pointers travel in halves.
static void startFromHalves(unsigned entryHigh, unsigned entryLow,
                            unsigned argumentHigh, unsigned argumentLow) {
  auto join = [](unsigned high, unsigned low) {
    return static_cast<uintptr_t>(static_cast<uint64_t>(high) << 32 | low);
  };
  reinterpret_cast<void (*)(void *)>(join(entryHigh, entryLow))(
      reinterpret_cast<void *>(join(argumentHigh, argumentLow)));
}
#endif

void ssmc::emulator::startFiber(Fiber &fiber, char *stack, size_t bytes,
                                void (*entry)(void *), void *argument) {
#ifdef SSMC_FIBER_ASAN
  // An abandoned fiber leaves its frames' red zones behind.
  __asan_unpoison_memory_region(stack, bytes);
#endif
#if defined(SSMC_FIBER_UCONTEXT)
  auto entryBits = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(entry));
  auto argumentBits =
      static_cast<uint64_t>(reinterpret_cast<uintptr_t>(argument));
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = stack;
  fiber.context.uc_stack.ss_size = bytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, reinterpret_cast<void (*)()>(startFromHalves), 4,
              static_cast<unsigned>(entryBits >> 32),
              static_cast<unsigned>(entryBits),
              static_cast<unsigned>(argumentBits >> 32),
              static_cast<unsigned>(argumentBits));
#else
  // The frame that ssmcFiberSwitch will take off the new stack.
#if defined(__x86_64__)
  // Nine slots leave the stack aligned to 16 bytes at ssmcFiberStart.
  constexpr size_t kSlots = 9, kArgument = 4, kEntry = 3, kReturn = 6;
#else
  constexpr size_t kSlots = 20, kArgument = 0, kEntry = 1, kReturn = 11;
#endif
  auto **frame = reinterpret_cast<void **>(stack + bytes) - kSlots;
  for (size_t i = 0; i < kSlots; ++i)
    frame[i] = nullptr;
  frame[kArgument] = argument;
  frame[kEntry] = reinterpret_cast<void *>(entry);
  frame[kReturn] = reinterpret_cast<void *>(ssmcFiberStart);
  fiber.stackPointer = frame;
#endif
}

void ssmc::emulator::switchFiber(Fiber &from, Fiber &to) {
#ifdef SSMC_FIBER_UCONTEXT
  swapcontext(&from.context, &to.context);
#else
  ssmcFiberSwitch(&from.stackPointer, to.stackPointer);
#endif
}

//===----------------------------------------------------------------------===//
// FiberStacks
//===----------------------------------------------------------------------===//

FiberStacks::~FiberStacks() {
  if (base_)
    munmap(base_, bytes_);
}

bool FiberStacks::reserve(size_t count) {
  if (count <= count_)
    return true;
  if (base_)
    munmap(base_, bytes_);
  base_ = nullptr;
  count_ = 0;
  bytes_ = count * kStride;
  void *memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    bytes_ = 0;
    return false;
  }
  // Of each stack only the top is ever touched; a huge page would bring in all
  // of it. A kernel without huge pages may refuse, which is as good.
  (void)madvise(memory, bytes_, MADV_NOHUGEPAGE);
  base_ = static_cast<char *>(memory);
  count_ = count;
  return true;
}
