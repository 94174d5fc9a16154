//===- ssmc-run.cpp - Bundles on machines without the compiler ------------===//
//
// The lean tool: runs, inspects and checks bundles. It links no LLVM and
// nothing of CUDA; the driver is found when a GPU is asked for.
//
//===----------------------------------------------------------------------===//

#include "tools/cli/CheckSet.h"

int main(int argc, char **argv) {
  ssmc::cli::Context context;
  context.name = "ssmc-run";
  context.summary = "Runs state-space models that ssmc has compiled.";
  context.commands = {ssmc::cli::addCheckSetCommand};
  return ssmc::cli::runTool(argc, argv, context);
}
