//===- KernelFunction.h - Writing the gpu.func of a kernel ----------------===//
//
// What every emitter needs: the function with its bare-pointer parameters and
// the memrefs rebuilt from them, sizes of the iteration space, loads and stores
// at a point of it, and regions inlined.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_CONVERSION_KERNELTOGPU_KERNELFUNCTION_H
#define SSMC_CONVERSION_KERNELTOGPU_KERNELFUNCTION_H

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssmc {

/// An operand or result as a kernel sees it: sizes and strides (in elements),
/// static where they are known.
struct ViewType {
  mlir::Type elementType;
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<int64_t> strides;
  /// The first element and each row start at multiples of this many elements; a
  /// power of two.
  int64_t alignment = 1;
  /// The same if all strides that are not static were multiples of it.
  int64_t possibleAlignment = 1;
  /// Another operand or result may be the same memory.
  bool shared = false;

  bool operator==(const ViewType &other) const {
    return elementType == other.elementType && sizes == other.sizes &&
           strides == other.strides && alignment == other.alignment &&
           possibleAlignment == other.possibleAlignment &&
           shared == other.shared;
  }
};

/// What a scalar parameter of a kernel holds.
struct ScalarParameter {
  enum Kind { Extent, Stride } kind;
  /// The iteration dimension, or the view.
  unsigned index;
  /// The view's dimension.
  unsigned dim = 0;
};

/// Whether a value of an op's region depends on nothing but such arguments.
bool dependsOnlyOn(mlir::Value value,
                   llvm::function_ref<bool(unsigned argument)> isAllowed);

class KernelFunction {
public:
  /// Starts a gpu.func for `op`; `views` are its operands, then its results.
  /// `numScratch` buffers of f32 follow them.
  KernelFunction(mlir::gpu::GPUModuleOp module, llvm::StringRef name,
                 kernel::KernelOpInterface op, llvm::ArrayRef<ViewType> views,
                 llvm::ArrayRef<int64_t> extents, unsigned numScratch = 0);

  /// Ends it. `grid` is a map from the extents, as symbols, to three numbers.
  /// Registers are shared out so that an SM can hold `residentBlocks` blocks;
  /// as many as there are where it is 0.
  void finish(int64_t threads, mlir::AffineMap grid,
              int64_t residentBlocks = 0);
  /// Has its loops keep addresses whole (kHoldAddressesAttr).
  void holdAddresses();

  mlir::gpu::GPUFuncOp getFunction() { return function; }
  llvm::ArrayRef<ScalarParameter> getScalars() const { return scalars; }
  mlir::AffineMap getGrid() const { return grid; }

  //===--------------------------------------------------------------------===//
  // The iteration space
  //===--------------------------------------------------------------------===//

  /// The extent of an iteration dimension: a constant or a parameter.
  mlir::Value extent(unsigned dim) { return extentValues[dim]; }
  int64_t staticExtent(unsigned dim) const { return extents[dim]; }
  /// The extent as a symbol, for the grid.
  mlir::AffineExpr extentSymbol(unsigned dim);
  mlir::AffineMap gridMap(mlir::AffineExpr blocks, int64_t rows = 1);

  mlir::Value threadId();
  mlir::Value blockId(mlir::gpu::Dimension dim = mlir::gpu::Dimension::x);

  //===--------------------------------------------------------------------===//
  // Elements. `point` has a value for each iteration dimension; one that the
  // map does not use may be null.
  //===--------------------------------------------------------------------===//

  unsigned resultView(unsigned result) const { return numOperands + result; }
  const ViewType &viewType(unsigned view) const { return views[view]; }
  mlir::AffineMap map(unsigned view) const { return maps[view]; }
  /// Whether two views differ in nothing but where they are and the strides
  /// that are not static.
  bool areAlike(unsigned lhs, unsigned rhs) const {
    return views[lhs] == views[rhs] && maps[lhs] == maps[rhs];
  }
  /// A view that is `lhs` if `condition`, else `rhs`; they are alike.
  unsigned selectView(mlir::Value condition, unsigned lhs, unsigned rhs);

  mlir::Value load(unsigned view, llvm::ArrayRef<mlir::Value> point);
  void store(unsigned view, llvm::ArrayRef<mlir::Value> point,
             mlir::Value value);
  /// The element at explicit indices, for what a map cannot say.
  mlir::Value loadAt(unsigned view, mlir::ValueRange indices);
  void storeAt(unsigned view, mlir::ValueRange indices, mlir::Value value);
  /// A scratch buffer of this shape, as a memref of f32.
  mlir::Value scratch(unsigned number, llvm::ArrayRef<mlir::Value> shape);

  /// How many elements, at most `wanted`, that are consecutive in iteration
  /// dimension `dim` one vector load can take; the first index must be a
  /// multiple of it. A remark says why it is fewer than fit one access, once
  /// for each view.
  int64_t vectorWidth(unsigned view, unsigned dim, int64_t wanted);
  /// vectorWidth() where stridesAreMultiples() of it, without a remark.
  int64_t possibleWidth(unsigned view, unsigned dim, int64_t wanted) const;
  /// Whether the strides of `view` that are not static are multiples of
  /// `width`; null where none is in question.
  mlir::Value stridesAreMultiples(unsigned view, int64_t width);
  /// Elements consecutive in `dim`, `count` of them, by vectors of `width`.
  llvm::SmallVector<mlir::Value> loadMany(unsigned view,
                                          llvm::ArrayRef<mlir::Value> point,
                                          unsigned dim, int64_t count,
                                          int64_t width) {
    return unpack(loadPacked(view, point, dim, count, width));
  }
  /// The same in packets: vectors, or elements where width is 1. What is not
  /// unpacked is not waited for. Of vectors of bf16, unpack() gives the
  /// elements as f32.
  llvm::SmallVector<mlir::Value> loadPacked(unsigned view,
                                            llvm::ArrayRef<mlir::Value> point,
                                            unsigned dim, int64_t count,
                                            int64_t width);
  llvm::SmallVector<mlir::Value> pack(llvm::ArrayRef<mlir::Value> elements,
                                      int64_t width);
  llvm::SmallVector<mlir::Value> unpack(mlir::ValueRange packed);
  /// Stores elements consecutive in `dim`, by vectors of `width`.
  void storeMany(unsigned view, llvm::ArrayRef<mlir::Value> point, unsigned dim,
                 llvm::ArrayRef<mlir::Value> elements, int64_t width);

  //===--------------------------------------------------------------------===//
  // Building
  //===--------------------------------------------------------------------===//

  mlir::ImplicitLocOpBuilder b;

  mlir::Value index(int64_t value);
  mlir::Value f32(float value);
  /// 0 of any type of numbers, or of vectors of them.
  mlir::Value zero(mlir::Type type);
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs);
  mlir::Value div(mlir::Value lhs, mlir::Value rhs);
  mlir::Value rem(mlir::Value lhs, mlir::Value rhs);
  mlir::Value min(mlir::Value lhs, mlir::Value rhs);
  mlir::Value max(mlir::Value lhs, mlir::Value rhs);
  mlir::Value lessThan(mlir::Value lhs, mlir::Value rhs);
  mlir::Value equal(mlir::Value lhs, mlir::Value rhs);
  mlir::Value both(mlir::Value lhs, mlir::Value rhs);
  mlir::Value select(mlir::Value condition, mlir::Value lhs, mlir::Value rhs);
  mlir::Value addF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mulF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value negF(mlir::Value value);
  /// A float as f32, and an f32 rounded to `type`.
  mlir::Value widen(mlir::Value value);
  mlir::Value narrow(mlir::Value value, mlir::Type type);
  mlir::Value fma(mlir::Value lhs, mlir::Value rhs, mlir::Value addend);

  /// Splits a linear index into indices of the given extents, the last fastest.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value linear,
                                             llvm::ArrayRef<unsigned> dims);

  /// Clones a region here, but for what `known` has a value of, and returns
  /// what it yields. An argument may be the f32 value of what the region takes
  /// as a half.
  llvm::SmallVector<mlir::Value> inlineRegion(mlir::Region &region,
                                              mlir::ValueRange arguments,
                                              mlir::IRMapping known = {});
  /// Clones here what inlineRegion() would clone that does not depend on the
  /// region's first argument and takes long: all but plain arithmetic, which is
  /// better where its result is used. To be handed to inlineRegion() later.
  mlir::IRMapping inlineEarly(mlir::Region &region,
                              mlir::ValueRange argumentsButFirst);

  void ifThen(mlir::Value condition, llvm::function_ref<void()> body);
  void ifThenElse(mlir::Value condition, llvm::function_ref<void()> body,
                  llvm::function_ref<void()> otherwise);
  /// What `load` loads, if `condition`; else `otherwise`, or zeros where that
  /// is empty. All of it is on its way when the branch ends: without one, an
  /// assembler puts off what it can to use fewer registers, and waits for
  /// memory several times.
  llvm::SmallVector<mlir::Value>
  loadIf(mlir::Value condition,
         llvm::function_ref<llvm::SmallVector<mlir::Value>()> load,
         mlir::ValueRange otherwise = {});
  /// The values of `body` if `condition`, else those of `otherwise`.
  llvm::SmallVector<mlir::Value>
  valuesIf(mlir::Value condition,
           llvm::function_ref<llvm::SmallVector<mlir::Value>()> body,
           llvm::function_ref<llvm::SmallVector<mlir::Value>()> otherwise);
  /// A loop over the indices from `from` up to, not including, `to`.
  void forEach(mlir::Value from, mlir::Value to,
               llvm::function_ref<void(mlir::Value)> body);

  /// The value of the lane whose id differs by `mask`.
  mlir::Value shuffleXor(mlir::Value value, int64_t mask);
  /// The value of the lane `delta` before this one; this one's own in the
  /// first `delta` lanes.
  mlir::Value shuffleUp(mlir::Value value, int64_t delta);
  mlir::Value shuffleFrom(mlir::Value value, mlir::Value lane);
  /// The sum over `lanes` lanes that are `stride` apart, in all of them. Both
  /// are powers of two.
  mlir::Value sumOverLanes(mlir::Value value, int64_t lanes,
                           int64_t stride = 1);
  void barrier();
  /// Orders what the lanes of a warp do in memory.
  void syncWarp();
  /// Waits at barrier `id` until `threads` threads have come to it, all lanes
  /// of some warps.
  void namedBarrier(mlir::Value id, int64_t threads);
  /// Comes to it without waiting.
  void arrive(mlir::Value id, int64_t threads);
  /// Shared memory of this many f32, at a multiple of 16 bytes.
  mlir::Value sharedF32(llvm::ArrayRef<int64_t> shape);
  /// `count` f32 of it, at most 4, from index `at`, a multiple of `count`, on.
  llvm::SmallVector<mlir::Value> loadWords(mlir::Value memory, mlir::Value at,
                                           int64_t count);
  void storeWords(mlir::Value memory, mlir::Value at,
                  llvm::ArrayRef<mlir::Value> words);

private:
  llvm::SmallVector<mlir::Value> indicesOf(unsigned view,
                                           llvm::ArrayRef<mlir::Value> point);
  void remarkNarrowAccess(unsigned view, unsigned dim, int64_t wanted,
                          int64_t width, int64_t possible);

  mlir::gpu::GPUFuncOp function;
  unsigned numOperands;
  llvm::SmallVector<ViewType> views;
  llvm::SmallVector<mlir::AffineMap> maps;
  llvm::SmallVector<mlir::Value> memrefs;
  llvm::SmallVector<int64_t> extents;
  llvm::SmallVector<mlir::Value> extentValues;
  llvm::SmallVector<ScalarParameter> scalars;
  /// By view and its dimension, where they are not static.
  llvm::DenseMap<std::pair<unsigned, unsigned>, mlir::Value> strideValues;
  mlir::AffineMap grid;
  /// Views of which a remark has said that their accesses are narrow.
  llvm::SmallDenseSet<unsigned> narrowViews;
};

} // namespace ssmc

#endif // SSMC_CONVERSION_KERNELTOGPU_KERNELFUNCTION_H
