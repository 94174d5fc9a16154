//===- DeviceRegistry.cpp - Devices by name -------------------------------===//

#include "ssmc/Runtime/DeviceRegistry.h"
#include "Guard.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/CudaDevice.h"
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace ssmc::runtime {

namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, DeviceFactory, std::less<>> factories = {
      {"cuda", createCudaDevice}};
};

} // namespace

/// Made on first use, so that registration works from static initializers.
static Registry &registry() {
  static Registry instance;
  return instance;
}

void registerDevice(std::string kind, DeviceFactory factory) {
  std::lock_guard<std::mutex> lock(registry().mutex);
  registry().factories[std::move(kind)] = std::move(factory);
}

Result<std::unique_ptr<Device>> createDevice(std::string_view spec) {
  return guarded([&]() -> Result<std::unique_ptr<Device>> {
    size_t colon = spec.find(':');
    std::string_view kind = spec.substr(0, colon);
    int ordinal = 0;
    if (colon != spec.npos) {
      const char *end = spec.data() + spec.size();
      auto [stop, error] =
          std::from_chars(spec.data() + colon + 1, end, ordinal);
      if (error != std::errc() || stop != end || ordinal < 0)
        return Status::usage(fmt::format(
            "device {}: expected a number after the colon, e.g. cuda:0",
            quoted(spec)));
    }
    DeviceFactory factory;
    {
      std::lock_guard<std::mutex> lock(registry().mutex);
      auto found = registry().factories.find(kind);
      if (found == registry().factories.end()) {
        std::string known;
        for (const auto &[name, unused] : registry().factories)
          known += (known.empty() ? "" : ", ") + name;
        return Status::usage(fmt::format("unknown device {}; known are: {}",
                                         quoted(spec), known));
      }
      factory = found->second;
    }
    return factory(ordinal);
  });
}

} // namespace ssmc::runtime
