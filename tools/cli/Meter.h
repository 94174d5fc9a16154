//===- Meter.h - How long a call takes on a device ------------------------===//
//
// Times the launches of a prepared call and nothing else: no uploads, no
// planning, no copies of outputs. The way of triton.testing.do_bench: an event
// before and after each run, the second-level cache overwritten in between.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_METER_H
#define SSMC_TOOLS_CLI_METER_H

#include "ssmc/Runtime/Session.h"

namespace ssmc::cli {

struct MeterOptions {
  /// Seconds to run before anything counts; once at least.
  double warmup = 0.025;
  /// Seconds that the runs that count should take together.
  double minTime = 0.1;
  /// Runs that count, at least.
  uint64_t minRuns = 10;
  /// Replay recorded work instead of launching each kernel.
  bool graph = false;
  /// Overwrite the second-level cache before each run, so that it holds nothing
  /// of the one before. By default where the device says that it has one.
  std::optional<bool> flushL2;
};

class Meter {
public:
  /// Runs that count, at most.
  static constexpr uint64_t kMaxRuns = 10000;

  /// The device must outlive the meter. Fails where the device cannot do what
  /// the options ask for.
  static Result<Meter> create(runtime::Device &device,
                              const MeterOptions &options);

  /// Seconds of each run that counts. The call's outputs are those of its
  /// inputs, unless it has states, which each run carries on.
  Result<std::vector<double>> measure(runtime::PreparedCall &call);

  /// Whether the cache is overwritten.
  [[nodiscard]] bool flushes() const { return flushBuffer.size() != 0; }

private:
  using Event = std::unique_ptr<runtime::DeviceEvent>;

  Meter(runtime::Device &device, const MeterOptions &options)
      : device(&device), options(options) {}
  /// Starts a run between the events of that number.
  Status start(runtime::PreparedCall &call, size_t number);
  /// Seconds of that run, once it has ended.
  Result<double> seconds(size_t number);
  /// Makes `count` pairs of events in all.
  Status addEvents(size_t count);
  /// Runs without counting; an estimate of the seconds of a run.
  Result<double> warmUp(runtime::PreparedCall &call);

  runtime::Device *device;
  MeterOptions options;
  runtime::DeviceBuffer flushBuffer;
  std::vector<std::pair<Event, Event>> events;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_METER_H
