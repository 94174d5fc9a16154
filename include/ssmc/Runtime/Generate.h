//===- Generate.h - Tokens from a model -----------------------------------===//
//
// Generation over a session of a bundle that holds a model. By convention its
// entry "prefill" takes "ids" (i32, batch x seqlen) and the scalar "last" and
// returns "logits" (f32, batch x last x vocab), "step" takes "ids" (batch x 1)
// and returns "logits" (batch x 1 x vocab), and the state carries between.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_GENERATE_H
#define SSMC_RUNTIME_GENERATE_H

#include "ssmc/Runtime/Session.h"
#include <functional>

namespace ssmc::runtime {

struct SamplingOptions {
  /// 0 takes the most likely token (the lowest id of equals).
  double temperature = 0;
  /// Only the most likely `topK` tokens; 0 is all.
  uint32_t topK = 0;
  /// Only the most likely tokens that reach this probability together.
  double topP = 1;
  uint64_t seed = 0;
};

/// Draws token ids from logits. The same seed and logits give the same ids on
/// every platform.
class Sampler {
public:
  /// Fails where an option is out of range (temperature >= 0, 0 < topP <= 1).
  static Result<Sampler> create(const SamplingOptions &options);

  /// Fails where a logit is NaN or +inf, and where all are -inf.
  Result<int32_t> sample(const float *logits, size_t count);

private:
  explicit Sampler(const SamplingOptions &options);
  double uniform();

  SamplingOptions options_;
  uint64_t state_;
};

struct GenerateOptions {
  /// Tokens to generate at most.
  uint64_t maxTokens = 0;
  SamplingOptions sampling;
  /// End at the model's end-of-sequence token, which is not returned.
  bool stopAtEos = true;
};

/// Drives one sequence: the session's batch must be 1.
class Generator {
public:
  /// Checks that the bundle holds a model with the entries above. The session
  /// must outlive the generator.
  static Result<Generator> create(Session &session);

  /// Appends `ids` (not empty, all below the vocabulary's size) to the sequence
  /// and returns the logits of the `last` last positions, last x vocab.
  Result<std::vector<float>> prefill(const std::vector<int32_t> &ids,
                                     uint64_t last = 1);
  /// Appends one token and returns the logits after it.
  Result<std::vector<float>> step(int32_t id);

  /// Starts a new sequence.
  Status reset() { return session_->reset(); }

  /// Appends the prompt, then generates. `onToken` sees each id as it comes and
  /// ends generation by returning false; it may be empty. The last token that
  /// is returned is not yet part of the state.
  Result<std::vector<int32_t>>
  generate(const std::vector<int32_t> &prompt, const GenerateOptions &options,
           const std::function<bool(int32_t)> &onToken = {});

  /// What the bundle says of the model.
  [[nodiscard]] const bundle::Model &model() const { return *model_; }

private:
  Generator(Session &session, const bundle::Model &model)
      : session_(&session), model_(&model) {}
  Result<std::vector<float>> runForLogits(std::string_view entry,
                                          const std::vector<int32_t> &ids,
                                          const Scalars &scalars,
                                          uint64_t positions);

  Session *session_;
  const bundle::Model *model_;
};

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_GENERATE_H
