//===- Expr.h - Size expressions of a bundle ------------------------------===//
//
// Sizes, grids and offsets in a bundle are small expressions in reverse Polish
// notation over the dims of an entry. They are evaluated on u64 with every
// overflow an error, since their results become addresses.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_EXPR_H
#define SSMC_RUNTIME_EXPR_H

#include "ssmc/Bundle/Schema.h"
#include "ssmc/Support/Status.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ssmc::runtime {

/// Items an expression may have at most.
inline constexpr uint32_t kMaxExprItems = 64;

/// Names of the dims an expression refers to; null where there are none.
using DimNames = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

/// Fails unless the expression has 1 to kMaxExprItems known items, refers to
/// dims below `numDims`, and leaves exactly one value.
Status checkExpr(const bundle::Expr &expr, uint32_t numDims);

/// The value of a checked expression. Overflow, a negative difference and a
/// division by zero fail with the expression and the dims in the message.
Result<uint64_t> evaluateExpr(const bundle::Expr &expr, const DimNames *names,
                              const std::vector<uint64_t> &dims);

/// A checked expression in infix notation: "ceildiv(batch * seqlen, 4)".
std::string printExpr(const bundle::Expr &expr, const DimNames *names);

/// The dim that a checked expression consists of, if it is one alone.
std::optional<uint32_t> bareDim(const bundle::Expr &expr);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_EXPR_H
