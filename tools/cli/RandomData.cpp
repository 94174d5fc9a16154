//===- RandomData.cpp - Tensors where none are given ----------------------===//

#include "tools/cli/RandomData.h"
#include "lib/Oracle/Random.h"
#include "ssmc/IO/Float16.h"
#include "ssmc/Runtime/Expr.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;
using oracle::Random;

/// Elements that are drawn before they repeat. A prime, so that rows next to
/// each other differ.
static constexpr uint64_t kPeriod = 262139;

template <typename T>
static void storeAs(uint8_t *target, T value) {
  std::memcpy(target, &value, sizeof(T));
}

static void storeFloat(DType dtype, uint8_t *target, double value) {
  auto rounded = static_cast<float>(value);
  switch (dtype) {
  case DType::F64:
    return storeAs(target, value);
  case DType::F32:
    return storeAs(target, rounded);
  case DType::F16:
    return storeAs(target, f16FromFloat(rounded));
  case DType::BF16:
    return storeAs(target, bf16FromFloat(rounded));
  default:
    break;
  }
}

static bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

using Distribution = std::function<double(Random &, uint64_t index)>;

static bool contains(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

/// `isPair`: the last dimension is (re, im).
static Distribution distributionOf(std::string_view name, bool isPair) {
  auto between = [](double low, double high) -> Distribution {
    return [=](Random &random, uint64_t) { return random.uniform(low, high); };
  };
  // Small, and positive before a softplus as well as after it.
  if (name == "delta" || name == "dt")
    return between(0.001, 0.1);
  if (name == "A" && isPair)
    return [](Random &random, uint64_t index) {
      return index % 2 == 0 ? -random.uniform(1, 16) : random.uniform(-3, 3);
    };
  if (name == "A")
    return between(-16, -1);
  if (contains(name, "A_log"))
    return between(0, std::log(16.0));
  // What softplus turns into steps from 0.001 to 0.1.
  if (contains(name, "dt_proj.bias") || contains(name, "dt_bias") ||
      name == "delta_bias")
    return between(-6.9, -2.25);
  if (contains(name, "norm"))
    return between(0.9, 1.1);
  if (contains(name, "weight") || contains(name, "embed"))
    return [](Random &random, uint64_t) { return 0.05 * random.normal(); };
  return [](Random &random, uint64_t) { return random.normal(); };
}

/// Fills the tensor with its first bytes, over and over.
static void repeatPrefix(HostTensor &tensor, size_t bytes) {
  for (size_t done = bytes; done < tensor.data.size();) {
    size_t part = std::min(done, tensor.data.size() - done);
    std::memcpy(tensor.data.data() + done, tensor.data.data(), part);
    done += part;
  }
}

Result<HostTensor> cli::randomTensor(std::string_view name, DType dtype,
                                     const std::vector<uint64_t> &shape,
                                     uint64_t seed) {
  Result<HostTensor> tensor = makeTensor(dtype, shape);
  if (!tensor.ok() || !isFloat(dtype))
    return tensor;
  // Each name has a sequence of its own.
  Random random(seed, std::accumulate(name.begin(), name.end(),
                                      uint64_t{name.size()} << 16));
  size_t size = dtypeSize(dtype);
  // Pairs must not be torn where the period ends.
  bool isPair = shape.size() == 3 && shape.back() == 2;
  uint64_t drawn = std::min<uint64_t>(tensor->data.size() / size,
                                      isPair ? 2 * kPeriod : kPeriod);
  Distribution next = distributionOf(name, isPair);
  for (uint64_t i = 0; i < drawn; ++i)
    storeFloat(dtype, tensor->data.data() + i * size, next(random, i));
  if (drawn != 0)
    repeatPrefix(*tensor, drawn * size);
  return tensor;
}

static void storeIndices(HostTensor &tensor,
                         const std::function<int64_t(uint64_t)> &valueAt) {
  size_t size = dtypeSize(tensor.dtype);
  for (uint64_t i = 0; i < tensor.data.size() / size; ++i) {
    int64_t value = valueAt(i);
    std::memcpy(tensor.data.data() + i * size, &value, size);
  }
}

Result<HostTensor> cli::randomInput(const BundleView &bundle,
                                    const EntryPlan &plan, uint32_t index,
                                    uint64_t seed) {
  const bundle::Buffer &buffer = *plan.entry->buffers()->Get(index);
  auto dtype = static_cast<DType>(buffer.dtype());
  Result<HostTensor> tensor = randomTensor(buffer.name()->string_view(), dtype,
                                           plan.buffers[index].shape, seed);
  if (!tensor.ok() || isFloat(dtype))
    return tensor;
  uint64_t count = tensor->data.size() / dtypeSize(dtype);
  const auto *rules = buffer.rules();
  for (uint32_t i = 0; rules && i < rules->size(); ++i) {
    const bundle::InputRule &rule = *rules->Get(i);
    Result<uint64_t> limit =
        evaluateExpr(*rule.limit(), plan.entry->dims(), plan.dims);
    if (!limit.ok())
      return limit.status();
    bool isOffsets = rule.kind() == bundle::InputRuleKind::Offsets;
    // Sequences of equal length; each row once, padding where there are none
    // left.
    storeIndices(*tensor, [&](uint64_t at) -> int64_t {
      if (!isOffsets)
        return at < *limit ? static_cast<int64_t>(at) : -1;
      return static_cast<int64_t>(
          static_cast<double>(*limit) * static_cast<double>(at) /
          static_cast<double>(std::max<uint64_t>(count, 2) - 1));
    });
  }
  const bundle::Model *model = bundle.body().model();
  bool isIds = dtype == DType::I32 || dtype == DType::I64;
  if (!rules && isIds && model && model->vocab_size() != 0) {
    Random random(seed);
    storeIndices(*tensor, [&](uint64_t) {
      return static_cast<int64_t>(random.next() % model->vocab_size());
    });
  }
  return tensor;
}

ParameterSource cli::randomParameters(uint64_t seed) {
  return [seed](const bundle::Tensor &parameter) {
    return randomTensor(
        parameter.name()->string_view(), static_cast<DType>(parameter.dtype()),
        {parameter.shape()->begin(), parameter.shape()->end()}, seed);
  };
}
