//===- Output.cpp - Results and progress for whoever reads them -----------===//

#include "tools/cli/Output.h"
#include <cerrno>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::cli;

static bool isTerminalFile(std::FILE *file) {
  int descriptor = fileno(file);
  return descriptor >= 0 && isatty(descriptor) == 1;
}

Output::Output(std::FILE *file)
    : file_(file), isTerminal_(isTerminalFile(file)) {}

bool Output::check(bool succeeded) {
  if (!succeeded && error_ == 0)
    error_ = errno != 0 ? errno : EIO;
  return error_ == 0;
}

bool Output::write(std::string_view text) {
  if (error_ != 0)
    return false;
  return check(std::fwrite(text.data(), 1, text.size(), file_) == text.size());
}

bool Output::flush() {
  if (error_ != 0)
    return false;
  return check(std::fflush(file_) == 0);
}

Status Output::finish() {
  flush();
  if (error_ == 0 || error_ == EPIPE)
    return {};
  return Status::invalid("cannot write the output: " +
                         std::generic_category().message(error_));
}

Progress::Progress(std::FILE *file)
    : file_(file), isTerminal_(isTerminalFile(file)) {}

void Progress::show(std::string_view what) {
  if (!isTerminal_)
    return;
  // Erases to the end of the line, so that a shorter text leaves no rest.
  std::string line = fmt::format("\r\x1b[K{} ...", what);
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fflush(file_);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_)
    return;
  std::fputs("\r\x1b[K", file_);
  std::fflush(file_);
  shown_ = false;
}
