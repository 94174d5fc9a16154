//===- Compare.cpp - Results against expected ones ------------------------===//

#include "tools/cli/Compare.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

/// Of a binary floating-point type: bits after the point of a normal number,
/// and the least exponent of one.
struct FloatFormat {
  int fractionBits;
  int minExponent;
};

bool floatFormat(DType dtype, FloatFormat &format) {
  switch (dtype) {
  case DType::F64:
    format = {52, -1022};
    return true;
  case DType::F32:
    format = {23, -126};
    return true;
  case DType::F16:
    format = {10, -14};
    return true;
  case DType::BF16:
    format = {7, -126};
    return true;
  default:
    return false;
  }
}

/// The position of element `index` in row-major order: "[1, 2]".
std::string position(size_t index, const std::vector<uint64_t> &shape) {
  std::vector<uint64_t> indices(shape.size());
  for (size_t i = shape.size(); i-- > 0;) {
    indices[i] = index % shape[i];
    index /= shape[i];
  }
  return fmt::format("[{}]", fmt::join(indices, ", "));
}

/// An element with the digits that its type can hold.
std::string printElement(DType dtype, double value) {
  switch (dtype) {
  case DType::F32:
    return fmt::format("{}", static_cast<float>(value));
  case DType::F16:
    return fmt::format("{:.5g}", value);
  case DType::BF16:
    return fmt::format("{:.4g}", value);
  case DType::Bool:
    return value != 0 ? "true" : "false";
  default:
    return fmt::format("{}", value);
  }
}

/// Prints dimension `dim` of a tensor from element `first` on; dimensions
/// longer than `limit` lose their middle.
void printDimension(std::string &text, const HostTensor &tensor,
                    const std::vector<double> &values, size_t dim, size_t first,
                    size_t limit) {
  if (dim == tensor.shape.size()) {
    text += printElement(tensor.dtype, values[first]);
    return;
  }
  size_t stride = 1;
  for (size_t i = dim + 1; i < tensor.shape.size(); ++i)
    stride *= tensor.shape[i];
  size_t extent = tensor.shape[dim];
  bool elide = extent > limit;
  text += "[";
  for (size_t i = 0; i < extent; ++i) {
    if (i != 0)
      text += ", ";
    if (elide && i == limit / 2) {
      text += "..., ";
      i = extent - limit / 2;
    }
    printDimension(text, tensor, values, dim + 1, first + i * stride, limit);
  }
  text += "]";
}

} // namespace

double cli::unitInLastPlace(DType dtype, double value) {
  FloatFormat format = {0, 0};
  if (!floatFormat(dtype, format) || !std::isfinite(value))
    return 0;
  int exponent = value == 0 ? format.minExponent : std::ilogb(value);
  return std::ldexp(1.0, std::max(exponent, format.minExponent) -
                             format.fractionBits);
}

Tolerance cli::defaultTolerance(DType dtype) {
  Tolerance tolerance;
  FloatFormat format = {0, 0};
  if (floatFormat(dtype, format)) {
    tolerance.maxRelative = 1e-5;
    tolerance.ulps = dtypeSize(dtype) == 2 ? 1 : 0;
  }
  return tolerance;
}

Result<std::string> cli::compareTensors(const std::string &name,
                                        const HostTensor &got,
                                        const HostTensor &expected,
                                        const Tolerance &tolerance) {
  if (got.shape != expected.shape)
    return Status::mismatch(fmt::format("result {}: expected shape {}, got {}",
                                        quoted(name), describeTensor(expected),
                                        describeTensor(got)));
  std::vector<double> values = toDoubles(got);
  std::vector<double> wanted = toDoubles(expected);
  double scale = 0;
  for (double value : wanted)
    if (std::isfinite(value))
      scale = std::max(scale, std::fabs(value));

  constexpr double infinity = std::numeric_limits<double>::infinity();
  size_t failures = 0, worst = 0;
  double worstExcess = 0, worstAllowed = 0, maxDifference = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double difference = std::fabs(values[i] - wanted[i]);
    // Not a number on one side only, or infinities that differ.
    if (std::isnan(difference))
      difference = (std::isnan(values[i]) && std::isnan(wanted[i])) ||
                           values[i] == wanted[i]
                       ? 0
                       : infinity;
    double allowed = tolerance.absolute + tolerance.maxRelative * scale +
                     tolerance.ulps * unitInLastPlace(got.dtype, wanted[i]);
    // An infinite expectation must not allow everything.
    if (std::isfinite(wanted[i]))
      allowed += tolerance.relative * std::fabs(wanted[i]);
    maxDifference = std::max(maxDifference, difference);
    if (difference <= allowed)
      continue;
    ++failures;
    if (failures == 1 || difference - allowed > worstExcess) {
      worst = i;
      worstExcess = difference - allowed;
      worstAllowed = allowed;
    }
  }
  std::string relative = scale > 0 ? fmt::format(" ({:.3g} of max|expected|)",
                                                 maxDifference / scale)
                                   : "";
  if (failures == 0)
    return fmt::format("max difference {:.3g}{}", maxDifference, relative);
  return Status::mismatch(fmt::format(
      "result {} {}: {} of {} elements differ by more than allowed; the worst "
      "is {}: got {}, expected {}, difference {:.3g}, allowed {:.3g}; max "
      "difference {:.3g}{}",
      quoted(name), describeTensor(got), failures, values.size(),
      position(worst, got.shape), printElement(got.dtype, values[worst]),
      printElement(expected.dtype, wanted[worst]),
      std::fabs(values[worst] - wanted[worst]), worstAllowed, maxDifference,
      relative));
}

std::string cli::printTensor(const HostTensor &tensor) {
  std::vector<double> values = toDoubles(tensor);
  // Small tensors whole; of large ones the corners.
  constexpr size_t wholeBelow = 65;
  bool whole = !values.empty() && values.size() < wholeBelow;
  size_t limit = whole ? wholeBelow : 6;
  std::string text = describeTensor(tensor) + " = ";
  printDimension(text, tensor, values, 0, 0, limit);
  return text;
}
