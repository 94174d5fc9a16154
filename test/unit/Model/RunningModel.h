//===- RunningModel.h - A model compiled in memory, on the CPU device -----===//
//
// What a test needs of a model directory: compile, load, feed tokens, read
// logits and states, and compare them.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_MODEL_RUNNINGMODEL_H
#define SSMC_TEST_UNIT_MODEL_RUNNINGMODEL_H

#include "ssmc/Emulator/Emulator.h"
#include "ssmc/Runtime/Session.h"
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace ssmc::test {

class RunningModel {
public:
  /// Compiles the model in `directory` for the CPU device and starts a session.
  static Result<std::unique_ptr<RunningModel>>
  create(const std::string &directory, DType activation, uint64_t batch = 1,
         const emulator::EmulatorOptions &options = {});

  [[nodiscard]] runtime::Session &session() { return *session_; }

  /// Appends `ids`, row-major (batch, length), and returns the logits of the
  /// `last` last positions, batch x last x vocab.
  Result<std::vector<double>> prefill(const std::vector<int32_t> &ids,
                                      uint64_t last);
  /// Appends one token to each sequence and returns batch x vocab logits.
  Result<std::vector<double>> step(const std::vector<int32_t> &ids);
  /// The elements of a state.
  Result<std::vector<double>> state(const std::string &name);

private:
  RunningModel() = default;
  Result<std::vector<double>> run(std::string_view entry,
                                  const std::vector<int32_t> &ids,
                                  const runtime::Scalars &scalars);

  // In this order: each one is used by the next.
  std::unique_ptr<runtime::Device> device_;
  std::unique_ptr<runtime::Program> program_;
  std::unique_ptr<runtime::Session> session_;
};

/// Whether `actual` has the size of `expected` and nowhere differs from it by
/// more than `tolerance` times its largest magnitude.
testing::AssertionResult agrees(const std::vector<double> &actual,
                                const std::vector<double> &expected,
                                double tolerance);
/// The same where the computation itself may have failed.
testing::AssertionResult agrees(const Result<std::vector<double>> &actual,
                                const std::vector<double> &expected,
                                double tolerance);

} // namespace ssmc::test

#endif // SSMC_TEST_UNIT_MODEL_RUNNINGMODEL_H
