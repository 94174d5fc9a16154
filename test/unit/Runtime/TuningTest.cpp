//===- TuningTest.cpp - What was measured of alternatives, in a file ------===//

#include "ssmc/Runtime/Tuning.h"
#include "../IO/TemporaryDirectory.h"
#include "Support/FakeDevice.h"
#include "Support/TestBundle.h"
#include "ssmc/Runtime/Plan.h"
#include <cstdlib>

using namespace ssmc;
using namespace ssmc::runtime;
using namespace ssmc::runtime::test;

namespace {

TuningRecord record(std::string device = "fake", uint64_t key = 0x1234) {
  return {
      std::move(device),   key,
      "double.0",          "m=4,n=8",
      "double at m=3,n=7", {{"direct", 700}, {"once", 500}, {"twice", 500}}};
}

TuningFile fileOf(std::vector<TuningRecord> records) {
  TuningFile file;
  for (TuningRecord &item : records)
    file.set(std::move(item));
  return file;
}

std::string failureOf(const std::string &text) {
  Result<TuningFile> file = TuningFile::parse(text, "x.tune");
  EXPECT_FALSE(file.ok()) << text;
  return file.ok() ? "" : file.status().message();
}

TEST(TuningTest, KeepsWhatIsWritten) {
  TuningFile file = fileOf({record(), record("other \x1b\xff", UINT64_MAX)});
  Result<TuningFile> again = TuningFile::parse(file.print(), "x.tune");
  ASSERT_TRUE(again.ok()) << again.status().message();
  ASSERT_EQ(again->records().size(), 2u);
  const TuningRecord &first = again->records()[0];
  EXPECT_EQ(first.device, "fake");
  EXPECT_EQ(first.key, 0x1234u);
  EXPECT_EQ(first.shapeClass, "m=4,n=8");
  EXPECT_EQ(first.measuredAt, "double at m=3,n=7");
  ASSERT_EQ(first.alternatives.size(), 3u);
  EXPECT_EQ(first.alternatives[0].nanoseconds, 700u);
  EXPECT_EQ(first.best().label, "once");
  EXPECT_EQ(again->records()[1].key, UINT64_MAX);
  EXPECT_EQ(again->print(), file.print());
}

TEST(TuningTest, ReplacesRecordsOfTheSameSizes) {
  TuningRecord faster = record();
  faster.alternatives[0].nanoseconds = 1;
  TuningFile file = fileOf({record(), record("other"), faster});
  ASSERT_EQ(file.records().size(), 2u);
  EXPECT_EQ(file.records()[0].best().label, "direct");
}

/// Every byte that is not there and every byte that is another: refused, or
/// the same records.
TEST(TuningTest, NoticesDamage) {
  std::string good = fileOf({record()}).print();
  for (size_t size = 0; size + 1 < good.size(); ++size)
    failureOf(good.substr(0, size));
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 1;
    Result<TuningFile> file = TuningFile::parse(bad, "x.tune");
    if (file.ok())
      EXPECT_EQ(file->print(), good) << at;
  }
}

TEST(TuningTest, SaysWhatIsWrong) {
  std::string good = fileOf({record()}).print();
  auto with = [&](const std::string &from, const std::string &to) {
    std::string text = good;
    size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return failureOf(text.replace(at, from.size(), to));
  };
  EXPECT_TRUE(contains(failureOf("{}"), "x.tune: not a tuning file"));
  EXPECT_TRUE(contains(failureOf("[1]"), "not a tuning file"));
  EXPECT_TRUE(contains(failureOf("SSMB"), "tune again"));
  EXPECT_TRUE(contains(with("\"version\": 1", "\"version\": 2"),
                       "version 2, this program reads version 1"));
  EXPECT_TRUE(contains(with("\"version\": 1", "\"version\": \"1\""),
                       "'version': expected a whole number"));
  EXPECT_TRUE(contains(with("fake", "fakf"), "the checksum does not match"));
  EXPECT_TRUE(contains(with("\"records\"", "\"recards\""),
                       "'records': expected a list, found none"));
}

/// What a checksum cannot show: a writer of another mind.
TEST(TuningTest, RefusesRecordsThatMakeNoSense) {
  TuningRecord none = record();
  none.alternatives.clear();
  EXPECT_TRUE(contains(failureOf(fileOf({none}).print()),
                       "record 0: 'alternatives': none"));
}

TEST(TuningTest, AppliesToGroupsOfTheBundleOnTheDevice) {
  auto view = toyVariants().view();
  FakeDevice device;
  TuningRecord otherLabels = record("fake");
  otherLabels.shapeClass = "m=1,n=1";
  otherLabels.alternatives = {{"gone", 1}};
  TuningFile file = fileOf(
      {record(), record("elsewhere"), record("fake", 0x99), otherLabels});
  ChoiceTable choices;
  TuningUse use = applyTuning(file, *view, deviceKey(device), choices);
  EXPECT_EQ(use.used, 1u);
  EXPECT_EQ(use.otherDevice, 1u);
  EXPECT_EQ(use.stale, 2u);
  auto takenAt = [&](std::vector<uint64_t> dims) {
    return planEntry(*view, *view->body().entries()->Get(0), dims, choices)
        ->choices[0];
  };
  EXPECT_EQ(takenAt({5, 4}).alternative, 1u);
  EXPECT_EQ(takenAt({5, 4}).reason, ChoiceReason::Measured);
  EXPECT_EQ(takenAt({1, 1}).reason, ChoiceReason::First);

  file.dropStale(*view);
  EXPECT_EQ(file.records().size(), 3u);
}

class TuningPathTest : public ssmc::test::TemporaryDirectory {
protected:
  void TearDown() override {
    unsetenv("XDG_CACHE_HOME");
    TemporaryDirectory::TearDown();
  }
};

TEST_F(TuningPathTest, WritesAndReads) {
  std::string place = path("x.tune");
  ASSERT_TRUE(fileOf({record()}).write(place).ok());
  ASSERT_TRUE(fileOf({record("other")}).write(place).ok());
  Result<TuningFile> file = TuningFile::read(place);
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_EQ(file->records().size(), 1u);
  EXPECT_EQ(file->records()[0].device, "other");
  EXPECT_FALSE(fileOf({}).write(path("none/x.tune")).ok());
}

TEST_F(TuningPathTest, IsBesideTheBundleOrInTheCache) {
  EXPECT_EQ(tuningPathBeside("a/b.ssmb"), "a/b.ssmb.tune");
  EXPECT_EQ(tuningPathBeside("model/"), "model.tune");
  setenv("XDG_CACHE_HOME", "/c", 1);
  std::string place = tuningPathInCache(*toyVariants().view());
  EXPECT_EQ(place.find("/c/ssmc/"), 0u) << place;
  TestBundle other = toyVariants();
  other.groups[0].key = 5;
  EXPECT_NE(tuningPathInCache(*other.view()), place);
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(tuningPathInCache(*toyVariants().view()).find("relative"),
            std::string::npos);
}

} // namespace
