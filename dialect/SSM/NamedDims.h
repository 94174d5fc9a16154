//===- NamedDims.h - Shape constraints by dimension name ------------------===//
//
// Verifiers state the shape of each operand by the names of its dimensions; the
// first operand that has a static size for a name fixes it for the others. All
// sizes but batch, seqlen, nseqs and nslots are those of a model, hence static.
//
//===----------------------------------------------------------------------===//

#ifndef DIALECT_SSM_NAMEDDIMS_H
#define DIALECT_SSM_NAMEDDIMS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"

namespace ssmc {

class NamedDims {
public:
  explicit NamedDims(mlir::Operation *op) : op(op) {}

  /// Fixes a name to a size, e.g. one computed from another.
  void bind(llvm::StringRef name, int64_t size) { sizes[name] = size; }

  /// The size of a name, or kDynamic where none is known.
  int64_t size(llvm::StringRef name) const;

  /// Checks that `type` has the dimensions `names`, in order, of which only
  /// batch, seqlen, nseqs and nslots may be dynamic, and learns their sizes.
  /// Emits "expects WHAT of shape (…), got …".
  mlir::LogicalResult expect(llvm::StringRef what, mlir::Type type,
                             llvm::ArrayRef<llvm::StringRef> names);

private:
  mlir::Operation *op;
  llvm::StringMap<int64_t> sizes;
};

} // namespace ssmc

#endif // DIALECT_SSM_NAMEDDIMS_H
