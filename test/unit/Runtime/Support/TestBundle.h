//===- TestBundle.h - Bundles made by tests -------------------------------===//
//
// The body of a bundle as plain data that a test can spoil in one place, and
// the writer that turns it into the bytes of a file.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_TESTBUNDLE_H
#define SSMC_TEST_UNIT_RUNTIME_TESTBUNDLE_H

#include "ssmc/Runtime/BundleView.h"
#include <optional>

namespace ssmc::runtime::test {

/// Whether a message holds `part`.
inline bool contains(const std::string &text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

using TestExpr = std::vector<bundle::ExprItem>;

inline TestExpr constant(uint64_t value) {
  return {{value, bundle::ExprOp::Const}};
}
inline TestExpr dim(uint64_t index) { return {{index, bundle::ExprOp::Dim}}; }
/// `a op b`.
TestExpr combine(TestExpr a, bundle::ExprOp op, const TestExpr &b);
inline TestExpr operator*(const TestExpr &a, const TestExpr &b) {
  return combine(a, bundle::ExprOp::Mul, b);
}

struct TestTensor {
  std::string name;
  DType dtype = DType::F32;
  std::vector<uint64_t> shape;
};

struct TestRule {
  bundle::InputRuleKind kind = bundle::InputRuleKind::Offsets;
  TestExpr limit = constant(0);
};

struct TestBuffer {
  bundle::BufferKind kind = bundle::BufferKind::Temporary;
  uint32_t index = 0;
  std::string name;
  uint8_t dtype = 1;
  std::vector<TestExpr> shape;
  uint32_t firstStep = 0, lastStep = 0;
  std::vector<TestRule> rules = {};
};

struct TestPointer {
  uint32_t buffer = 0;
  TestExpr offset = constant(0);
};

struct TestAlternative;

struct TestStep {
  /// A copy uses pointers[0] (source), pointers[1] (target) and scalars[0].
  bundle::StepAction action = bundle::StepAction::Launch;
  uint32_t kernel = 0;
  std::vector<TestExpr> grid = {constant(1), constant(1), constant(1)};
  std::vector<TestPointer> pointers;
  std::vector<TestExpr> scalars;
  /// Bytes, mufu and fma; empty for none.
  std::vector<TestExpr> cost = {};
  /// Of a choice.
  uint32_t group = 0;
  std::vector<TestAlternative> alternatives = {};
};

struct TestAlternative {
  std::vector<TestStep> steps;
  std::optional<TestExpr> cost = {};
};

struct TestGroup {
  std::string name;
  uint64_t key = 0;
  std::vector<std::string> labels;
};

struct TestEntry {
  std::string name;
  std::vector<std::string> dims;
  std::vector<TestBuffer> buffers;
  std::vector<TestStep> steps;
};

struct TestKernel {
  std::string name;
  std::vector<uint32_t> block = {32, 1, 1};
  uint32_t numPointers = 0, numScalars = 0, sharedBytes = 0;
};

struct TestImage {
  std::string arch;
  uint32_t section = 1;
  uint32_t cubinSection = 0;
};

struct TestModel {
  uint64_t vocabSize = 8;
  bool byteLevel = false;
  int64_t eos = -1;
};

struct TestBundle {
  std::vector<TestKernel> kernels;
  std::vector<TestImage> images;
  uint32_t bitcodeSection = 0;
  std::vector<TestTensor> parameters, states, derived;
  std::vector<TestEntry> entries;
  std::optional<TestModel> model;
  std::vector<TestGroup> groups;
  /// Sections 1 and on.
  std::vector<std::string> sections;

  [[nodiscard]] std::string body() const;
  [[nodiscard]] std::vector<uint8_t> bytes() const;
  /// What the reader makes of bytes().
  [[nodiscard]] Result<std::unique_ptr<BundleView>> read() const {
    return BundleView::fromBytes(bytes(), "test.ssmb");
  }
  [[nodiscard]] std::shared_ptr<const BundleView> view() const;
};

/// A model of one state with a vocabulary of 8: its state is the sum of all
/// ids, and the most likely next token is that sum modulo 8. Uses the kernels
/// of ToyKernels.h, a parameter "bias" (f32[8], added to the logits), a derived
/// tensor, copies and temporaries.
TestBundle toyModel();

/// One entry "double" without state: "x" (f32, n x m) -> "y" = 2x.
TestBundle toyFunction();

/// The same with three ways to do it, the group "double.0": "direct" and, by
/// temporaries of their own, "once" and "twice".
TestBundle toyVariants();

} // namespace ssmc::runtime::test

#endif // SSMC_TEST_UNIT_RUNTIME_TESTBUNDLE_H
