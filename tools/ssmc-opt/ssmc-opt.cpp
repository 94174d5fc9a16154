//===- ssmc-opt.cpp - Runs passes on MLIR files, for tests and experiments ===//

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "ssmc/InitAll.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  ssmc::registerAllDialects(registry);
  ssmc::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "ssmc pass driver\n", registry));
}
