//===- Bind.cpp - A plan with device addresses ----------------------------===//

#include "Bind.h"
#include "Guard.h"

namespace ssmc::runtime {

static LaunchParams bindLaunch(const BundleView &bundle,
                               const LaunchPlan &launch,
                               const std::vector<DevicePtr> &bases) {
  LaunchParams params;
  params.kernel = launch.kernel;
  params.grid = launch.grid;
  const auto &block = *bundle.kernel(launch.kernel).block();
  params.block = {block.Get(0), block.Get(1), block.Get(2)};
  params.args.reserve(launch.pointers.size() + launch.scalars.size());
  for (const PointerPlan &pointer : launch.pointers)
    params.args.push_back(bases[pointer.buffer] + pointer.offset);
  params.args.insert(params.args.end(), launch.scalars.begin(),
                     launch.scalars.end());
  return params;
}

std::vector<BoundStep> bindSteps(const BundleView &bundle,
                                 const EntryPlan &plan,
                                 const std::vector<DevicePtr> &bases) {
  std::vector<BoundStep> steps;
  for (const StepPlan &step : plan.steps) {
    if (const auto *launch = std::get_if<LaunchPlan>(&step)) {
      if (launch->grid[0] != 0)
        steps.emplace_back(bindLaunch(bundle, *launch, bases));
      continue;
    }
    const auto &copy = std::get<CopyPlan>(step);
    if (copy.bytes != 0)
      steps.emplace_back(BoundCopy{
          bases[copy.target.buffer] + copy.target.offset,
          bases[copy.source.buffer] + copy.source.offset, copy.bytes});
  }
  return steps;
}

Status issueSteps(Device &device, LoadedKernels &kernels,
                  const std::vector<BoundStep> &steps) {
  for (const BoundStep &step : steps) {
    if (const auto *launch = std::get_if<LaunchParams>(&step)) {
      SSMC_TRY(device.launch(kernels, *launch));
    } else {
      const auto &copy = std::get<BoundCopy>(step);
      SSMC_TRY(device.copyOnDevice(copy.target, copy.source, copy.bytes));
    }
  }
  return {};
}

Result<std::unique_ptr<RecordedWork>>
recordSteps(Device &device, LoadedKernels &kernels,
            const std::vector<BoundStep> &steps) {
  SSMC_TRY(device.beginRecording());
  Status issued = guarded([&] { return issueSteps(device, kernels, steps); });
  // Ends the recording in any case, so that the device is usable again.
  Result<std::unique_ptr<RecordedWork>> recorded = device.endRecording();
  SSMC_TRY(issued);
  return recorded;
}

} // namespace ssmc::runtime
