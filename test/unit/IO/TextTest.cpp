//===- TextTest.cpp - Escaping of text from files -------------------------===//

#include "ssmc/IO/Text.h"
#include <gtest/gtest.h>

using namespace ssmc;

TEST(TextTest, KeepsPlainTextAndPrintableUnicode) {
  EXPECT_EQ(escaped("backbone.layers.0"), "backbone.layers.0");
  EXPECT_EQ(escaped("gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x90\x8d"),
            "gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x90\x8d");
  EXPECT_EQ(quoted(std::string("x")), "'x'");
}

TEST(TextTest, EscapesControlCharacters) {
  EXPECT_EQ(escaped("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(escaped(std::string_view("\0\x1b[31m\x7f", 7)),
            "\\x00\\x1b[31m\\x7f");
  EXPECT_EQ(escaped("it's \\"), "it\\'s \\\\");
}

TEST(TextTest, EscapesInvisibleCodePoints) {
  EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");          // C1 control
  EXPECT_EQ(escaped("\xe2\x80\xae"), "\\xe2\\x80\\xae"); // RTL override
  EXPECT_EQ(escaped("\xef\xbb\xbf"), "\\xef\\xbb\\xbf"); // byte order mark
  EXPECT_EQ(escaped("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"); // tag
}

TEST(TextTest, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(escaped("\x80"), "\\x80");
  EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");          // overlong
  EXPECT_EQ(escaped("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"); // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // surrogate
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(escaped("\xe6\xbc"), "\\xe6\\xbc"); // cut off
  EXPECT_EQ(escaped("\xc3x"), "\\xc3x");
}

TEST(TextTest, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(escaped(std::string(1000, 'a'), 4), "aaaa...");
  EXPECT_EQ(escaped("aaaa", 4), "aaaa");
  EXPECT_EQ(escaped("aaa\xc3\xbc", 4), "aaa...");
  EXPECT_EQ(escaped("aa\n\n", 5), "aa\\n...");
}
