//===- Float16.h - f16 and bf16 by hand -----------------------------------===//
//
// C++17 has no 16-bit floating-point types. These convert bit patterns: to
// nearest, ties to even, overflow to infinity, denormals kept; a NaN stays a
// NaN, becomes quiet and keeps its sign and its upper payload bits.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_IO_FLOAT16_H
#define SSMC_IO_FLOAT16_H

#include <cstdint>
#include <cstring>

namespace ssmc {

inline uint32_t floatBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

inline float floatFromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// The bits of the bf16 nearest to `value`.
inline uint16_t bf16FromFloat(float value) {
  uint32_t bits = floatBits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<uint16_t>((bits >> 16) | 0x0040u);
  uint32_t halfMinusOneOrTie = 0x7fffu + ((bits >> 16) & 1u);
  return static_cast<uint16_t>((bits + halfMinusOneOrTie) >> 16);
}

/// The value of a bf16. Exact.
inline float floatFromBf16(uint16_t bits) {
  return floatFromBits(static_cast<uint32_t>(bits) << 16);
}

/// The bits of the f16 nearest to `value`.
inline uint16_t f16FromFloat(float value) {
  uint32_t bits = floatBits(value);
  uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
  // 65520 lies halfway between the largest f16 and the next power of two.
  if (magnitude >= 0x477ff000u)
    return static_cast<uint16_t>(sign | 0x7c00u);
  uint32_t kept, rest, half;
  if (magnitude >= 0x38800000u) {
    // Normal in f16: rebias the exponent from 127 to 15, drop 13 bits.
    kept = (magnitude - 0x38000000u) >> 13;
    rest = magnitude & 0x1fffu;
    half = 0x1000u;
  } else {
    // Denormal or zero in f16: a multiple of 2^-24. Below 2^-25 all is lost.
    uint32_t exponent = magnitude >> 23;
    if (exponent < 102)
      return static_cast<uint16_t>(sign);
    uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
    uint32_t shift = 126 - exponent;
    kept = significand >> shift;
    rest = significand & ((1u << shift) - 1);
    half = 1u << (shift - 1);
  }
  // A carry out of the significand rightly increments the exponent.
  if (rest > half || (rest == half && (kept & 1u)))
    ++kept;
  return static_cast<uint16_t>(sign | kept);
}

/// The value of an f16. Exact; a NaN becomes quiet.
inline float floatFromF16(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  uint32_t exponent = (bits >> 10) & 0x1fu;
  uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0x1f) {
    uint32_t quiet = fraction ? 0x400000u : 0u;
    return floatFromBits(sign | 0x7f800000u | quiet | (fraction << 13));
  }
  if (exponent != 0)
    return floatFromBits(sign | ((exponent + 112) << 23) | (fraction << 13));
  float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

} // namespace ssmc

#endif // SSMC_IO_FLOAT16_H
