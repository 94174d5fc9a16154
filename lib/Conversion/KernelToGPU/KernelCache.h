//===- KernelCache.h - Each different kernel is emitted once --------------===//
//
// Layers of a model differ in nothing but their operands, so their kernels are
// one gpu.func.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_KERNELCACHE_H
#define SSMC_CONVERSION_KERNELTOGPU_KERNELCACHE_H

#include "KernelFunction.h"
#include "llvm/ADT/StringMap.h"

namespace ssmc {

class KernelCache {
public:
  explicit KernelCache(mlir::gpu::GPUModuleOp module) : module(module) {}

  struct Launch {
    /// The gpu.func's name.
    mlir::StringAttr name;
    llvm::SmallVector<ScalarParameter> scalars;
    mlir::AffineMap grid;
  };

  struct Entry {
    /// A copy of the op, since the cached one is erased with its function.
    mlir::OwningOpRef<mlir::Operation *> op;
    llvm::SmallVector<ViewType> views;
    llvm::SmallVector<int64_t> extents;
    /// What is launched for the op, one after the other.
    llvm::SmallVector<Launch> launches;
    /// The f32 elements of each scratch buffer that the launches share, from
    /// the extents as symbols.
    llvm::SmallVector<mlir::AffineExpr> scratch;
  };

  /// The kernels of an op with these operands and results (`views`) and extents
  /// of the iteration space, emitted if they are new.
  const Entry &get(kernel::KernelOpInterface op, llvm::ArrayRef<ViewType> views,
                   llvm::ArrayRef<int64_t> extents);

  /// The name of a group of choices: the same for choices among the same
  /// kernels, given for each alternative in the order of its launches. `kind`
  /// begins the name.
  mlir::StringAttr
  getGroup(llvm::StringRef kind,
           const std::vector<std::vector<mlir::Attribute>> &alternatives);

private:
  mlir::gpu::GPUModuleOp module;
  llvm::StringMap<unsigned> counters;
  llvm::DenseMap<size_t, std::vector<std::unique_ptr<Entry>>> entries;
  llvm::StringMap<unsigned> groupCounters;
  std::vector<
      std::pair<std::vector<std::vector<mlir::Attribute>>, mlir::StringAttr>>
      groups;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_KERNELCACHE_H
