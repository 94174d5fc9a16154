//===- Shrink.h - The smallest case that still fails ----------------------===//

#ifndef SSMC_ORACLE_SHRINK_H
#define SSMC_ORACLE_SHRINK_H

#include "ssmc/Oracle/Case.h"
#include <functional>

namespace ssmc::oracle {

/// Whether a case fails in the way that is being looked at.
using StillFails = std::function<bool(const Case &)>;

/// Takes steps from `failing` to simpler cases (half an extent, a flag less,
/// f32 in place of a half) for as long as `stillFails` says so, asking at most
/// `maxAttempts` times. Where it ends before that, no single step leads to a
/// simpler case that fails.
Case shrink(const Case &failing, const StillFails &stillFails,
            unsigned maxAttempts = 200);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_SHRINK_H
