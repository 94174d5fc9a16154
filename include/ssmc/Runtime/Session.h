//===- Session.h - Running the entries of a program -----------------------===//
//
// A session holds what belongs to one batch of sequences: the carried state
// and the memory that calls work in. Entries are evaluated once per set of
// sizes and kept; a device that can record work replays it from the second
// call on.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_SESSION_H
#define SSMC_RUNTIME_SESSION_H

#include "ssmc/IO/Tensor.h"
#include "ssmc/Runtime/Program.h"
#include <map>
#include <string>

namespace ssmc::runtime {

/// An input or output of an entry. An input with an empty name is the next one
/// by position.
struct NamedTensor {
  std::string name;
  HostTensor tensor;
};

/// Values of the dims that no input's shape fixes.
using Scalars = std::map<std::string, uint64_t, std::less<>>;

class Session {
public:
  /// Plans kept at most; the least recently used goes first.
  static constexpr size_t kMaxPlans = 32;

  /// Allocates the states for `batch` sequences (at least 1; without effect
  /// where the bundle has no state) and zeroes them. States that are a pool, in
  /// which inputs name rows, have `batch` rows. The program must outlive
  /// the session.
  static Result<std::unique_ptr<Session>> create(Program &program,
                                                 uint64_t batch = 1);
  ~Session();

  /// Runs an entry and returns its outputs in order. Dims are bound by the
  /// first input whose shape has them as a bare item, the others by `scalars`.
  /// A call that fails may have advanced the state: reset() or writeState().
  Result<std::vector<NamedTensor>> run(std::string_view entry,
                                       const std::vector<NamedTensor> &inputs,
                                       const Scalars &scalars = {});

  /// Decides between alternatives in this session's calls from now on, in place
  /// of the program's choices. Plans that are kept are dropped.
  void setChoices(ChoiceTable choices);
  /// What the last run() took, one for each choice of its entry.
  [[nodiscard]] const std::vector<ChoiceMade> &lastChoices() const {
    return lastChoices_;
  }

  /// Zeroes all states: the start of new sequences.
  Status reset();
  /// The state of that name, its first dimension the batch.
  Result<HostTensor> readState(std::string_view name);
  /// Replaces a state; dtype and shape must be those of readState().
  Status writeState(std::string_view name, const HostTensor &value);

  [[nodiscard]] Program &program() const { return program_; }
  [[nodiscard]] uint64_t batch() const { return batch_; }
  /// Plans that are kept now, for tests and statistics.
  [[nodiscard]] size_t planCount() const;

private:
  class PlanCache;

  Session(Program &program, uint64_t batch);

  Program &program_;
  uint64_t batch_;
  std::vector<DeviceBuffer> states_;
  std::vector<ChoiceMade> lastChoices_;
  std::unique_ptr<PlanCache> plans_;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_SESSION_H
