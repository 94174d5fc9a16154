//===- CaseRunner.cpp - A case of the oracle on a device ------------------===//

#include "tools/ssmc/CaseRunner.h"
#include "ssmc/Compiler/Compiler.h"
#include "ssmc/Oracle/Problem.h"
#include "ssmc/Runtime/Session.h"
#include "tools/cli/Compare.h"

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

Status CaseRunner::load(const oracle::Case &it) {
  std::string key = oracle::kernelKey(it);
  if (program && key == loadedKey)
    return Status();
  program.reset();
  CompileOptions options;
  options.input = "check.mlir";
  options.inputText = oracle::moduleText(it);
  options.bitcode = isCpu;
  if (isCpu)
    options.targets.clear();
  Result<CompileResult> compiled = compile(options);
  if (!compiled.ok())
    return compiled.status();
  const std::string &bytes = compiled->output;
  Result<std::unique_ptr<BundleView>> bundle = BundleView::fromBytes(
      std::vector<uint8_t>(bytes.begin(), bytes.end()), options.input);
  if (!bundle.ok())
    return bundle.status();
  Result<std::unique_ptr<Program>> created =
      Program::create(std::move(*bundle), device, nullptr);
  if (!created.ok())
    return created.status();
  program = std::move(*created);
  loadedKey = key;
  return Status();
}

Result<std::string> CaseRunner::run(const oracle::Case &it) {
  Result<oracle::Problem> problem = oracle::makeProblem(it);
  if (!problem.ok())
    return problem.status();
  SSMC_TRY(load(it));
  Result<std::unique_ptr<Session>> session =
      Session::create(*program, it.batch);
  if (!session.ok())
    return session.status();
  std::vector<NamedTensor> inputs;
  for (auto &[name, tensor] : problem->inputs)
    inputs.push_back({name, std::move(tensor)});
  Result<std::vector<NamedTensor>> results =
      (*session)->run(oracle::kEntry, inputs);
  if (!results.ok())
    return results.status();
  if (results->size() != problem->outputs.size())
    return Status::mismatch("expected " +
                            std::to_string(problem->outputs.size()) +
                            " results, got " + std::to_string(results->size()));

  std::string lines, mismatches;
  for (size_t i = 0; i < results->size(); ++i) {
    const oracle::ExpectedOutput &expected = problem->outputs[i];
    Tolerance tolerance;
    tolerance.absolute = expected.absolute;
    tolerance.ulps = expected.ulps;
    Result<std::string> line = compareTensors(
        expected.name, (*results)[i].tensor, expected.values, tolerance);
    std::string &text = line.ok() ? lines : mismatches;
    text += text.empty() ? "" : "; ";
    text += line.ok() ? expected.name + " " + *line : line.status().message();
  }
  if (!mismatches.empty())
    return Status::mismatch(mismatches);
  return lines;
}
