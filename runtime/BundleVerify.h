//===- BundleVerify.h - The meaning of a bundle's body --------------------===//
//
// FlatBuffers' generated verifier shows that a body can be read safely; this
// shows that it makes sense, so that no later code needs to ask.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_BUNDLEVERIFY_H
#define SSMC_RUNTIME_BUNDLEVERIFY_H

#include "ssmc/Bundle/Schema.h"
#include "ssmc/Support/Status.h"
#include <string_view>
#include <vector>

namespace ssmc::runtime {

/// Checks every index, dtype, expression, count and name of a body that the
/// generated verifier accepted; `sections` are the bytes of all sections, the
/// body's too. The message has the path of the field, e.g.
/// "entries[1].steps[3].grid[0]".
Status verifyBundle(const bundle::Bundle &body,
                    const std::vector<std::string_view> &sections);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_BUNDLEVERIFY_H
