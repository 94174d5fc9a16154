//===- ssmc.cpp - The compiler, and bundles on the CPU and GPUs -----------===//

#include "ssmc/Emulator/Emulator.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "tools/ssmc/Check.h"
#include "tools/ssmc/Compile.h"

using namespace ssmc;

/// Compiles to memory for one device.
static Result<std::shared_ptr<const runtime::BundleView>>
compileForDevice(const cli::CompileRequest &request, DType dtype) {
  CompileOptions options;
  options.input = request.path;
  options.activation = dtype;
  bool isCpu = request.deviceKind == "cpu";
  options.bitcode = isCpu;
  if (isCpu)
    options.targets.clear();
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
  DType dtype = DType::F32;
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
    return compileForDevice(request, dtype);
  };
  context.addModelOptions = [&](CLI::App &command) {
    cli::addDTypeOption(command, dtype);
    cli::addEmulatorOptions(command, emulator);
  };
  return cli::runTool(argc, argv, context);
}
