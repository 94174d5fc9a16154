//===- Status.h - Errors without exceptions -------------------------------===//
//
// The one error type of everything that must run without LLVM: file readers,
// the runtime, the command lines. A Status says what went wrong, where, what
// was expected and found, and what to try; its code is the exit code of the
// tool that reports it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_SUPPORT_STATUS_H
#define SSMC_SUPPORT_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace ssmc {

/// Why a call failed. The values are the exit codes of the tools.
enum class StatusCode {
  Ok = 0,
  /// The input is wrong: a file is missing, malformed or does not fit.
  Invalid = 1,
  /// The command line is wrong.
  Usage = 2,
  /// Results differ from the expected ones by more than the tolerance.
  Mismatch = 3,
  /// A driver or device is missing, refused the work or was lost.
  Device = 4,
};

/// Success, or a code and one message for a person.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(StatusCode code, std::string message)
      : code_(code), message_(std::move(message)) {}

  static Status invalid(std::string message) {
    return {StatusCode::Invalid, std::move(message)};
  }
  static Status usage(std::string message) {
    return {StatusCode::Usage, std::move(message)};
  }
  static Status mismatch(std::string message) {
    return {StatusCode::Mismatch, std::move(message)};
  }
  static Status device(std::string message) {
    return {StatusCode::Device, std::move(message)};
  }

  [[nodiscard]] bool ok() const { return code_ == StatusCode::Ok; }
  [[nodiscard]] StatusCode code() const { return code_; }
  [[nodiscard]] const std::string &message() const { return message_; }

  /// The same failure with "context: " before its message.
  [[nodiscard]] Status withContext(const std::string &context) const {
    return ok() ? *this : Status(code_, context + ": " + message_);
  }

private:
  StatusCode code_ = StatusCode::Ok;
  std::string message_;
};

/// A T, or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {
    assert(!status_.ok() && "a Result without a value needs a failure");
  }

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status &status() const { return status_; }

  T &operator*() { return *value_; }
  const T &operator*() const { return *value_; }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

private:
  std::optional<T> value_;
  Status status_;
};

} // namespace ssmc

/// Returns the failure of `expr` (a Status) from the enclosing function.
#define SSMC_TRY(expr)                                                         \
  do {                                                                         \
    if (::ssmc::Status ssmcStatus = (expr); !ssmcStatus.ok())                  \
      return ssmcStatus;                                                       \
  } while (false)

#endif // SSMC_SUPPORT_STATUS_H
