//===- Json.h - JSON without exceptions -----------------------------------===//
//
// nlohmann-json behind a Status, with what it lacks for files of unknown
// origin: limits on nesting and on strings, refusal of duplicate keys and of
// NUL bytes, and the NaN and Infinity that Python's json module writes.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_JSON_H
#define SSMC_IO_JSON_H

#include "ssmc/Support/Status.h"
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ssmc {

struct JsonOptions {
  /// Accept the tokens NaN, Infinity and -Infinity as numbers.
  bool allowNonFinite = false;
};

/// Brackets may be nested this deep.
inline constexpr unsigned kMaxJsonDepth = 256;
/// Bytes in one string or number, as it stands in the text.
inline constexpr size_t kMaxJsonToken = size_t{16} << 20;

/// Parses one JSON value with nothing but white space around it. Messages begin
/// with `where` (a path, say) and give byte offset and line.
Result<nlohmann::json> parseJson(std::string_view text,
                                 const std::string &where,
                                 const JsonOptions &options = {});

/// parseJson() of a file of at most `maxBytes` bytes.
Result<nlohmann::json> readJsonFile(const std::string &path, uint64_t maxBytes,
                                    const JsonOptions &options = {});

/// "an object", "the string 'x'", "the number 3.5": what a message found.
std::string describeJson(const nlohmann::json &value);

} // namespace ssmc

#endif // SSMC_IO_JSON_H
