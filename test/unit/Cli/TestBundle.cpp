//===- TestBundle.cpp - A bundle and a device for tests of the tools ------===//

#include "TestBundle.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/Bundle/Schema.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Runtime/DeviceRegistry.h"
#include "ssmc/Support/DType.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace ssmc;
using namespace ssmc::runtime;
using flatbuffers::Offset;

namespace {

constexpr uint32_t kVocabulary = 256;

/// Builds the body bottom-up, as FlatBuffers wants it.
class BodyBuilder {
public:
  std::string build(const std::string &source) {
    std::vector<Offset<bundle::Entry>> entries = {
        model("prefill", dim(1), dim(2)),
        model("step", constant(1), constant(1)),
        scale(),
    };
    std::vector<uint32_t> block = {32, 1, 1};
    std::vector<Offset<bundle::Kernel>> kernels = {
        bundle::CreateKernelDirect(b_, "next_letter", &block, 2, 2, 128,
                                   "logits of the next letter"),
        bundle::CreateKernelDirect(b_, "scale", &block, 3, 1, 0, "y = a x"),
    };
    std::vector<Offset<bundle::Image>> images = {
        bundle::CreateImageDirect(b_, "sm_90", 1)};
    std::vector<uint64_t> one = {1};
    std::vector<Offset<bundle::Tensor>> parameters = {
        bundle::CreateTensorDirect(b_, "factor", number(DType::F32), &one)};
    std::vector<Offset<bundle::State>> states;
    std::vector<Offset<bundle::Tensor>> derived;
    auto model =
        bundle::CreateModelDirect(b_, "test", kVocabulary, true, 0, 1, 16);
    auto root = bundle::CreateBundleDirect(b_, "ssmc test", source.c_str(),
                                           &kernels, &images, 0, &parameters,
                                           &states, &derived, &entries, model);
    bundle::FinishBundleBuffer(b_, root);
    return {reinterpret_cast<const char *>(b_.GetBufferPointer()),
            b_.GetSize()};
  }

private:
  static uint8_t number(DType dtype) { return static_cast<uint8_t>(dtype); }

  Offset<bundle::Expr> expr(uint64_t value, bundle::ExprOp op) {
    std::vector<bundle::ExprItem> items = {bundle::ExprItem(value, op)};
    return bundle::CreateExprDirect(b_, &items);
  }
  Offset<bundle::Expr> constant(uint64_t value) {
    return expr(value, bundle::ExprOp::Const);
  }
  Offset<bundle::Expr> dim(uint64_t index) {
    return expr(index, bundle::ExprOp::Dim);
  }

  Offset<bundle::Buffer> buffer(bundle::BufferKind kind, const char *name,
                                DType dtype,
                                std::vector<Offset<bundle::Expr>> shape) {
    return bundle::CreateBufferDirect(b_, kind, 0, name, number(dtype), &shape,
                                      0, 0);
  }

  /// One launch on the first `numPointers` buffers.
  Offset<bundle::Step> launch(uint32_t kernel, uint32_t numPointers,
                              std::vector<Offset<bundle::Expr>> scalars) {
    std::vector<Offset<bundle::Expr>> grid = {constant(1), constant(1),
                                              constant(1)};
    std::vector<Offset<bundle::Pointer>> pointers;
    for (uint32_t i = 0; i < numPointers; ++i)
      pointers.push_back(bundle::CreatePointer(b_, i, constant(0)));
    auto action =
        bundle::CreateLaunchDirect(b_, kernel, &grid, &pointers, &scalars);
    return bundle::CreateStep(b_, bundle::StepAction::Launch, action.Union());
  }

  /// An entry that takes ids of batch x seqlen and gives logits of the last
  /// positions.
  Offset<bundle::Entry> model(const char *name, Offset<bundle::Expr> seqlen,
                              Offset<bundle::Expr> last) {
    std::vector<Offset<bundle::Buffer>> buffers = {
        buffer(bundle::BufferKind::Input, "ids", DType::I32, {dim(0), seqlen}),
        buffer(bundle::BufferKind::Output, "logits", DType::F32,
               {dim(0), last, constant(kVocabulary)})};
    std::vector<Offset<bundle::Step>> steps = {launch(0, 2, {seqlen, last})};
    std::vector<Offset<flatbuffers::String>> dims = {b_.CreateString("batch")};
    if (std::strcmp(name, "prefill") == 0)
      for (const char *size : {"seqlen", "last"})
        dims.push_back(b_.CreateString(size));
    return bundle::CreateEntryDirect(b_, name, &dims, &buffers, &steps);
  }

  Offset<bundle::Entry> scale() {
    std::vector<Offset<bundle::Buffer>> buffers = {
        buffer(bundle::BufferKind::Input, "x", DType::F32, {dim(0)}),
        buffer(bundle::BufferKind::Parameter, "factor", DType::F32,
               {constant(1)}),
        buffer(bundle::BufferKind::Output, "y", DType::F32, {dim(0)})};
    std::vector<Offset<bundle::Step>> steps = {launch(1, 3, {dim(0)})};
    std::vector<Offset<flatbuffers::String>> dims = {b_.CreateString("n")};
    return bundle::CreateEntryDirect(b_, "scale", &dims, &buffers, &steps);
  }

  flatbuffers::FlatBufferBuilder b_;
};

/// Host memory, and the two kernels in C++. For a batch of one.
class TestDevice : public Device {
public:
  [[nodiscard]] std::string description() const override {
    return "test, host memory";
  }
  Result<DevicePtr> allocate(size_t bytes) override {
    return reinterpret_cast<DevicePtr>(
        std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  }
  void free(DevicePtr pointer) override {
    std::free(reinterpret_cast<void *>(pointer));
  }
  Status copyToDevice(DevicePtr target, const void *source,
                      size_t bytes) override {
    std::memcpy(reinterpret_cast<void *>(target), source, bytes);
    return {};
  }
  Status copyToHost(void *target, DevicePtr source, size_t bytes) override {
    std::memcpy(target, reinterpret_cast<const void *>(source), bytes);
    return {};
  }
  Status copyOnDevice(DevicePtr target, DevicePtr source,
                      size_t bytes) override {
    std::memcpy(reinterpret_cast<void *>(target),
                reinterpret_cast<const void *>(source), bytes);
    return {};
  }
  Status fillZero(DevicePtr target, size_t bytes) override {
    std::memset(reinterpret_cast<void *>(target), 0, bytes);
    return {};
  }
  Result<std::unique_ptr<LoadedKernels>> load(const BundleView &) override {
    return std::make_unique<LoadedKernels>();
  }
  Status launch(LoadedKernels &, const LaunchParams &params) override {
    if (params.kernel == 0)
      nextLetter(params);
    else
      scale(params);
    return {};
  }
  Status synchronize() override { return {}; }

private:
  static void nextLetter(const LaunchParams &params) {
    const auto *ids = reinterpret_cast<const int32_t *>(params.args[0]);
    auto *logits = reinterpret_cast<float *>(params.args[1]);
    uint64_t seqlen = params.args[2], last = params.args[3];
    std::fill_n(logits, last * kVocabulary, 0.0f);
    for (uint64_t i = 0; i < last; ++i)
      logits[i * kVocabulary + (ids[seqlen - last + i] + 1) % kVocabulary] = 1;
  }
  static void scale(const LaunchParams &params) {
    const auto *x = reinterpret_cast<const float *>(params.args[0]);
    const auto *factor = reinterpret_cast<const float *>(params.args[1]);
    auto *y = reinterpret_cast<float *>(params.args[2]);
    for (uint64_t i = 0; i < params.args[3]; ++i)
      y[i] = *factor * x[i];
  }
};

} // namespace

std::string cli::test::makeBundle(const std::string &source) {
  std::string body = BodyBuilder().build(source);
  Result<std::vector<uint8_t>> bytes =
      bundle::assembleContainer({body, "// PTX\n"});
  return bytes.ok() ? std::string(bytes->begin(), bytes->end()) : "";
}

void cli::test::registerTestDevice() {
  registerDevice("test", [](int) -> Result<std::unique_ptr<Device>> {
    return std::unique_ptr<Device>(std::make_unique<TestDevice>());
  });
}
