//===- Problem.cpp - Data for a case, and what the oracle makes of it -----===//

#include "ssmc/Oracle/Problem.h"
#include "Draw.h"
#include "ssmc/Oracle/CausalConv1d.h"
#include <algorithm>
#include <cmath>

using namespace ssmc;
using namespace ssmc::oracle;

/// Below this many results, terms that cancel in one of them may cancel in all,
/// and the largest result says nothing about the size of what was added up.
static constexpr size_t kEnoughResults = 64;

double oracle::scanErrorBound(uint64_t seqlen, double minDecay,
                              double maxPhase) {
  auto steps = static_cast<double>(seqlen);
  if (minDecay > 0)
    steps = std::min(steps, 1 / minDecay);
  return 4e-6 + 0x1p-22 * steps * (1 + maxPhase);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

namespace {

/// What the oracle says about one result.
struct Answer {
  const std::vector<double> &values;
  /// One for each value, or for each two where they are complex; empty where
  /// the result is a copy.
  const std::vector<double> &magnitudes;
  double magnitude;
  /// The error allowed, relative to the largest value.
  double relative;
};

} // namespace

static HostTensor f64Tensor(const std::vector<double> &values,
                            std::vector<uint64_t> shape) {
  HostTensor tensor{DType::F64, std::move(shape), {}};
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  tensor.data.assign(bytes, bytes + values.size() * sizeof(double));
  return tensor;
}

/// What is allowed for each element, where one number for all does not do.
static std::vector<double> allowedOf(const Case &it, const Answer &answer,
                                     double absolute) {
  // What underflows in f32, however large that is by which it is multiplied
  // after, and what devices flush besides.
  constexpr double underflow = 1e-30;
  bool isSpecial = it.data == DataKind::Special;
  if (!isSpecial && !it.gap && it.slots == 0)
    return {};
  std::vector<double> allowed(answer.values.size());
  size_t perMagnitude = answer.magnitudes.empty()
                            ? 1
                            : answer.values.size() / answer.magnitudes.size();
  for (size_t i = 0; i < allowed.size(); ++i) {
    double magnitude =
        answer.magnitudes.empty() ? 0 : answer.magnitudes[i / perMagnitude];
    if (isSpecial)
      allowed[i] = underflow +
                   (std::isfinite(magnitude) ? answer.relative * magnitude : 0);
    else
      // Nothing was added up: a step of no sequence, a row of no slot.
      allowed[i] = magnitude == 0 ? 0 : absolute;
  }
  return allowed;
}

static ExpectedOutput expect(const Case &it, const Operand &result,
                             const Answer &answer) {
  double scale = 0;
  for (double value : answer.values)
    scale = std::max(scale, std::fabs(value));
  if (answer.values.size() < kEnoughResults)
    scale = std::max(scale, answer.magnitude);
  ExpectedOutput output;
  output.name = result.name;
  output.values = f64Tensor(answer.values, result.extents());
  output.absolute = answer.relative * scale;
  output.ulps = dtypeSize(result.dtype) == 2 ? 0.5 : 0;
  output.allowed = allowedOf(it, answer, output.absolute);
  output.timeAxis = result.timeAxis;
  return output;
}

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

/// The input of that name, or null.
static const HostTensor *find(const std::vector<ProblemInput> &inputs,
                              std::string_view name) {
  for (const ProblemInput &input : inputs)
    if (input.name == name)
      return &input.tensor;
  return nullptr;
}

/// What is allowed of the squared errors, of the squares of `answer`. Sums of
/// `numTerms` independent terms are about sqrt(numTerms) times smaller than
/// their magnitudes; where they are smaller than that (all steps of a case may
/// share one sum over n that cancels) the errors are not, since they are
/// relative to the terms.
static double allowedNmse(const Answer &answer, uint64_t numTerms) {
  auto sumOfSquares = [](const std::vector<double> &numbers) {
    double sum = 0;
    for (double number : numbers)
      sum += number * number;
    return sum;
  };
  double squares = sumOfSquares(answer.values);
  double independent =
      sumOfSquares(answer.magnitudes) / static_cast<double>(numTerms);
  return kMaxNmse * std::max(1.0, independent / squares);
}

static Status answerScan(const Case &it, Problem &problem) {
  SelectiveScanInputs inputs;
  for (auto [name, input] :
       {std::pair<const char *, const HostTensor **>("u", &inputs.u),
        {"delta", &inputs.delta},
        {"A", &inputs.A},
        {"B", &inputs.B},
        {"C", &inputs.C},
        {"D", &inputs.D},
        {"z", &inputs.z},
        {"delta_bias", &inputs.deltaBias},
        {"initial_state", &inputs.initialState},
        {"cu_seqlens", &inputs.cuSeqlens},
        {"state_slots", &inputs.stateSlots}})
    *input = find(problem.inputs, name);
  if (it.limits)
    inputs.deltaLimits = kDeltaLimits;
  inputs.reverse = it.reverse;
  inputs.deltaSoftplus = it.softplus;
  inputs.layout = it.layout;
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  if (!result.ok())
    return result.status();

  // A dt that was computed is rounded; an input, clamped or not, is exact.
  double maxPhase = it.softplus || it.bias ? result->maxPhase : 0;
  bool isSpecial = it.data == DataKind::Special;
  if (isSpecial)
    maxPhase = std::min(maxPhase, 1e5);
  double bound = scanErrorBound(it.seqlen, result->minDecay, maxPhase);
  // The exponent of a decay or a gate may be as large as f32 has them there,
  // and classes are what is looked at.
  if (isSpecial)
    bound += 1e-5;
  std::vector<Operand> results = resultsOf(it);
  std::vector<Answer> answers = {
      {result->out, result->outMagnitudes, result->outMagnitude, bound},
      {result->lastState, result->stateMagnitudes, result->stateMagnitude,
       bound}};
  for (size_t i = 0; i < results.size(); ++i) {
    ExpectedOutput output = expect(it, results[i], answers[i]);
    // Phases that are off by as much as dt cost more than this allows.
    if (results[i].dtype == DType::F32 && !isSpecial &&
        answers[i].values.size() >= kEnoughResults &&
        result->minDecay >= 0.05 && maxPhase < 4)
      output.nmse = allowedNmse(answers[i], it.dstate);
    problem.outputs.push_back(std::move(output));
  }
  return Status();
}

static Status answerConv(const Case &it, Problem &problem) {
  CausalConv1dInputs inputs;
  for (auto [name, input] :
       {std::pair<const char *, const HostTensor **>("x", &inputs.x),
        {"weight", &inputs.weight},
        {"bias", &inputs.bias},
        {"initial_state", &inputs.initialState},
        {"cu_seqlens", &inputs.cuSeqlens},
        {"state_slots", &inputs.stateSlots}})
    *input = find(problem.inputs, name);
  inputs.silu = it.silu;
  inputs.layout = it.layout;
  Result<CausalConv1dResult> result = causalConv1d(inputs);
  if (!result.ok())
    return result.status();
  // The last inputs, copied: nothing may be lost but by their new type.
  static const std::vector<double> kNone;
  double bound = kConvErrorBound + (it.data == DataKind::Special ? 1e-5 : 0);
  std::vector<Operand> results = resultsOf(it);
  std::vector<Answer> answers = {
      {result->y, result->yMagnitudes, result->yMagnitude, bound},
      {result->finalState, kNone, 0, 0}};
  for (size_t i = 0; i < results.size(); ++i)
    problem.outputs.push_back(expect(it, results[i], answers[i]));
  if (results[0].dtype == DType::F32 && it.data != DataKind::Special &&
      result->y.size() >= kEnoughResults)
    problem.outputs[0].nmse = kMaxNmse;
  return Status();
}

/// The tensor of which `part` is a slice, NaN between its elements.
static HostTensor embed(const HostTensor &part, size_t axis,
                        const Slice &slice) {
  HostTensor whole = part;
  whole.shape[axis] = slice.whole;
  size_t size = dtypeSize(part.dtype);
  uint64_t inner = size, outer = 1;
  for (size_t i = 0; i < part.shape.size(); ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : part.shape[i];
  whole.data.resize(outer * slice.whole * inner);
  uint32_t nan = encode(part.dtype, std::numeric_limits<double>::quiet_NaN());
  for (uint64_t i = 0; i < whole.data.size() / size; ++i)
    store(whole, i, nan);
  uint64_t extent = part.shape[axis];
  for (uint64_t i = 0; i < outer * extent; ++i) {
    uint64_t at =
        i / extent * slice.whole + slice.offset + i % extent * slice.step;
    std::copy_n(part.data.begin() + static_cast<ptrdiff_t>(i * inner), inner,
                whole.data.begin() + static_cast<ptrdiff_t>(at * inner));
  }
  return whole;
}

Result<Problem> oracle::makeProblem(const Case &original) {
  Case it = original;
  normalize(it);
  SSMC_TRY(checkCase(it));
  Problem problem;
  problem.inputs = drawInputs(it);
  SSMC_TRY(it.op == CaseOp::Scan ? answerScan(it, problem)
                                 : answerConv(it, problem));
  std::vector<Operand> operands = operandsOf(it);
  for (size_t i = 0; it.strided && i < operands.size(); ++i)
    if (std::optional<size_t> axis = operands[i].columnAxis)
      problem.inputs[i].tensor =
          embed(problem.inputs[i].tensor, *axis,
                inputSlice(operands[i].name, operands[i].shape[*axis].value));
  if (it.last && it.first)
    problem.outputs.back().feeds = "initial_state";
  uint64_t step = it.chunk != 0 ? it.chunk : it.seqlen;
  for (uint64_t done = 0; done < it.seqlen; done += step)
    problem.calls.push_back(std::min(step, it.seqlen - done));
  return problem;
}
