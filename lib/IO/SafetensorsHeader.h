//===- SafetensorsHeader.h - The JSON at the start of a safetensors file --===//
//
// Text in, checked tensor list out; no file involved.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_LIB_IO_SAFETENSORSHEADER_H
#define SSMC_LIB_IO_SAFETENSORSHEADER_H

#include "ssmc/IO/Safetensors.h"
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

/// The format's own limit.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;
/// The length of the header, a little-endian number, comes before it.
inline constexpr uint64_t kSafetensorsPrefix = 8;

struct SafetensorsHeader {
  /// Sorted by name.
  std::vector<TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

/// Parses and checks a header that `dataBytes` bytes of tensors follow.
/// `where` begins the messages.
Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view text,
                                                 uint64_t dataBytes,
                                                 const std::string &where);

/// "BF16" for bf16.
std::string_view safetensorsDTypeName(DType dtype);

} // namespace ssmc

#endif // SSMC_LIB_IO_SAFETENSORSHEADER_H
