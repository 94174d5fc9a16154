//===- Passes.h - Code generation -----------------------------------------===//

#ifndef SSMC_TARGET_PASSES_H
#define SSMC_TARGET_PASSES_H

#include "mlir/Pass/Pass.h"

namespace ssmc {
#define GEN_PASS_DECL
#include "ssmc/Target/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "ssmc/Target/Passes.h.inc"
} // namespace ssmc

#endif // SSMC_TARGET_PASSES_H
