//===- Draw.cpp - The inputs of a case, by chance -------------------------===//

#include "Draw.h"
#include "ssmc/IO/Float16.h"
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace ssmc;
using namespace ssmc::oracle;

uint32_t oracle::encode(DType dtype, double value) {
  auto rounded = static_cast<float>(value);
  if (dtype == DType::F32)
    return floatBits(rounded);
  return dtype == DType::BF16 ? bf16FromFloat(rounded) : f16FromFloat(rounded);
}

void oracle::store(HostTensor &tensor, uint64_t index, uint32_t bits) {
  size_t size = dtypeSize(tensor.dtype);
  for (size_t byte = 0; byte < size; ++byte)
    tensor.data[index * size + byte] = static_cast<uint8_t>(bits >> (8 * byte));
}

ScanRange oracle::scanRange(const Case &it) {
  Random random(it.seed);
  ScanRange range;
  // How fast states decay: from a thousand steps to a fraction of one, since
  // kernels go wrong in either way.
  range.slope = std::exp(random.uniform(-5, 0));
  range.step = std::exp(random.uniform(-4, 0));
  double longest = it.limits ? kDeltaLimits[1] : 2 * range.step;
  // At times no state remembers more than 20 steps, which is where errors are
  // bounded in the mean besides.
  if (random.chance(30))
    range.slope = std::max(range.slope, 0.6 / range.step);
  range.frequency = 4 / range.step;
  // Where dt is an input as it stands, sines and cosines of large arguments.
  if (random.chance(40) && !it.softplus && !it.bias) {
    range.isFast = true;
    range.frequency = 1e5 / longest;
  }
  if (it.data == DataKind::Special) {
    // No decay of a whole sequence may vanish in f32, since nothing times
    // infinity is NaN: the sum of dt * |A| stays below 60. Nor may a state grow
    // beyond f32 in a few steps of negative dt, at least -20.
    range.isFast = false;
    range.frequency = 4 / range.step;
    range.slope = std::min(0.1, 60 / (5 * static_cast<double>(it.seqlen))) / 16;
  }
  return range;
}

namespace {

using Distribution = std::function<double(Random &)>;

class Drawer {
public:
  explicit Drawer(const Case &it) : it(it), range(scanRange(it)) {}

  HostTensor draw(const Operand &operand) const;

private:
  [[nodiscard]] Distribution distributionOf(std::string_view name) const;
  void drawSlopes(Random random, HostTensor &tensor) const;
  void drawBounds(Random random, HostTensor &tensor) const;
  void drawSlots(Random random, HostTensor &tensor) const;

  const Case &it;
  ScanRange range;
};

} // namespace

static double normal(Random &random) { return random.normal(); }

Distribution Drawer::distributionOf(std::string_view name) const {
  double step = range.step;
  if (name == "delta" && it.softplus) {
    bool isSpecial = it.data == DataKind::Special;
    return [=](Random &random) {
      // Around what softplus turns into a step of that size, at times beyond
      // the threshold from which it is the identity.
      if (random.chance(1) && !isSpecial)
        return random.uniform(19, 22);
      return std::log(std::expm1(step)) + 0.5 * random.normal();
    };
  }
  if (name == "delta")
    return [=](Random &random) { return random.uniform(0.1, 2) * step; };
  if (name == "delta_bias" && !it.softplus)
    return [=](Random &random) { return step * random.uniform(); };
  if (name == "delta_bias")
    return [](Random &random) { return 0.5 * random.normal(); };
  if (name == "z")
    return [](Random &random) { return 2 * random.normal(); };
  return normal;
}

void Drawer::drawSlopes(Random random, HostTensor &tensor) const {
  uint64_t count = it.dim * it.dstate;
  for (uint64_t i = 0; i < count; ++i) {
    double real = -range.slope * random.uniform(1, 16);
    if (!it.isComplex) {
      store(tensor, i, encode(DType::F32, real));
      continue;
    }
    double imaginary = range.isFast
                           ? std::exp(random.uniform(std::log(0.01), 0))
                           : random.uniform();
    imaginary *= range.frequency * (random.chance(50) ? -1 : 1);
    store(tensor, 2 * i, encode(DType::F32, real));
    store(tensor, 2 * i + 1, encode(DType::F32, imaginary));
  }
}

/// Some sequences may be empty.
void Drawer::drawBounds(Random random, HostTensor &tensor) const {
  uint64_t first = 0, last = it.seqlen;
  if (it.gap) {
    auto drawGap = [&] { return random.between(1, 1 + it.seqlen / 4); };
    first = std::min(drawGap(), it.seqlen);
    last = std::max(first, it.seqlen - std::min(drawGap(), it.seqlen));
  }
  std::vector<uint64_t> bounds = {first, last};
  for (uint64_t i = 1; i < it.sequences; ++i)
    bounds.push_back(random.between(first, last));
  std::sort(bounds.begin(), bounds.end());
  for (size_t i = 0; i < bounds.size(); ++i)
    store(tensor, i, static_cast<uint32_t>(bounds[i]));
}

/// Each row at most once, in no order; the rest, and some besides, are padding.
void Drawer::drawSlots(Random random, HostTensor &tensor) const {
  std::vector<uint32_t> rows(it.slots);
  std::iota(rows.begin(), rows.end(), 0);
  for (size_t i = rows.size(); i > 1; --i)
    std::swap(rows[i - 1], rows[random.between(0, i - 1)]);
  for (uint64_t s = 0; s < sequencesOf(it); ++s) {
    bool isPadding = rows.empty() || random.chance(20);
    uint32_t slot =
        isPadding
            ? static_cast<uint32_t>(-static_cast<int32_t>(random.between(1, 3)))
            : rows.back();
    store(tensor, s, slot);
    if (!isPadding)
      rows.pop_back();
  }
}

HostTensor Drawer::draw(const Operand &operand) const {
  // Names are few: the sum of their characters tells them apart.
  uint64_t stream = std::accumulate(operand.name.begin(), operand.name.end(),
                                    uint64_t(operand.name.size()) << 16);
  Random random(it.seed, stream);
  HostTensor tensor{operand.dtype, operand.extents(), {}};
  uint64_t count = 1;
  for (uint64_t extent : tensor.shape)
    count *= extent;
  tensor.data.resize(count * dtypeSize(operand.dtype));
  if (operand.name == "A") {
    drawSlopes(random, tensor);
  } else if (operand.name == "cu_seqlens") {
    drawBounds(random, tensor);
  } else if (operand.name == "state_slots") {
    drawSlots(random, tensor);
  } else {
    Distribution next = distributionOf(operand.name);
    for (uint64_t i = 0; i < count; ++i)
      store(tensor, i, encode(operand.dtype, next(random)));
  }
  return tensor;
}

std::vector<ProblemInput> oracle::drawInputs(const Case &it) {
  Drawer drawer(it);
  std::vector<ProblemInput> inputs;
  for (const Operand &operand : operandsOf(it))
    inputs.push_back({operand.name, drawer.draw(operand), operand.timeAxis});
  if (it.data == DataKind::Special)
    makeSpecial(it, inputs);
  return inputs;
}
