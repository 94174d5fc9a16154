//===- PtxasTest.cpp ------------------------------------------------------===//

#include "tools/cli/Ptxas.h"
#include "ssmc/IO/File.h"
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

constexpr const char *kReport =
    "ptxas info    : 0 bytes gmem\n"
    "ptxas info    : Compiling entry function 'scan' for 'sm_90'\n"
    "ptxas info    : Function properties for scan\n"
    "    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads\n"
    "ptxas info    : Used 40 registers, used 1 barriers, 528 bytes cmem[0]\n"
    "ptxas info    : Compiling entry function 'norm' for 'sm_90'\n"
    "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
    "ptxas info    : Used 8 registers\n";

TEST(PtxasTest, ReadsTheReport) {
  ResourceMap kernels = parsePtxasReport(kReport);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels["scan"].registers, 40u);
  EXPECT_EQ(kernels["scan"].spillBytes, 20u);
  EXPECT_EQ(kernels["scan"].stackBytes, 16u);
  EXPECT_EQ(kernels["norm"].registers, 8u);
  EXPECT_EQ(kernels["norm"].spillBytes, 0u);
}

TEST(PtxasTest, GarbageIsNoReport) {
  EXPECT_TRUE(parsePtxasReport("Used 7 registers\n\n\xff registers").empty());
}

/// A program in place of ptxas that does what `script` says.
class FakePtxas : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "ssmc-ptxas-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<AssembledPtx> assemble(const std::string &script) {
    std::string path = folder_ + "/ptxas";
    EXPECT_TRUE(writeFileAtomically(path, "#!/bin/sh\n" + script).ok());
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return assemblePtx(path, "// PTX", "sm_90");
  }

  std::string folder_;
};

TEST_F(FakePtxas, SeesThePtxAndTheArchitecture) {
  Result<AssembledPtx> result = assemble(
      "[ \"$2\" = -arch=sm_90 ] && [ \"$(cat \"$5\")\" = '// PTX' ] || exit 1\n"
      "echo \"ptxas info : Compiling entry function 'k' for 'sm_90'\" >&2\n"
      "echo 'ptxas info : Used 9 registers' >&2\n"
      "printf 'code' >\"$4\"\n");
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_EQ(result->resources["k"].registers, 9u);
  EXPECT_EQ(result->cubin, "code");
}

TEST_F(FakePtxas, NoOutputIsAFailure) {
  Result<AssembledPtx> result = assemble("exit 0\n");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("made no cubin"), std::string::npos);
}

TEST_F(FakePtxas, FailureShowsWhatItPrinted) {
  Result<AssembledPtx> result = assemble("echo 'line 3: bad'; exit 255\n");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("line 3: bad"), std::string::npos);
}

TEST_F(FakePtxas, DeathByASignalIsAFailure) {
  EXPECT_FALSE(assemble("kill -9 $$\n").ok());
}

TEST(PtxasTest, AMissingProgramIsAFailure) {
  EXPECT_FALSE(assemblePtx("/nonexistent/ptxas", "", "sm_90").ok());
}

} // namespace
