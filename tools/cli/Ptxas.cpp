//===- Ptxas.cpp - What NVIDIA's assembler makes of PTX -------------------===//

#include "tools/cli/Ptxas.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

constexpr int kTimeLimitSeconds = 60;
/// Far more than the kernels of any model take.
constexpr uint64_t kMaxCubinBytes = 256 << 20;

/// A folder that is removed with the two files it may hold.
class ScratchFolder {
public:
  ScratchFolder() {
    const char *parent = std::getenv("TMPDIR");
    path_ =
        joinPath(parent != nullptr && *parent ? parent : "/tmp", "ssmc-XXXXXX");
    if (mkdtemp(path_.data()) == nullptr)
      path_.clear();
  }
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;
  ~ScratchFolder() {
    if (!ok())
      return;
    unlink(input().c_str());
    unlink(output().c_str());
    rmdir(path_.c_str());
  }

  [[nodiscard]] bool ok() const { return !path_.empty(); }
  [[nodiscard]] std::string input() const { return joinPath(path_, "in.ptx"); }
  [[nodiscard]] std::string output() const {
    return joinPath(path_, "out.cubin");
  }

private:
  std::string path_;
};

/// What a program printed, and how it ended as waitpid() tells it.
struct Finished {
  std::string output;
  int waitStatus = 0;
  bool timedOut = false;
};

/// Reads from `descriptor` until its end or the deadline; false at the latter.
bool readAll(int descriptor, std::chrono::steady_clock::time_point deadline,
             std::string &output) {
  char buffer[4096];
  while (true) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return false;
    pollfd waiting = {descriptor, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
      continue;
    ssize_t count = read(descriptor, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return true;
    output.append(buffer, static_cast<size_t>(count));
  }
}

/// Runs a program with its output in a pipe. The arguments are no shell's.
Result<Finished> runProgram(std::vector<std::string> args) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return Status::invalid("cannot make a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char *> argv;
  for (std::string &arg : args)
    argv.push_back(arg.data());
  argv.push_back(nullptr);
  pid_t child = -1;
  int error =
      posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return Status::invalid(fmt::format("cannot start {}: {}", quoted(args[0]),
                                       std::generic_category().message(error)));
  }
  Finished finished;
  finished.timedOut = !readAll(ends[0],
                               std::chrono::steady_clock::now() +
                                   std::chrono::seconds(kTimeLimitSeconds),
                               finished.output);
  if (finished.timedOut)
    kill(child, SIGKILL);
  close(ends[0]);
  while (waitpid(child, &finished.waitStatus, 0) < 0 && errno == EINTR) {
  }
  return finished;
}

/// The number right before `unit` in `line` ("12 bytes spill stores"); 0 where
/// there is none.
uint64_t numberBefore(std::string_view line, std::string_view unit) {
  size_t end = line.find(unit);
  if (end == std::string_view::npos)
    return 0;
  size_t begin = end;
  while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9')
    --begin;
  uint64_t value = 0;
  std::from_chars(line.data() + begin, line.data() + end, value);
  return value;
}

} // namespace

std::optional<std::string> cli::findPtxas() {
  const char *path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    size_t colon = rest.find(':');
    std::string folder(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    std::string candidate = joinPath(folder, "ptxas");
    // An empty or relative folder would depend on where one stands.
    if (!folder.empty() && folder.front() == '/' &&
        access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return std::nullopt;
}

ResourceMap cli::parsePtxasReport(std::string_view report) {
  ResourceMap kernels;
  KernelResources *current = nullptr;
  while (!report.empty()) {
    size_t end = report.find('\n');
    std::string_view line = report.substr(0, end);
    report = end == std::string_view::npos ? "" : report.substr(end + 1);
    constexpr std::string_view start = "Compiling entry function '";
    if (size_t at = line.find(start); at != std::string_view::npos) {
      std::string_view name = line.substr(at + start.size());
      current = &kernels[std::string(name.substr(0, name.find('\'')))];
    }
    if (current == nullptr)
      continue;
    if (line.find("bytes stack frame") != std::string_view::npos) {
      current->stackBytes = numberBefore(line, " bytes stack frame");
      current->spillBytes = numberBefore(line, " bytes spill stores") +
                            numberBefore(line, " bytes spill loads");
    }
    if (line.find(" registers") != std::string_view::npos)
      current->registers = numberBefore(line, " registers");
  }
  return kernels;
}

Result<AssembledPtx> cli::assemblePtx(const std::string &ptxas,
                                      std::string_view ptx,
                                      const std::string &arch) {
  ScratchFolder folder;
  if (!folder.ok())
    return Status::invalid("cannot make a temporary folder; set TMPDIR");
  SSMC_TRY(writeFileAtomically(folder.input(), ptx));
  Result<Finished> finished = runProgram(
      {ptxas, "-v", "-arch=" + arch, "-o", folder.output(), folder.input()});
  if (!finished.ok())
    return finished.status();
  if (finished->timedOut)
    return Status::invalid(fmt::format("{}: no answer within {} s",
                                       quoted(ptxas), kTimeLimitSeconds));
  if (!WIFEXITED(finished->waitStatus) || WEXITSTATUS(finished->waitStatus))
    return Status::invalid(fmt::format("{} refuses the PTX for {}: {}",
                                       quoted(ptxas), arch,
                                       escaped(finished->output, 500)));
  Result<std::string> cubin = readFile(folder.output(), kMaxCubinBytes);
  if (!cubin.ok())
    return cubin.status().withContext(quoted(ptxas) + " made no cubin");
  return AssembledPtx{parsePtxasReport(finished->output), std::move(*cubin)};
}
