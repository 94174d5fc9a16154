//===- InputRules.h - Integers that kernels index with --------------------===//
//
// Kernels cannot report an error, so that what an index must be is checked
// before they start: the host has the inputs in hand.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_INPUTRULES_H
#define SSMC_RUNTIME_INPUTRULES_H

#include "ssmc/Bundle/Schema.h"
#include "ssmc/IO/Tensor.h"

namespace ssmc::runtime {

/// Fails unless the i32 elements of `tensor` keep the rule, whose limit is
/// `limit` in this call. Messages name the first element that does not.
///
/// Offsets: each from 0 to `limit`, none below the one before it, one sequence
/// (two elements) at least. Slots: each below `limit`; no two are alike unless
/// they are negative.
Status checkInputRule(bundle::InputRuleKind kind, uint64_t limit,
                      const HostTensor &tensor);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_INPUTRULES_H
