//===- ModuleText.cpp - A case as an .mlir module -------------------------===//

#include "ssmc/Oracle/Problem.h"
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

/// Puts a function together: one operand or result at a time.
class FunctionText {
public:
  explicit FunctionText(const Case &it) : it(it) {}

  /// A type and the names of its dynamic dimensions.
  struct Type {
    std::string text, attribute;
  };

  /// `shape` holds numbers and the words batch and seqlen.
  Type type(std::initializer_list<std::string> shape, DType dtype) const {
    std::string dims, names;
    for (const std::string &item : shape) {
      // Packed sequences are one batch row.
      if (item == "batch" && it.sequences != 0) {
        dims += "1x";
        continue;
      }
      bool isDim = item == "batch" || item == "seqlen";
      if (isDim && !it.isStatic)
        names += (names.empty() ? "\"" : ", \"") + item + "\"";
      if (isDim)
        dims += it.isStatic
                    ? std::to_string(item == "batch" ? it.batch : it.seqlen)
                    : "?";
      else
        dims += item;
      dims += 'x';
    }
    return {fmt::format("tensor<{}{}>", dims, dtypeName(dtype)),
            names.empty() ? "" : fmt::format(", ssm.dims = [{}]", names)};
  }
  Type activation(DType dtype) const {
    std::string dim = std::to_string(it.dim);
    return it.layout == Layout::TokenMajor
               ? type({"batch", "seqlen", dim}, dtype)
               : type({"batch", dim, "seqlen"}, dtype);
  }
  Type perChannel() const { return type({std::to_string(it.dim)}, it.weight); }
  Type matrix(MatrixKind kind) const {
    std::string dim = std::to_string(it.dim),
                dstate = std::to_string(it.dstate),
                groups = std::to_string(it.groups);
    bool tokenMajor = it.layout == Layout::TokenMajor;
    switch (kind) {
    case MatrixKind::Constant:
      return type({dim, dstate}, it.matrix);
    case MatrixKind::Variable:
      return tokenMajor ? type({"batch", "seqlen", dstate}, it.matrix)
                        : type({"batch", dstate, "seqlen"}, it.matrix);
    case MatrixKind::Groups:
      break;
    }
    return tokenMajor ? type({"batch", "seqlen", groups, dstate}, it.matrix)
                      : type({"batch", groups, dstate, "seqlen"}, it.matrix);
  }

  /// The number of states, and the bounds of the sequences that they belong to.
  std::string numStates() const {
    return it.sequences != 0 ? std::to_string(it.sequences) : "batch";
  }
  Type bounds() const {
    return type({std::to_string(it.sequences + 1)}, DType::I32);
  }

  void argument(const char *name, const Type &type) {
    arguments.push_back(fmt::format("%{0}: {1} {{ssm.name = \"{0}\"{2}}}", name,
                                    type.text, type.attribute));
  }
  /// An operand that has its type in the list at the end of the op.
  void operand(const char *name, const Type &type) {
    argument(name, type);
    operands.push_back(std::string("%") + name);
    operandTypes.push_back(type.text);
  }
  /// An operand in parentheses after a keyword.
  void optional(const char *keyword, const Type &type) {
    argument(keyword, type);
    clauses += fmt::format(" {0}(%{0} : {1})", keyword, type.text);
  }
  void clause(const std::string &text) { clauses += text; }
  void result(const char *name, const Type &type) {
    results.push_back(std::string("%") + name);
    resultTypes.push_back(type.text);
    signature.push_back(
        fmt::format("{} {{ssm.name = \"{}\"}}", type.text, name));
  }

  std::string print(const char *op) const {
    return fmt::format(
        "func.func @{}({})\n    -> ({}) {{\n"
        "  {} = {} {}{}\n      : {}\n      -> {}\n"
        "  return {} : {}\n}}\n",
        kEntry, fmt::join(arguments, ",\n    "), fmt::join(signature, ", "),
        fmt::join(results, ", "), op, fmt::join(operands, ", "), clauses,
        fmt::join(operandTypes, ", "), fmt::join(resultTypes, ", "),
        fmt::join(results, ", "), fmt::join(resultTypes, ", "));
  }

private:
  const Case &it;
  std::vector<std::string> arguments, operands, operandTypes, results,
      resultTypes, signature;
  std::string clauses;
};

} // namespace

static std::string scanText(const Case &it) {
  FunctionText text(it);
  std::string dim = std::to_string(it.dim), dstate = std::to_string(it.dstate);
  auto state = text.type({text.numStates(), dim, dstate}, it.state);
  text.operand("u", text.activation(it.activation));
  text.operand("delta", text.activation(it.activation));
  text.operand("A", text.type({dim, dstate}, DType::F32));
  text.operand("B", text.matrix(it.B));
  text.operand("C", text.matrix(it.C));
  if (it.D)
    text.optional("D", text.perChannel());
  if (it.z)
    text.optional("z", text.activation(it.activation));
  if (it.bias)
    text.optional("delta_bias", text.perChannel());
  if (it.softplus)
    text.clause(" delta_softplus");
  if (it.limits)
    text.clause(fmt::format(" delta_limits [{}, {}]", kDeltaLimits[0],
                            kDeltaLimits[1]));
  if (it.first)
    text.optional("initial_state", state);
  if (it.sequences != 0)
    text.optional("cu_seqlens", text.bounds());
  if (it.reverse)
    text.clause(" reverse");
  if (it.layout == Layout::ChannelMajor)
    text.clause(" layout channel_major");
  text.result("out", text.activation(it.result));
  if (it.last)
    text.result("last_state", state);
  return text.print("ssm.selective_scan");
}

static std::string convText(const Case &it) {
  FunctionText text(it);
  std::string dim = std::to_string(it.dim);
  auto state = text.type({text.numStates(), std::to_string(it.width - 1), dim},
                         it.activation);
  text.operand("x", text.activation(it.activation));
  text.operand("weight", text.type({dim, std::to_string(it.width)}, it.weight));
  if (it.bias)
    text.optional("bias", text.perChannel());
  if (it.first)
    text.optional("initial_state", state);
  if (it.sequences != 0)
    text.optional("cu_seqlens", text.bounds());
  if (it.silu)
    text.clause(" activation silu");
  if (it.layout == Layout::ChannelMajor)
    text.clause(" layout channel_major");
  text.result("y", text.activation(it.result));
  if (it.last)
    text.result("final_state", state);
  return text.print("ssm.causal_conv1d");
}

std::string oracle::moduleText(const Case &original) {
  Case it = original;
  normalize(it);
  return it.op == CaseOp::Scan ? scanText(it) : convText(it);
}
