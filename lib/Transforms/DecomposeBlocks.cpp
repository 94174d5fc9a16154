//===- DecomposeBlocks.cpp - Expand ssm.mamba_block -----------------------===//
//
// Blocks are one op for as long as that helps to read and to transform a model
// as a stack of layers; from here on only operators are left.
//
//===----------------------------------------------------------------------===//

#include "dialect/SSM/SSMDialect.h"
#include "mlir/IR/PatternMatch.h"
#include "ssmc/Transforms/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_SSMDECOMPOSEBLOCKSPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc::ssm;

/// Replaces `block` by the ops of its description.
static void decompose(RewriterBase &rewriter, MambaBlockOp block) {
  rewriter.setInsertionPoint(block);
  Location loc = block.getLoc();
  auto hidden = cast<RankedTensorType>(block.getHidden().getType());
  int64_t dim = block.getA().getType().getDimSize(0);
  int64_t dstate = block.getA().getType().getDimSize(1);
  int64_t dtRank = block.getDtProj().getType().getDimSize(1);

  // An activation: hidden's type but for the size of its last dimension.
  auto activation = [&](int64_t size) -> Type {
    return RankedTensorType::get(
        {hidden.getDimSize(0), hidden.getDimSize(1), size},
        hidden.getElementType());
  };
  auto linear = [&](Type type, Value x, Value weight,
                    Value bias = {}) -> Value {
    return LinearOp::create(rewriter, loc, type, x, weight, bias);
  };

  Value xz = linear(activation(2 * dim), block.getHidden(), block.getInProj(),
                    block.getInProjBias());
  auto halves = SplitOp::create(
      rewriter, loc, TypeRange{activation(dim), activation(dim)}, xz);
  auto conv = CausalConv1dOp::create(
      rewriter, loc, activation(dim), block.getNextConvState().getType(),
      halves.getResult(0), block.getConvWeight(), block.getConvBias(),
      block.getConvState(), /*cu_seqlens=*/Value(), /*state_slots=*/Value(),
      Activation::SiLU, Layout::TokenMajor);
  Value dtBC =
      linear(activation(dtRank + 2 * dstate), conv.getY(), block.getXProj());
  auto parts = SplitOp::create(
      rewriter, loc,
      TypeRange{activation(dtRank), activation(dstate), activation(dstate)},
      dtBC);
  // The bias of dt_proj goes into the scan, which adds it in f32.
  Value delta = linear(activation(dim), parts.getResult(0), block.getDtProj());
  auto scan = SelectiveScanOp::create(
      rewriter, loc, activation(dim), block.getNextSsmState().getType(),
      conv.getY(), delta, block.getA(), parts.getResult(1), parts.getResult(2),
      block.getD(), /*z=*/halves.getResult(1), block.getDtBias(),
      block.getSsmState(), /*cu_seqlens=*/Value(), /*state_slots=*/Value(),
      /*delta_softplus=*/true,
      /*delta_limits=*/DenseF32ArrayAttr(), /*reverse=*/false,
      Layout::TokenMajor);
  // The block may know sizes of its results that hidden's type does not.
  Value out = linear(block.getOut().getType(), scan.getOut(),
                     block.getOutProj(), block.getOutProjBias());
  rewriter.replaceOp(block, {out, conv.getFinalState(), scan.getLastState()});
}

namespace {
struct SSMDecomposeBlocksPass final
    : ssmc::impl::SSMDecomposeBlocksPassBase<SSMDecomposeBlocksPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk(
        [&](MambaBlockOp block) { decompose(rewriter, block); });
  }
};
} // namespace
