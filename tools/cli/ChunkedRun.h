//===- ChunkedRun.h - A sequence in several calls -------------------------===//
//
// Prefill in chunks and decode, as the differential tester runs them: the
// inputs of a case are cut along time, each call takes the states that the one
// before left, and the results are put together again.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_CHUNKEDRUN_H
#define SSMC_TOOLS_CLI_CHUNKEDRUN_H

#include "ssmc/Oracle/Problem.h"
#include "ssmc/Runtime/Session.h"

namespace ssmc::cli {

/// The results of one pass through `problem.calls`, in the order of its
/// outputs. Each call is one of the session, as a program makes them.
Result<std::vector<runtime::NamedTensor>>
runCalls(runtime::Session &session, const oracle::Problem &problem);

/// The same with all inputs on the device before the first call and all results
/// fetched after the last one, so that a call costs no more than its launches:
/// a million calls take seconds. The calls' parts of a tensor lie side by side
/// in one allocation; a stray write from one to the next is not seen here.
Result<std::vector<runtime::NamedTensor>>
runManyCalls(runtime::Program &program, const oracle::Problem &problem);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_CHUNKEDRUN_H
