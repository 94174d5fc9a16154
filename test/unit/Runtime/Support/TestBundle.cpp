//===- TestBundle.cpp - Bundles made by tests -----------------------------===//

#include "TestBundle.h"
#include "ToyPtx.h"
#include "ssmc/Bundle/Container.h"
#include <cstdlib>

namespace ssmc::runtime::test {

using bundle::BufferKind;
using bundle::StepAction;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

TestExpr combine(TestExpr a, bundle::ExprOp op, const TestExpr &b) {
  a.insert(a.end(), b.begin(), b.end());
  a.emplace_back(0, op);
  return a;
}

namespace {

/// make(item) for each item.
template <typename T, typename F>
auto each(const std::vector<T> &list, F &&make) {
  std::vector<decltype(make(list[0]))> offsets;
  for (const T &item : list)
    offsets.push_back(make(item));
  return offsets;
}

class BodyWriter {
public:
  std::string write(const TestBundle &bundle) {
    auto kernels = each(bundle.kernels, [&](const TestKernel &kernel) {
      return bundle::CreateKernelDirect(
          builder_, kernel.name.c_str(), &kernel.block, kernel.numPointers,
          kernel.numScalars, kernel.sharedBytes, "for tests");
    });
    auto images = each(bundle.images, [&](const TestImage &image) {
      return bundle::CreateImageDirect(builder_, image.arch.c_str(),
                                       image.section, image.cubinSection);
    });
    auto tensor = [&](const TestTensor &tensor) {
      return bundle::CreateTensorDirect(builder_, tensor.name.c_str(),
                                        static_cast<uint8_t>(tensor.dtype),
                                        &tensor.shape);
    };
    auto parameters = each(bundle.parameters, tensor);
    auto derived = each(bundle.derived, tensor);
    auto states = each(bundle.states, [&](const TestTensor &state) {
      return bundle::CreateStateDirect(builder_, state.name.c_str(),
                                       static_cast<uint8_t>(state.dtype),
                                       &state.shape);
    });
    auto entries = each(bundle.entries,
                        [&](const TestEntry &entry) { return write(entry); });
    auto groups = each(bundle.groups, [&](const TestGroup &group) {
      auto labels = each(group.labels, [&](const std::string &label) {
        return builder_.CreateString(label);
      });
      return bundle::CreateVariantGroupDirect(builder_, group.name.c_str(),
                                              group.key, &labels);
    });
    Offset<bundle::Model> model;
    if (bundle.model)
      model = bundle::CreateModelDirect(
          builder_, "mamba", bundle.model->vocabSize, bundle.model->byteLevel,
          bundle.model->eos, 1, 1);
    bundle::FinishBundleBuffer(
        builder_, bundle::CreateBundleDirect(
                      builder_, "test", "test", &kernels, &images,
                      bundle.bitcodeSection, &parameters, &states, &derived,
                      &entries, model, groups.empty() ? nullptr : &groups));
    return {reinterpret_cast<const char *>(builder_.GetBufferPointer()),
            builder_.GetSize()};
  }

private:
  Offset<bundle::Expr> write(const TestExpr &expr) {
    return bundle::CreateExprDirect(builder_, &expr);
  }

  Offset<bundle::Pointer> write(const TestPointer &pointer) {
    return bundle::CreatePointer(builder_, pointer.buffer,
                                 write(pointer.offset));
  }

  std::vector<Offset<bundle::Expr>> write(const std::vector<TestExpr> &list) {
    return each(list, [&](const TestExpr &expr) { return write(expr); });
  }

  Offset<bundle::Step> write(const TestStep &step) {
    Offset<void> action;
    if (step.action == StepAction::Choose) {
      auto alternatives =
          each(step.alternatives, [&](const TestAlternative &alternative) {
            auto steps = each(alternative.steps, [&](const TestStep &part) {
              return write(part);
            });
            Offset<bundle::Expr> cost;
            if (alternative.cost)
              cost = write(*alternative.cost);
            return bundle::CreateAlternativeDirect(builder_, &steps, cost);
          });
      action = bundle::CreateChooseDirect(builder_, step.group, &alternatives)
                   .Union();
    } else if (step.action == StepAction::Copy) {
      auto source = write(step.pointers.at(0));
      auto target = write(step.pointers.at(1));
      action = bundle::CreateCopy(builder_, source, target,
                                  write(step.scalars.at(0)))
                   .Union();
    } else {
      auto grid = write(step.grid);
      auto pointers = each(step.pointers, [&](const TestPointer &pointer) {
        return write(pointer);
      });
      auto scalars = write(step.scalars);
      auto costs = write(step.cost);
      Offset<bundle::Cost> cost;
      if (!costs.empty())
        cost =
            bundle::CreateCost(builder_, costs.at(0), costs.at(1), costs.at(2));
      action = bundle::CreateLaunchDirect(builder_, step.kernel, &grid,
                                          &pointers, &scalars, cost)
                   .Union();
    }
    return bundle::CreateStep(builder_, step.action, action);
  }

  Offset<bundle::Entry> write(const TestEntry &entry) {
    auto dims = each(entry.dims, [&](const std::string &name) {
      return builder_.CreateString(name);
    });
    auto buffers = each(entry.buffers, [&](const TestBuffer &buffer) {
      auto shape = write(buffer.shape);
      auto rules = each(buffer.rules, [&](const TestRule &rule) {
        return bundle::CreateInputRule(builder_, rule.kind, write(rule.limit));
      });
      return bundle::CreateBufferDirect(
          builder_, buffer.kind, buffer.index, buffer.name.c_str(),
          buffer.dtype, &shape, buffer.firstStep, buffer.lastStep,
          rules.empty() ? nullptr : &rules);
    });
    auto steps =
        each(entry.steps, [&](const TestStep &step) { return write(step); });
    return bundle::CreateEntryDirect(builder_, entry.name.c_str(), &dims,
                                     &buffers, &steps);
  }

  FlatBufferBuilder builder_;
};

} // namespace

std::string TestBundle::body() const { return BodyWriter().write(*this); }

std::vector<uint8_t> TestBundle::bytes() const {
  std::string first = body();
  std::vector<std::string_view> all = {first};
  all.insert(all.end(), sections.begin(), sections.end());
  return *bundle::assembleContainer(all);
}

std::shared_ptr<const BundleView> TestBundle::view() const {
  Result<std::unique_ptr<BundleView>> result = read();
  if (!result.ok()) {
    fprintf(stderr, "test bundle refused: %s\n",
            result.status().message().c_str());
    abort();
  }
  return std::move(*result);
}

/// Indices into toyModel().kernels.
enum ToyKernel : uint32_t { kNegate, kSum, kAdvance };

/// The entry that consumes batch x `length` ids and returns `last` positions.
static TestEntry toyEntry(std::string name, std::vector<std::string> dims,
                          const TestExpr &length, const TestExpr &last) {
  constexpr auto i32 = static_cast<uint8_t>(DType::I32);
  constexpr auto i64 = static_cast<uint8_t>(DType::I64);
  constexpr auto f32 = static_cast<uint8_t>(DType::F32);
  const TestExpr batch = dim(0);
  TestEntry entry;
  entry.name = std::move(name);
  entry.dims = std::move(dims);
  entry.buffers = {
      {BufferKind::Input, 0, "ids", i32, {batch, length}},
      {BufferKind::Output, 0, "logits", f32, {batch, last, constant(8)}},
      {BufferKind::Derived, 0, "minus_bias", f32, {constant(8)}},
      {BufferKind::State, 0, "total", i64, {batch, constant(1)}},
      {BufferKind::Temporary, 0, "copied", i32, {batch, length}, 0, 1},
      {BufferKind::Temporary, 0, "sums", i64, {batch, constant(1)}, 1, 2},
  };
  TestStep copy;
  copy.action = StepAction::Copy;
  copy.pointers = {{0}, {4}};
  copy.scalars = {batch * length * constant(4)};
  TestStep sum;
  sum.kernel = kSum;
  sum.grid = {batch, constant(1), constant(1)};
  sum.pointers = {{4}, {5}};
  sum.scalars = {length};
  TestStep advance;
  advance.kernel = kAdvance;
  advance.grid = {batch, constant(1), constant(1)};
  advance.pointers = {{5}, {3}, {2}, {1}};
  advance.scalars = {last};
  entry.steps = {copy, sum, advance};
  return entry;
}

TestBundle toyModel() {
  TestBundle bundle;
  bundle.kernels = {{"toy_negate", {32, 1, 1}, 2, 1},
                    {"toy_sum", {32, 1, 1}, 2, 1},
                    {"toy_advance", {32, 1, 1}, 4, 1}};
  bundle.images = {{"sm_80", 1}, {"sm_90", 2}};
  bundle.sections = {toyPtx("sm_80"), toyPtx("sm_90"), "BC"};
  bundle.bitcodeSection = 3;
  bundle.parameters = {{"bias", DType::F32, {8}}};
  bundle.derived = {{"minus_bias", DType::F32, {8}}};
  bundle.states = {{"total", DType::I64, {1}}};
  TestEntry init;
  init.name = "init";
  init.buffers = {{BufferKind::Parameter, 0, "bias", 1, {constant(8)}},
                  {BufferKind::Derived, 0, "minus_bias", 1, {constant(8)}}};
  init.steps.emplace_back();
  init.steps[0].kernel = kNegate;
  init.steps[0].pointers = {{0}, {1}};
  init.steps[0].scalars = {constant(8)};
  bundle.entries = {
      init, toyEntry("prefill", {"batch", "seqlen", "last"}, dim(1), dim(2)),
      toyEntry("step", {"batch"}, constant(1), constant(1))};
  bundle.model = TestModel();
  return bundle;
}

TestBundle toyFunction() {
  TestBundle bundle;
  bundle.kernels = {{"toy_double", {32, 1, 1}, 2, 1}};
  bundle.images = {{"sm_80", 1}};
  bundle.sections = {toyPtx("sm_80")};
  TestEntry entry;
  entry.name = "double";
  entry.dims = {"n", "m"};
  entry.buffers = {{BufferKind::Input, 0, "x", 1, {dim(0), dim(1)}},
                   {BufferKind::Output, 0, "y", 1, {dim(0), dim(1)}}};
  entry.steps.emplace_back();
  entry.steps[0].grid[0] =
      combine(dim(0) * dim(1), bundle::ExprOp::CeilDiv, constant(32));
  entry.steps[0].pointers = {{0}, {1}};
  entry.steps[0].scalars = {dim(0) * dim(1)};
  bundle.entries = {entry};
  return bundle;
}

TestBundle toyVariants() {
  TestBundle bundle = toyFunction();
  bundle.groups = {{"double.0", 0x1234, {"direct", "once", "twice"}}};
  TestEntry &entry = bundle.entries[0];
  for (const char *name : {"a", "b", "c"})
    entry.buffers.push_back(
        {BufferKind::Temporary, 0, name, 1, {dim(0), dim(1)}});
  auto copy = [](uint32_t source, uint32_t target) {
    TestStep step;
    step.action = StepAction::Copy;
    step.pointers = {{source}, {target}};
    step.scalars = {dim(0) * dim(1) * constant(4)};
    return step;
  };
  TestStep direct = entry.steps[0], once = direct, twice = direct;
  once.pointers[0].buffer = 2;
  twice.pointers[0].buffer = 4;
  TestStep choose;
  choose.action = StepAction::Choose;
  choose.alternatives = {
      {{direct}}, {{copy(0, 2), once}}, {{copy(0, 3), copy(3, 4), twice}}};
  entry.steps = {choose};
  return bundle;
}

} // namespace ssmc::runtime::test
