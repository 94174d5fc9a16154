//===- Ptxas.h - What NVIDIA's assembler makes of PTX ---------------------===//
//
// Registers and spills are decided by ptxas: where it is on the PATH, `inspect`
// asks it. `compile --cubin` puts what it makes into the bundle. Nothing else
// needs it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_PTXAS_H
#define SSMC_TOOLS_CLI_PTXAS_H

#include "ssmc/Support/Status.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ssmc::cli {

/// What one kernel takes of the hardware.
struct KernelResources {
  /// Per thread.
  uint64_t registers = 0;
  /// Per thread: bytes stored to and loaded from memory for want of registers.
  uint64_t spillBytes = 0;
  /// Per thread.
  uint64_t stackBytes = 0;
};

/// By kernel name.
using ResourceMap = std::map<std::string, KernelResources, std::less<>>;

/// The absolute path of ptxas, if it is on the PATH.
std::optional<std::string> findPtxas();

struct AssembledPtx {
  ResourceMap resources;
  /// Machine code in an ELF file.
  std::string cubin;
};

/// Assembles PTX text for `arch` ("sm_90") in a temporary folder. Fails with
/// what ptxas printed, and when it takes longer than a minute.
Result<AssembledPtx> assemblePtx(const std::string &ptxas, std::string_view ptx,
                                 const std::string &arch);

/// Reads the report of `ptxas -v`.
ResourceMap parsePtxasReport(std::string_view report);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_PTXAS_H
