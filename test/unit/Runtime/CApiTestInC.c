/* Compiled as C: the header must not need C++, and this is its worked example.
 */

#include "CApiTestInC.h"

#include <string.h>

/* The session is made from all the others, which may go before it. */
static ssmc_status open_session(const char *bundle_path,
                                const char *weights_path,
                                ssmc_session **session, uint64_t *vocab) {
  ssmc_bundle *bundle = NULL;
  ssmc_device *device = NULL;
  ssmc_program *program = NULL;
  ssmc_status status = ssmc_bundle_open(bundle_path, &bundle);
  if (!status)
    status = ssmc_device_create("cuda", &device);
  if (!status)
    status = ssmc_program_create(bundle, device, weights_path, &program);
  if (!status)
    status = ssmc_session_create(program, 1, session);
  *vocab = ssmc_bundle_vocab_size(bundle);
  ssmc_device_free(device);
  ssmc_bundle_free(bundle);
  ssmc_program_free(program);
  return status;
}

/* One call of an entry by name, with a tensor in and one out. */
static ssmc_status run_step(ssmc_session *session, int *wrong) {
  int32_t id = 2;
  uint64_t shape[2] = {1, 1};
  ssmc_tensor input = {"ids", SSMC_I32, shape, 2, &id, sizeof(id)};
  ssmc_outputs *outputs = NULL;
  ssmc_status status =
      ssmc_session_run(session, "step", &input, 1, NULL, 0, &outputs);
  if (!status) {
    ssmc_tensor logits = ssmc_outputs_get(outputs, 0);
    *wrong += ssmc_outputs_count(outputs) != 1;
    *wrong += strcmp(logits.name, "logits") != 0;
    *wrong += logits.dtype != SSMC_F32 || logits.rank != 3;
    *wrong += logits.shape[2] != 8 || logits.size != 8 * sizeof(float);
  }
  ssmc_outputs_free(outputs);
  return status;
}

ssmc_status use_toy_model(const char *bundle_path, const char *weights_path,
                          int *wrong) {
  const int32_t prompt[2] = {1, 2};
  ssmc_session *session = NULL;
  int32_t ids[4] = {0};
  size_t count = 0;
  float logits[8] = {0};
  uint64_t vocab = 0;
  ssmc_status status =
      open_session(bundle_path, weights_path, &session, &vocab);
  if (!status) {
    *wrong += vocab != 8;
    status = ssmc_session_generate(session, prompt, 2, NULL, ids, 4, &count);
  }
  if (!status) {
    *wrong += count != 4 || ids[0] != 3 || ids[1] != 6 || ids[2] != 4;
    status = ssmc_session_reset(session);
  }
  if (!status)
    status = ssmc_session_prefill(session, prompt, 2, 1, logits, 8);
  if (!status) {
    /* Sum 3: the logit of 3 is its bias alone. */
    *wrong += logits[3] != 0.03125f * 3;
    status = ssmc_session_step(session, 1, logits, 8);
  }
  if (!status) {
    *wrong += logits[4] != 0.03125f * 4;
    status = run_step(session, wrong);
  }
  ssmc_session_free(session);
  return status;
}
