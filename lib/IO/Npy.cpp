//===- Npy.cpp - NumPy's array files --------------------------------------===//
//
// Magic, version, length of the header, the header (a Python dictionary
// literal of three known keys), the elements.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Npy.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

using namespace ssmc;

namespace {
struct Spelling {
  std::string_view descr;
  DType dtype;
};

struct NpyHeader {
  DType dtype = DType::F32;
  std::vector<uint64_t> shape;
};
} // namespace

static constexpr Spelling kTypes[] = {
    {"<f8", DType::F64}, {"<f4", DType::F32}, {"<f2", DType::F16},
    {"<i8", DType::I64}, {"<i4", DType::I32}, {"<i2", DType::I16},
    {"|i1", DType::I8},  {"|u1", DType::U8},  {"|b1", DType::Bool}};

static constexpr std::string_view kMagic = "\x93NUMPY";
/// NumPy writes headers of about 100 bytes and reads at most 10,000.
static constexpr uint64_t kMaxHeader = 65536;
/// NumPy's own limit is 64.
static constexpr size_t kMaxRank = 64;

//===----------------------------------------------------------------------===//
// The header
//===----------------------------------------------------------------------===//

namespace {
/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } with keys
/// in any order and either kind of quotes.
class HeaderParser {
public:
  HeaderParser(std::string_view text, size_t fileOffset)
      : text_(text), fileOffset_(fileOffset) {}

  Result<NpyHeader> parse();

private:
  Status parseEntry();
  Status parseDescr();
  Status parseShape();
  Result<std::string_view> parseString();
  Status expect(char c);

  Status error(const std::string &what) const {
    return Status::invalid(
        fmt::format("byte {}: {}", fileOffset_ + position_, what));
  }
  void skipSpace() {
    while (position_ < text_.size() &&
           (text_[position_] == ' ' || text_[position_] == '\n'))
      ++position_;
  }
  /// Consumes `token` where it comes next.
  bool accept(std::string_view token) {
    skipSpace();
    if (text_.substr(position_, token.size()) != token)
      return false;
    position_ += token.size();
    return true;
  }

  std::string_view text_;
  size_t fileOffset_;
  size_t position_ = 0;
  NpyHeader header_;
  bool hasDescr_ = false, hasOrder_ = false, hasShape_ = false;
};
} // namespace

Status HeaderParser::expect(char c) {
  if (accept(std::string_view(&c, 1)))
    return {};
  std::string found = position_ < text_.size()
                          ? quoted(text_.substr(position_, 1))
                          : "the end of the header";
  return error(fmt::format("expected '{}', found {}", c, found));
}

Result<std::string_view> HeaderParser::parseString() {
  skipSpace();
  char quote = position_ < text_.size() ? text_[position_] : '\0';
  if (quote != '\'' && quote != '"')
    return error("expected a string");
  size_t end = text_.find(quote, position_ + 1);
  if (end == std::string_view::npos)
    return error("a string does not end");
  std::string_view value = text_.substr(position_ + 1, end - position_ - 1);
  position_ = end + 1;
  return value;
}

Status HeaderParser::parseDescr() {
  if (accept("["))
    return error("structured arrays are not supported");
  Result<std::string_view> descr = parseString();
  if (!descr.ok())
    return descr.status();
  for (const Spelling &type : kTypes) {
    // The byte order of single bytes does not matter.
    if (*descr == type.descr ||
        (dtypeSize(type.dtype) == 1 && descr->size() == 3 &&
         descr->substr(1) == type.descr.substr(1))) {
      header_.dtype = type.dtype;
      return {};
    }
  }
  return error(fmt::format(
      "unsupported element type {}, expected little-endian '<f8', '<f4', "
      "'<f2', '<i8', '<i4', '<i2' or '|i1', '|u1', '|b1'; convert the array "
      "with astype()",
      quoted(*descr)));
}

Status HeaderParser::parseShape() {
  SSMC_TRY(expect('('));
  while (!accept(")")) {
    skipSpace();
    size_t begin = position_;
    uint64_t value = 0;
    for (; position_ < text_.size() && text_[position_] >= '0' &&
           text_[position_] <= '9';
         ++position_)
      if (__builtin_mul_overflow(value, uint64_t{10}, &value) ||
          __builtin_add_overflow(
              value, static_cast<uint64_t>(text_[position_] - '0'), &value))
        return error("a dimension is beyond 2^64");
    if (position_ == begin)
      return error("expected a dimension");
    header_.shape.push_back(value);
    if (header_.shape.size() > kMaxRank)
      return error(fmt::format("more than {} dimensions", kMaxRank));
    if (!accept(",")) {
      // "(3)" is a number in Python, not a tuple.
      if (header_.shape.size() == 1)
        return expect(',');
      return expect(')');
    }
  }
  return {};
}

Status HeaderParser::parseEntry() {
  Result<std::string_view> key = parseString();
  if (!key.ok())
    return key.status();
  bool *seen = *key == "descr"           ? &hasDescr_
               : *key == "fortran_order" ? &hasOrder_
               : *key == "shape"         ? &hasShape_
                                         : nullptr;
  if (!seen || std::exchange(*seen, true))
    return error(fmt::format("{} key {}, expected descr, fortran_order and "
                             "shape once each",
                             seen ? "second" : "unknown", quoted(*key)));
  SSMC_TRY(expect(':'));
  if (seen == &hasDescr_)
    return parseDescr();
  if (seen == &hasShape_)
    return parseShape();
  if (accept("True"))
    return error("the array is in Fortran order, expected C order; save "
                 "numpy.ascontiguousarray(array) instead");
  if (!accept("False"))
    return error("fortran_order: expected False");
  return {};
}

Result<NpyHeader> HeaderParser::parse() {
  SSMC_TRY(expect('{'));
  while (!accept("}")) {
    SSMC_TRY(parseEntry());
    if (!accept(",")) {
      SSMC_TRY(expect('}'));
      break;
    }
  }
  skipSpace();
  if (position_ != text_.size())
    return error("text follows the header's dictionary");
  if (!hasDescr_ || !hasOrder_ || !hasShape_)
    return error("the header lacks descr, fortran_order or shape");
  return header_;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// Reads everything before the elements; sets where they begin.
static Result<NpyHeader> readHeader(const RandomAccessFile &file,
                                    uint64_t &dataBegin) {
  std::array<uint8_t, 12> start = {};
  size_t available = std::min<uint64_t>(file.size(), start.size());
  SSMC_TRY(file.read(0, start.data(), available));
  std::string_view magic(reinterpret_cast<const char *>(start.data()),
                         kMagic.size());
  if (magic != kMagic)
    return Status::invalid("byte 0: expected \\x93NUMPY: is it a .npy file?");
  unsigned version = start[6];
  if (available > 7 && (version < 1 || version > 3 || start[7] != 0))
    return Status::invalid(
        fmt::format("byte 6: version {}.{} of the format, expected 1.0, 2.0 or "
                    "3.0",
                    version, start[7]));
  dataBegin = version == 1 ? 10 : 12;
  if (file.size() < dataBegin)
    return Status::invalid(
        fmt::format("cut off in its header, at byte {}", file.size()));
  uint64_t length = start[8] | start[9] << 8;
  if (version > 1)
    length |= static_cast<uint64_t>(start[10]) << 16 |
              static_cast<uint64_t>(start[11]) << 24;
  if (length > kMaxHeader)
    return Status::invalid(
        fmt::format("byte 8: a header of {} bytes, expected at most {}", length,
                    kMaxHeader));
  if (length > file.size() - dataBegin)
    return Status::invalid(
        fmt::format("cut off in its header, at byte {}", file.size()));
  std::string text(length, '\0');
  SSMC_TRY(file.read(dataBegin, text.data(), text.size()));
  Result<NpyHeader> header = HeaderParser(text, dataBegin).parse();
  dataBegin += length;
  return header;
}

static Result<HostTensor> readArray(const RandomAccessFile &file) {
  uint64_t dataBegin = 0;
  Result<NpyHeader> header = readHeader(file, dataBegin);
  if (!header.ok())
    return header.status();
  Result<uint64_t> bytes = byteCount(header->dtype, header->shape);
  if (!bytes.ok())
    return bytes.status();
  if (uint64_t found = file.size() - dataBegin; found != *bytes)
    return Status::invalid(fmt::format(
        "{} takes {} bytes, but {} follow the header: the file {}",
        describeTensor(header->dtype, header->shape), *bytes, found,
        found < *bytes ? "is cut off" : "holds more than one array"));
  Result<HostTensor> tensor =
      makeTensor(header->dtype, std::move(header->shape));
  if (tensor.ok())
    SSMC_TRY(file.read(dataBegin, tensor->data.data(), tensor->data.size()));
  return tensor;
}

Result<HostTensor> ssmc::readNpy(const std::string &path) {
  Result<RandomAccessFile> file = RandomAccessFile::open(path);
  if (!file.ok())
    return file.status();
  Result<HostTensor> tensor = readArray(*file);
  if (!tensor.ok())
    return tensor.status().withContext(escaped(path, 4096));
  return tensor;
}

Status ssmc::writeNpy(const std::string &path, const HostTensor &tensor) {
  const Spelling *type = nullptr;
  for (const Spelling &candidate : kTypes)
    if (candidate.dtype == tensor.dtype)
      type = &candidate;
  if (!type)
    return Status::invalid(
        fmt::format("cannot write {} to {}: .npy files have no such element "
                    "type; write a .safetensors file",
                    describeTensor(tensor), quoted(path)));
  Result<uint64_t> bytes = byteCount(tensor.dtype, tensor.shape);
  if (!bytes.ok())
    return bytes.status();
  if (*bytes != tensor.data.size() || tensor.shape.size() > kMaxRank)
    return Status::invalid(fmt::format(
        "cannot write {}: {} of {} bytes in {} dimensions, expected {} bytes "
        "and at most {} dimensions",
        quoted(path), describeTensor(tensor), tensor.data.size(),
        tensor.shape.size(), *bytes, kMaxRank));
  // A Python tuple of one element needs its comma.
  std::string shape = fmt::format("{}{}", fmt::join(tensor.shape, ", "),
                                  tensor.shape.size() == 1 ? "," : "");
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                  type->descr, shape);
  // The elements begin at a multiple of 64, after a newline.
  constexpr size_t kPrefix = 10;
  size_t total = (kPrefix + header.size() + 1 + 63) / 64 * 64;
  header.resize(total - kPrefix - 1, ' ');
  header += '\n';
  std::string prefix(kMagic);
  prefix += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
             static_cast<char>(header.size() >> 8)};
  std::string_view data(reinterpret_cast<const char *>(tensor.data.data()),
                        tensor.data.size());
  return writeFileAtomically(path, {prefix, header, data});
}
