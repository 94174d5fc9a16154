//===- DimSymbols.h - The sizes that a call of a function fixes -----------===//
//
// Dimensions that some op needs to be equal are one size; where an op needs one
// to be another plus a constant, one is derived from the other. Each size is a
// constant, where one of its dimensions is static, or a symbol of the launch
// plan, named after the first argument that has it.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_DIMSYMBOLS_H
#define SSMC_CONVERSION_KERNELTOGPU_DIMSYMBOLS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace ssmc {

class DimSymbols {
public:
  /// Emits an error where arguments contradict each other.
  static mlir::FailureOr<DimSymbols> compute(mlir::func::FuncOp function);

  /// The names of the symbols s0, s1, ….
  llvm::ArrayRef<std::string> getNames() const { return names; }

  /// The size of a tensor's dimension; emits an error where no argument fixes
  /// it.
  mlir::FailureOr<mlir::AffineExpr> getSize(mlir::Value value,
                                            unsigned dim) const;
  /// The sizes of all of a tensor's dimensions.
  mlir::FailureOr<llvm::SmallVector<mlir::AffineExpr>>
  getSizes(mlir::Value value) const;

  /// The symbol of an index argument.
  mlir::AffineExpr getScalar(mlir::Value value) const {
    return scalars.lookup(value);
  }

private:
  using Dim = std::pair<const void *, unsigned>;
  static Dim key(mlir::Value value, unsigned dim) {
    return {value.getAsOpaquePointer(), dim};
  }
  void unify(mlir::Value a, unsigned dimA, mlir::Value b, unsigned dimB) {
    classes.unionSets(key(a, dimA), key(b, dimB));
  }
  void unifyOp(mlir::Operation *op);
  void deriveSizes();
  mlir::LogicalResult assign(mlir::func::FuncOp function);
  mlir::AffineExpr addSymbol(llvm::StringRef name, mlir::MLIRContext *context);

  /// size of `larger` = size of `base` + extra
  struct Relation {
    Dim base, larger;
    int64_t extra;
  };

  llvm::EquivalenceClasses<Dim> classes;
  llvm::SmallVector<Relation> relations;
  llvm::DenseMap<Dim, mlir::AffineExpr> sizes;
  llvm::DenseMap<mlir::Value, mlir::AffineExpr> scalars;
  llvm::SmallVector<std::string> names;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_DIMSYMBOLS_H
