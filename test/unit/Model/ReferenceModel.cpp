//===- ReferenceModel.cpp - A Mamba-1 model in float64 --------------------===//

#include "ReferenceModel.h"
#include "ssmc/IO/File.h"
#include <algorithm>
#include <cmath>

using namespace ssmc;
using namespace ssmc::test;

using Vector = ReferenceModel::Vector;

static double silu(double x) { return x / (1 + std::exp(-x)); }

static double softplus(double x) {
  return x > 20 ? x : std::log1p(std::exp(x));
}

/// weight·x + bias; the number of rows follows from the sizes.
static Vector linear(const Vector &weight, const double *x, size_t inputs,
                     const Vector &bias = {}) {
  Vector y(weight.size() / inputs);
  for (size_t row = 0; row < y.size(); ++row) {
    double sum = bias.empty() ? 0 : bias[row];
    for (size_t i = 0; i < inputs; ++i)
      sum += weight[row * inputs + i] * x[i];
    y[row] = sum;
  }
  return y;
}

static Vector linear(const Vector &weight, const Vector &x,
                     const Vector &bias = {}) {
  return linear(weight, x.data(), x.size(), bias);
}

Vector ReferenceModel::rmsNorm(const Vector &x, const Vector &weight) const {
  double squares = 0;
  for (double value : x)
    squares += value * value;
  double scale =
      1 / std::sqrt(squares / static_cast<double>(x.size()) + config_.normEps);
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    y[i] = x[i] * scale * weight[i];
  return y;
}

Vector ReferenceModel::convolve(const Layer &layer, LayerState &state,
                                const Vector &x) const {
  Vector &window = state.window;
  std::copy(window.begin() + static_cast<ptrdiff_t>(x.size()), window.end(),
            window.begin());
  std::copy(x.begin(), x.end(),
            window.end() - static_cast<ptrdiff_t>(x.size()));
  auto taps = static_cast<size_t>(config_.dConv);
  Vector y(x.size());
  for (size_t d = 0; d < y.size(); ++d) {
    double sum = layer.convBias.empty() ? 0 : layer.convBias[d];
    for (size_t w = 0; w < taps; ++w)
      sum += layer.convWeight[d * taps + w] * window[w * y.size() + d];
    y[d] = silu(sum);
  }
  return y;
}

Vector ReferenceModel::scan(const Layer &layer, LayerState &state,
                            const Vector &u, const Vector &delta,
                            const double *B, const double *C) const {
  auto states = static_cast<size_t>(config_.dState);
  Vector y(u.size());
  for (size_t d = 0; d < u.size(); ++d) {
    double dt = softplus(delta[d] + layer.dtBias[d]);
    double sum = 0;
    for (size_t n = 0; n < states; ++n) {
      double A = -std::exp(layer.logA[d * states + n]);
      double &h = state.scan[d * states + n];
      h = std::exp(dt * A) * h + dt * B[n] * u[d];
      sum += h * C[n];
    }
    y[d] = sum + layer.D[d] * u[d];
  }
  return y;
}

Vector ReferenceModel::mixer(const Layer &layer, LayerState &state,
                             const Vector &hidden) const {
  auto dim = static_cast<size_t>(config_.dInner);
  auto rank = static_cast<size_t>(config_.dtRank);
  auto states = static_cast<size_t>(config_.dState);
  Vector xz = linear(layer.inProj, hidden, layer.inProjBias);
  Vector x(xz.begin(), xz.begin() + static_cast<ptrdiff_t>(dim));
  Vector u = convolve(layer, state, x);
  Vector projected = linear(layer.xProj, u);
  Vector delta = linear(layer.dtProj, projected.data(), rank);
  const double *B = projected.data() + rank;
  Vector y = scan(layer, state, u, delta, B, B + states);
  for (size_t d = 0; d < dim; ++d)
    y[d] *= silu(xz[dim + d]);
  return linear(layer.outProj, y, layer.outProjBias);
}

Vector ReferenceModel::append(Sequence &sequence,
                              const std::vector<int32_t> &ids) const {
  auto width = static_cast<size_t>(config_.dModel);
  Vector logits;
  for (int32_t id : ids) {
    const double *row = embedding_.data() + static_cast<size_t>(id) * width;
    Vector residual(row, row + width);
    for (size_t i = 0; i < layers_.size(); ++i) {
      Vector normed = rmsNorm(residual, layers_[i].norm);
      Vector out = mixer(layers_[i], sequence[i], normed);
      for (size_t d = 0; d < width; ++d)
        residual[d] += out[d];
    }
    Vector after = linear(head_, rmsNorm(residual, normF_));
    logits.insert(logits.end(), after.begin(), after.end());
  }
  return logits;
}

ReferenceModel::Sequence ReferenceModel::start() const {
  auto dim = static_cast<size_t>(config_.dInner);
  LayerState state;
  state.window.resize(dim * static_cast<size_t>(config_.dConv));
  state.scan.resize(dim * static_cast<size_t>(config_.dState));
  return Sequence(layers_.size(), state);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads tensors and keeps the first failure.
struct Reader {
  const Checkpoint &checkpoint;
  Status status;

  /// A tensor of that many elements, or none after a failure.
  Vector read(const std::string &name, int64_t count) {
    Result<HostTensor> tensor = checkpoint.load(name);
    Vector values;
    if (tensor.ok())
      values = toDoubles(*tensor);
    if (status.ok() && !tensor.ok())
      status = tensor.status();
    else if (status.ok() && values.size() != static_cast<size_t>(count))
      status =
          Status::invalid(name + ": expected " + std::to_string(count) +
                          " elements, found " + std::to_string(values.size()));
    return values;
  }
};
} // namespace

Result<ReferenceModel> ReferenceModel::create(const ModelConfig &config,
                                              const Checkpoint &checkpoint) {
  Reader reader{checkpoint, {}};
  ReferenceModel model(config);
  int64_t width = config.dModel, dim = config.dInner, rank = config.dtRank;
  for (int64_t i = 0; i < config.numLayers; ++i) {
    auto read = [&](const char *name, int64_t count) {
      return reader.read("backbone.layers." + std::to_string(i) + "." + name,
                         count);
    };
    Layer layer;
    layer.norm = read("norm.weight", width);
    layer.inProj = read("mixer.in_proj.weight", 2 * dim * width);
    layer.convWeight = read("mixer.conv1d.weight", dim * config.dConv);
    layer.xProj = read("mixer.x_proj.weight", (rank + 2 * config.dState) * dim);
    layer.dtProj = read("mixer.dt_proj.weight", dim * rank);
    layer.dtBias = read("mixer.dt_proj.bias", dim);
    layer.logA = read("mixer.A_log", dim * config.dState);
    layer.D = read("mixer.D", dim);
    layer.outProj = read("mixer.out_proj.weight", width * dim);
    if (config.useConvBias)
      layer.convBias = read("mixer.conv1d.bias", dim);
    if (config.useBias) {
      layer.inProjBias = read("mixer.in_proj.bias", 2 * dim);
      layer.outProjBias = read("mixer.out_proj.bias", width);
    }
    model.layers_.push_back(std::move(layer));
  }
  model.embedding_ = reader.read(config.style == ConfigStyle::StateSpaces
                                     ? "backbone.embedding.weight"
                                     : "backbone.embeddings.weight",
                                 config.vocabSize * width);
  model.normF_ = reader.read("backbone.norm_f.weight", width);
  model.head_ = config.tieEmbeddings
                    ? model.embedding_
                    : reader.read("lm_head.weight", config.vocabSize * width);
  if (!reader.status.ok())
    return reader.status;
  return model;
}

Result<ReferenceModel> ReferenceModel::open(const std::string &directory) {
  Result<ModelConfig> config =
      readModelConfig(joinPath(directory, "config.json"));
  if (!config.ok())
    return config.status();
  Result<Checkpoint> checkpoint = Checkpoint::open(directory);
  if (!checkpoint.ok())
    return checkpoint.status();
  return create(*config, *checkpoint);
}
