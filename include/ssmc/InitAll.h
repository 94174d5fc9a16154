//===- InitAll.h - Registration of what the tools need --------------------===//
//
// The dialects and passes that this project uses, not all of MLIR: registering
// everything would slow every start of a tool.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_INITALL_H
#define SSMC_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace ssmc {

/// Registers the dialects of this project and the upstream ones it uses.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Registers the passes of this project and the upstream ones it uses.
void registerAllPasses();

} // namespace ssmc

#endif // SSMC_INITALL_H
