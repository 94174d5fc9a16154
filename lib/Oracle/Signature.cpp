//===- Signature.cpp - The tensors of a case ------------------------------===//

#include "Signature.h"
#include "ssmc/Oracle/Problem.h"

using namespace ssmc;
using namespace ssmc::oracle;

std::vector<uint64_t> Operand::extents() const {
  std::vector<uint64_t> values;
  for (const Extent &extent : shape)
    values.push_back(extent.value);
  return values;
}

uint64_t oracle::sequencesOf(const Case &it) {
  return it.sequences != 0 ? it.sequences : it.batch;
}

namespace {

class Signature {
public:
  explicit Signature(const Case &it)
      : it(it), tokenMajor(it.layout == Layout::TokenMajor) {}

  Operand activation(const char *name, DType dtype) const {
    Operand operand = {name, dtype, {batch()}, {}, {}};
    operand.timeAxis = tokenMajor ? 1 : 2;
    operand.columnAxis = tokenMajor ? 2 : 1;
    operand.shape.resize(3);
    operand.shape[*operand.timeAxis] = seqlen();
    operand.shape[*operand.columnAxis] = {it.dim};
    return operand;
  }

  Operand matrix(const char *name, MatrixKind kind) const {
    Operand operand = {name, it.matrix, {}, {}, {}};
    if (kind == MatrixKind::Constant) {
      operand.shape = {{it.dim}, {it.dstate}};
      operand.columnAxis = 1;
      return complete(operand);
    }
    operand.shape = {batch()};
    if (tokenMajor) {
      operand.timeAxis = 1;
      operand.shape.push_back(seqlen());
    }
    if (kind == MatrixKind::Groups)
      operand.shape.push_back({it.groups});
    operand.columnAxis = operand.shape.size();
    operand.shape.push_back({it.dstate});
    if (!tokenMajor) {
      operand.timeAxis = operand.shape.size();
      operand.shape.push_back(seqlen());
    }
    return complete(operand);
  }

  Operand fixed(const char *name, DType dtype,
                std::vector<uint64_t> extents) const {
    Operand operand = {name, dtype, {}, {}, {}};
    for (uint64_t extent : extents)
      operand.shape.push_back({extent});
    return operand;
  }

  Operand states(const char *name) const {
    Extent rows = numSequences();
    if (it.slots != 0)
      rows = {it.slots, it.isStatic ? nullptr : "nslots"};
    if (it.op == CaseOp::Conv)
      return {name, it.activation, {rows, {it.width - 1}, {it.dim}}, {}, {}};
    return complete({name, it.state, {rows, {it.dim}, {it.dstate}}, {}, {}});
  }

  /// The last operands of either op.
  void addStates(std::vector<Operand> &operands) const {
    if (it.first)
      operands.push_back(states("initial_state"));
    if (it.sequences != 0)
      operands.push_back(fixed("cu_seqlens", DType::I32, {it.sequences + 1}));
    if (it.slots != 0)
      operands.push_back({"state_slots", DType::I32, {numSequences()}, {}, {}});
  }

  /// The operand as its elements are: two numbers each, or one.
  Operand complete(Operand operand) const {
    if (it.isComplex)
      operand.shape.push_back({2});
    return operand;
  }

private:
  [[nodiscard]] Extent batch() const {
    // Packed sequences are one batch row.
    bool isFixed = it.isStatic || it.sequences != 0;
    return {it.batch, isFixed ? nullptr : "batch"};
  }
  [[nodiscard]] Extent seqlen() const {
    return {it.seqlen, it.isStatic ? nullptr : "seqlen"};
  }
  [[nodiscard]] Extent numSequences() const {
    return it.sequences != 0 ? Extent{it.sequences} : batch();
  }

  const Case &it;
  bool tokenMajor;
};

} // namespace

std::vector<Operand> oracle::operandsOf(const Case &it) {
  Signature signature(it);
  std::vector<Operand> operands;
  if (it.op == CaseOp::Conv) {
    operands = {signature.activation("x", it.activation),
                signature.fixed("weight", it.weight, {it.dim, it.width})};
    if (it.bias)
      operands.push_back(signature.fixed("bias", it.weight, {it.dim}));
    signature.addStates(operands);
    return operands;
  }
  operands = {
      signature.activation("u", it.activation),
      signature.activation("delta", it.activation),
      signature.complete(signature.fixed("A", DType::F32, {it.dim, it.dstate})),
      signature.matrix("B", it.B), signature.matrix("C", it.C)};
  if (it.D)
    operands.push_back(signature.fixed("D", it.weight, {it.dim}));
  if (it.z)
    operands.push_back(signature.activation("z", it.activation));
  if (it.bias)
    operands.push_back(signature.fixed("delta_bias", it.weight, {it.dim}));
  signature.addStates(operands);
  return operands;
}

std::vector<Operand> oracle::resultsOf(const Case &it) {
  Signature signature(it);
  bool isScan = it.op == CaseOp::Scan;
  std::vector<Operand> results = {
      signature.activation(isScan ? "out" : "y", it.result)};
  if (it.last)
    results.push_back(signature.states(isScan ? "last_state" : "final_state"));
  return results;
}

Slice oracle::inputSlice(std::string_view name, uint64_t extent) {
  // FNV-1a: any mixture will do that is the same everywhere.
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : name)
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ extent) * 0x100000001b3;
  hash ^= hash >> 32;
  Slice slice;
  slice.offset = hash % 5;
  slice.step = 1 + hash / 5 % 3;
  // At least one element more than there are, so that it is a slice at all.
  slice.whole =
      slice.offset + (extent - 1) * slice.step + 1 + (1 + hash / 15 % 4);
  return slice;
}
