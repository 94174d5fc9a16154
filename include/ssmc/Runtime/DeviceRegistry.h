//===- DeviceRegistry.h - Devices by name ---------------------------------===//
//
// Turns what a user writes ("cuda", "cuda:1", "cpu") into a device. The runtime
// knows "cuda"; a program that links the CPU device registers it under "cpu".
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_DEVICEREGISTRY_H
#define SSMC_RUNTIME_DEVICEREGISTRY_H

#include "ssmc/Runtime/Device.h"
#include <functional>

namespace ssmc::runtime {

/// Makes the device of that number.
using DeviceFactory = std::function<Result<std::unique_ptr<Device>>(int)>;

/// Makes `kind` known to createDevice(), in place of an earlier one of the same
/// name. Thread-safe.
void registerDevice(std::string kind, DeviceFactory factory);

/// The device that `spec`, "kind" or "kind:number", names. An unknown kind is
/// StatusCode::Usage and lists the known ones. Thread-safe.
Result<std::unique_ptr<Device>> createDevice(std::string_view spec);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_DEVICEREGISTRY_H
