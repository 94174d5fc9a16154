//===- Cubin.cpp - Machine code beside the PTX ----------------------------===//

#include "tools/ssmc/Cubin.h"
#include "tools/cli/Ptxas.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;

void ssmc::cli::addCubinOption(CLI::App &command, bool &cubin) {
  command.add_flag("--cubin,!--no-cubin", cubin,
                   "Beside the PTX of each target, put in machine code by "
                   "NVIDIA's ptxas, which must be on the PATH: GPUs of exactly "
                   "that architecture start sooner (default: PTX alone)");
}

Result<std::string> ssmc::cli::enableCubins(CompileOptions &options) {
  std::optional<std::string> ptxas = findPtxas();
  if (!ptxas)
    return Status::invalid(
        "--cubin needs ptxas, which is in no absolute folder of the PATH; add "
        "the bin folder of a CUDA Toolkit to the PATH, or leave out --cubin");
  options.assemble =
      [ptxas = *ptxas](std::string_view ptx,
                       const std::string &arch) -> Result<std::string> {
    Result<AssembledPtx> assembled = assemblePtx(ptxas, ptx, arch);
    if (!assembled.ok())
      return Status::invalid(fmt::format(
          "no cubin for {}: {}; leave out --cubin, or put a newer CUDA "
          "Toolkit's bin folder first in the PATH",
          arch, assembled.status().message()));
    return std::move(assembled->cubin);
  };
  return *ptxas;
}
