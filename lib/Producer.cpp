//===- Producer.cpp - Which program made a bundle -------------------------===//

#include "ssmc/Support/Producer.h"
#include "llvm/Config/llvm-config.h"

std::string ssmc::producer() {
  return "ssmc " SSMC_VERSION ", LLVM " LLVM_VERSION_STRING;
}
