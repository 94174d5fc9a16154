//===- Sizes.cpp - Sizes and sweeps on the command line -------------------===//

#include "tools/cli/Sizes.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include "tools/cli/TensorArgs.h"
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// The whole of `text` as a number.
static std::optional<uint64_t> parseNumber(std::string_view text) {
  uint64_t value = 0;
  const char *end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || text.empty())
    return std::nullopt;
  return value;
}

static std::vector<std::string_view> split(std::string_view text,
                                           char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      return parts;
    text.remove_prefix(at + 1);
  }
}

static Status tooManyValues(const std::string &what) {
  return Status::usage(fmt::format("{} more than {} sizes; take larger steps",
                                   what, kMaxSizePoints));
}

/// The values of "FIRST:LAST:*FACTOR" or "FIRST:LAST:+STEP"; none where it is
/// neither.
static std::optional<std::vector<uint64_t>>
parseRange(const std::vector<std::string_view> &parts) {
  if (parts.size() != 3 || parts[2].empty())
    return std::nullopt;
  std::optional<uint64_t> first = parseNumber(parts[0]);
  std::optional<uint64_t> last = parseNumber(parts[1]);
  std::optional<uint64_t> by = parseNumber(parts[2].substr(1));
  bool isProduct = parts[2].front() == '*';
  if (!first || !last || !by || (!isProduct && parts[2].front() != '+'))
    return std::nullopt;
  // Otherwise there is no end.
  if (*first > *last || *by < (isProduct ? 2 : 1) || (isProduct && *first == 0))
    return std::nullopt;
  std::vector<uint64_t> values;
  for (uint64_t value = *first; values.size() <= kMaxSizePoints;) {
    values.push_back(value);
    bool overflows = isProduct ? __builtin_mul_overflow(value, *by, &value)
                               : __builtin_add_overflow(value, *by, &value);
    if (overflows || value > *last)
      break;
  }
  return values;
}

Result<Sweep> cli::parseSweep(const std::string &text) {
  size_t equals = text.find('=');
  Sweep sweep;
  std::optional<std::vector<uint64_t>> values;
  if (equals != std::string::npos && equals != 0) {
    sweep.name = text.substr(0, equals);
    std::string_view rest = std::string_view(text).substr(equals + 1);
    if (rest.find(':') != std::string_view::npos) {
      values = parseRange(split(rest, ':'));
    } else {
      values.emplace();
      for (std::string_view part : split(rest, ',')) {
        std::optional<uint64_t> value = parseNumber(part);
        if (!value) {
          values.reset();
          break;
        }
        values->push_back(*value);
      }
    }
  }
  if (!values)
    return Status::usage(fmt::format(
        "{} is no sweep; write NAME=FIRST:LAST:*FACTOR, NAME=FIRST:LAST:+STEP "
        "or NAME=VALUE,VALUE,..., for example seqlen=512:8192:*2",
        quoted(text)));
  if (values->size() > kMaxSizePoints)
    return tooManyValues(quoted(text) + " has");
  sweep.values = std::move(*values);
  return sweep;
}

Result<Scalars> cli::parseSizes(const std::vector<std::string> &texts) {
  Scalars sizes;
  for (const std::string &text : texts) {
    Result<std::pair<std::string, uint64_t>> size = parseSize(text);
    if (!size.ok())
      return size.status();
    if (!sizes.insert(*size).second)
      return Status::usage(
          fmt::format("size {} is given twice", quoted(size->first)));
  }
  return sizes;
}

Result<std::vector<Scalars>> cli::sizePoints(const Scalars &fixed,
                                             const std::vector<Sweep> &sweeps) {
  std::vector<Scalars> points = {fixed};
  for (const Sweep &sweep : sweeps) {
    if (points.front().count(sweep.name) != 0)
      return Status::usage(
          fmt::format("size {} is given twice", quoted(sweep.name)));
    if (points.size() * sweep.values.size() > kMaxSizePoints)
      return tooManyValues("the sweeps together have");
    std::vector<Scalars> longer;
    for (const Scalars &point : points)
      for (uint64_t value : sweep.values)
        longer.emplace_back(point).emplace(sweep.name, value);
    points = std::move(longer);
  }
  return points;
}

std::string cli::printSizes(const Scalars &sizes) {
  std::string text;
  for (const auto &[name, value] : sizes)
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, value);
  return text;
}

Result<const bundle::Entry *> cli::chooseEntry(const BundleView &bundle,
                                               const std::string &name) {
  if (!name.empty()) {
    if (const bundle::Entry *entry = bundle.findEntry(name))
      return entry;
    return Status::usage(fmt::format("{} has no entry {}; it has: {}",
                                     quoted(bundle.name()), quoted(name),
                                     bundle.entryNames()));
  }
  const bundle::Entry *only = nullptr;
  for (const bundle::Entry *entry : *bundle.body().entries()) {
    if (entry->name()->string_view() == "init")
      continue;
    if (only != nullptr)
      return Status::usage(
          fmt::format("{} has several entries: {}; choose one with --entry",
                      quoted(bundle.name()), bundle.entryNames()));
    only = entry;
  }
  if (only == nullptr)
    return Status::invalid(
        fmt::format("{} has no entry to run", quoted(bundle.name())));
  return only;
}

/// "'batch', 'seqlen'" for messages.
static std::string dimNames(const bundle::Entry &entry) {
  std::vector<std::string> names;
  for (const flatbuffers::String *name : *entry.dims())
    names.push_back(quoted(name->string_view()));
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

Result<std::vector<uint64_t>> cli::dimsOf(const bundle::Entry &entry,
                                          const Scalars &sizes) {
  std::string context =
      fmt::format("entry {}", quoted(entry.name()->string_view()));
  std::vector<uint64_t> dims;
  std::vector<std::string> missing;
  for (const flatbuffers::String *name : *entry.dims()) {
    auto size = sizes.find(name->string_view());
    if (size == sizes.end())
      missing.push_back(name->str());
    else
      dims.push_back(size->second);
  }
  if (!missing.empty())
    return Status::usage(fmt::format(
        "{} needs a value for {}; give {} with --dims {}=N", context,
        fmt::join(missing, ", "), missing.size() == 1 ? "it" : "them",
        fmt::join(missing, "=N,")));
  for (const auto &[name, value] : sizes) {
    bool isKnown = false;
    for (const flatbuffers::String *dim : *entry.dims())
      isKnown |= dim->string_view() == name;
    if (!isKnown)
      return Status::usage(fmt::format("{} has no size {}; its sizes are {}",
                                       context, quoted(name), dimNames(entry)));
  }
  return dims;
}

void cli::addInputSizes(const bundle::Entry &entry,
                        const std::vector<NamedTensor> &inputs,
                        Scalars &sizes) {
  for (const bundle::Buffer *buffer : *entry.buffers()) {
    if (buffer->kind() != bundle::BufferKind::Input)
      continue;
    for (const NamedTensor &input : inputs) {
      const std::vector<uint64_t> &shape = input.tensor.shape;
      if (input.name != buffer->name()->string_view() ||
          shape.size() != buffer->shape()->size())
        continue;
      for (uint32_t i = 0; i < shape.size(); ++i)
        if (std::optional<uint32_t> dim = bareDim(*buffer->shape()->Get(i)))
          sizes.emplace(entry.dims()->Get(*dim)->str(), shape[i]);
    }
  }
}
