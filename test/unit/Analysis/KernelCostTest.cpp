//===- KernelCostTest.cpp - What a kernel moves and computes --------------===//

#include "ssmc/Analysis/KernelCost.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "ssmc/Conversion/Passes.h"
#include "ssmc/InitAll.h"
#include "ssmc/Transforms/Passes.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ssmc;

namespace {

class KernelCostTest : public testing::Test {
protected:
  KernelCostTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// The first kernel of a function with these arguments and body; ops of the
  /// ssm dialect become kernels first, a scan one.
  KernelCost costOf(const std::string &arguments, const std::string &body) {
    std::string text =
        "func.func @f(" + arguments + ") {\n" + body + "\nreturn\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    PassManager pm(&context);
    pm.addPass(createConvertSSMToKernelPass());
    pm.addPass(createKernelFusePass({"scan"}));
    if (!module || failed(pm.run(*module))) {
      ADD_FAILURE() << text;
      return {};
    }
    KernelCost cost;
    module->walk([&](kernel::KernelOpInterface op) {
      cost = computeKernelCost(op);
      return WalkResult::interrupt();
    });
    return cost;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

constexpr const char *kScanArguments =
    "%u: tensor<?x?x64xbf16>, %A: tensor<64x16xf32>, %B: tensor<?x?x16xbf16>, "
    "%D: tensor<64xf32>, %delta: tensor<?x?x64xbf16>, %z: tensor<?x?x64xbf16>, "
    "%C: tensor<?x?x16xbf16>, %h: tensor<?x64x16xf32>";
constexpr const char *kScan =
    "%y = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : tensor<64xf32>) "
    "z(%z : tensor<?x?x64xbf16>) delta_bias(%D : tensor<64xf32>) "
    "delta_softplus : tensor<?x?x64xbf16>, tensor<?x?x64xbf16>, "
    "tensor<64x16xf32>, tensor<?x?x16xbf16>, tensor<?x?x16xbf16> "
    "-> tensor<?x?x64xbf16>";

TEST_F(KernelCostTest, Scan) {
  KernelCost cost = costOf(kScanArguments, kScan);
  constexpr double kSteps = 2 * 100, kElements = kSteps * 64;
  KernelWork work = cost.at({2, 100, 64, 16});
  // u, delta, z; B and C; A; D, which is also the bias.
  EXPECT_EQ(work.bytesRead,
            3 * 2 * kElements + 2 * 2 * 16 * kSteps + 4 * 64 * 16 + 4 * 64);
  EXPECT_EQ(work.bytesWritten, 2 * kElements);
  // A decay for each state, one for softplus, two for silu.
  EXPECT_EQ(work.mufu, kElements * (16 + 3));
  // Each state: the decay's logarithm, the input, the update, the readout. A
  // step: the bias, softplus, dt * u, the skip, silu, the gate. A * log2(e) is
  // formed once a sequence.
  EXPECT_EQ(work.fma,
            kElements * (16 * 4 + 1 + 18 + 1 + 1 + 3 + 1) + 2.0 * 64 * 16);
}

TEST_F(KernelCostTest, PackedScansTakeNoMoreStepsForMoreSequences) {
  auto cost = costOf(
      "%u: tensor<1x?x64xf32>, %A: tensor<64x16xf32>, %B: tensor<1x?x16xf32>, "
      "%o: tensor<?xi32>, %s: tensor<?xi32>, %h: tensor<?x64x16xf32>",
      "%y, %l = ssm.selective_scan %u, %u, %A, %B, %B "
      "initial_state(%h : tensor<?x64x16xf32>) cu_seqlens(%o : tensor<?xi32>) "
      "state_slots(%s : tensor<?xi32>) : tensor<1x?x64xf32>, "
      "tensor<1x?x64xf32>, tensor<64x16xf32>, tensor<1x?x16xf32>, "
      "tensor<1x?x16xf32> -> tensor<1x?x64xf32>, tensor<?x64x16xf32>");
  // Three sequences of 100 steps together, a pool of 50 rows.
  KernelWork work = cost.at({3, 100, 64, 16, 50});
  EXPECT_EQ(work.mufu, 100.0 * 64 * 16);
  constexpr double kStates = 3 * 64 * 16 * 4;
  EXPECT_EQ(work.bytesWritten, 100 * 64 * 4 + kStates);
  EXPECT_EQ(work.bytesRead, 100 * 64 * 4 + 64 * 16 * 4 + 100 * 16 * 4 +
                                kStates + 4 * 4 + 3 * 4);
}

TEST_F(KernelCostTest, MatrixProduct) {
  KernelCost cost = costOf("%x: tensor<?x?x256xbf16>, %w: tensor<48x256xbf16>",
                           "%y = ssm.linear %x, %w : tensor<?x?x256xbf16>, "
                           "tensor<48x256xbf16> -> tensor<?x?x48xbf16>");
  KernelWork work = cost.at({1, 10, 48, 256});
  EXPECT_EQ(work.bytesRead, 2 * (10 * 256 + 48 * 256));
  EXPECT_EQ(work.bytesWritten, 2 * 10 * 48);
  EXPECT_EQ(work.fma, 10 * 48 * 256);
  // Both factors widened once, the result narrowed.
  EXPECT_EQ(work.other, 10 * 256 + 48 * 256 + 10 * 48);
  EXPECT_EQ(work.mufu, 0);
}

TEST_F(KernelCostTest, NormTakesOneRootARow) {
  KernelCost cost =
      costOf("%x: tensor<?x?x256xf32>, %w: tensor<256xf32>",
             "%y = ssm.rms_norm %x, %w eps 1.0e-5 : tensor<?x?x256xf32>, "
             "tensor<256xf32> -> tensor<?x?x256xf32>");
  KernelWork work = cost.at({2, 5, 256});
  // A division and a root.
  EXPECT_EQ(work.mufu, 2 * 5 * 2);
  EXPECT_EQ(work.bytesRead, 4 * (2 * 5 * 256 + 256));
}

TEST_F(KernelCostTest, AGatherReadsTheRowsThatItCopies) {
  KernelCost cost = costOf("%ids: tensor<?x?xi32>, %t: tensor<50000x64xf32>",
                           "%y = ssm.embedding %ids, %t : tensor<?x?xi32>, "
                           "tensor<50000x64xf32> -> tensor<?x?x64xf32>");
  EXPECT_EQ(cost.at({2, 3, 64}).bytesRead, 4 * 6 + 4 * 6 * 64);
}

TEST_F(KernelCostTest, FloorOfTheH200) {
  // What is known of 8 x 2048 x 2048 with 16 states: 161 us of 20 special
  // functions an element, of which our softplus takes one less.
  const TargetModel &target = *getTargetModel("sm_90");
  KernelCost cost = costOf(kScanArguments, kScan);
  SmallVector<int64_t> extents = {8, 2048, 2048, 16};
  FloorTime floor = getFloorTime(cost.at(extents), target);
  EXPECT_NEAR(floor.mufu, 161e-6 * 19 / 20, 1e-6);
  EXPECT_EQ(floor.bound(), "mufu");
  EXPECT_EQ(floorSeconds(cost, extents, target), floor.mufu);
}

TEST(TargetModel, ByArchitecture) {
  EXPECT_EQ(getTargetModel("sm_90a")->device, "H200");
  EXPECT_EQ(getTargetModel("sm_87")->arch, "sm_86");
  EXPECT_EQ(getTargetModel("sm_121")->arch, "sm_120");
  EXPECT_EQ(getTargetModel("sm_75"), nullptr);
  EXPECT_EQ(getTargetModel("gfx90a"), nullptr);
}

TEST(TargetModel, Occupancy) {
  const TargetModel &target = *getTargetModel("sm_90");
  EXPECT_EQ(target.registersFor(1024), 64);
  EXPECT_EQ(target.registersFor(64), 255);
  // Each of four schedulers has as many registers.
  EXPECT_EQ(target.registersFor(480), 128);
  EXPECT_EQ(target.residentBlocks(32, 136, 0), 12);
  // By threads, by blocks, by registers, by shared memory.
  EXPECT_EQ(target.residentBlocks(256, 32, 0), 8);
  EXPECT_EQ(target.residentBlocks(32, 16, 0), 32);
  EXPECT_EQ(target.residentBlocks(128, 128, 0), 4);
  EXPECT_EQ(target.residentBlocks(128, 32, 100 * 1024), 2);
  EXPECT_EQ(target.residentBlocks(1024, 65, 0), 0);
  EXPECT_EQ(target.residentBlocks(32, 16, 228 * 1024), 0);
}

} // namespace
