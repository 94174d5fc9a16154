//===- Special.cpp - Infinities, NaNs, huge and tiny numbers --------------===//
//
// One input of a case holds a few of these. Two would meet in products such as
// infinity times zero whose class depends on what underflowed on the way, and
// so do some values of a single one; why they are left out is said below.
//
//===----------------------------------------------------------------------===//

#include "Draw.h"
#include <cmath>
#include <limits>

using namespace ssmc;
using namespace ssmc::oracle;

/// The neighbours of `value` besides itself, in `dtype`.
static void addNeighbours(std::vector<uint32_t> &bits, DType dtype,
                          double value) {
  uint32_t at = encode(dtype, value);
  bits.insert(bits.end(), {at - 1, at, at + 1});
}

/// What elements of the input `name` may be replaced by.
static std::vector<uint32_t> specialBits(const Case &it, std::string_view name,
                                         DType dtype) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // In f16 the largest of what is not an infinity.
  double huge = dtype == DType::F16 ? 3e4 : 1e30;
  std::vector<uint32_t> bits = {
      encode(dtype, 0.0), encode(dtype, -0.0),
      // The least denormal, and a larger one.
      1, 0x8000u >> (dtype == DType::BF16 ? 9 : 6),
      encode(dtype, std::numeric_limits<double>::quiet_NaN())};
  auto add = [&](double value) { bits.push_back(encode(dtype, value)); };

  bool isStep = name == "delta" || name == "delta_bias";
  // A decay of infinity has no class that all orders agree on: no slope that is
  // positive, and no dt far below zero. Complex numbers multiply infinity with
  // terms of either sign; and the phase of a huge slope is but noise.
  if (name == "A") {
    add(-100);
    if (!it.isComplex) {
      add(-huge);
      add(-infinity);
    }
    return bits;
  }
  if (isStep) {
    add(huge);
    add(100);
    addNeighbours(bits, dtype, 20);
    if (it.softplus || it.limits) {
      add(-100);
      add(-huge);
    } else if (name == "delta") {
      add(-20);
    }
    if (!it.isComplex) {
      add(infinity);
      if (it.softplus || it.limits)
        add(-infinity);
    }
    return bits;
  }
  for (double value : {huge, 100.0}) {
    add(value);
    add(-value);
  }
  // Taps of the steps before the first: whether zero is multiplied or left out
  // is the kernel's affair.
  if (name == "weight" && !it.first)
    return std::vector<uint32_t>(bits.begin(), bits.begin() + 4);
  bool isPartOfState = name != "D" && name != "z";
  if (it.op == CaseOp::Conv || !it.isComplex || !isPartOfState) {
    add(infinity);
    add(-infinity);
  }
  return bits;
}

void oracle::makeSpecial(const Case &it, std::vector<ProblemInput> &inputs) {
  Random random(it.seed, 0x5bec1a1);
  std::vector<ProblemInput *> choices;
  for (ProblemInput &input : inputs)
    if (input.tensor.dtype != DType::I32)
      choices.push_back(&input);
  ProblemInput &chosen = *choices[random.between(0, choices.size() - 1)];
  HostTensor &tensor = chosen.tensor;
  std::vector<uint32_t> bits = specialBits(it, chosen.name, tensor.dtype);
  uint64_t count = tensor.data.size() / dtypeSize(tensor.dtype);
  uint64_t wanted = random.between(1, 4);
  for (uint64_t i = 0; i < wanted; ++i)
    store(tensor, random.between(0, count - 1),
          bits[random.between(0, bits.size() - 1)]);
}
