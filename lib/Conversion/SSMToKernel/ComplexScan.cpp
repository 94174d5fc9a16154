//===- ComplexScan.cpp - The regions of a complex selective scan ----------===//
//
// What is said per state where A is complex. The angle dt * Im(A) of a decay
// can be thousands of turns, of which only the fraction of one counts: it is
// computed to twice the precision of f32, from a slope that does not depend on
// time, and no step of it may be contracted or reassociated.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssmc;

namespace {

constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kTurn = 0.159154943091895335769f; // 1 / (2 pi)
/// 1 / (2 pi) minus kTurn.
constexpr float kTurnLow = 6.4206382e-09f;

/// The arguments of a complex scan's regions, after h where there is one.
enum Argument : unsigned { dt, dtU, aRe, aIm, bRe, bIm, cRe, cIm };

} // namespace

/// dt * im / (2 pi), less whole turns.
static Value turnsOf(ImplicitLocOpBuilder &b, Value dt, Value im) {
  auto times = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(b, x, y);
  };
  auto fma = [&](Value x, Value y, Value z) -> Value {
    return math::FmaOp::create(b, x, y, z);
  };
  // x * y less `product`, what that was rounded to.
  auto lost = [&](Value x, Value y, Value product) {
    return fma(x, y, arith::NegFOp::create(b, product));
  };
  Value turn = constantF32(b, kTurn);
  Value high = times(im, turn);
  Value low = fma(im, constantF32(b, kTurnLow), lost(im, turn, high));

  Value angle = times(dt, high);
  Value rest = fma(dt, low, lost(dt, high, angle));
  Value fraction =
      arith::SubFOp::create(b, angle, math::RoundEvenOp::create(b, angle));
  return arith::AddFOp::create(b, fraction, rest);
}

SmallVector<Value> ssmc::complexTransition(ImplicitLocOpBuilder &b,
                                           ValueRange args) {
  // exp(dt * Re A) = exp2(dt * (Re A * log2(e))), as in a real scan.
  Value slope = mul(b, args[aRe], constantF32(b, kLog2E));
  Value logMagnitude = arith::MulFOp::create(b, args[dt], slope);
  Value angle = turnsOf(b, args[dt], args[aIm]);
  return {logMagnitude, angle, mul(b, args[dtU], widen(b, args[bRe])),
          mul(b, args[dtU], widen(b, args[bIm]))};
}

SmallVector<Value> ssmc::complexReadout(ImplicitLocOpBuilder &b, Value hRe,
                                        Value hIm, ValueRange args) {
  Value re = mul(b, hRe, widen(b, args[cRe]));
  Value im = mul(b, hIm, widen(b, args[cIm]));
  return {arith::SubFOp::create(b, re, im, arith::FastMathFlags::contract)};
}
