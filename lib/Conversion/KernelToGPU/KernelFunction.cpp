//===- KernelFunction.cpp - Writing the gpu.func of a kernel --------------===//

#include "KernelFunction.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "ssmc/Target/PTX.h"

using namespace mlir;
using namespace ssmc;

/// The widest access of the hardware, in bytes.
static constexpr int64_t kVectorBytes = 16;

static Attribute globalSpace(MLIRContext *context) {
  return gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Global);
}

KernelFunction::KernelFunction(gpu::GPUModuleOp module, StringRef name,
                               kernel::KernelOpInterface op,
                               ArrayRef<ViewType> views,
                               ArrayRef<int64_t> extents, unsigned numScratch)
    : b(op.getLoc(), op.getContext()), numOperands(op->getNumOperands()),
      views(views), maps(op.getOperandMaps()), extents(extents) {
  llvm::append_range(maps, op.getResultMaps());

  // Parameters: a pointer for each view, then what is not static.
  SmallVector<Type> types;
  for (const ViewType &view : views)
    types.push_back(MemRefType::get({}, view.elementType, AffineMap(),
                                    globalSpace(op.getContext())));
  types.append(numScratch, MemRefType::get({}, b.getF32Type(), AffineMap(),
                                           globalSpace(op.getContext())));
  size_t numPointers = types.size();
  for (auto [dim, size] : llvm::enumerate(extents))
    if (ShapedType::isDynamic(size))
      scalars.push_back({ScalarParameter::Extent, unsigned(dim)});
  for (auto [i, view] : llvm::enumerate(views))
    for (auto [dim, stride] : llvm::enumerate(view.strides))
      if (ShapedType::isDynamic(stride))
        scalars.push_back(
            {ScalarParameter::Stride, unsigned(i), unsigned(dim)});
  types.append(scalars.size(), b.getIndexType());

  b.setInsertionPointToEnd(module.getBody());
  function = gpu::GPUFuncOp::create(b, name, b.getFunctionType(types, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  for (size_t i = 0; i < numPointers; ++i)
    if (i >= views.size() || !views[i].shared)
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
  b.setInsertionPointToStart(&function.getBody().front());

  extentValues.assign(extents.size(), Value());
  for (auto [i, scalar] : llvm::enumerate(scalars)) {
    Value value = function.getArgument(numPointers + i);
    if (scalar.kind == ScalarParameter::Extent)
      extentValues[scalar.index] = value;
    else
      strideValues[{scalar.index, scalar.dim}] = value;
  }
  for (auto [dim, size] : llvm::enumerate(extents))
    if (!ShapedType::isDynamic(size))
      extentValues[dim] = index(size);

  for (auto [i, view] : llvm::enumerate(views)) {
    SmallVector<OpFoldResult> sizes, strides;
    for (unsigned dim = 0; dim < view.sizes.size(); ++dim) {
      if (!ShapedType::isDynamic(view.sizes[dim])) {
        sizes.push_back(b.getIndexAttr(view.sizes[dim]));
      } else {
        kernel::SizedDim sized = *kernel::getSizedDim(maps[i].getResult(dim));
        Value size = extent(sized.dim);
        if (sized.extra != 0)
          size = add(size, index(sized.extra));
        sizes.push_back(size);
      }
      if (!ShapedType::isDynamic(view.strides[dim]))
        strides.push_back(b.getIndexAttr(view.strides[dim]));
      else
        strides.push_back(strideValues.at({unsigned(i), dim}));
    }
    auto type =
        MemRefType::get(view.sizes, view.elementType,
                        StridedLayoutAttr::get(b.getContext(), 0, view.strides),
                        globalSpace(b.getContext()));
    memrefs.push_back(memref::ReinterpretCastOp::create(
        b, type, function.getArgument(i), OpFoldResult(b.getIndexAttr(0)),
        sizes, strides));
  }
}

void KernelFunction::finish(int64_t threads, AffineMap grid,
                            int64_t residentBlocks) {
  gpu::ReturnOp::create(b);
  if (residentBlocks > 0)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      b.getI32IntegerAttr(int32_t(residentBlocks)));
  function.setKnownBlockSizeAttr(
      b.getDenseI32ArrayAttr({int32_t(threads), 1, 1}));
  this->grid = grid;
}

void KernelFunction::holdAddresses() {
  function->setAttr("passthrough", b.getStrArrayAttr({kHoldAddressesAttr}));
}

//===----------------------------------------------------------------------===//
// The iteration space
//===----------------------------------------------------------------------===//

AffineExpr KernelFunction::extentSymbol(unsigned dim) {
  return getAffineSymbolExpr(dim, b.getContext());
}

AffineMap KernelFunction::gridMap(AffineExpr blocks, int64_t rows) {
  return AffineMap::get(0, extents.size(),
                        {blocks, getAffineConstantExpr(rows, b.getContext()),
                         getAffineConstantExpr(1, b.getContext())},
                        b.getContext());
}

Value KernelFunction::threadId() {
  return gpu::ThreadIdOp::create(b, gpu::Dimension::x);
}
Value KernelFunction::blockId(gpu::Dimension dim) {
  return gpu::BlockIdOp::create(b, dim);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

unsigned KernelFunction::selectView(Value condition, unsigned lhs,
                                    unsigned rhs) {
  assert(areAlike(lhs, rhs));
  views.push_back(ViewType(views[lhs]));
  maps.push_back(maps[lhs]);
  memrefs.push_back(select(condition, memrefs[lhs], memrefs[rhs]));
  return views.size() - 1;
}

SmallVector<Value> KernelFunction::indicesOf(unsigned view,
                                             ArrayRef<Value> point) {
  SmallVector<Value> indices;
  for (AffineExpr expr : maps[view].getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      indices.push_back(point[dim.getPosition()]);
      continue;
    }
    // Dimensions that the map does not use may be null.
    SmallVector<Value> dims(point);
    for (Value &dim : dims)
      if (!dim)
        dim = index(0);
    indices.push_back(affine::expandAffineExpr(b, b.getLoc(), expr, dims, {}));
  }
  return indices;
}

Value KernelFunction::load(unsigned view, ArrayRef<Value> point) {
  return loadAt(view, indicesOf(view, point));
}
void KernelFunction::store(unsigned view, ArrayRef<Value> point, Value value) {
  storeAt(view, indicesOf(view, point), value);
}
Value KernelFunction::loadAt(unsigned view, ValueRange indices) {
  return memref::LoadOp::create(b, memrefs[view], indices);
}
void KernelFunction::storeAt(unsigned view, ValueRange indices, Value value) {
  memref::StoreOp::create(b, value, memrefs[view], indices);
}

Value KernelFunction::scratch(unsigned number, ArrayRef<Value> shape) {
  SmallVector<OpFoldResult> sizes(shape), strides(shape.size());
  OpFoldResult stride = b.getIndexAttr(1);
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    Value next = shape[i];
    if (i + 1 < shape.size())
      next = mul(next, cast<Value>(stride));
    stride = next;
  }
  SmallVector<int64_t> dynamic(shape.size(), ShapedType::kDynamic);
  SmallVector<int64_t> layout = dynamic;
  layout.back() = 1;
  auto type = MemRefType::get(dynamic, b.getF32Type(),
                              StridedLayoutAttr::get(b.getContext(), 0, layout),
                              globalSpace(b.getContext()));
  return memref::ReinterpretCastOp::create(
      b, type, function.getArgument(views.size() + number),
      OpFoldResult(b.getIndexAttr(0)), sizes, strides);
}

/// Whether elements that differ by one in `dim` are neighbours.
static bool isConsecutive(const ViewType &type, AffineMap map, unsigned dim) {
  return map.getNumResults() != 0 && type.strides.back() == 1 &&
         map.getResults().back() == getAffineDimExpr(dim, map.getContext());
}

int64_t KernelFunction::vectorWidth(unsigned view, unsigned dim,
                                    int64_t wanted) {
  const ViewType &type = views[view];
  int64_t width = 1;
  if (isConsecutive(type, maps[view], dim))
    while (width * 2 <= wanted && wanted % (width * 2) == 0 &&
           type.alignment % (width * 2) == 0)
      width *= 2;
  int64_t fitting =
      kVectorBytes / (type.elementType.getIntOrFloatBitWidth() / 8);
  int64_t possible = llvm::bit_floor(uint64_t(std::min(wanted, fitting)));
  if (width < possible && narrowViews.insert(view).second)
    remarkNarrowAccess(view, dim, wanted, width, possible);
  return width;
}

void KernelFunction::remarkNarrowAccess(unsigned view, unsigned dim,
                                        int64_t wanted, int64_t width,
                                        int64_t possible) {
  const ViewType &type = views[view];
  bool isOperand = view < numOperands;
  std::string message;
  llvm::raw_string_ostream os(message);
  os << function.getName() << " accesses "
     << (isOperand ? "operand " : "result ")
     << (isOperand ? view : view - numOperands) << " by " << width << " of "
     << possible << " elements that fit one access; ";
  if (!isConsecutive(type, maps[view], dim))
    os << "stride: its elements along d" << dim << " are not neighbours";
  else if (type.alignment % (width * 2) != 0)
    os << "alignment: its rows start at multiples of " << type.alignment
       << " elements";
  else
    os << "size: a thread takes " << wanted << " elements, no multiple of "
       << width * 2;
  remark::missed(function.getLoc(), remark::RemarkOpts::name("Vectorize")
                                        .category("convert-kernel-to-gpu")
                                        .function(function.getName()))
      << message;
}

int64_t KernelFunction::possibleWidth(unsigned view, unsigned dim,
                                      int64_t wanted) const {
  const ViewType &type = views[view];
  int64_t width = 1;
  if (isConsecutive(type, maps[view], dim))
    while (width * 2 <= wanted && wanted % (width * 2) == 0 &&
           type.possibleAlignment % (width * 2) == 0)
      width *= 2;
  return width;
}

Value KernelFunction::stridesAreMultiples(unsigned view, int64_t width) {
  Value bits;
  for (unsigned dim = 0; dim < views[view].strides.size(); ++dim) {
    Value stride = strideValues.lookup({view, dim});
    if (!stride || views[view].alignment % width == 0)
      continue;
    bits = bits ? arith::OrIOp::create(b, bits, stride).getResult() : stride;
  }
  if (!bits)
    return {};
  return equal(arith::AndIOp::create(b, bits, index(width - 1)), index(0));
}

SmallVector<Value> KernelFunction::loadPacked(unsigned view,
                                              ArrayRef<Value> point,
                                              unsigned dim, int64_t count,
                                              int64_t width) {
  SmallVector<Value> packed;
  SmallVector<Value> at(point);
  Type type = views[view].elementType;
  for (int64_t i = 0; i < count; i += width) {
    at[dim] = add(point[dim], index(i));
    if (width == 1) {
      packed.push_back(load(view, at));
      continue;
    }
    int64_t bytes = width * type.getIntOrFloatBitWidth() / 8;
    packed.push_back(vector::LoadOp::create(
        b, VectorType::get({width}, type), memrefs[view], indicesOf(view, at),
        /*nontemporal=*/false,
        llvm::MaybeAlign(std::min(bytes, kVectorBytes))));
  }
  return packed;
}

SmallVector<Value> KernelFunction::pack(ArrayRef<Value> elements,
                                        int64_t width) {
  if (width == 1)
    return SmallVector<Value>(elements);
  SmallVector<Value> packed;
  auto type = VectorType::get({width}, elements.front().getType());
  for (; !elements.empty(); elements = elements.drop_front(width))
    packed.push_back(
        vector::FromElementsOp::create(b, type, elements.take_front(width)));
  return packed;
}

/// The elements of a vector of bf16 as f32, of which they are the upper halves:
/// one instruction each, where extracting and extending them takes two.
static void unpackBF16(ImplicitLocOpBuilder &b, Value vector,
                       SmallVectorImpl<Value> &elements) {
  int64_t count = cast<VectorType>(vector.getType()).getNumElements();
  Value words = vector::BitCastOp::create(
      b, VectorType::get({count / 2}, b.getI32Type()), vector);
  for (int64_t i = 0; i < count; ++i) {
    Value word = vector::ExtractOp::create(b, words, i / 2);
    Value bits =
        i % 2 == 0
            ? arith::ShLIOp::create(b, word,
                                    arith::ConstantIntOp::create(b, 16, 32))
                  .getResult()
            : arith::AndIOp::create(
                  b, word, arith::ConstantIntOp::create(b, -0x10000, 32));
    elements.push_back(arith::BitcastOp::create(b, b.getF32Type(), bits));
  }
}

SmallVector<Value> KernelFunction::unpack(ValueRange packed) {
  SmallVector<Value> elements;
  for (Value value : packed) {
    auto type = dyn_cast<VectorType>(value.getType());
    if (!type) {
      elements.push_back(value);
      continue;
    }
    if (type.getElementType().isBF16()) {
      unpackBF16(b, value, elements);
      continue;
    }
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      elements.push_back(vector::ExtractOp::create(b, value, i));
  }
  return elements;
}

void KernelFunction::storeMany(unsigned view, ArrayRef<Value> point,
                               unsigned dim, ArrayRef<Value> elements,
                               int64_t width) {
  SmallVector<Value> at(point);
  Type type = views[view].elementType;
  for (int64_t i = 0; i < int64_t(elements.size()); i += width) {
    at[dim] = add(point[dim], index(i));
    if (width == 1) {
      store(view, at, elements[i]);
      continue;
    }
    int64_t bytes = width * type.getIntOrFloatBitWidth() / 8;
    Value vector = vector::FromElementsOp::create(
        b, VectorType::get({width}, type), elements.slice(i, width));
    vector::StoreOp::create(b, vector, memrefs[view], indicesOf(view, at),
                            /*nontemporal=*/false,
                            llvm::MaybeAlign(std::min(bytes, kVectorBytes)));
  }
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Value KernelFunction::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}
Value KernelFunction::f32(float value) {
  return arith::ConstantFloatOp::create(b, b.getF32Type(), APFloat(value));
}
Value KernelFunction::zero(Type type) {
  return arith::ConstantOp::create(b, b.getZeroAttr(type));
}
Value KernelFunction::add(Value lhs, Value rhs) {
  return arith::AddIOp::create(b, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}
Value KernelFunction::sub(Value lhs, Value rhs) {
  return arith::SubIOp::create(b, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}
Value KernelFunction::mul(Value lhs, Value rhs) {
  return arith::MulIOp::create(b, lhs, rhs, arith::IntegerOverflowFlags::nsw);
}
Value KernelFunction::div(Value lhs, Value rhs) {
  return arith::DivUIOp::create(b, lhs, rhs);
}
Value KernelFunction::rem(Value lhs, Value rhs) {
  return arith::RemUIOp::create(b, lhs, rhs);
}
Value KernelFunction::min(Value lhs, Value rhs) {
  return arith::MinSIOp::create(b, lhs, rhs);
}
Value KernelFunction::max(Value lhs, Value rhs) {
  return arith::MaxSIOp::create(b, lhs, rhs);
}
Value KernelFunction::lessThan(Value lhs, Value rhs) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, lhs, rhs);
}
Value KernelFunction::equal(Value lhs, Value rhs) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lhs, rhs);
}
Value KernelFunction::both(Value lhs, Value rhs) {
  return arith::AndIOp::create(b, lhs, rhs);
}
Value KernelFunction::select(Value condition, Value lhs, Value rhs) {
  return arith::SelectOp::create(b, condition, lhs, rhs);
}
Value KernelFunction::addF(Value lhs, Value rhs) {
  return arith::AddFOp::create(b, lhs, rhs, arith::FastMathFlags::contract);
}
Value KernelFunction::mulF(Value lhs, Value rhs) {
  return arith::MulFOp::create(b, lhs, rhs, arith::FastMathFlags::contract);
}
Value KernelFunction::negF(Value value) {
  return arith::NegFOp::create(b, value);
}
Value KernelFunction::widen(Value value) {
  return value.getType().isF32()
             ? value
             : arith::ExtFOp::create(b, b.getF32Type(), value).getResult();
}
Value KernelFunction::narrow(Value value, Type type) {
  return value.getType() == type
             ? value
             : arith::TruncFOp::create(b, type, value).getResult();
}
Value KernelFunction::fma(Value lhs, Value rhs, Value addend) {
  return math::FmaOp::create(b, lhs, rhs, addend);
}

SmallVector<Value> KernelFunction::delinearize(Value linear,
                                               ArrayRef<unsigned> dims) {
  SmallVector<Value> indices(dims.size());
  for (size_t i = dims.size(); i-- > 1;) {
    indices[i] = rem(linear, extent(dims[i]));
    linear = div(linear, extent(dims[i]));
  }
  if (!dims.empty())
    indices[0] = linear;
  return indices;
}

SmallVector<Value>
KernelFunction::loadIf(Value condition,
                       llvm::function_ref<SmallVector<Value>()> load,
                       ValueRange otherwise) {
  SmallVector<Value> loaded;
  return valuesIf(
      condition, [&] { return loaded = load(); },
      [&] {
        SmallVector<Value> values(otherwise);
        for (Value value : ValueRange(loaded).drop_front(values.size()))
          values.push_back(zero(value.getType()));
        return values;
      });
}

SmallVector<Value>
KernelFunction::valuesIf(Value condition,
                         llvm::function_ref<SmallVector<Value>()> body,
                         llvm::function_ref<SmallVector<Value>()> otherwise) {
  OpBuilder::InsertionGuard guard(b);
  auto yield = [&](OpBuilder &builder,
                   llvm::function_ref<SmallVector<Value>()> region) {
    b.restoreInsertionPoint(builder.saveInsertionPoint());
    SmallVector<Value> values = region();
    scf::YieldOp::create(b, values);
  };
  auto ifOp = scf::IfOp::create(
      b, condition, [&](OpBuilder &builder, Location) { yield(builder, body); },
      [&](OpBuilder &builder, Location) { yield(builder, otherwise); });
  return SmallVector<Value>(ifOp.getResults());
}

void KernelFunction::ifThen(Value condition, llvm::function_ref<void()> body) {
  auto ifOp = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  body();
}

void KernelFunction::ifThenElse(Value condition,
                                llvm::function_ref<void()> body,
                                llvm::function_ref<void()> otherwise) {
  auto ifOp = scf::IfOp::create(b, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifOp.thenBlock());
  body();
  b.setInsertionPointToStart(ifOp.elseBlock());
  otherwise();
}

void KernelFunction::forEach(Value from, Value to,
                             llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, from, to, index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value KernelFunction::shuffleXor(Value value, int64_t mask) {
  return gpu::ShuffleOp::create(b, value, mask, 32, gpu::ShuffleMode::XOR)
      .getShuffleResult();
}

Value KernelFunction::shuffleUp(Value value, int64_t delta) {
  return gpu::ShuffleOp::create(b, value, delta, 32, gpu::ShuffleMode::UP)
      .getShuffleResult();
}

Value KernelFunction::shuffleFrom(Value value, Value lane) {
  Value from = arith::IndexCastOp::create(b, b.getI32Type(), lane);
  Value width = arith::ConstantIntOp::create(b, 32, 32);
  return gpu::ShuffleOp::create(b, value, from, width, gpu::ShuffleMode::IDX)
      .getShuffleResult();
}

Value KernelFunction::sumOverLanes(Value value, int64_t lanes, int64_t stride) {
  for (int64_t mask = lanes / 2; mask > 0; mask /= 2)
    value = arith::AddFOp::create(b, value, shuffleXor(value, mask * stride));
  return value;
}

void KernelFunction::barrier() { gpu::BarrierOp::create(b); }

void KernelFunction::syncWarp() {
  NVVM::SyncWarpOp::create(b, arith::ConstantIntOp::create(b, -1, 32));
}

void KernelFunction::namedBarrier(Value id, int64_t threads) {
  Value number = arith::IndexCastOp::create(b, b.getI32Type(), id);
  NVVM::BarrierOp::create(b, TypeRange(), number,
                          arith::ConstantIntOp::create(b, threads, 32),
                          NVVM::BarrierReductionAttr(), Value());
}

// By name, since NVVM's own op is inline assembly, which the CPU device cannot
// run.
void KernelFunction::arrive(Value id, int64_t threads) {
  Value number = arith::IndexCastOp::create(b, b.getI32Type(), id);
  Value count = arith::ConstantIntOp::create(b, threads, 32);
  LLVM::CallIntrinsicOp::create(
      b, b.getStringAttr("llvm.nvvm.barrier.cta.arrive.aligned.count"),
      ValueRange{number, count});
}

SmallVector<Value> KernelFunction::loadWords(Value memory, Value at,
                                             int64_t count) {
  Value vector = vector::LoadOp::create(
      b, VectorType::get({count}, b.getF32Type()), memory, at,
      /*nontemporal=*/false, llvm::MaybeAlign(count * 4));
  return unpack(vector);
}

void KernelFunction::storeWords(Value memory, Value at, ArrayRef<Value> words) {
  Value vector = vector::FromElementsOp::create(
      b, VectorType::get({int64_t(words.size())}, b.getF32Type()), words);
  vector::StoreOp::create(b, vector, memory, at, /*nontemporal=*/false,
                          llvm::MaybeAlign(words.size() * 4));
}

Value KernelFunction::sharedF32(ArrayRef<int64_t> shape) {
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  Value memory = function.addWorkgroupAttribution(
      MemRefType::get(shape, b.getF32Type(), AffineMap(), space), b.getLoc());
  function.setWorkgroupAttributionAttr(
      function.getNumWorkgroupAttributions() - 1,
      LLVM::LLVMDialect::getAlignAttrName(), b.getI64IntegerAttr(kVectorBytes));
  return memory;
}
