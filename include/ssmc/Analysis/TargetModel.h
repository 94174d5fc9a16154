//===- TargetModel.h - What a GPU has and how fast it is ------------------===//
//
// Figures to choose schedules by, to judge times against and to refuse kernels
// with. Free of LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ANALYSIS_TARGETMODEL_H
#define SSMC_ANALYSIS_TARGETMODEL_H

#include <cstdint>
#include <string_view>

namespace ssmc {

/// One device of an architecture. Rates are of the whole device, per second.
struct TargetModel {
  /// "sm_90".
  std::string_view arch;
  /// "H200".
  std::string_view device;
  int64_t numSMs;
  double clockHz;
  /// Bytes read and written by a device copy: measured for sm_90, else 88 % of
  /// the data sheet's, which is what the measured one is.
  double bytesPerSecond;
  /// Results of the special-function unit and of the FMA pipe a clock and SM.
  int64_t mufuPerClock;
  int64_t fmaPerClock;

  /// 32-bit registers.
  int64_t registersPerSM;
  int64_t registersPerThread;
  /// Bytes of shared memory: of one SM, of a block that asks for it when it is
  /// launched, and of a block that declares it.
  int64_t sharedPerSM;
  int64_t sharedPerBlock;
  int64_t staticSharedPerBlock;
  int64_t threadsPerSM;
  int64_t threadsPerBlock;
  int64_t blocksPerSM;
  /// Bytes of a kernel's parameters.
  int64_t parameterBytes;

  /// 90 of "sm_90".
  [[nodiscard]] int archNumber() const;

  [[nodiscard]] double mufuPerSecond() const {
    return clockHz * double(numSMs * mufuPerClock);
  }
  [[nodiscard]] double fmaPerSecond() const {
    return clockHz * double(numSMs * fmaPerClock);
  }

  /// Registers that a thread may use where a block of `threads` has to fit.
  [[nodiscard]] int64_t registersFor(int64_t threads) const;

  /// Blocks that one SM holds at a time; 0 where not even one fits. `registers`
  /// are those of a thread, `shared` the bytes of a block.
  [[nodiscard]] int64_t residentBlocks(int64_t threads, int64_t registers,
                                       int64_t shared) const;
};

/// The model of `arch` ("sm_90", "sm_90a"), or that of the closest older
/// architecture there is one for: 80, 86, 89, 90, 100 and 120. Null where
/// `arch` is older than all of them or no architecture.
const TargetModel *getTargetModel(std::string_view arch);

} // namespace ssmc

#endif // SSMC_ANALYSIS_TARGETMODEL_H
