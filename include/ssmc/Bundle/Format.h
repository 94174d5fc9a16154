//===- Format.h - The container of a bundle -------------------------------===//
//
// An .ssmb file is
//
//   Header | Section[sectionCount] | section 0 | section 1 | ...
//
// Section 0 is the FlatBuffer body (Bundle.fbs); the others are opaque blobs
// (PTX text, cubins, LLVM bitcode). Each section starts at the next multiple
// of kSectionAlignment, the bytes between are zero, and the file ends with the
// last section. All integers are little-endian. Every byte of the file is
// covered by a checksum or required to be zero, so that any change of any bit
// is detected before anything is used.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_BUNDLE_FORMAT_H
#define SSMC_BUNDLE_FORMAT_H

#include <cstdint>
#include <string_view>

namespace ssmc::bundle {

inline constexpr char kMagic[8] = {'S', 'S', 'M', 'B', '\r', '\n', 0x1a, 0};
inline constexpr uint32_t kFormatVersion = 1;
inline constexpr uint64_t kSectionAlignment = 64;
inline constexpr uint32_t kMaxSections = 256;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t sectionCount;
  /// Size of the whole file.
  uint64_t fileSize;
  /// XXH3-64 of the header with this field zero, followed by the section table.
  uint64_t checksum;
};
static_assert(sizeof(Header) == 32);

struct Section {
  uint64_t offset;
  uint64_t size;
  /// XXH3-64 of the section's bytes.
  uint64_t checksum;
};
static_assert(sizeof(Section) == 24);

/// Whether the bytes of a section are a cubin, machine code in an ELF file; an
/// image's are PTX text otherwise.
inline bool isCubin(std::string_view section) {
  return section.substr(0, 4) == std::string_view("\x7f"
                                                  "ELF");
}

} // namespace ssmc::bundle

#endif // SSMC_BUNDLE_FORMAT_H
