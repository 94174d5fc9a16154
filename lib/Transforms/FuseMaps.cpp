//===- FuseMaps.cpp - Fuse elementwise kernels with their consumers -------===//

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ssmc/Transforms/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_KERNELFUSEMAPSPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc::kernel;

namespace {

/// Moves a producer's body before that of the map that consumes its only use.
struct FuseProducer : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp consumer,
                                PatternRewriter &rewriter) const override {
    for (OpOperand &operand : consumer.getInputsMutable()) {
      auto producer = operand.get().getDefiningOp<MapOp>();
      if (!producer || producer->getNumResults() != 1 ||
          !operand.get().hasOneUse())
        continue;
      fuse(producer, consumer, operand.getOperandNumber(), rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(
        consumer, "no input is the only use of a single-result map");
  }

  static void fuse(MapOp producer, MapOp consumer, unsigned operand,
                   PatternRewriter &rewriter) {
    // A point of the consumer's space needs the tensor's element at this index,
    // which the producer's result map, a permutation, takes back to its space.
    SmallVector<AffineMap> consumerMaps = consumer.getOperandMaps();
    AffineMap toProducer = inversePermutation(producer.getResultMaps()[0])
                               .compose(consumerMaps[operand]);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (auto [input, map] :
         llvm::zip(producer.getInputs(), producer.getOperandMaps())) {
      inputs.push_back(input);
      maps.push_back(map.compose(toProducer));
    }
    for (auto [i, input] : llvm::enumerate(consumer.getInputs()))
      if (i != operand) {
        inputs.push_back(input);
        maps.push_back(consumerMaps[i]);
      }
    llvm::append_range(maps, consumer.getResultMaps());

    auto fused = MapOp::create(
        rewriter, rewriter.getFusedLoc({producer.getLoc(), consumer.getLoc()}),
        consumer.getResultTypes(), inputs, rewriter.getAffineMapArrayAttr(maps),
        consumer.getScheduleAttr(), consumer.getVariantsAttr());
    SmallVector<Type> types = llvm::map_to_vector(inputs, [](Value input) {
      return getElementTypeOrSelf(input.getType());
    });
    Block *body = rewriter.createBlock(
        &fused.getBody(), {}, types,
        SmallVector<Location>(types.size(), fused.getLoc()));

    IRMapping mapping;
    size_t numProducerInputs = producer.getInputs().size();
    mapping.map(producer.getBody().getArguments(),
                body->getArguments().take_front(numProducerInputs));
    for (Operation &op : producer.getBody().front().without_terminator())
      rewriter.clone(op, mapping);
    Value element = mapping.lookupOrDefault(
        producer.getBody().front().getTerminator()->getOperand(0));
    size_t next = numProducerInputs;
    for (auto [i, argument] :
         llvm::enumerate(consumer.getBody().getArguments()))
      mapping.map(argument, i == operand ? element : body->getArgument(next++));
    for (Operation &op : consumer.getBody().front())
      rewriter.clone(op, mapping);

    rewriter.replaceOp(consumer, fused);
    rewriter.eraseOp(producer);
  }
};

struct KernelFuseMapsPass final
    : ssmc::impl::KernelFuseMapsPassBase<KernelFuseMapsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseProducer>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
