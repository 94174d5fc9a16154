//===- ssmc-lsp-server.cpp - Editors' help with files of our dialects -----===//

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "ssmc/InitAll.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  ssmc::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
