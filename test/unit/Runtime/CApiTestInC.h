/* What a C program does with the C API; see CApiTestInC.c. */

#ifndef SSMC_TEST_UNIT_RUNTIME_CAPITESTINC_H
#define SSMC_TEST_UNIT_RUNTIME_CAPITESTINC_H

#include "ssmc/Runtime/CApi.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Opens, generates, runs and frees in an awkward order on the device "cuda".
 * The first failure of the API, which the caller frees; *wrong counts results
 * that were not the expected ones. */
ssmc_status use_toy_model(const char *bundle_path, const char *weights_path,
                          int *wrong);

#ifdef __cplusplus
}
#endif

#endif /* SSMC_TEST_UNIT_RUNTIME_CAPITESTINC_H */
