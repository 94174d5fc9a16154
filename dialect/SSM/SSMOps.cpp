//===- SSMOps.cpp - Verifiers of the operators ----------------------------===//

#include "dialect/SSM/NamedDims.h"
#include "dialect/SSM/SSMDialect.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace ssmc;
using namespace ssmc::ssm;

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

/// The dimensions of something per state: complex numbers have one more.
static SmallVector<StringRef> perState(ArrayRef<StringRef> names,
                                       bool complex) {
  SmallVector<StringRef> all(names);
  if (complex)
    all.push_back("re_im");
  return all;
}

/// (C3): the shape of B or C, one of the three of the op's table.
static LogicalResult verifyScanMatrix(NamedDims &dims, StringRef name,
                                      RankedTensorType type, Layout layout,
                                      bool complex) {
  SmallVector<StringRef> names = {"batch", "dstate", "seqlen"};
  bool tokenMajor = layout == Layout::TokenMajor;
  int64_t rank = type.getRank() - complex;
  if (rank == 2)
    names = {"dim", "dstate"};
  else if (rank == 4 && tokenMajor)
    names = {"batch", "seqlen", "ngroups", "dstate"};
  else if (rank == 4)
    names = {"batch", "ngroups", "dstate", "seqlen"};
  else if (tokenMajor)
    names = {"batch", "seqlen", "dstate"};
  return dims.expect(name, type, perState(names, complex));
}

/// A state and what replaces it have one element type.
static LogicalResult verifyStateTypes(Operation *op, StringRef beforeName,
                                      Value before, StringRef afterName,
                                      Value after) {
  if (!before || !after)
    return success();
  Type beforeType = getElementTypeOrSelf(before.getType());
  Type afterType = getElementTypeOrSelf(after.getType());
  if (beforeType != afterType)
    return op->emitOpError("expects ")
           << beforeName << " and " << afterName << " of one element type, got "
           << beforeType << " and " << afterType;
  return success();
}

/// The dimension that counts an op's states.
static StringRef stateCount(Value cuSeqlens, Value stateSlots) {
  if (stateSlots)
    return "nslots";
  return cuSeqlens ? "nseqs" : "batch";
}

/// Where states are rows of a pool: the shape of the slots.
static LogicalResult verifySlots(Operation *op, NamedDims &dims,
                                 Value stateSlots, Value cuSeqlens,
                                 Value initialState) {
  if (!stateSlots)
    return success();
  if (!initialState)
    return op->emitOpError(
        "expects an initial_state, the pool, with state_slots");
  return dims.expect("state_slots", stateSlots.getType(),
                     {cuSeqlens ? "nseqs" : "batch"});
}

/// Where sequences are packed: the shape of cu_seqlens, after that of states or
/// slots has said how many there are, and of what is packed.
static LogicalResult verifyPacking(Operation *op, NamedDims &dims,
                                   Value cuSeqlens, Value activation,
                                   Layout layout) {
  if (!cuSeqlens)
    return success();
  int64_t nseqs = dims.size("nseqs");
  if (!ShapedType::isDynamic(nseqs))
    dims.bind("nseqs+1", nseqs + 1);
  if (failed(dims.expect("cu_seqlens", cuSeqlens.getType(), {"nseqs+1"})))
    return failure();
  if (int64_t bounds = dims.size("nseqs+1");
      !ShapedType::isDynamic(bounds) && bounds < 2)
    return op->emitOpError("expects cu_seqlens of one sequence at least, got ")
           << cuSeqlens.getType();
  if (dims.size("batch") != 1 || layout != Layout::TokenMajor)
    return op->emitOpError("expects a batch of 1 in layout token_major with "
                           "cu_seqlens, got ")
           << activation.getType() << " in layout " << stringifyLayout(layout);
  return success();
}

bool SelectiveScanOp::isComplex() {
  return cast<RankedTensorType>(getA().getType()).getRank() == 3;
}

LogicalResult SelectiveScanOp::verify() {
  NamedDims dims(*this);
  dims.bind("re_im", 2);
  SmallVector<StringRef> activation = {"batch", "seqlen", "dim"};
  if (getLayout() == Layout::ChannelMajor)
    std::swap(activation[1], activation[2]);

  // (C1)
  if (failed(dims.expect("u", getU().getType(), activation)) ||
      failed(dims.expect("delta", getDelta().getType(), activation)) ||
      failed(dims.expect("out", getOut().getType(), activation)))
    return failure();
  if (getZ() && failed(dims.expect("z", getZ().getType(), activation)))
    return failure();
  // (C2)
  bool complex = isComplex();
  if (failed(dims.expect("A", getA().getType(),
                         perState({"dim", "dstate"}, complex))))
    return failure();
  // (C3), (C4)
  for (auto [name, value] :
       {std::pair<StringRef, Value>("B", getB()), {"C", getC()}}) {
    auto type = cast<RankedTensorType>(value.getType());
    if (failed(verifyScanMatrix(dims, name, type, getLayout(), complex)))
      return failure();
    if (type.getRank() - complex != 4)
      continue;
    int64_t groups = type.getDimSize(getLayout() == Layout::TokenMajor ? 2 : 1);
    if (groups == 0 || dims.size("dim") % groups != 0)
      return emitOpError("expects an ngroups that divides dim = ")
             << dims.size("dim") << ", got " << name << " of type " << type;
  }
  // (C5)
  if (getD() && failed(dims.expect("D", getD().getType(), {"dim"})))
    return failure();
  if (getDeltaBias() &&
      failed(dims.expect("delta_bias", getDeltaBias().getType(), {"dim"})))
    return failure();
  // (C6)
  StringRef count = stateCount(getCuSeqlens(), getStateSlots());
  for (auto [name, state] :
       {std::pair<StringRef, Value>("initial_state", getInitialState()),
        {"last_state", getLastState()}})
    if (state &&
        failed(dims.expect(name, state.getType(),
                           perState({count, "dim", "dstate"}, complex))))
      return failure();
  if (failed(verifyStateTypes(*this, "initial_state", getInitialState(),
                              "last_state", getLastState())))
    return failure();
  // (C9), before (C7) so that the slots count sequences
  if (failed(verifySlots(*this, dims, getStateSlots(), getCuSeqlens(),
                         getInitialState())))
    return failure();
  // (C7)
  if (failed(verifyPacking(*this, dims, getCuSeqlens(), getU(), getLayout())))
    return failure();
  // (C8)
  if (std::optional<ArrayRef<float>> limits = getDeltaLimits())
    if (limits->size() != 2 || !((*limits)[0] <= (*limits)[1]))
      return emitOpError(
                 "expects delta_limits to be two numbers, the first not "
                 "above the second, got ")
             << getDeltaLimitsAttr();
  return success();
}

//===----------------------------------------------------------------------===//
// causal_conv1d
//===----------------------------------------------------------------------===//

static LogicalResult verifyWidth(Operation *op, const NamedDims &dims) {
  int64_t width = dims.size("width");
  if (width < 2 || width > 8)
    return op->emitOpError("expects a width from 2 to 8, got ") << width;
  return success();
}

LogicalResult CausalConv1dOp::verify() {
  NamedDims dims(*this);
  SmallVector<StringRef> activation = {"batch", "seqlen", "dim"};
  if (getLayout() == Layout::ChannelMajor)
    std::swap(activation[1], activation[2]);
  // (C1)
  if (failed(dims.expect("x", getX().getType(), activation)) ||
      failed(dims.expect("y", getY().getType(), activation)))
    return failure();
  // (C2)
  if (failed(dims.expect("weight", getWeight().getType(), {"dim", "width"})))
    return failure();
  if (failed(verifyWidth(*this, dims)))
    return failure();
  // (C3)
  if (getBias() && failed(dims.expect("bias", getBias().getType(), {"dim"})))
    return failure();
  // (C4)
  StringRef count = stateCount(getCuSeqlens(), getStateSlots());
  dims.bind("width-1", dims.size("width") - 1);
  if (getInitialState() &&
      failed(dims.expect("initial_state", getInitialState().getType(),
                         {count, "width-1", "dim"})))
    return failure();
  if (getFinalState() &&
      failed(dims.expect("final_state", getFinalState().getType(),
                         {count, "width-1", "dim"})))
    return failure();
  if (failed(verifyStateTypes(*this, "initial_state", getInitialState(),
                              "final_state", getFinalState())))
    return failure();
  // (C6), before (C5) so that the slots count sequences
  if (failed(verifySlots(*this, dims, getStateSlots(), getCuSeqlens(),
                         getInitialState())))
    return failure();
  // (C5)
  return verifyPacking(*this, dims, getCuSeqlens(), getX(), getLayout());
}

//===----------------------------------------------------------------------===//
// rms_norm
//===----------------------------------------------------------------------===//

LogicalResult RMSNormOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType());
  // (C1)
  if (x.getRank() < 2 || x.isDynamicDim(x.getRank() - 1))
    return emitOpError("expects x of rank 2 or more with a static last "
                       "dimension, got ")
           << x;
  for (auto [name, value] : {std::pair<StringRef, Value>("y", getY()),
                             {"residual", getResidual()},
                             {"residual_out", getResidualOut()}}) {
    if (value && failed(verifyCompatibleShape(x, value.getType())))
      return emitOpError("expects ")
             << name << " of x's shape, " << x << ", got " << value.getType();
  }
  // (C2)
  NamedDims dims(*this);
  dims.bind("dim", x.getShape().back());
  if (failed(dims.expect("weight", getWeight().getType(), {"dim"})))
    return failure();
  // (C3)
  if (!(getEps().convertToFloat() > 0.0f))
    return emitOpError("expects a positive eps, got ") << getEpsAttr();
  return success();
}

//===----------------------------------------------------------------------===//
// mamba_block
//===----------------------------------------------------------------------===//

LogicalResult MambaBlockOp::verify() {
  NamedDims dims(*this);
  // (C1)
  if (failed(dims.expect("hidden", getHidden().getType(),
                         {"batch", "seqlen", "d_model"})) ||
      failed(dims.expect("A", getA().getType(), {"dim", "dstate"})) ||
      failed(
          dims.expect("dt_proj", getDtProj().getType(), {"dim", "dt_rank"})) ||
      failed(dims.expect("conv", getConvWeight().getType(), {"dim", "width"})))
    return failure();
  // Saturated, a sum differs from every size a real tensor has.
  auto sum = [](uint64_t a, uint64_t b) {
    return std::min<uint64_t>(llvm::SaturatingAdd(a, b), INT64_MAX);
  };
  uint64_t dim = dims.size("dim"), dstate = dims.size("dstate");
  dims.bind("2*dim", sum(dim, dim));
  dims.bind("dt_rank+2*dstate", sum(dims.size("dt_rank"), sum(dstate, dstate)));
  dims.bind("width-1", dims.size("width") - 1);
  struct Expectation {
    StringRef name;
    Value value;
    SmallVector<StringRef, 3> shape;
  };
  const Expectation expectations[] = {
      {"in_proj", getInProj(), {"2*dim", "d_model"}},
      {"in_proj_bias", getInProjBias(), {"2*dim"}},
      {"conv_bias", getConvBias(), {"dim"}},
      {"x_proj", getXProj(), {"dt_rank+2*dstate", "dim"}},
      {"dt_bias", getDtBias(), {"dim"}},
      {"D", getD(), {"dim"}},
      {"out_proj", getOutProj(), {"d_model", "dim"}},
      {"out_proj_bias", getOutProjBias(), {"d_model"}},
      {"conv_state", getConvState(), {"batch", "width-1", "dim"}},
      {"ssm_state", getSsmState(), {"batch", "dim", "dstate"}},
      {"out", getOut(), {"batch", "seqlen", "d_model"}},
      {"next_conv_state", getNextConvState(), {"batch", "width-1", "dim"}},
      {"next_ssm_state", getNextSsmState(), {"batch", "dim", "dstate"}},
  };
  for (const Expectation &expectation : expectations)
    if (expectation.value &&
        failed(dims.expect(expectation.name, expectation.value.getType(),
                           expectation.shape)))
      return failure();
  // (C2)
  Type hidden = getElementTypeOrSelf(getHidden().getType());
  Type out = getElementTypeOrSelf(getOut().getType());
  if (hidden != out)
    return emitOpError("expects hidden and out of one element type, got ")
           << hidden << " and " << out;
  // (C3)
  return verifyWidth(*this, dims);
}
