//===- BenchTest.cpp - Sizes, statistics, lines and floors ----------------===//

#include "TestBundle.h"
#include "tools/cli/BenchTable.h"
#include "tools/cli/DeviceFigures.h"
#include "tools/cli/RandomData.h"
#include "tools/cli/Rerun.h"
#include "tools/cli/Sizes.h"
#include "tools/cli/Statistics.h"
#include <CLI/CLI.hpp>
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::runtime;

namespace ssmc::cli::test {
namespace {

using Values = std::vector<uint64_t>;

TEST(SweepTest, ReadsFactorsStepsAndLists) {
  Result<Sweep> sweep = parseSweep("seqlen=512:4096:*2");
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->name, "seqlen");
  EXPECT_EQ(sweep->values, (Values{512, 1024, 2048, 4096}));
  // What lies behind the last step is left out.
  EXPECT_EQ(parseSweep("n=1:10:+4")->values, (Values{1, 5, 9}));
  EXPECT_EQ(parseSweep("n=3:3:*2")->values, (Values{3}));
  EXPECT_EQ(parseSweep("n=7,1,4096")->values, (Values{7, 1, 4096}));
  EXPECT_EQ(parseSweep("n=9223372036854775808:18446744073709551615:*2")->values,
            (Values{uint64_t{1} << 63}));
}

TEST(SweepTest, RefusesWhatHasNoEnd) {
  for (const char *text :
       {"seqlen", "=1,2", "n=", "n=1,", "n=1:2", "n=1:2:3", "n=1:2:*1",
        "n=1:2:*0", "n=1:2:+0", "n=0:8:*2", "n=4:2:+1", "n=1:8:", "n=-1,2",
        "n=1:8:*2:*2", "n=1e3", "n=1:1000000:+1"}) {
    Result<Sweep> sweep = parseSweep(text);
    ASSERT_FALSE(sweep.ok()) << text;
    EXPECT_EQ(sweep.status().code(), StatusCode::Usage) << text;
  }
}

TEST(SweepTest, SeveralAreAProduct) {
  Result<std::vector<Scalars>> points =
      sizePoints({{"dim", 3}}, {{"batch", {1, 2}}, {"seqlen", {8, 4}}});
  ASSERT_TRUE(points.ok());
  std::vector<std::string> texts;
  for (const Scalars &point : *points)
    texts.push_back(printSizes(point));
  EXPECT_EQ(texts, (std::vector<std::string>{
                       "batch=1,dim=3,seqlen=8", "batch=1,dim=3,seqlen=4",
                       "batch=2,dim=3,seqlen=8", "batch=2,dim=3,seqlen=4"}));
  EXPECT_EQ(sizePoints({{"n", 1}}, {{"n", {2}}}).status().code(),
            StatusCode::Usage);
  Values many(200, 1);
  EXPECT_EQ(sizePoints({}, {{"n", many}, {"m", many}}).status().code(),
            StatusCode::Usage);
}

TEST(StatisticsTest, SummarizesUnsortedSamples) {
  Statistics it = summarize({4, 1, 3, 2, 5});
  EXPECT_EQ(it.count, 5u);
  EXPECT_DOUBLE_EQ(it.median, 3);
  EXPECT_DOUBLE_EQ(it.mean, 3);
  EXPECT_DOUBLE_EQ(it.min, 1);
  EXPECT_DOUBLE_EQ(it.p10, 1.4);
  EXPECT_DOUBLE_EQ(it.p90, 4.6);
  EXPECT_DOUBLE_EQ(it.p99, 4.96);
  EXPECT_DOUBLE_EQ(it.stddev, std::sqrt(2.5));
}

TEST(StatisticsTest, OneSampleIsAllOfThem) {
  Statistics it = summarize({7});
  EXPECT_DOUBLE_EQ(it.p10, 7);
  EXPECT_DOUBLE_EQ(it.p99, 7);
  EXPECT_DOUBLE_EQ(it.stddev, 0);
}

TEST(RerunTest, QuotesForTheShell) {
  EXPECT_EQ(shellQuoted("a/b=1,2:*"), "'a/b=1,2:*'");
  EXPECT_EQ(shellQuoted("a/b=1,2:@x-_%^+"), "a/b=1,2:@x-_%^+");
  EXPECT_EQ(shellQuoted(""), "''");
  EXPECT_EQ(shellQuoted("it's $x"), "'it'\\''s $x'");
}

TEST(RerunTest, RepeatsWhatWasGiven) {
  CLI::App app;
  CLI::App *sub = app.add_subcommand("bench");
  std::string model, device, label;
  std::vector<std::string> sweeps, inputs;
  bool flush = true, graph = false;
  sub->add_option("model", model);
  sub->add_option("--device", device);
  sub->add_option("--label", label);
  sub->add_option("--sweep", sweeps)->expected(1)->take_all();
  sub->add_option("-i,--input", inputs)->expected(1)->take_all();
  sub->add_flag("--flush-l2,!--no-flush-l2", flush);
  sub->add_flag("--graph", graph);
  const char *argv[] = {
      "tool", "bench",    "my model.ssmb", "--sweep", "n=1,2",
      "-i",   "x=@x.npy", "--input=@y",    "--graph", "--no-flush-l2"};
  app.parse(static_cast<int>(std::size(argv)), argv);
  EXPECT_EQ(commandLine("a tool", *sub, {"sweep"}),
            "'a tool' bench 'my model.ssmb' --input=x=@x.npy --input=@y "
            "--flush-l2=false --graph");
}

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

BenchRow makeRow() {
  BenchRow row;
  row.device = "NVIDIA H200";
  row.driver = "CUDA 13.0";
  row.entry = "scan";
  row.label = "a|b";
  row.dims = {{"batch", 1}, {"seqlen", 512}};
  row.verified = "oracle";
  row.times = summarize({2e-6, 4e-6});
  row.bytes = 6e6;
  row.floor = 1.5e-6;
  row.rerun = "ssmc-run bench 'a \"b\".ssmb'";
  return row;
}

std::string print(BenchFormat format, const std::vector<BenchRow> &rows) {
  char *text = nullptr;
  size_t size = 0;
  std::FILE *file = open_memstream(&text, &size);
  {
    Output out(file);
    BenchTable table(format, out);
    table.begin("NVIDIA H200", "CUDA 13.0", 18, 3);
    for (const BenchRow &row : rows)
      table.add(row);
    table.end();
    EXPECT_TRUE(out.finish().ok());
  }
  std::fclose(file);
  std::string printed(text, size);
  std::free(text);
  return printed;
}

TEST(BenchTableTest, Csv) {
  EXPECT_EQ(
      print(BenchFormat::Csv, {makeRow()}),
      "device,driver,entry,label,dims,median_us,mean_us,min_us,p10_us,p90_us,"
      "p99_us,stddev_us,runs,GB/s,floor_us,floor_%,verified,note,rerun\n"
      "NVIDIA H200,CUDA 13.0,scan,a|b,\"batch=1,seqlen=512\",3.00,3.00,2.00,"
      "2.20,3.80,3.98,1.41,2,2000.0,1.50,50.0,oracle,-,"
      "\"ssmc-run bench 'a \"\"b\"\".ssmb'\"\n");
}

TEST(BenchTableTest, MarkdownEscapesBars) {
  std::string text = print(BenchFormat::Markdown, {makeRow()});
  EXPECT_NE(text.find("| scan | a\\|b | batch=1,seqlen=512 | 3.00 |"),
            std::string::npos)
      << text;
}

TEST(BenchTableTest, TableAlignsNumbersAndKeepsLines) {
  BenchRow failed = makeRow();
  failed.times.reset();
  failed.verified = "failed";
  failed.problem = "two\nlines";
  std::string text = print(BenchFormat::Table, {makeRow(), failed});
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), 4u) << text;
  EXPECT_EQ(lines[0], "NVIDIA H200, CUDA 13.0");
  // The ends of a column of numbers.
  EXPECT_EQ(lines[1].find("median_us") + 9, lines[2].find("3.00") + 4);
  EXPECT_NE(lines[3].find("failed         two lines"), std::string::npos)
      << lines[3];
}

TEST(BenchTableTest, JsonSaysNullForWhatIsNotKnown) {
  EXPECT_EQ(print(BenchFormat::Json, {}), "[\n]\n");
  BenchRow row = makeRow();
  row.floor.reset();
  BenchLaunch launch;
  launch.kernel = "scan_0";
  launch.grid = {8, 2, 1};
  launch.block = {128, 1, 1};
  row.launches = {launch};
  std::string text = print(BenchFormat::Json, {row, makeRow()});
  EXPECT_NE(text.find("\"dims\":{\"batch\":1,\"seqlen\":512}"),
            std::string::npos);
  EXPECT_NE(text.find("\"gb_per_s\":2000.0"), std::string::npos) << text;
  EXPECT_NE(text.find("\"floor_us\":null,\"floor_percent\":null"),
            std::string::npos);
  EXPECT_NE(
      text.find("{\"kernel\":\"scan_0\",\"computes\":\"\",\"grid\":[8,2,1]"
                ",\"block\":[128,1,1]}"),
      std::string::npos);
}

//===----------------------------------------------------------------------===//
// Floors
//===----------------------------------------------------------------------===//

EntryPlan planOf(const std::vector<std::optional<CostPlan>> &costs) {
  EntryPlan plan;
  for (const std::optional<CostPlan> &cost : costs) {
    LaunchPlan launch;
    launch.cost = cost;
    plan.steps.emplace_back(launch);
  }
  return plan;
}

TEST(FloorTest, IsTheSlowestResourceOfEachStep) {
  DeviceFigures figures = {100, 10, 1000, ""};
  EntryPlan plan = planOf({CostPlan{200, 1, 1}, CostPlan{100, 50, 1000}});
  EXPECT_DOUBLE_EQ(*floorSeconds(plan, figures), 2 + 5);
  EXPECT_DOUBLE_EQ(*movedBytes(plan), 300);
  CopyPlan copy;
  copy.bytes = 50;
  plan.steps.emplace_back(copy);
  EXPECT_DOUBLE_EQ(*floorSeconds(plan, figures), 2 + 5 + 1);
  EXPECT_DOUBLE_EQ(*movedBytes(plan), 400);
}

TEST(FloorTest, IsUnknownWhereTheBundleDoesNotSay) {
  EntryPlan plan = planOf({CostPlan{200, 1, 1}, std::nullopt});
  EXPECT_FALSE(floorSeconds(plan, {1, 1, 1, ""}));
  EXPECT_FALSE(movedBytes(plan));
}

TEST(DeviceFiguresTest, KnowsDevicesByNameElseByTheirClocks) {
  DeviceFacts facts;
  facts.name = "NVIDIA H200";
  EXPECT_DOUBLE_EQ(figuresOf(facts)->bytes, 4.24e12);
  facts.name = "NVIDIA A100-SXM4-80GB";
  EXPECT_DOUBLE_EQ(figuresOf(facts)->bytes, 2.039e12);
  EXPECT_DOUBLE_EQ(figuresOf(facts)->fma, 108 * 1.41e9 * 64);
  facts.name = "NVIDIA H100 PCIe";
  EXPECT_DOUBLE_EQ(figuresOf(facts)->bytes, 2.0e12);
  facts.name = "NVIDIA L4";
  EXPECT_FALSE(figuresOf(facts));
  facts.capability = 89;
  facts.multiprocessors = 58;
  facts.clock = 2e9;
  facts.bandwidth = 3e11;
  std::optional<DeviceFigures> figures = figuresOf(facts);
  ASSERT_TRUE(figures);
  EXPECT_DOUBLE_EQ(figures->bytes, 3e11);
  EXPECT_DOUBLE_EQ(figures->mufu, 58 * 2e9 * 16);
  EXPECT_DOUBLE_EQ(figures->fma, 58 * 2e9 * 128);
  EXPECT_NE(figures->source.find("driver"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

TEST(RandomDataTest, IsTheSameForTheSameSeedAndName) {
  auto bytes = [](std::string_view name, uint64_t seed) {
    return randomTensor(name, DType::F32, {5, 7}, seed)->data;
  };
  EXPECT_EQ(bytes("u", 1), bytes("u", 1));
  EXPECT_NE(bytes("u", 1), bytes("u", 2));
  EXPECT_NE(bytes("u", 1), bytes("z", 1));
}

TEST(RandomDataTest, StepsAreSmallAndDecaysAre) {
  for (double delta :
       toDoubles(*randomTensor("delta", DType::BF16, {600, 500}, 1))) {
    ASSERT_GT(delta, 0);
    ASSERT_LT(delta, 0.11);
  }
  std::vector<double> A = toDoubles(*randomTensor("A", DType::F32, {8, 4}, 1));
  EXPECT_TRUE(std::all_of(A.begin(), A.end(), [](double a) { return a < 0; }));
  // The real parts of a complex one, also where the numbers repeat.
  A = toDoubles(*randomTensor("A", DType::F32, {200000, 4, 2}, 1));
  for (size_t i = 0; i < A.size(); i += 2)
    ASSERT_LT(A[i], 0) << i;
}

TEST(RandomDataTest, TokensAreInTheVocabulary) {
  std::string bytes = makeBundle("");
  auto bundle = BundleView::fromBytes({bytes.begin(), bytes.end()}, "test");
  ASSERT_TRUE(bundle.ok());
  const bundle::Entry *entry = (*bundle)->findEntry("prefill");
  Scalars sizes;
  for (const flatbuffers::String *dim : *entry->dims())
    sizes[dim->str()] = 1;
  sizes["seqlen"] = 300;
  Result<std::vector<uint64_t>> dims = dimsOf(*entry, sizes);
  ASSERT_TRUE(dims.ok()) << dims.status().message();
  Result<EntryPlan> plan = planEntry(**bundle, *entry, *dims);
  ASSERT_TRUE(plan.ok());
  Result<HostTensor> ids = randomInput(**bundle, *plan, 0, 1);
  ASSERT_TRUE(ids.ok());
  std::vector<double> values = toDoubles(*ids);
  uint64_t vocabulary = (*bundle)->body().model()->vocab_size();
  for (double id : values)
    ASSERT_LT(id, static_cast<double>(vocabulary));
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 0);
}

} // namespace
} // namespace ssmc::cli::test
