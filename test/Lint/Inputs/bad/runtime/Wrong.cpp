// Planted for runtime-has-no-llvm.test.
#include "llvm/ADT/StringRef.h"
