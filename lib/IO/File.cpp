//===- File.cpp - Reading and writing whole and partial files -------------===//
//
// The POSIX calls behind File.h: interrupted and short transfers are resumed,
// everything else that fails becomes a Status with the path and the cause.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc;

/// "cannot <action> <path>: <errno's text>".
static Status systemError(const char *action, const std::string &path,
                          int error) {
  return Status::invalid(fmt::format("cannot {} {}: {}", action, quoted(path),
                                     std::strerror(error)));
}

static bool hasNul(const std::string &path) {
  return path.find('\0') != std::string::npos;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

RandomAccessFile::RandomAccessFile(RandomAccessFile &&other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

RandomAccessFile &
RandomAccessFile::operator=(RandomAccessFile &&other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

RandomAccessFile::~RandomAccessFile() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

Result<RandomAccessFile> RandomAccessFile::open(const std::string &path) {
  if (hasNul(path))
    return Status::invalid("cannot open " + quoted(path) +
                           ": a path cannot contain a NUL byte");
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return systemError("open", path, errno);
  RandomAccessFile file(path, descriptor, 0);
  struct stat info;
  if (::fstat(descriptor, &info) != 0)
    return systemError("examine", path, errno);
  if (S_ISDIR(info.st_mode))
    return systemError("read", path, EISDIR);
  if (!S_ISREG(info.st_mode))
    return Status::invalid("cannot read " + quoted(path) +
                           ": it is not a regular file; copy it to one first");
  file.size_ = static_cast<uint64_t>(info.st_size);
  return file;
}

Status RandomAccessFile::read(uint64_t offset, void *target,
                              size_t bytes) const {
  uint64_t end;
  if (__builtin_add_overflow(offset, static_cast<uint64_t>(bytes), &end) ||
      end > size_)
    return Status::invalid(
        fmt::format("cannot read {} bytes at byte {} of {}: it has {}", bytes,
                    offset, quoted(path_), size_));
  auto *out = static_cast<char *>(target);
  while (bytes != 0) {
    ssize_t count =
        ::pread(descriptor_, out, bytes, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return systemError("read", path_, errno);
    if (count == 0)
      return Status::invalid(fmt::format(
          "{} became shorter while it was read: it had {} bytes and now ends "
          "at byte {}",
          quoted(path_), size_, offset));
    out += count;
    offset += static_cast<uint64_t>(count);
    bytes -= static_cast<size_t>(count);
  }
  return {};
}

Result<std::string> ssmc::readFile(const std::string &path, uint64_t maxBytes) {
  Result<RandomAccessFile> file = RandomAccessFile::open(path);
  if (!file.ok())
    return file.status();
  if (file->size() > maxBytes)
    return Status::invalid(
        fmt::format("{} has {} bytes, expected at most {}: is it the right "
                    "file?",
                    quoted(path), file->size(), maxBytes));
  std::string text;
  try {
    text.resize(file->size());
  } catch (const std::bad_alloc &) {
    return systemError("read", path, ENOMEM);
  }
  SSMC_TRY(file->read(0, text.data(), text.size()));
  return text;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
/// A file under a temporary name, removed unless it was renamed.
class TemporaryFile {
public:
  TemporaryFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
    if (!path_.empty())
      ::unlink(path_.c_str());
  }

  /// Returns 0 or an errno, like the next two.
  int write(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR)
        return errno;
      if (count > 0)
        bytes.remove_prefix(static_cast<size_t>(count));
    }
    return 0;
  }

  /// Without the fsync, a crash of the machine after the rename may leave an
  /// empty file under the final name.
  int finish() {
    int error = ::fsync(descriptor_) == 0 ? 0 : errno;
    int closed = ::close(std::exchange(descriptor_, -1));
    return error ? error : closed != 0 ? errno : 0;
  }

  int renameTo(const std::string &path) {
    if (::rename(path_.c_str(), path.c_str()) != 0)
      return errno;
    path_.clear();
    return 0;
  }

private:
  std::string path_;
  int descriptor_;
};
} // namespace

static std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Opens a new file beside `path`; its name says whose it is if a kill leaves
/// it behind. Sets `name`. Returns the descriptor or -1 with errno.
static int createBeside(const std::string &path, std::string &name) {
  int descriptor = -1;
  for (unsigned attempt = 0; attempt < 1000; ++attempt) {
    name = fmt::format("{}.tmp-{}-{}", path, ::getpid(), attempt);
    descriptor =
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST)
      break;
  }
  return descriptor;
}

Status ssmc::writeFileAtomically(const std::string &path,
                                 const std::vector<std::string_view> &parts) {
  if (path.empty() || hasNul(path))
    return Status::invalid("cannot write " + quoted(path) +
                           ": not the name of a file");
  // Renaming over a device or a pipe would destroy it.
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return Status::invalid("cannot write " + quoted(path) +
                           ": it exists and is not a regular file");
  std::string name;
  int descriptor = createBeside(path, name);
  if (descriptor < 0)
    return systemError("write", path, errno);
  TemporaryFile file(std::move(name), descriptor);
  for (std::string_view part : parts)
    if (int error = file.write(part))
      return systemError("write", path, error);
  if (int error = file.finish())
    return systemError("write", path, error);
  if (int error = file.renameTo(path))
    return systemError("write", path, error);
  // The rename itself is durable only with the directory. The file is complete
  // either way, so a file system that cannot do this is no failure.
  int directory =
      ::open(directoryOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    (void)::fsync(directory);
    ::close(directory);
  }
  return {};
}

Status ssmc::writeFileAtomically(const std::string &path,
                                 std::string_view bytes) {
  return writeFileAtomically(path, std::vector<std::string_view>{bytes});
}

//===----------------------------------------------------------------------===//
// Paths
//===----------------------------------------------------------------------===//

bool ssmc::isDirectory(const std::string &path) {
  struct stat info;
  return !hasNul(path) && ::stat(path.c_str(), &info) == 0 &&
         S_ISDIR(info.st_mode);
}

bool ssmc::pathExists(const std::string &path) {
  struct stat info;
  return !hasNul(path) && ::lstat(path.c_str(), &info) == 0;
}

std::string ssmc::joinPath(const std::string &directory,
                           std::string_view name) {
  std::string path = directory;
  if (!path.empty() && path.back() != '/')
    path += '/';
  return path.append(name);
}

/// The path without links, empty with errno where it does not resolve.
static std::string realPath(const std::string &path) {
  char *resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved)
    return {};
  std::string result = resolved;
  std::free(resolved);
  return result;
}

/// Whether a link in `directory` may lead to `target` (both without links).
static bool mayLinkTo(const std::string &directory, const std::string &target) {
  std::string parent = directoryOf(target);
  if (parent == directory)
    return true;
  // A Hugging Face cache keeps MODEL/snapshots/REVISION/file as a link to
  // MODEL/blobs/hash.
  std::string snapshots = directoryOf(directory);
  std::string suffix = "/snapshots";
  return snapshots.size() > suffix.size() &&
         snapshots.compare(snapshots.size() - suffix.size(), suffix.size(),
                           suffix) == 0 &&
         parent == joinPath(directoryOf(snapshots), "blobs");
}

Result<std::string> ssmc::resolveInside(const std::string &directory,
                                        std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > NAME_MAX ||
      name.find_first_of(std::string_view("/\\\0", 3)) !=
          std::string_view::npos)
    return Status::invalid(
        fmt::format("{} is not a plain file name; files that another file "
                    "names must lie in its directory",
                    quoted(name)));
  std::string path = joinPath(directory, name);
  std::string realDirectory = realPath(directory);
  if (realDirectory.empty())
    return systemError("open", directory, errno);
  std::string target = realPath(path);
  if (target.empty())
    return systemError("open", path, errno);
  if (!mayLinkTo(realDirectory, target))
    return Status::invalid(fmt::format(
        "{} is a link out of its directory, to {}; copy the file or make a "
        "hard link",
        quoted(path), quoted(target)));
  return path;
}
