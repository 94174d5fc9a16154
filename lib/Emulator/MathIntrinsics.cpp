//===- MathIntrinsics.cpp - NVVM arithmetic as plain LLVM IR --------------===//
//
// The approximate instructions of the GPU are modelled by the correctly rounded
// or libm functions: within their error bounds, but not bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Rewrite.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Intrinsics.h"

using namespace llvm;
using namespace ssmc::emulator;

namespace {

enum class MathOp {
  Unknown,
  Ex2,
  Lg2,
  Rcp,
  Rsqrt,
  Sqrt,
  Sin,
  Cos,
  Tanh,
  Div,
  Fma,
  Add,
  Mul,
  Max,
  Min,
  Abs,
};

struct MathName {
  MathOp op = MathOp::Unknown;
  bool flush = false;
  bool propagateNaN = false;
};

} // namespace

// Splits a name such as "rcp.approx.ftz.f". A modifier that changes the result
// and is not known here (another rounding, saturation) makes it unknown.
static MathName parseName(StringRef name) {
  SmallVector<StringRef> parts;
  name.split(parts, '.');
  MathName result;
  result.op = StringSwitch<MathOp>(parts[0])
                  .Case("ex2", MathOp::Ex2)
                  .Case("lg2", MathOp::Lg2)
                  .Case("rcp", MathOp::Rcp)
                  .Case("rsqrt", MathOp::Rsqrt)
                  .Case("sqrt", MathOp::Sqrt)
                  .Case("sin", MathOp::Sin)
                  .Case("cos", MathOp::Cos)
                  .Case("tanh", MathOp::Tanh)
                  .Case("div", MathOp::Div)
                  .Case("fma", MathOp::Fma)
                  .Case("add", MathOp::Add)
                  .Case("mul", MathOp::Mul)
                  .Case("fmax", MathOp::Max)
                  .Case("fmin", MathOp::Min)
                  .Case("fabs", MathOp::Abs)
                  .Default(MathOp::Unknown);
  for (StringRef part : ArrayRef(parts).drop_front()) {
    if (part == "ftz")
      result.flush = true;
    else if (part == "nan")
      result.propagateNaN = true;
    else if (!StringSwitch<bool>(part)
                  .Cases({"approx", "full", "rn", "f", "d"}, true)
                  .Cases({"f16", "bf16", "f32", "f64"}, true)
                  .Cases({"f16x2", "bf16x2", "v2f16", "v2bf16"}, true)
                  .Default(false))
      result.op = MathOp::Unknown;
  }
  return result;
}

// Zero of the same sign for subnormal values.
static Value *flushSubnormal(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  Constant *smallest = ConstantFP::get(
      type,
      APFloat::getSmallestNormalized(type->getScalarType()->getFltSemantics()));
  Value *magnitude = builder.CreateUnaryIntrinsic(Intrinsic::fabs, value);
  Value *zero = builder.CreateBinaryIntrinsic(Intrinsic::copysign,
                                              ConstantFP::getZero(type), value);
  return builder.CreateSelect(builder.CreateFCmpOLT(magnitude, smallest), zero,
                              value);
}

static Value *compute(IRBuilder<> &builder, const MathName &name,
                      ArrayRef<Value *> args) {
  auto unary = [&](Intrinsic::ID id) {
    return builder.CreateUnaryIntrinsic(id, args[0]);
  };
  auto binary = [&](Intrinsic::ID id) {
    return builder.CreateBinaryIntrinsic(id, args[0], args[1]);
  };
  Type *type = args[0]->getType();
  Value *one = ConstantFP::get(type, 1.0);
  switch (name.op) {
  case MathOp::Ex2:
    return unary(Intrinsic::exp2);
  case MathOp::Lg2:
    return unary(Intrinsic::log2);
  case MathOp::Rcp:
    return builder.CreateFDiv(one, args[0]);
  case MathOp::Rsqrt:
    return builder.CreateFDiv(one, unary(Intrinsic::sqrt));
  case MathOp::Sqrt:
    return unary(Intrinsic::sqrt);
  case MathOp::Sin:
    return unary(Intrinsic::sin);
  case MathOp::Cos:
    return unary(Intrinsic::cos);
  case MathOp::Tanh:
    return unary(Intrinsic::tanh);
  case MathOp::Div:
    return builder.CreateFDiv(args[0], args[1]);
  case MathOp::Fma:
    return builder.CreateIntrinsic(Intrinsic::fma, {type},
                                   {args[0], args[1], args[2]});
  case MathOp::Add:
    return builder.CreateFAdd(args[0], args[1]);
  case MathOp::Mul:
    return builder.CreateFMul(args[0], args[1]);
  case MathOp::Max:
    return binary(name.propagateNaN ? Intrinsic::maximum : Intrinsic::maxnum);
  case MathOp::Min:
    return binary(name.propagateNaN ? Intrinsic::minimum : Intrinsic::minnum);
  case MathOp::Abs:
    return unary(Intrinsic::fabs);
  case MathOp::Unknown:
    break;
  }
  return nullptr;
}

Value *ssmc::emulator::lowerMath(IRBuilder<> &builder, CallInst &call,
                                 StringRef name) {
  if (name == "f2bf16.rn" || name == "f2f16.rn")
    return builder.CreateFPTrunc(call.getArgOperand(0), call.getType());
  if (name == "ff2bf16x2.rn" || name == "ff2f16x2.rn") {
    // cvt packs its first operand into the upper half.
    Value *pair = PoisonValue::get(
        FixedVectorType::get(call.getArgOperand(0)->getType(), 2));
    pair =
        builder.CreateInsertElement(pair, call.getArgOperand(1), uint64_t(0));
    pair =
        builder.CreateInsertElement(pair, call.getArgOperand(0), uint64_t(1));
    return builder.CreateFPTrunc(pair, call.getType());
  }

  MathName parsed = parseName(name);
  Type *type = call.getType();
  if (parsed.op == MathOp::Unknown || !type->isFPOrFPVectorTy())
    return nullptr;
  // One rounding, at the end: narrow types in float, and 1/sqrt, which has two
  // operations, in double.
  Type *scalar = type->getScalarType();
  Type *wide = scalar;
  if (scalar->isHalfTy() || scalar->isBFloatTy())
    wide = builder.getFloatTy();
  else if (parsed.op == MathOp::Rsqrt)
    wide = builder.getDoubleTy();
  Type *wideType = wide;
  if (auto *vector = dyn_cast<VectorType>(type))
    wideType = VectorType::get(wide, vector->getElementCount());

  SmallVector<Value *> args;
  for (Value *arg : call.args()) {
    if (arg->getType() != type)
      return nullptr;
    if (parsed.flush)
      arg = flushSubnormal(builder, arg);
    args.push_back(builder.CreateFPCast(arg, wideType));
  }
  Value *result = builder.CreateFPCast(compute(builder, parsed, args), type);
  return parsed.flush ? flushSubnormal(builder, result) : result;
}

void ssmc::emulator::expandBFloatTruncation(Function &function) {
  for (Instruction &instruction :
       make_early_inc_range(instructions(function))) {
    auto *trunc = dyn_cast<FPTruncInst>(&instruction);
    if (!trunc || !trunc->getType()->getScalarType()->isBFloatTy() ||
        !trunc->getSrcTy()->getScalarType()->isFloatTy())
      continue;
    IRBuilder<> builder(trunc);
    Type *i32 = builder.getInt32Ty();
    Type *i16 = builder.getInt16Ty();
    if (auto *vector = dyn_cast<VectorType>(trunc->getType())) {
      i32 = VectorType::get(i32, vector->getElementCount());
      i16 = VectorType::get(i16, vector->getElementCount());
    }
    Value *source = trunc->getOperand(0);
    Value *bits = builder.CreateBitCast(source, i32);
    Value *upper = builder.CreateLShr(bits, 16);
    // Round to nearest, ties to even.
    Value *odd = builder.CreateAnd(upper, ConstantInt::get(i32, 1));
    Value *bias = builder.CreateAdd(odd, ConstantInt::get(i32, 0x7fff));
    Value *rounded = builder.CreateLShr(builder.CreateAdd(bits, bias), 16);
    Value *quiet = builder.CreateOr(upper, ConstantInt::get(i32, 0x40));
    Value *chosen = builder.CreateSelect(builder.CreateFCmpUNO(source, source),
                                         quiet, rounded);
    Value *result = builder.CreateBitCast(builder.CreateTrunc(chosen, i16),
                                          trunc->getType());
    trunc->replaceAllUsesWith(result);
    trunc->eraseFromParent();
  }
}
