//===- Signature.h - The tensors of a case --------------------------------===//

#ifndef SSMC_LIB_ORACLE_SIGNATURE_H
#define SSMC_LIB_ORACLE_SIGNATURE_H

#include "ssmc/Oracle/Case.h"

namespace ssmc::oracle {

/// A dimension. Of those with a name, the kernel does not know the extent.
struct Extent {
  uint64_t value = 1;
  const char *name = nullptr;
};

/// An operand or a result of a case's op.
struct Operand {
  std::string name;
  DType dtype = DType::F32;
  std::vector<Extent> shape;
  /// The axis with an element per step of time.
  std::optional<size_t> timeAxis;
  /// The axis that a strided case takes a part of.
  std::optional<size_t> columnAxis;

  [[nodiscard]] std::vector<uint64_t> extents() const;
};

/// In the order in which the op has them, those that are absent left out. The
/// case must be normalized.
std::vector<Operand> operandsOf(const Case &it);
std::vector<Operand> resultsOf(const Case &it);

/// How many sequences a case has.
uint64_t sequencesOf(const Case &it);

} // namespace ssmc::oracle

#endif // SSMC_LIB_ORACLE_SIGNATURE_H
