//===- SafetensorsHeader.cpp - The JSON of a safetensors file -------------===//
//
// A state machine over parser events, which accepts exactly
//   {"__metadata__": {string: string, ...},
//    name: {"dtype": string, "shape": [n, ...], "data_offsets": [n, n]}, ...}
// with keys in any order, and then the check that the tensors tile the data.
//
//===----------------------------------------------------------------------===//

#include "SafetensorsHeader.h"
#include "JsonEvents.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <fmt/format.h>
#include <new>
#include <tuple>
#include <utility>

using namespace ssmc;

namespace {
struct DTypeSpelling {
  std::string_view name;
  DType dtype;
};
} // namespace

static constexpr DTypeSpelling kDTypes[] = {
    {"F64", DType::F64},   {"F32", DType::F32}, {"F16", DType::F16},
    {"BF16", DType::BF16}, {"I64", DType::I64}, {"I32", DType::I32},
    {"I16", DType::I16},   {"I8", DType::I8},   {"U8", DType::U8},
    {"BOOL", DType::Bool}};

/// The rest of the format's element types, to tell unsupported from wrong.
static constexpr std::string_view kUnsupportedDTypes[] = {
    "F4",          "F6_E2M3",     "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0",
    "F8_E4M3FNUZ", "F8_E5M2FNUZ", "U16",     "U32",     "U64",     "C64"};

// Far beyond any real file. They keep a header that is one long list from
// taking many times its own memory.
static constexpr size_t kMaxRank = 64;
static constexpr size_t kMaxMetadata = 65536;

std::string_view ssmc::safetensorsDTypeName(DType dtype) {
  for (const DTypeSpelling &spelling : kDTypes)
    if (spelling.dtype == dtype)
      return spelling.name;
  return {};
}

//===----------------------------------------------------------------------===//
// The grammar
//===----------------------------------------------------------------------===//

namespace {
class HeaderReader final : public JsonEvents {
public:
  explicit HeaderReader(SafetensorsHeader &header) : header_(header) {}

  bool start_object(std::size_t) override;
  bool key(string_t &name) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool string(string_t &text) override;
  bool number_unsigned(number_unsigned_t value) override;

  bool null() override { return unexpected("null"); }
  bool boolean(bool value) override {
    return unexpected(value ? "true" : "false");
  }
  bool number_integer(number_integer_t value) override {
    return unexpected(fmt::format("the number {}", value));
  }
  bool number_float(number_float_t, const string_t &text) override {
    return unexpected("the number " + escaped(text, 40));
  }

private:
  /// What comes next; the names say which value's place it is.
  enum class State {
    Header,
    TensorOrEnd,
    Metadata,
    MetadataValue,
    Tensor,
    DTypeValue,
    Shape,
    ShapeElement,
    Offsets,
    OffsetsElement,
    Done
  };

  bool unexpected(const std::string &found);
  bool keyOfTensor(const std::string &name);
  bool endOfTensor();
  [[nodiscard]] std::string place() const;
  [[nodiscard]] const char *expected() const;
  TensorInfo &tensor() { return header_.tensors.back(); }
  [[nodiscard]] std::string tensorName() const {
    return "tensor " + quoted(header_.tensors.back().name);
  }

  SafetensorsHeader &header_;
  State state_ = State::Header;
  bool hasMetadata_ = false;
  std::string metadataKey_;
  // What the open tensor has had so far.
  bool hasDType_ = false, hasShape_ = false, hasOffsets_ = false;
  unsigned offsetCount_ = 0;
};
} // namespace

const char *HeaderReader::expected() const {
  switch (state_) {
  case State::Header:
  case State::Metadata:
  case State::Tensor:
  case State::TensorOrEnd:
    return "an object";
  case State::MetadataValue:
    return "a string";
  case State::DTypeValue:
    return "an element type as a string";
  case State::Shape:
    return "a list of dimensions";
  case State::Offsets:
    return "a list of two offsets";
  case State::ShapeElement:
  case State::OffsetsElement:
    return "an integer from 0 to 2^64-1";
  case State::Done:
    break;
  }
  return "the end";
}

std::string HeaderReader::place() const {
  switch (state_) {
  case State::Metadata:
    return "__metadata__";
  case State::MetadataValue:
    return "__metadata__." + escaped(metadataKey_);
  case State::Tensor:
    return tensorName();
  case State::DTypeValue:
    return tensorName() + ": dtype";
  case State::Shape:
    return tensorName() + ": shape";
  case State::ShapeElement:
    return fmt::format("{}: shape[{}]", tensorName(),
                       header_.tensors.back().shape.size());
  case State::Offsets:
    return tensorName() + ": data_offsets";
  case State::OffsetsElement:
    return fmt::format("{}: data_offsets[{}]", tensorName(), offsetCount_);
  default:
    return "the header";
  }
}

bool HeaderReader::unexpected(const std::string &found) {
  return fail(
      fmt::format("{}: expected {}, found {}", place(), expected(), found));
}

// An object's state is entered by its key and waits for the brace; whether the
// brace has come is told apart by the parser, which accepts no key before it.
bool HeaderReader::start_object(std::size_t) {
  switch (state_) {
  case State::Header:
    state_ = State::TensorOrEnd;
    return true;
  case State::Metadata:
  case State::Tensor:
    return true;
  default:
    return unexpected("an object");
  }
}

bool HeaderReader::key(string_t &name) {
  switch (state_) {
  case State::TensorOrEnd:
    if (name == "__metadata__") {
      if (std::exchange(hasMetadata_, true))
        return fail("the header has __metadata__ twice");
      state_ = State::Metadata;
      return true;
    }
    header_.tensors.emplace_back();
    tensor().name = std::move(name);
    hasDType_ = hasShape_ = hasOffsets_ = false;
    state_ = State::Tensor;
    return true;
  case State::Metadata:
    if (header_.metadata.count(name))
      return fail("__metadata__ has the key " + quoted(name) + " twice");
    if (header_.metadata.size() == kMaxMetadata)
      return fail(
          fmt::format("__metadata__ has more than {} keys", kMaxMetadata));
    metadataKey_ = std::move(name);
    state_ = State::MetadataValue;
    return true;
  default:
    return keyOfTensor(name);
  }
}

bool HeaderReader::keyOfTensor(const std::string &name) {
  bool *seen = nullptr;
  if (name == "dtype") {
    seen = &hasDType_;
    state_ = State::DTypeValue;
  } else if (name == "shape") {
    seen = &hasShape_;
    state_ = State::Shape;
  } else if (name == "data_offsets") {
    seen = &hasOffsets_;
    offsetCount_ = 0;
    state_ = State::Offsets;
  } else {
    return fail(tensorName() + " has the key " + quoted(name) +
                ", expected dtype, shape and data_offsets only");
  }
  if (std::exchange(*seen, true))
    return fail(tensorName() + " has the key " + quoted(name) + " twice");
  return true;
}

bool HeaderReader::end_object() {
  switch (state_) {
  case State::Metadata:
    state_ = State::TensorOrEnd;
    return true;
  case State::Tensor:
    return endOfTensor();
  default:
    state_ = State::Done;
    return true;
  }
}

bool HeaderReader::endOfTensor() {
  const char *missing = !hasDType_     ? "dtype"
                        : !hasShape_   ? "shape"
                        : !hasOffsets_ ? "data_offsets"
                                       : nullptr;
  if (missing)
    return fail(tensorName() + " has no " + missing);
  state_ = State::TensorOrEnd;
  return true;
}

bool HeaderReader::start_array(std::size_t) {
  if (state_ == State::Shape)
    state_ = State::ShapeElement;
  else if (state_ == State::Offsets)
    state_ = State::OffsetsElement;
  else
    return unexpected("a list");
  return true;
}

bool HeaderReader::end_array() {
  if (state_ == State::OffsetsElement && offsetCount_ != 2)
    return fail(fmt::format("{}: data_offsets: expected 2 numbers, found {}",
                            tensorName(), offsetCount_));
  state_ = State::Tensor;
  return true;
}

bool HeaderReader::string(string_t &text) {
  if (state_ == State::MetadataValue) {
    header_.metadata.emplace(std::move(metadataKey_), std::move(text));
    state_ = State::Metadata;
    return true;
  }
  if (state_ != State::DTypeValue)
    return unexpected("the string " + quoted(text, 60));
  state_ = State::Tensor;
  for (const DTypeSpelling &spelling : kDTypes) {
    if (spelling.name == text) {
      tensor().dtype = spelling.dtype;
      return true;
    }
  }
  bool known =
      std::find(std::begin(kUnsupportedDTypes), std::end(kUnsupportedDTypes),
                text) != std::end(kUnsupportedDTypes);
  return fail(fmt::format(
      "{} dtype {} of {}; supported are F64, F32, F16, BF16, I64, I32, I16, "
      "I8, U8 and BOOL",
      known ? "unsupported" : "unknown", known ? text : quoted(text, 60),
      tensorName()));
}

bool HeaderReader::number_unsigned(number_unsigned_t value) {
  if (state_ == State::ShapeElement) {
    if (tensor().shape.size() == kMaxRank)
      return fail(fmt::format("{} has more than {} dimensions", tensorName(),
                              kMaxRank));
    tensor().shape.push_back(value);
    return true;
  }
  if (state_ != State::OffsetsElement)
    return unexpected(fmt::format("the number {}", value));
  if (offsetCount_ == 0)
    tensor().begin = value;
  else if (offsetCount_ == 1)
    tensor().end = value;
  else
    return fail(tensorName() +
                ": data_offsets: expected 2 numbers, found more");
  ++offsetCount_;
  return true;
}

//===----------------------------------------------------------------------===//
// The layout
//===----------------------------------------------------------------------===//

/// Checks that the range of a tensor has the size of its shape.
static Status checkSize(const TensorInfo &tensor) {
  std::string name = "tensor " + quoted(tensor.name);
  if (tensor.end < tensor.begin)
    return Status::invalid(
        fmt::format("{}: data_offsets [{}, {}] end before they begin", name,
                    tensor.begin, tensor.end));
  Result<uint64_t> bytes = byteCount(tensor.dtype, tensor.shape);
  if (!bytes.ok())
    return bytes.status().withContext(name);
  if (*bytes != tensor.bytes())
    return Status::invalid(fmt::format(
        "{}: {} takes {} bytes, but its data_offsets [{}, {}] span {}", name,
        describeTensor(tensor.dtype, tensor.shape), *bytes, tensor.begin,
        tensor.end, tensor.bytes()));
  return {};
}

/// Checks that the tensors follow each other without holes or overlaps up to
/// the end of the data.
static Status checkLayout(const std::vector<TensorInfo> &tensors,
                          uint64_t dataBytes) {
  std::vector<const TensorInfo *> order;
  order.reserve(tensors.size());
  for (const TensorInfo &tensor : tensors) {
    SSMC_TRY(checkSize(tensor));
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const auto *a, const auto *b) {
    return std::tie(a->begin, a->end) < std::tie(b->begin, b->end);
  });
  uint64_t position = 0;
  for (const TensorInfo *tensor : order) {
    if (tensor->begin != position)
      return Status::invalid(fmt::format(
          "tensor {} begins at byte {} of the data, expected {}, where the "
          "tensor before it ends: {}",
          quoted(tensor->name), tensor->begin, position,
          tensor->begin < position ? "they overlap" : "there is a hole"));
    if (tensor->end > dataBytes)
      return Status::invalid(fmt::format(
          "tensor {} ends at byte {} of the data, which has only {}: the file "
          "is cut off; copy or download it again",
          quoted(tensor->name), tensor->end, dataBytes));
    position = tensor->end;
  }
  if (position != dataBytes)
    return Status::invalid(fmt::format(
        "the tensors end at byte {} of the data, but {} bytes follow them",
        position, dataBytes - position));
  return {};
}

Result<SafetensorsHeader>
ssmc::parseSafetensorsHeader(std::string_view text, uint64_t dataBytes,
                             const std::string &where) {
  if (text.empty() || text.front() != '{')
    return Status::invalid(where +
                           ": expected a header that begins with '{' at byte "
                           "8: is it a safetensors file?");
  try {
    SafetensorsHeader header;
    HeaderReader reader(header);
    SSMC_TRY(parseJsonEvents(text, where, reader));
    std::vector<TensorInfo> &tensors = header.tensors;
    std::sort(tensors.begin(), tensors.end(),
              [](const auto &a, const auto &b) { return a.name < b.name; });
    auto twin = std::adjacent_find(
        tensors.begin(), tensors.end(),
        [](const auto &a, const auto &b) { return a.name == b.name; });
    if (twin != tensors.end())
      return Status::invalid(where + ": the header has tensor " +
                             quoted(twin->name) + " twice");
    SSMC_TRY(checkLayout(tensors, dataBytes).withContext(where));
    return header;
  } catch (const std::bad_alloc &) {
    return Status::invalid(where + ": not enough memory for its header");
  }
}
