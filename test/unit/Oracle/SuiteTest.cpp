//===- SuiteTest.cpp ------------------------------------------------------===//

#include "ssmc/Oracle/Suite.h"
#include "ssmc/Oracle/Problem.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

std::vector<Case> suite(const char *name, uint64_t seed = 1) {
  Result<std::vector<Case>> cases = suiteCases(name, seed);
  EXPECT_TRUE(cases.ok()) << cases.status().message();
  return cases.ok() ? *cases : std::vector<Case>();
}

std::set<std::string> kernels(const std::vector<Case> &cases) {
  std::set<std::string> keys;
  for (const Case &it : cases)
    keys.insert(kernelKey(it));
  return keys;
}

/// What a case chooses, as numbers.
using Choices = std::vector<int>;

Choices choices(const Case &it) {
  auto number = [](auto value) { return static_cast<int>(value); };
  Choices result = {number(it.activation),
                    number(it.result),
                    number(it.weight),
                    number(it.layout),
                    it.sequences == 0 ? 0
                    : it.gap          ? 2
                                      : 1,
                    it.slots != 0 ? 1 : 0,
                    it.strided ? 1 : 0,
                    it.isStatic ? 1 : 0,
                    it.bias ? 1 : 0,
                    it.first ? 1 : 0,
                    it.last ? 1 : 0};
  if (it.op == CaseOp::Conv) {
    result.insert(result.end(), {it.silu ? 1 : 0, number(it.width)});
    return result;
  }
  for (int choice :
       {number(it.matrix), number(it.state), number(it.B), number(it.C),
        it.D ? 1 : 0, it.z ? 1 : 0, it.softplus ? 1 : 0, it.limits ? 1 : 0,
        it.reverse ? 1 : 0, it.isComplex ? 1 : 0})
    result.push_back(choice);
  return result;
}

using Triples = std::set<std::array<int, 6>>;

void addTriples(const Choices &of, Triples &triples) {
  auto size = static_cast<int>(of.size());
  auto at = [&](int i) { return of[static_cast<size_t>(i)]; };
  for (int i = 0; i < size; ++i)
    for (int j = i + 1; j < size; ++j)
      for (int k = j + 1; k < size; ++k)
        triples.insert({i, at(i), j, at(j), k, at(k)});
}

/// A case of any choices at all, made legal.
Case anyCase(CaseOp op, uint64_t &state) {
  auto draw = [&](uint64_t count) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % count;
  };
  auto type = [&] {
    return std::array{DType::F32, DType::F16, DType::BF16}[draw(3)];
  };
  auto kind = [&] {
    return std::array{MatrixKind::Constant, MatrixKind::Variable,
                      MatrixKind::Groups}[draw(3)];
  };
  Case it;
  it.op = op;
  it.dim = 4;
  it.groups = 2;
  it.width = std::array<uint64_t, 4>{2, 3, 4, 8}[draw(4)];
  for (DType Case::*member : {&Case::activation, &Case::result, &Case::matrix,
                              &Case::weight, &Case::state})
    it.*member = type();
  it.B = kind();
  it.C = kind();
  for (bool Case::*flag :
       {&Case::D, &Case::z, &Case::bias, &Case::softplus, &Case::silu,
        &Case::first, &Case::last, &Case::isStatic, &Case::limits,
        &Case::reverse, &Case::gap, &Case::isComplex, &Case::strided})
    it.*flag = draw(2) != 0;
  it.sequences = draw(2) * 3;
  it.slots = draw(2) * 4;
  it.layout = draw(2) != 0 ? Layout::ChannelMajor : Layout::TokenMajor;
  normalize(it);
  return it;
}

TEST(Suite, CoversEveryLegalTriple) {
  std::vector<Case> cases = suite("covering");
  for (CaseOp op : {CaseOp::Scan, CaseOp::Conv}) {
    Triples covered, legal;
    for (const Case &it : cases)
      if (it.op == op)
        addTriples(choices(it), covered);
    // A legal triple occurs in one case of some two hundred.
    uint64_t state = 1;
    for (int i = 0; i < 6000; ++i)
      addTriples(choices(anyCase(op, state)), legal);
    EXPECT_GT(legal.size(), op == CaseOp::Scan ? 14000u : 3000u);
    std::vector<std::array<int, 6>> missing;
    std::set_difference(legal.begin(), legal.end(), covered.begin(),
                        covered.end(), std::back_inserter(missing));
    for (const std::array<int, 6> &triple : missing)
      ADD_FAILURE() << "choices " << triple[0] << " = " << triple[1] << ", "
                    << triple[2] << " = " << triple[3] << ", " << triple[4]
                    << " = " << triple[5];
    // All triples of cases are legal ones.
    EXPECT_EQ(covered.size(), legal.size());
  }
  // Far fewer than all combinations.
  EXPECT_LE(cases.size(), 250u);
}

TEST(Suite, IsLegalAndGroupedByKernel) {
  for (const SuiteInfo &info : suites()) {
    std::vector<Case> cases = suite(std::string(info.name).c_str());
    EXPECT_FALSE(info.summary.empty());
    std::set<std::string> seen, texts;
    std::string last;
    for (const Case &it : cases) {
      std::string text = printCase(it), key = kernelKey(it);
      ASSERT_TRUE(checkCase(it).ok()) << text;
      Result<Case> parsed = parseCase(text);
      ASSERT_TRUE(parsed.ok()) << text;
      EXPECT_EQ(printCase(*parsed), text);
      EXPECT_TRUE(texts.insert(text).second) << text;
      if (key != last)
        EXPECT_TRUE(seen.insert(key).second) << key;
      last = key;
    }
  }
}

TEST(Suite, IsTheSameForOneSeed) {
  for (const char *name : {"covering", "special", "gpu-small"}) {
    std::vector<Case> one = suite(name), same = suite(name),
                      other = suite(name, 2);
    ASSERT_EQ(one.size(), same.size()) << name;
    for (size_t i = 0; i < one.size(); ++i)
      ASSERT_EQ(printCase(one[i]), printCase(same[i]));
    EXPECT_NE(printCase(one[0]), printCase(other[0])) << name;
  }
}

TEST(Suite, HasWhatItsNameSays) {
  std::set<uint64_t> lengths, dstates, dims, batches, widths;
  for (const Case &it : suite("lengths"))
    lengths.insert(it.seqlen);
  for (uint64_t length = 1; length <= 130; ++length)
    EXPECT_EQ(lengths.count(length), 1u);
  for (uint64_t length : {255, 256, 257, 511, 512, 513, 1023, 1024, 1025})
    EXPECT_EQ(lengths.count(length), 1u);

  for (const Case &it : suite("shapes")) {
    dstates.insert(it.dstate);
    dims.insert(it.dim);
    batches.insert(it.batch);
    widths.insert(it.width);
  }
  EXPECT_EQ(dstates.count(512), 1u);
  EXPECT_EQ(dims.count(65537), 1u);
  EXPECT_EQ(batches.count(300), 1u);
  EXPECT_EQ(widths, (std::set<uint64_t>{2, 3, 4, 5, 6, 7, 8}));

  std::set<std::vector<std::string>> forced;
  for (const Case &it : suite("schedules"))
    forced.insert(schedules(it));
  // Ten tiles are forced as they are, and with three sizes of pieces; fourteen
  // chains, four for few states and four with blocks of two sizes; four tiles
  // of chained pieces of three sizes; windows with four vectors of channels,
  // once without a width that does not divide them, and with five along time.
  EXPECT_EQ(forced.size(),
            6u * 4 * 4 + 4 * 4 + 10 * (1 + 3) + 14 + 4 + 4 + 4 * 3 + 4 + 1 + 5);
  for (const Case &it : suite("special"))
    EXPECT_EQ(it.data, DataKind::Special);
  for (const Case &it : suite("decode"))
    EXPECT_NE(it.chunk, 0u);
}

TEST(Suite, KeepsAGpuBusy) {
  std::vector<Case> cases = suite("gpu");
  EXPECT_GE(cases.size(), 10000u);
  EXPECT_GE(kernels(cases).size(), 300u);
  std::set<std::pair<uint64_t, DType>> lengths;
  for (const Case &it : cases)
    lengths.emplace(it.seqlen, it.activation);
  for (DType type : {DType::F32, DType::F16, DType::BF16}) {
    for (uint64_t length = 1; length <= 520; ++length)
      EXPECT_EQ(lengths.count({length, type}), 1u) << length;
    for (uint64_t length :
         {1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097, 16384, 65537})
      EXPECT_EQ(lengths.count({length, type}), 1u) << length;
  }

  std::vector<Case> small = suite("gpu-small");
  EXPECT_GE(small.size(), 200u);
  EXPECT_GE(kernels(small).size(), 60u);
}

TEST(Suite, ForRacecheckHasNoRings) {
  std::vector<Case> race = suite("gpu-race");
  EXPECT_EQ(race.size(), suite("gpu-small").size());
  for (const Case &it : race)
    if (it.op == CaseOp::Scan && !it.isComplex)
      EXPECT_EQ(it.schedule.at("warps"), 1u) << printCase(it);
}

TEST(Suite, HasProblems) {
  for (const char *name : {"covering", "decode", "gpu-small", "gpu-race"}) {
    for (const Case &it : suite(name)) {
      Result<Problem> made = makeProblem(it);
      ASSERT_TRUE(made.ok())
          << printCase(it) << ": " << made.status().message();
    }
  }
}

TEST(Suite, HasOneKeyForEachKernel) {
  // A bundle is found again by the key: equal keys, equal modules, and the
  // other way round.
  std::map<std::string, std::string> modules, keys;
  for (const Case &it : suite("gpu")) {
    std::string key = kernelKey(it), module = moduleText(it);
    for (const std::string &schedule : schedules(it))
      module += schedule;
    EXPECT_EQ(modules.try_emplace(key, module).first->second, module);
    EXPECT_EQ(keys.try_emplace(module, key).first->second, key);
  }
}

TEST(Suite, MustBeKnown) {
  Result<std::vector<Case>> cases = suiteCases("everything", 1);
  ASSERT_FALSE(cases.ok());
  EXPECT_EQ(cases.status().code(), StatusCode::Usage);
  EXPECT_EQ(cases.status().message(),
            "unknown suite 'everything'; there are covering, lengths, shapes, "
            "schedules, special, decode, factorial, gpu, gpu-small, "
            "gpu-race");
}

} // namespace
