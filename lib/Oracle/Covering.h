//===- Covering.h - All triples of flags and types ------------------------===//

#ifndef SSMC_LIB_ORACLE_COVERING_H
#define SSMC_LIB_ORACLE_COVERING_H

#include "ssmc/Oracle/Case.h"

namespace ssmc::oracle {

/// Small cases, each of another kernel, such that any three flags, element
/// types, kinds of B and C or widths that can be together are so in one of them
/// (a covering array of strength 3).
std::vector<Case> coveringCases(CaseOp op, uint64_t seed);

} // namespace ssmc::oracle

#endif // SSMC_LIB_ORACLE_COVERING_H
