//===- Passes.h - Conversions between dialects ----------------------------===//

#ifndef SSMC_CONVERSION_PASSES_H
#define SSMC_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace ssmc {
#define GEN_PASS_DECL
#include "ssmc/Conversion/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "ssmc/Conversion/Passes.h.inc"
} // namespace ssmc

#endif // SSMC_CONVERSION_PASSES_H
