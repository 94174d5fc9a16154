//===- BufferLivenessTest.cpp - When a plan's buffers are in use ----------===//
//
// Plans as text, since that is how a wrong range would be found.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Analysis/BufferLiveness.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "ssmc/InitAll.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ssmc;

namespace {

class BufferLivenessTest : public testing::Test {
protected:
  BufferLivenessTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }

  /// A plan with buffers a, b, c, d of one type and these steps.
  void parse(const std::string &steps) {
    std::string text = "module {\nkernel.plan @p dims [] {\n";
    for (std::string name : {"a", "b", "c", "d"})
      text += "%" + name + " = kernel.buffer temporary \"" + name +
              "\" shape affine_map<() -> (4)> : memref<4xf32>\n";
    text += steps + R"(}
      gpu.module @kernels {
        gpu.func @k(%x: memref<f32>, %y: memref<f32>) kernel { gpu.return }
      }
    })";
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << text;
  }

  static std::string launch(const std::string &x, const std::string &y) {
    return "kernel.launch @kernels::@k grid affine_map<() -> (1, 1, 1)> "
           "args(%" +
           x + ", %" + y +
           " : memref<4xf32>, memref<4xf32>) "
           "offsets affine_map<() -> (0, 0)> scalars affine_map<() -> ()>\n";
  }

  static std::string copy(const std::string &x, const std::string &y) {
    return "kernel.copy %" + x + " to %" + y +
           " : memref<4xf32>, memref<4xf32>\n";
  }

  /// "first-last" of each buffer in order.
  std::vector<std::string> ranges() {
    auto plan = *module->getOps<kernel::PlanOp>().begin();
    BufferLiveness liveness(plan);
    std::vector<std::string> result;
    for (auto buffer : plan.getOps<kernel::BufferOp>()) {
      BufferLiveness::Range range = liveness.get(buffer.getBuffer());
      result.push_back(std::to_string(range.first) + "-" +
                       std::to_string(range.last));
    }
    return result;
  }

  using Ranges = std::vector<std::string>;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(BufferLivenessTest, FromTheFirstToTheLastStepThatTouchesIt) {
  parse(launch("a", "b") + launch("b", "c") + launch("a", "d"));
  EXPECT_EQ(ranges(), (Ranges{"0-2", "0-1", "1-1", "2-2"}));
}

TEST_F(BufferLivenessTest, CopiesAreSteps) {
  parse(launch("a", "b") + copy("b", "c") + launch("c", "d"));
  EXPECT_EQ(ranges(), (Ranges{"0-0", "0-1", "1-2", "2-2"}));
}

TEST_F(BufferLivenessTest, TwiceInOneStep) {
  parse(launch("b", "a") + launch("b", "b"));
  EXPECT_EQ(ranges()[1], "0-1");
}

TEST_F(BufferLivenessTest, WhatNoStepTouchesIsAtTheStart) {
  parse(launch("a", "b"));
  EXPECT_EQ(ranges(), (Ranges{"0-0", "0-0", "0-0", "0-0"}));
}

TEST_F(BufferLivenessTest, APlanWithoutSteps) {
  parse("");
  EXPECT_EQ(ranges(), (Ranges{"0-0", "0-0", "0-0", "0-0"}));
}

} // namespace
