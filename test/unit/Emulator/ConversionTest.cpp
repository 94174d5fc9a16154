//===- ConversionTest.cpp - Conversions to and from 16 bits ---------------===//

#include "Bench.h"
#include "lib/Emulator/Abi.h"
#include <cmath>
#include <cstring>

using namespace ssmc;
using namespace ssmc::emulator;
using namespace ssmc::emulator::test;

namespace {

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

// Values at, just below and just above every rounding boundary of a type that
// keeps `kept` bits of the fraction, over many exponents.
std::vector<float> boundaries(int kept) {
  std::vector<float> values = {0.0f,      -0.0f,    INFINITY,
                               -INFINITY, 65504.0f, 65519.996f,
                               65520.0f,  1e38f,    3.4e38f};
  uint32_t step = 1u << (23 - kept);
  for (uint32_t exponent = 90; exponent < 160; exponent += 1)
    for (uint32_t k : {0u, 1u, 2u, 3u, 100u})
      for (int delta : {-1, 0, 1}) {
        uint32_t bits = (exponent << 23) + k * step + step / 2 + delta;
        values.push_back(floatOf(bits));
        values.push_back(-floatOf(bits));
      }
  while (values.size() % 64)
    values.push_back(1.0f);
  return values;
}

// in: floats, out: 16-bit patterns; `convert` makes i16 %v from float %f.
std::vector<uint16_t> convert(const std::string &body,
                              const std::vector<float> &values) {
  Bench bench(checked(false));
  auto in = bench.upload(values);
  auto out = bench.allocate(values.size() * 2);
  expectOk(bench.run(kernel("ptr %in, ptr %out", R"(
  %base = mul i32 %cta, 64
  %i = add i32 %base, %x
  %p = getelementptr float, ptr %in, i32 %i
  %f = load float, ptr %p
)" + body + R"(
  %q = getelementptr i16, ptr %out, i32 %i
  store i16 %v, ptr %q
  ret void)"),
                     values.size() / 64, 64, {in, out}));
  return bench.download<uint16_t>(out, values.size());
}

// Round to nearest even by definition: the nearer neighbour, the even on a tie.
uint16_t nearestBFloat(float value) {
  uint32_t low = bitsOf(value) & 0xffff0000;
  double below = floatOf(low);
  double above = bitsOf(value) >= 0x7f7f0000 && value > 0
                     ? 0x1p128
                     : static_cast<double>(floatOf(low + 0x10000));
  if (std::isinf(value) || below == value)
    return low >> 16;
  double toBelow = std::fabs(value - below);
  double toAbove = std::fabs(above - value);
  bool up = toAbove < toBelow || (toAbove == toBelow && (low >> 16 & 1));
  return (low >> 16) + up;
}

double halfValue(uint16_t bits) {
  double magnitude =
      (bits & 0x7c00) == 0
          ? std::ldexp(bits & 0x3ff, -24)
          : std::ldexp((bits & 0x3ff) | 0x400, ((bits >> 10) & 31) - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

void expectNearestHalf(uint16_t found, float value) {
  if (std::fabs(value) >= 65520.0f) {
    EXPECT_EQ(found & 0x7fff, 0x7c00) << value;
    return;
  }
  double error = std::fabs(halfValue(found) - value);
  for (int step : {-1, 1}) {
    auto neighbour = static_cast<uint16_t>(found + step);
    if (((found & 0x7fff) == 0 && step < 0) || (neighbour & 0x7fff) >= 0x7c00)
      continue;
    double other = std::fabs(halfValue(neighbour) - value);
    EXPECT_LE(error, other) << value;
    EXPECT_FALSE(error == other && (found & 1)) << "tie to odd: " << value;
  }
  EXPECT_EQ(std::signbit(value), (found & 0x8000) != 0) << value;
}

} // namespace

TEST(Conversion, BFloatRoundsToNearestEven) {
  auto values = boundaries(7);
  auto found = convert("  %t = fptrunc float %f to bfloat\n"
                       "  %v = bitcast bfloat %t to i16\n",
                       values);
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(found[i], nearestBFloat(values[i])) << values[i];
}

TEST(Conversion, BFloatPairPutsTheFirstOperandOnTop) {
  auto values = boundaries(7);
  auto found = convert("  %one = fadd float %f, 0.0\n"
                       "  %t = call <2 x bfloat> @llvm.nvvm.ff2bf16x2.rn("
                       "float %one, float 1.0)\n"
                       "  %e = extractelement <2 x bfloat> %t, i32 1\n"
                       "  %v = bitcast bfloat %e to i16\n",
                       values);
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0)
      EXPECT_EQ(found[i], nearestBFloat(values[i])) << values[i];
}

TEST(Conversion, BFloatArithmeticRoundsInCodeGeneration) {
  // The sum is formed in float and truncated by a library function.
  auto found = convert("  %t = fptrunc float %f to bfloat\n"
                       "  %s = fadd bfloat %t, 1.0\n"
                       "  %v = bitcast bfloat %s to i16\n",
                       std::vector<float>(64, 0x1.02p-8f));
  EXPECT_EQ(found[0], nearestBFloat(1.0f + 0x1.02p-8f));
}

TEST(Conversion, DoubleToBFloatRoundsOnce) {
  // Just above a tie of bfloat, by less than float can tell.
  Bench bench(checked(false));
  auto in = bench.upload<double>({1.0 + 0x1p-8 + 0x1p-40, 1.0 + 0x1p-8});
  auto out = bench.allocate(4);
  expectOk(bench.run(kernel("ptr %in, ptr %out", R"(
  %p = getelementptr double, ptr %in, i32 %x
  %d = load double, ptr %p
  %t = fptrunc double %d to bfloat
  %q = getelementptr bfloat, ptr %out, i32 %x
  store bfloat %t, ptr %q
  ret void)"),
                     1, 2, {in, out}));
  EXPECT_EQ(bench.download<uint16_t>(out, 2),
            (std::vector<uint16_t>{0x3f81, 0x3f80}));
}

TEST(Conversion, NaNStaysNaN) {
  std::vector<float> values(64, floatOf(0x7f800001));
  for (const char *type : {"bfloat", "half"}) {
    auto found = convert("  %t = fptrunc float %f to " + std::string(type) +
                             "\n  %v = bitcast " + type + " %t to i16\n",
                         values);
    uint16_t infinity = *type == 'b' ? 0x7f80 : 0x7c00;
    EXPECT_GT(found[0] & 0x7fff, infinity);
  }
}

TEST(Conversion, HalfRoundsToNearestEven) {
  auto values = boundaries(10);
  auto found = convert("  %t = fptrunc float %f to half\n"
                       "  %v = bitcast half %t to i16\n",
                       values);
  for (size_t i = 0; i < values.size(); ++i)
    expectNearestHalf(found[i], values[i]);
}

TEST(Conversion, WideningIsExact) {
  std::vector<uint16_t> patterns;
  for (uint32_t i = 0; i < 0x10000; ++i)
    patterns.push_back(i);
  Bench bench(checked(false));
  auto in = bench.upload(patterns);
  auto halves = bench.allocate(patterns.size() * 4);
  auto bfloats = bench.allocate(patterns.size() * 4);
  expectOk(bench.run(kernel("ptr %in, ptr %h, ptr %b", R"(
  %base = mul i32 %cta, 256
  %i = add i32 %base, %x
  %p = getelementptr i16, ptr %in, i32 %i
  %bits = load i16, ptr %p
  %half = bitcast i16 %bits to half
  %bfloat = bitcast i16 %bits to bfloat
  %wh = fpext half %half to float
  %wb = fpext bfloat %bfloat to float
  %ph = getelementptr float, ptr %h, i32 %i
  %pb = getelementptr float, ptr %b, i32 %i
  store float %wh, ptr %ph
  store float %wb, ptr %pb
  ret void)"),
                     256, 256, {in, halves, bfloats}));
  auto foundHalves = bench.download<float>(halves, patterns.size());
  auto foundBFloats = bench.download<float>(bfloats, patterns.size());
  for (uint32_t i = 0; i < 0x10000; ++i) {
    if ((i & 0x7fff) < 0x7c00) {
      ASSERT_EQ(foundHalves[i], halfValue(i)) << i;
    }
    if ((i & 0x7fff) <= 0x7f80) {
      ASSERT_EQ(bitsOf(foundBFloats[i]), i << 16) << i;
    }
  }
}

// Code generation uses the host's own conversions where it has them, so the
// functions that stand in for them are called directly.
TEST(Conversion, StandInFunctions) {
  auto find = [](const std::string &name) -> void * {
    for (const HostSymbol &symbol : conversionSymbols())
      if (name == symbol.name)
        return symbol.address;
    return nullptr;
  };
  using OfFloat = float (*)(float);
  using OfDouble = float (*)(double);
  auto toBFloat = reinterpret_cast<OfFloat>(find("__truncsfbf2"));
  auto toHalf = reinterpret_cast<OfFloat>(find("__truncsfhf2"));
  auto toFloat = reinterpret_cast<OfFloat>(find("__extendhfsf2"));
  for (float value : boundaries(7))
    EXPECT_EQ(bitsOf(toBFloat(value)), nearestBFloat(value)) << value;
  for (float value : boundaries(10))
    expectNearestHalf(bitsOf(toHalf(value)), value);
  for (uint32_t i = 0; i < 0x10000; ++i) {
    if ((i & 0x7fff) < 0x7c00) {
      ASSERT_EQ(toFloat(floatOf(i)), halfValue(i)) << i;
    }
  }
  EXPECT_EQ(toFloat(floatOf(0x7c00)), INFINITY);
  EXPECT_TRUE(std::isnan(toFloat(floatOf(0x7c01))));
  EXPECT_GT(bitsOf(toHalf(NAN)) & 0x7fff, 0x7c00u);
  EXPECT_GT(bitsOf(toBFloat(NAN)) & 0x7fff, 0x7f80u);

  // Just above a tie by less than float can tell: one rounding, not two.
  auto doubleToBFloat = reinterpret_cast<OfDouble>(find("__truncdfbf2"));
  auto doubleToHalf = reinterpret_cast<OfDouble>(find("__truncdfhf2"));
  EXPECT_EQ(bitsOf(doubleToBFloat(1.0 + 0x1p-8 + 0x1p-40)), 0x3f81u);
  EXPECT_EQ(bitsOf(doubleToBFloat(-1.0 - 0x1p-8 - 0x1p-40)), 0xbf81u);
  EXPECT_EQ(bitsOf(doubleToBFloat(1.0 + 0x1p-8 - 0x1p-40)), 0x3f80u);
  EXPECT_EQ(bitsOf(doubleToBFloat(1e300)), 0x7f80u);
  EXPECT_EQ(bitsOf(doubleToHalf(1.0 + 0x1p-11 + 0x1p-40)), 0x3c01u);
  EXPECT_EQ(bitsOf(doubleToHalf(1.0 + 0x1p-11 - 0x1p-40)), 0x3c00u);
}
