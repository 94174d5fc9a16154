//===- CheckSetTest.cpp - Cases with the bundles that they run on ---------===//

#include "tools/cli/CheckSet.h"
#include "ssmc/IO/File.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

struct CheckSetTest : testing::Test {
  void SetUp() override {
    std::string pattern = testing::TempDir() + "ssmc-set-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    write("0000.ssmb", "");
    write("0001.ssmb", "");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &text) {
    ASSERT_TRUE(writeFileAtomically(folder + "/" + name, text).ok());
  }
  std::string failure(const std::string &cases) {
    write("cases.txt", cases);
    Result<std::vector<CheckItem>> items = readCheckSet(folder);
    return items.ok() ? "" : items.status().message();
  }

  std::string folder;
};

CheckItem item(const std::string &text, const std::string &suite = "s") {
  Result<oracle::Case> it = oracle::parseCase(text);
  EXPECT_TRUE(it.ok()) << it.status().message();
  return {*it, suite, "0000.ssmb"};
}

/// Ten cases, l1 to l10.
std::vector<CheckItem> tenItems() {
  std::vector<CheckItem> items;
  for (int i = 1; i <= 10; ++i)
    items.push_back(item("scan d2 n2 l" + std::to_string(i)));
  return items;
}

std::string lengths(const std::vector<CheckItem> &items) {
  std::string text;
  for (const CheckItem &each : items)
    text += (text.empty() ? "" : " ") + std::to_string(each.it.seqlen);
  return text;
}

} // namespace

TEST_F(CheckSetTest, ReadsWhatItPrints) {
  std::vector<CheckItem> items = {item("scan l3 d2 n2 seed=4", "one"),
                                  item("conv l3 d2 k3 silu", "two")};
  items[1].bundle = "0001.ssmb";
  write("cases.txt", printCheckSet(items));
  Result<std::vector<CheckItem>> read = readCheckSet(folder);
  ASSERT_TRUE(read.ok()) << read.status().message();
  ASSERT_EQ(read->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(printCase((*read)[i].it), printCase(items[i].it));
    EXPECT_EQ((*read)[i].suite, items[i].suite);
    EXPECT_EQ((*read)[i].bundle, folder + "/" + items[i].bundle);
  }
}

TEST_F(CheckSetTest, TwoColumnsAreEnough) {
  write("cases.txt", "0000.ssmb\tscan l3 d2 n2\n\n0001.ssmb\tconv l3 d2 k3\n");
  Result<std::vector<CheckItem>> read = readCheckSet(folder);
  ASSERT_TRUE(read.ok()) << read.status().message();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[1].suite, "set");
}

TEST_F(CheckSetTest, Damaged) {
  std::string good = "0000.ssmb\tscan l3 d2 n2\n";
  EXPECT_EQ(failure(good), "");
  EXPECT_NE(failure(good + "0000.ssmb scan\n")
                .find("cases.txt:2: expected a bundle's file name, a tab and a "
                      "case, found '0000.ssmb scan'"),
            std::string::npos);
  EXPECT_NE(failure(good + "0000.ssmb\tscan l3 d2 n2 sped=1\n")
                .find("cases.txt:2: case"),
            std::string::npos);
  EXPECT_NE(failure("0002.ssmb\tscan l3 d2 n2\n").find("0002.ssmb"),
            std::string::npos);
  EXPECT_NE(failure("../0000.ssmb\tscan l3 d2 n2\n").find("cases.txt:1"),
            std::string::npos);
  EXPECT_NE(failure("\n").find("there are no cases in it"), std::string::npos);
  // Cut in the middle of a case.
  EXPECT_NE(failure("0000.ssmb\tscan l3 d2 n").find("cases.txt:1"),
            std::string::npos);
}

TEST(CheckSelection, Words) {
  std::vector<CheckItem> items = {
      item("scan l3 d2 n2 D z"), item("scan l33 d2 n2 D"),
      item("conv l3 d2 k3 silu"), item("scan l4 d2 n2 z D")};
  std::vector<CheckItem> some = items;
  // Whole words in any order.
  ASSERT_TRUE(selectItems({{"z D scan"}, ""}, some).ok());
  EXPECT_EQ(lengths(some), "3 4");
  some = items;
  ASSERT_TRUE(selectItems({{"l3 D", "silu"}, ""}, some).ok());
  EXPECT_EQ(lengths(some), "3 3");
  some = items;
  Status none = selectItems({{"l5"}, ""}, some);
  EXPECT_EQ(none.code(), StatusCode::Usage);
}

TEST(CheckSelection, SlicesAreAllOfIt) {
  std::vector<CheckItem> items = tenItems();
  for (auto [slice, expected] : {std::pair("1/3", "1 2 3"),
                                 {"2/3", "4 5 6"},
                                 {"3/3", "7 8 9 10"},
                                 {"1/1", "1 2 3 4 5 6 7 8 9 10"}}) {
    std::vector<CheckItem> some = items;
    ASSERT_TRUE(selectItems({{}, slice}, some).ok()) << slice;
    EXPECT_EQ(lengths(some), expected) << slice;
  }
}

TEST(CheckSelection, BadSlices) {
  for (const char *slice :
       {"0/2", "3/2", "1", "1/", "1/0", "a/b", "1/2x", "1-2"}) {
    std::vector<CheckItem> items = tenItems();
    Status status = selectItems({{}, slice}, items);
    EXPECT_EQ(status.code(), StatusCode::Usage) << slice;
    EXPECT_NE(status.message().find("expected i/n"), std::string::npos);
  }
  std::vector<CheckItem> items = tenItems();
  EXPECT_NE(selectItems({{}, "1/20"}, items).message().find("is empty"),
            std::string::npos);
}
