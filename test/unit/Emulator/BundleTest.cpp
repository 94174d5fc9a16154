//===- BundleTest.cpp - Bundles on the CPU device -------------------------===//

#include "Bench.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/Runtime/BundleView.h"
#include "ssmc/Support/Producer.h"

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

// A bundle of the kernel "k" with one pointer and `scalars` scalars.
std::unique_ptr<runtime::BundleView> makeBundle(const std::string &writer,
                                                const std::string &bitcode,
                                                uint32_t scalars) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<uint32_t> block = {32, 1, 1};
  std::vector kernels = {
      bundle::CreateKernelDirect(builder, "k", &block, 1, scalars, 0, "test")};
  std::vector<flatbuffers::Offset<bundle::Image>> images;
  std::vector<flatbuffers::Offset<bundle::Tensor>> tensors;
  std::vector<flatbuffers::Offset<bundle::State>> states;
  std::vector<flatbuffers::Offset<bundle::Entry>> entries;
  uint32_t section = bitcode.empty() ? 0 : 1;
  bundle::FinishBundleBuffer(
      builder, bundle::CreateBundleDirect(builder, writer.c_str(), "test",
                                          &kernels, &images, section, &tensors,
                                          &states, &tensors, &entries));
  std::string_view body(
      reinterpret_cast<const char *>(builder.GetBufferPointer()),
      builder.GetSize());
  std::vector<std::string_view> sections = {body};
  if (section)
    sections.push_back(bitcode);
  auto bytes = bundle::assembleContainer(sections);
  EXPECT_TRUE(bytes.ok()) << bytes.status().message();
  auto view = runtime::BundleView::fromBytes(*bytes, "test.ssmb");
  EXPECT_TRUE(view.ok()) << view.status().message();
  return view.ok() ? std::move(*view) : nullptr;
}

std::string storeKernel() {
  return assemble(kernel("ptr addrspace(1) %out, i64 %value", R"(
  %p = getelementptr i64, ptr addrspace(1) %out, i32 %x
  store i64 %value, ptr addrspace(1) %p
  ret void)"));
}

} // namespace

TEST(Bundle, KernelsRun) {
  auto view = makeBundle(producer(), storeKernel(), 1);
  ASSERT_TRUE(view);
  Bench bench;
  auto loaded = bench.device->load(*view);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  bench.kernels = std::move(*loaded);
  auto out = bench.allocate(32 * 8);
  expectOk(bench.launch(1, 32, {out, 77}));
  EXPECT_EQ(bench.download<int64_t>(out, 32), std::vector<int64_t>(32, 77));
}

TEST(Bundle, AnotherProducerIsRefused) {
  auto view = makeBundle("ssmc 0.0.1, LLVM 21.1.0", storeKernel(), 1);
  ASSERT_TRUE(view);
  Bench bench;
  expectFault(
      bench.device->load(*view).status(),
      {"test.ssmb", "ssmc 0.0.1, LLVM 21.1.0", producer(), "compile it again"});
}

TEST(Bundle, NoBitcodeIsRefused) {
  auto view = makeBundle(producer(), "", 1);
  ASSERT_TRUE(view);
  Bench bench;
  expectFault(bench.device->load(*view).status(),
              {"test.ssmb", "no bitcode", "compile it again"});
}

TEST(Bundle, ParameterCountsMustAgree) {
  auto view = makeBundle(producer(), storeKernel(), 2);
  ASSERT_TRUE(view);
  Bench bench;
  expectFault(bench.device->load(*view).status(),
              {"'k'", "2 parameters in the bitcode", "3 in the plan"});
}

TEST(Bundle, DamagedBitcodeIsRefused) {
  auto view = makeBundle(producer(), "not bitcode", 1);
  ASSERT_TRUE(view);
  Bench bench;
  expectFault(bench.device->load(*view).status(), {"test.ssmb", "'k'"});
}
