//===- SelectiveScan.cpp - The scan in double precision -------------------===//

#include "ssmc/Oracle/SelectiveScan.h"
#include "Shapes.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

using namespace ssmc;
using namespace ssmc::oracle;

double oracle::softplus(double x) {
  return x > 20 ? x : std::log1p(std::exp(x));
}

double oracle::silu(double x) { return x / (1 + std::exp(-x)); }

namespace {

struct Sizes {
  uint64_t batch, seqlen, dim, dstate;
};

/// B or C, whichever of its shapes it has. Strides are in elements of T.
template <typename T>
struct Matrix {
  std::vector<T> values;
  uint64_t perBatch = 0, perStep = 0, perGroup = 0, perState = 0;
  uint64_t channelsPerGroup = 1;

  [[nodiscard]] T at(uint64_t b, uint64_t t, uint64_t d, uint64_t n) const {
    return values[b * perBatch + t * perStep +
                  (d / channelsPerGroup) * perGroup + n * perState];
  }
};

template <typename T>
constexpr bool isComplex = std::is_same_v<T, std::complex<double>>;

} // namespace

/// The elements of a tensor that may be absent; a complex one is two of them.
template <typename T>
static std::vector<T> valuesOf(const HostTensor *tensor) {
  std::vector<double> parts = elements(tensor);
  if constexpr (isComplex<T>) {
    std::vector<T> values(parts.size() / 2);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = {parts[2 * i], parts[2 * i + 1]};
    return values;
  } else {
    return parts;
  }
}

/// The shape of a tensor of T.
template <typename T>
static std::vector<uint64_t> shapeOf(std::vector<uint64_t> shape) {
  if (isComplex<T>)
    shape.push_back(2);
  return shape;
}

template <typename T>
static Result<Matrix<T>> readMatrix(const char *name, const HostTensor *tensor,
                                    const Sizes &sizes, Layout layout) {
  auto [batch, seqlen, dim, dstate] = sizes;
  Matrix<T> matrix;
  size_t extra = isComplex<T> ? 1 : 0;
  size_t rank = tensor ? tensor->shape.size() : 0;
  if (rank == 2 + extra) {
    SSMC_TRY(expectShape(name, tensor, shapeOf<T>({dim, dstate})));
    matrix.values = valuesOf<T>(tensor);
    matrix.perGroup = dstate;
    matrix.perState = 1;
    return matrix;
  }
  if (rank != 3 + extra)
    SSMC_TRY(expectRank(name, tensor, 4 + extra));
  bool tokenMajor = layout == Layout::TokenMajor;
  uint64_t groups = rank == 3 + extra ? 1 : tensor->shape[tokenMajor ? 2 : 1];
  if (groups == 0 || dim % groups != 0)
    return Status::invalid(std::string("oracle: ") + name +
                           ": expected a number of groups that divides " +
                           std::to_string(dim) + ", found " +
                           std::to_string(groups));
  std::vector<uint64_t> shape =
      tokenMajor ? std::vector<uint64_t>{batch, seqlen, groups, dstate}
                 : std::vector<uint64_t>{batch, groups, dstate, seqlen};
  if (rank == 3 + extra)
    shape.erase(shape.begin() + (tokenMajor ? 2 : 1));
  SSMC_TRY(expectShape(name, tensor, shapeOf<T>(shape)));
  matrix.values = valuesOf<T>(tensor);
  matrix.channelsPerGroup = dim / groups;
  matrix.perBatch = seqlen * groups * dstate;
  matrix.perStep = tokenMajor ? groups * dstate : 1;
  matrix.perGroup = tokenMajor ? dstate : dstate * seqlen;
  matrix.perState = tokenMajor ? 1 : seqlen;
  return matrix;
}

static double decayOf(double exponent) { return std::exp(exponent); }
static std::complex<double> decayOf(std::complex<double> exponent) {
  double scale = std::exp(exponent.real());
  return {scale * std::cos(exponent.imag()), scale * std::sin(exponent.imag())};
}

/// What a state adds to the output: a complex one stands for itself and its
/// conjugate.
static double readOut(double h, double c) { return h * c; }
static double readOut(std::complex<double> h, std::complex<double> c) {
  return 2 * (h.real() * c.real() - h.imag() * c.imag());
}

namespace {

/// The scan of one channel of one sequence at a time; T is the type of A.
template <typename T>
class Scan {
public:
  explicit Scan(const SelectiveScanInputs &in) : in(in) {}

  Result<SelectiveScanResult> run();

private:
  Status read();
  void runChannel(const Sequence &sequence, uint64_t d);
  [[nodiscard]] double stepSize(uint64_t at, uint64_t d) const;

  const SelectiveScanInputs &in;
  Sizes sizes = {};
  Sequences sequences;
  Matrix<T> B, C;
  std::vector<double> u, delta, D, z, bias;
  std::vector<T> A, states;
  SelectiveScanResult result;
};

} // namespace

template <typename T>
Status Scan<T>::read() {
  bool tokenMajor = in.layout == Layout::TokenMajor;
  const std::vector<uint64_t> &activation = in.u->shape;
  sizes = {activation[0], activation[tokenMajor ? 1 : 2],
           activation[tokenMajor ? 2 : 1], in.A->shape[1]};
  auto [batch, seqlen, dim, dstate] = sizes;
  SSMC_TRY(expectShape("u", in.u, activation));
  SSMC_TRY(expectShape("delta", in.delta, activation));
  SSMC_TRY(expectShape("A", in.A, shapeOf<T>({dim, dstate})));
  SSMC_TRY(expectShape("D", in.D, {dim}));
  SSMC_TRY(expectShape("z", in.z, activation));
  SSMC_TRY(expectShape("delta_bias", in.deltaBias, {dim}));
  Result<Sequences> found =
      findSequences(in.cuSeqlens, in.stateSlots, in.initialState, batch, seqlen,
                    shapeOf<T>({dim, dstate}));
  if (!found.ok())
    return found.status();
  sequences = std::move(*found);
  Result<Matrix<T>> readB = readMatrix<T>("B", in.B, sizes, in.layout);
  if (!readB.ok())
    return readB.status();
  B = std::move(*readB);
  Result<Matrix<T>> readC = readMatrix<T>("C", in.C, sizes, in.layout);
  if (!readC.ok())
    return readC.status();
  C = std::move(*readC);
  u = elements(in.u);
  delta = elements(in.delta);
  D = elements(in.D);
  z = elements(in.z);
  bias = elements(in.deltaBias);
  A = valuesOf<T>(in.A);
  states = valuesOf<T>(in.initialState);
  states.resize(sequences.numStates * dim * dstate);
  return Status();
}

template <typename T>
double Scan<T>::stepSize(uint64_t at, uint64_t d) const {
  double dt = delta[at] + (in.deltaBias ? bias[d] : 0);
  if (in.deltaSoftplus)
    dt = softplus(dt);
  if (in.deltaLimits)
    dt = std::clamp(dt, (*in.deltaLimits)[0], (*in.deltaLimits)[1]);
  return dt;
}

template <typename T>
void Scan<T>::runChannel(const Sequence &sequence, uint64_t d) {
  auto [b, begin, end, row] = sequence;
  auto [batch, seqlen, dim, dstate] = sizes;
  const T *slopes = &A[d * dstate];
  T *h = &states[(row * dim + d) * dstate];
  double *magnitude = &result.stateMagnitudes[(row * dim + d) * dstate];
  for (uint64_t n = 0; n < dstate; ++n)
    magnitude[n] = std::abs(h[n]);
  for (uint64_t step = begin; step < end; ++step) {
    uint64_t t = in.reverse ? end - 1 - (step - begin) : step;
    uint64_t at = in.layout == Layout::TokenMajor ? (b * seqlen + t) * dim + d
                                                  : (b * dim + d) * seqlen + t;
    double dt = stepSize(at, d), y = 0, yMagnitude = 0;
    for (uint64_t n = 0; n < dstate; ++n) {
      T decay = decayOf(dt * slopes[n]);
      T input = dt * B.at(b, t, d, n) * u[at];
      T c = C.at(b, t, d, n);
      h[n] = decay * h[n] + input;
      magnitude[n] = std::abs(decay) * magnitude[n] + std::abs(input);
      y += readOut(h[n], c);
      yMagnitude += magnitude[n] * std::abs(c) * (isComplex<T> ? 2 : 1);
      result.minDecay =
          std::min(result.minDecay, dt * std::fabs(std::real(slopes[n])));
      if constexpr (isComplex<T>)
        result.maxPhase =
            std::max(result.maxPhase, std::fabs(dt * slopes[n].imag()));
    }
    if (in.D) {
      y += D[d] * u[at];
      yMagnitude += std::fabs(D[d] * u[at]);
    }
    double gate = in.z ? silu(z[at]) : 1;
    result.out[at] = y * gate;
    result.outMagnitudes[at] = yMagnitude * std::fabs(gate);
    result.outMagnitude =
        std::max(result.outMagnitude, result.outMagnitudes[at]);
  }
  for (uint64_t n = 0; n < dstate; ++n)
    result.stateMagnitude = std::max(result.stateMagnitude, magnitude[n]);
}

template <typename T>
Result<SelectiveScanResult> Scan<T>::run() {
  SSMC_TRY(read());
  result.out.resize(u.size());
  result.outMagnitudes.resize(u.size());
  result.stateMagnitudes.resize(states.size());
  result.minDecay = std::numeric_limits<double>::infinity();
  for (const Sequence &sequence : sequences.running)
    for (uint64_t d = 0; d < sizes.dim; ++d)
      runChannel(sequence, d);
  for (const T &state : states) {
    result.lastState.push_back(std::real(state));
    if constexpr (isComplex<T>)
      result.lastState.push_back(state.imag());
  }
  return std::move(result);
}

Result<SelectiveScanResult>
oracle::selectiveScan(const SelectiveScanInputs &in) {
  SSMC_TRY(expectRank("u", in.u, 3));
  SSMC_TRY(expectRank("delta", in.delta, 3));
  if (in.A && in.A->shape.size() == 3)
    return Scan<std::complex<double>>(in).run();
  SSMC_TRY(expectRank("A", in.A, 2));
  return Scan<double>(in).run();
}
