//===- BenchRun.cpp - Measurements of one entry ---------------------------===//

#include "tools/cli/BenchRun.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/BenchReference.h"
#include "tools/cli/Choices.h"
#include "tools/cli/Compare.h"
#include "tools/cli/RandomData.h"
#include "tools/cli/Rerun.h"
#include "tools/cli/Sizes.h"
#include "tools/cli/TensorArgs.h"
#include <fmt/format.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

/// p90 over p10 beyond which a measurement is doubtful: clocks change, or
/// somebody else works on the device.
static constexpr double kMaxSpread = 1.2;

/// Bytes of device memory that a call of the plan takes.
static double callBytes(const EntryPlan &plan) {
  auto sum = static_cast<double>(plan.arenaBytes);
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    bundle::BufferKind kind = plan.entry->buffers()->Get(i)->kind();
    if (kind == bundle::BufferKind::Input || kind == bundle::BufferKind::Output)
      sum += static_cast<double>(plan.buffers[i].bytes);
  }
  return sum;
}

void BenchRun::explainFloor() const {
  if (figures_)
    note(context_, fmt::format("floor: {:.3g} B/s, {:.3g} special functions "
                               "and {:.3g} multiply-adds a second, {}",
                               figures_->bytes, figures_->mufu, figures_->fma,
                               figures_->source));
  else
    note(context_, "no floor: nothing is known of what the device can do");
}

Status BenchRun::measureAll(const std::vector<Scalars> &points,
                            BenchTable &table) {
  Status failure;
  for (const Scalars &sizes : points) {
    BenchRow row;
    row.device = facts_.name;
    row.driver = facts_.driver;
    row.entry = entry_.name()->str();
    row.label = options_.label;
    for (const flatbuffers::String *name : *entry_.dims())
      row.dims.emplace_back(name->str(),
                            sizes.find(name->string_view())->second);
    row.rerun = options_.rerun;
    if (!sizes.empty())
      row.rerun += " --dims=" + shellQuoted(printSizes(sizes));
    Status status = measure(sizes, row);
    if (!status.ok()) {
      row.problem = status.message();
      if (status.code() == StatusCode::Mismatch)
        row.verified = "failed";
      if (failure.ok() || (status.code() == StatusCode::Mismatch &&
                           failure.code() != StatusCode::Mismatch))
        failure =
            status.withContext(row.dims.empty() ? row.entry : printDims(row));
    }
    table.add(row);
  }
  return failure;
}

Status BenchRun::measure(const Scalars &sizes, BenchRow &row) {
  Result<std::vector<uint64_t>> dims = dimsOf(entry_, sizes);
  if (!dims.ok())
    return dims.status();
  Result<EntryPlan> plan = planEntry(program_.bundle(), entry_,
                                     std::move(*dims), program_.choices());
  if (!plan.ok())
    return plan.status();
  describe(*plan, row);
  SSMC_TRY(checkMemory(*plan));

  std::string verified;
  bool needsRepeat = options_.verify == Verify::Repeat;
  if ((options_.verify == Verify::Auto && data_.expected.empty()) ||
      options_.verify == Verify::Oracle)
    SSMC_TRY(askOracle(*plan, verified, needsRepeat));

  Result<std::unique_ptr<Session>> session = makeSession(program_, *plan);
  if (!session.ok())
    return session.status();
  Result<PreparedCall> call = prepare(**session, *plan, sizes);
  if (!call.ok())
    return call.status();
  if (!data_.expected.empty()) {
    SSMC_TRY(compareExpected(*call));
    verified = "expected";
  } else if (needsRepeat) {
    SSMC_TRY(verifyByRepeating(**session, *call));
    verified += verified.empty() ? "repeat" : "+repeat";
  }
  row.verified = verified.empty() ? "no" : verified;
  SSMC_TRY((*session)->reset());
  Result<std::vector<double>> times = meter_.measure(*call);
  if (!times.ok())
    return times.status();
  row.times = summarize(std::move(*times));
  if (row.times->p90 > kMaxSpread * row.times->p10)
    note(context_,
         fmt::format("warning: {}: p90 is {:.2f} times p10; the clocks of "
                     "the device change, or it has other work",
                     printDims(row), row.times->p90 / row.times->p10));
  return {};
}

void BenchRun::describe(const EntryPlan &plan, BenchRow &row) const {
  row.bytes = movedBytes(plan);
  if (figures_)
    row.floor = floorSeconds(plan, *figures_);
  const BundleView &bundle = program_.bundle();
  for (const ChoiceMade &choice : plan.choices)
    row.variants.push_back(describeChoice(bundle, choice));
  for (const StepPlan &step : plan.steps) {
    const auto *launch = std::get_if<LaunchPlan>(&step);
    if (!launch)
      continue;
    const bundle::Kernel &kernel =
        *bundle.body().kernels()->Get(launch->kernel);
    BenchLaunch item;
    item.kernel = kernel.name()->str();
    if (kernel.summary())
      item.computes = kernel.summary()->str();
    item.grid = launch->grid;
    for (uint32_t i = 0; i < 3; ++i)
      item.block[i] = kernel.block()->Get(i);
    row.launches.push_back(std::move(item));
  }
}

Status BenchRun::checkMemory(const EntryPlan &plan) const {
  constexpr double kGiB = 1 << 30;
  Result<uint64_t> free = program_.device().freeMemory();
  if (!free.ok())
    return free.status();
  double needed = callBytes(plan);
  if (needed <= static_cast<double>(*free))
    return {};
  return Status::invalid(fmt::format(
      "does not fit: needs {:.1f} GiB of device memory, {:.1f} GiB are free",
      needed / kGiB, static_cast<double>(*free) / kGiB));
}

Status BenchRun::askOracle(const EntryPlan &plan, std::string &verified,
                           bool &needsRepeat) {
  Result<std::optional<EntryPlan>> small =
      planForOracle(program_.bundle(), plan, data_.swept);
  if (!small.ok())
    return small.status();
  bool isKnown = *small && (*small)->dims == lastAsked_;
  Result<std::optional<std::string>> match = lastMatch_;
  if (*small && !isKnown)
    match = verifyByOracle(program_, **small, plan.choices, options_.seed);
  if (!match.ok())
    return match.status();
  if (!*small || !*match) {
    if (options_.verify == Verify::Oracle)
      return Status::usage(fmt::format(
          "--verify=oracle: entry {} is no op that the oracle knows by the "
          "names, types and shapes of its inputs; use --verify=repeat or "
          "--expected-output",
          quoted(entry_.name()->string_view())));
    if (!saidRepeat_)
      note(context_, "verified by two runs that are bit-identical and "
                     "finite: the entry is no op that the oracle knows");
    saidRepeat_ = needsRepeat = true;
    return {};
  }
  if (!isKnown)
    note(context_,
         fmt::format("verified against the oracle, case '{}'", **match));
  lastAsked_ = (*small)->dims;
  lastMatch_ = *match;
  verified = "oracle";
  if ((*small)->dims != plan.dims) {
    if (!saidSmaller_)
      note(context_, "larger sizes are verified by two runs that are "
                     "bit-identical and finite: the oracle is slow");
    saidSmaller_ = needsRepeat = true;
  }
  return {};
}

Result<PreparedCall> BenchRun::prepare(Session &session, const EntryPlan &plan,
                                       const Scalars &sizes) {
  std::vector<NamedTensor> inputs = data_.inputs;
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const bundle::Buffer &buffer = *entry_.buffers()->Get(i);
    bool isGiven = buffer.kind() != bundle::BufferKind::Input;
    for (const NamedTensor &input : data_.inputs)
      isGiven |= input.name == buffer.name()->string_view();
    if (isGiven)
      continue;
    Result<HostTensor> tensor =
        randomInput(program_.bundle(), plan, i, options_.seed);
    if (!tensor.ok())
      return tensor.status().withContext("input " +
                                         quoted(buffer.name()->string_view()));
    inputs.push_back({buffer.name()->str(), std::move(*tensor)});
  }
  return session.prepare(entry_.name()->string_view(), inputs, sizes);
}

Status BenchRun::compareExpected(PreparedCall &call) const {
  SSMC_TRY(call.start());
  Result<std::vector<NamedTensor>> results = call.outputs();
  if (!results.ok())
    return results.status();
  std::vector<TensorArg> wanted;
  for (const NamedTensor &tensor : data_.expected)
    wanted.push_back({tensor.name, "", ""});
  Result<std::vector<size_t>> matches =
      matchResults(wanted, *results, "--expected-output");
  if (!matches.ok())
    return matches.status();
  for (size_t i = 0; i < data_.expected.size(); ++i) {
    const NamedTensor &result = (*results)[(*matches)[i]];
    Result<std::string> line =
        compareTensors(result.name, result.tensor, data_.expected[i].tensor,
                       defaultTolerance(result.tensor.dtype));
    if (!line.ok())
      return line.status();
  }
  return {};
}
