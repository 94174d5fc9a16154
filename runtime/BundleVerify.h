//===- BundleVerify.h - The meaning of a bundle's body --------------------===//
//
// FlatBuffers' generated verifier shows that a body can be read safely; this
// shows that it makes sense, so that no later code needs to ask.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_BUNDLEVERIFY_H
#define SSMC_RUNTIME_BUNDLEVERIFY_H

#include "ssmc/Bundle/Format.h"
#include "ssmc/Bundle/Schema.h"
#include "ssmc/Support/Status.h"
#include <vector>

namespace ssmc::runtime {

/// Checks every index, dtype, expression, count and name of a body that the
/// generated verifier accepted. The message has the path of the field, e.g.
/// "entries[1].steps[3].grid[0]".
Status verifyBundle(const bundle::Bundle &body,
                    const std::vector<bundle::Section> &sections);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_BUNDLEVERIFY_H
