//===- Session.cpp - Running the entries of a program ---------------------===//

#include "ssmc/Runtime/Session.h"
#include "Guard.h"
#include "InputRules.h"
#include "PlanCache.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include <algorithm>
#include <fmt/format.h>

namespace ssmc::runtime {

using bundle::BufferKind;

namespace {

/// One input buffer of an entry and the tensor that a call gives for it.
struct BoundInput {
  uint32_t buffer;
  const HostTensor *tensor;
};

/// Matches what a caller gives with what an entry wants.
class CallBinder {
public:
  explicit CallBinder(const bundle::Entry &entry) : entry_(entry) {}

  /// By name where there is one, the rest by position.
  Status matchInputs(const std::vector<NamedTensor> &inputs) {
    for (uint32_t i = 0; i < entry_.buffers()->size(); ++i)
      if (entry_.buffers()->Get(i)->kind() == BufferKind::Input)
        inputs_.push_back({i, nullptr});
    for (const NamedTensor &input : inputs) {
      if (input.name.empty())
        continue;
      auto slot = std::find_if(inputs_.begin(), inputs_.end(),
                               [&](const BoundInput &candidate) {
                                 return inputName(candidate) == input.name;
                               });
      if (slot == inputs_.end())
        return Status::invalid(fmt::format("no input {}; the inputs are {}",
                                           quoted(input.name), inputNames()));
      if (slot->tensor)
        return Status::invalid(
            fmt::format("input {} is given twice", quoted(input.name)));
      slot->tensor = &input.tensor;
    }
    auto next = inputs_.begin();
    for (const NamedTensor &input : inputs) {
      if (!input.name.empty())
        continue;
      while (next != inputs_.end() && next->tensor)
        ++next;
      if (next == inputs_.end())
        return Status::invalid(fmt::format("{} inputs given, expected {}: {}",
                                           inputs.size(), inputs_.size(),
                                           inputNames()));
      next->tensor = &input.tensor;
    }
    for (const BoundInput &input : inputs_) {
      if (!input.tensor)
        return Status::invalid(
            fmt::format("input {} is missing; the inputs are {}",
                        quoted(inputName(input)), inputNames()));
      SSMC_TRY(checkTensor(input));
    }
    return {};
  }

  /// Dims that neither inputs nor scalars fix are those of states, which the
  /// session holds for `batch`.
  Status bindDims(const Scalars &scalars, uint64_t batch) {
    const auto &names = *entry_.dims();
    struct Binding {
      uint64_t value;
      std::string origin;
    };
    std::vector<std::optional<Binding>> bindings(names.size());
    auto bind = [&](uint32_t dim, uint64_t value,
                    std::string origin) -> Status {
      std::optional<Binding> &binding = bindings[dim];
      if (!binding)
        binding = {value, std::move(origin)};
      else if (binding->value != value)
        return Status::invalid(
            fmt::format("{} is {} by {}, but {} by {}",
                        quoted(names.Get(dim)->string_view()), binding->value,
                        binding->origin, value, origin));
      return {};
    };
    for (const BoundInput &input : inputs_) {
      const auto &shape = *entry_.buffers()->Get(input.buffer)->shape();
      for (uint32_t d = 0; d < shape.size(); ++d)
        if (std::optional<uint32_t> dim = bareDim(*shape.Get(d)))
          SSMC_TRY(bind(*dim, input.tensor->shape[d],
                        fmt::format("dimension {} of input {}", d,
                                    quoted(inputName(input)))));
    }
    for (const auto &[name, value] : scalars) {
      uint32_t dim = 0;
      while (dim < names.size() && names.Get(dim)->string_view() != name)
        ++dim;
      if (dim == names.size())
        return Status::invalid(fmt::format("no scalar {}; the sizes are {}",
                                           quoted(name), dimNames()));
      SSMC_TRY(bind(dim, value, "a scalar argument"));
    }
    for (const bundle::Buffer *buffer : *entry_.buffers()) {
      if (buffer->kind() != BufferKind::State)
        continue;
      std::optional<uint32_t> dim = bareDim(*buffer->shape()->Get(0));
      if (dim && !bindings[*dim])
        SSMC_TRY(bind(*dim, batch, "the session's batch"));
    }
    for (uint32_t dim = 0; dim < names.size(); ++dim) {
      if (!bindings[dim])
        return Status::invalid(
            fmt::format("{0} is not fixed by any input; give it as a scalar "
                        "argument ({1}=N)",
                        quoted(names.Get(dim)->string_view()),
                        escaped(names.Get(dim)->string_view())));
      dims.push_back(bindings[dim]->value);
    }
    return {};
  }

  /// Compares the inputs' shapes and the session's batch with the plan.
  Status checkShapes(const EntryPlan &plan, uint64_t batch) const {
    for (const BoundInput &input : inputs_) {
      const std::vector<uint64_t> &expected = plan.buffers[input.buffer].shape;
      const HostTensor &tensor = *input.tensor;
      if (tensor.shape != expected)
        return Status::invalid(fmt::format(
            "input {}: expected {}, found {}", quoted(inputName(input)),
            describeTensor(tensor.dtype, expected), describeTensor(tensor)));
    }
    for (uint32_t i = 0; i < plan.buffers.size(); ++i)
      if (entry_.buffers()->Get(i)->kind() == BufferKind::State &&
          plan.buffers[i].shape[0] != batch)
        return Status::invalid(fmt::format(
            "the call is for a batch of {}, but the session holds the state "
            "of {}; create a session of that batch",
            plan.buffers[i].shape[0], batch));
    return {};
  }

  /// Checks the elements of inputs that kernels index with.
  [[nodiscard]] Status checkRules() const {
    for (const BoundInput &input : inputs_) {
      const auto *rules = entry_.buffers()->Get(input.buffer)->rules();
      for (uint32_t i = 0; rules && i < rules->size(); ++i) {
        const bundle::InputRule &rule = *rules->Get(i);
        Result<uint64_t> limit =
            evaluateExpr(*rule.limit(), entry_.dims(), dims);
        if (!limit.ok())
          return limit.status();
        SSMC_TRY(checkInputRule(rule.kind(), *limit, *input.tensor)
                     .withContext("input " + quoted(inputName(input))));
      }
    }
    return {};
  }

  [[nodiscard]] const std::vector<BoundInput> &inputs() const {
    return inputs_;
  }

  /// The value of each of the entry's dims, after bindDims().
  std::vector<uint64_t> dims;

private:
  [[nodiscard]] std::string_view inputName(const BoundInput &input) const {
    return entry_.buffers()->Get(input.buffer)->name()->string_view();
  }

  /// Dtype, rank and size; the extents wait for the dims.
  [[nodiscard]] Status checkTensor(const BoundInput &input) const {
    const bundle::Buffer &buffer = *entry_.buffers()->Get(input.buffer);
    const HostTensor &tensor = *input.tensor;
    auto dtype = static_cast<DType>(buffer.dtype());
    if (tensor.dtype != dtype ||
        tensor.shape.size() != buffer.shape()->size()) {
      std::string shape;
      for (const bundle::Expr *item : *buffer.shape())
        shape += (shape.empty() ? "" : ", ") + printExpr(*item, entry_.dims());
      return Status::invalid(fmt::format(
          "input {}: expected {}[{}], found {}", quoted(inputName(input)),
          dtypeName(dtype), shape, describeTensor(tensor)));
    }
    Result<uint64_t> bytes = byteCount(tensor.dtype, tensor.shape);
    if (!bytes.ok() || *bytes != tensor.data.size())
      return Status::invalid(fmt::format(
          "input {}: {} bytes of data do not make {}", quoted(inputName(input)),
          tensor.data.size(), describeTensor(tensor)));
    return {};
  }

  [[nodiscard]] std::string inputNames() const {
    std::string names;
    for (const BoundInput &input : inputs_)
      names += (names.empty() ? "" : ", ") + quoted(inputName(input));
    return names.empty() ? "none" : names;
  }

  [[nodiscard]] std::string dimNames() const {
    std::string names;
    for (const flatbuffers::String *name : *entry_.dims())
      names += (names.empty() ? "" : ", ") + quoted(name->string_view());
    return names.empty() ? "none" : names;
  }

  const bundle::Entry &entry_;
  std::vector<BoundInput> inputs_;
};

} // namespace

Session::Session(Program &program, uint64_t batch)
    : program_(program), batch_(batch),
      plans_(std::make_unique<PlanCache>(program, states_)) {}

Session::~Session() = default;

void Session::setChoices(ChoiceTable choices) {
  plans_->setChoices(std::move(choices));
}

size_t Session::planCount() const { return plans_->size(); }

/// The shape of a state for `batch` sequences.
static std::vector<uint64_t> stateShape(const bundle::State &state,
                                        uint64_t batch) {
  std::vector<uint64_t> shape = {batch};
  shape.insert(shape.end(), state.shape()->begin(), state.shape()->end());
  return shape;
}

Result<std::unique_ptr<Session>> Session::create(Program &program,
                                                 uint64_t batch) {
  return guarded([&]() -> Result<std::unique_ptr<Session>> {
    if (batch == 0)
      return Status::invalid("a session needs a batch of at least 1");
    std::unique_ptr<Session> session(new Session(program, batch));
    for (const bundle::State *state : *program.bundle().body().states()) {
      std::string context =
          fmt::format("state {} for a batch of {}",
                      quoted(state->name()->string_view()), batch);
      Result<uint64_t> bytes = byteCount(static_cast<DType>(state->dtype()),
                                         stateShape(*state, batch));
      if (!bytes.ok())
        return bytes.status().withContext(context);
      Result<DeviceBuffer> buffer =
          DeviceBuffer::allocate(program.device(), *bytes);
      if (!buffer.ok())
        return buffer.status().withContext(context);
      session->states_.push_back(std::move(*buffer));
    }
    SSMC_TRY(session->reset());
    return session;
  });
}

Status Session::reset() {
  for (const DeviceBuffer &state : states_)
    if (state.size() != 0)
      SSMC_TRY(program_.device().fillZero(state.address(), state.size()));
  return {};
}

Result<PreparedCall> Session::prepare(std::string_view name,
                                      const std::vector<NamedTensor> &inputs,
                                      const Scalars &scalars) {
  return guarded([&]() -> Result<PreparedCall> {
    const BundleView &bundle = program_.bundle();
    const bundle::Entry *entry = bundle.findEntry(name);
    if (!entry)
      return Status::invalid(fmt::format(
          "{} has no entry {}; its entries are {}", quoted(bundle.name()),
          quoted(name), bundle.entryNames()));
    CallBinder binder(*entry);
    std::string context = "entry " + quoted(name);
    SSMC_TRY(binder.matchInputs(inputs).withContext(context));
    SSMC_TRY(binder.bindDims(scalars, batch_).withContext(context));
    SSMC_TRY(binder.checkRules().withContext(context));

    Result<BoundPlan *> bound =
        plans_->get(*entry, std::move(binder.dims), [&](const EntryPlan &plan) {
          return binder.checkShapes(plan, batch_).withContext(context);
        });
    if (!bound.ok())
      return bound.status();
    lastChoices_ = (*bound)->plan.choices;
    for (const BoundInput &input : binder.inputs())
      if (!input.tensor->data.empty())
        SSMC_TRY(program_.device().copyToDevice(
            (*bound)->io[input.buffer].address(), input.tensor->data.data(),
            input.tensor->data.size()));
    return PreparedCall(*this, **bound);
  });
}

Result<std::vector<NamedTensor>>
Session::run(std::string_view name, const std::vector<NamedTensor> &inputs,
             const Scalars &scalars) {
  return guarded([&]() -> Result<std::vector<NamedTensor>> {
    Result<PreparedCall> call = prepare(name, inputs, scalars);
    if (!call.ok())
      return call.status();
    SSMC_TRY(plans_->run(*call->bound_).withContext("entry " + quoted(name)));
    return call->outputs();
  });
}

const EntryPlan &PreparedCall::plan() const { return bound_->plan; }

Status PreparedCall::record() {
  return guarded([&]() -> Status {
    Program &program = session_->program_;
    Result<std::unique_ptr<RecordedWork>> recorded =
        recordSteps(program.device(), program.kernels(), bound_->steps);
    if (!recorded.ok())
      return recorded.status();
    recorded_ = std::move(*recorded);
    return {};
  });
}

Status PreparedCall::start() {
  Program &program = session_->program_;
  return recorded_
             ? program.device().replay(*recorded_)
             : issueSteps(program.device(), program.kernels(), bound_->steps);
}

Result<std::vector<NamedTensor>> PreparedCall::outputs() {
  return guarded([&]() -> Result<std::vector<NamedTensor>> {
    Device &device = session_->program_.device();
    const bundle::Entry &entry = *bound_->plan.entry;
    std::vector<NamedTensor> outputs;
    for (uint32_t i = 0; i < bound_->plan.buffers.size(); ++i) {
      const bundle::Buffer &buffer = *entry.buffers()->Get(i);
      if (buffer.kind() != BufferKind::Output)
        continue;
      Result<HostTensor> tensor = makeTensor(static_cast<DType>(buffer.dtype()),
                                             bound_->plan.buffers[i].shape);
      if (!tensor.ok())
        return tensor.status();
      if (!tensor->data.empty())
        SSMC_TRY(device.copyToHost(tensor->data.data(), bound_->io[i].address(),
                                   tensor->data.size()));
      outputs.push_back({buffer.name()->str(), std::move(*tensor)});
    }
    // An entry without outputs has its errors reported by this call all the
    // same.
    SSMC_TRY(device.synchronize().withContext(
        "entry " + quoted(entry.name()->string_view())));
    return outputs;
  });
}

/// The index of a state by name.
static Result<uint32_t> findState(const BundleView &bundle,
                                  std::string_view name) {
  const auto &states = *bundle.body().states();
  for (uint32_t i = 0; i < states.size(); ++i)
    if (states.Get(i)->name()->string_view() == name)
      return i;
  return Status::invalid(
      fmt::format("{} has no state {}", quoted(bundle.name()), quoted(name)));
}

Result<HostTensor> Session::readState(std::string_view name) {
  return guarded([&]() -> Result<HostTensor> {
    Result<uint32_t> index = findState(program_.bundle(), name);
    if (!index.ok())
      return index.status();
    const bundle::State &state =
        *program_.bundle().body().states()->Get(*index);
    Result<HostTensor> tensor = makeTensor(static_cast<DType>(state.dtype()),
                                           stateShape(state, batch_));
    if (tensor.ok() && !tensor->data.empty())
      SSMC_TRY(program_.device().copyToHost(
          tensor->data.data(), states_[*index].address(), tensor->data.size()));
    return tensor;
  });
}

Status Session::writeState(std::string_view name, const HostTensor &value) {
  return guarded([&]() -> Status {
    Result<uint32_t> index = findState(program_.bundle(), name);
    if (!index.ok())
      return index.status();
    const bundle::State &state =
        *program_.bundle().body().states()->Get(*index);
    auto dtype = static_cast<DType>(state.dtype());
    std::vector<uint64_t> shape = stateShape(state, batch_);
    if (value.dtype != dtype || value.shape != shape ||
        value.data.size() != states_[*index].size())
      return Status::invalid(
          fmt::format("state {}: expected {}, found {} with {} bytes of data",
                      quoted(name), describeTensor(dtype, shape),
                      describeTensor(value), value.data.size()));
    if (value.data.empty())
      return {};
    return program_.device().copyToDevice(states_[*index].address(),
                                          value.data.data(), value.data.size());
  });
}

} // namespace ssmc::runtime
