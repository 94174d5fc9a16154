//===- ssmc.cpp - The compiler, and bundles on the CPU and GPUs -----------===//

#include "ssmc/Emulator/Emulator.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "tools/ssmc/Check.h"
#include "tools/ssmc/Compile.h"
#include "tools/ssmc/Cubin.h"
#include <algorithm>

using namespace ssmc;

/// Compiles to memory for one device, with cubins where the GPU wants them.
static Result<std::shared_ptr<const runtime::BundleView>>
compileForDevice(const cli::CompileRequest &request, CompileOptions options,
                 bool cubin) {
  options.input = request.path;
  auto assume = [&](const char *name, int64_t &size, int64_t otherwise) {
    auto known = request.sizes.find(name);
    if (size == 0)
      size = known == request.sizes.end()
                 ? otherwise
                 : std::max<int64_t>(1, static_cast<int64_t>(known->second));
  };
  const CompileOptions defaults;
  assume("batch", options.batch, defaults.batch);
  assume("seqlen", options.seqlen, defaults.seqlen);
  bool isCpu = request.deviceKind == "cpu";
  options.bitcode = isCpu;
  if (isCpu)
    options.targets.clear();
  if (cubin && !isCpu)
    if (Result<std::string> ptxas = cli::enableCubins(options); !ptxas.ok())
      return ptxas.status();
  Result<CompileResult> result = compile(options);
  if (!result.ok())
    return result.status();
  const std::string &bytes = result->output;
  auto bundle = runtime::BundleView::fromBytes(
      std::vector<uint8_t>(bytes.begin(), bytes.end()), request.path);
  if (!bundle.ok())
    return bundle.status();
  return std::shared_ptr<const runtime::BundleView>(std::move(*bundle));
}

int main(int argc, char **argv) {
  CompileOptions options;
  // Unless the command line says.
  options.batch = options.seqlen = 0;
  bool cubin = false;
  emulator::EmulatorOptions emulator;
  runtime::registerDevice(
      "cpu", [&](int) { return emulator::createCpuDevice(emulator); });

  cli::Context context;
  context.name = "ssmc";
  context.summary = "Compiles state-space models to GPU kernels and runs them.";
  context.versionSuffix = ", LLVM " + llvmVersion();
  context.deviceKinds = {"cuda", "cpu"};
  context.commands = {cli::addCompileCommand, cli::addCheckCommand};
  context.compile = [&](const cli::CompileRequest &request) {
    return compileForDevice(request, options, cubin);
  };
  context.addModelOptions = [&](CLI::App &command) {
    cli::addDTypeOption(command, options.activation);
    cli::addEmulatorOptions(command, emulator);
  };
  context.addCompileOptions = [&](CLI::App &command) {
    cli::addTargetOption(command, options);
    cli::addCubinOption(command, cubin);
    cli::addFuseOption(command, options.fuse);
    cli::addScheduleOption(command, options);
    cli::addAssumeOption(command, options);
  };
  context.compileLabel = [&] {
    std::string label = options.fuse;
    for (const std::string &schedule : options.schedules)
      label += " " + schedule;
    return label;
  };
  return cli::runTool(argc, argv, context);
}
