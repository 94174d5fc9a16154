//===- Tuning.h - What was measured of alternatives, in a file ------------===//
//
// A tuning file holds, for devices and sizes of a class, how long each
// alternative of a group took. It is JSON with a checksum over what it says:
//
//   {"format": "ssmc-tuning", "version": 1, "checksum": "…", "records": […]}
//
// Records name groups by their key, not their place in a bundle, so that a file
// survives a compilation that changes other kernels.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_TUNING_H
#define SSMC_RUNTIME_TUNING_H

#include "ssmc/Runtime/Choice.h"
#include "ssmc/Runtime/Device.h"

namespace ssmc::runtime {

/// What was measured of one group at one class of sizes.
struct TuningRecord {
  /// deviceKey() of the device.
  std::string device;
  /// VariantGroup.key, and its name for people.
  uint64_t key = 0;
  std::string group;
  /// shapeClass() of the sizes, and for people where it was measured:
  /// "prefill at batch=1,seqlen=2000".
  std::string shapeClass;
  std::string measuredAt;
  struct Alternative {
    std::string label;
    /// Median time of the entry with this alternative.
    uint64_t nanoseconds = 0;
  };
  /// At least one; the fastest is what is taken.
  std::vector<Alternative> alternatives;

  /// The fastest, the first of those that are alike.
  [[nodiscard]] const Alternative &best() const;
};

class TuningFile {
public:
  /// Bytes a file may have: far more than any bundle has groups and sizes for.
  static constexpr uint64_t kMaxBytes = uint64_t{16} << 20;

  /// Fails for anything that print() did not make, byte for byte of what it
  /// says; white space does not count.
  static Result<TuningFile> read(const std::string &path);
  /// The same for text; `where` stands for it in messages.
  static Result<TuningFile> parse(std::string_view text,
                                  const std::string &where);

  [[nodiscard]] const std::vector<TuningRecord> &records() const {
    return records_;
  }
  /// Adds the record in place of one of the same device, key and class.
  void set(TuningRecord record);
  /// Drops the records of groups that the bundle does not have.
  void dropStale(const BundleView &bundle);

  /// The text of the file.
  [[nodiscard]] std::string print() const;
  /// Replaces the file at `path` as a whole.
  [[nodiscard]] Status write(const std::string &path) const;

private:
  std::vector<TuningRecord> records_;
};

/// What makes measurements of two devices comparable: "NVIDIA H200, sm_90, CUDA
/// 13.0".
std::string deviceKey(const Device &device);

/// How many records of a file are of use.
struct TuningUse {
  size_t used = 0;
  size_t otherDevice = 0;
  /// Of groups or alternatives that the bundle does not have: it was compiled
  /// again since.
  size_t stale = 0;
};

/// Adds to `choices` what the file says of the bundle's groups on the device.
TuningUse applyTuning(const TuningFile &file, const BundleView &bundle,
                      const std::string &device, ChoiceTable &choices);

/// Where the tuning of the bundle at `path` is: beside it, "PATH.tune".
std::string tuningPathBeside(const std::string &path);
/// Where it is when that place cannot be written: in the user's cache
/// ($XDG_CACHE_HOME/ssmc or $HOME/.cache/ssmc), named after the bundle's
/// groups. Empty where there is neither variable.
std::string tuningPathInCache(const BundleView &bundle);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_TUNING_H
