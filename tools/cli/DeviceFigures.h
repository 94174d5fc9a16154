//===- DeviceFigures.h - What a device can do at best ---------------------===//
//
// What the floor of a kernel is computed from: it can be no faster than its
// bytes through memory, its special functions through their units and its
// multiply-adds through theirs.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_DEVICEFIGURES_H
#define SSMC_TOOLS_CLI_DEVICEFIGURES_H

#include "ssmc/Runtime/Device.h"
#include "ssmc/Runtime/Plan.h"
#include <optional>

namespace ssmc::cli {

/// Each a second.
struct DeviceFigures {
  /// Bytes read and written.
  double bytes = 0;
  /// Special functions: ex2, lg2, rcp.
  double mufu = 0;
  /// Fused multiply-adds in f32, each counted once.
  double fma = 0;
  /// Where the figures are from, for people.
  std::string source;
};

/// Measured or published figures of a device that is known by name, else what
/// its clocks and widths allow; none where the device does not say.
std::optional<DeviceFigures> figuresOf(const runtime::DeviceFacts &facts);

/// Bytes that all steps of the plan read and write; none where the bundle does
/// not say for one of them.
std::optional<double> movedBytes(const runtime::EntryPlan &plan);

/// Seconds that the steps of the plan take at least, one after the other: each
/// as long as the slowest of its three resources needs. None where the bundle
/// does not say for one of them.
std::optional<double> floorSeconds(const runtime::EntryPlan &plan,
                                   const DeviceFigures &figures);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_DEVICEFIGURES_H
