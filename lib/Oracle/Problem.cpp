//===- Problem.cpp - Data for a case, and what the oracle makes of it -----===//

#include "ssmc/Oracle/Problem.h"
#include "Random.h"
#include "ssmc/IO/Float16.h"
#include "ssmc/Oracle/CausalConv1d.h"
#include <algorithm>
#include <cmath>
#include <functional>

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
// Inputs
//===----------------------------------------------------------------------===//

namespace {

/// Draws each tensor from a sequence of its own, so that a flag that adds one
/// leaves the others as they are.
class Drawer {
public:
  explicit Drawer(const Case &it) : it(it) {}

  using Distribution = std::function<double(Random &)>;

  /// Rounds what is drawn to `dtype`: f32, f16 or bf16.
  HostTensor draw(DType dtype, std::vector<uint64_t> shape,
                  const Distribution &next) {
    Random random(it.seed, ++stream);
    HostTensor tensor{dtype, std::move(shape), {}};
    uint64_t count = 1;
    for (uint64_t extent : tensor.shape)
      count *= extent;
    tensor.data.reserve(count * dtypeSize(dtype));
    for (uint64_t i = 0; i < count; ++i) {
      auto value = static_cast<float>(next(random));
      uint32_t bits = dtype == DType::F32    ? floatBits(value)
                      : dtype == DType::BF16 ? bf16FromFloat(value)
                                             : f16FromFloat(value);
      for (size_t byte = 0; byte < dtypeSize(dtype); ++byte)
        tensor.data.push_back(static_cast<uint8_t>(bits >> (8 * byte)));
    }
    return tensor;
  }

  /// Bounds of packed sequences that cover all steps; some may be empty.
  HostTensor drawBounds() {
    Random random(it.seed, ++stream);
    std::vector<uint64_t> bounds = {0, it.seqlen};
    for (uint64_t i = 1; i < it.sequences; ++i)
      bounds.push_back(random.between(0, it.seqlen));
    std::sort(bounds.begin(), bounds.end());
    HostTensor tensor{DType::I32, {bounds.size()}, {}};
    for (uint64_t bound : bounds)
      for (size_t byte = 0; byte < dtypeSize(DType::I32); ++byte)
        tensor.data.push_back(static_cast<uint8_t>(bound >> (8 * byte)));
    return tensor;
  }

  std::vector<uint64_t> activation() const {
    if (it.layout == Layout::TokenMajor)
      return {it.batch, it.seqlen, it.dim};
    return {it.batch, it.dim, it.seqlen};
  }
  std::vector<uint64_t> matrix(MatrixKind kind) const {
    bool tokenMajor = it.layout == Layout::TokenMajor;
    switch (kind) {
    case MatrixKind::Constant:
      return {it.dim, it.dstate};
    case MatrixKind::Variable:
      if (tokenMajor)
        return {it.batch, it.seqlen, it.dstate};
      return {it.batch, it.dstate, it.seqlen};
    case MatrixKind::Groups:
      break;
    }
    if (tokenMajor)
      return {it.batch, it.seqlen, it.groups, it.dstate};
    return {it.batch, it.groups, it.dstate, it.seqlen};
  }

private:
  const Case &it;
  uint64_t stream = 0;
};

} // namespace

static double normal(Random &random) { return random.normal(); }

static HostTensor f64Tensor(const std::vector<double> &values,
                            std::vector<uint64_t> shape) {
  HostTensor tensor{DType::F64, std::move(shape), {}};
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  tensor.data.assign(bytes, bytes + values.size() * sizeof(double));
  return tensor;
}

static ExpectedOutput expect(const char *name,
                             const std::vector<double> &values,
                             std::vector<uint64_t> shape, DType dtype,
                             double relative, double magnitude) {
  double scale = 0;
  for (double value : values)
    scale = std::max(scale, std::fabs(value));
  if (values.size() < kEnoughResults)
    scale = std::max(scale, magnitude);
  ExpectedOutput output;
  output.name = name;
  output.values = f64Tensor(values, std::move(shape));
  output.absolute = relative * scale;
  output.ulps = dtypeSize(dtype) == 2 ? 0.5 : 0;
  return output;
}

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

static Result<Problem> scanProblem(const Case &it) {
  // How fast states decay: from a thousand steps to a fraction of one, since
  // kernels go wrong in either way.
  Random random(it.seed);
  double slowest = std::exp(random.uniform(-5, 0));
  double step = std::exp(random.uniform(-4, 0));

  Drawer drawer(it);
  HostTensor u = drawer.draw(it.activation, drawer.activation(), normal);
  HostTensor delta =
      drawer.draw(it.activation, drawer.activation(), [&](Random &random) {
        if (!it.softplus)
          return random.uniform(0.1, 2) * step;
        // Around what softplus turns into a step of that size, at times beyond
        // the threshold from which it is the identity.
        if (random.chance(1))
          return random.uniform(19, 22);
        return std::log(std::expm1(step)) + 0.5 * random.normal();
      });
  HostTensor A =
      drawer.draw(DType::F32, {it.dim, it.dstate}, [&](Random &random) {
        return -slowest * random.uniform(1, 16);
      });
  HostTensor B = drawer.draw(it.matrix, drawer.matrix(it.B), normal);
  HostTensor C = drawer.draw(it.matrix, drawer.matrix(it.C), normal);
  HostTensor D = drawer.draw(it.weight, {it.dim}, normal);
  HostTensor z =
      drawer.draw(it.activation, drawer.activation(),
                  [](Random &random) { return 2 * random.normal(); });
  HostTensor bias = drawer.draw(it.weight, {it.dim}, [&](Random &random) {
    return it.softplus ? 0.5 * random.normal() : step * random.uniform();
  });
  std::vector<uint64_t> stateShape = {
      it.sequences != 0 ? it.sequences : it.batch, it.dim, it.dstate};
  HostTensor initial = drawer.draw(it.state, stateShape, normal);
  HostTensor bounds = drawer.drawBounds();

  Problem problem;
  SelectiveScanInputs inputs;
  auto use = [&](const char *name, HostTensor &tensor,
                 const HostTensor *&input) {
    input = &tensor;
    problem.inputs.push_back({name, tensor, std::nullopt});
  };
  use("u", u, inputs.u);
  use("delta", delta, inputs.delta);
  use("A", A, inputs.A);
  use("B", B, inputs.B);
  use("C", C, inputs.C);
  if (it.D)
    use("D", D, inputs.D);
  if (it.z)
    use("z", z, inputs.z);
  if (it.bias)
    use("delta_bias", bias, inputs.deltaBias);
  if (it.first)
    use("initial_state", initial, inputs.initialState);
  if (it.sequences != 0)
    use("cu_seqlens", bounds, inputs.cuSeqlens);
  if (it.limits)
    inputs.deltaLimits = kDeltaLimits;
  inputs.reverse = it.reverse;
  inputs.deltaSoftplus = it.softplus;
  inputs.layout = it.layout;
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  if (!result.ok())
    return result.status();

  double bound = scanErrorBound(it.seqlen, result->minDecay);
  problem.outputs.push_back(expect("out", result->out, drawer.activation(),
                                   it.result, bound, result->outMagnitude));
  if (it.last)
    problem.outputs.push_back(expect("last_state", result->lastState,
                                     stateShape, it.state, bound,
                                     result->stateMagnitude));
  return problem;
}

static Result<Problem> convProblem(const Case &it) {
  Drawer drawer(it);
  std::vector<uint64_t> stateShape = {
      it.sequences != 0 ? it.sequences : it.batch, it.width - 1, it.dim};
  HostTensor x = drawer.draw(it.activation, drawer.activation(), normal);
  HostTensor weight = drawer.draw(it.weight, {it.dim, it.width}, normal);
  HostTensor bias = drawer.draw(it.weight, {it.dim}, normal);
  HostTensor initial = drawer.draw(it.activation, stateShape, normal);
  HostTensor bounds = drawer.drawBounds();

  Problem problem;
  problem.inputs = {{"x", x, std::nullopt}, {"weight", weight, std::nullopt}};
  CausalConv1dInputs inputs;
  inputs.x = &x;
  inputs.weight = &weight;
  inputs.silu = it.silu;
  inputs.layout = it.layout;
  if (it.bias) {
    inputs.bias = &bias;
    problem.inputs.push_back({"bias", bias, std::nullopt});
  }
  if (it.first) {
    inputs.initialState = &initial;
    problem.inputs.push_back({"initial_state", initial, std::nullopt});
  }
  if (it.sequences != 0) {
    inputs.cuSeqlens = &bounds;
    problem.inputs.push_back({"cu_seqlens", bounds, std::nullopt});
  }
  Result<CausalConv1dResult> result = causalConv1d(inputs);
  if (!result.ok())
    return result.status();
  problem.outputs.push_back(expect("y", result->y, drawer.activation(),
                                   it.result, kConvErrorBound,
                                   result->yMagnitude));
  // The last inputs, copied: nothing may be lost but by their new type.
  if (it.last)
    problem.outputs.push_back(expect("final_state", result->finalState,
                                     stateShape, it.activation, 0, 0));
  return problem;
}

Result<Problem> oracle::makeProblem(const Case &original) {
  Case it = original;
  normalize(it);
  SSMC_TRY(checkCase(it));
  Result<Problem> problem =
      it.op == CaseOp::Scan ? scanProblem(it) : convProblem(it);
  if (problem.ok())
    problem->calls = {it.seqlen};
  return problem;
}
