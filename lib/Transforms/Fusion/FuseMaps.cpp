//===- FuseMaps.cpp - kernel.map into the kernel.map that reads it --------===//

#include "Common.h"
#include "ssmc/Transforms/Fusion.h"

using namespace mlir;
using namespace ssmc;
using namespace ssmc::fusion;
using kernel::MapOp;

static Refusal whyApart(MapOp producer, MapOp consumer, unsigned place) {
  if (producer.getOutputs().size() != 1)
    return "it has several results";
  if (!producer.getOutputs()[0].hasOneUse())
    return "its result has another user";
  return whyRecomputed(
      consumer, consumer.getOperandMaps()[place],
      llvm::to_vector(llvm::seq(consumer.getNumIterationDims())));
}

/// The producer's inputs come first, then what is left of the consumer's.
static void fuse(RewriterBase &rewriter, MapOp producer, MapOp consumer,
                 unsigned place) {
  remarkFused(producer, consumer, "kernel.map");
  SmallVector<AffineMap> consumerMaps = consumer.getOperandMaps();
  SmallVector<AffineMap> maps = composeInputMaps(producer, consumerMaps[place]);
  SmallVector<Value> inputs(producer.getInputs());
  unsigned numMoved = inputs.size();
  for (auto [i, input] : llvm::enumerate(consumer.getInputs()))
    if (i != place) {
      inputs.push_back(input);
      maps.push_back(consumerMaps[i]);
    }
  llvm::append_range(maps, consumer.getResultMaps());

  Block &body = consumer.getBody().front();
  rewriter.modifyOpInPlace(consumer, [&] {
    for (auto [i, input] : llvm::enumerate(producer.getInputs()))
      body.insertArgument(i, getElementTypeOrSelf(input), producer.getLoc());
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(&body);
    Value element = inlineRegion(rewriter, producer.getBody(),
                                 body.getArguments().take_front(numMoved))[0];
    rewriter.replaceAllUsesWith(body.getArgument(numMoved + place), element);
    body.eraseArgument(numMoved + place);
    consumer.getInputsMutable().assign(inputs);
    consumer.setMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
  rewriter.eraseOp(producer);
}

/// The place of an input of `consumer` whose map may move into it.
static std::optional<unsigned> nextFusable(MapOp consumer) {
  for (unsigned i = 0; i < consumer.getInputs().size(); ++i) {
    auto producer = consumer.getInputs()[i].getDefiningOp<MapOp>();
    if (producer && !whyApart(producer, consumer, i))
      return i;
  }
  return std::nullopt;
}

void ssmc::fuseMaps(RewriterBase &rewriter, Operation *root) {
  // The last first: what moves is before what it moves into, and not yet
  // visited.
  SmallVector<MapOp> consumers = kernelsIn<MapOp>(root);
  DenseSet<Operation *> moved;
  for (MapOp consumer : llvm::reverse(consumers)) {
    if (moved.contains(consumer))
      continue;
    mergeInputs(rewriter, consumer);
    while (std::optional<unsigned> place = nextFusable(consumer)) {
      auto producer = consumer.getInputs()[*place].getDefiningOp<MapOp>();
      moved.insert(producer);
      fuse(rewriter, producer, consumer, *place);
      mergeInputs(rewriter, consumer);
    }
  }
  for (MapOp consumer : kernelsIn<MapOp>(root))
    for (auto [i, input] : llvm::enumerate(consumer.getInputs()))
      if (auto producer = input.getDefiningOp<MapOp>())
        remarkApart(producer, consumer, *whyApart(producer, consumer, i));
}
