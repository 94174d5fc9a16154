// Planted for options-in-libraries.test.
static llvm::cl::opt<bool> flag("flag");
