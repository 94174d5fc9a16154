//===- Checkpoint.cpp - A model's tensors in one file or several ----------===//
//
// Finds the files of a checkpoint and joins their tensors into one list. The
// index of a sharded one, {"weight_map": {tensor: file}, ...}, is as little to
// be trusted as the shards: its file names cannot leave the directory.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Json.h"
#include "ssmc/IO/Safetensors.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <fmt/format.h>

using namespace ssmc;

static constexpr std::string_view kSingleFile = "model.safetensors";
static constexpr std::string_view kIndexFile = "model.safetensors.index.json";
static constexpr uint64_t kMaxIndexBytes = 100'000'000;

Result<Checkpoint> Checkpoint::open(const std::string &path) {
  constexpr std::string_view indexExtension = ".index.json";
  std::string file = path;
  if (isDirectory(path)) {
    std::string index = joinPath(path, kIndexFile);
    file = joinPath(path, kSingleFile);
    if (!pathExists(file)) {
      if (!pathExists(index))
        return Status::invalid(fmt::format(
            "{} has neither {} nor {}: expected the directory of a checkpoint; "
            "convert a pytorch_model.bin with the safetensors package",
            quoted(path, 4096), kSingleFile, kIndexFile));
      return openIndex(path, index);
    }
  } else if (path.size() > indexExtension.size() &&
             std::string_view(path).substr(
                 path.size() - indexExtension.size()) == indexExtension) {
    size_t slash = path.rfind('/');
    return openIndex(
        slash == std::string::npos ? "." : path.substr(0, slash + 1), path);
  }
  Result<SafetensorsFile> opened = SafetensorsFile::open(file);
  if (!opened.ok())
    return opened.status();
  Checkpoint checkpoint;
  checkpoint.path_ = std::move(file);
  checkpoint.tensors_ = opened->tensors();
  checkpoint.files_.push_back(std::move(*opened));
  return checkpoint;
}

Result<Checkpoint> Checkpoint::openIndex(const std::string &directory,
                                         const std::string &indexPath) {
  Result<nlohmann::json> index = readJsonFile(indexPath, kMaxIndexBytes);
  if (!index.ok())
    return index.status();
  const std::string where = escaped(indexPath, 4096);
  if (!index->is_object() || !index->contains("weight_map"))
    return Status::invalid(
        where + ": expected an object with a key weight_map, found " +
        describeJson(*index));
  const nlohmann::json &map = (*index)["weight_map"];
  if (!map.is_object())
    return Status::invalid(where + ": weight_map: expected an object, found " +
                           describeJson(map));

  Checkpoint checkpoint;
  checkpoint.path_ = indexPath;
  std::map<std::string, uint32_t> shards;
  // The keys come sorted, which is the order that tensors_ needs.
  for (const auto &item : map.items()) {
    const std::string &name = item.key();
    const std::string place = where + ": weight_map." + escaped(name);
    if (!item.value().is_string())
      return Status::invalid(place + ": expected a file name, found " +
                             describeJson(item.value()));
    const auto &shard = item.value().get_ref<const std::string &>();
    auto [it, isNew] = shards.try_emplace(
        shard, static_cast<uint32_t>(checkpoint.files_.size()));
    if (isNew) {
      Result<std::string> path = resolveInside(directory, shard);
      if (!path.ok())
        return path.status().withContext(place);
      Result<SafetensorsFile> file = SafetensorsFile::open(*path);
      if (!file.ok())
        return file.status().withContext(place);
      checkpoint.files_.push_back(std::move(*file));
    }
    const TensorInfo *tensor = checkpoint.files_[it->second].find(name);
    if (!tensor)
      return Status::invalid(fmt::format(
          "{}: {} has no such tensor; index and shards do not belong together",
          place, quoted(shard)));
    checkpoint.tensors_.push_back(*tensor);
    checkpoint.tensors_.back().file = it->second;
  }
  return checkpoint;
}

Status Checkpoint::read(const TensorInfo &tensor, uint64_t offset, void *target,
                        size_t bytes) const {
  return files_[tensor.file].read(tensor, offset, target, bytes);
}

Result<HostTensor> Checkpoint::load(std::string_view name) const {
  const TensorInfo *tensor = find(name);
  if (!tensor)
    return Status::invalid(quoted(path_, 4096) + " has no tensor " +
                           quoted(name));
  return files_[tensor->file].load(name);
}
