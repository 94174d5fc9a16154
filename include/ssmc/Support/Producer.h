//===- Producer.h - Which program made a bundle ---------------------------===//

#ifndef SSMC_SUPPORT_PRODUCER_H
#define SSMC_SUPPORT_PRODUCER_H

#include <string>

namespace ssmc {

/// "ssmc 0.1.0, LLVM 22.1.8". Bitcode in a bundle is read by the same producer
/// alone: bitcode holds for one version of LLVM, and intrinsics for one of
/// ssmc.
std::string producer();

} // namespace ssmc

#endif // SSMC_SUPPORT_PRODUCER_H
