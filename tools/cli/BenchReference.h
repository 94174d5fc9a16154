//===- BenchReference.h - Whether what is measured is right ---------------===//
//
// A fast kernel that is wrong is worth nothing, so results are looked at before
// they are timed: against the float64 oracle where the entry is an op that it
// knows, against what the user expects, or at least against themselves.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_BENCHREFERENCE_H
#define SSMC_TOOLS_CLI_BENCHREFERENCE_H

#include "ssmc/Oracle/Case.h"
#include "ssmc/Runtime/Session.h"

namespace ssmc::cli {

/// A session for the plan's states, where its entry has any.
Result<std::unique_ptr<runtime::Session>>
makeSession(runtime::Program &program, const runtime::EntryPlan &plan);

/// The cases of the oracle that an entry may be by the names, types and shapes
/// of its tensors; none where it is something else. What a bundle does not say
/// (softplus, silu, the direction of time) is there both ways, the usual one
/// first.
std::vector<oracle::Case> oracleCases(const runtime::EntryPlan &plan,
                                      uint64_t seed);

/// The plan at sizes that the oracle does not take long for: those of `swept`
/// become smaller first. None where the entry is nothing that the oracle knows.
Result<std::optional<runtime::EntryPlan>>
planForOracle(const runtime::BundleView &bundle, const runtime::EntryPlan &plan,
              const std::vector<std::string> &swept);

/// Runs the entry at the plan's sizes on the oracle's data, with the variants
/// that `choices` were made. The case that the results are right for, as
/// printCase() has it; StatusCode::Mismatch where they are those of no case.
/// None where the entry is nothing that the oracle knows.
Result<std::optional<std::string>>
verifyByOracle(runtime::Program &program, const runtime::EntryPlan &plan,
               const std::vector<runtime::ChoiceMade> &choices, uint64_t seed);

/// Runs a call twice, from zeroed states. StatusCode::Mismatch where the
/// results are not bit-identical or not finite.
Status verifyByRepeating(runtime::Session &session,
                         runtime::PreparedCall &call);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_BENCHREFERENCE_H
