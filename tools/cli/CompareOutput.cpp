//===- CompareOutput.cpp - Results against those of the oracle ------------===//
//
// Element by element and without copies: the largest results are those of more
// than 2^31 elements.
//
//===----------------------------------------------------------------------===//

#include "tools/cli/CompareOutput.h"
#include "ssmc/IO/Float16.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Compare.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

using namespace ssmc;
using namespace ssmc::cli;
using oracle::ExpectedOutput;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Bytes that are a T; the data of a tensor is not aligned for it.
template <typename T>
static T load(const std::vector<uint8_t> &data, size_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}

static double elementOf(const HostTensor &tensor, size_t index) {
  switch (tensor.dtype) {
  case DType::F64:
    return load<double>(tensor.data, index);
  case DType::F32:
    return load<float>(tensor.data, index);
  case DType::F16:
    return floatFromF16(load<uint16_t>(tensor.data, index));
  case DType::BF16:
    return floatFromBf16(load<uint16_t>(tensor.data, index));
  default:
    // No op that is checked gives another type.
    return std::numeric_limits<double>::quiet_NaN();
  }
}

/// The largest finite number of the type.
static double largest(DType dtype) {
  switch (dtype) {
  case DType::F16:
    return 65504;
  case DType::BF16:
    return 0x1.fep127;
  case DType::F32:
    return std::numeric_limits<float>::max();
  default:
    return std::numeric_limits<double>::max();
  }
}

namespace {

struct Differences {
  size_t failures = 0;
  /// The element with the largest error relative to what is allowed there.
  size_t worst = 0;
  double fraction = 0, allowed = 0;
  double largestError = 0, scale = 0;
  double squaredError = 0, squared = 0;

  void add(size_t index, double got, double wanted, double tolerance,
           double largestFinite);
  [[nodiscard]] double nmse() const {
    return squared > 0 ? squaredError / squared : 0;
  }
};

} // namespace

void Differences::add(size_t index, double got, double wanted, double tolerance,
                      double largestFinite) {
  double error = std::fabs(got - wanted), relative;
  if (std::isfinite(wanted) && std::isfinite(got)) {
    scale = std::max(scale, std::fabs(wanted));
    largestError = std::max(largestError, error);
    squaredError += error * error;
    squared += wanted * wanted;
    relative = error == 0 ? 0 : error / tolerance;
  } else if (std::isinf(got) && std::isfinite(wanted)) {
    // Right where a number that is within the bound rounds to it.
    double reach = got > 0 ? wanted + tolerance : tolerance - wanted;
    relative = reach > largestFinite ? 0 : kInfinity;
  } else {
    relative = got == wanted || (std::isnan(got) && std::isnan(wanted))
                   ? 0
                   : kInfinity;
  }
  if (!(relative <= 1))
    ++failures;
  if (relative > fraction) {
    fraction = relative;
    worst = index;
    allowed = tolerance;
  }
}

static std::string positionOf(size_t index,
                              const std::vector<uint64_t> &shape) {
  std::vector<uint64_t> indices(shape.size());
  for (size_t i = shape.size(); i-- > 0;) {
    indices[i] = index % shape[i];
    index /= shape[i];
  }
  return fmt::format("[{}]", fmt::join(indices, ", "));
}

OutputDifference cli::compareOutput(const ExpectedOutput &expected,
                                    const HostTensor &got) {
  if (got.shape != expected.values.shape)
    return {false, kInfinity,
            fmt::format("result {}: expected shape {}, got {}",
                        quoted(expected.name), describeTensor(expected.values),
                        describeTensor(got))};
  size_t count = expected.values.data.size() / sizeof(double);
  double top = largest(got.dtype);
  Differences differences;
  for (size_t i = 0; i < count; ++i) {
    double wanted = load<double>(expected.values.data, i);
    double tolerance =
        expected.allowed.empty() ? expected.absolute : expected.allowed[i];
    if (expected.ulps != 0)
      tolerance += expected.ulps * unitInLastPlace(got.dtype, wanted);
    differences.add(i, elementOf(got, i), wanted, tolerance, top);
  }

  double nmse = differences.nmse();
  std::string sizes = fmt::format(
      "max difference {:.3g}{}, nmse {:.2g}", differences.largestError,
      differences.scale > 0
          ? fmt::format(" ({:.3g} of max|expected|)",
                        differences.largestError / differences.scale)
          : "",
      nmse);
  OutputDifference result;
  result.isWithin = differences.failures == 0 && nmse <= expected.nmse;
  result.fraction = std::max(differences.fraction, nmse / expected.nmse);
  if (differences.failures != 0) {
    size_t worst = differences.worst;
    // Of NaNs the sign says nothing.
    double value = elementOf(got, worst);
    value = std::isnan(value) ? std::fabs(value) : value;
    double wanted = load<double>(expected.values.data, worst);
    result.text = fmt::format(
        "result {} {}: {} of {} elements differ by more than allowed; the "
        "worst is {}: got {:.9g}, expected {:.9g}, difference {:.3g}, allowed "
        "{:.3g}; {}",
        quoted(expected.name), describeTensor(got), differences.failures, count,
        positionOf(worst, got.shape), value, wanted, std::fabs(value - wanted),
        differences.allowed, sizes);
  } else if (!result.isWithin) {
    result.text = fmt::format(
        "result {} {}: the squared errors are {:.3g} of the squares, allowed "
        "{:.3g}; {}",
        quoted(expected.name), describeTensor(got), nmse, expected.nmse, sizes);
  } else {
    result.text = fmt::format("{} {}, {:.3f} of the bound", expected.name,
                              sizes, result.fraction);
  }
  return result;
}
