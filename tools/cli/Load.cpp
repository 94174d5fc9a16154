//===- Load.cpp - From a path on the command line to a program ------------===//

#include "tools/cli/Load.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "tools/cli/Output.h"
#include "tools/cli/RandomData.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

static bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.substr(text.size() - suffix.size()) == suffix;
}

/// The directory that `path` is in: "" for the current one.
static std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// "cuda" of "cuda:1" or of a device's description, "cuda:1, NVIDIA H200".
static std::string kindOf(const std::string &device) {
  return device.substr(0, device.find_first_of(":,"));
}

bool cli::isBundlePath(const std::string &path) {
  return !isDirectory(path) && !endsWith(path, ".mlir");
}

void cli::addLoadOptions(CLI::App &command, const Context &context,
                         LoadOptions &options, const std::string &pathHelp) {
  command.add_option("model", options.path, pathHelp)
      ->required()
      ->type_name("PATH");
  std::string kinds = fmt::format("{}", fmt::join(context.deviceKinds, ", "));
  std::string otherwise = context.deviceKinds.size() > 1
                              ? "the first of these that this machine has"
                              : context.deviceKinds.front();
  command
      .add_option("--device", options.device,
                  "Where to run: " + kinds +
                      ", or with a number as in cuda:1 (default: " + otherwise +
                      ")")
      ->type_name("DEVICE");
  command
      .add_option("--weights", options.weights,
                  "Directory or safetensors file with the weights (default: "
                  "the model directory, also that of a bundle)")
      ->type_name("PATH");
  addChoiceOptions(command, options.choices);
  if (context.addModelOptions)
    context.addModelOptions(command);
}

Result<std::unique_ptr<Device>> cli::openDevice(const Context &context,
                                                const std::string &spec) {
  if (!spec.empty())
    return createDevice(spec);
  for (size_t i = 0; i + 1 < context.deviceKinds.size(); ++i) {
    Result<std::unique_ptr<Device>> device =
        createDevice(context.deviceKinds[i]);
    if (device.ok() || device.status().code() != StatusCode::Device)
      return device;
  }
  return createDevice(context.deviceKinds.back());
}

static bool hasCheckpoint(const std::string &directory) {
  return pathExists(joinPath(directory, "model.safetensors")) ||
         pathExists(joinPath(directory, "model.safetensors.index.json"));
}

Result<std::string> cli::findWeights(const BundleView &bundle,
                                     const std::string &path) {
  std::string directory = directoryOf(path);
  std::vector<std::string> looked;
  const auto *source = bundle.body().source();
  if (source != nullptr && source->size() != 0) {
    std::string model = source->str();
    if (model.front() != '/')
      model = directory + model;
    if (hasCheckpoint(model))
      return model;
    looked.push_back(model);
  }
  std::string own = directory.empty() ? "." : directory;
  if (hasCheckpoint(own))
    return own;
  looked.push_back(own);
  for (std::string &place : looked)
    place = quoted(place);
  return Status::invalid(fmt::format(
      "{}: the weights are not where the bundle was compiled from, nor beside "
      "it: looked for model.safetensors and model.safetensors.index.json in "
      "{}; say where they are with --weights DIRECTORY",
      quoted(path), fmt::join(looked, " and ")));
}

using SharedBundle = std::shared_ptr<const BundleView>;

/// Opens what is a bundle; null where there is something to compile, and a
/// compiler for it.
static Result<SharedBundle> openBundle(const Context &context,
                                       const std::string &path) {
  if (!pathExists(path))
    return Status::invalid(
        fmt::format("{}: no such file or directory", quoted(path)));
  if (isBundlePath(path)) {
    Result<std::unique_ptr<BundleView>> bundle = BundleView::open(path);
    if (!bundle.ok())
      return bundle.status();
    return SharedBundle(std::move(*bundle));
  }
  if (!context.compile)
    return Status::invalid(fmt::format(
        "{} is not a bundle, and {} has no compiler; make a bundle of it with "
        "'ssmc compile {} -o model.ssmb'",
        quoted(path), context.name, escaped(path)));
  return SharedBundle();
}

/// Opens the checkpoint that the bundle's parameters come from; null where it
/// has none.
static Result<std::unique_ptr<Checkpoint>>
openWeights(const BundleView &bundle, const LoadOptions &options) {
  if (bundle.body().parameters()->size() == 0)
    return std::unique_ptr<Checkpoint>();
  std::string where = options.weights;
  if (where.empty() && isDirectory(options.path)) {
    where = options.path;
  } else if (where.empty()) {
    Result<std::string> found = findWeights(bundle, options.path);
    if (!found.ok())
      return found.status();
    where = std::move(*found);
  }
  Result<Checkpoint> opened = Checkpoint::open(where);
  if (!opened.ok())
    return opened.status();
  return std::make_unique<Checkpoint>(std::move(*opened));
}

Result<LoadedProgram> cli::loadProgram(const Context &context,
                                       const LoadOptions &options) {
  Progress progress(context.err);
  progress.show("reading the bundle");
  Result<SharedBundle> bundle = openBundle(context, options.path);
  if (!bundle.ok())
    return bundle.status();

  LoadedProgram loaded;
  progress.show("opening the device");
  Result<std::unique_ptr<Device>> device = openDevice(context, options.device);
  if (!device.ok())
    return device.status();
  loaded.device = std::move(*device);
  std::string chosen = options.device;
  if (chosen.empty()) {
    chosen = loaded.device->description();
    if (context.deviceKinds.size() > 1) {
      progress.clear();
      std::string line =
          fmt::format("{}: running on {}\n", context.name, chosen);
      std::fwrite(line.data(), 1, line.size(), context.err);
    }
  }

  if (*bundle == nullptr) {
    progress.show("compiling");
    bundle = context.compile(
        {options.path, kindOf(chosen), *loaded.device, options.sizes});
    if (!bundle.ok())
      return bundle.status();
  }
  progress.show("loading the weights");
  Result<std::unique_ptr<Checkpoint>> weights = openWeights(**bundle, options);
  bool isMadeUp = !weights.ok() && options.seed && options.weights.empty();
  if (!weights.ok() && !isMadeUp)
    return weights.status();
  progress.clear();
  Result<ChoiceTable> choices = loadChoices(
      context, options.choices, options.path, **bundle, *loaded.device);
  if (!choices.ok())
    return choices.status();
  if (isMadeUp)
    note(context, fmt::format("{}; random weights take their place",
                              weights.status().message()));
  Result<std::unique_ptr<Program>> program =
      isMadeUp ? Program::create(*bundle, *loaded.device,
                                 randomParameters(*options.seed),
                                 std::move(*choices))
               : Program::create(*bundle, *loaded.device, weights->get(),
                                 std::move(*choices));
  if (!program.ok())
    return program.status();
  loaded.program = std::move(*program);
  if (const std::string &told = loaded.program->kernels().note(); !told.empty())
    note(context, "warning: " + told);
  return loaded;
}
