//===- Shrink.cpp - The smallest case that still fails --------------------===//

#include "ssmc/Oracle/Shrink.h"

using namespace ssmc;
using namespace ssmc::oracle;

/// The cases one step simpler, those that lead furthest first.
static std::vector<Case> simplerCases(const Case &it) {
  std::vector<Case> steps;
  std::string text = printCase(it);
  auto add = [&](auto change) {
    Case step = it;
    change(step);
    normalize(step);
    if (checkCase(step).ok() && printCase(step) != text)
      steps.push_back(step);
  };
  auto addExtent = [&](uint64_t Case::*extent, uint64_t least) {
    uint64_t value = it.*extent;
    for (uint64_t smaller : {least, value / 2, value - 1})
      if (smaller >= least && smaller < value)
        add([&](Case &step) { step.*extent = smaller; });
  };
  auto addType = [&](DType Case::*type, DType simplest) {
    if (it.*type != simplest)
      add([&](Case &step) { step.*type = simplest; });
  };

  addExtent(&Case::seqlen, 1);
  addExtent(&Case::batch, 1);
  if (it.sequences != 0)
    add([](Case &step) { step.sequences = 0; });
  for (uint64_t smaller : {it.sequences / 2, it.sequences - 1})
    if (it.sequences > 1)
      add([&](Case &step) { step.sequences = smaller; });
  // Forced parameters that the failure does not need, then none of the calls.
  if (!it.family.empty())
    add([](Case &step) {
      step.family.clear();
      step.schedule.clear();
    });
  for (const auto &parameter : it.schedule)
    add([&](Case &step) { step.schedule.erase(parameter.first); });
  if (it.chunk != 0) {
    add([](Case &step) { step.chunk = 0; });
    addExtent(&Case::chunk, 1);
  }
  if (it.slots != 0) {
    add([](Case &step) { step.slots = 0; });
    addExtent(&Case::slots, 1);
  }
  if (it.data != DataKind::Ordinary)
    add([](Case &step) { step.data = DataKind::Ordinary; });
  if (it.groups != 0)
    add([](Case &step) { step.groups = 0; });
  addExtent(&Case::dim, 1);
  addExtent(&Case::dstate, 1);
  addExtent(&Case::width, 2);
  for (bool Case::*flag :
       {&Case::z, &Case::D, &Case::bias, &Case::softplus, &Case::limits,
        &Case::reverse, &Case::silu, &Case::gap, &Case::isComplex,
        &Case::strided, &Case::first, &Case::last, &Case::isStatic})
    if (it.*flag)
      add([&](Case &step) { step.*flag = false; });
  // The kind that goes without saying.
  MatrixKind plain = it.groups != 0 ? MatrixKind::Groups : MatrixKind::Variable;
  for (MatrixKind Case::*kind : {&Case::B, &Case::C})
    if (it.*kind != plain)
      add([&](Case &step) { step.*kind = plain; });
  if (it.groups > 1)
    add([](Case &step) { step.groups = 1; });
  if (it.layout != Layout::TokenMajor)
    add([](Case &step) { step.layout = Layout::TokenMajor; });
  add([](Case &step) {
    step.activation = step.result = step.matrix = step.weight = step.state =
        DType::F32;
  });
  for (DType Case::*type : {&Case::activation, &Case::result, &Case::matrix,
                            &Case::weight, &Case::state})
    addType(type, DType::F32);
  return steps;
}

Case oracle::shrink(const Case &failing, const StillFails &stillFails,
                    unsigned maxAttempts) {
  Case smallest = failing;
  normalize(smallest);
  for (bool progress = true; progress;) {
    progress = false;
    for (const Case &step : simplerCases(smallest)) {
      if (maxAttempts-- == 0)
        return smallest;
      if (!stillFails(step))
        continue;
      smallest = step;
      progress = true;
      break;
    }
  }
  return smallest;
}
