//===- Bind.h - A plan with device addresses ------------------------------===//

#ifndef SSMC_RUNTIME_BIND_H
#define SSMC_RUNTIME_BIND_H

#include "ssmc/Runtime/Device.h"
#include "ssmc/Runtime/Plan.h"

namespace ssmc::runtime {

struct BoundCopy {
  DevicePtr target = 0, source = 0;
  uint64_t bytes = 0;
};

using BoundStep = std::variant<LaunchParams, BoundCopy>;

/// Replaces buffers by addresses: `bases` is parallel to the plan's buffers.
/// Steps that do nothing (an empty grid, zero bytes) are left out.
std::vector<BoundStep> bindSteps(const BundleView &bundle,
                                 const EntryPlan &plan,
                                 const std::vector<DevicePtr> &bases);

/// Gives all steps to the device, in order.
Status issueSteps(Device &device, LoadedKernels &kernels,
                  const std::vector<BoundStep> &steps);

/// Records all steps for replay.
Result<std::unique_ptr<RecordedWork>>
recordSteps(Device &device, LoadedKernels &kernels,
            const std::vector<BoundStep> &steps);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_BIND_H
