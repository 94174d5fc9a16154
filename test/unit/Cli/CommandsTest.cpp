//===- CommandsTest.cpp - Whole command lines, in process -----------------===//

#include "TestBundle.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Npy.h"
#include "ssmc/IO/Safetensors.h"
#include "ssmc/Runtime/BundleView.h"
#include "tools/cli/Context.h"
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <unistd.h>

using namespace ssmc;

namespace ssmc::cli::test {
namespace {

HostTensor floats(const std::vector<float> &values) {
  HostTensor tensor;
  tensor.shape = {values.size()};
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  tensor.data.assign(bytes, bytes + values.size() * sizeof(float));
  return tensor;
}

/// An environment variable with another value for a while.
class ScopedVariable {
public:
  ScopedVariable(const char *name, const char *value) : name_(name) {
    if (const char *old = std::getenv(name))
      old_ = old;
    setenv(name, value, 1);
  }
  ~ScopedVariable() {
    if (old_)
      setenv(name_, old_->c_str(), 1);
    else
      unsetenv(name_);
  }
  ScopedVariable(const ScopedVariable &) = delete;
  ScopedVariable &operator=(const ScopedVariable &) = delete;

private:
  const char *name_;
  std::optional<std::string> old_;
};

struct Outcome {
  int exitCode = 0;
  std::string out, err;
};

class CommandsTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "ssmc-cli-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    registerTestDevice();
    ASSERT_TRUE(std::filesystem::create_directory(path("model")));
    ASSERT_TRUE(writeFileAtomically(path("m.ssmb"), makeBundle("model")).ok());
    ASSERT_TRUE(writeSafetensors(path("model/model.safetensors"),
                                 {{"factor", floats({2})}})
                    .ok());
    ASSERT_TRUE(writeNpy(path("x.npy"), floats({1, 2, 3})).ok());
    ASSERT_TRUE(writeNpy(path("y.npy"), floats({2, 4, 6})).ok());
    ASSERT_TRUE(writeNpy(path("wrong.npy"), floats({2, 4, 6.5})).ok());
    context_.name = "tool";
    context_.deviceKinds = {"test"};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string &name) const {
    return folder_ + "/" + name;
  }

  Outcome tool(std::vector<std::string> args) {
    args.insert(args.begin(), "tool");
    std::vector<const char *> argv;
    for (const std::string &arg : args)
      argv.push_back(arg.c_str());
    argv.push_back(nullptr);
    char *text[2] = {};
    size_t sizes[2] = {};
    context_.out = open_memstream(&text[0], &sizes[0]);
    context_.err = open_memstream(&text[1], &sizes[1]);
    Outcome outcome;
    outcome.exitCode =
        runTool(static_cast<int>(args.size()), argv.data(), context_);
    std::fclose(context_.out);
    std::fclose(context_.err);
    outcome.out.assign(text[0], sizes[0]);
    outcome.err.assign(text[1], sizes[1]);
    std::free(text[0]);
    std::free(text[1]);
    return outcome;
  }

  /// Expects an exit code and a part of the message.
  void expectFailure(const std::vector<std::string> &args, int exitCode,
                     const std::string &message) {
    Outcome outcome = tool(args);
    EXPECT_EQ(outcome.exitCode, exitCode) << outcome.err;
    EXPECT_EQ(outcome.err.rfind("tool: error: ", 0), 0u) << outcome.err;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  }

  std::string folder_;
  Context context_;
};

TEST_F(CommandsTest, GeneratesText) {
  Outcome outcome =
      tool({"generate", path("m.ssmb"), "--prompt", "xa", "-n", "5"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "bcdef\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CommandsTest, GeneratesIdsFromIdsAndEchoes) {
  Outcome outcome = tool({"generate", path("m.ssmb"), "--prompt-ids", "7,9",
                          "-n", "2", "--ids", "--echo"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "7,9,10,11\n");
}

TEST_F(CommandsTest, StopsAtTheEndToken) {
  std::vector<std::string> args = {
      "generate", path("m.ssmb"), "--prompt-ids", "253", "-n", "9", "--ids"};
  EXPECT_EQ(tool(args).out, "254,255\n");
  args.push_back("--ignore-eos");
  EXPECT_EQ(tool(args).out, "254,255,0,1,2,3,4,5,6\n");
}

TEST_F(CommandsTest, ReadsThePromptFromAFile) {
  ASSERT_TRUE(writeFileAtomically(path("prompt"), "hello k").ok());
  Outcome outcome = tool({"generate", path("m.ssmb"), "--prompt-file",
                          path("prompt"), "-n", "3", "--stats"});
  EXPECT_EQ(outcome.out, "lmn\n");
  EXPECT_NE(outcome.err.find("prompt: 7 tokens in"), std::string::npos);
  EXPECT_NE(outcome.err.find("decode: 2 tokens in"), std::string::npos);
}

TEST_F(CommandsTest, EndsQuietlyWhenTheReaderHasSeenEnough) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  context_.out = fdopen(ends[1], "w");
  std::string bundle = path("m.ssmb");
  const char *argv[] = {"tool", "generate",   bundle.c_str(), "--prompt", "a",
                        "-n",   "1000000000", "--ignore-eos", nullptr};
  EXPECT_EQ(runTool(8, argv, context_), 0);
  std::fclose(context_.out);
}

TEST_F(CommandsTest, SaysWhenTheOutputCannotBeWritten) {
  context_.out = std::fopen("/dev/full", "w");
  ASSERT_NE(context_.out, nullptr);
  const char *argv[] = {"tool", "--version", nullptr};
  EXPECT_EQ(runTool(2, argv, context_), 1);
  std::fclose(context_.out);
}

TEST_F(CommandsTest, RefusesBadPromptsAndOptions) {
  std::string bundle = path("m.ssmb");
  expectFailure({"generate", bundle, "--prompt", ""}, 2, "prompt is empty");
  expectFailure({"generate", bundle}, 2, "--prompt-ids");
  expectFailure({"generate", bundle, "--prompt", "a", "--prompt-ids", "1"}, 2,
                "2 were given");
  expectFailure({"generate", bundle, "--prompt-ids", "256"}, 1, "256");
  expectFailure({"generate", bundle, "--prompt", "a", "-n", "-3"}, 2, "-3");
  expectFailure({"generate", bundle, "--prompt", "a", "--temperature=-1"}, 2,
                "temperature");
  expectFailure({"generate", bundle, "--prompt", "a", "--device=moon"}, 2,
                "'moon'");
  expectFailure({"generate", path("none.ssmb"), "--prompt", "a"}, 1,
                "no such file");
  expectFailure({"generate", path("model"), "--prompt", "a"}, 1,
                "ssmc compile");
}

TEST_F(CommandsTest, FindsTheWeights) {
  std::vector<std::string> args = {
      "run", path("m.ssmb"), "--entry", "scale", "-i", "@" + path("x.npy")};
  // Where the bundle was compiled from.
  EXPECT_EQ(tool(args).out, "result[0] y: f32[3] = [2, 4, 6]\n");
  // Beside the bundle.
  std::filesystem::rename(path("model/model.safetensors"),
                          path("model.safetensors"));
  EXPECT_EQ(tool(args).out, "result[0] y: f32[3] = [2, 4, 6]\n");
  // Where the user says, and nowhere else.
  std::filesystem::rename(path("model.safetensors"), path("other.safetensors"));
  expectFailure(args, 1, "--weights");
  args.insert(args.end(), {"--weights", path("other.safetensors")});
  EXPECT_EQ(tool(args).out, "result[0] y: f32[3] = [2, 4, 6]\n");
}

TEST_F(CommandsTest, ComparesAndStoresResults) {
  std::vector<std::string> args = {"run",     path("m.ssmb"),
                                   "--entry", "scale",
                                   "--input", "x=@" + path("x.npy")};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), args.begin(), args.end());
    return more;
  };
  Outcome same = tool(with({"--expected-output", "@" + path("y.npy")}));
  EXPECT_EQ(same.exitCode, 0) << same.err;
  EXPECT_NE(same.out.find("result 'y' is as expected"), std::string::npos);
  expectFailure(with({"--expected-output", "y=@" + path("wrong.npy")}), 3,
                "[2]: got 6, expected 6.5");
  EXPECT_EQ(tool(with({"--expected-output", "@" + path("wrong.npy"), "--atol",
                       "0.5"}))
                .exitCode,
            0);
  expectFailure(with({"--expected-output", "z=@" + path("y.npy")}), 2,
                "the results are 'y'");

  EXPECT_EQ(tool(with({"-o", "@" + path("out.npy")})).out, "");
  Result<HostTensor> npy = readNpy(path("out.npy"));
  ASSERT_TRUE(npy.ok());
  EXPECT_EQ(toDoubles(*npy), (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(tool(with({"-o", "y=@" + path("out.safetensors")})).exitCode, 0);
  Result<HostTensor> stored = loadTensor(path("out.safetensors") + ":y");
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(toDoubles(*stored), (std::vector<double>{2, 4, 6}));
}

TEST_F(CommandsTest, ChoosesTheEntry) {
  expectFailure({"run", path("m.ssmb")}, 2, "choose one with --entry");
  expectFailure({"run", path("m.ssmb"), "--entry", "nope"}, 2,
                "'prefill', 'step', 'scale'");
}

TEST_F(CommandsTest, Inspects) {
  ScopedVariable noPtxas("PATH", "/nonexistent");
  Outcome outcome = tool({"inspect", path("m.ssmb"), "--plan", "--tensors",
                          "--dims", "seqlen=5,n=7"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  for (const char *part :
       {"model: test, 1 layer, d_model 16, vocabulary 256 (bytes), end token 0",
        "PTX for sm_90", "next_letter  32x1x1           128",
        "parameters: 1 tensor, 4 bytes",
        "entry prefill at batch=1, seqlen=5, last=1",
        "(ids: i32[1, 5]) -> (logits: f32[1, 1, 256])",
        "launch scale grid 1x1x1 (x, factor, y; 7)"})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n"
                                                         << outcome.out;
  expectFailure({"inspect", path("m.ssmb"), "--dims", "width=3"}, 2, "'width'");
  expectFailure({"inspect", path("m.ssmb"), "--dims", "seqlen=x"}, 2,
                "seqlen=x");
  expectFailure({"inspect", path("x.npy")}, 1, "magic");
}

TEST_F(CommandsTest, ShowsWhatPtxasSays) {
  ScopedVariable onlyOurs("PATH", folder_.c_str());
  auto writePtxas = [&](const std::string &script) {
    ASSERT_TRUE(
        writeFileAtomically(path("ptxas"), "#!/bin/sh\n" + script).ok());
    std::filesystem::permissions(path("ptxas"),
                                 std::filesystem::perms::owner_all);
  };
  writePtxas("echo \"Compiling entry function 'next_letter' for 'sm_90'\"\n"
             "echo 'Used 41 registers'\n"
             "echo >\"$4\"\n");
  Outcome outcome = tool({"inspect", path("m.ssmb")});
  EXPECT_NE(outcome.out.find("(registers by ptxas for sm_90)"),
            std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("41"), std::string::npos) << outcome.out;
  EXPECT_NE(
      tool({"inspect", path("m.ssmb"), "--json"}).out.find("\"registers\": 41"),
      std::string::npos);

  // A ptxas that refuses is no reason not to inspect.
  writePtxas("echo 'no such target'; exit 1\n");
  outcome = tool({"inspect", path("m.ssmb")});
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_NE(outcome.out.find("no such target"), std::string::npos)
      << outcome.out;
}

TEST_F(CommandsTest, InspectsAsJson) {
  ScopedVariable noPtxas("PATH", "/nonexistent");
  Outcome outcome = tool({"inspect", path("m.ssmb"), "--json"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  for (const char *part :
       {"\"model_type\": \"test\"", "\"arena_bytes\": 0",
        "\"name\": \"next_letter\"", "\"source\": \"model\""})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part;
}

TEST_F(CommandsTest, PrintsPtx) {
  EXPECT_EQ(tool({"inspect", path("m.ssmb"), "--ptx"}).out, "// PTX\n");
  EXPECT_EQ(tool({"inspect", path("m.ssmb"), "--ptx=sm_90"}).out, "// PTX\n");
  expectFailure({"inspect", path("m.ssmb"), "--ptx=sm_70"}, 1, "it has: sm_90");
}

TEST_F(CommandsTest, ListsDevices) {
  Outcome outcome = tool({"devices"});
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(outcome.out, "test: usable: test, host memory\n");
}

TEST_F(CommandsTest, TakesTheFirstDeviceThereIs) {
  ScopedVariable noDriver("SSMC_LIBCUDA", "/nonexistent/libcuda.so.1");
  context_.deviceKinds = {"cuda", "test"};
  Outcome outcome =
      tool({"generate", path("m.ssmb"), "--prompt", "a", "-n", "1"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "tool: running on test, host memory\n");
}

TEST_F(CommandsTest, CompilesWhatIsNoBundle) {
  std::string asked;
  context_.compile = [&](const CompileRequest &request)
      -> Result<std::shared_ptr<const runtime::BundleView>> {
    asked = request.deviceKind + " " + request.path;
    auto view = runtime::BundleView::open(path("m.ssmb"));
    if (!view.ok())
      return view.status();
    return std::shared_ptr<const runtime::BundleView>(std::move(*view));
  };
  Outcome outcome =
      tool({"generate", path("model"), "--prompt", "a", "-n", "1"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "b\n");
  EXPECT_EQ(asked, "test " + path("model"));
}

TEST_F(CommandsTest, SaysWhatIsWrongWithTheCommandLine) {
  expectFailure({"bogus"}, 2, "unknown command 'bogus'");
  expectFailure({}, 2, "subcommand is required");
  expectFailure({"inspect"}, 2, "Try 'tool inspect --help'");
  Outcome help = tool({"run", "--help"});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_NE(help.out.find("Usage: tool run"), std::string::npos) << help.out;
  EXPECT_EQ(tool({"--version"}).out.rfind("tool ", 0), 0u);
}

} // namespace
} // namespace ssmc::cli::test
