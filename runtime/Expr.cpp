//===- Expr.cpp - Size expressions of a bundle ----------------------------===//

#include "ssmc/Runtime/Expr.h"
#include "ssmc/IO/Text.h"
#include <fmt/format.h>

namespace ssmc::runtime {

using bundle::ExprItem;
using bundle::ExprOp;

Status checkExpr(const bundle::Expr &expr, uint32_t numDims) {
  uint32_t count = expr.items()->size();
  if (count == 0 || count > kMaxExprItems)
    return Status::invalid(fmt::format(
        "an expression has {} items, expected 1 to {}", count, kMaxExprItems));
  // FlatBuffers' verifier looks at the alignment of a vector's length only.
  if (reinterpret_cast<uintptr_t>(expr.items()->Data()) % alignof(ExprItem))
    return Status::invalid("the items of an expression are misaligned");
  uint32_t depth = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const ExprItem &item = *expr.items()->Get(i);
    if (item.op() > ExprOp::MAX)
      return Status::invalid(
          fmt::format("item {} of an expression has the unknown operation {}",
                      i, static_cast<unsigned>(item.op())));
    if (item.op() == ExprOp::Const || item.op() == ExprOp::Dim) {
      if (item.op() == ExprOp::Dim && item.value() >= numDims)
        return Status::invalid(fmt::format(
            "item {} of an expression refers to dim {}, but there are {} dims",
            i, item.value(), numDims));
      ++depth;
      continue;
    }
    if (depth < 2)
      return Status::invalid(fmt::format(
          "item {} of an expression needs two values on the stack, found {}", i,
          depth));
    --depth;
  }
  if (depth != 1)
    return Status::invalid(fmt::format(
        "an expression leaves {} values on the stack, expected 1", depth));
  return {};
}

/// What `op` makes of a and b, or the reason why it makes nothing.
static const char *apply(ExprOp op, uint64_t a, uint64_t b, uint64_t &result) {
  constexpr const char *overflow = "the result does not fit 64 bits";
  switch (op) {
  case ExprOp::Add:
    return __builtin_add_overflow(a, b, &result) ? overflow : nullptr;
  case ExprOp::Sub:
    return __builtin_sub_overflow(a, b, &result) ? "the difference is negative"
                                                 : nullptr;
  case ExprOp::Mul:
    return __builtin_mul_overflow(a, b, &result) ? overflow : nullptr;
  default:
    break;
  }
  if (b == 0)
    return "division by zero";
  if (op == ExprOp::Mod)
    result = a % b;
  else
    result = a / b + (op == ExprOp::CeilDiv && a % b != 0);
  return nullptr;
}

/// "batch = 2, seqlen = 16".
static std::string printDims(const DimNames *names,
                             const std::vector<uint64_t> &dims) {
  std::string text;
  for (size_t i = 0; i < dims.size(); ++i)
    text += fmt::format("{}{} = {}", i ? ", " : "",
                        escaped(names->Get(static_cast<uint32_t>(i))->str()),
                        dims[i]);
  return text.empty() ? "no dims" : text;
}

Result<uint64_t> evaluateExpr(const bundle::Expr &expr, const DimNames *names,
                              const std::vector<uint64_t> &dims) {
  uint64_t stack[kMaxExprItems];
  uint32_t depth = 0;
  for (const ExprItem *item : *expr.items()) {
    if (item->op() == ExprOp::Const) {
      stack[depth++] = item->value();
      continue;
    }
    if (item->op() == ExprOp::Dim) {
      stack[depth++] = dims[item->value()];
      continue;
    }
    --depth;
    uint64_t a = stack[depth - 1], b = stack[depth];
    if (const char *reason = apply(item->op(), a, b, stack[depth - 1]))
      return Status::invalid(fmt::format(
          "{} cannot be evaluated with {}: {} (operands {} and {})",
          printExpr(expr, names), printDims(names, dims), reason, a, b));
  }
  return stack[0];
}

std::string printExpr(const bundle::Expr &expr, const DimNames *names) {
  struct Part {
    std::string text;
    /// 2 for an atom, 1 for a product, 0 for a sum.
    int binding;
  };
  std::vector<Part> stack;
  for (const ExprItem *item : *expr.items()) {
    if (item->op() == ExprOp::Const) {
      stack.push_back({std::to_string(item->value()), 2});
      continue;
    }
    if (item->op() == ExprOp::Dim) {
      uint32_t dim = static_cast<uint32_t>(item->value());
      stack.push_back({escaped(names->Get(dim)->str()), 2});
      continue;
    }
    Part b = std::move(stack.back());
    stack.pop_back();
    Part &a = stack.back();
    auto infix = [&](const char *op, int binding) {
      auto parenthesized = [](const Part &part, bool needed) {
        return needed ? "(" + part.text + ")" : part.text;
      };
      // Left-associative: an equal binding on the right needs parentheses.
      a = {parenthesized(a, a.binding < binding) + " " + op + " " +
               parenthesized(b, b.binding <= binding),
           binding};
    };
    switch (item->op()) {
    case ExprOp::Add:
      infix("+", 0);
      break;
    case ExprOp::Sub:
      infix("-", 0);
      break;
    case ExprOp::Mul:
      infix("*", 1);
      break;
    case ExprOp::FloorDiv:
      infix("/", 1);
      break;
    case ExprOp::Mod:
      infix("mod", 1);
      break;
    default:
      a = {fmt::format("ceildiv({}, {})", a.text, b.text), 2};
      break;
    }
  }
  return stack.back().text;
}

std::optional<uint32_t> bareDim(const bundle::Expr &expr) {
  if (expr.items()->size() != 1 || expr.items()->Get(0)->op() != ExprOp::Dim)
    return std::nullopt;
  return static_cast<uint32_t>(expr.items()->Get(0)->value());
}

} // namespace ssmc::runtime
