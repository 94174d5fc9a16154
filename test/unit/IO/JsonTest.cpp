//===- JsonTest.cpp - JSON without exceptions -----------------------------===//

#include "ssmc/IO/Json.h"
#include "TemporaryDirectory.h"
#include <chrono>
#include <cmath>

using namespace ssmc;
using namespace ssmc::test;
using nlohmann::json;

static Result<json> parse(std::string_view text) {
  return parseJson(text, "f.json");
}

static Result<json> parsePython(std::string_view text) {
  JsonOptions options;
  options.allowNonFinite = true;
  return parseJson(text, "f.json", options);
}

TEST(JsonTest, AgreesWithTheLibraryOnValidText) {
  for (const char *text :
       {"null", "true", "3", "-3", "1.5e3", "\"a\\u00e9\\n\"", "[]", "{}",
        " [1, [2, {\"a\": [3, {}]}], \"x\"] ",
        "{\"a\": {\"b\": [1, 2]}, \"c\": null, \"d\": [[], [[]]]}",
        "18446744073709551615", "[\"NaN\", \"-Infinity [\"]"}) {
    for (const auto &value : {parse(text), parsePython(text)}) {
      ASSERT_TRUE(succeeds(value)) << text;
      EXPECT_EQ(*value, json::parse(text));
    }
  }
}

TEST(JsonTest, SaysWhereTheErrorIs) {
  EXPECT_TRUE(fails(parse("{\n \"a\": tru\n}"),
                    "f.json: not valid JSON: byte 11 (line 2): syntax error"));
  EXPECT_TRUE(fails(parse(""), "byte 0 (line 1)"));
  EXPECT_TRUE(fails(parse("[1 2]"), "byte 3 (line 1)"));
}

TEST(JsonTest, RefusesMalformedText) {
  for (const char *text :
       {"{", "[1,]", "{\"a\" 1}", "{\"a\": 1,}", "01", "1.", "+1", "'a'",
        "[1] 2", "\"a", "\"\\q\"", "\"\t\"", "nul", "// c\n1", "\"\xff\"",
        "1e999", "]", "NaN", "Infinity"})
    EXPECT_TRUE(fails(parse(text), "not valid JSON: byte ")) << text;
}

TEST(JsonTest, RefusesDuplicateKeys) {
  EXPECT_TRUE(fails(parse("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}"),
                    "the key 'a' twice"));
  EXPECT_TRUE(fails(parse("[{\"a\": 1, \"\\u0061\": 3}]"), "twice"));
  EXPECT_TRUE(succeeds(parse("{\"a\": 1, \"b\": {\"a\": 2}}")));
}

TEST(JsonTest, RefusesWhatTheLibraryWouldSkip) {
  EXPECT_TRUE(fails(parse(std::string_view("{}\0garbage", 10)),
                    "byte 2 (line 1): found a NUL byte"));
  EXPECT_TRUE(fails(parse("\xef\xbb\xbf{}"), "byte order mark"));
}

TEST(JsonTest, LimitsNesting) {
  auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(succeeds(parse(nested(256))));
  EXPECT_TRUE(fails(parse(nested(257)), "byte 256 (line 1): nested more than"));
  // Brackets in strings do not nest.
  EXPECT_TRUE(succeeds(parse('"' + std::string(1000, '[') + "\\\"[\"")));
}

TEST(JsonTest, LimitsTokens) {
  std::string longest(kMaxJsonToken - 2, 'a');
  EXPECT_TRUE(succeeds(parse('"' + longest + '"')));
  EXPECT_TRUE(fails(parse("[\"a" + longest + "\"]"),
                    "byte 1 (line 1): a string or number of 16777217 bytes"));
  EXPECT_TRUE(fails(parse("[1, " + std::string(20'000'000, '1') + "]"),
                    "byte 4 (line 1): a string or number of 20000000 bytes"));
  EXPECT_TRUE(fails(parse("[1, \"" + std::string(20'000'000, '1')),
                    "byte 4 (line 1): a string does not end"));
}

TEST(JsonTest, DiagnosesDepthBombsFast) {
  auto start = std::chrono::steady_clock::now();
  for (const char *open : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string bomb;
    for (size_t i = 0; i < 1'000'000; ++i)
      bomb += open;
    EXPECT_TRUE(fails(parse(bomb), "nested more than 256 levels"));
    EXPECT_TRUE(fails(parsePython(bomb), "nested more than 256 levels"));
  }
  // Fractions of a second but for sanitizers and busy machines.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(JsonTest, ReadsPythonsNonFiniteNumbers) {
  auto value = parsePython(
      "{\"limit\": [0.0, Infinity], \"a\": -Infinity, \"b\": NaN, \"c\": -7}");
  ASSERT_TRUE(succeeds(value));
  EXPECT_EQ((*value)["limit"][0].get<double>(), 0);
  EXPECT_EQ((*value)["limit"][1].get<double>(), INFINITY);
  EXPECT_EQ((*value)["a"].get<double>(), -INFINITY);
  EXPECT_TRUE(std::isnan((*value)["b"].get<double>()));
  EXPECT_EQ((*value)["c"].get<int>(), -7);
}

TEST(JsonTest, KeepsNonFiniteTokensWhole) {
  for (const char *text :
       {"[1NaN]", "[NaN1]", "[NaN.5]", "[-NaN]", "[+Infinity]", "[--Infinity]",
        "[Infinityy]", "[1e-Infinity]", "[Inf]", "[nan]", "[NaN NaN]",
        "{NaN: 1}"})
    EXPECT_TRUE(fails(parsePython(text), "not valid JSON")) << text;
  // Offsets stay those of the original text.
  EXPECT_TRUE(fails(parsePython("[-Infinity, x]"), "byte 12 (line 1)"));
}

TEST(JsonTest, EscapesAndCutsExcerpts) {
  auto control = parse("[\"\x1b]0;x\x07\"]");
  ASSERT_FALSE(control.ok());
  EXPECT_EQ(control.status().message().find('\x1b'), std::string::npos);
  auto longString = parse("[\"" + std::string(100'000, 'a') + "\xff\"]");
  ASSERT_FALSE(longString.ok());
  EXPECT_LT(longString.status().message().size(), 400u);
  EXPECT_EQ(longString.status().message().find('\xff'), std::string::npos);
}

TEST(JsonTest, DescribesValues) {
  EXPECT_EQ(describeJson(json::parse("{}")), "an object");
  EXPECT_EQ(describeJson(json::parse("[1, 2]")), "a list of 2");
  EXPECT_EQ(describeJson("it's"), "the string 'it\\'s'");
  EXPECT_EQ(describeJson(-3), "the number -3");
  EXPECT_EQ(describeJson(3u), "the number 3");
  EXPECT_EQ(describeJson(0.5), "the number 0.5");
  EXPECT_EQ(describeJson(true), "true");
  EXPECT_EQ(describeJson(nullptr), "null");
}

using JsonFileTest = TemporaryDirectory;

TEST_F(JsonFileTest, NamesTheFile) {
  auto value = readJsonFile(write("a.json", "{\"a\": 1}"), 100);
  ASSERT_TRUE(succeeds(value));
  EXPECT_EQ((*value)["a"], 1);
  EXPECT_TRUE(fails(readJsonFile(write("b.json", "{"), 100), "b.json: not"));
  EXPECT_TRUE(fails(readJsonFile(path("a.json"), 3), "has 8 bytes"));
  EXPECT_TRUE(fails(readJsonFile(path("none"), 3), "No such file"));
}
