//===- Case.cpp - A configuration as a line of text -----------------------===//

#include "ssmc/Oracle/Case.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::oracle;

static const char *kindName(MatrixKind kind) {
  switch (kind) {
  case MatrixKind::Constant:
    return "const";
  case MatrixKind::Variable:
    return "var";
  case MatrixKind::Groups:
    return "groups";
  }
  return "";
}

/// Leaves of a schedule what a window can be told and takes.
static void normalizeWindowSchedule(Case &it) {
  if (it.family == "split" || (it.family == "tiled" && it.sequences != 0))
    it.family.clear();
  bool isTiled = it.family == "tiled";
  auto isLegal = [&](std::string_view name, uint64_t value) {
    if (name == "steps")
      return !isTiled ||
             (value != 0 && value <= 64 && (value & (value - 1)) == 0);
    if (name == "width")
      return !isTiled && value != 0 && it.dim % value == 0;
    return name == "threads" || name == (isTiled ? "rounds" : "loads");
  };
  for (auto at = it.schedule.begin(); at != it.schedule.end();)
    at = isLegal(at->first, at->second) ? std::next(at) : it.schedule.erase(at);
}

void oracle::normalize(Case &it) {
  if (it.op == CaseOp::Conv)
    it.reverse = false;
  if (it.sequences != 0) {
    it.batch = 1;
    it.layout = Layout::TokenMajor;
  } else {
    it.gap = false;
  }
  if (it.isStatic || it.reverse || it.sequences != 0)
    it.chunk = 0;
  if (it.chunk != 0) {
    it.first = it.last = true;
    it.state = DType::F32;
  }
  if (!it.first)
    it.slots = 0;
  if (it.op == CaseOp::Scan) {
    it.width = 2;
    it.silu = false;
    if (it.groups == 0) {
      for (MatrixKind *kind : {&it.B, &it.C})
        if (*kind == MatrixKind::Groups)
          *kind = MatrixKind::Variable;
    } else if (it.B != MatrixKind::Groups && it.C != MatrixKind::Groups) {
      it.groups = 0;
    }
    if (!it.D && !it.bias)
      it.weight = DType::F32;
    if (!it.first && !it.last)
      it.state = DType::F32;
    return;
  }
  it.dstate = 1;
  it.groups = 0;
  it.B = it.C = MatrixKind::Variable;
  it.matrix = it.activation;
  it.D = it.z = it.softplus = it.limits = it.isComplex = false;
  normalizeWindowSchedule(it);
  it.state = it.activation;
}

Status oracle::checkCase(const Case &it) {
  // Enough for any kernel; more is a slip of the pen that would run for hours.
  constexpr uint64_t kMaxExtent = 1 << 20, kMaxWork = uint64_t(1) << 33;
  uint64_t work = 1;
  for (auto [name, value] : {std::pair<char, uint64_t>('b', it.batch),
                             {'l', it.seqlen},
                             {'d', it.dim},
                             {'n', it.dstate},
                             {'k', it.width}}) {
    if (value == 0 || value > kMaxExtent)
      return Status::usage(fmt::format("expected {} from 1 to {}, found {}",
                                       name, kMaxExtent, value));
    if (__builtin_mul_overflow(work, value, &work) || work > kMaxWork)
      return Status::usage("the case is too large");
  }
  if (it.op == CaseOp::Conv && (it.width < 2 || it.width > 8))
    return Status::usage(
        fmt::format("expected k from 2 to 8, found {}", it.width));
  for (auto [name, value] :
       {std::pair<const char *, uint64_t>("seqs", it.sequences),
        {"slots", it.slots},
        {"chunk", it.chunk}})
    if (value > kMaxExtent)
      return Status::usage(fmt::format("expected {} from 0 to {}, found {}",
                                       name, kMaxExtent, value));
  auto forced = [&](std::string_view name, uint64_t otherwise) {
    auto found = it.schedule.find(name);
    return found == it.schedule.end() ? otherwise : found->second;
  };
  if (uint64_t lanes = forced("lanes", 1);
      lanes == 0 || lanes > 32 || (lanes & (lanes - 1)) != 0)
    return Status::usage(
        fmt::format("expected lanes = 1, 2, 4, 8, 16 or 32, found {}", lanes));
  if (uint64_t steps = forced("steps", 1); steps > 1024)
    return Status::usage(
        fmt::format("expected steps from 0 to 1024, found {}", steps));
  if (uint64_t threads = forced("threads", 32);
      threads == 0 || threads > 1024 || threads % 32 != 0)
    return Status::usage(fmt::format(
        "expected threads = a multiple of 32 up to 1024, found {}", threads));
  if (it.groups != 0 && it.dim % it.groups != 0)
    return Status::usage(fmt::format(
        "expected groups that divide d = {}, found {}", it.dim, it.groups));
  return Status();
}

/// The words of the line that a kernel depends on, batch and seqlen aside.
static std::string printKernel(const Case &it) {
  bool isScan = it.op == CaseOp::Scan;
  std::string text = fmt::format(" d{}", it.dim);
  text +=
      isScan ? fmt::format(" n{}", it.dstate) : fmt::format(" k{}", it.width);
  auto addType = [&](const char *name, DType type, DType otherwise) {
    if (type != otherwise)
      text += fmt::format(" {}={}", name, dtypeName(type));
  };
  auto addFlag = [&](const char *name, bool isSet) {
    if (isSet)
      text += fmt::format(" {}", name);
  };
  text += fmt::format(" u={}", dtypeName(it.activation));
  addType("out", it.result, it.activation);
  addType("bc", it.matrix, it.activation);
  addType("w", it.weight, DType::F32);
  addType("h", it.state, isScan ? DType::F32 : it.activation);
  addFlag("D", it.D);
  addFlag("z", it.z);
  addFlag("bias", it.bias);
  addFlag("softplus", it.softplus);
  addFlag("limits", it.limits);
  addFlag("silu", it.silu);
  addFlag("h0", it.first);
  addFlag("hT", it.last);
  addFlag("reverse", it.reverse);
  addFlag("complex", it.isComplex);
  addFlag("strided", it.strided);
  if (it.sequences != 0)
    text += fmt::format(" seqs={}", it.sequences);
  if (it.groups != 0)
    text += fmt::format(" groups={}", it.groups);
  MatrixKind otherwise =
      it.groups != 0 ? MatrixKind::Groups : MatrixKind::Variable;
  for (auto [name, kind] :
       {std::pair<char, MatrixKind>('B', it.B), {'C', it.C}})
    if (kind != otherwise)
      text += fmt::format(" {}={}", name, kindName(kind));
  addFlag("layout=channel", it.layout == Layout::ChannelMajor);
  addFlag("static", it.isStatic);
  if (!it.family.empty())
    text += fmt::format(" family={}", it.family);
  for (const auto &[name, value] : it.schedule)
    text += fmt::format(" {}={}", name, value);
  return text;
}

static std::string printShape(const Case &it) {
  return fmt::format(" b{} l{}", it.batch, it.seqlen);
}

/// The words that a kernel does not depend on.
static std::string printData(const Case &it) {
  std::string text;
  if (it.gap)
    text += " gap";
  if (it.slots != 0)
    text += fmt::format(" slots={}", it.slots);
  if (it.chunk != 0)
    text += fmt::format(" chunk={}", it.chunk);
  if (it.data == DataKind::Special)
    text += " data=special";
  return text + fmt::format(" seed={}", it.seed);
}

static const char *opName(const Case &it) {
  return it.op == CaseOp::Scan ? "scan" : "conv";
}

std::string oracle::printCase(const Case &original) {
  Case it = original;
  normalize(it);
  return opName(it) + printShape(it) + printKernel(it) + printData(it);
}

std::string oracle::kernelKey(const Case &original) {
  Case it = original;
  normalize(it);
  std::string key = opName(it) + (it.isStatic ? printShape(it) : "");
  key += printKernel(it);
  // Whether there are slots; how many where extents are fixed.
  if (it.slots != 0)
    key += it.isStatic ? fmt::format(" slots={}", it.slots) : " slots";
  return key;
}

/// What the schedules of scans and windows can be told.
static constexpr std::string_view kScheduleParameters[] = {
    "ahead",    "full",   "lanes",  "loads", "piece",   "resident", "rounds",
    "segments", "stages", "states", "steps", "threads", "warps",    "width"};
static constexpr std::string_view kFamilies[] = {"sequential", "tiled", "split",
                                                 "chained"};

std::vector<std::string> oracle::schedules(const Case &original) {
  Case it = original;
  normalize(it);
  std::vector<std::string> params;
  // Parameters alone are those of the sequential family.
  if (!it.family.empty())
    params.push_back(fmt::format("family={}", it.family));
  else if (!it.schedule.empty())
    params.emplace_back("family=sequential");
  for (const auto &[name, value] : it.schedule)
    params.push_back(fmt::format("{}={}", name, value));
  if (params.empty())
    return {};
  return {fmt::format("{}:{}", it.op == CaseOp::Scan ? "scan" : "window",
                      fmt::join(params, ","))};
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {

/// What the words say, before defaults that depend on other words.
class CaseParser {
public:
  Result<Case> parse(std::string_view text);

private:
  Status parseWord(std::string_view word);
  bool parseExtent(std::string_view word);
  bool parseFlag(std::string_view word);
  Status parseSetting(std::string_view name, std::string_view value);

  Case result;
  std::optional<DType> out, matrix;
  std::optional<MatrixKind> B, C;
};

bool parseNumber(std::string_view text, uint64_t &number) {
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  return !text.empty() && error == std::errc() && stop == end;
}

} // namespace

bool CaseParser::parseExtent(std::string_view word) {
  uint64_t *extent = nullptr;
  switch (word.front()) {
  case 'b':
    extent = &result.batch;
    break;
  case 'l':
    extent = &result.seqlen;
    break;
  case 'd':
    extent = &result.dim;
    break;
  case 'n':
    extent = &result.dstate;
    break;
  case 'k':
    extent = &result.width;
    break;
  default:
    return false;
  }
  return parseNumber(word.substr(1), *extent);
}

bool CaseParser::parseFlag(std::string_view word) {
  for (auto [name, flag] : {std::pair<std::string_view, bool *>("D", &result.D),
                            {"z", &result.z},
                            {"bias", &result.bias},
                            {"softplus", &result.softplus},
                            {"limits", &result.limits},
                            {"reverse", &result.reverse},
                            {"silu", &result.silu},
                            {"h0", &result.first},
                            {"hT", &result.last},
                            {"static", &result.isStatic},
                            {"gap", &result.gap},
                            {"complex", &result.isComplex},
                            {"strided", &result.strided}}) {
    if (word == name) {
      *flag = true;
      return true;
    }
  }
  return false;
}

Status CaseParser::parseSetting(std::string_view name, std::string_view value) {
  auto fail = [&](const char *expected) {
    return Status::usage(fmt::format("expected {} after {}=, found {}",
                                     expected, name, quoted(value)));
  };
  for (auto [word, number] :
       {std::pair<std::string_view, uint64_t *>("seed", &result.seed),
        {"groups", &result.groups},
        {"seqs", &result.sequences},
        {"slots", &result.slots},
        {"chunk", &result.chunk}})
    if (name == word)
      return parseNumber(value, *number) ? Status() : fail("a number");
  for (std::string_view word : kScheduleParameters)
    if (name == word)
      return parseNumber(value, result.schedule[std::string(word)])
                 ? Status()
                 : fail("a number");
  if (name == "family") {
    if (std::find(std::begin(kFamilies), std::end(kFamilies), value) ==
        std::end(kFamilies))
      return fail("sequential, tiled, split or chained");
    result.family = value;
    return Status();
  }
  if (name == "data") {
    if (value != "special" && value != "ordinary")
      return fail("ordinary or special");
    result.data = value == "special" ? DataKind::Special : DataKind::Ordinary;
    return Status();
  }
  if (name == "layout") {
    if (value != "channel" && value != "token")
      return fail("token or channel");
    result.layout =
        value == "channel" ? Layout::ChannelMajor : Layout::TokenMajor;
    return Status();
  }
  if (name == "B" || name == "C") {
    for (MatrixKind kind :
         {MatrixKind::Constant, MatrixKind::Variable, MatrixKind::Groups}) {
      if (value == kindName(kind)) {
        (name == "B" ? B : C) = kind;
        return Status();
      }
    }
    return fail("const, var or groups");
  }
  std::optional<DType> type = parseDType(value);
  if (type != DType::F32 && type != DType::F16 && type != DType::BF16)
    type = std::nullopt;
  if (name == "u")
    result.activation = type.value_or(DType::F32);
  else if (name == "out")
    out = type;
  else if (name == "bc")
    matrix = type;
  else if (name == "w")
    result.weight = type.value_or(DType::F32);
  else if (name == "h")
    result.state = type.value_or(DType::F32);
  else
    return Status::usage(fmt::format("unknown word {}", quoted(name)));
  return type ? Status() : fail("f32, f16 or bf16");
}

Status CaseParser::parseWord(std::string_view word) {
  if (size_t equals = word.find('='); equals != word.npos)
    return parseSetting(word.substr(0, equals), word.substr(equals + 1));
  if (parseFlag(word) || parseExtent(word))
    return Status();
  return Status::usage(fmt::format("unknown word {}", quoted(word)));
}

Result<Case> CaseParser::parse(std::string_view text) {
  bool isFirst = true;
  while (true) {
    size_t begin = text.find_first_not_of(" \t\n");
    if (begin == text.npos)
      break;
    text.remove_prefix(begin);
    std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
    text.remove_prefix(word.size());
    if (!isFirst) {
      SSMC_TRY(parseWord(word));
      continue;
    }
    isFirst = false;
    if (word != "scan" && word != "conv")
      return Status::usage(
          fmt::format("expected scan or conv first, found {}", quoted(word)));
    result.op = word == "scan" ? CaseOp::Scan : CaseOp::Conv;
  }
  if (isFirst)
    return Status::usage("expected scan or conv first, found nothing");
  result.result = out.value_or(result.activation);
  result.matrix = matrix.value_or(result.activation);
  MatrixKind otherwise =
      result.groups != 0 ? MatrixKind::Groups : MatrixKind::Variable;
  result.B = B.value_or(otherwise);
  result.C = C.value_or(otherwise);
  normalize(result);
  SSMC_TRY(checkCase(result));
  return result;
}

Result<Case> oracle::parseCase(std::string_view text) {
  Result<Case> result = CaseParser().parse(text);
  if (result.ok())
    return result;
  return result.status().withContext("case " + quoted(text));
}
