//===- File.h - Reading and writing whole and partial files ---------------===//
//
// Files are read with pread, never mapped: a file that another process shortens
// gives an error, not a SIGBUS. They are written to a temporary neighbour first
// and renamed, so that nobody ever sees half of one.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_FILE_H
#define SSMC_IO_FILE_H

#include "ssmc/Support/Status.h"
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ssmc {

/// A regular file open for reading at any offset. Movable; concurrent reads are
/// safe.
class RandomAccessFile {
public:
  /// Fails for anything but a regular file, so a pipe or a device cannot stall
  /// the caller.
  static Result<RandomAccessFile> open(const std::string &path);

  RandomAccessFile(RandomAccessFile &&other) noexcept;
  RandomAccessFile &operator=(RandomAccessFile &&other) noexcept;
  RandomAccessFile(const RandomAccessFile &) = delete;
  RandomAccessFile &operator=(const RandomAccessFile &) = delete;
  ~RandomAccessFile();

  [[nodiscard]] const std::string &path() const { return path_; }
  /// Bytes in the file when it was opened.
  [[nodiscard]] uint64_t size() const { return size_; }

  /// Reads exactly `bytes` bytes at `offset`. Fails where that goes past size()
  /// and where the file has become shorter since.
  Status read(uint64_t offset, void *target, size_t bytes) const;

private:
  RandomAccessFile(std::string path, int descriptor, uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

/// The whole of a regular file of at most `maxBytes` bytes.
Result<std::string> readFile(const std::string &path, uint64_t maxBytes);

/// Replaces or creates `path` with the parts one after the other. On failure
/// and on a crash `path` is as it was; a failure leaves nothing behind.
Status writeFileAtomically(const std::string &path,
                           const std::vector<std::string_view> &parts);
Status writeFileAtomically(const std::string &path, std::string_view bytes);

[[nodiscard]] bool isDirectory(const std::string &path);
/// Whether `path` exists in any form, a dangling link included.
[[nodiscard]] bool pathExists(const std::string &path);

/// "directory/name".
[[nodiscard]] std::string joinPath(const std::string &directory,
                                   std::string_view name);

/// "directory/name" for a `name` that another file gives. Fails unless `name`
/// is a plain file name and the file is in the directory; a link may lead
/// within the directory or to the blobs folder of a Hugging Face cache, nowhere
/// else. Fails too where there is no such file.
Result<std::string> resolveInside(const std::string &directory,
                                  std::string_view name);

} // namespace ssmc

#endif // SSMC_IO_FILE_H
