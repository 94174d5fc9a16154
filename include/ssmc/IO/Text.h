//===- Text.h - Showing text that comes from files ------------------------===//
//
// Tensor names, keys and paths come from files that nobody has vetted. They
// are shown quoted and escaped, so that they can neither steer a terminal nor
// flood it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_TEXT_H
#define SSMC_IO_TEXT_H

#include <cstddef>
#include <string>
#include <string_view>

namespace ssmc {

/// `text` without control characters, quotes, backslashes and bytes that are
/// not UTF-8: they become \n, \t, \', \\ or \xNN. Code points that reorder or
/// hide text count as control characters. What is longer than `maxBytes` is cut
/// and ends in "...".
std::string escaped(std::string_view text, size_t maxBytes = 160);

/// quoted(text, maxBytes): escaped() between single quotes. An object, not a
/// function, because a call with a std::string would also find std::quoted.
struct Quoted {
  std::string operator()(std::string_view text, size_t maxBytes = 160) const;
};
inline constexpr Quoted quoted;

} // namespace ssmc

#endif // SSMC_IO_TEXT_H
