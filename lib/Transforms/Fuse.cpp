//===- Fuse.cpp - Run a fusion strategy -----------------------------------===//

#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/IR/TransformOps.h"
#include "mlir/Dialect/Transform/Transforms/TransformInterpreterUtils.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "ssmc/Strategies/Strategies.h"
#include "ssmc/Transforms/Passes.h"
#include "llvm/Support/MemoryBuffer.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELFUSEPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

/// The module of a named strategy's script, or of that in a file; null after an
/// error.
static OwningOpRef<ModuleOp> parseStrategy(MLIRContext *context,
                                           StringRef name) {
  auto unknown = UnknownLoc::get(context);
  ParserConfig config(context, /*verifyAfterParse=*/true);
  if (StringRef path = name; path.consume_front("@")) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer) {
      emitError(unknown) << "cannot read the fusion strategy " << path << ": "
                         << buffer.getError().message();
      return {};
    }
    return parseSourceString<ModuleOp>((*buffer)->getBuffer(), config, path);
  }
  std::optional<std::string_view> script = findStrategy(name);
  if (!script) {
    emitError(unknown) << "unknown fusion strategy '" << name << "'; expected "
                       << strategyNames() << ", or @FILE of a script";
    return {};
  }
  return parseSourceString<ModuleOp>(*script, config, name);
}

namespace {
struct KernelFusePass final : ssmc::impl::KernelFusePassBase<KernelFusePass> {
  using KernelFusePassBase::KernelFusePassBase;

  // Here, and not when it runs, dialects may still be loaded.
  LogicalResult initialize(MLIRContext *context) override {
    OwningOpRef<ModuleOp> parsed = parseStrategy(context, strategy);
    if (!parsed)
      return failure();
    auto main = parsed->lookupSymbol<transform::NamedSequenceOp>(
        transform::TransformDialect::kTransformEntryPointSymbolName);
    if (!main)
      return emitError(parsed->getLoc(),
                       "a fusion strategy begins at 'transform.named_sequence "
                       "@__transform_main', which is not here");
    script = std::make_shared<OwningOpRef<ModuleOp>>(std::move(parsed));
    return success();
  }

  void runOnOperation() override {
    Operation *main = (*script)->lookupSymbol(
        transform::TransformDialect::kTransformEntryPointSymbolName);
    transform::TransformOptions options;
    options.enableExpensiveChecks(false);
    if (failed(transform::applyTransformNamedSequence(getOperation(), main,
                                                      **script, options)))
      signalPassFailure();
  }

  /// Copies of a pass share it.
  std::shared_ptr<OwningOpRef<ModuleOp>> script;
};
} // namespace
