//===- TensorArgs.h - Tensors and sizes on the command line ---------------===//
//
// The forms "@x.npy", "name=@x.safetensors:y" and "batch=1", and the tensors
// they stand for.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TOOLS_CLI_TENSORARGS_H
#define SSMC_TOOLS_CLI_TENSORARGS_H

#include "ssmc/Runtime/Session.h"
#include <string>
#include <vector>

namespace ssmc::cli {

/// A tensor in a file, for the input or output `name`; without a name, for the
/// next one by position.
struct TensorArg {
  std::string name;
  /// The file without '@'.
  std::string path;
  /// The tensor in a safetensors file; empty for .npy.
  std::string key;
};

/// Parses "@FILE", "FILE" or "NAME=@FILE", FILE being "x.npy" or
/// "x.safetensors:key". With `keyOptional`, "x.safetensors" alone is good too:
/// the key is then the tensor's name.
Result<TensorArg> parseTensorArg(const std::string &text,
                                 bool keyOptional = false);

/// Parses "batch=1" into a name and a size.
Result<std::pair<std::string, uint64_t>> parseSize(const std::string &text);

/// Loads what the arguments name.
Result<std::vector<runtime::NamedTensor>>
loadTensors(const std::vector<std::string> &args);

/// For each argument the index of the result it means: by name, else the next
/// by position. Fails for a name that no result has, a position beyond the
/// last, and a result that is meant twice; `option` is for the message.
Result<std::vector<size_t>>
matchResults(const std::vector<TensorArg> &args,
             const std::vector<runtime::NamedTensor> &results,
             const std::string &option);

/// Writes results to the files that the arguments name. Tensors for one
/// safetensors file go into it together.
Status storeTensors(const std::vector<TensorArg> &args,
                    const std::vector<size_t> &matches,
                    const std::vector<runtime::NamedTensor> &results);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_TENSORARGS_H
