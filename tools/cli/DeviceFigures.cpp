//===- DeviceFigures.cpp - What a device can do at best -------------------===//

#include "tools/cli/DeviceFigures.h"
#include <algorithm>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// Special functions a clock and multiprocessor, of all architectures so far.
static constexpr double kMufuPerClock = 16;

/// Multiply-adds in f32 a clock and multiprocessor.
static double fmaPerClock(int capability) {
  return capability == 80 ? 64 : 128;
}

namespace {

struct KnownDevice {
  /// Part of the device's name; the first of the list that fits counts.
  std::string_view name;
  int capability;
  double multiprocessors;
  /// Hz
  double clock;
  double bytes;
};

} // namespace

/// By the data sheets: the boost clock, and the bandwidth of the memory, which
/// no kernel reaches quite.
static constexpr KnownDevice kKnownDevices[] = {
    {"A100-SXM4-80GB", 80, 108, 1.41e9, 2.039e12},
    {"A100 80GB PCIe", 80, 108, 1.41e9, 1.935e12},
    {"A100", 80, 108, 1.41e9, 1.555e12},
    {"H100 PCIe", 90, 114, 1.755e9, 2.0e12},
    {"H100", 90, 132, 1.98e9, 3.35e12},
    {"B200", 100, 148, 1.965e9, 8.0e12},
};

std::optional<DeviceFigures> cli::figuresOf(const runtime::DeviceFacts &facts) {
  auto isNamed = [&](std::string_view part) {
    return facts.name.find(part) != std::string::npos;
  };
  // A copy kernel, a kernel of nothing but ex2, and the clock under load.
  if (isNamed("H200"))
    return DeviceFigures{4.24e12, 4.17e12, 132 * 128 * 1.83e9,
                         "measured on an H200"};
  auto figures = [](double multiprocessors, double clock, int capability,
                    double bytes, std::string source) {
    double clocks = multiprocessors * clock;
    return DeviceFigures{bytes, clocks * kMufuPerClock,
                         clocks * fmaPerClock(capability), std::move(source)};
  };
  for (const KnownDevice &known : kKnownDevices)
    if (isNamed(known.name))
      return figures(known.multiprocessors, known.clock, known.capability,
                     known.bytes, "the data sheet");
  if (facts.multiprocessors == 0 || facts.clock == 0 || facts.bandwidth == 0)
    return std::nullopt;
  return figures(facts.multiprocessors, facts.clock, facts.capability,
                 facts.bandwidth, "the clocks and widths that the driver says");
}

/// What a step does; none where the bundle does not say.
static std::optional<CostPlan> costOf(const StepPlan &step) {
  if (const auto *copy = std::get_if<CopyPlan>(&step))
    return CostPlan{2 * copy->bytes, 0, 0};
  return std::get<LaunchPlan>(step).cost;
}

std::optional<double> cli::movedBytes(const EntryPlan &plan) {
  double sum = 0;
  for (const StepPlan &step : plan.steps) {
    std::optional<CostPlan> cost = costOf(step);
    if (!cost)
      return std::nullopt;
    sum += static_cast<double>(cost->bytes);
  }
  return sum;
}

std::optional<double> cli::floorSeconds(const EntryPlan &plan,
                                        const DeviceFigures &figures) {
  double sum = 0;
  for (const StepPlan &step : plan.steps) {
    std::optional<CostPlan> cost = costOf(step);
    if (!cost)
      return std::nullopt;
    sum += std::max({static_cast<double>(cost->bytes) / figures.bytes,
                     static_cast<double>(cost->mufu) / figures.mufu,
                     static_cast<double>(cost->fma) / figures.fma});
  }
  return sum;
}
