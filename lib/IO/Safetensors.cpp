//===- Safetensors.cpp - One safetensors file -----------------------------===//
//
// Opening, reading and writing: 8 bytes with the length of the header, the
// header, the data.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Safetensors.h"
#include "SafetensorsHeader.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

using namespace ssmc;

const TensorInfo *ssmc::findTensor(const std::vector<TensorInfo> &tensors,
                                   std::string_view name) {
  auto it = std::lower_bound(tensors.begin(), tensors.end(), name,
                             [](const TensorInfo &tensor, std::string_view n) {
                               return tensor.name < n;
                             });
  return it != tensors.end() && it->name == name ? &*it : nullptr;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Result<SafetensorsFile> SafetensorsFile::open(const std::string &path) {
  Result<RandomAccessFile> opened = RandomAccessFile::open(path);
  if (!opened.ok())
    return opened.status();
  SafetensorsFile file(std::move(*opened));
  const std::string where = escaped(path, 4096);
  uint64_t fileSize = file.file_.size();
  if (fileSize < kSafetensorsPrefix)
    return Status::invalid(fmt::format(
        "{}: has {} bytes, expected at least 8: not a safetensors file, or cut "
        "off",
        where, fileSize));
  std::array<uint8_t, kSafetensorsPrefix> prefix;
  SSMC_TRY(file.file_.read(0, prefix.data(), prefix.size()));
  uint64_t headerSize = 0;
  for (size_t i = prefix.size(); i-- > 0;)
    headerSize = headerSize << 8 | prefix[i];
  if (headerSize > kMaxSafetensorsHeader)
    return Status::invalid(fmt::format(
        "{}: byte 0 gives a header of {} bytes, expected at most {}: is it a "
        "safetensors file?",
        where, headerSize, kMaxSafetensorsHeader));
  if (headerSize > fileSize - kSafetensorsPrefix)
    return Status::invalid(fmt::format(
        "{}: byte 0 gives a header of {} bytes, but only {} follow: the file "
        "is cut off; copy or download it again",
        where, headerSize, fileSize - kSafetensorsPrefix));
  uint64_t dataBegin = kSafetensorsPrefix + headerSize;
  try {
    std::string text(headerSize, '\0');
    SSMC_TRY(file.file_.read(kSafetensorsPrefix, text.data(), text.size()));
    Result<SafetensorsHeader> header =
        parseSafetensorsHeader(text, fileSize - dataBegin, where);
    if (!header.ok())
      return header.status();
    file.tensors_ = std::move(header->tensors);
    file.metadata_ = std::move(header->metadata);
  } catch (const std::bad_alloc &) {
    return Status::invalid(where + ": not enough memory for its header");
  }
  // Both sums stay below the file's size, as the header's check guarantees.
  for (TensorInfo &tensor : file.tensors_) {
    tensor.begin += dataBegin;
    tensor.end += dataBegin;
  }
  return file;
}

Status SafetensorsFile::read(const TensorInfo &tensor, uint64_t offset,
                             void *target, size_t bytes) const {
  if (offset > tensor.bytes() || bytes > tensor.bytes() - offset)
    return Status::invalid(fmt::format(
        "{}: cannot read {} bytes at byte {} of tensor {}, which has {}",
        escaped(path(), 4096), bytes, offset, quoted(tensor.name),
        tensor.bytes()));
  return file_.read(tensor.begin + offset, target, bytes);
}

Result<HostTensor> SafetensorsFile::load(std::string_view name) const {
  const TensorInfo *info = find(name);
  if (!info)
    return Status::invalid(quoted(path(), 4096) + " has no tensor " +
                           quoted(name));
  Result<HostTensor> tensor = makeTensor(info->dtype, info->shape);
  if (!tensor.ok())
    return tensor.status().withContext("tensor " + quoted(name));
  SSMC_TRY(read(*info, 0, tensor->data.data(), tensor->data.size()));
  return tensor;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Status ssmc::writeSafetensors(
    const std::string &path,
    const std::vector<std::pair<std::string, HostTensor>> &tensors,
    const std::map<std::string, std::string> &metadata) {
  using Entry = std::pair<std::string, HostTensor>;
  std::vector<const Entry *> order;
  std::set<std::string_view> names = {"__metadata__"};
  for (const Entry &entry : tensors) {
    const auto &[name, tensor] = entry;
    if (!names.insert(name).second)
      return Status::invalid("cannot write " + quoted(path) + ": the name " +
                             quoted(name) + " is taken");
    Result<uint64_t> bytes = byteCount(tensor.dtype, tensor.shape);
    if (!bytes.ok())
      return bytes.status().withContext("tensor " + quoted(name));
    if (*bytes != tensor.data.size())
      return Status::invalid(fmt::format(
          "cannot write tensor {}: {} takes {} bytes, but it has {}",
          quoted(name), describeTensor(tensor), *bytes, tensor.data.size()));
    order.push_back(&entry);
  }
  // std::stable_sort warns of a deprecated buffer of its own; sort by position
  // within equal sizes instead.
  std::sort(order.begin(), order.end(), [](const Entry *a, const Entry *b) {
    size_t sizeA = dtypeSize(a->second.dtype);
    size_t sizeB = dtypeSize(b->second.dtype);
    return sizeA != sizeB ? sizeA > sizeB : a < b;
  });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  std::vector<std::string_view> parts(2);
  uint64_t position = 0;
  for (const Entry *entry : order) {
    const auto &[name, tensor] = *entry;
    uint64_t end = position + tensor.data.size();
    header[name] = {{"dtype", safetensorsDTypeName(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {position, end}}};
    parts.emplace_back(reinterpret_cast<const char *>(tensor.data.data()),
                       tensor.data.size());
    position = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const std::exception &) {
    return Status::invalid("cannot write " + quoted(path) +
                           ": a name or the metadata is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxSafetensorsHeader)
    return Status::invalid(
        fmt::format("cannot write {}: its header would have {} bytes, the "
                    "format allows {}",
                    quoted(path), text.size(), kMaxSafetensorsHeader));
  std::string prefix;
  for (unsigned i = 0; i < kSafetensorsPrefix; ++i)
    prefix += static_cast<char>(text.size() >> (8 * i) & 0xff);
  parts[0] = prefix;
  parts[1] = text;
  return writeFileAtomically(path, parts);
}
