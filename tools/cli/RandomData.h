//===- RandomData.h - Tensors where none are given ------------------------===//
//
// What a measurement runs on unless the user has data: numbers of a size that
// the tensor's name suggests, so that nothing overflows, decays are decays and
// indices are in range. The same for the same seed.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_RANDOMDATA_H
#define SSMC_TOOLS_CLI_RANDOMDATA_H

#include "ssmc/Runtime/Plan.h"
#include "ssmc/Runtime/Program.h"

namespace ssmc::cli {

/// A tensor of floating-point numbers or of zeros, which are in range of any
/// index. What is long repeats: its values do not matter, its size does. Fails
/// where it does not fit in memory.
Result<HostTensor> randomTensor(std::string_view name, DType dtype,
                                const std::vector<uint64_t> &shape,
                                uint64_t seed);

/// Input `buffer` of the plan's entry: a randomTensor() that keeps the input's
/// rules. Token ids are below the vocabulary of the bundle's model.
Result<HostTensor> randomInput(const runtime::BundleView &bundle,
                               const runtime::EntryPlan &plan, uint32_t buffer,
                               uint64_t seed);

/// Parameters of a model in place of a checkpoint's.
runtime::ParameterSource randomParameters(uint64_t seed);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_RANDOMDATA_H
