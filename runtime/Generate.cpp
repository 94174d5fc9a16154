//===- Generate.cpp - Tokens from a model ---------------------------------===//

#include "ssmc/Runtime/Generate.h"
#include "Guard.h"
#include "ssmc/IO/Text.h"
#include <cstring>
#include <fmt/format.h>

namespace ssmc::runtime {

/// The buffer of that kind and name, or null.
static const bundle::Buffer *findBuffer(const bundle::Entry &entry,
                                        bundle::BufferKind kind,
                                        std::string_view name) {
  for (const bundle::Buffer *buffer : *entry.buffers())
    if (buffer->kind() == kind && buffer->name()->string_view() == name)
      return buffer;
  return nullptr;
}

/// Checks that an entry follows the convention of Generate.h.
static Status checkEntry(const BundleView &bundle, std::string_view name) {
  const bundle::Entry *entry = bundle.findEntry(name);
  if (!entry)
    return Status::invalid(fmt::format(
        "{} cannot generate: it has no entry {}; its entries are {}",
        quoted(bundle.name()), quoted(name), bundle.entryNames()));
  auto matches = [&](bundle::BufferKind kind, std::string_view buffer,
                     DType dtype, uint32_t rank) {
    const bundle::Buffer *found = findBuffer(*entry, kind, buffer);
    return found && found->dtype() == static_cast<uint8_t>(dtype) &&
           found->shape()->size() == rank;
  };
  if (!matches(bundle::BufferKind::Input, "ids", DType::I32, 2) ||
      !matches(bundle::BufferKind::Output, "logits", DType::F32, 3))
    return Status::invalid(fmt::format(
        "{} cannot generate: its entry {} does not take 'ids' (i32, batch x "
        "seqlen) and return 'logits' (f32, batch x positions x vocabulary)",
        quoted(bundle.name()), quoted(name)));
  return {};
}

Result<Generator> Generator::create(Session &session) {
  return guarded([&]() -> Result<Generator> {
    const BundleView &bundle = session.program().bundle();
    const bundle::Model *model = bundle.body().model();
    if (!model)
      return Status::invalid(
          quoted(bundle.name()) +
          " cannot generate: it holds plain functions, not a model; run them "
          "with `ssmc run`");
    SSMC_TRY(checkEntry(bundle, "prefill"));
    SSMC_TRY(checkEntry(bundle, "step"));
    if (session.batch() != 1)
      return Status::invalid(fmt::format(
          "generation needs a session of batch 1, not {}", session.batch()));
    return Generator(session, *model);
  });
}

Result<std::vector<float>>
Generator::runForLogits(std::string_view entry, const std::vector<int32_t> &ids,
                        const Scalars &scalars, uint64_t positions) {
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0 || static_cast<uint64_t>(ids[i]) >= model_->vocab_size())
      return Status::invalid(fmt::format("token {} is {}, expected 0 to {}", i,
                                         ids[i], model_->vocab_size() - 1));
  HostTensor tensor;
  tensor.dtype = DType::I32;
  tensor.shape = {1, ids.size()};
  tensor.data.resize(ids.size() * sizeof(int32_t));
  std::memcpy(tensor.data.data(), ids.data(), tensor.data.size());
  std::vector<NamedTensor> inputs;
  inputs.push_back({"ids", std::move(tensor)});

  Result<std::vector<NamedTensor>> outputs =
      session_->run(entry, inputs, scalars);
  if (!outputs.ok())
    return outputs.status();
  for (const NamedTensor &output : *outputs) {
    if (output.name != "logits")
      continue;
    std::vector<uint64_t> expected = {1, positions, model_->vocab_size()};
    if (output.tensor.shape != expected)
      return Status::invalid(fmt::format(
          "entry {}: expected logits {}, found {}; compile the model again",
          quoted(entry), describeTensor(DType::F32, expected),
          describeTensor(output.tensor)));
    std::vector<float> logits(output.tensor.data.size() / sizeof(float));
    std::memcpy(logits.data(), output.tensor.data.data(),
                output.tensor.data.size());
    return logits;
  }
  return Status::invalid(
      fmt::format("entry {} returned no 'logits'", quoted(entry)));
}

Result<std::vector<float>> Generator::prefill(const std::vector<int32_t> &ids,
                                              uint64_t last) {
  return guarded([&]() -> Result<std::vector<float>> {
    if (ids.empty())
      return Status::invalid("the prompt is empty; give at least one token");
    if (last == 0 || last > ids.size())
      return Status::invalid(
          fmt::format("logits of the last {} positions of {} tokens; expected "
                      "1 to {}",
                      last, ids.size(), ids.size()));
    return runForLogits("prefill", ids, {{"last", last}}, last);
  });
}

Result<std::vector<float>> Generator::step(int32_t id) {
  return guarded([&]() { return runForLogits("step", {id}, {}, 1); });
}

Result<std::vector<int32_t>>
Generator::generate(const std::vector<int32_t> &prompt,
                    const GenerateOptions &options,
                    const std::function<bool(int32_t)> &onToken) {
  return guarded([&]() -> Result<std::vector<int32_t>> {
    Result<Sampler> sampler = Sampler::create(options.sampling);
    if (!sampler.ok())
      return sampler.status();
    Result<std::vector<float>> logits = prefill(prompt);
    std::vector<int32_t> generated;
    while (generated.size() < options.maxTokens) {
      if (!logits.ok())
        return logits.status();
      Result<int32_t> id = sampler->sample(logits->data(), logits->size());
      if (!id.ok())
        return id.status();
      if (options.stopAtEos && *id == model_->eos_token_id())
        break;
      generated.push_back(*id);
      if (onToken && !onToken(*id))
        break;
      // The logits after the last token would go unused.
      if (generated.size() < options.maxTokens)
        logits = step(*id);
    }
    if (!logits.ok())
      return logits.status();
    return generated;
  });
}

} // namespace ssmc::runtime
