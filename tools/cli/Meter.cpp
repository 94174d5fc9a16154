//===- Meter.cpp - How long a call takes on a device ----------------------===//

#include "tools/cli/Meter.h"
#include <algorithm>
#include <cmath>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// What triton.testing.do_bench writes: more than any second-level cache has.
static constexpr uint64_t kFlushBytes = uint64_t{256} << 20;

/// Runs that are started before the first of them is waited for: enough that
/// the device never waits for the host.
static constexpr uint64_t kMaxInFlight = 1000;

Result<Meter> Meter::create(Device &device, const MeterOptions &options) {
  if (options.graph && !device.canRecord())
    return Status::usage("--graph: " + device.description() +
                         " cannot record work; leave --graph out");
  Meter meter(device, options);
  uint64_t l2Bytes = device.facts().l2Bytes;
  if (options.flushL2.value_or(l2Bytes != 0)) {
    Result<DeviceBuffer> buffer =
        DeviceBuffer::allocate(device, std::max(kFlushBytes, 2 * l2Bytes));
    if (!buffer.ok())
      return buffer.status().withContext("memory to flush the cache with");
    meter.flushBuffer = std::move(*buffer);
  }
  return meter;
}

Status Meter::start(PreparedCall &call, size_t number) {
  if (flushes())
    SSMC_TRY(device->fillZero(flushBuffer.address(), flushBuffer.size()));
  SSMC_TRY(device->recordEvent(*events[number].first));
  SSMC_TRY(call.start());
  return device->recordEvent(*events[number].second);
}

Result<double> Meter::seconds(size_t number) {
  return device->secondsBetween(*events[number].first, *events[number].second);
}

Status Meter::addEvents(size_t count) {
  while (events.size() < count) {
    Result<Event> begin = device->createEvent();
    if (!begin.ok())
      return begin.status();
    Result<Event> end = device->createEvent();
    if (!end.ok())
      return end.status();
    events.emplace_back(std::move(*begin), std::move(*end));
  }
  return {};
}

Result<double> Meter::warmUp(PreparedCall &call) {
  using Clock = std::chrono::steady_clock;
  SSMC_TRY(addEvents(1));
  double estimate = INFINITY;
  Clock::time_point begin = Clock::now();
  for (bool isFirst = true;; isFirst = false) {
    SSMC_TRY(start(call, 0));
    Result<double> time = seconds(0);
    if (!time.ok())
      return time;
    estimate = std::min(estimate, *time);
    if (isFirst && options.graph)
      SSMC_TRY(call.record());
    std::chrono::duration<double> elapsed = Clock::now() - begin;
    if (elapsed.count() >= options.warmup)
      return estimate;
  }
}

Result<std::vector<double>> Meter::measure(PreparedCall &call) {
  Result<double> estimate = warmUp(call);
  if (!estimate.ok())
    return estimate.status();
  double wanted = std::ceil(options.minTime / std::max(*estimate, 1e-7));
  uint64_t count = std::max(
      options.minRuns,
      static_cast<uint64_t>(std::min(wanted, static_cast<double>(kMaxRuns))));
  count = std::max<uint64_t>(count, 1);
  std::vector<double> times;
  while (times.size() < count) {
    size_t part = std::min(count - times.size(), kMaxInFlight);
    SSMC_TRY(addEvents(part));
    for (size_t i = 0; i < part; ++i)
      SSMC_TRY(start(call, i));
    for (size_t i = 0; i < part; ++i) {
      Result<double> time = seconds(i);
      if (!time.ok())
        return time.status();
      times.push_back(*time);
    }
  }
  SSMC_TRY(device->synchronize());
  return times;
}
