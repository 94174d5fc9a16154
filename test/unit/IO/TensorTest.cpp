//===- TensorTest.cpp - Tensors in host memory ----------------------------===//

#include "ssmc/IO/Tensor.h"
#include "TemporaryDirectory.h"
#include "ssmc/IO/Npy.h"
#include "ssmc/IO/Safetensors.h"

using namespace ssmc;
using namespace ssmc::test;

TEST(TensorTest, CountsWithOverflowChecks) {
  EXPECT_EQ(*elementCount({}), 1u);
  EXPECT_EQ(*elementCount({2, 3, 4}), 24u);
  EXPECT_EQ(*elementCount({2, 0}), 0u);
  EXPECT_EQ(*byteCount(DType::BF16, {2, 3}), 12u);
  uint64_t big = uint64_t{1} << 32;
  EXPECT_EQ(*elementCount({big, big - 1}), big * (big - 1));
  EXPECT_TRUE(fails(elementCount({big, big}), "2^64"));
  EXPECT_TRUE(fails(elementCount({big, big, 0}), "2^64"));
  EXPECT_TRUE(fails(byteCount(DType::U8, {big, big / 2}), "2^63"));
  EXPECT_TRUE(fails(byteCount(DType::F64, {big, big / 4}), "2^63"));
  EXPECT_TRUE(fails(makeTensor(DType::F32, {big, big}), "2^64"));
}

TEST(TensorTest, Describes) {
  EXPECT_EQ(describeTensor(DType::BF16, {2, 3}), "bf16[2, 3]");
  EXPECT_EQ(describeTensor(DType::F32, {}), "f32[]");
  EXPECT_LT(describeTensor(DType::F32, std::vector<uint64_t>(10000, 1)).size(),
            100u);
}

TEST(TensorTest, ConvertsToDoubles) {
  using Doubles = std::vector<double>;
  auto doubles = [](DType dtype, const auto &elements) {
    return toDoubles(tensorOf(dtype, {elements.size()}, elements));
  };
  EXPECT_EQ(doubles(DType::F64, Doubles{0.1, -2}), (Doubles{0.1, -2}));
  EXPECT_EQ(doubles(DType::F32, std::vector<float>{0.5f, -2}),
            (Doubles{0.5, -2}));
  EXPECT_EQ(doubles(DType::F16, std::vector<uint16_t>{0x3c00, 0xc000}),
            (Doubles{1, -2}));
  EXPECT_EQ(doubles(DType::BF16, std::vector<uint16_t>{0x3f80, 0xc000}),
            (Doubles{1, -2}));
  EXPECT_EQ(doubles(DType::I64, std::vector<int64_t>{-5}), Doubles{-5});
  EXPECT_EQ(doubles(DType::I32, std::vector<int32_t>{-5}), Doubles{-5});
  EXPECT_EQ(doubles(DType::I16, std::vector<int16_t>{-5}), Doubles{-5});
  EXPECT_EQ(doubles(DType::I8, std::vector<int8_t>{-5}), Doubles{-5});
  EXPECT_EQ(doubles(DType::U8, std::vector<uint8_t>{200}), Doubles{200});
  EXPECT_EQ(doubles(DType::Bool, std::vector<uint8_t>{0, 1, 7}),
            (Doubles{0, 1, 1}));
}

using LoadTensorTest = TemporaryDirectory;

TEST_F(LoadTensorTest, ReadsWhatTheCommandLineNames) {
  HostTensor tensor = tensorOf<int32_t>(DType::I32, {2}, {1, -2});
  ASSERT_TRUE(succeeds(writeNpy(path("x.npy"), tensor)));
  ASSERT_TRUE(succeeds(writeSafetensors(path("x.safetensors"),
                                        {{"a:b", tensor}, {"", tensor}})));
  for (std::string spec : {"x.npy", "x.safetensors:a:b", "x.safetensors:"}) {
    for (const std::string &full : {path(spec), "@" + path(spec)}) {
      auto loaded = loadTensor(full);
      ASSERT_TRUE(succeeds(loaded)) << full;
      EXPECT_EQ(loaded->data, tensor.data);
    }
  }
}

TEST_F(LoadTensorTest, SaysWhatIsWrong) {
  HostTensor tensor = tensorOf<int32_t>(DType::I32, {1}, {1});
  std::vector<std::pair<std::string, HostTensor>> tensors;
  for (int i = 0; i < 10; ++i)
    tensors.emplace_back("t" + std::to_string(i), tensor);
  ASSERT_TRUE(succeeds(writeSafetensors(path("x.safetensors"), tensors)));
  EXPECT_TRUE(fails(loadTensor("x.bin"), "FILE.safetensors:NAME"));
  EXPECT_TRUE(fails(loadTensor(""), "FILE.safetensors:NAME"));
  EXPECT_TRUE(fails(loadTensor(path("x.safetensors")), "write FILE:NAME"));
  EXPECT_TRUE(fails(loadTensor(path("x.safetensors:u")), "no tensor 'u'"));
  EXPECT_TRUE(fails(loadTensor(path("x.safetensors:u")), "'t7' and 2 more"));
  EXPECT_TRUE(fails(loadTensor("@" + path("none.npy")), "No such file"));
  EXPECT_TRUE(fails(loadTensor(path("none.safetensors:a")), "No such file"));
  ASSERT_TRUE(succeeds(writeSafetensors(path("e.safetensors"), {})));
  EXPECT_TRUE(fails(loadTensor(path("e.safetensors:a")), "no tensor"));
}
