//===- RunningModel.cpp - A model compiled in memory, on the CPU device ---===//

#include "RunningModel.h"
#include "ssmc/Compiler/Compiler.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace ssmc;
using namespace ssmc::test;

Result<std::unique_ptr<RunningModel>>
RunningModel::create(const std::string &directory, DType activation,
                     uint64_t batch, const emulator::EmulatorOptions &options) {
  CompileOptions compileOptions;
  compileOptions.input = directory;
  compileOptions.activation = activation;
  compileOptions.targets.clear();
  Result<CompileResult> compiled = compile(compileOptions);
  if (!compiled.ok())
    return compiled.status();
  auto bundle = runtime::BundleView::fromBytes(
      {compiled->output.begin(), compiled->output.end()}, directory);
  if (!bundle.ok())
    return bundle.status();
  Result<Checkpoint> weights = Checkpoint::open(directory);
  if (!weights.ok())
    return weights.status();

  std::unique_ptr<RunningModel> model(new RunningModel());
  auto device = emulator::createCpuDevice(options);
  if (!device.ok())
    return device.status();
  model->device_ = std::move(*device);
  auto program =
      runtime::Program::create(std::move(*bundle), *model->device_, &*weights);
  if (!program.ok())
    return program.status();
  model->program_ = std::move(*program);
  auto session = runtime::Session::create(*model->program_, batch);
  if (!session.ok())
    return session.status();
  model->session_ = std::move(*session);
  return model;
}

Result<std::vector<double>> RunningModel::run(std::string_view entry,
                                              const std::vector<int32_t> &ids,
                                              const runtime::Scalars &scalars) {
  HostTensor tensor{DType::I32, {session_->batch(), 0}, {}};
  tensor.shape[1] = ids.size() / session_->batch();
  tensor.data.resize(ids.size() * sizeof(int32_t));
  std::memcpy(tensor.data.data(), ids.data(), tensor.data.size());
  auto outputs = session_->run(entry, {{"ids", std::move(tensor)}}, scalars);
  if (!outputs.ok())
    return outputs.status();
  return toDoubles(outputs->front().tensor);
}

Result<std::vector<double>>
RunningModel::prefill(const std::vector<int32_t> &ids, uint64_t last) {
  return run("prefill", ids, {{"last", last}});
}

Result<std::vector<double>>
RunningModel::step(const std::vector<int32_t> &ids) {
  return run("step", ids, {});
}

Result<std::vector<double>> RunningModel::state(const std::string &name) {
  Result<HostTensor> tensor = session_->readState(name);
  if (!tensor.ok())
    return tensor.status();
  return toDoubles(*tensor);
}

testing::AssertionResult ssmc::test::agrees(const std::vector<double> &actual,
                                            const std::vector<double> &expected,
                                            double tolerance) {
  if (actual.size() != expected.size())
    return testing::AssertionFailure()
           << actual.size() << " values, expected " << expected.size();
  double largest = 0, worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    largest = std::max(largest, std::fabs(expected[i]));
    double error = std::fabs(actual[i] - expected[i]);
    // Written so that a NaN is the worst error, and stays it.
    if (!(error <= worst) && !std::isnan(worst)) {
      worst = error;
      at = i;
    }
  }
  testing::AssertionResult result = worst <= tolerance * largest
                                        ? testing::AssertionSuccess()
                                        : testing::AssertionFailure();
  return result << "worst error " << worst / largest
                << " of the largest magnitude " << largest << " (tolerance "
                << tolerance << "), at " << at << " of " << actual.size()
                << ": " << actual[at] << ", expected " << expected[at];
}

testing::AssertionResult
ssmc::test::agrees(const Result<std::vector<double>> &actual,
                   const std::vector<double> &expected, double tolerance) {
  if (!actual.ok())
    return testing::AssertionFailure() << actual.status().message();
  return agrees(*actual, expected, tolerance);
}
