//===- Compile.cpp - The compile command ----------------------------------===//

#include "tools/ssmc/Compile.h"
#include "ssmc/IO/File.h"
#include "ssmc/Strategies/Strategies.h"
#include "tools/cli/Choices.h"
#include "tools/cli/Output.h"
#include "tools/ssmc/Cubin.h"
#include "tools/ssmc/Report.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

struct CompileCommand {
  CompileOptions options;
  std::string output = "-";
  std::string strategyToPrint;
  bool noBitcode = false;
  bool cubin = false;
  bool verbose = false;
  std::string remarks;
  std::string report;
  std::vector<std::string> reportDims;
};

} // namespace

static constexpr const char *kFooter = R"(Examples:
  # A Hugging Face directory to a bundle for every GPU since Ampere:
  ssmc compile mamba-130m -o mamba-130m.ssmb --dtype=bf16
  # What the compiler fuses, and the kernels it makes of that:
  ssmc compile scan.mlir --compile-to=fused
  ssmc compile scan.mlir --compile-to=gpu
  # Another fusion strategy, and one of your own:
  ssmc compile scan.mlir --fuse=none --compile-to=fused
  ssmc compile --print-strategy=scan > mine.mlir
  ssmc compile scan.mlir --fuse=@mine.mlir --compile-to=fused
  # What each kernel moves and computes, as a page:
  ssmc compile mamba-130m -o mamba-130m.ssmb --report=report.html
  # Stop, edit, go on:
  ssmc compile mamba-130m --compile-to=fused -o edited.mlir
  ssmc compile edited.mlir --compile-from=fused -o mamba-130m.ssmb

Phases: ssm (what the model computes), fused (kernels with schedules), gpu
(thread-level code and launch plans), nvvm (LLVM dialect), ptx, bundle.)";

static Status printStrategy(const Context &context, const std::string &name) {
  std::optional<std::string_view> script = findStrategy(name);
  if (!script)
    return Status::usage(fmt::format(
        "unknown fusion strategy '{}'; expected {}", name, strategyNames()));
  Output out(context.out);
  out.write(*script);
  return out.finish();
}

static Status runCompile(const Context &context, CompileCommand &command) {
  CompileOptions &options = command.options;
  if (!command.strategyToPrint.empty())
    return printStrategy(context, command.strategyToPrint);
  if (options.input.empty())
    return Status::usage("model is required: a directory with config.json and "
                         "safetensors, or an .mlir file");
  options.bitcode = !command.noBitcode;
  if (!command.remarks.empty())
    options.remarks = command.remarks;
  if (!command.report.empty()) {
    SSMC_TRY(checkReportPath(command.report));
    SSMC_TRY(parseReportDims(command.reportDims, options.report.emplace()));
  }
  bool isBundle = options.compileTo == "bundle";
  if (isBundle && command.output == "-" && isatty(fileno(context.out)))
    return Status::usage("a bundle is binary; say where to write it with -o");

  if (command.cubin) {
    Result<std::string> ptxas = enableCubins(options);
    if (!ptxas.ok())
      return ptxas.status();
    if (command.verbose)
      note(context, "cubins by " + *ptxas);
  }

  Progress progress(context.err);
  options.progress = [&](std::string_view phase) {
    progress.show(fmt::format("compiling {}: {}", options.input, phase));
  };
  Result<CompileResult> result = compile(options);
  progress.clear();
  if (!result.ok())
    return result.status();
  fmt::print(context.err, "{}", result->messages);
  if (result->report)
    SSMC_TRY(writeReport(command.report, *result->report, options,
                         command.reportDims));
  if (command.output == "-") {
    Output out(context.out);
    out.write(result->output);
    return out.finish();
  }
  SSMC_TRY(writeFileAtomically(command.output, result->output));
  if (isBundle)
    fmt::print(context.err, "wrote {} ({} bytes: PTX{} for {}{})\n",
               command.output, result->output.size(),
               command.cubin ? " and cubins" : "",
               fmt::join(options.targets, ", "),
               options.bitcode ? ", bitcode for the CPU" : "");
  return Status();
}

void ssmc::cli::addDTypeOption(CLI::App &command, DType &dtype) {
  auto parse = [&dtype](const std::string &name) {
    std::optional<DType> known = parseDType(name);
    if (known != DType::F32 && known != DType::F16 && known != DType::BF16)
      throw CLI::ValidationError(
          "--dtype",
          fmt::format("unknown type '{}'; expected f32, f16 or bf16", name));
    dtype = *known;
  };
  command
      .add_option_function<std::string>(
          "--dtype", parse,
          "Element type of a model's activations: f32, f16 or bf16 (default "
          "f32); weights keep the checkpoint's")
      ->type_name("TYPE");
}

void ssmc::cli::addTargetOption(CLI::App &command, CompileOptions &options) {
  command
      .add_option("--target", options.targets,
                  "Architectures to make PTX for (default sm_80,sm_90); PTX "
                  "runs on its architecture and on newer ones")
      ->delimiter(',')
      ->type_name("ARCH,...");
}

void ssmc::cli::addScheduleOption(CLI::App &command, CompileOptions &options) {
  command
      .add_option("--schedule", options.schedules,
                  "Schedule parameters in place of those chosen, as in "
                  "scan:lanes=4,steps=2; can be repeated (see "
                  "kernel-assign-schedules)")
      ->type_name("OP:NAME=VALUE,...")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void ssmc::cli::addFuseOption(CLI::App &command, std::string &fuse) {
  command
      .add_option("--fuse", fuse,
                  "What is fused: " + strategyNames() +
                      ", or @FILE of a transform script (default " + fuse + ")")
      ->type_name("STRATEGY");
}

void ssmc::cli::addAssumeOption(CLI::App &command, CompileOptions &options) {
  auto parse = [&options](const std::vector<std::string> &items) {
    for (const std::string &item : items) {
      size_t equals = item.find('=');
      std::string name = item.substr(0, equals);
      int64_t *size = name == "batch"    ? &options.batch
                      : name == "seqlen" ? &options.seqlen
                                         : nullptr;
      if (!size || equals == std::string::npos ||
          !CLI::detail::lexical_cast(item.substr(equals + 1), *size) ||
          *size < 1)
        throw CLI::ValidationError(
            "--assume",
            fmt::format("expected batch=N or seqlen=N with N from 1, found {}",
                        item));
    }
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--assume", parse,
          "Sizes that schedules are chosen for where the model does not fix "
          "them (default batch=1,seqlen=2048); any others run too")
      ->delimiter(',')
      ->type_name("batch=N,seqlen=N");
}

void ssmc::cli::addEmulatorOptions(CLI::App &command,
                                   emulator::EmulatorOptions &options) {
  command.add_flag("--check", options.check,
                   "On the CPU device, check every memory access and meeting "
                   "point of the kernels (slow)");
  command.add_option("--threads", options.threads,
                     "Threads of the CPU device (default: one a core)");
}

void ssmc::cli::addCompileCommand(CLI::App &app, const Context &context,
                                  Action &action) {
  CLI::App *command = app.add_subcommand(
      "compile", "Compile a model directory or an .mlir file");
  auto state = std::make_shared<CompileCommand>();
  CompileOptions &options = state->options;
  command->add_option(
      "model", options.input,
      "A directory with config.json and safetensors, or an .mlir "
      "file (- for standard input)");
  command->add_option("-o,--output", state->output,
                      "Where to write the result (default: standard output)");
  addTargetOption(*command, options);
  addCubinOption(*command, state->cubin);
  addDTypeOption(*command, options.activation);
  addFuseOption(*command, options.fuse);
  command
      ->add_option("--print-strategy", state->strategyToPrint,
                   "Compile nothing; print the script of a named fusion "
                   "strategy, to edit and give to --fuse")
      ->type_name("NAME");
  addScheduleOption(*command, options);
  command
      ->add_option("--variants", options.variants,
                   "One more schedule that the bundle offers for the kernels "
                   "of a name, as in scan:lanes=2; can be repeated. What is "
                   "left out is as chosen, unless there is a family as in "
                   "scan:family=tiled,segments=8; 'tune' measures which is "
                   "best")
      ->type_name("OP:NAME=VALUE,...")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  addAssumeOption(*command, options);
  command
      ->add_option("--compile-to", options.compileTo,
                   "The phase to stop at: ssm, fused, gpu, nvvm, ptx or "
                   "bundle (default bundle)")
      ->type_name("PHASE");
  command
      ->add_option("--compile-from", options.compileFrom,
                   "The phase that the .mlir file is at: ssm, fused, gpu or "
                   "nvvm (default ssm)")
      ->type_name("PHASE");
  command
      ->add_option("--dump-to", options.dumpTo,
                   "Write the module after each phase, the PTX, and each "
                   "kernel into this directory")
      ->type_name("DIR");
  command
      ->add_option("--override", options.overrideFrom,
                   "Put the files of this directory in the place of kernels: "
                   "NAME.mlir, NAME.ARCH.ptx or ARCH.ptx, as --dump-to writes "
                   "them")
      ->type_name("DIR");
  CLI::Option *report =
      command
          ->add_option("--report", state->report,
                       "Write what was made: each kernel's ops, bytes, "
                       "operations, floor and resources")
          ->type_name("FILE.json|FILE.html");
  command
      ->add_option("--report-dims", state->reportDims,
                   "Sizes that the report counts at (default "
                   "batch=1,seqlen=2048; others are 1)")
      ->type_name("NAME=NUMBER,...")
      ->delimiter(',')
      ->needs(report);
  command->add_flag("--remarks{.*}", state->remarks,
                    "Say on standard error what the passes did and why; of "
                    "those alone whose category matches a regular expression, "
                    "as in --remarks=kernel-fuse");
  command->add_flag("--no-bitcode", state->noBitcode,
                    "Leave out what the CPU device runs");
  command->add_flag("-v,--verbose", state->verbose,
                    "Say on standard error which other programs are used");
  command->footer(kFooter);
  command->callback([&context, &action, state] {
    action = [&context, state] { return runCompile(context, *state); };
  });
}
