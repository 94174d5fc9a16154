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
#include "ssmc/Runtime/Plan.h"
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

struct BoundPlan;
class PreparedCall;

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

  /// Does all of run() that comes before the work: binds the entry to the
  /// sizes and copies the inputs to the device.
  Result<PreparedCall> prepare(std::string_view entry,
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
  friend class PreparedCall;
  class PlanCache;

  Session(Program &program, uint64_t batch);

  Program &program_;
  uint64_t batch_;
  std::vector<DeviceBuffer> states_;
  std::vector<ChoiceMade> lastChoices_;
  std::unique_ptr<PlanCache> plans_;
};

/// A call whose inputs are on the device, to be run again and again: what a
/// measurement times. Dead once its session is asked for anything but reset().
class PreparedCall {
public:
  /// The entry at the call's sizes.
  [[nodiscard]] const EntryPlan &plan() const;
  /// Records the work, so that start() replays it. Fails where the device
  /// cannot record. Run the call once before: drivers load kernels lazily,
  /// which a recording forbids.
  Status record();
  /// Starts the work on the inputs and the states; returns before it ends where
  /// the device can.
  Status start();
  /// Waits for the work and copies the outputs, in order.
  Result<std::vector<NamedTensor>> outputs();

private:
  friend class Session;
  PreparedCall(Session &session, BoundPlan &bound)
      : session_(&session), bound_(&bound) {}

  Session *session_;
  BoundPlan *bound_;
  std::unique_ptr<RecordedWork> recorded_;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_SESSION_H
