//===- Run.cpp - ssmc run: one entry on tensors from files ----------------===//

#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include "ssmc/Runtime/Session.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Compare.h"
#include "tools/cli/Load.h"
#include "tools/cli/Output.h"
#include "tools/cli/Sizes.h"
#include "tools/cli/TensorArgs.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

struct RunCommand {
  LoadOptions load;
  std::string entry;
  std::vector<std::string> inputs, scalars, outputs, expected;
  /// Empty for the default of each result's type.
  std::optional<Tolerance> tolerance;
  bool verbose = false;
};

/// The size of the dim "batch", which the states have too: from the scalars, or
/// the first input whose shape has it as a bare item; 1 where neither does.
uint64_t batchOf(const bundle::Entry &entry,
                 const std::vector<NamedTensor> &inputs,
                 const Scalars &scalars) {
  if (auto scalar = scalars.find("batch"); scalar != scalars.end())
    return scalar->second;
  size_t position = 0;
  for (const bundle::Buffer *buffer : *entry.buffers()) {
    if (buffer->kind() != bundle::BufferKind::Input)
      continue;
    size_t unnamed = 0;
    const NamedTensor *given = nullptr;
    for (const NamedTensor &input : inputs)
      if (input.name.empty() ? unnamed++ == position
                             : input.name == buffer->name()->string_view())
        given = &input;
    ++position;
    if (given == nullptr ||
        given->tensor.shape.size() != buffer->shape()->size())
      continue;
    for (uint32_t i = 0; i < buffer->shape()->size(); ++i) {
      std::optional<uint32_t> dim = bareDim(*buffer->shape()->Get(i));
      if (dim && entry.dims()->Get(*dim)->string_view() == "batch")
        return given->tensor.shape[i];
    }
  }
  return 1;
}

template <typename T>
Result<std::vector<T>>
parseAll(const std::vector<std::string> &texts,
         const std::function<Result<T>(const std::string &)> &parse) {
  std::vector<T> values;
  for (const std::string &text : texts) {
    Result<T> value = parse(text);
    if (!value.ok())
      return value.status();
    values.push_back(std::move(*value));
  }
  return values;
}

/// Compares each expected tensor; all of them, so that one run says all.
Status compareAll(const RunCommand &command,
                  const std::vector<NamedTensor> &expected,
                  const std::vector<size_t> &matches,
                  const std::vector<NamedTensor> &results, Output &out) {
  std::string mismatches;
  for (size_t i = 0; i < expected.size(); ++i) {
    const NamedTensor &result = results[matches[i]];
    Tolerance tolerance =
        command.tolerance.value_or(defaultTolerance(result.tensor.dtype));
    Result<std::string> line = compareTensors(result.name, result.tensor,
                                              expected[i].tensor, tolerance);
    if (line.ok())
      out.write(fmt::format("result {} is as expected: {}\n",
                            quoted(result.name), *line));
    else
      mismatches += (mismatches.empty() ? "" : "\n") + line.status().message();
  }
  return mismatches.empty() ? Status() : Status::mismatch(mismatches);
}

Status run(const Context &context, const RunCommand &command) {
  // Everything that the command line says is read before a device is asked for.
  Result<std::vector<NamedTensor>> inputs = loadTensors(command.inputs);
  if (!inputs.ok())
    return inputs.status();
  Result<std::vector<NamedTensor>> expected = loadTensors(command.expected);
  if (!expected.ok())
    return expected.status();
  auto outputs =
      parseAll<TensorArg>(command.outputs, [](const std::string &text) {
        return parseTensorArg(text, true);
      });
  if (!outputs.ok())
    return outputs.status();
  auto sizes =
      parseAll<std::pair<std::string, uint64_t>>(command.scalars, parseSize);
  if (!sizes.ok())
    return sizes.status();
  Scalars scalars(sizes->begin(), sizes->end());

  Result<LoadedProgram> loaded = loadProgram(context, command.load);
  if (!loaded.ok())
    return loaded.status();
  Result<const bundle::Entry *> entry =
      chooseEntry(loaded->program->bundle(), command.entry);
  if (!entry.ok())
    return entry.status();
  Result<std::unique_ptr<Session>> session =
      Session::create(*loaded->program, batchOf(**entry, *inputs, scalars));
  if (!session.ok())
    return session.status();
  Result<std::vector<NamedTensor>> results =
      (*session)->run((*entry)->name()->string_view(), *inputs, scalars);
  if (!results.ok())
    return results.status();

  if (command.verbose)
    for (const ChoiceMade &choice : (*session)->lastChoices())
      note(context,
           fmt::format("step {}: {}", choice.step,
                       describeChoice(loaded->program->bundle(), choice)));

  Result<std::vector<size_t>> stored =
      matchResults(*outputs, *results, "--output");
  if (!stored.ok())
    return stored.status();
  std::vector<TensorArg> wanted;
  for (const NamedTensor &tensor : *expected)
    wanted.push_back({tensor.name, "", ""});
  Result<std::vector<size_t>> compared =
      matchResults(wanted, *results, "--expected-output");
  if (!compared.ok())
    return compared.status();

  SSMC_TRY(storeTensors(*outputs, *stored, *results));
  Output out(context.out);
  if (outputs->empty() && expected->empty())
    for (size_t i = 0; i < results->size(); ++i)
      out.write(fmt::format("result[{}] {}: {}\n", i,
                            escaped((*results)[i].name),
                            printTensor((*results)[i].tensor)));
  Status status = compareAll(command, *expected, *compared, *results, out);
  Status written = out.finish();
  return status.ok() ? written : status;
}

} // namespace

void cli::addRunCommand(CLI::App &app, const Context &context, Action &action) {
  auto command = std::make_shared<RunCommand>();
  CLI::App *sub =
      app.add_subcommand("run", "Run one entry on tensors from files");
  addLoadOptions(*sub, context, command->load,
                 context.compile ? "Bundle (.ssmb), .mlir file or model "
                                   "directory"
                                 : "Bundle (.ssmb)");
  sub->add_option("--entry", command->entry,
                  "Entry to run (default: the only one)");
  sub->add_option("-i,--input", command->inputs,
                  "Input, by name or the next one by position")
      ->type_name("[NAME=]@FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--scalar", command->scalars,
                  "Size that no input's shape fixes: last=4")
      ->type_name("NAME=NUMBER")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->delimiter(',');
  sub->add_option("-o,--output", command->outputs,
                  "File for a result, by name or the next one by position")
      ->type_name("[NAME=]@FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  sub->add_option("--expected-output", command->expected,
                  "What a result should be, by name or by position; a "
                  "difference is exit code 3")
      ->type_name("[NAME=]@FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);

  sub->add_flag("-v,--verbose", command->verbose,
                "Say which variants of kernels were taken");

  CLI::Option_group *group = sub->add_option_group(
      "Tolerance", "what a result may differ by from the expected value e: the "
                   "sum of these\n(default: 1e-5 of max|expected|, for f16 and "
                   "bf16 also one unit in the last\nplace; nothing for "
                   "integers)");
  auto tolerance = std::make_shared<Tolerance>();
  group->add_option("--atol", tolerance->absolute, "This much");
  group->add_option("--rtol", tolerance->relative, "Times |e|");
  group->add_option("--max-rel", tolerance->maxRelative, "Times max|expected|");
  group->add_option("--ulp", tolerance->ulps,
                    "Units in the last place of the result's type at e");
  for (CLI::Option *option : group->get_options())
    option->check(CLI::NonNegativeNumber);
  sub->footer(fmt::format(
      "FILE is x.npy or x.safetensors:tensor. Results are printed unless they "
      "are stored\nor compared.\n"
      "Examples:\n"
      "  {0} run scan.ssmb --input @u.npy --input delta=@case.safetensors:dt\n"
      "  {0} run model.ssmb --entry prefill --input ids=@ids.npy --scalar "
      "last=1 \\\n      --expected-output logits=@ref.safetensors:logits "
      "--max-rel 1e-4",
      context.name));
  sub->callback([command, tolerance, group, &context, &action] {
    if (group->count_all() != 0)
      command->tolerance = *tolerance;
    action = [command, &context] { return run(context, *command); };
  });
}
