//===- Container.cpp - Writing the container of a bundle ------------------===//

#include "ssmc/Bundle/Container.h"
#include "ssmc/Bundle/Format.h"
#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ssmc::bundle {

// The structs of Format.h are written as they lie in memory.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "bundles are little-endian");

uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

Result<std::vector<uint8_t>>
assembleContainer(const std::vector<std::string_view> &sections) {
  if (sections.empty() || sections.size() > kMaxSections)
    return Status::invalid("a bundle has 1 to " + std::to_string(kMaxSections) +
                           " sections, not " + std::to_string(sections.size()));

  uint64_t tableEnd = sizeof(Header) + sections.size() * sizeof(Section);
  uint64_t end = tableEnd;
  std::vector<Section> table;
  for (std::string_view bytes : sections) {
    uint64_t offset =
        (end + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
    table.push_back({offset, bytes.size(), checksum(bytes)});
    end = offset + bytes.size();
  }

  std::vector<uint8_t> file(end);
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kFormatVersion;
  header.sectionCount = static_cast<uint32_t>(sections.size());
  header.fileSize = end;
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), table.data(),
              table.size() * sizeof(Section));
  // The checksum field is still zero, as the checksum wants it.
  header.checksum =
      checksum({reinterpret_cast<const char *>(file.data()), tableEnd});
  std::memcpy(file.data(), &header, sizeof(header));
  for (size_t i = 0; i < sections.size(); ++i)
    if (!sections[i].empty())
      std::memcpy(file.data() + table[i].offset, sections[i].data(),
                  sections[i].size());
  return file;
}

} // namespace ssmc::bundle
