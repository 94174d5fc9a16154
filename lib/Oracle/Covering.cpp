//===- Covering.cpp - All triples of flags and types ----------------------===//
//
// Greedy: a case for the first triple that none has yet, completed by chance in
// many ways, of which the one with most new triples is taken.
//
//===----------------------------------------------------------------------===//

#include "Covering.h"
#include "Random.h"
#include <functional>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

/// A choice to be made for a case.
struct Factor {
  unsigned levels;
  std::function<void(Case &, unsigned)> set;
  std::function<unsigned(const Case &)> get;
  /// The level that forbids no level of any other factor.
  unsigned permissive = 0;
};

using Levels = std::vector<unsigned>;

class CoveringArray {
public:
  CoveringArray(CaseOp op, uint64_t seed);

  std::vector<Case> build();

private:
  void addType(DType Case::*type);
  void addKind(MatrixKind Case::*kind);
  void addFlag(bool Case::*flag, unsigned permissive = 0);
  void addCommon();

  [[nodiscard]] Case caseOf(const Levels &levels) const;
  /// The levels as they are once the case is normalized.
  [[nodiscard]] Levels settled(const Levels &levels) const;
  [[nodiscard]] static bool has(const Levels &levels, const size_t (&at)[3],
                                const unsigned (&wanted)[3]) {
    return levels[at[0]] == wanted[0] && levels[at[1]] == wanted[1] &&
           levels[at[2]] == wanted[2];
  }
  /// The bit that says whether a triple occurs.
  [[nodiscard]] size_t bitOf(size_t i, size_t j, size_t k,
                             const Levels &levels) const {
    size_t n = factors.size();
    return offsets[(i * n + j) * n + k] +
           (size_t(levels[i]) * factors[j].levels + levels[j]) *
               factors[k].levels +
           levels[k];
  }
  template <typename F>
  void forEachTriple(const F &body) const {
    for (size_t i = 0; i < factors.size(); ++i)
      for (size_t j = i + 1; j < factors.size(); ++j)
        for (size_t k = j + 1; k < factors.size(); ++k)
          body(i, j, k);
  }
  void cover(const size_t (&at)[3], const unsigned (&wanted)[3]);

  CaseOp op;
  Random random;
  std::vector<Factor> factors;
  std::vector<size_t> offsets;
  std::vector<bool> covered;
  std::vector<Levels> rows;
};

constexpr std::array<DType, 3> kTypes = {DType::F32, DType::F16, DType::BF16};
constexpr std::array<MatrixKind, 3> kKinds = {
    MatrixKind::Variable, MatrixKind::Constant, MatrixKind::Groups};
constexpr std::array<uint64_t, 4> kWidths = {4, 2, 3, 8};

template <typename T, size_t N>
unsigned indexOf(const std::array<T, N> &values, const T &value) {
  unsigned index = 0;
  while (index + 1 < N && values[index] != value)
    ++index;
  return index;
}

} // namespace

void CoveringArray::addType(DType Case::*type) {
  factors.push_back(
      {3, [=](Case &it, unsigned level) { it.*type = kTypes[level]; },
       [=](const Case &it) { return indexOf(kTypes, it.*type); }});
}

void CoveringArray::addKind(MatrixKind Case::*kind) {
  factors.push_back(
      {3,
       [=](Case &it, unsigned level) {
         it.*kind = kKinds[level];
         if (kKinds[level] == MatrixKind::Groups)
           it.groups = 2;
       },
       [=](const Case &it) { return indexOf(kKinds, it.*kind); }});
}

void CoveringArray::addFlag(bool Case::*flag, unsigned permissive) {
  factors.push_back(
      {2, [=](Case &it, unsigned level) { it.*flag = level != 0; },
       [=](const Case &it) { return it.*flag ? 1u : 0u; }, permissive});
}

void CoveringArray::addCommon() {
  addType(&Case::activation);
  addType(&Case::result);
  addType(&Case::weight);
  factors.push_back({2,
                     [](Case &it, unsigned level) {
                       it.layout = level != 0 ? Layout::ChannelMajor
                                              : Layout::TokenMajor;
                     },
                     [](const Case &it) {
                       return it.layout == Layout::ChannelMajor ? 1u : 0u;
                     }});
  // One sequence a row; packed ones; packed ones with gaps around them.
  factors.push_back({3,
                     [](Case &it, unsigned level) {
                       it.sequences = level != 0 ? 3 : 0;
                       it.gap = level == 2;
                     },
                     [](const Case &it) {
                       return it.sequences == 0 ? 0u : it.gap ? 2u : 1u;
                     }});
  factors.push_back(
      {2, [](Case &it, unsigned level) { it.slots = level != 0 ? 4 : 0; },
       [](const Case &it) { return it.slots != 0 ? 1u : 0u; }});
  addFlag(&Case::strided);
  addFlag(&Case::isStatic);
  addFlag(&Case::bias, 1);
  addFlag(&Case::first, 1);
  addFlag(&Case::last, 1);
}

CoveringArray::CoveringArray(CaseOp op, uint64_t seed)
    : op(op), random(seed, 0xc07e + static_cast<uint64_t>(op)) {
  addCommon();
  if (op == CaseOp::Conv) {
    addFlag(&Case::silu);
    factors.push_back(
        {4, [](Case &it, unsigned level) { it.width = kWidths[level]; },
         [](const Case &it) { return indexOf(kWidths, it.width); }});
  } else {
    addType(&Case::matrix);
    addType(&Case::state);
    addKind(&Case::B);
    addKind(&Case::C);
    addFlag(&Case::D, 1);
    for (bool Case::*flag : {&Case::z, &Case::softplus, &Case::limits,
                             &Case::reverse, &Case::isComplex})
      addFlag(flag);
  }
  size_t n = factors.size(), bits = 0;
  offsets.resize(n * n * n);
  forEachTriple([&](size_t i, size_t j, size_t k) {
    offsets[(i * n + j) * n + k] = bits;
    bits += size_t(factors[i].levels) * factors[j].levels * factors[k].levels;
  });
  covered.resize(bits);
}

Case CoveringArray::caseOf(const Levels &levels) const {
  Case it;
  it.op = op;
  for (size_t i = 0; i < factors.size(); ++i)
    factors[i].set(it, levels[i]);
  normalize(it);
  return it;
}

Levels CoveringArray::settled(const Levels &levels) const {
  Case it = caseOf(levels);
  Levels result;
  for (const Factor &factor : factors)
    result.push_back(factor.get(it));
  return result;
}

void CoveringArray::cover(const size_t (&at)[3], const unsigned (&wanted)[3]) {
  constexpr unsigned attempts = 50;
  Levels best;
  size_t most = 0;
  for (unsigned attempt = 0; attempt <= attempts; ++attempt) {
    Levels levels;
    for (const Factor &factor : factors)
      levels.push_back(attempt == 0 ? factor.permissive
                                    : static_cast<unsigned>(random.between(
                                          0, factor.levels - 1)));
    for (size_t i = 0; i < 3; ++i)
      levels[at[i]] = wanted[i];
    levels = settled(levels);
    if (!has(levels, at, wanted)) {
      // With all others permissive it would be there if it could.
      if (attempt == 0)
        return;
      continue;
    }
    size_t added = 0;
    forEachTriple([&](size_t i, size_t j, size_t k) {
      added += covered[bitOf(i, j, k, levels)] ? 0 : 1;
    });
    if (added > most) {
      most = added;
      best = levels;
    }
  }
  forEachTriple([&](size_t i, size_t j, size_t k) {
    covered[bitOf(i, j, k, best)] = true;
  });
  rows.push_back(best);
}

std::vector<Case> CoveringArray::build() {
  forEachTriple([&](size_t i, size_t j, size_t k) {
    Levels levels(factors.size());
    for (unsigned a = 0; a < factors[i].levels; ++a)
      for (unsigned b = 0; b < factors[j].levels; ++b)
        for (unsigned c = 0; c < factors[k].levels; ++c) {
          levels[i] = a, levels[j] = b, levels[k] = c;
          if (!covered[bitOf(i, j, k, levels)])
            cover({i, j, k}, {a, b, c});
        }
  });
  // Even dims, since there are two groups: below and above a warp.
  constexpr std::array<uint64_t, 4> dims = {6, 10, 34, 66};
  constexpr std::array<uint64_t, 5> states = {1, 3, 4, 16, 21};
  constexpr std::array<uint64_t, 4> seqlens = {5, 32, 41, 70};
  std::vector<Case> cases;
  for (const Levels &levels : rows) {
    Case it = caseOf(levels);
    it.batch = 2;
    it.seqlen = random.pick(seqlens);
    it.dim = random.pick(dims);
    it.dstate = random.pick(states);
    it.seed = random.between(0, 999999);
    normalize(it);
    cases.push_back(it);
  }
  return cases;
}

std::vector<Case> oracle::coveringCases(CaseOp op, uint64_t seed) {
  return CoveringArray(op, seed).build();
}
