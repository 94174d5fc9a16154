//===- BundleView.h - A verified bundle in memory -------------------------===//
//
// Reads an .ssmb file and checks all of it once: the container's sizes and
// checksums, the FlatBuffer's structure, then its meaning (every index, dtype,
// expression and count). Whoever holds a BundleView may use what the accessors
// return without looking again.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_BUNDLEVIEW_H
#define SSMC_RUNTIME_BUNDLEVIEW_H

#include "ssmc/Bundle/Format.h"
#include "ssmc/Bundle/Schema.h"
#include "ssmc/Support/DType.h"
#include "ssmc/Support/Status.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc::runtime {

class BundleView {
public:
  /// Reads and verifies the file at `path`.
  static Result<std::unique_ptr<BundleView>> open(const std::string &path);
  /// Verifies `bytes`; `name` stands for them in messages.
  static Result<std::unique_ptr<BundleView>>
  fromBytes(std::vector<uint8_t> bytes, std::string name);

  BundleView(const BundleView &) = delete;
  BundleView &operator=(const BundleView &) = delete;

  /// The path or name that messages use.
  [[nodiscard]] const std::string &name() const { return name_; }
  [[nodiscard]] uint64_t fileSize() const { return bytes_.size(); }

  /// The body: kernels, images, tensors and entries, all in range.
  [[nodiscard]] const bundle::Bundle &body() const { return *body_; }
  [[nodiscard]] const bundle::Kernel &kernel(uint32_t index) const {
    return *body_->kernels()->Get(index);
  }
  [[nodiscard]] uint32_t variantGroupCount() const {
    return body_->variant_groups() ? body_->variant_groups()->size() : 0;
  }
  [[nodiscard]] const bundle::VariantGroup &variantGroup(uint32_t index) const {
    return *body_->variant_groups()->Get(index);
  }
  /// The entry of that name, or null.
  [[nodiscard]] const bundle::Entry *findEntry(std::string_view name) const;
  /// The names of all entries, for messages: "prefill, step".
  [[nodiscard]] std::string entryNames() const;

  [[nodiscard]] uint32_t sectionCount() const {
    return static_cast<uint32_t>(sections_.size());
  }
  /// Offset, size and checksum of a section, for people.
  [[nodiscard]] const bundle::Section &sectionInfo(uint32_t index) const {
    return sections_[index];
  }
  /// The bytes of a section.
  [[nodiscard]] std::string_view section(uint32_t index) const;
  /// The LLVM bitcode of the CPU device; empty when the bundle has none.
  [[nodiscard]] std::string_view bitcode() const;

private:
  BundleView(std::vector<uint8_t> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}
  Status readContainer();
  Status readBody();

  std::vector<uint8_t> bytes_;
  std::string name_;
  std::vector<bundle::Section> sections_;
  const bundle::Bundle *body_ = nullptr;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_BUNDLEVIEW_H
