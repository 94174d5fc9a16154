//===- Bundle.h - Writing bundles -----------------------------------------===//

#ifndef SSMC_TARGET_BUNDLE_H
#define SSMC_TARGET_BUNDLE_H

#include "mlir/IR/BuiltinOps.h"
#include <vector>

namespace ssmc {

/// Turns a module after code generation (plans, declarations, one `gpu.binary`)
/// into the bytes of an .ssmb file. `source` names where the module came from.
/// Emits an error at the op that a bundle cannot hold.
mlir::FailureOr<std::vector<uint8_t>> writeBundle(mlir::ModuleOp module,
                                                  llvm::StringRef source);

} // namespace ssmc

#endif // SSMC_TARGET_BUNDLE_H
