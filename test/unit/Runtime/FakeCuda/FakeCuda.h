//===- FakeCuda.h - Steering the fake driver ------------------------------===//
//
// A libcuda.so.1 for tests: device memory is host memory, launches run the toy
// kernels, captured graphs can be launched, every address and handle is
// checked, and the driver call of a chosen number fails with a chosen code. A
// code that destroys a real context stays.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_FAKECUDA_H
#define SSMC_TEST_UNIT_RUNTIME_FAKECUDA_H

#include <cstdint>
#include <string>
#include <vector>

namespace fakecuda {

/// What the driver shows and does after a reset().
struct Settings {
  /// The call that fails, from 1 on; 0 for none.
  uint64_t failAt = 0;
  int failWith = 0;
  /// Whether the failure repeats for every later call.
  bool sticky = false;
  int devices = 1;
  int major = 9, minor = 0;
  int maxThreads = 1024;
  int sharedBytes = 49152;
  /// Bytes of device memory.
  uint64_t memory = uint64_t{1} << 30;
  /// What loading a cubin fails with; 0 where it does not.
  int refuseCubins = 0;
  /// What the compiler of PTX says when cuModuleLoadDataEx fails.
  std::string jitLog;
};

/// Forgets everything; what is still allocated is freed.
void reset(const Settings &settings);

/// Makes the next call but cuCtxSetCurrent fail with `code`, once.
void failNext(int code);
/// Whether a call of the driver is running, whose memory is not the runtime's.
bool inside();
/// Driver calls since reset().
uint64_t calls();
/// The name of the last call that failed as asked.
std::string failedCall();
/// The name of the call after that one.
std::string callAfterFailure();
/// Resources not given back when the context was released, and faults of the
/// caller such as a double free; empty where all was well.
std::string faults();
/// Kernels that ran: "toy_sum 2x1x1".
std::vector<std::string> launches();
/// The code of the module that was loaded last.
std::string loadedImage();

} // namespace fakecuda

#endif // SSMC_TEST_UNIT_RUNTIME_FAKECUDA_H
