//===- EmitCases.cpp - Kernels of cases for another machine ---------------===//

#include "tools/ssmc/EmitCases.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/CheckSet.h"
#include "tools/cli/Output.h"
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <thread>

using namespace ssmc;
using namespace ssmc::cli;

CompileOptions cli::caseOptions(const oracle::Case &it,
                                const std::string &fuse) {
  CompileOptions options;
  options.input = "check.mlir";
  options.inputText = oracle::moduleText(it);
  options.targets.clear();
  options.bitcode = false;
  options.fuse = fuse;
  options.schedules = oracle::schedules(it);
  return options;
}

namespace {

struct EmittedKernel {
  oracle::Case it;
  std::string file;
  Status status;
};

} // namespace

static Status emitKernel(const EmitOptions &options,
                         const EmittedKernel &kernel) {
  CompileOptions compilation = caseOptions(kernel.it, options.fuse);
  compilation.targets = options.targets;
  compilation.bitcode = options.bitcode;
  Result<CompileResult> compiled = compile(compilation);
  if (!compiled.ok())
    return compiled.status();
  return writeFileAtomically(joinPath(options.directory, kernel.file),
                             compiled->output);
}

Status cli::emitCases(const Context &context, const EmitOptions &options,
                      const CheckList &list) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error)
    return Status::invalid(fmt::format("cannot make the directory {}: {}",
                                       quoted(options.directory),
                                       error.message()));
  // That of an earlier set would go with the kernels of this one.
  std::string casesPath = joinPath(options.directory, "cases.txt");
  std::filesystem::remove(casesPath, error);
  std::vector<CheckItem> items;
  std::vector<EmittedKernel> kernels;
  std::map<std::string, size_t> known;
  for (uint64_t i = 0; i < list.size; ++i) {
    CheckItem item = list.at(i);
    auto [entry, isNew] =
        known.emplace(oracle::kernelKey(item.it), kernels.size());
    if (isNew)
      kernels.push_back(
          {item.it, fmt::format("{:04}.ssmb", kernels.size()), Status()});
    item.bundle = kernels[entry->second].file;
    items.push_back(std::move(item));
  }

  Progress progress(context.err);
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  auto work = [&] {
    for (size_t i = next++; i < kernels.size(); i = next++) {
      {
        std::lock_guard<std::mutex> lock(mutex);
        progress.show(fmt::format("kernel {} of {}: {}", i + 1, kernels.size(),
                                  oracle::printCase(kernels[i].it)));
      }
      kernels[i].status = emitKernel(options, kernels[i]);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.threads; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
  progress.clear();

  Output out(context.out);
  size_t failures = 0;
  for (const EmittedKernel &kernel : kernels) {
    if (kernel.status.ok())
      continue;
    ++failures;
    out.write(fmt::format("FAILED: {}\n{}\n", oracle::printCase(kernel.it),
                          kernel.status.message()));
  }
  if (failures == 0) {
    SSMC_TRY(writeFileAtomically(casesPath, printCheckSet(items)));
    out.write(fmt::format("wrote {} cases and {} kernels to {}\n", items.size(),
                          kernels.size(), escaped(options.directory)));
  }
  SSMC_TRY(out.finish());
  if (failures == 0)
    return Status();
  return Status::invalid(
      fmt::format("{} of {} kernels were not made; no list of cases is written",
                  failures, kernels.size()));
}
