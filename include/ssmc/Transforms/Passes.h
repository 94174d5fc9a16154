//===- Passes.h - Passes within a dialect ---------------------------------===//

#ifndef SSMC_TRANSFORMS_PASSES_H
#define SSMC_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace ssmc {

#define GEN_PASS_DECL
#include "ssmc/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "ssmc/Transforms/Passes.h.inc"

} // namespace ssmc

#endif // SSMC_TRANSFORMS_PASSES_H
