//===- ExpandMath.cpp - Turn math into what the hardware has --------------===//
//
// The functions are written out in f32 arithmetic around the hardware's
// approximations, so that the CPU device computes them by the same steps.
//
//===----------------------------------------------------------------------===//

#include "dialect/SSM/SSMDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "ssmc/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace ssmc {
#define GEN_PASS_DEF_GPUEXPANDMATHPASS
#include "ssmc/Transforms/Passes.h.inc"
} // namespace ssmc

using namespace mlir;
using namespace ssmc;

namespace {

constexpr float kLog2E = 1.44269504088896340736f;
/// log2(e) minus kLog2E.
constexpr float kLog2ELow = 1.925963033500011e-8f;
constexpr float kLn2 = 0.693147180559945309417f;
/// A ln 2 whose product with any exponent is exact, and the rest.
constexpr float kLn2High = 0.693145751953125f;
constexpr float kLn2Low = 1.428606820309417e-6f;
constexpr float kTwoPi = 6.28318530717958647693f;
/// 2 pi minus kTwoPi.
constexpr float kTwoPiLow = -1.7484555e-7f;

/// f32 functions from f32 arithmetic.
class Expander {
public:
  explicit Expander(Operation *op) : b(op->getLoc(), op) {}

  /// The expansion of `op` on f32 operands, or null where there is none.
  Value expand(Operation *op, ValueRange x);
  /// The cosine and the sine of an angle in turns.
  std::pair<Value, Value> cis(Value turns);

  Value widen(Value value) {
    return value.getType().isF32()
               ? value
               : arith::ExtFOp::create(b, b.getF32Type(), value).getResult();
  }
  Value narrow(Value value, Type type) {
    return value.getType() == type
               ? value
               : arith::TruncFOp::create(b, type, value).getResult();
  }

private:
  Value constant(float value) {
    return arith::ConstantFloatOp::create(b, b.getF32Type(), APFloat(value));
  }
  Value integer(int32_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, x); }
  Value fma(Value x, Value y, Value z) {
    return LLVM::FMAOp::create(b, x, y, z);
  }
  Value abs(Value x) { return intrinsic("llvm.fabs.f32", x); }
  /// These propagate NaN.
  Value min(Value x, Value y) { return arith::MinimumFOp::create(b, x, y); }
  Value max(Value x, Value y) { return arith::MaximumFOp::create(b, x, y); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(b, predicate, x, y);
  }
  /// By name, since convert-gpu-to-nvvm calls libdevice for the ops of LLVM's
  /// own functions (llvm.intr.fabs and the like).
  Value intrinsic(StringRef name, ValueRange x) {
    return LLVM::CallIntrinsicOp::create(b, b.getF32Type(),
                                         b.getStringAttr(name), x)
        .getResult(0);
  }
  /// coefficients[0] + x * (coefficients[1] + …)
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value sum = constant(coefficients.back());
    for (float coefficient : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }

  Value exp2(Value x) { return intrinsic("llvm.nvvm.ex2.approx.ftz.f32", x); }
  Value reciprocal(Value x) {
    return intrinsic("llvm.nvvm.rcp.approx.ftz.f", x);
  }
  Value exp(Value x);
  Value expOfNegative(Value x);
  Value log1pRatioOfUnit(Value x);
  Value log(Value x);
  Value log1p(Value x);
  Value rsqrt(Value x);
  Value tanh(Value x);
  Value softplus(Value x);
  Value silu(Value x);

  ImplicitLocOpBuilder b;
};

/// exp2 of the product with log2(e), corrected for the product's rounding. The
/// clamp keeps the correction finite; both bounds are beyond what f32 can hold.
Value Expander::exp(Value x) {
  x = max(min(x, constant(150.0f)), constant(-150.0f));
  Value product = mul(x, constant(kLog2E));
  Value error = fma(x, constant(kLog2E), neg(product));
  error = fma(x, constant(kLog2ELow), error);
  Value result = exp2(product);
  Value corrected = fma(mul(error, constant(kLn2)), result, result);
  // Above 128 the result is infinite and must not meet a zero correction.
  Value finite = compare(arith::CmpFPredicate::ULT, product, constant(128.0f));
  return select(finite, corrected, result);
}

/// Where x is at most 0, the result is finite, and what the rounded product
/// with log2(e) misses can be found by going back: the f32 nearest to ln(2) is
/// within 3e-9 of it, and so is the result, times x.
Value Expander::expOfNegative(Value x) {
  x = max(x, constant(-150.0f));
  Value product = mul(x, constant(kLog2E));
  Value error = fma(product, constant(-kLn2), x);
  Value result = exp2(product);
  return fma(result, error, result);
}

/// log1p(x) / x on [0, 1]. The polynomial is minimax among those that are 1 at
/// 0, to 3.3e-8; rounding makes it 1.5e-7. No special function, of which a scan
/// has too many.
Value Expander::log1pRatioOfUnit(Value x) {
  return polynomial(x,
                    {1.0f, -0.49999648f, 0.33321324f, -0.24857163f, 0.19153666f,
                     -0.13753803f, 0.079204445f, -0.030065799f, 0.0053648264f});
}

/// log of m * 2^e with m in [sqrt(1/2), sqrt(2)).
Value Expander::log(Value x) {
  auto bitsOf = [&](Value value) -> Value {
    return arith::BitcastOp::create(b, b.getI32Type(), value);
  };
  // Subnormals are brought into the normal range.
  Value small = compare(arith::CmpFPredicate::OLT, x, constant(0x1p-126f));
  Value scaled = select(small, mul(x, constant(0x1p23f)), x);
  Value offset = select(small, constant(-23.0f), constant(0.0f));
  Value bits = bitsOf(scaled);
  Value shifted = arith::SubIOp::create(b, bits, integer(0x3f3504f3));
  Value exponent = arith::ShRSIOp::create(b, shifted, integer(23));
  Value mantissa = arith::BitcastOp::create(
      b, b.getF32Type(),
      arith::SubIOp::create(b, bits,
                            arith::ShLIOp::create(b, exponent, integer(23))));
  Value e = add(arith::SIToFPOp::create(b, b.getF32Type(), exponent), offset);
  Value s = div(sub(mantissa, constant(1.0f)), add(mantissa, constant(1.0f)));
  Value series = polynomial(
      mul(s, s), {1.0f, 1.0f / 3, 1.0f / 5, 1.0f / 7, 1.0f / 9, 1.0f / 11});
  Value rest = fma(e, constant(kLn2Low), mul(add(s, s), series));
  Value result = fma(e, constant(kLn2High), rest);

  Value infinity = constant(std::numeric_limits<float>::infinity());
  Value ordinary = compare(arith::CmpFPredicate::OLT, x, infinity);
  result = select(ordinary, result, x); // inf and NaN
  Value zero = constant(0.0f);
  result = select(compare(arith::CmpFPredicate::OEQ, x, zero), neg(infinity),
                  result);
  return select(compare(arith::CmpFPredicate::OLT, x, zero),
                constant(std::numeric_limits<float>::quiet_NaN()), result);
}

/// log(1 + x), plus what was lost when 1 + x was rounded.
Value Expander::log1p(Value x) {
  Value u = add(constant(1.0f), x);
  Value lost = sub(x, sub(u, constant(1.0f)));
  Value result = add(log(u), div(lost, u));
  // At -1 and infinity the correction is no number.
  Value inside = compare(arith::CmpFPredicate::OGT, u, constant(0.0f));
  Value finite = compare(arith::CmpFPredicate::OLT, u,
                         constant(std::numeric_limits<float>::infinity()));
  return select(arith::AndIOp::create(b, inside, finite), result, log(u));
}

/// y = y0 + y0/2 * (1 - x*y0^2)
Value Expander::rsqrt(Value x) {
  Value y = intrinsic("llvm.nvvm.rsqrt.approx.ftz.f", x);
  Value half = mul(y, constant(0.5f));
  Value residue = fma(neg(mul(x, y)), y, constant(1.0f));
  Value refined = fma(half, residue, y);
  // At 0 and infinity the step is no number.
  Value ordinary = compare(arith::CmpFPredicate::ORD, residue, residue);
  return select(ordinary, refined, y);
}

Value Expander::tanh(Value x) {
  Value z = mul(x, x);
  Value series = polynomial(z, {-1.0f / 3, 2.0f / 15, -17.0f / 315,
                                62.0f / 2835, -1382.0f / 155925,
                                21844.0f / 6081075, -929569.0f / 638512875.0f});
  Value small = fma(mul(x, z), series, x);
  Value a = abs(x);
  Value denominator = add(exp(add(a, a)), constant(1.0f));
  Value large = sub(constant(1.0f), div(constant(2.0f), denominator));
  large = intrinsic("llvm.copysign.f32", {large, x});
  Value isSmall = compare(arith::CmpFPredicate::OLT, a, constant(0.5f));
  return select(isSmall, small, large);
}

Value Expander::softplus(Value x) {
  Value e = expOfNegative(neg(abs(x)));
  Value ratio = log1pRatioOfUnit(e);
  return fma(e, ratio, max(x, constant(0.0f)));
}

Value Expander::silu(Value x) {
  Value denominator = add(constant(1.0f), exp2(mul(x, constant(-kLog2E))));
  return mul(x, reciprocal(denominator));
}

/// Of the turns' distance f, at most 1/8, to the nearest quarter turn; all
/// steps up to f are exact. The polynomials are minimax for (sin(2 pi f) / f -
/// 2 pi) / f^2, to 4e-9 of the sine, and (cos(2 pi f) - 1) / f^2, to 5e-10 of
/// the cosine.
std::pair<Value, Value> Expander::cis(Value turns) {
  Value r = sub(turns, intrinsic("llvm.roundeven.f32", turns));
  // So large that its last bits count quarters.
  Value magic = constant(0x1.8p23f);
  Value counted = fma(r, constant(4.0f), magic);
  Value f = fma(sub(counted, magic), constant(-0.25f), r);
  Value z = mul(f, f);
  Value rest = fma(z, polynomial(z, {-41.34167f, 81.59343f, -75.42739f}),
                   constant(kTwoPiLow));
  Value sine = fma(f, constant(kTwoPi), mul(f, rest));
  Value cosine =
      polynomial(z, {1.0f, -19.739208f, 64.93915f, -85.42452f, 58.62106f});

  // cos + i sin is to be multiplied by i for each quarter.
  Value quarters = arith::BitcastOp::create(b, b.getI32Type(), counted);
  Value isOdd = arith::TruncIOp::create(b, b.getI1Type(), quarters);
  auto negateIfSecondBit = [&](Value value, Value bits) -> Value {
    Value sign = arith::ShLIOp::create(
        b, arith::AndIOp::create(b, bits, integer(2)), integer(30));
    Value flipped = arith::XOrIOp::create(
        b, arith::BitcastOp::create(b, b.getI32Type(), value), sign);
    return arith::BitcastOp::create(b, b.getF32Type(), flipped);
  };
  Value next = arith::AddIOp::create(b, quarters, integer(1));
  return {negateIfSecondBit(select(isOdd, sine, cosine), next),
          negateIfSecondBit(select(isOdd, cosine, sine), quarters)};
}

Value Expander::expand(Operation *op, ValueRange x) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ssm::SoftplusOp) { return softplus(x[0]); })
      .Case([&](ssm::SiLUOp) { return silu(x[0]); })
      .Case([&](math::FmaOp) { return fma(x[0], x[1], x[2]); })
      .Case([&](math::AbsFOp) { return abs(x[0]); })
      .Case([&](math::Exp2Op) { return exp2(x[0]); })
      .Case([&](math::ExpOp) { return exp(x[0]); })
      .Case([&](math::LogOp) { return log(x[0]); })
      .Case([&](math::Log2Op) { return mul(log(x[0]), constant(kLog2E)); })
      .Case([&](math::Log1pOp) { return log1p(x[0]); })
      .Case([&](math::RsqrtOp) { return rsqrt(x[0]); })
      .Case([&](math::TanhOp) { return tanh(x[0]); })
      .Case([&](math::SqrtOp) { return intrinsic("llvm.sqrt.f32", x[0]); })
      .Case([&](math::FloorOp) { return intrinsic("llvm.floor.f32", x[0]); })
      .Case([&](math::CeilOp) { return intrinsic("llvm.ceil.f32", x[0]); })
      .Case([&](math::TruncOp) { return intrinsic("llvm.trunc.f32", x[0]); })
      .Case([&](math::RoundEvenOp) {
        return intrinsic("llvm.roundeven.f32", x[0]);
      })
      .Case([&](math::CopySignOp) { return intrinsic("llvm.copysign.f32", x); })
      .Default([](Operation *) { return Value(); });
}

struct GPUExpandMathPass final
    : ssmc::impl::GPUExpandMathPassBase<GPUExpandMathPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<math::MathDialect>(op->getDialect()) ||
          isa<ssm::SoftplusOp, ssm::SiLUOp, ssm::CisOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (failed(replace(op)))
        return signalPassFailure();
  }

  static LogicalResult replace(Operation *op) {
    if (auto cis = dyn_cast<ssm::CisOp>(op)) {
      auto [cosine, sine] = Expander(op).cis(cis.getTurns());
      cis.getCos().replaceAllUsesWith(cosine);
      cis.getSin().replaceAllUsesWith(sine);
      op->erase();
      return success();
    }
    Type type = op->getResult(0).getType();
    Value result;
    if (op->getNumResults() == 1 &&
        (type.isF32() || type.isF16() || type.isBF16()) &&
        llvm::all_equal(op->getOperandTypes())) {
      Expander expander(op);
      SmallVector<Value> operands =
          llvm::map_to_vector(op->getOperands(), [&](Value operand) {
            return expander.widen(operand);
          });
      result = expander.expand(op, operands);
      if (result)
        result = expander.narrow(result, type);
    }
    if (!result)
      return op->emitError("the hardware has no instruction for '")
             << op->getName() << "' on " << type
             << ", and no expansion of it is known; use exp, exp2, log, log1p, "
                "log2, rsqrt, sqrt, tanh or arithmetic on f32";
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
    return success();
  }
};

} // namespace
