//===- Cubin.h - Machine code beside the PTX ------------------------------===//
//
// The driver compiles PTX when a bundle is loaded; a cubin spares it that on
// the GPUs that the cubin is for. Only NVIDIA's ptxas makes one.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_SSMC_CUBIN_H
#define SSMC_TOOLS_SSMC_CUBIN_H

#include "ssmc/Compiler/Compiler.h"
#include "tools/cli/Context.h"

namespace ssmc::cli {

/// Adds --cubin and --no-cubin, which is the default.
void addCubinOption(CLI::App &command, bool &cubin);

/// Lets ptxas assemble what is compiled with `options`, and returns its
/// absolute path. Fails where there is none on the PATH.
Result<std::string> enableCubins(CompileOptions &options);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_CUBIN_H
