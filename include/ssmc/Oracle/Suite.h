//===- Suite.h - Named collections of cases -------------------------------===//

#ifndef SSMC_ORACLE_SUITE_H
#define SSMC_ORACLE_SUITE_H

#include "ssmc/Oracle/Case.h"

namespace ssmc::oracle {

struct SuiteInfo {
  std::string_view name;
  /// One line for --help.
  std::string_view summary;
};

/// All suites.
const std::vector<SuiteInfo> &suites();

/// The cases of a suite, those of one kernel next to each other. The same for
/// the same arguments everywhere. StatusCode::Usage where there is no such
/// suite.
Result<std::vector<Case>> suiteCases(std::string_view name, uint64_t seed);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_SUITE_H
