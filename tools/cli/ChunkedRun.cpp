//===- ChunkedRun.cpp - A sequence in several calls -----------------------===//

#include "tools/cli/ChunkedRun.h"
#include "runtime/Bind.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <map>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;
using bundle::BufferKind;
using oracle::ExpectedOutput;
using oracle::Problem;
using oracle::ProblemInput;

//===----------------------------------------------------------------------===//
// Parts of tensors
//===----------------------------------------------------------------------===//

namespace {

/// How the bytes of a tensor lie around one of its axes: `outer` rows of
/// `extent` elements of `inner` bytes.
struct Axis {
  Axis(DType dtype, const std::vector<uint64_t> &shape, size_t axis)
      : extent(shape[axis]), inner(dtypeSize(dtype)) {
    for (size_t i = 0; i < shape.size(); ++i)
      (i < axis ? outer : inner) *= i == axis ? 1 : shape[i];
  }

  [[nodiscard]] uint64_t bytes(uint64_t count) const {
    return outer * count * inner;
  }
  /// Elements [first, first + count) of the axis in `whole`, for all rows, are
  /// `part`.
  void take(uint8_t *part, const uint8_t *whole, uint64_t first,
            uint64_t count) const {
    for (uint64_t row = 0; row < outer; ++row)
      std::memcpy(part + row * count * inner,
                  whole + (row * extent + first) * inner, count * inner);
  }
  void put(uint8_t *whole, const uint8_t *part, uint64_t first,
           uint64_t count) const {
    for (uint64_t row = 0; row < outer; ++row)
      std::memcpy(whole + (row * extent + first) * inner,
                  part + row * count * inner, count * inner);
  }

  uint64_t outer = 1, extent, inner;
};

} // namespace

/// Which input each output feeds; the number of inputs for none.
static std::vector<size_t> fedInputs(const Problem &problem) {
  std::vector<size_t> fed;
  for (const ExpectedOutput &output : problem.outputs) {
    size_t i = output.feeds.empty() ? problem.inputs.size() : 0;
    while (i < problem.inputs.size() && problem.inputs[i].name != output.feeds)
      ++i;
    fed.push_back(i);
  }
  return fed;
}

static Status checkOutputCount(size_t expected, size_t got) {
  if (expected == got)
    return Status();
  return Status::mismatch(
      fmt::format("expected {} results, got {}", expected, got));
}

/// Room for a result of all calls together.
static Result<HostTensor> makeWhole(const ExpectedOutput &expected,
                                    DType dtype) {
  return makeTensor(dtype, expected.values.shape);
}

Result<std::vector<NamedTensor>> cli::runCalls(Session &session,
                                               const Problem &problem) {
  std::vector<size_t> fed = fedInputs(problem);
  std::vector<NamedTensor> inputs;
  for (const ProblemInput &input : problem.inputs)
    inputs.push_back({input.name, input.tensor});
  std::vector<NamedTensor> wholes;
  uint64_t first = 0;
  for (uint64_t count : problem.calls) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const ProblemInput &input = problem.inputs[i];
      if (!input.timeAxis)
        continue;
      Axis axis(input.tensor.dtype, input.tensor.shape, *input.timeAxis);
      HostTensor &part = inputs[i].tensor;
      part.shape[*input.timeAxis] = count;
      part.data.resize(axis.bytes(count));
      axis.take(part.data.data(), input.tensor.data.data(), first, count);
    }
    Result<std::vector<NamedTensor>> results =
        session.run(oracle::kEntry, inputs);
    if (!results.ok())
      return results.status().withContext(
          fmt::format("the call of steps {} to {}", first, first + count));
    SSMC_TRY(checkOutputCount(problem.outputs.size(), results->size()));
    for (size_t k = 0; k < results->size(); ++k) {
      const ExpectedOutput &expected = problem.outputs[k];
      HostTensor &part = (*results)[k].tensor;
      if (wholes.size() == k) {
        Result<HostTensor> whole = makeWhole(expected, part.dtype);
        if (!whole.ok())
          return whole.status();
        wholes.push_back({expected.name, std::move(*whole)});
      }
      HostTensor &whole = wholes[k].tensor;
      if (expected.timeAxis) {
        Axis axis(whole.dtype, whole.shape, *expected.timeAxis);
        if (part.data.size() != axis.bytes(count))
          return Status::mismatch(fmt::format("{}: a call of {} steps gives {}",
                                              expected.name, count,
                                              describeTensor(part)));
        axis.put(whole.data.data(), part.data.data(), first, count);
        continue;
      }
      if (fed[k] < inputs.size())
        inputs[fed[k]].tensor = part;
      whole = std::move(part);
    }
    first += count;
  }
  return wholes;
}

//===----------------------------------------------------------------------===//
// Many calls
//===----------------------------------------------------------------------===//

namespace {

/// Room on the device for a buffer of the entry.
struct Parts {
  DeviceBuffer memory;
  /// From one call's part to the next one's; 0 where all use the same.
  uint64_t stride = 0;
};

class ManyCalls {
public:
  ManyCalls(Program &program, const Problem &problem)
      : program(program), problem(problem), device(program.device()) {}

  Result<std::vector<NamedTensor>> run();

private:
  Status plan();
  Status findBuffers();
  Status upload(size_t input);
  Status allocateOutput(size_t output);
  Result<HostTensor> download(size_t output);
  /// A state that is carried goes from the memory of its input to that of its
  /// output and back: the address that a call reads, or writes.
  [[nodiscard]] DevicePtr readBy(size_t output, size_t call) const {
    uint32_t buffer =
        call % 2 == 0 ? inputBuffers[fed[output]] : outputBuffers[output];
    return parts[buffer].memory.address();
  }
  [[nodiscard]] DevicePtr writtenBy(size_t output, size_t call) const {
    return fed[output] < problem.inputs.size()
               ? readBy(output, call + 1)
               : parts[outputBuffers[output]].memory.address();
  }
  [[nodiscard]] DType outputType(size_t output) const {
    return static_cast<DType>(
        entry->buffers()->Get(outputBuffers[output])->dtype());
  }
  [[nodiscard]] uint64_t largestBytes(uint32_t buffer) const {
    uint64_t bytes = 0;
    for (const auto &[count, plan] : plans)
      bytes = std::max(bytes, plan.buffers[buffer].bytes);
    return bytes;
  }
  [[nodiscard]] uint64_t stride(const Axis &axis) const {
    // Allocations are as aligned as this, and kernels may rely on it.
    uint64_t bytes = axis.bytes(plans.rbegin()->first);
    return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
  }

  Program &program;
  const Problem &problem;
  Device &device;
  const bundle::Entry *entry = nullptr;
  /// By the number of steps.
  std::map<uint64_t, EntryPlan> plans;
  /// The buffer of each input and output of the problem.
  std::vector<uint32_t> inputBuffers, outputBuffers;
  /// Of all the entry's buffers.
  std::vector<Parts> parts;
  /// As fedInputs() has it.
  std::vector<size_t> fed;
};

} // namespace

Status ManyCalls::findBuffers() {
  entry = program.bundle().findEntry(oracle::kEntry);
  if (!entry)
    return Status::invalid(fmt::format("{} has no entry {}",
                                       quoted(program.bundle().name()),
                                       quoted(oracle::kEntry)));
  auto find = [&](BufferKind kind, const std::string &name,
                  std::vector<uint32_t> &found) {
    for (uint32_t i = 0; i < entry->buffers()->size(); ++i)
      if (entry->buffers()->Get(i)->kind() == kind &&
          entry->buffers()->Get(i)->name()->string_view() == name) {
        found.push_back(i);
        return Status();
      }
    return Status::invalid(fmt::format(
        "{} has no {}", quoted(program.bundle().name()), quoted(name)));
  };
  for (const ProblemInput &input : problem.inputs)
    SSMC_TRY(find(BufferKind::Input, input.name, inputBuffers));
  for (const ExpectedOutput &output : problem.outputs)
    SSMC_TRY(find(BufferKind::Output, output.name, outputBuffers));
  return Status();
}

Status ManyCalls::plan() {
  for (uint64_t count : problem.calls) {
    if (plans.count(count) != 0)
      continue;
    std::vector<uint64_t> dims(entry->dims()->size());
    for (size_t i = 0; i < problem.inputs.size(); ++i) {
      const ProblemInput &input = problem.inputs[i];
      const auto &shape = *entry->buffers()->Get(inputBuffers[i])->shape();
      if (shape.size() != input.tensor.shape.size())
        return Status::invalid(fmt::format("input {}: expected {} dimensions",
                                           quoted(input.name), shape.size()));
      for (uint32_t d = 0; d < shape.size(); ++d)
        if (std::optional<uint32_t> dim = bareDim(*shape.Get(d)))
          dims[*dim] =
              input.timeAxis == size_t{d} ? count : input.tensor.shape[d];
    }
    Result<EntryPlan> planned = planEntry(program.bundle(), *entry, dims);
    if (!planned.ok())
      return planned.status();
    plans[count] = std::move(*planned);
  }
  return Status();
}

Status ManyCalls::upload(size_t index) {
  const ProblemInput &input = problem.inputs[index];
  Parts &target = parts[inputBuffers[index]];
  const std::vector<uint8_t> *bytes = &input.tensor.data;
  std::vector<uint8_t> arranged;
  if (input.timeAxis) {
    Axis axis(input.tensor.dtype, input.tensor.shape, *input.timeAxis);
    target.stride = stride(axis);
    arranged.resize(target.stride * problem.calls.size());
    uint64_t first = 0;
    for (size_t call = 0; call < problem.calls.size(); ++call) {
      axis.take(arranged.data() + call * target.stride, bytes->data(), first,
                problem.calls[call]);
      first += problem.calls[call];
    }
    bytes = &arranged;
  }
  Result<DeviceBuffer> memory = DeviceBuffer::allocate(device, bytes->size());
  if (!memory.ok())
    return memory.status().withContext("memory for " + quoted(input.name));
  target.memory = std::move(*memory);
  if (bytes->empty())
    return Status();
  return device.copyToDevice(target.memory.address(), bytes->data(),
                             bytes->size());
}

Status ManyCalls::allocateOutput(size_t index) {
  const ExpectedOutput &output = problem.outputs[index];
  Parts &target = parts[outputBuffers[index]];
  uint64_t bytes = largestBytes(outputBuffers[index]);
  if (output.timeAxis) {
    Axis axis(outputType(index), output.values.shape, *output.timeAxis);
    target.stride = stride(axis);
    bytes = target.stride * problem.calls.size();
  }
  Result<DeviceBuffer> memory = DeviceBuffer::allocate(device, bytes);
  if (!memory.ok())
    return memory.status().withContext("memory for " + quoted(output.name));
  target.memory = std::move(*memory);
  return Status();
}

Result<HostTensor> ManyCalls::download(size_t index) {
  const ExpectedOutput &output = problem.outputs[index];
  const Parts &source = parts[outputBuffers[index]];
  size_t last = problem.calls.size() - 1;
  Result<HostTensor> whole = makeWhole(output, outputType(index));
  if (!whole.ok() || whole->data.empty())
    return whole;
  if (!output.timeAxis) {
    SSMC_TRY(device.copyToHost(whole->data.data(), writtenBy(index, last),
                               whole->data.size()));
    return whole;
  }
  std::vector<uint8_t> arranged(source.stride * problem.calls.size());
  SSMC_TRY(device.copyToHost(arranged.data(), source.memory.address(),
                             arranged.size()));
  Axis axis(whole->dtype, whole->shape, *output.timeAxis);
  uint64_t first = 0;
  for (size_t call = 0; call < problem.calls.size(); ++call) {
    axis.put(whole->data.data(), arranged.data() + call * source.stride, first,
             problem.calls[call]);
    first += problem.calls[call];
  }
  return whole;
}

Result<std::vector<NamedTensor>> ManyCalls::run() {
  SSMC_TRY(findBuffers());
  SSMC_TRY(plan());
  parts.resize(entry->buffers()->size());
  fed = fedInputs(problem);
  for (size_t i = 0; i < problem.inputs.size(); ++i)
    SSMC_TRY(upload(i));
  for (size_t k = 0; k < problem.outputs.size(); ++k)
    SSMC_TRY(allocateOutput(k));
  for (uint32_t i = 0; i < parts.size(); ++i) {
    if (parts[i].memory.address() != 0)
      continue;
    if (entry->buffers()->Get(i)->kind() != BufferKind::Temporary)
      return Status::invalid(
          fmt::format("{}: expected an entry of inputs and results alone",
                      quoted(program.bundle().name())));
    Result<DeviceBuffer> memory =
        DeviceBuffer::allocate(device, largestBytes(i));
    if (!memory.ok())
      return memory.status();
    parts[i].memory = std::move(*memory);
  }

  std::vector<DevicePtr> bases(parts.size());
  for (size_t call = 0; call < problem.calls.size(); ++call) {
    for (size_t i = 0; i < parts.size(); ++i)
      bases[i] = parts[i].memory.address() + call * parts[i].stride;
    for (size_t k = 0; k < fed.size(); ++k) {
      if (fed[k] == problem.inputs.size())
        continue;
      bases[inputBuffers[fed[k]]] = readBy(k, call);
      bases[outputBuffers[k]] = writtenBy(k, call);
    }
    const EntryPlan &plan = plans.at(problem.calls[call]);
    SSMC_TRY(issueSteps(device, program.kernels(),
                        bindSteps(program.bundle(), plan, bases))
                 .withContext(fmt::format("call {}", call)));
  }
  SSMC_TRY(device.synchronize());
  std::vector<NamedTensor> results;
  for (size_t k = 0; k < problem.outputs.size(); ++k) {
    Result<HostTensor> whole = download(k);
    if (!whole.ok())
      return whole.status();
    results.push_back({problem.outputs[k].name, std::move(*whole)});
  }
  return results;
}

Result<std::vector<NamedTensor>> cli::runManyCalls(Program &program,
                                                   const Problem &problem) {
  return ManyCalls(program, problem).run();
}
