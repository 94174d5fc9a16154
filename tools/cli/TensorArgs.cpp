//===- TensorArgs.cpp - Tensors and sizes on the command line -------------===//

#include "tools/cli/TensorArgs.h"
#include "ssmc/IO/Npy.h"
#include "ssmc/IO/Text.h"
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

using namespace ssmc;
using namespace ssmc::cli;
using runtime::NamedTensor;

static bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.substr(text.size() - suffix.size()) == suffix;
}

Result<TensorArg> cli::parseTensorArg(const std::string &text,
                                      bool keyOptional) {
  TensorArg arg;
  std::string file = text;
  if (!file.empty() && file.front() == '@') {
    file.erase(0, 1);
  } else if (size_t equals = file.find("=@"); equals != std::string::npos) {
    arg.name = file.substr(0, equals);
    file.erase(0, equals + 2);
    if (arg.name.empty())
      return Status::usage(
          fmt::format("{} has no name before '='; write NAME=@FILE or @FILE",
                      quoted(text)));
  }
  constexpr std::string_view separator = ".safetensors:";
  if (size_t at = file.find(separator); at != std::string::npos) {
    arg.path = file.substr(0, at + separator.size() - 1);
    arg.key = file.substr(at + separator.size());
  } else {
    arg.path = file;
  }
  bool isNpy = endsWith(arg.path, ".npy");
  bool isWhole = endsWith(arg.path, ".safetensors") && arg.key.empty();
  if (!isNpy && arg.key.empty() && !(isWhole && keyOptional))
    return Status::usage(
        fmt::format("{} names no tensor; write [NAME=]@x.npy or "
                    "[NAME=]@x.safetensors:tensor",
                    quoted(text)));
  return arg;
}

Result<std::pair<std::string, uint64_t>>
cli::parseSize(const std::string &text) {
  size_t equals = text.find('=');
  uint64_t value = 0;
  if (equals != std::string::npos && equals != 0) {
    const char *begin = text.data() + equals + 1;
    const char *end = text.data() + text.size();
    auto [rest, error] = std::from_chars(begin, end, value);
    if (error == std::errc() && rest == end && begin != end)
      return std::make_pair(text.substr(0, equals), value);
  }
  return Status::usage(fmt::format(
      "{} is no size; write NAME=NUMBER, for example batch=1", quoted(text)));
}

Result<std::vector<NamedTensor>>
cli::loadTensors(const std::vector<std::string> &args) {
  std::vector<NamedTensor> tensors;
  for (const std::string &text : args) {
    Result<TensorArg> arg = parseTensorArg(text);
    if (!arg.ok())
      return arg.status();
    Result<HostTensor> tensor =
        loadTensor(arg->key.empty() ? arg->path : arg->path + ":" + arg->key);
    if (!tensor.ok())
      return tensor.status();
    tensors.push_back({arg->name, std::move(*tensor)});
  }
  return tensors;
}

/// "'y', 'state'" for messages.
static std::string namesOf(const std::vector<NamedTensor> &tensors) {
  std::vector<std::string> names;
  for (const NamedTensor &tensor : tensors)
    names.push_back(quoted(tensor.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<std::vector<size_t>>
cli::matchResults(const std::vector<TensorArg> &args,
                  const std::vector<NamedTensor> &results,
                  const std::string &option) {
  std::vector<size_t> matches;
  std::vector<bool> taken(results.size(), false);
  size_t position = 0;
  for (const TensorArg &arg : args) {
    size_t index = position;
    if (arg.name.empty()) {
      ++position;
    } else {
      for (index = 0; index < results.size(); ++index)
        if (results[index].name == arg.name)
          break;
    }
    if (index >= results.size())
      return Status::usage(
          arg.name.empty()
              ? fmt::format("{} is given more often than there are results "
                            "({}: {})",
                            option, results.size(), namesOf(results))
              : fmt::format("{} names {}, but the results are {}", option,
                            quoted(arg.name), namesOf(results)));
    if (taken[index])
      return Status::usage(fmt::format("{} is given twice for result {}",
                                       option, quoted(results[index].name)));
    taken[index] = true;
    matches.push_back(index);
  }
  return matches;
}

Status cli::storeTensors(const std::vector<TensorArg> &args,
                         const std::vector<size_t> &matches,
                         const std::vector<NamedTensor> &results) {
  std::map<std::string, std::vector<std::pair<std::string, HostTensor>>> files;
  for (size_t i = 0; i < args.size(); ++i) {
    const NamedTensor &result = results[matches[i]];
    if (endsWith(args[i].path, ".npy")) {
      SSMC_TRY(writeNpy(args[i].path, result.tensor));
      continue;
    }
    const std::string &key = args[i].key.empty() ? result.name : args[i].key;
    files[args[i].path].emplace_back(key, result.tensor);
  }
  for (const auto &[path, tensors] : files)
    SSMC_TRY(writeSafetensors(path, tensors));
  return {};
}
