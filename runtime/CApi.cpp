//===- CApi.cpp - The runtime from C --------------------------------------===//
//
// Each handle shares what it was made from, so that the order of freeing does
// not matter to a caller.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Runtime/CApi.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "ssmc/Runtime/Generate.h"
#include "ssmc/Runtime/Tuning.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <new>

using namespace ssmc;
using namespace ssmc::runtime;

// As in CApi.h. NOLINTBEGIN(readability-identifier-naming)

struct ssmc_failure {
  Status status;
};

struct ssmc_bundle {
  std::shared_ptr<BundleView> view;
};

struct ssmc_device {
  std::shared_ptr<Device> device;
  std::string description;
};

struct ssmc_program {
  std::shared_ptr<Device> device;
  std::shared_ptr<Program> program;
};

struct ssmc_session {
  std::shared_ptr<Device> device;
  std::shared_ptr<Program> program;
  std::unique_ptr<Session> session;
};

struct ssmc_outputs {
  std::vector<NamedTensor> tensors;
};

/// Reported where there is no memory for a failure either; never freed.
static ssmc_failure *outOfMemory() {
  static ssmc_failure failure{Status::invalid("out of memory")};
  return &failure;
}

static ssmc_status toC(Status status) {
  return status.ok() ? nullptr : new ssmc_failure{std::move(status)};
}

/// Runs `body`, which returns a Status, with no exception let out.
template <typename F>
static ssmc_status call(F &&body) noexcept {
  try {
    return toC(body());
  } catch (const std::bad_alloc &) {
    return outOfMemory();
  } catch (const std::exception &error) {
    try {
      return toC(Status::invalid(error.what()));
    } catch (...) {
      return outOfMemory();
    }
  } catch (...) {
    return outOfMemory();
  }
}

static Status nullArgument(const char *name) {
  return Status::usage(fmt::format("the argument '{}' is NULL", name));
}

ssmc_code ssmc_status_code(ssmc_status status) {
  return status ? static_cast<ssmc_code>(status->status.code()) : SSMC_OK;
}

const char *ssmc_status_message(ssmc_status status) {
  return status ? status->status.message().c_str() : "";
}

void ssmc_status_free(ssmc_status status) {
  if (status != outOfMemory())
    delete status;
}

ssmc_status ssmc_bundle_open(const char *path, ssmc_bundle **bundle) {
  return call([&]() -> Status {
    if (!path || !bundle)
      return nullArgument(path ? "bundle" : "path");
    *bundle = nullptr;
    Result<std::unique_ptr<BundleView>> view = BundleView::open(path);
    if (!view.ok())
      return view.status();
    *bundle = new ssmc_bundle{std::move(*view)};
    return {};
  });
}

void ssmc_bundle_free(ssmc_bundle *bundle) { delete bundle; }

uint64_t ssmc_bundle_vocab_size(const ssmc_bundle *bundle) {
  const bundle::Model *model = bundle ? bundle->view->body().model() : nullptr;
  return model ? model->vocab_size() : 0;
}

ssmc_status ssmc_device_create(const char *spec, ssmc_device **device) {
  return call([&]() -> Status {
    if (!spec || !device)
      return nullArgument(spec ? "device" : "spec");
    *device = nullptr;
    Result<std::unique_ptr<Device>> created = createDevice(spec);
    if (!created.ok())
      return created.status();
    std::string description = (*created)->description();
    *device = new ssmc_device{std::move(*created), std::move(description)};
    return {};
  });
}

void ssmc_device_free(ssmc_device *device) { delete device; }

const char *ssmc_device_description(const ssmc_device *device) {
  return device ? device->description.c_str() : "";
}

/// `choices` decide between the bundle's alternatives.
static Status createProgram(ssmc_bundle &bundle, ssmc_device &device,
                            const char *weights, ChoiceTable choices,
                            ssmc_program **program) {
  std::optional<Checkpoint> checkpoint;
  if (weights) {
    Result<Checkpoint> opened = Checkpoint::open(weights);
    if (!opened.ok())
      return opened.status();
    checkpoint.emplace(std::move(*opened));
  }
  Result<std::unique_ptr<Program>> created =
      Program::create(bundle.view, *device.device,
                      checkpoint ? &*checkpoint : nullptr, std::move(choices));
  if (!created.ok())
    return created.status();
  *program = new ssmc_program{device.device, std::move(*created)};
  return {};
}

ssmc_status ssmc_program_create(ssmc_bundle *bundle, ssmc_device *device,
                                const char *weights, ssmc_program **program) {
  return call([&]() -> Status {
    if (!bundle || !device || !program)
      return nullArgument(!bundle ? "bundle" : !device ? "device" : "program");
    *program = nullptr;
    return createProgram(*bundle, *device, weights, {}, program);
  });
}

ssmc_status ssmc_program_create_tuned(ssmc_bundle *bundle, ssmc_device *device,
                                      const char *weights, const char *tuning,
                                      ssmc_program **program) {
  return call([&]() -> Status {
    if (!bundle || !device || !tuning || !program)
      return nullArgument(!bundle   ? "bundle"
                          : !device ? "device"
                          : !tuning ? "tuning"
                                    : "program");
    *program = nullptr;
    Result<TuningFile> file = TuningFile::read(tuning);
    if (!file.ok())
      return file.status();
    ChoiceTable choices;
    applyTuning(*file, *bundle->view, deviceKey(*device->device), choices);
    return createProgram(*bundle, *device, weights, std::move(choices),
                         program);
  });
}

void ssmc_program_free(ssmc_program *program) { delete program; }

const char *ssmc_program_note(const ssmc_program *program) {
  return program ? program->program->kernels().note().c_str() : "";
}

ssmc_status ssmc_session_create(ssmc_program *program, uint64_t batch,
                                ssmc_session **session) {
  return call([&]() -> Status {
    if (!program || !session)
      return nullArgument(program ? "session" : "program");
    *session = nullptr;
    Result<std::unique_ptr<Session>> created =
        Session::create(*program->program, batch);
    if (!created.ok())
      return created.status();
    *session = new ssmc_session{program->device, program->program,
                                std::move(*created)};
    return {};
  });
}

void ssmc_session_free(ssmc_session *session) { delete session; }

ssmc_status ssmc_session_reset(ssmc_session *session) {
  return call([&]() -> Status {
    return session ? session->session->reset() : nullArgument("session");
  });
}

/// Copies logits to a caller's memory.
static Status copyLogits(const Result<std::vector<float>> &result,
                         float *logits) {
  if (!result.ok())
    return result.status();
  std::memcpy(logits, result->data(), result->size() * sizeof(float));
  return {};
}

/// Fails where `positions` rows of logits do not fit. Asked before the model
/// runs, so that a call that fails for this has not moved the state.
static Status checkCapacity(const Generator &generator, uint64_t positions,
                            size_t capacity) {
  uint64_t needed;
  if (__builtin_mul_overflow(generator.model().vocab_size(), positions,
                             &needed) ||
      needed > capacity)
    return Status::usage(
        fmt::format("'logits' has room for {} floats, expected {} x {}",
                    capacity, positions, generator.model().vocab_size()));
  return {};
}

ssmc_status ssmc_session_prefill(ssmc_session *session, const int32_t *ids,
                                 size_t count, uint64_t last, float *logits,
                                 size_t capacity) {
  return call([&]() -> Status {
    if (!session || !ids || !logits)
      return nullArgument(!session ? "session" : !ids ? "ids" : "logits");
    Result<Generator> generator = Generator::create(*session->session);
    if (!generator.ok())
      return generator.status();
    SSMC_TRY(checkCapacity(*generator, last, capacity));
    return copyLogits(generator->prefill({ids, ids + count}, last), logits);
  });
}

ssmc_status ssmc_session_step(ssmc_session *session, int32_t id, float *logits,
                              size_t capacity) {
  return call([&]() -> Status {
    if (!session || !logits)
      return nullArgument(session ? "logits" : "session");
    Result<Generator> generator = Generator::create(*session->session);
    if (!generator.ok())
      return generator.status();
    SSMC_TRY(checkCapacity(*generator, 1, capacity));
    return copyLogits(generator->step(id), logits);
  });
}

ssmc_status ssmc_session_generate(ssmc_session *session, const int32_t *prompt,
                                  size_t prompt_count,
                                  const ssmc_sampling *sampling, int32_t *ids,
                                  size_t max_tokens, size_t *count) {
  return call([&]() -> Status {
    if (!session || !prompt || !ids || !count)
      return nullArgument(!session  ? "session"
                          : !prompt ? "prompt"
                          : !ids    ? "ids"
                                    : "count");
    *count = 0;
    Result<Generator> generator = Generator::create(*session->session);
    if (!generator.ok())
      return generator.status();
    GenerateOptions options;
    options.maxTokens = max_tokens;
    if (sampling)
      options.sampling = {sampling->temperature, sampling->top_k,
                          sampling->top_p, sampling->seed};
    Result<std::vector<int32_t>> generated =
        generator->generate({prompt, prompt + prompt_count}, options);
    if (!generated.ok())
      return generated.status();
    std::copy(generated->begin(), generated->end(), ids);
    *count = generated->size();
    return {};
  });
}

/// The tensor that a view of a caller shows.
static Status copyInput(const ssmc_tensor &view, size_t index,
                        NamedTensor &input) {
  if (view.dtype < 0 || view.dtype >= kDTypeCount)
    return Status::usage(
        fmt::format("input {}: unknown dtype {}", index, view.dtype));
  if ((!view.shape && view.rank != 0) || (!view.data && view.size != 0))
    return nullArgument("shape or data of an input");
  input.name = view.name ? view.name : "";
  input.tensor.dtype = static_cast<DType>(view.dtype);
  input.tensor.shape.assign(view.shape, view.shape + view.rank);
  const auto *bytes = static_cast<const uint8_t *>(view.data);
  input.tensor.data.assign(bytes, bytes + view.size);
  return {};
}

ssmc_status ssmc_session_run(ssmc_session *session, const char *entry,
                             const ssmc_tensor *inputs, size_t num_inputs,
                             const ssmc_scalar *scalars, size_t num_scalars,
                             ssmc_outputs **outputs) {
  return call([&]() -> Status {
    if (!session || !entry || !outputs)
      return nullArgument(!session ? "session" : !entry ? "entry" : "outputs");
    *outputs = nullptr;
    if ((!inputs && num_inputs != 0) || (!scalars && num_scalars != 0))
      return nullArgument(inputs ? "scalars" : "inputs");
    std::vector<NamedTensor> tensors(num_inputs);
    for (size_t i = 0; i < num_inputs; ++i)
      SSMC_TRY(copyInput(inputs[i], i, tensors[i]));
    Scalars values;
    for (size_t i = 0; i < num_scalars; ++i) {
      if (!scalars[i].name)
        return nullArgument("name of a scalar");
      values[scalars[i].name] = scalars[i].value;
    }
    Result<std::vector<NamedTensor>> results =
        session->session->run(entry, tensors, values);
    if (!results.ok())
      return results.status();
    *outputs = new ssmc_outputs{std::move(*results)};
    return {};
  });
}

size_t ssmc_outputs_count(const ssmc_outputs *outputs) {
  return outputs ? outputs->tensors.size() : 0;
}

ssmc_tensor ssmc_outputs_get(const ssmc_outputs *outputs, size_t index) {
  const NamedTensor &output = outputs->tensors[index];
  return {output.name.c_str(),        static_cast<int32_t>(output.tensor.dtype),
          output.tensor.shape.data(), output.tensor.shape.size(),
          output.tensor.data.data(),  output.tensor.data.size()};
}

void ssmc_outputs_free(ssmc_outputs *outputs) { delete outputs; }

// NOLINTEND(readability-identifier-naming)
