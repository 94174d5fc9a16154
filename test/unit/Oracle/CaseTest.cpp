//===- CaseTest.cpp -------------------------------------------------------===//

#include "ssmc/Oracle/Case.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <set>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

std::string reprint(const char *text) {
  Result<Case> it = parseCase(text);
  return it.ok() ? printCase(*it) : it.status().message();
}

TEST(Case, HasOneText) {
  EXPECT_EQ(reprint("scan seed=42 layout=channel groups=2 hT h0 softplus bias "
                    "z D bc=f32 u=bf16 n16 d10 l131 b2"),
            "scan b2 l131 d10 n16 u=bf16 bc=f32 D z bias softplus h0 hT "
            "groups=2 layout=channel seed=42");
  EXPECT_EQ(reprint("conv l64  d33\tk4 silu"),
            "conv b1 l64 d33 k4 u=f32 silu seed=0");
  EXPECT_EQ(reprint("scan d4 n2 u=f16 out=f16 bc=f16 w=f32 groups=2 B=groups "
                    "C=var layout=token static"),
            "scan b1 l1 d4 n2 u=f16 groups=2 C=var static seed=0");
}

TEST(Case, DropsWhatTheOpDoesNotHave) {
  EXPECT_EQ(reprint("conv d2 n4 k3 u=bf16 bc=f32 D z softplus groups=2 "
                    "layout=channel"),
            "conv b1 l1 d2 k3 u=bf16 layout=channel seed=0");
  EXPECT_EQ(reprint("scan d4 n2 k4 silu w=f16 groups=2 B=const C=var"),
            "scan b1 l1 d4 n2 u=f32 B=const seed=0");
}

TEST(Case, PacksSequences) {
  // They are one batch row, and token-major.
  EXPECT_EQ(reprint("scan b3 l9 d4 n2 seqs=2 reverse limits h=f16 h0 "
                    "layout=channel"),
            "scan b1 l9 d4 n2 u=f32 h=f16 limits h0 reverse seqs=2 seed=0");
  EXPECT_EQ(reprint("conv b2 d4 seqs=2 reverse limits"),
            "conv b1 l1 d4 k2 u=f32 seqs=2 seed=0");
}

TEST(Case, HasSlotsSlicesAndComplexNumbers) {
  const char *text = "scan b2 l9 d4 n2 u=f32 h0 complex strided static slots=3 "
                     "data=special seed=1";
  EXPECT_EQ(reprint(text), text);
  // Slots are of initial states, gaps between packed sequences.
  EXPECT_EQ(reprint("scan d4 n2 slots=3 gap"), "scan b1 l1 d4 n2 u=f32 seed=0");
  EXPECT_EQ(reprint("conv l9 d4 seqs=2 gap h0 slots=1 complex strided lanes=2"),
            "conv b1 l9 d4 k2 u=f32 h0 strided seqs=2 gap slots=1 seed=0");
}

TEST(Case, RunsInCalls) {
  EXPECT_EQ(reprint("scan l9 d4 n2 chunk=4 h=f16"),
            "scan b1 l9 d4 n2 u=f32 h0 hT chunk=4 seed=0");
  EXPECT_EQ(reprint("scan l9 d4 n2 chunk=4 reverse"),
            "scan b1 l9 d4 n2 u=f32 reverse seed=0");
  EXPECT_EQ(reprint("conv l9 d4 chunk=4 reverse"),
            "conv b1 l9 d4 k2 u=f32 h0 hT chunk=4 seed=0");
  EXPECT_EQ(reprint("conv l9 d4 chunk=4 static"),
            "conv b1 l9 d4 k2 u=f32 static seed=0");
}

TEST(Case, ForcesSchedules) {
  auto of = [](const char *text) { return schedules(*parseCase(text)); };
  EXPECT_EQ(of("scan d4 n2 lanes=4 steps=2 threads=64"),
            std::vector<std::string>{
                "scan:family=sequential,lanes=4,steps=2,threads=64"});
  EXPECT_EQ(
      of("conv d4 steps=0 width=2"),
      std::vector<std::string>{"window:family=sequential,steps=0,width=2"});
  EXPECT_EQ(of("conv d4 family=tiled rounds=3 lanes=2"),
            std::vector<std::string>{"window:family=tiled,rounds=3"});
  // What the kernel could not take is left out.
  EXPECT_EQ(of("conv d6 loads=2 width=4"),
            std::vector<std::string>{"window:family=sequential,loads=2"});
  EXPECT_TRUE(of("conv d4 family=tiled steps=7").size() == 1);
  EXPECT_EQ(of("conv d4 seqs=2 family=tiled steps=8"),
            std::vector<std::string>{"window:family=sequential,steps=8"});
  EXPECT_TRUE(of("scan d4 n2").empty());
}

TEST(Case, SaysWhatIsWrong) {
  EXPECT_EQ(reprint(""), "case '': expected scan or conv first, found nothing");
  EXPECT_EQ(reprint("b2 scan"),
            "case 'b2 scan': expected scan or conv first, found 'b2'");
  EXPECT_EQ(reprint("scan sped=1"), "case 'scan sped=1': unknown word 'sped'");
  EXPECT_EQ(reprint("scan bx"), "case 'scan bx': unknown word 'bx'");
  EXPECT_EQ(reprint("scan u=f64"),
            "case 'scan u=f64': expected f32, f16 or bf16 after u=, found "
            "'f64'");
  EXPECT_EQ(reprint("scan seed=-1"),
            "case 'scan seed=-1': expected a number after seed=, found '-1'");
  EXPECT_EQ(reprint("scan B=some"), "case 'scan B=some': expected const, var "
                                    "or groups after B=, found 'some'");
  EXPECT_EQ(reprint("scan layout=c"), "case 'scan layout=c': expected token or "
                                      "channel after layout=, found 'c'");
  EXPECT_EQ(reprint("scan l0"),
            "case 'scan l0': expected l from 1 to 1048576, found 0");
  EXPECT_EQ(reprint("scan b1000000 l1000000"),
            "case 'scan b1000000 l1000000': the case is too large");
  EXPECT_EQ(reprint("conv k9"), "case 'conv k9': expected k from 2 to 8, "
                                "found 9");
  EXPECT_EQ(reprint("scan d4 groups=3"), "case 'scan d4 groups=3': expected "
                                         "groups that divide d = 4, found 3");
  EXPECT_EQ(reprint("scan lanes=3"), "case 'scan lanes=3': expected lanes = 1, "
                                     "2, 4, 8, 16 or 32, found 3");
  EXPECT_EQ(reprint("scan threads=48"),
            "case 'scan threads=48': expected threads = a multiple of 32 up to "
            "1024, found 48");
  EXPECT_EQ(reprint("scan steps=x"),
            "case 'scan steps=x': expected a number after steps=, found 'x'");
  EXPECT_EQ(reprint("scan data=odd"), "case 'scan data=odd': expected ordinary "
                                      "or special after data=, found 'odd'");
}

TEST(Case, KernelsDoNotDependOnLengths) {
  auto key = [](const char *text) { return kernelKey(*parseCase(text)); };
  EXPECT_EQ(key("scan b2 l7 d4 n2 z seed=1"), key("scan b1 l9 d4 n2 z seed=2"));
  EXPECT_NE(key("scan d4 n2 z"), key("scan d4 n2"));
  EXPECT_NE(key("scan d4 n2"), key("scan d4 n3"));
  EXPECT_NE(key("conv d4 k2"), key("conv d4 k3"));
  EXPECT_NE(key("scan l7 d4 n2 static"), key("scan l9 d4 n2 static"));
  EXPECT_NE(key("scan l7 d4 n2 static"), key("scan l7 d4 n2"));
  EXPECT_EQ(key("scan d4 n2 h0 slots=2"), key("scan d4 n2 h0 slots=9"));
  EXPECT_NE(key("scan d4 n2 h0 slots=2"), key("scan d4 n2 h0"));
  EXPECT_NE(key("scan d4 n2 h0 slots=2 static"),
            key("scan d4 n2 h0 slots=9 static"));
  EXPECT_EQ(key("scan d4 n2 h0 hT"), key("scan d4 n2 chunk=3 data=special"));
  EXPECT_EQ(key("scan d4 n2 seqs=3"), key("scan d4 n2 seqs=3 gap"));
  EXPECT_NE(key("scan d4 n2 lanes=2"), key("scan d4 n2"));
}

TEST(RandomCase, IsTheSameEverywhere) {
  EXPECT_EQ(printCase(randomCase(CaseOp::Scan, 1, 0)),
            "scan b3 l77 d129 n2 u=f16 bc=bf16 z bias h0 groups=3 "
            "layout=channel seed=888403");
  EXPECT_EQ(printCase(randomCase(CaseOp::Conv, 1, 5)),
            "conv b1 l1 d41 k2 u=f32 out=f16 bias static seed=369130");
}

TEST(RandomCase, IsLegalAndHasAText) {
  for (CaseOp op : {CaseOp::Scan, CaseOp::Conv}) {
    for (uint64_t i = 0; i < 2000; ++i) {
      Case it = randomCase(op, 7, i);
      std::string text = printCase(it);
      ASSERT_TRUE(checkCase(it).ok()) << text;
      ASSERT_EQ(reprint(text.c_str()), text);
    }
  }
}

TEST(RandomCase, ReachesWhatThereIs) {
  std::set<std::string> words, kernels;
  for (CaseOp op : {CaseOp::Scan, CaseOp::Conv}) {
    for (uint64_t i = 0; i < 2000; ++i) {
      Case it = randomCase(op, 3, i);
      kernels.insert(kernelKey(it));
      std::string text = printCase(it);
      for (size_t begin = 0; begin < text.size();) {
        size_t end = std::min(text.find(' ', begin), text.size());
        words.insert(text.substr(begin, end - begin));
        begin = end + 1;
      }
    }
  }
  for (const char *word :
       {"b1",         "b3",          "l1",       "l128",
        "l129",       "l300",        "d1",       "d33",
        "d130",       "n1",          "n16",      "n33",
        "n80",        "k2",          "k8",       "u=f32",
        "u=f16",      "u=bf16",      "out=f32",  "out=bf16",
        "bc=f32",     "bc=f16",      "w=bf16",   "D",
        "z",          "bias",        "softplus", "silu",
        "h0",         "hT",          "B=const",  "B=var",
        "C=const",    "C=var",       "groups=1", "groups=3",
        "limits",     "reverse",     "seqs=1",   "seqs=6",
        "h=f16",      "h=bf16",      "static",   "layout=channel",
        "complex",    "strided",     "slots=1",  "slots=8",
        "gap",        "chunk=1",     "lanes=32", "steps=0",
        "threads=64", "data=special"})
    EXPECT_EQ(words.count(word), 1u) << word;
  // Four cases to a kernel, and hardly a kernel twice.
  EXPECT_LE(kernels.size(), 1000u);
  EXPECT_GE(kernels.size(), 950u);
}

} // namespace
