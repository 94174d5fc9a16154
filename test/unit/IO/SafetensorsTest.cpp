//===- SafetensorsTest.cpp - Good safetensors files -----------------------===//

#include "ssmc/IO/Safetensors.h"
#include "TemporaryDirectory.h"

using namespace ssmc;
using namespace ssmc::test;

using SafetensorsTest = TemporaryDirectory;

static std::string withPrefix(const std::string &header) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i)
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header;
}

TEST_F(SafetensorsTest, ReadsAFile) {
  auto file = SafetensorsFile::open(
      write("x", withPrefix("{\"b\":{\"dtype\":\"I16\",\"shape\":[1,2],"
                            "\"data_offsets\":[0,4]},"
                            "\"__metadata__\":{\"format\":\"pt\"},"
                            "\"a\":{\"shape\":[],\"data_offsets\":[4,5],"
                            "\"dtype\":\"U8\"}}  ") +
                     std::string("\1\0\2\0\7", 5)));
  ASSERT_TRUE(succeeds(file));
  ASSERT_EQ(file->tensors().size(), 2u);
  EXPECT_EQ(file->tensors()[0].name, "a");
  const TensorInfo *b = file->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(describeTensor(b->dtype, b->shape), "i16[1, 2]");
  EXPECT_EQ(b->bytes(), 4u);
  EXPECT_EQ(file->find("c"), nullptr);
  EXPECT_EQ(file->metadata().at("format"), "pt");

  auto tensor = file->load("b");
  ASSERT_TRUE(succeeds(tensor));
  EXPECT_EQ(toDoubles(*tensor), (std::vector<double>{1, 2}));
  uint8_t bytes[2] = {};
  ASSERT_TRUE(succeeds(file->read(*b, 2, bytes, 2)));
  EXPECT_EQ(bytes[0], 2);
  EXPECT_TRUE(fails(file->read(*b, 3, bytes, 2), "tensor 'b', which has 4"));
  EXPECT_TRUE(fails(file->read(*b, 5, bytes, 0), "which has 4"));
  EXPECT_TRUE(fails(file->load("c"), "no tensor 'c'"));
}

TEST_F(SafetensorsTest, AcceptsEmptyFilesAndTensors) {
  EXPECT_TRUE(succeeds(SafetensorsFile::open(write("x", withPrefix("{}")))));
  auto file = SafetensorsFile::open(
      write("x", withPrefix("{\"__metadata__\":{},"
                            "\"a\":{\"dtype\":\"F32\",\"shape\":[0,3],"
                            "\"data_offsets\":[0,0]},"
                            "\"b\":{\"dtype\":\"F32\",\"shape\":[],"
                            "\"data_offsets\":[0,4]},"
                            "\"c\":{\"dtype\":\"F32\",\"shape\":[0],"
                            "\"data_offsets\":[4,4]}}") +
                     "abcd"));
  ASSERT_TRUE(succeeds(file));
  EXPECT_EQ(file->load("a")->data.size(), 0u);
  EXPECT_EQ(file->load("c")->data.size(), 0u);
}

TEST_F(SafetensorsTest, RoundTripsEveryType) {
  std::vector<std::pair<std::string, HostTensor>> tensors;
  for (uint8_t i = 0; i < kDTypeCount; ++i) {
    HostTensor tensor = *makeTensor(static_cast<DType>(i), {3, 1});
    for (size_t byte = 0; byte < tensor.data.size(); ++byte)
      tensor.data[byte] = static_cast<uint8_t>(byte + i);
    tensors.emplace_back("t\n\"" + std::to_string(9 - i), std::move(tensor));
  }
  ASSERT_TRUE(succeeds(writeSafetensors(path("x"), tensors, {{"a", "b"}})));
  auto file = SafetensorsFile::open(path("x"));
  ASSERT_TRUE(succeeds(file));
  EXPECT_EQ(file->metadata().at("a"), "b");
  EXPECT_EQ(file->tensors().size(), tensors.size());
  for (const auto &[name, tensor] : tensors) {
    auto loaded = file->load(name);
    ASSERT_TRUE(succeeds(loaded));
    EXPECT_EQ(describeTensor(*loaded), describeTensor(tensor));
    EXPECT_EQ(loaded->data, tensor.data);
    EXPECT_EQ(file->find(name)->begin % dtypeSize(tensor.dtype), 0u);
  }
}

TEST_F(SafetensorsTest, WritesOnlyWhatItCanRead) {
  HostTensor tensor = *makeTensor(DType::F32, {1});
  EXPECT_TRUE(fails(writeSafetensors(path("x"), {{"a", tensor}, {"a", tensor}}),
                    "'a' is taken"));
  EXPECT_TRUE(fails(writeSafetensors(path("x"), {{"__metadata__", tensor}}),
                    "is taken"));
  EXPECT_TRUE(fails(writeSafetensors(path("x"), {{"\xff", tensor}}), "UTF-8"));
  tensor.data.pop_back();
  EXPECT_TRUE(fails(writeSafetensors(path("x"), {{"a", tensor}}),
                    "takes 4 bytes, but it has 3"));
  EXPECT_EQ(fileCount(), 0u);
}

TEST_F(SafetensorsTest, NoticesThatAFileBecameShorter) {
  ASSERT_TRUE(succeeds(
      writeSafetensors(path("x"), {{"a", *makeTensor(DType::F32, {100})}})));
  auto file = SafetensorsFile::open(path("x"));
  ASSERT_TRUE(succeeds(file));
  std::filesystem::resize_file(path("x"), 100);
  EXPECT_TRUE(fails(file->load("a"), "became shorter"));
}
