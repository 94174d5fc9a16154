//===- TemporaryDirectory.h - Files for one test --------------------------===//
//
// A fixture with a fresh directory that goes away with the test, and the checks
// on a Status that the tests of this folder share.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_IO_TEMPORARYDIRECTORY_H
#define SSMC_TEST_UNIT_IO_TEMPORARYDIRECTORY_H

#include "ssmc/IO/Tensor.h"
#include "ssmc/Support/Status.h"
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace ssmc::test {

class TemporaryDirectory : public testing::Test {
protected:
  TemporaryDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ssmc-io-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string &name) const {
    return directory_ + "/" + name;
  }
  /// Writes a file and returns its path.
  [[nodiscard]] std::string write(const std::string &name,
                                  const std::string &bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  [[nodiscard]] static std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// How many files the directory holds.
  [[nodiscard]] size_t fileCount() const {
    using Iterator = std::filesystem::directory_iterator;
    return static_cast<size_t>(std::distance(Iterator(directory_), Iterator()));
  }

  std::string directory_;
};

/// Whether `status` is a diagnosis of bad input whose message has `part` in it.
inline testing::AssertionResult fails(const Status &status,
                                      const std::string &part) {
  if (status.ok())
    return testing::AssertionFailure() << "succeeded";
  if (status.code() != StatusCode::Invalid)
    return testing::AssertionFailure()
           << "wrong code, message: " << status.message();
  if (status.message().find(part) == std::string::npos)
    return testing::AssertionFailure()
           << "message: " << status.message() << "\nlacks: " << part;
  return testing::AssertionSuccess();
}

template <typename T>
testing::AssertionResult fails(const Result<T> &result,
                               const std::string &part) {
  return fails(result.status(), part);
}

template <typename T>
testing::AssertionResult succeeds(const Result<T> &result) {
  if (result.ok())
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << result.status().message();
}

inline testing::AssertionResult succeeds(const Status &status) {
  if (status.ok())
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << status.message();
}

/// A tensor with the given elements.
template <typename T>
HostTensor tensorOf(DType dtype, std::vector<uint64_t> shape,
                    const std::vector<T> &elements) {
  HostTensor tensor{dtype, std::move(shape), {}};
  tensor.data.resize(elements.size() * sizeof(T));
  if (!elements.empty())
    std::memcpy(tensor.data.data(), elements.data(), tensor.data.size());
  return tensor;
}

} // namespace ssmc::test

#endif // SSMC_TEST_UNIT_IO_TEMPORARYDIRECTORY_H
