//===- Generate.cpp - ssmc generate: text from a model --------------------===//

#include "ssmc/Runtime/Generate.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Commands.h"
#include "tools/cli/Load.h"
#include "tools/cli/Output.h"
#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <iterator>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

constexpr uint64_t kMaxPromptBytes = uint64_t(64) << 20;

struct GenerateCommand {
  LoadOptions load;
  std::string prompt, promptFile;
  std::vector<int32_t> promptIds;
  runtime::GenerateOptions options;
  bool ids = false, echo = false, ignoreEos = false, stats = false;
};

/// Seconds of the parts of a generation.
class Stopwatch {
public:
  double lap() {
    auto now = std::chrono::steady_clock::now();
    double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

private:
  std::chrono::steady_clock::time_point last_ =
      std::chrono::steady_clock::now();
};

/// All of a file, or of standard input for "-".
Result<std::string> readPrompt(const std::string &path) {
  if (path != "-")
    return readFile(path, kMaxPromptBytes);
  std::string text;
  char buffer[4096];
  while (size_t count = std::fread(buffer, 1, sizeof(buffer), stdin)) {
    text.append(buffer, count);
    if (text.size() > kMaxPromptBytes)
      return Status::invalid(fmt::format(
          "standard input: more than {} bytes of prompt", kMaxPromptBytes));
  }
  if (std::ferror(stdin))
    return Status::invalid("standard input: cannot read the prompt");
  return text;
}

/// The prompt as token ids. The options were checked to be one and only one.
Result<std::vector<int32_t>> promptTokens(const GenerateCommand &command,
                                          const bundle::Model &model) {
  if (!command.promptIds.empty())
    return command.promptIds;
  if (!model.byte_level())
    return Status::usage(fmt::format(
        "{} is not a byte-level model, so text cannot be made into its {} "
        "tokens here; give --prompt-ids",
        quoted(command.load.path), model.vocab_size()));
  std::string text = command.prompt;
  if (!command.promptFile.empty()) {
    Result<std::string> read = readPrompt(command.promptFile);
    if (!read.ok())
      return read.status();
    text = std::move(*read);
  }
  if (text.empty())
    return Status::usage("the prompt is empty; it must have one token or more");
  std::vector<int32_t> ids;
  ids.reserve(text.size());
  for (char byte : text)
    ids.push_back(static_cast<unsigned char>(byte));
  return ids;
}

/// Writes tokens as they come: text, or ids with commas between.
class TokenWriter {
public:
  TokenWriter(std::FILE *file, bool asText) : out_(file), asText_(asText) {}

  bool write(int32_t id) {
    if (!asText_)
      out_.write(fmt::format("{}{}", first_ ? "" : ",", id));
    else
      writeByte(static_cast<unsigned char>(id));
    first_ = false;
    return out_.flush();
  }

  Status finish() {
    out_.write("\n");
    return out_.finish();
  }

private:
  void writeByte(unsigned char byte) {
    bool isControl = byte < 0x20 || byte == 0x7f;
    // A model may say anything, but not give orders to a terminal.
    if (isControl && byte != '\n' && byte != '\t' && out_.isTerminal())
      out_.write(fmt::format("\\x{:02x}", byte));
    else
      out_.write(std::string_view(reinterpret_cast<const char *>(&byte), 1));
  }

  Output out_;
  bool asText_;
  bool first_ = true;
};

std::string rate(uint64_t tokens, double seconds) {
  return fmt::format("{} token{} in {:.3f} s ({:.1f}/s)", tokens,
                     tokens == 1 ? "" : "s", seconds,
                     seconds > 0 ? static_cast<double>(tokens) / seconds : 0);
}

Status generate(const Context &context, const GenerateCommand &command) {
  if (Result<Sampler> sampler = Sampler::create(command.options.sampling);
      !sampler.ok())
    return Status::usage(sampler.status().message());
  Stopwatch watch;
  Result<LoadedProgram> loaded = loadProgram(context, command.load);
  if (!loaded.ok())
    return loaded.status();
  Result<std::unique_ptr<Session>> session = Session::create(*loaded->program);
  if (!session.ok())
    return session.status();
  Result<Generator> generator = Generator::create(**session);
  if (!generator.ok())
    return generator.status();
  Result<std::vector<int32_t>> prompt =
      promptTokens(command, generator->model());
  if (!prompt.ok())
    return prompt.status();
  double loadSeconds = watch.lap();

  bool asText = generator->model().byte_level() && !command.ids;
  TokenWriter writer(context.out, asText);
  if (command.echo)
    for (int32_t id : *prompt)
      writer.write(id);

  double prefillSeconds = 0;
  uint64_t count = 0;
  Result<std::vector<int32_t>> tokens =
      generator->generate(*prompt, command.options, [&](int32_t id) {
        if (count++ == 0)
          prefillSeconds = watch.lap();
        return writer.write(id);
      });
  double decodeSeconds = watch.lap();
  // What was generated before a failure stays, on a line of its own.
  Status written = writer.finish();
  if (!tokens.ok())
    return tokens.status();
  if (command.stats) {
    if (count == 0)
      std::swap(prefillSeconds, decodeSeconds);
    std::string text =
        fmt::format("{}: {}: ready after {:.3f} s; prompt: {}; decode: {}\n",
                    context.name, loaded->device->description(), loadSeconds,
                    rate(prompt->size(), prefillSeconds),
                    rate(count > 0 ? count - 1 : 0, decodeSeconds));
    std::fwrite(text.data(), 1, text.size(), context.err);
  }
  return written;
}

} // namespace

void cli::addGenerateCommand(CLI::App &app, const Context &context,
                             Action &action) {
  auto command = std::make_shared<GenerateCommand>();
  CLI::App *sub = app.add_subcommand("generate", "Continue a prompt");
  addLoadOptions(*sub, context, command->load,
                 context.compile ? "Bundle (.ssmb) or model directory"
                                 : "Bundle (.ssmb)");

  CLI::Option_group *prompt =
      sub->add_option_group("Prompt", "what the model continues (exactly one)");
  prompt->require_option(1);
  prompt->add_option("--prompt", command->prompt,
                     "Text, for byte-level models");
  prompt->add_option("--prompt-file", command->promptFile,
                     "Text in a file; - is standard input");
  prompt->add_option("--prompt-ids", command->promptIds, "Token ids: 1,2,3")
      ->delimiter(',');

  runtime::GenerateOptions &options = command->options;
  options.maxTokens = 32;
  sub->add_option("-n,--tokens", options.maxTokens,
                  "Tokens to generate at most")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_option("--temperature", options.sampling.temperature,
                  "0 always takes the likeliest token")
      ->capture_default_str();
  sub->add_option("--top-k", options.sampling.topK,
                  "Draw from the K likeliest tokens; 0 is all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_option("--top-p", options.sampling.topP,
                  "Draw from the likeliest tokens that reach this probability")
      ->capture_default_str();
  sub->add_option("--seed", options.sampling.seed,
                  "The same seed gives the same tokens")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_flag("--ignore-eos", command->ignoreEos,
                "Go on after the end-of-sequence token");
  sub->add_flag("--echo", command->echo, "Print the prompt too");
  sub->add_flag("--ids", command->ids, "Print token ids instead of text");
  sub->add_flag("--stats", command->stats,
                "Say on standard error how fast it was");
  sub->footer(fmt::format(
      "Examples:\n"
      "  {0} generate model.ssmb --prompt 'In the beginning' -n 64\n"
      "  {0} generate model.ssmb --prompt-ids 12,7,99 --temperature 0.8 "
      "--top-p 0.9 --seed 7\n"
      "Text is printed for byte-level models, comma-separated ids for others.",
      context.name));

  sub->callback([command, &context, &action] {
    command->options.stopAtEos = !command->ignoreEos;
    action = [command, &context] { return generate(context, *command); };
  });
}
