//===- MalformedSafetensorsTest.cpp - Bad safetensors files ---------------===//
//
// Every rule of the format broken on its own, cut-off files, bit flips, and
// headers made to exhaust the reader.
//
//===----------------------------------------------------------------------===//

#include "TemporaryDirectory.h"
#include "ssmc/IO/Safetensors.h"
#include <chrono>

using namespace ssmc;
using namespace ssmc::test;

using MalformedSafetensorsTest = TemporaryDirectory;

static std::string littleEndian(uint64_t value) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i)
    bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

static std::string file(const std::string &header, size_t dataBytes = 0) {
  return littleEndian(header.size()) + header + std::string(dataBytes, 'd');
}

/// One entry of a header, every value as it stands in the file.
static std::string entry(const std::string &name, const std::string &dtype,
                         const std::string &shape, const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":" + dtype + ",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

/// A header with one f32 tensor 'a' of 4 bytes but for what is given.
static std::string one(const std::string &dtype = "\"F32\"",
                       const std::string &shape = "[1]",
                       const std::string &offsets = "[0,4]") {
  return "{" + entry("a", dtype, shape, offsets) + "}";
}

static std::string two(const std::string &offsetsA,
                       const std::string &offsetsB) {
  return "{" + entry("a", "\"F32\"", "[1]", offsetsA) + "," +
         entry("b", "\"F32\"", "[1]", offsetsB) + "}";
}

TEST_F(MalformedSafetensorsTest, TheGoodOnesOfTheseCases) {
  EXPECT_TRUE(succeeds(SafetensorsFile::open(write("x", file(one(), 4)))));
  EXPECT_TRUE(succeeds(
      SafetensorsFile::open(write("x", file(two("[4,8]", "[0,4]"), 8)))));
}

TEST_F(MalformedSafetensorsTest, SizeOfTheHeader) {
  const std::pair<std::string, const char *> cases[] = {
      {"", "has 0 bytes, expected at least 8"},
      {"1234567", "has 7 bytes, expected at least 8"},
      {littleEndian(0), "begins with '{'"},
      {littleEndian(2), "a header of 2 bytes, but only 0 follow"},
      {littleEndian(3) + "{}", "a header of 3 bytes, but only 2 follow"},
      {littleEndian(100'000'001) + "{}", "expected at most 100000000"},
      {littleEndian(~uint64_t{0}) + "{}", "header of 18446744073709551615"},
      {littleEndian(uint64_t{1} << 63) + "{}", "expected at most"},
      {littleEndian(1) + "{}", "not valid JSON"},
  };
  for (const auto &[bytes, message] : cases)
    EXPECT_TRUE(fails(SafetensorsFile::open(write("x", bytes)), message))
        << bytes;
}

TEST_F(MalformedSafetensorsTest, TextOfTheHeader) {
  const std::pair<std::string, const char *> cases[] = {
      {" {}", "begins with '{'"},
      {"\xef\xbb\xbf{}", "begins with '{'"},
      {"[]", "begins with '{'"},
      {"null", "begins with '{'"},
      {"{", "not valid JSON: byte 1"},
      {"{}x", "not valid JSON: byte 2"},
      {"{} {}", "not valid JSON: byte 3"},
      {std::string("{}\0", 3), "NUL byte"},
      {"{\"a\xff\":1}", "not valid JSON"},
      {"{\"\\ud800\":1}", "not valid JSON"},
      {"{'a':1}", "not valid JSON"},
      {"{a:1}", "not valid JSON"},
      {"{\"a\"}", "not valid JSON"},
      {"{/**/}", "not valid JSON"},
  };
  for (const auto &[header, message] : cases)
    EXPECT_TRUE(fails(SafetensorsFile::open(write("x", file(header))), message))
        << header;
}

TEST_F(MalformedSafetensorsTest, Entries) {
  const std::string shape = "\"shape\":[1]", dtype = "\"dtype\":\"F32\"",
                    offsets = "\"data_offsets\":[0,4]";
  auto of = [](const std::string &members) {
    return "{\"a\":{" + members + "}}";
  };
  const std::pair<std::string, const char *> cases[] = {
      {"{\"a\":1}", "tensor 'a': expected an object, found the number 1"},
      {"{\"a\":null}", "tensor 'a': expected an object, found null"},
      {"{\"a\":[]}", "tensor 'a': expected an object, found a list"},
      {"{\"a\":\"x\"}", "tensor 'a': expected an object, found the string 'x'"},
      {"{\"a\":{}}", "tensor 'a' has no dtype"},
      {of(shape + "," + offsets), "has no dtype"},
      {of(dtype + "," + offsets), "has no shape"},
      {of(dtype + "," + shape), "has no data_offsets"},
      {of(dtype + "," + dtype + "," + shape + "," + offsets),
       "tensor 'a' has the key 'dtype' twice"},
      {of(dtype + "," + shape + "," + offsets + "," + shape), "twice"},
      {of(dtype + "," + shape + "," + offsets + ",\"x\":{}"), "the key 'x'"},
      {"{" + entry("a", "\"F32\"", "[1]", "[0,4]") + "," +
           entry("a", "\"F32\"", "[0]", "[4,4]") + "}",
       "tensor 'a' twice"},
      {one("\"F8_E4M3\""), "unsupported dtype F8_E4M3 of tensor 'a'"},
      {one("\"F4\""), "unsupported dtype F4 of tensor 'a'"},
      {one("\"U64\""), "unsupported dtype U64"},
      {one("\"C64\""), "unsupported dtype C64"},
      {one("\"f32\""), "unknown dtype 'f32' of tensor 'a'; supported are"},
      {one("\"\\u001b[31m\""), "unknown dtype '\\x1b[31m'"},
      {one("1"), "dtype: expected an element type"},
      {one("null"), "dtype: expected an element type"},
      {one("[\"F32\"]"), "dtype: expected an element type"},
      {one("{}"), "dtype: expected an element type"},
  };
  for (const auto &[header, message] : cases)
    EXPECT_TRUE(
        fails(SafetensorsFile::open(write("x", file(header, 4))), message))
        << header;
}

TEST_F(MalformedSafetensorsTest, ShapesAndOffsets) {
  const std::string f32 = "\"F32\"";
  const std::pair<std::string, const char *> cases[] = {
      {one(f32, "1"), "shape: expected a list of dimensions"},
      {one(f32, "null"), "shape: expected a list"},
      {one(f32, "[1.0]"), "shape[0]: expected an integer"},
      {one(f32, "[1, 1e0]"), "shape[1]: expected an integer"},
      {one(f32, "[-1]"), "shape[0]: expected an integer from 0 to 2^64-1, "
                         "found the number -1"},
      {one(f32, "[18446744073709551616]"), "found the number 18446744073709"},
      {one(f32, "[\"1\"]"), "shape[0]: expected an integer"},
      {one(f32, "[true]"), "found true"},
      {one(f32, "[null]"), "found null"},
      {one(f32, "[[1]]"), "found a list"},
      {one(f32, "[{}]"), "found an object"},
      {one(f32, "[4294967296,4294967296]"), "more than 2^64"},
      {one(f32, "[4294967296,4294967296,0]"), "more than 2^64"},
      {one(f32, "[4611686018427387904]"), "more than 2^63"},
      {one(f32, "[2]"), "f32[2] takes 8 bytes, but its data_offsets [0, 4]"},
      {one(f32, "[0]"), "takes 0 bytes"},
      {one("\"F64\"", "[1]"), "takes 8 bytes"},
      {one(f32, "[1]", "4"), "data_offsets: expected a list of two offsets"},
      {one(f32, "[1]", "[]"), "expected 2 numbers, found 0"},
      {one(f32, "[1]", "[0]"), "expected 2 numbers, found 1"},
      {one(f32, "[1]", "[0,4,4]"), "expected 2 numbers, found more"},
      {one(f32, "[1]", "[0,-4]"), "data_offsets[1]: expected an integer"},
      {one(f32, "[1]", "[0,4.0]"), "data_offsets[1]: expected an integer"},
      {one(f32, "[1]", "[0,\"4\"]"), "data_offsets[1]: expected an integer"},
      {one(f32, "[1]", "[4,0]"), "end before they begin"},
      {one(f32, "[1]", "[4,8]"), "at byte 4 of the data, expected 0"},
      {one(f32, "[1]", "[18446744073709551612,18446744073709551615]"),
       "takes 4 bytes"},
      {one(f32, "[1]", "[18446744073709551611,18446744073709551615]"),
       "expected 0"},
      {one(f32, "[2]", "[0,8]"),
       "ends at byte 8 of the data, which has only 4"},
      {one("\"U8\"", "[3]", "[0,3]"), "but 1 bytes follow them"},
      {"{}", "but 4 bytes follow them"},
      {two("[0,4]", "[0,4]"), "overlap"},
      {two("[0,4]", "[2,6]"), "overlap"},
      {two("[0,4]", "[5,9]"), "hole"},
  };
  for (const auto &[header, message] : cases)
    EXPECT_TRUE(
        fails(SafetensorsFile::open(write("x", file(header, 4))), message))
        << header;
}

TEST_F(MalformedSafetensorsTest, Metadata) {
  auto of = [](const std::string &value) {
    return "{\"__metadata__\":" + value + "}";
  };
  const std::pair<std::string, const char *> cases[] = {
      {of("null"), "__metadata__: expected an object, found null"},
      {of("[]"), "__metadata__: expected an object, found a list"},
      {of("\"x\""), "__metadata__: expected an object"},
      {of("{\"k\":1}"), "__metadata__.k: expected a string, found the number"},
      {of("{\"k\":null}"), "__metadata__.k: expected a string"},
      {of("{\"k\":{}}"), "__metadata__.k: expected a string"},
      {of("{\"k\":[\"\"]}"), "__metadata__.k: expected a string"},
      {of("{\"k\":\"\",\"k\":\"\"}"), "the key 'k' twice"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", "__metadata__ twice"},
  };
  for (const auto &[header, message] : cases)
    EXPECT_TRUE(fails(SafetensorsFile::open(write("x", file(header))), message))
        << header;
}

TEST_F(MalformedSafetensorsTest, EveryTruncationAndExtension) {
  ASSERT_TRUE(
      succeeds(writeSafetensors(path("x"),
                                {{"weight", *makeTensor(DType::BF16, {3, 5})},
                                 {"bias", *makeTensor(DType::F32, {7})}},
                                {{"format", "pt"}})));
  std::string bytes = read(path("x"));
  for (size_t length = 0; length < bytes.size(); ++length)
    ASSERT_TRUE(fails(
        SafetensorsFile::open(write("y", bytes.substr(0, length))), "/y: "))
        << length;
  EXPECT_TRUE(fails(SafetensorsFile::open(write("y", bytes + "x")),
                    "but 1 bytes follow them"));
}

TEST_F(MalformedSafetensorsTest, EveryBitFlipOfTheHeader) {
  ASSERT_TRUE(
      succeeds(writeSafetensors(path("x"),
                                {{"w", *makeTensor(DType::BF16, {3, 5})},
                                 {"b", *makeTensor(DType::F32, {7})}},
                                {{"format", "pt"}})));
  std::string bytes = read(path("x"));
  size_t headerEnd = bytes.rfind('}');
  size_t refused = 0;
  for (size_t bit = 0; bit < headerEnd * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    auto opened = SafetensorsFile::open(write("y", flipped));
    if (!opened.ok()) {
      ASSERT_FALSE(opened.status().message().empty());
      ++refused;
      continue;
    }
    // What is left is another spelling of a name, a value of the metadata or an
    // element type: the tensors still tile the data.
    for (const TensorInfo &tensor : opened->tensors())
      ASSERT_TRUE(succeeds(opened->load(tensor.name))) << bit;
  }
  EXPECT_GT(refused, headerEnd * 8 / 2);
}

TEST_F(MalformedSafetensorsTest, DepthBombs) {
  auto start = std::chrono::steady_clock::now();
  for (const char *open : {"[", "{\"a\":"})
    for (const char *prefix : {"{\"a\":", "{\"__metadata__\":"}) {
      std::string bomb = prefix;
      for (size_t i = 0; i < 1'000'000; ++i)
        bomb += open;
      EXPECT_TRUE(fails(SafetensorsFile::open(write("x", file(bomb))),
                        "nested more than 256 levels"));
    }
  // Fractions of a second but for sanitizers and busy machines.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(MalformedSafetensorsTest, ManyTensorsTakeLinearTime) {
  std::string header = "{";
  for (size_t i = 0; i < 100'000; ++i)
    header += entry("t" + std::to_string(i), "\"U8\"", "[0]", "[0,0]") + ",";
  header += entry("x", "\"U8\"", "[1]", "[0,1]") + "}";
  auto start = std::chrono::steady_clock::now();
  auto opened = SafetensorsFile::open(write("x", file(header, 1)));
  ASSERT_TRUE(succeeds(opened));
  EXPECT_EQ(opened->tensors().size(), 100'001u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(MalformedSafetensorsTest, LimitsDimensions) {
  auto ofRank = [](size_t rank) {
    std::string dims = "[1";
    for (size_t i = 1; i < rank; ++i)
      dims += ",1";
    return file(one("\"F32\"", dims + "]"), 4);
  };
  EXPECT_TRUE(succeeds(SafetensorsFile::open(write("x", ofRank(64)))));
  EXPECT_TRUE(fails(SafetensorsFile::open(write("x", ofRank(65))),
                    "tensor 'a' has more than 64 dimensions"));
}

TEST_F(MalformedSafetensorsTest, LimitsMetadata) {
  auto ofKeys = [](size_t count) {
    std::string header = "{\"__metadata__\":{\"0\":\"\"";
    for (size_t i = 1; i < count; ++i)
      header += ",\"" + std::to_string(i) + "\":\"\"";
    return file(header + "}}");
  };
  EXPECT_TRUE(succeeds(SafetensorsFile::open(write("x", ofKeys(65536)))));
  EXPECT_TRUE(fails(SafetensorsFile::open(write("x", ofKeys(65537))),
                    "__metadata__ has more than 65536 keys"));
}

TEST_F(MalformedSafetensorsTest, NamesAreShownEscaped) {
  std::string header = "{" +
                       entry("\\u001b]0;x\\u0007\\n" + std::string(10'000, 'n'),
                             "\"F32\"", "[2]", "[0,4]") +
                       "}";
  auto opened = SafetensorsFile::open(write("x", file(header, 4)));
  ASSERT_TRUE(fails(opened, "tensor '\\x1b]0;x\\x07\\nnnn"));
  EXPECT_LT(opened.status().message().size(), 600u);
}
