//===- BundleView.cpp - A verified bundle in memory -----------------------===//

#include "ssmc/Runtime/BundleView.h"
#include "BundleVerify.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <cstring>
#include <fmt/format.h>

namespace ssmc::runtime {

using bundle::Header;
using bundle::Section;

/// What to do about a file that is not what was once written.
static constexpr const char *kDamaged =
    "the file is damaged or incomplete: copy or compile it again";

Result<std::unique_ptr<BundleView>> BundleView::open(const std::string &path) {
  Result<RandomAccessFile> file = RandomAccessFile::open(path);
  if (!file.ok())
    return file.status();
  // Before anything is allocated for it: a huge file of another kind.
  char magic[sizeof(bundle::kMagic)];
  if (file->size() >= sizeof(Header)) {
    SSMC_TRY(file->read(0, magic, sizeof(magic)));
    if (std::memcmp(magic, bundle::kMagic, sizeof(magic)) != 0)
      return fromBytes({magic, magic + sizeof(magic)}, path);
  }
  try {
    std::vector<uint8_t> bytes(file->size());
    SSMC_TRY(file->read(0, bytes.data(), bytes.size()));
    return fromBytes(std::move(bytes), path);
  } catch (const std::bad_alloc &) {
    return Status::invalid(fmt::format("{}: no memory for its {} bytes",
                                       quoted(path), file->size()));
  }
}

Result<std::unique_ptr<BundleView>>
BundleView::fromBytes(std::vector<uint8_t> bytes, std::string name) {
  std::unique_ptr<BundleView> view(
      new BundleView(std::move(bytes), std::move(name)));
  Status status = view->readContainer();
  if (status.ok())
    status = view->readBody();
  if (!status.ok())
    return status.withContext(quoted(view->name_));
  return view;
}

/// Fails where one of the bytes from `begin` to `end` is not zero.
static Status checkPadding(const std::vector<uint8_t> &bytes, uint64_t begin,
                           uint64_t end) {
  for (uint64_t i = begin; i < end; ++i)
    if (bytes[i] != 0)
      return Status::invalid(
          fmt::format("padding at byte {}: expected 0, found {}; {}", i,
                      bytes[i], kDamaged));
  return {};
}

Status BundleView::readContainer() {
  Header header;
  // The magic first, so that another kind of file is called just that.
  if (bytes_.size() >= sizeof(header.magic) &&
      std::memcmp(bytes_.data(), bundle::kMagic, sizeof(header.magic)) != 0)
    return Status::invalid(
        "header at byte 0: not an ssmc bundle (wrong magic number); expected "
        "a file that `ssmc compile` wrote");
  if (bytes_.size() < sizeof(header))
    return Status::invalid(
        fmt::format("header at byte 0: expected {} bytes, found {}; {}",
                    sizeof(header), bytes_.size(), kDamaged));
  std::memcpy(&header, bytes_.data(), sizeof(header));
  if (header.version != bundle::kFormatVersion)
    return Status::invalid(fmt::format(
        "header at byte 8: bundle format version {}, this program reads "
        "version {}; compile the model again with this release, or use the "
        "release that wrote the file",
        header.version, bundle::kFormatVersion));
  if (header.fileSize != bytes_.size())
    return Status::invalid(
        fmt::format("header at byte 16: the file should have {} bytes, it has "
                    "{}; {}",
                    header.fileSize, bytes_.size(), kDamaged));
  if (header.sectionCount == 0 || header.sectionCount > bundle::kMaxSections)
    return Status::invalid(
        fmt::format("header at byte 12: {} sections, expected 1 to {}; {}",
                    header.sectionCount, bundle::kMaxSections, kDamaged));
  uint64_t tableBytes = header.sectionCount * sizeof(Section);
  uint64_t tableEnd = sizeof(header) + tableBytes;
  if (tableEnd > bytes_.size())
    return Status::invalid(fmt::format(
        "section table at byte {}: {} sections need {} bytes, the file has {}; "
        "{}",
        sizeof(header), header.sectionCount, tableEnd, bytes_.size(),
        kDamaged));

  std::string summed(bytes_.begin(), bytes_.begin() + tableEnd);
  std::memset(summed.data() + offsetof(Header, checksum), 0,
              sizeof(header.checksum));
  if (bundle::checksum(summed) != header.checksum)
    return Status::invalid(fmt::format(
        "header and section table at bytes 0 to {}: the checksum does not "
        "match; {}",
        tableEnd, kDamaged));

  sections_.resize(header.sectionCount);
  std::memcpy(sections_.data(), bytes_.data() + sizeof(header), tableBytes);
  uint64_t end = tableEnd;
  for (uint32_t i = 0; i < header.sectionCount; ++i) {
    const Section &section = sections_[i];
    uint64_t begin = (end + bundle::kSectionAlignment - 1) /
                     bundle::kSectionAlignment * bundle::kSectionAlignment;
    if (section.offset != begin || begin > bytes_.size() ||
        section.size > bytes_.size() - begin)
      return Status::invalid(fmt::format(
          "section {}: bytes {} + {} do not fit the file of {} bytes where "
          "the section starts at byte {}; {}",
          i, section.offset, section.size, bytes_.size(), begin, kDamaged));
    SSMC_TRY(checkPadding(bytes_, end, begin));
    end = begin + section.size;
    if (bundle::checksum(this->section(i)) != section.checksum)
      return Status::invalid(
          fmt::format("section {} at bytes {} to {}: the checksum does not "
                      "match; {}",
                      i, begin, end, kDamaged));
  }
  if (end != bytes_.size())
    return Status::invalid(fmt::format(
        "{} bytes follow the last section, which ends at byte {}; {}",
        bytes_.size() - end, end, kDamaged));
  return {};
}

Status BundleView::readBody() {
  std::string_view body = section(0);
  auto where = [&](const std::string &reason) {
    return Status::invalid(
        fmt::format("section 0 (body) at byte {}: {}; compile the model again",
                    sections_[0].offset, reason));
  };
  if (body.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return where("the body is larger than 2 GiB");
  // Every nested table counts once per reference, so a small file cannot make
  // the verifier run for long by sharing.
  constexpr flatbuffers::uoffset_t maxDepth = 16, maxTables = 16'000'000;
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(body.data()),
                                 body.size(), maxDepth, maxTables);
  if (!bundle::VerifyBundleBuffer(verifier))
    return where("not a well-formed FlatBuffer of the bundle schema");
  body_ = bundle::GetBundle(body.data());
  std::vector<std::string_view> sections;
  for (uint32_t i = 0; i < sectionCount(); ++i)
    sections.push_back(section(i));
  if (Status status = verifyBundle(*body_, sections); !status.ok())
    return where(status.message());
  return {};
}

const bundle::Entry *BundleView::findEntry(std::string_view name) const {
  for (const bundle::Entry *entry : *body_->entries())
    if (entry->name()->string_view() == name)
      return entry;
  return nullptr;
}

std::string BundleView::entryNames() const {
  std::string names;
  for (const bundle::Entry *entry : *body_->entries())
    names += (names.empty() ? "" : ", ") + quoted(entry->name()->string_view());
  return names.empty() ? "none" : names;
}

std::string_view BundleView::section(uint32_t index) const {
  const Section &section = sections_[index];
  return {reinterpret_cast<const char *>(bytes_.data()) + section.offset,
          section.size};
}

std::string_view BundleView::bitcode() const {
  uint32_t index = body_->bitcode_section();
  return index == 0 ? std::string_view() : section(index);
}

} // namespace ssmc::runtime
