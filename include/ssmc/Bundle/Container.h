//===- Container.h - Writing the container of a bundle --------------------===//
//
// The one writer of the layout that Format.h describes, used by the compiler
// and by the tests of the reader, so that the two sides cannot drift apart.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_BUNDLE_CONTAINER_H
#define SSMC_BUNDLE_CONTAINER_H

#include "ssmc/Support/Status.h"
#include <cstdint>
#include <string_view>
#include <vector>

namespace ssmc::bundle {

/// Lays out the header, the section table and `sections` (section 0 is the
/// FlatBuffer body) with their checksums: the bytes of an .ssmb file. Fails
/// where there are no sections or more than kMaxSections.
Result<std::vector<uint8_t>>
assembleContainer(const std::vector<std::string_view> &sections);

/// XXH3-64 of `bytes`, the checksum of every part of the container.
uint64_t checksum(std::string_view bytes);

} // namespace ssmc::bundle

#endif // SSMC_BUNDLE_CONTAINER_H
