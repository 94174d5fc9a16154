//===- Import.h - Model directories as ssm modules ------------------------===//
//
// The front end for checkpoints: a directory with config.json and safetensors
// becomes a module of the ssm dialect. Weights are declared, not read.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IMPORT_IMPORT_H
#define SSMC_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "ssmc/Support/DType.h"
#include "llvm/Support/Error.h"

namespace ssmc {

struct ImportOptions {
  /// Element type of activations and of the convolutions' states: F32, F16 or
  /// BF16. Weights keep the checkpoint's, logits and the scans' states are f32.
  DType activation = DType::F32;
};

/// Imports the model in `directory`. The module declares the checkpoint's
/// tensors and the states, has an `ssm.model` attribute and two functions:
///
///   @prefill(ids (batch, seqlen), last) -> logits (batch, last, vocab)
///   @step(ids (batch, 1)) -> logits (batch, 1, vocab)
///
/// Fails where a file is missing or malformed, the model is of an unsupported
/// kind or its tensors are not those that config.json calls for; the message
/// then lists all of them.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext &context, llvm::StringRef directory,
            const ImportOptions &options);

} // namespace ssmc

#endif // SSMC_IMPORT_IMPORT_H
