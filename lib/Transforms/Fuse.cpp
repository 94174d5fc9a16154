//===- Fuse.cpp - Run a fusion strategy -----------------------------------===//

#include "Fusion/Common.h"
#include "dialect/Kernel/KernelTransformOps.h"
#include "mlir/Dialect/Transform/IR/TransformDialect.h"
#include "mlir/Dialect/Transform/IR/TransformOps.h"
#include "mlir/Dialect/Transform/Transforms/TransformInterpreterUtils.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "ssmc/Strategies/Strategies.h"
#include "ssmc/Transforms/Passes.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELFUSEPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;
using namespace ssmc::kernel;

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

/// Says what a strategy leaves apart because it does not ask for more. Where an
/// op of it has tried, that has said why.
class Unasked {
public:
  explicit Unasked(Operation *script) {
    script->walk([&](Operation *op) {
      asked.insert(op->getName().getStringRef());
      if (auto producers = dyn_cast<FuseProducersOp>(op))
        destinations.insert(producers.getInto());
    });
  }

  void remark(Operation *root) const {
    for (MapOp map : fusion::kernelsIn<MapOp>(root))
      for (Value input : map.getInputs()) {
        Operation *producer = input.getDefiningOp();
        if (isa_and_present<MapOp>(producer) && !asks<FuseMapsOp>())
          apart<FuseMapsOp>(producer, map);
        if (isa_and_present<ScanOp, WindowOp>(producer) &&
            !asks<FuseConsumersOp>())
          apart<FuseConsumersOp>(map, producer);
      }
    for (ScanOp scan : fusion::kernelsIn<ScanOp>(root))
      for (auto [i, input] : llvm::enumerate(scan.getInputs())) {
        Operation *producer = input.getDefiningOp();
        Destination into = scan.inputUsesState(i) ? Destination::Transition
                                                  : Destination::Step;
        if (isa_and_present<MapOp>(producer) && !destinations.contains(into))
          apart<FuseProducersOp>(producer, scan);
        if (isa_and_present<WindowOp>(producer) && !asks<FuseWindowsOp>())
          apart<FuseWindowsOp>(producer, scan);
      }
  }

private:
  template <typename OpTy>
  [[nodiscard]] bool asks() const {
    return asked.contains(OpTy::getOperationName());
  }
  template <typename OpTy>
  static void apart(Operation *op, Operation *other) {
    fusion::remarkApart(
        op, other,
        ("the strategy has no " + OpTy::getOperationName() + " for it").str());
  }

  llvm::StringSet<> asked;
  llvm::SmallSet<Destination, 2> destinations;
};

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
      return signalPassFailure();
    Unasked(**script).remark(getOperation());
  }

  /// Copies of a pass share it.
  std::shared_ptr<OwningOpRef<ModuleOp>> script;
};
} // namespace
