//===- Safetensors.h - Checkpoint files -----------------------------------===//
//
// Readers of one safetensors file and of a whole checkpoint (one file, or
// shards with an index), and a writer. Opening a file checks everything about
// it but the values: an open file has tensors that lie where the header says,
// without holes, overlaps or bytes left over. Tensors are read when asked for.
//
// Stricter than the format's own library: refused are duplicate keys, keys of a
// tensor other than dtype, shape and data_offsets, white space before the
// header, a null __metadata__ or one of more than 65536 keys, more than 64
// dimensions, strings beyond 16 MiB, and element types that DType lacks.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_SAFETENSORS_H
#define SSMC_IO_SAFETENSORS_H

#include "ssmc/IO/File.h"
#include "ssmc/IO/Tensor.h"
#include <map>
#include <string_view>
#include <utility>

namespace ssmc {

/// A tensor in a file, not its elements.
struct TensorInfo {
  std::string name;
  DType dtype = DType::F32;
  std::vector<uint64_t> shape;
  /// Where the elements are, in bytes from the start of the file.
  uint64_t begin = 0, end = 0;
  /// Which of a checkpoint's files() holds it.
  uint32_t file = 0;

  [[nodiscard]] uint64_t bytes() const { return end - begin; }
};

/// The tensor called `name` in a list sorted by name, or null.
const TensorInfo *findTensor(const std::vector<TensorInfo> &tensors,
                             std::string_view name);

class SafetensorsFile {
public:
  /// Reads and checks the header.
  static Result<SafetensorsFile> open(const std::string &path);

  [[nodiscard]] const std::string &path() const { return file_.path(); }
  /// All tensors, sorted by name.
  [[nodiscard]] const std::vector<TensorInfo> &tensors() const {
    return tensors_;
  }
  /// The __metadata__ of the header.
  [[nodiscard]] const std::map<std::string, std::string> &metadata() const {
    return metadata_;
  }
  /// Null where there is no such tensor.
  [[nodiscard]] const TensorInfo *find(std::string_view name) const {
    return findTensor(tensors_, name);
  }

  /// Reads `bytes` bytes of a tensor of this file, from its byte `offset` on.
  Status read(const TensorInfo &tensor, uint64_t offset, void *target,
              size_t bytes) const;
  /// Reads a whole tensor.
  Result<HostTensor> load(std::string_view name) const;

private:
  explicit SafetensorsFile(RandomAccessFile file) : file_(std::move(file)) {}

  RandomAccessFile file_;
  std::vector<TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// The tensors of a model, in however many files they are.
class Checkpoint {
public:
  /// `path` is a safetensors file, an index (….index.json) or a directory that
  /// holds model.safetensors or model.safetensors.index.json. An index decides
  /// which tensors there are and in which shard; all shards are opened.
  static Result<Checkpoint> open(const std::string &path);

  /// What was opened, for messages: the file or the index.
  [[nodiscard]] const std::string &path() const { return path_; }
  [[nodiscard]] const std::vector<SafetensorsFile> &files() const {
    return files_;
  }
  /// All tensors of all files, sorted by name.
  [[nodiscard]] const std::vector<TensorInfo> &tensors() const {
    return tensors_;
  }
  /// Null where there is no such tensor.
  [[nodiscard]] const TensorInfo *find(std::string_view name) const {
    return findTensor(tensors_, name);
  }

  /// As SafetensorsFile::read().
  Status read(const TensorInfo &tensor, uint64_t offset, void *target,
              size_t bytes) const;
  /// As SafetensorsFile::load().
  Result<HostTensor> load(std::string_view name) const;

private:
  Checkpoint() = default;
  static Result<Checkpoint> openIndex(const std::string &directory,
                                      const std::string &indexPath);

  std::string path_;
  std::vector<SafetensorsFile> files_;
  std::vector<TensorInfo> tensors_;
};

/// Writes a safetensors file atomically. Tensors of wider elements come first,
/// which aligns each of them; otherwise the order is the given one. Fails where
/// a name occurs twice or a tensor's data does not have the size of its shape.
Status
writeSafetensors(const std::string &path,
                 const std::vector<std::pair<std::string, HostTensor>> &tensors,
                 const std::map<std::string, std::string> &metadata = {});

} // namespace ssmc

#endif // SSMC_IO_SAFETENSORS_H
