//===- Guard.h - No exception leaves the runtime --------------------------===//

#ifndef SSMC_RUNTIME_GUARD_H
#define SSMC_RUNTIME_GUARD_H

#include "ssmc/Support/Status.h"
#include <exception>
#include <new>
#include <string>

namespace ssmc::runtime {

/// Calls `body`, which returns a Status or a Result, and turns what the
/// standard library throws (in practice: no memory) into a failure.
template <typename F>
auto guarded(F &&body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    // Short enough for std::string to need no memory.
    return Status::invalid("out of memory");
  } catch (const std::exception &error) {
    return Status::invalid(std::string("unexpected failure: ") + error.what());
  }
}

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_GUARD_H
