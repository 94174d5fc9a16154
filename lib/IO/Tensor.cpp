//===- Tensor.cpp - A tensor in host memory -------------------------------===//
//
// Checked sizes, descriptions for messages, conversion to double, and the file
// that a command line names.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Tensor.h"
#include "ssmc/IO/Float16.h"
#include "ssmc/IO/Npy.h"
#include "ssmc/IO/Safetensors.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <new>
#include <stdexcept>

using namespace ssmc;

Result<uint64_t> ssmc::elementCount(const std::vector<uint64_t> &shape) {
  // A zero anywhere makes the product 0 even if the rest overflows, but no
  // reader of another language agrees on that: refuse it like the format does.
  uint64_t count = 1;
  for (uint64_t dim : shape)
    if (__builtin_mul_overflow(count, dim, &count))
      return Status::invalid("a shape's dimensions multiply to more than 2^64");
  return count;
}

Result<uint64_t> ssmc::byteCount(DType dtype,
                                 const std::vector<uint64_t> &shape) {
  Result<uint64_t> count = elementCount(shape);
  if (!count.ok())
    return count;
  uint64_t bytes;
  if (__builtin_mul_overflow(*count, static_cast<uint64_t>(dtypeSize(dtype)),
                             &bytes) ||
      bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return Status::invalid(describeTensor(dtype, shape) +
                           " takes more than 2^63 bytes");
  return bytes;
}

Result<HostTensor> ssmc::makeTensor(DType dtype, std::vector<uint64_t> shape) {
  Result<uint64_t> bytes = byteCount(dtype, shape);
  if (!bytes.ok())
    return bytes.status();
  HostTensor tensor{dtype, std::move(shape), {}};
  try {
    tensor.data.resize(*bytes);
  } catch (const std::exception &) {
    return Status::invalid(
        fmt::format("not enough memory for {}, which takes {} bytes",
                    describeTensor(tensor), *bytes));
  }
  return tensor;
}

std::string ssmc::describeTensor(DType dtype,
                                 const std::vector<uint64_t> &shape) {
  constexpr size_t kMaxRank = 16;
  std::string text(dtypeName(dtype));
  text += '[';
  for (size_t i = 0; i < std::min(shape.size(), kMaxRank); ++i)
    text += fmt::format("{}{}", i ? ", " : "", shape[i]);
  if (shape.size() > kMaxRank)
    text += fmt::format(", ... {} dimensions", shape.size());
  return text + ']';
}

std::string ssmc::describeTensor(const HostTensor &tensor) {
  return describeTensor(tensor.dtype, tensor.shape);
}

/// Converts each element, stored as a T, with `toDouble`.
template <typename T, typename Function>
static std::vector<double> convert(const std::vector<uint8_t> &data,
                                   Function toDouble) {
  std::vector<double> values(data.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T element;
    std::memcpy(&element, data.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(toDouble(element));
  }
  return values;
}

std::vector<double> ssmc::toDoubles(const HostTensor &tensor) {
  auto asIs = [](auto element) { return element; };
  switch (tensor.dtype) {
  case DType::F64:
    return convert<double>(tensor.data, asIs);
  case DType::F32:
    return convert<float>(tensor.data, asIs);
  case DType::F16:
    return convert<uint16_t>(tensor.data, floatFromF16);
  case DType::BF16:
    return convert<uint16_t>(tensor.data, floatFromBf16);
  case DType::I64:
    return convert<int64_t>(tensor.data, asIs);
  case DType::I32:
    return convert<int32_t>(tensor.data, asIs);
  case DType::I16:
    return convert<int16_t>(tensor.data, asIs);
  case DType::I8:
    return convert<int8_t>(tensor.data, asIs);
  case DType::U8:
    return convert<uint8_t>(tensor.data, asIs);
  case DType::Bool:
    return convert<uint8_t>(tensor.data,
                            [](uint8_t element) { return element != 0; });
  }
  return {};
}

static bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.substr(text.size() - suffix.size()) == suffix;
}

/// "'a', 'b' and 7 more" of a file's tensors.
static std::string listNames(const std::vector<TensorInfo> &tensors) {
  constexpr size_t kShown = 8;
  if (tensors.empty())
    return "no tensor";
  std::string text;
  for (size_t i = 0; i < std::min(tensors.size(), kShown); ++i)
    text += (i ? ", " : "") + quoted(tensors[i].name);
  if (tensors.size() > kShown)
    text += fmt::format(" and {} more", tensors.size() - kShown);
  return text;
}

Result<HostTensor> ssmc::loadTensor(const std::string &spec) {
  std::string path = spec;
  if (!path.empty() && path.front() == '@')
    path.erase(0, 1);
  constexpr std::string_view extension = ".safetensors";
  if (endsWith(path, ".npy"))
    return readNpy(path);
  size_t split = path.find(".safetensors:");
  bool named = split != std::string::npos;
  if (!named && !endsWith(path, extension))
    return Status::invalid(quoted(spec) +
                           " names no tensor: expected FILE.npy or "
                           "FILE.safetensors:NAME");
  std::string name;
  if (named) {
    name = path.substr(split + extension.size() + 1);
    path.resize(split + extension.size());
  }
  Result<SafetensorsFile> file = SafetensorsFile::open(path);
  if (!file.ok())
    return file.status();
  if (!named || !file->find(name))
    return Status::invalid(fmt::format(
        "{} {}; it holds {}", quoted(path),
        named ? "has no tensor " + quoted(name)
              : std::string("holds tensors by name: write FILE:NAME"),
        listNames(file->tensors())));
  return file->load(name);
}
