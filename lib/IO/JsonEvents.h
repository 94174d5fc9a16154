//===- JsonEvents.h - Parsing JSON as a stream of events ------------------===//
//
// The common part of the two JSON consumers, the one that builds a
// nlohmann::json and the one that reads safetensors headers. The latter may
// have 100 MB, for which a tree of values would take several times as much.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_IO_JSONEVENTS_H
#define SSMC_LIB_IO_JSONEVENTS_H

#include "ssmc/Support/Status.h"
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ssmc {

/// A consumer of parser events. An event that returns false stops the parser;
/// fail() keeps the reason.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
public:
  bool binary(binary_t &) final { return fail("found binary data"); }
  bool parse_error(std::size_t position, const std::string &,
                   const nlohmann::json::exception &error) final;

protected:
  /// Records why the parser must stop. Returns false.
  bool fail(std::string reason);

private:
  friend Status parseJsonEvents(std::string_view, const std::string &,
                                JsonEvents &);
  std::string reason_;
  /// The byte that a syntax error is at; a reason of the consumer's own has
  /// none, since the parser does not tell where it is.
  size_t offset_ = std::string::npos;
};

/// Parses one JSON value with nothing but white space around it. Refuses
/// nesting beyond kMaxJsonDepth before the parser sees it.
Status parseJsonEvents(std::string_view text, const std::string &where,
                       JsonEvents &events);

} // namespace ssmc

#endif // SSMC_LIB_IO_JSONEVENTS_H
