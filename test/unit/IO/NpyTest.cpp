//===- NpyTest.cpp - NumPy's array files ----------------------------------===//

#include "ssmc/IO/Npy.h"
#include "TemporaryDirectory.h"

using namespace ssmc;
using namespace ssmc::test;

using NpyTest = TemporaryDirectory;

/// A file with the given header and data; the header's length fits it.
static std::string npy(const std::string &header, const std::string &data,
                       char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {version, '\0', static_cast<char>(header.size() & 0xff),
            static_cast<char>(header.size() >> 8)};
  if (version > 1)
    bytes += {'\0', '\0'};
  return bytes + header + data;
}

static std::string header(const std::string &descr, const std::string &shape,
                          const std::string &order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order +
         ", 'shape': " + shape + ", }\n";
}

TEST_F(NpyTest, RoundTripsEveryType) {
  for (uint8_t i = 0; i < kDTypeCount; ++i) {
    auto dtype = static_cast<DType>(i);
    if (dtype == DType::BF16)
      continue;
    for (const std::vector<uint64_t> &shape :
         std::vector<std::vector<uint64_t>>{{}, {3}, {2, 3}, {2, 0, 3}}) {
      HostTensor tensor = *makeTensor(dtype, shape);
      for (size_t byte = 0; byte < tensor.data.size(); ++byte)
        tensor.data[byte] = static_cast<uint8_t>(byte * 37 + 1);
      ASSERT_TRUE(succeeds(writeNpy(path("x.npy"), tensor)));
      auto back = readNpy(path("x.npy"));
      ASSERT_TRUE(succeeds(back)) << describeTensor(tensor);
      EXPECT_EQ(back->dtype, dtype);
      EXPECT_EQ(back->shape, shape);
      EXPECT_EQ(back->data, tensor.data);
    }
  }
}

TEST_F(NpyTest, WritesWhatNumpyWrites) {
  // numpy.save of numpy.array([1, 2, 3], dtype=int16).
  std::string expected = npy(header("<i2", "(3,)"), "");
  expected.pop_back();
  expected.resize(127, ' ');
  expected += '\n';
  expected[8] = 118;
  expected += std::string("\1\0\2\0\3\0", 6);
  ASSERT_TRUE(succeeds(
      writeNpy(path("x.npy"), tensorOf<int16_t>(DType::I16, {3}, {1, 2, 3}))));
  EXPECT_EQ(read(path("x.npy")), expected);
}

TEST_F(NpyTest, ReadsEveryVersionAndSpelling) {
  std::string data(6, '\1');
  for (char version : {1, 2, 3})
    for (const std::string &text :
         {header("<i2", "(3,)"), header("<i2", "(3,)") + "   \n",
          std::string("{\"shape\":(3 , ),\"fortran_order\":False,"
                      "\"descr\":\"<i2\"}")}) {
      auto tensor = readNpy(write("x.npy", npy(text, data, version)));
      ASSERT_TRUE(succeeds(tensor)) << text;
      EXPECT_EQ(describeTensor(*tensor), "i16[3]");
      EXPECT_EQ(tensor->data, std::vector<uint8_t>(6, 1));
    }
  EXPECT_TRUE(succeeds(readNpy(write("x.npy", npy(header("<i1", "()"), "a")))));
  EXPECT_TRUE(
      succeeds(readNpy(write("x.npy", npy(header("|u1", "(1, 1,)"), "a")))));
}

TEST_F(NpyTest, RefusesMalformedFiles) {
  const std::pair<std::string, const char *> cases[] = {
      {"", "\\x93NUMPY"},
      {"PK\3\4 an npz archive", "\\x93NUMPY"},
      {"\x93NUMPY", "at byte 6"},
      {npy(header("<f4", "()"), "abcd", 4), "version 4.0"},
      {npy(header("<f4", "()"), "abcd", 0), "version 0.0"},
      {std::string("\x93NUMPY\1\0\377\0{", 11), "cut off in its header"},
      {std::string("\x93NUMPY\2\0\0\0\0\1{", 13), "header of 16777216 bytes"},
      {npy("", ""), "expected '{', found the end"},
      {npy("[]", ""), "byte 10: expected '{', found '['"},
      {npy("{}", ""), "lacks"},
      {npy("{'descr': '<f4', 'fortran_order': False}", ""), "lacks"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", ""), "second key 'descr'"},
      {npy("{'x': 1}", ""), "unknown key 'x'"},
      {npy("{descr: 1}", ""), "expected a string"},
      {npy("{'descr", ""), "does not end"},
      {npy("{'descr' '<f4'}", ""), "expected ':'"},
      {npy(header("<f4", "()") + "x", "abcd"), "follows the header's"},
      {npy(header("<f4", "(1,)", "True"), "abcd"), "ascontiguousarray"},
      {npy(header("<f4", "(1,)", "1"), "abcd"), "expected False"},
      {npy(header(">f4", "(1,)"), "abcd"), "unsupported element type '>f4'"},
      {npy(header("<c8", "(1,)"), "abcdefgh"), "unsupported element type"},
      {npy(header("|O", "(1,)"), "abcdefgh"), "unsupported element type"},
      {npy("{'descr': [('a', '<f4')], }", ""), "structured"},
      {npy(header("<f4", "3"), "abcd"), "expected '('"},
      {npy(header("<f4", "(1)"), "abcd"), "expected ','"},
      {npy(header("<f4", "(1 1)"), "abcd"), "expected ','"},
      {npy(header("<f4", "(1, 1 1)"), "abcd"), "expected ')'"},
      {npy(header("<f4", "(-1,)"), "abcd"), "expected a dimension"},
      {npy(header("<f4", "(,)"), "abcd"), "expected a dimension"},
      {npy(header("<f4", "(18446744073709551616,)"), ""), "beyond 2^64"},
      {npy(header("<f4", "(4294967296, 4294967296)"), ""), "2^64"},
      {npy(header("<f4", "(4611686018427387904,)"), ""), "2^63"},
      {npy(header("<f4", "(1000000000000,)"), "abcd"), "is cut off"},
      {npy(header("<f4", "(2,)"), "abcdefg"), "is cut off"},
      {npy(header("<f4", "(1,)"), "abcde"), "more than one array"},
  };
  for (const auto &[bytes, message] : cases)
    EXPECT_TRUE(fails(readNpy(write("x.npy", bytes)), message)) << bytes;
  std::string dims;
  for (int i = 0; i < 65; ++i)
    dims += "1,";
  EXPECT_TRUE(
      fails(readNpy(write("x.npy", npy(header("<f4", "(" + dims + ")"), ""))),
            "more than 64 dimensions"));
}

TEST_F(NpyTest, RefusesEveryTruncation) {
  std::string bytes = npy(header("<f4", "(2,)"), "abcdefgh");
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_TRUE(
        fails(readNpy(write("x.npy", bytes.substr(0, length))), "x.npy"))
        << length;
}

TEST_F(NpyTest, RefusesToWriteWhatTheFormatLacks) {
  EXPECT_TRUE(fails(writeNpy(path("x.npy"), *makeTensor(DType::BF16, {2})),
                    ".safetensors"));
  EXPECT_TRUE(
      fails(writeNpy(path("x.npy"), HostTensor{DType::F32, {2}, {1, 2}}),
            "expected 8 bytes"));
  EXPECT_EQ(fileCount(), 0u);
}
