//===- HoldAddresses.h - Keep loops' addresses whole ----------------------===//

#ifndef SSMC_LIB_TARGET_PTX_HOLDADDRESSES_H
#define SSMC_LIB_TARGET_PTX_HOLDADDRESSES_H

#include "llvm/IR/Function.h"

namespace ssmc {

/// Hides how an address in global memory came about that a loop adds something
/// to. Strength reduction would take the addresses of several tensors apart,
/// keep what they have in common (a thread's channels) in registers of its own,
/// and add it to each of them in every round. Results do not change.
void holdAddresses(llvm::Function &function);

} // namespace ssmc

#endif // SSMC_LIB_TARGET_PTX_HOLDADDRESSES_H
