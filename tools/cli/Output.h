//===- Output.h - Results and progress for whoever reads them -------------===//
//
// Standard output may be a file on a full disk, or a pipe whose reader has seen
// enough. Output tells the two apart: the first is an error, the second ends
// the work quietly. Progress is a line on a terminal that vanishes.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_OUTPUT_H
#define SSMC_TOOLS_CLI_OUTPUT_H

#include "ssmc/Support/Status.h"
#include <cstdio>
#include <string_view>

namespace ssmc::cli {

class Output {
public:
  explicit Output(std::FILE *file);

  /// Writes `text`; false when nothing more can be written.
  bool write(std::string_view text);
  /// Writes what is buffered; false when nothing more can be written.
  bool flush();
  /// Flushes. Fails when something could not be written, but not when the
  /// reader has closed the pipe.
  Status finish();

  [[nodiscard]] bool isTerminal() const { return isTerminal_; }

private:
  bool check(bool succeeded);

  std::FILE *file_;
  bool isTerminal_;
  /// The errno of the first failure.
  int error_ = 0;
};

/// Shows what is going on while it goes on, if `file` is a terminal.
class Progress {
public:
  explicit Progress(std::FILE *file);
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Replaces the line: "loading weights".
  void show(std::string_view what);
  void clear();

private:
  std::FILE *file_;
  bool isTerminal_;
  bool shown_ = false;
};

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_OUTPUT_H
