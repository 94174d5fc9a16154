//===- SSMToKernel.cpp - Turn each mathematical step into one kernel ------===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ssmc/Conversion/Passes.h"

namespace ssmc {
#define GEN_PASS_DEF_CONVERTSSMTOKERNELPASS
#include "ssmc/Conversion/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

void ssmc::buildRegion(
    ImplicitLocOpBuilder &b, Region &region, TypeRange arguments,
    llvm::function_ref<SmallVector<Value>(ValueRange)> build) {
  OpBuilder::InsertionGuard guard(b);
  Block *block =
      b.createBlock(&region, {}, arguments,
                    SmallVector<Location>(arguments.size(), b.getLoc()));
  kernel::YieldOp::create(b, build(block->getArguments()));
}

Value ssmc::widen(ImplicitLocOpBuilder &b, Value value) {
  if (value.getType().isF32())
    return value;
  return arith::ExtFOp::create(b, b.getF32Type(), value);
}

Value ssmc::narrow(ImplicitLocOpBuilder &b, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return arith::TruncFOp::create(b, type, value);
}

Value ssmc::mul(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::MulFOp::create(b, lhs, rhs, arith::FastMathFlags::contract);
}

Value ssmc::add(ImplicitLocOpBuilder &b, Value lhs, Value rhs) {
  return arith::AddFOp::create(b, lhs, rhs, arith::FastMathFlags::contract);
}

Value ssmc::constantF32(ImplicitLocOpBuilder &b, float value) {
  return arith::ConstantFloatOp::create(b, b.getF32Type(), APFloat(value));
}

SmallVector<Type> ssmc::elementTypes(ValueRange values) {
  return llvm::map_to_vector(values, [](Value value) {
    return getElementTypeOrSelf(value.getType());
  });
}

AffineMap ssmc::selectDims(MLIRContext *context, unsigned numDims,
                           ArrayRef<unsigned> dims) {
  return AffineMap::getMultiDimMapWithTargets(numDims, dims, context);
}

AffineMap ssmc::activationMap(MLIRContext *context, unsigned numDims,
                              ssm::Layout layout, bool packed) {
  AffineExpr b = getAffineDimExpr(0, context), t = getAffineDimExpr(1, context),
             d = getAffineDimExpr(2, context);
  if (packed)
    return AffineMap::get(numDims, 0, {getAffineConstantExpr(0, context), t, d},
                          context);
  if (layout == ssm::Layout::ChannelMajor)
    return AffineMap::get(numDims, 0, {b, d, t}, context);
  return AffineMap::get(numDims, 0, {b, t, d}, context);
}

SmallVector<unsigned> ssmc::firstDims(unsigned n) {
  return llvm::to_vector(llvm::seq<unsigned>(0, n));
}

namespace {
struct ConvertSSMToKernelPass final
    : ssmc::impl::ConvertSSMToKernelPassBase<ConvertSSMToKernelPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateScanToKernelPatterns(patterns);
    populateConvToKernelPatterns(patterns);
    populateNormToKernelPatterns(patterns);
    populateModelToKernelPatterns(patterns);
    populateElementwiseToKernelPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    // What is left must be something that a plan can hold.
    WalkResult result = getOperation()->walk([](func::FuncOp function) {
      for (Operation &op : function.getOps()) {
        bool known =
            isa<kernel::KernelOpInterface, kernel::GetDerivedOp,
                kernel::SetDerivedOp, ssm::GetParameterOp, ssm::GetStateOp,
                ssm::SetStateOp, ssm::SliceOp, ssm::SplitOp, ssm::LastTokensOp,
                tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                arith::ConstantOp, func::ReturnOp>(op);
        if (!known)
          return op.emitError("no kernel can be made of '")
                     << op.getName()
                     << "'; use ops of the ssm dialect, or elementwise arith "
                        "and math ops on f32, f16 or bf16 tensors",
                 WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
