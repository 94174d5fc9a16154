//===- Devices.cpp - ssmc devices: where programs can run -----------------===//

#include "ssmc/Runtime/CudaDevice.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Output.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// Descriptions of all devices of one kind, "cuda:0, NVIDIA H200, sm_90".
static Result<std::vector<std::string>> listDevices(const std::string &kind) {
  if (kind == "cuda")
    return listCudaDevices();
  Result<std::unique_ptr<Device>> device = createDevice(kind);
  if (!device.ok())
    return device.status();
  return std::vector<std::string>{(*device)->description()};
}

static Status listAll(const Context &context) {
  Output out(context.out);
  bool any = false;
  for (const std::string &kind : context.deviceKinds) {
    Result<std::vector<std::string>> devices = listDevices(kind);
    if (!devices.ok()) {
      out.write(fmt::format("{}: not usable: {}\n", kind,
                            devices.status().message()));
      continue;
    }
    for (const std::string &device : *devices) {
      out.write(fmt::format("{}: usable: {}\n", kind, device));
      any = true;
    }
  }
  SSMC_TRY(out.finish());
  return any ? Status() : Status::device("no usable device");
}

void cli::addDevicesCommand(CLI::App &app, const Context &context,
                            Action &action) {
  CLI::App *sub = app.add_subcommand(
      "devices", "List the devices that can be used, and why others cannot");
  sub->callback([&context, &action] {
    action = [&context] { return listAll(context); };
  });
}
