//===- TensorArgsTest.cpp -------------------------------------------------===//

#include "tools/cli/TensorArgs.h"
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

TEST(TensorArgsTest, Forms) {
  struct {
    const char *text, *name, *path, *key;
  } cases[] = {
      {"@x.npy", "", "x.npy", ""},
      {"x.npy", "", "x.npy", ""},
      {"u=@x.npy", "u", "x.npy", ""},
      {"@a=@b.npy", "", "a=@b.npy", ""},
      {"a=b.npy", "", "a=b.npy", ""},
      {"u=@d/x.safetensors:h.0:w", "u", "d/x.safetensors", "h.0:w"},
  };
  for (const auto &test : cases) {
    Result<TensorArg> arg = parseTensorArg(test.text);
    ASSERT_TRUE(arg.ok()) << test.text;
    EXPECT_EQ(arg->name, test.name);
    EXPECT_EQ(arg->path, test.path);
    EXPECT_EQ(arg->key, test.key);
  }
}

TEST(TensorArgsTest, WhatNamesNoTensorIsUsage) {
  for (const char *text :
       {"", "@", "x", "=@x.npy", "x.safetensors", "x.safetensors:", "x=1"}) {
    Result<TensorArg> arg = parseTensorArg(text);
    ASSERT_FALSE(arg.ok()) << text;
    EXPECT_EQ(arg.status().code(), StatusCode::Usage);
  }
  EXPECT_TRUE(parseTensorArg("@x.safetensors", /*keyOptional=*/true).ok());
}

TEST(TensorArgsTest, Sizes) {
  Result<std::pair<std::string, uint64_t>> size =
      parseSize("last=18446744073709551615");
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(size->first, "last");
  EXPECT_EQ(size->second, UINT64_MAX);
  for (const char *text : {"", "last", "=1", "last=", "last=-1", "last=1x",
                           "last=18446744073709551616", "last= 1"})
    EXPECT_FALSE(parseSize(text).ok()) << text;
}

TEST(TensorArgsTest, ResultsByNameAndByPosition) {
  std::vector<runtime::NamedTensor> results = {{"a", {}}, {"b", {}}, {"c", {}}};
  auto match = [&](std::vector<std::string> names) {
    std::vector<TensorArg> args;
    for (const std::string &name : names)
      args.push_back({name, "", ""});
    return matchResults(args, results, "--output");
  };
  EXPECT_EQ(*match({"", ""}), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(*match({"c", "a"}), (std::vector<size_t>{2, 0}));
  EXPECT_EQ(*match({"c", ""}), (std::vector<size_t>{2, 0}));
  EXPECT_FALSE(match({"a", ""}).ok());
  EXPECT_FALSE(match({"d"}).ok());
  EXPECT_FALSE(match({"", "", "", ""}).ok());
}

} // namespace
