//===- DType.h - Element types shared by files, bundles and devices -------===//

#ifndef SSMC_SUPPORT_DTYPE_H
#define SSMC_SUPPORT_DTYPE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ssmc {

/// Element types of tensors. The values are part of the bundle format.
enum class DType : uint8_t {
  F64 = 0,
  F32 = 1,
  F16 = 2,
  BF16 = 3,
  I64 = 4,
  I32 = 5,
  I16 = 6,
  I8 = 7,
  U8 = 8,
  Bool = 9,
};
inline constexpr uint8_t kDTypeCount = 10;

/// Bytes of one element.
constexpr size_t dtypeSize(DType dtype) {
  switch (dtype) {
  case DType::F64:
  case DType::I64:
    return 8;
  case DType::F32:
  case DType::I32:
    return 4;
  case DType::F16:
  case DType::BF16:
  case DType::I16:
    return 2;
  case DType::I8:
  case DType::U8:
  case DType::Bool:
    return 1;
  }
  return 0;
}

/// The name in MLIR's spelling: "f32", "bf16", "i32", "ui8", "i1".
constexpr std::string_view dtypeName(DType dtype) {
  constexpr std::string_view names[kDTypeCount] = {
      "f64", "f32", "f16", "bf16", "i64", "i32", "i16", "i8", "ui8", "i1"};
  return names[static_cast<uint8_t>(dtype)];
}

/// The inverse of dtypeName().
constexpr std::optional<DType> parseDType(std::string_view name) {
  for (uint8_t i = 0; i < kDTypeCount; ++i)
    if (dtypeName(static_cast<DType>(i)) == name)
      return static_cast<DType>(i);
  return std::nullopt;
}

} // namespace ssmc

#endif // SSMC_SUPPORT_DTYPE_H
