//===- Inspection.h - What there is to say of a bundle --------------------===//
//
// Gathered once, shown as a table for people or as JSON for programs.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_INSPECTION_H
#define SSMC_TOOLS_CLI_INSPECTION_H

#include "ssmc/Runtime/Plan.h"
#include "tools/cli/Ptxas.h"

namespace ssmc::cli {

struct Inspection {
  const runtime::BundleView &bundle;
  /// One for each entry, at the sizes that the user asked for.
  std::vector<runtime::EntryPlan> plans;
  /// The image that ptxas assembled; empty where there is no ptxas.
  std::string assembledArch;
  ResourceMap resources;
  /// Why there are no resources although there is a ptxas.
  std::string assemblerFailure;
};

/// Which tables `inspect` adds to its summary.
struct InspectDetail {
  /// All buffers and steps of all entries.
  bool plan = false;
  /// All parameters, states and derived tensors.
  bool tensors = false;
};

std::string printInspection(const Inspection &inspection,
                            const InspectDetail &detail);
/// Everything, whatever the detail.
std::string printInspectionAsJson(const Inspection &inspection);

/// What a section of the container holds: "body", "PTX for sm_90", "cubin for
/// sm_90", "LLVM bitcode".
std::string sectionContents(const runtime::BundleView &bundle, uint32_t index);
/// "input", "output", "parameter", "state", "derived", "temporary".
std::string_view bufferKindName(bundle::BufferKind kind);
/// Bytes of one tensor of the bundle, of a state for one sequence.
uint64_t tensorBytes(uint8_t dtype, const flatbuffers::Vector<uint64_t> &shape);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_INSPECTION_H
