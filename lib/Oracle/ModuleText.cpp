//===- ModuleText.cpp - A case as an .mlir module -------------------------===//

#include "Signature.h"
#include "ssmc/Oracle/Problem.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::oracle;

static std::string typeText(const Operand &operand) {
  std::string dims;
  for (const Extent &extent : operand.shape)
    dims += (extent.name ? "?" : std::to_string(extent.value)) + "x";
  return fmt::format("tensor<{}{}>", dims, dtypeName(operand.dtype));
}

namespace {

/// Puts a function together: one operand or result at a time.
class FunctionText {
public:
  explicit FunctionText(const Case &it)
      : it(it), tensors(operandsOf(it)), results(resultsOf(it)) {}

  /// An operand that has its type in the list at the end of the op.
  void operand(std::string_view name) {
    const Operand &tensor = *find(name);
    operands.push_back(argument(tensor));
    operandTypes.push_back(typeText(tensor));
  }
  /// An operand in parentheses after its name, if there is one.
  void optional(std::string_view name) {
    if (const Operand *tensor = find(name))
      clauses += fmt::format(" {}({} : {})", name, argument(*tensor),
                             typeText(*tensor));
  }
  void clause(const std::string &text) { clauses += text; }

  [[nodiscard]] std::string print(const char *op) const;

private:
  [[nodiscard]] const Operand *find(std::string_view name) const {
    auto found = std::find_if(
        tensors.begin(), tensors.end(),
        [&](const Operand &tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
  }
  /// Adds the function's argument and returns the value that the op takes.
  std::string argument(const Operand &tensor);

  const Case &it;
  std::vector<Operand> tensors, results;
  std::vector<std::string> arguments, operands, operandTypes;
  std::string slices, clauses;
};

} // namespace

std::string FunctionText::argument(const Operand &tensor) {
  Operand whole = tensor;
  std::string value = "%" + tensor.name;
  if (it.strided && tensor.columnAxis) {
    size_t axis = *tensor.columnAxis;
    Slice slice = inputSlice(tensor.name, tensor.shape[axis].value);
    whole.shape[axis].value = slice.whole;
    value += "_slice";
    slices += fmt::format("  {} = ssm.slice %{} dim {} offset {} step {} : {} "
                          "-> {}\n",
                          value, tensor.name, axis, slice.offset, slice.step,
                          typeText(whole), typeText(tensor));
  }
  std::vector<std::string> names;
  for (const Extent &extent : tensor.shape)
    if (extent.name)
      names.push_back(fmt::format("\"{}\"", extent.name));
  arguments.push_back(fmt::format(
      "%{0}: {1} {{ssm.name = \"{0}\"{2}}}", tensor.name, typeText(whole),
      names.empty()
          ? ""
          : fmt::format(", ssm.dims = [{}]", fmt::join(names, ", "))));
  return value;
}

std::string FunctionText::print(const char *op) const {
  std::vector<std::string> values, types, signature;
  for (const Operand &result : results) {
    values.push_back("%" + result.name);
    types.push_back(typeText(result));
    signature.push_back(
        fmt::format("{} {{ssm.name = \"{}\"}}", types.back(), result.name));
  }
  return fmt::format(
      "func.func @{}({})\n    -> ({}) {{\n{}"
      "  {} = {} {}{}\n      : {}\n      -> {}\n"
      "  return {} : {}\n}}\n",
      kEntry, fmt::join(arguments, ",\n    "), fmt::join(signature, ", "),
      slices, fmt::join(values, ", "), op, fmt::join(operands, ", "), clauses,
      fmt::join(operandTypes, ", "), fmt::join(types, ", "),
      fmt::join(values, ", "), fmt::join(types, ", "));
}

static std::string scanText(const Case &it) {
  FunctionText text(it);
  for (const char *name : {"u", "delta", "A", "B", "C"})
    text.operand(name);
  for (const char *name : {"D", "z", "delta_bias"})
    text.optional(name);
  if (it.softplus)
    text.clause(" delta_softplus");
  if (it.limits)
    text.clause(fmt::format(" delta_limits [{}, {}]", kDeltaLimits[0],
                            kDeltaLimits[1]));
  for (const char *name : {"initial_state", "cu_seqlens", "state_slots"})
    text.optional(name);
  if (it.reverse)
    text.clause(" reverse");
  if (it.layout == Layout::ChannelMajor)
    text.clause(" layout channel_major");
  return text.print("ssm.selective_scan");
}

static std::string convText(const Case &it) {
  FunctionText text(it);
  text.operand("x");
  text.operand("weight");
  for (const char *name :
       {"bias", "initial_state", "cu_seqlens", "state_slots"})
    text.optional(name);
  if (it.silu)
    text.clause(" activation silu");
  if (it.layout == Layout::ChannelMajor)
    text.clause(" layout channel_major");
  return text.print("ssm.causal_conv1d");
}

std::string oracle::moduleText(const Case &original) {
  Case it = original;
  normalize(it);
  return it.op == CaseOp::Scan ? scanText(it) : convText(it);
}
