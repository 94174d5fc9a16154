//===- Json.cpp - JSON without exceptions ---------------------------------===//
//
// A check of the raw text, the parser, and a consumer that builds the value.
// NaN and Infinity never reach the parser: they are replaced by 0 in a copy of
// the text, of the same length so that offsets stay right, and put back by
// counting numbers.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Json.h"
#include "JsonEvents.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <new>
#include <vector>

using namespace ssmc;
using nlohmann::json;

static Status errorAt(std::string_view text, const std::string &where,
                      size_t offset, std::string_view what) {
  offset = std::min(offset, text.size());
  auto line = std::count(text.begin(), text.begin() + offset, '\n') + 1;
  return Status::invalid(fmt::format(
      "{}: not valid JSON: byte {} (line {}): {}", where, offset, line, what));
}

/// The offset after the string whose opening quote is at `begin`, or npos where
/// it does not end.
static size_t skipString(std::string_view text, size_t begin) {
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return std::string_view::npos;
}

/// Refuses the string or word at `begin` that goes on to `end` if it is too
/// long.
static Status checkToken(std::string_view text, const std::string &where,
                         size_t begin, size_t end) {
  if (end == std::string_view::npos)
    return errorAt(text, where, begin, "a string does not end");
  if (end - begin > kMaxJsonToken)
    return errorAt(text, where, begin,
                   fmt::format("a string or number of {} bytes, expected at "
                               "most {}",
                               end - begin, kMaxJsonToken));
  return {};
}

/// Refuses what the parser would accept or be hurt by: a NUL byte ends its
/// input, a byte order mark is skipped, and what it says about a bad token
/// holds several copies of it.
static Status checkText(std::string_view text, const std::string &where) {
  if (size_t nul = text.find('\0'); nul != std::string_view::npos)
    return errorAt(text, where, nul, "found a NUL byte");
  if (text.substr(0, 3) == "\xef\xbb\xbf")
    return errorAt(text, where, 0,
                   "found a byte order mark; save the file without one");
  unsigned depth = 0;
  for (size_t i = 0; i < text.size();) {
    size_t begin = i;
    switch (text[i++]) {
    case '"':
      i = skipString(text, begin);
      SSMC_TRY(checkToken(text, where, begin, i));
      break;
    case '[':
    case '{':
      if (++depth > kMaxJsonDepth)
        return errorAt(
            text, where, begin,
            fmt::format("nested more than {} levels deep", kMaxJsonDepth));
      break;
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    case ',':
    case ':':
    case ' ':
    case '\n':
    case '\r':
    case '\t':
      break;
    default:
      i = std::min(text.find_first_of("[]{},:\" \n\r\t", i), text.size());
      SSMC_TRY(checkToken(text, where, begin, i));
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

bool JsonEvents::fail(std::string reason) {
  reason_ = std::move(reason);
  return false;
}

bool JsonEvents::parse_error(std::size_t position, const std::string &,
                             const json::exception &error) {
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax
  // error while ...": keep the last part.
  std::string_view what = error.what();
  if (size_t bracket = what.find("] "); bracket != std::string_view::npos)
    what.remove_prefix(bracket + 2);
  constexpr std::string_view prefix = "parse error at line ";
  if (what.substr(0, prefix.size()) == prefix)
    if (size_t colon = what.find(": "); colon != std::string_view::npos)
      what.remove_prefix(colon + 2);
  // The parser counts the bytes it has read, the last one included.
  offset_ = position == 0 ? 0 : position - 1;
  // Only the excerpt of the file that ends the message needs escaping.
  constexpr std::string_view excerpt = "last read: '";
  size_t start = what.find(excerpt);
  if (start == std::string_view::npos)
    return fail(escaped(what, 300));
  start += excerpt.size();
  size_t end = std::max(start, what.rfind('\''));
  constexpr size_t kMaxExcerpt = 80;
  return fail(std::string(what.substr(0, start)) +
              escaped(what.substr(start, end - start), kMaxExcerpt) +
              std::string(what.substr(end).substr(0, kMaxExcerpt)));
}

Status ssmc::parseJsonEvents(std::string_view text, const std::string &where,
                             JsonEvents &events) {
  SSMC_TRY(checkText(text, where));
  try {
    if (json::sax_parse(text.begin(), text.end(), &events))
      return {};
  } catch (const std::bad_alloc &) {
    return Status::invalid(where + ": not enough memory to parse it");
  } catch (const std::exception &error) {
    return Status::invalid(where + ": " + escaped(error.what()));
  }
  if (events.offset_ != std::string::npos)
    return errorAt(text, where, events.offset_, events.reason_);
  return Status::invalid(where + ": " + events.reason_);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Non-finite numbers by how many numbers come before them.
using NonFinite = std::map<size_t, double>;

/// Replaces the non-finite tokens of `text` by zeros and returns them.
static NonFinite replaceNonFinite(std::string &text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::pair<std::string_view, double> tokens[] = {
      {"NaN", std::numeric_limits<double>::quiet_NaN()},
      {"Infinity", infinity},
      {"-Infinity", -infinity}};
  NonFinite found;
  size_t numbers = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      i = std::min(skipString(text, i), text.size());
      continue;
    }
    auto token = std::find_if(
        std::begin(tokens), std::end(tokens), [&](const auto &candidate) {
          return text.compare(i, candidate.first.size(), candidate.first) == 0;
        });
    if (token != std::end(tokens)) {
      // Spaces on both sides keep "1NaN" and "NaN.5" malformed.
      text.replace(i, token->first.size(), token->first.size(), ' ');
      text[i + 1] = '0';
      found[numbers++] = token->second;
      i += token->first.size();
      continue;
    }
    constexpr std::string_view numberStart = "-0123456789";
    if (numberStart.find(text[i]) != std::string_view::npos) {
      ++numbers;
      i = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
      continue;
    }
    ++i;
  }
  return found;
}

namespace {
/// Builds a value and refuses duplicate keys.
class ValueBuilder final : public JsonEvents {
public:
  ValueBuilder(json &root, const NonFinite &nonFinite)
      : root_(root), nonFinite_(nonFinite) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool string(string_t &value) override { return add(std::move(value)); }
  bool number_integer(number_integer_t value) override {
    return addNumber(value);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return addNumber(value);
  }
  bool number_float(number_float_t value, const string_t &) override {
    return addNumber(value);
  }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t &name) override {
    if (open_.back()->contains(name))
      return fail("not valid JSON: an object has the key " + quoted(name) +
                  " twice");
    key_ = std::move(name);
    return true;
  }

private:
  json &insert(json value) {
    if (open_.empty())
      return root_ = std::move(value);
    json &parent = *open_.back();
    if (parent.is_object())
      return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }
  bool add(json value) {
    insert(std::move(value));
    return true;
  }
  bool addNumber(json value) {
    if (auto it = nonFinite_.find(numbers_++); it != nonFinite_.end())
      value = it->second;
    return add(std::move(value));
  }
  // An open value stays where it is: only the innermost one grows.
  bool open(json value) {
    open_.push_back(&insert(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json &root_;
  const NonFinite &nonFinite_;
  size_t numbers_ = 0;
  std::vector<json *> open_;
  std::string key_;
};
} // namespace

Result<json> ssmc::parseJson(std::string_view text, const std::string &where,
                             const JsonOptions &options) {
  try {
    std::string replaced;
    NonFinite nonFinite;
    if (options.allowNonFinite) {
      replaced = text;
      nonFinite = replaceNonFinite(replaced);
      text = replaced;
    }
    json value;
    ValueBuilder builder(value, nonFinite);
    SSMC_TRY(parseJsonEvents(text, where, builder));
    return value;
  } catch (const std::bad_alloc &) {
    return Status::invalid(where + ": not enough memory to parse it");
  }
}

Result<json> ssmc::readJsonFile(const std::string &path, uint64_t maxBytes,
                                const JsonOptions &options) {
  Result<std::string> text = readFile(path, maxBytes);
  if (!text.ok())
    return text.status();
  return parseJson(*text, escaped(path, 4096), options);
}

std::string ssmc::describeJson(const json &value) {
  switch (value.type()) {
  case json::value_t::null:
    return "null";
  case json::value_t::object:
    return "an object";
  case json::value_t::array:
    return fmt::format("a list of {}", value.size());
  case json::value_t::string:
    return "the string " + quoted(value.get_ref<const std::string &>(), 60);
  case json::value_t::boolean:
    return value.get<bool>() ? "true" : "false";
  case json::value_t::number_float:
    return fmt::format("the number {}", value.get<double>());
  case json::value_t::number_integer:
    return fmt::format("the number {}", value.get<int64_t>());
  case json::value_t::number_unsigned:
    return fmt::format("the number {}", value.get<uint64_t>());
  default:
    return "no JSON value";
  }
}
