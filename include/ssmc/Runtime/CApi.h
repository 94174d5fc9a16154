/*===- CApi.h - The runtime from C
 * ------------------------------------------===*
 *
 * Plain C over the C++ API, for other languages and for programs built with
 * another standard library. Handles are opaque and freed by their _free
 * function, in any order; freeing NULL does nothing. No exception crosses
 * these functions. A handle may be used by one thread at a time.
 *
 *===----------------------------------------------------------------------===*/

#ifndef SSMC_RUNTIME_CAPI_H
#define SSMC_RUNTIME_CAPI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names as they are usual in C. NOLINTBEGIN(readability-identifier-naming) */

/** Success is NULL; anything else is a failure that the caller frees. */
typedef struct ssmc_failure *ssmc_status;

typedef enum {
  SSMC_OK = 0,
  /** The input is wrong: a file is missing, malformed or does not fit. */
  SSMC_INVALID = 1,
  /** The call is wrong: an unknown device, an option out of range. */
  SSMC_USAGE = 2,
  /** Results differ by more than the tolerance. */
  SSMC_MISMATCH = 3,
  /** A driver or device is missing, refused the work or was lost. */
  SSMC_DEVICE = 4
} ssmc_code;

ssmc_code ssmc_status_code(ssmc_status status);
/** One message for a person, valid until the status is freed; "" for NULL. */
const char *ssmc_status_message(ssmc_status status);
void ssmc_status_free(ssmc_status status);

typedef struct ssmc_bundle ssmc_bundle;
typedef struct ssmc_device ssmc_device;
typedef struct ssmc_program ssmc_program;
typedef struct ssmc_session ssmc_session;
typedef struct ssmc_outputs ssmc_outputs;

/** Reads and verifies an .ssmb file. */
ssmc_status ssmc_bundle_open(const char *path, ssmc_bundle **bundle);
void ssmc_bundle_free(ssmc_bundle *bundle);
/** Logits per position; 0 where the bundle holds no model. */
uint64_t ssmc_bundle_vocab_size(const ssmc_bundle *bundle);

/** `spec` is "cuda:0" or another device that the program has registered. */
ssmc_status ssmc_device_create(const char *spec, ssmc_device **device);
void ssmc_device_free(ssmc_device *device);
/** For people; valid until the device is freed. */
const char *ssmc_device_description(const ssmc_device *device);

/** Loads the kernels and the weights. `weights` is a safetensors file or the
 * directory of a checkpoint; NULL for a bundle without parameters. */
ssmc_status ssmc_program_create(ssmc_bundle *bundle, ssmc_device *device,
                                const char *weights, ssmc_program **program);
/** The same, with the variants of kernels that `tuning`, a file of 'ssmc-run
 * tune', says for this device. What it says of other devices and bundles has no
 * effect. */
ssmc_status ssmc_program_create_tuned(ssmc_bundle *bundle, ssmc_device *device,
                                      const char *weights, const char *tuning,
                                      ssmc_program **program);
void ssmc_program_free(ssmc_program *program);
/** For people: code that the device refused and what took its place; "" where
 * there is nothing to tell. Valid until the program is freed. */
const char *ssmc_program_note(const ssmc_program *program);

/** The state of `batch` sequences, at their start. */
ssmc_status ssmc_session_create(ssmc_program *program, uint64_t batch,
                                ssmc_session **session);
void ssmc_session_free(ssmc_session *session);
/** Starts new sequences. */
ssmc_status ssmc_session_reset(ssmc_session *session);

/** Appends tokens and writes the logits of the `last` last positions, last x
 * vocab_size floats. `capacity` is how many floats `logits` has room for. The
 * session's batch must be 1. */
ssmc_status ssmc_session_prefill(ssmc_session *session, const int32_t *ids,
                                 size_t count, uint64_t last, float *logits,
                                 size_t capacity);
/** Appends one token and writes the vocab_size logits after it. */
ssmc_status ssmc_session_step(ssmc_session *session, int32_t id, float *logits,
                              size_t capacity);

typedef struct {
  /** 0 takes the most likely token. */
  double temperature;
  /** 0 is all. */
  uint32_t top_k;
  /** 1 is all. */
  double top_p;
  uint64_t seed;
} ssmc_sampling;

/** Appends the prompt and generates at most `max_tokens` tokens into `ids`,
 * fewer where the model ends the sequence. NULL for `sampling` is greedy. */
ssmc_status ssmc_session_generate(ssmc_session *session, const int32_t *prompt,
                                  size_t prompt_count,
                                  const ssmc_sampling *sampling, int32_t *ids,
                                  size_t max_tokens, size_t *count);

/** Element types, as in the bundle format. */
typedef enum {
  SSMC_F64 = 0,
  SSMC_F32 = 1,
  SSMC_F16 = 2,
  SSMC_BF16 = 3,
  SSMC_I64 = 4,
  SSMC_I32 = 5,
  SSMC_I16 = 6,
  SSMC_I8 = 7,
  SSMC_U8 = 8,
  SSMC_BOOL = 9
} ssmc_dtype;

/** A view of a row-major tensor in host memory, owned by someone else. */
typedef struct {
  /** NULL for the next input by position. */
  const char *name;
  /** An ssmc_dtype. */
  int32_t dtype;
  const uint64_t *shape;
  size_t rank;
  const void *data;
  /** Bytes of `data`. */
  size_t size;
} ssmc_tensor;

/** The value of a size that no input's shape fixes. */
typedef struct {
  const char *name;
  uint64_t value;
} ssmc_scalar;

/** Runs any entry of the bundle. */
ssmc_status ssmc_session_run(ssmc_session *session, const char *entry,
                             const ssmc_tensor *inputs, size_t num_inputs,
                             const ssmc_scalar *scalars, size_t num_scalars,
                             ssmc_outputs **outputs);
size_t ssmc_outputs_count(const ssmc_outputs *outputs);
/** Valid until the outputs are freed; `index` must be below the count. */
ssmc_tensor ssmc_outputs_get(const ssmc_outputs *outputs, size_t index);
void ssmc_outputs_free(ssmc_outputs *outputs);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif /* SSMC_RUNTIME_CAPI_H */
