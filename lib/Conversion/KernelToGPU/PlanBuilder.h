//===- PlanBuilder.h - From a function to its launch plan -----------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_PLANBUILDER_H
#define SSMC_CONVERSION_KERNELTOGPU_PLANBUILDER_H

#include "DimSymbols.h"
#include "KernelCache.h"
#include "dialect/SSM/SSMDialect.h"
#include "llvm/ADT/MapVector.h"

namespace ssmc {

/// A tensor of the function, as part of a buffer: element (i, j, …) is at
/// offset + i * strides[0] + j * strides[1] + ….
struct BufferView {
  mlir::Value buffer;
  mlir::AffineExpr offset;
  llvm::SmallVector<mlir::AffineExpr> sizes;
  llvm::SmallVector<mlir::AffineExpr> strides;
};

class PlanBuilder {
public:
  /// Kernels are emitted through `cache` into the gpu.module of its name.
  PlanBuilder(mlir::func::FuncOp function, KernelCache &cache,
              llvm::StringRef kernels)
      : function(function), cache(cache), kernels(kernels),
        b(function.getLoc(), function.getContext()) {}

  /// Builds the plan before the function, which is left to be erased.
  mlir::LogicalResult build();

private:
  /// Where a value ends up: an output, a state or a derived tensor.
  struct Sink {
    kernel::BufferKind kind;
    std::string name;
    mlir::Operation *op;
  };

  mlir::LogicalResult checkInterface();
  std::string inputName(unsigned number);
  std::string outputName(unsigned number);
  void giveSinksKernels();
  mlir::LogicalResult createInterface();
  mlir::LogicalResult convert(mlir::Operation &op);
  mlir::LogicalResult convertKernel(kernel::KernelOpInterface op);
  /// Adds the steps of an op under its schedule at the builder's place.
  /// `operands` and `types` are those of the op's operands and then its
  /// results, `extents` and `staticExtents` those of its iteration space.
  void launch(kernel::KernelOpInterface op, llvm::ArrayRef<BufferView> operands,
              llvm::ArrayRef<ViewType> types,
              llvm::ArrayRef<mlir::AffineExpr> extents,
              llvm::ArrayRef<int64_t> staticExtents);
  mlir::LogicalResult startFromTied(kernel::KernelOpInterface op,
                                    unsigned result, mlir::Value buffer);
  void addRules(kernel::KernelOpInterface op,
                llvm::ArrayRef<BufferView> operands,
                llvm::ArrayRef<mlir::AffineExpr> extents);
  mlir::LogicalResult convertReshape(mlir::Operation *op);
  mlir::LogicalResult addBuffer(mlir::Value tensor, kernel::BufferKind kind,
                                llvm::StringRef name);
  mlir::FailureOr<mlir::Value> placeResult(kernel::KernelOpInterface op,
                                           unsigned result, bool &shared);
  bool canWriteState(kernel::KernelOpInterface op, unsigned result,
                     llvm::StringRef state, bool &shared);
  mlir::Value getBuffer(kernel::BufferKind kind, llvm::StringRef name,
                        mlir::Type elementType,
                        llvm::ArrayRef<mlir::AffineExpr> sizes);
  mlir::FailureOr<mlir::Value> getBufferOf(mlir::Value tensor,
                                           kernel::BufferKind kind,
                                           llvm::StringRef name);
  BufferView wholeBuffer(mlir::Value buffer);
  ViewType viewType(const BufferView &view) const;
  mlir::AffineMap planMap(llvm::ArrayRef<mlir::AffineExpr> results);

  mlir::func::FuncOp function;
  KernelCache &cache;
  llvm::StringRef kernels;
  mlir::ImplicitLocOpBuilder b;
  DimSymbols dims;
  kernel::PlanOp plan;
  /// The last buffer op: buffers come first in a plan.
  mlir::Operation *lastBuffer = nullptr;
  llvm::DenseMap<mlir::Value, BufferView> views;
  llvm::MapVector<mlir::Value, Sink> sinks;
  llvm::DenseMap<std::pair<unsigned, mlir::StringAttr>, mlir::Value> buffers;
  /// Copies at the end of the plan, source and target.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> copies;
  unsigned numTemporaries = 0;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_PLANBUILDER_H
