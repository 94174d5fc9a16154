//===- SharedRows.cpp - Rows of a tensor in shared memory -----------------===//

#include "SharedRows.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// f32 of the widest access, and elements of a share's vector at most: then
/// neighbouring threads' stores of f32 are neighbours, and meet no bank twice.
static constexpr int64_t kWordsPerAccess = 4;
static constexpr int64_t kMaxWidth = 4;

/// The index along the states of a scan.
static constexpr unsigned kColumnDim = 3;

SharedRows::SharedRows(KernelFunction &f, unsigned view, int64_t rows,
                       int64_t columns, int64_t segment, int64_t threads)
    : f(f), view(view), rows(rows), columns(columns), segment(segment),
      threads(threads), thread(f.threadId()), start(f.index(0)) {
  chooseVectors();
  segmentPitch = segment * columns + kWordsPerAccess;
  bufferPitch =
      llvm::alignTo(rows / segment * segmentPitch, uint64_t(kWordsPerAccess));
  memory = f.sharedF32({2 * bufferPitch});
}

SharedRows::SharedRows(KernelFunction &f, unsigned view, int64_t rows,
                       int64_t columns, Value lane, Value memory, Value start)
    : f(f), view(view), rows(rows), columns(columns), segment(rows),
      threads(32), segmentPitch(rows * columns), bufferPitch(rows * columns),
      memory(memory), thread(lane), start(start) {
  chooseVectors();
}

std::optional<SharedRows> SharedRows::pair(const SharedRows &first,
                                           const SharedRows &second) {
  KernelFunction &f = first.f;
  int64_t half = first.threads / 2;
  // Rows of a block have memory of their own for each input.
  bool areOfOneWarp = first.memory == second.memory;
  if (!areOfOneWarp || first.vectors > half ||
      !f.areAlike(first.view, second.view))
    return std::nullopt;
  SharedRows both(first);
  Value isFirst = f.lessThan(first.thread, f.index(half));
  both.view = f.selectView(isFirst, first.view, second.view);
  both.start = f.select(isFirst, first.start, second.start);
  both.thread = f.rem(first.thread, f.index(half));
  both.threads = half;
  return both;
}

/// By how many elements a share is loaded.
void SharedRows::chooseVectors() {
  int64_t bytes = f.viewType(view).elementType.getIntOrFloatBitWidth() / 8;
  int64_t widest = std::min<int64_t>(kMaxWidth, 16 / bytes);
  while (columns % widest != 0)
    widest /= 2;
  // Of whole rows, so that a remark tells what their length prevents.
  width = std::min(widest, f.vectorWidth(view, kColumnDim, columns));
  vectors = rows * columns / width;
}

Value SharedRows::linear(int64_t i) {
  return f.add(thread, f.index(i * threads));
}
Value SharedRows::shareRow(int64_t i) {
  return f.div(linear(i), f.index(columns / width));
}
Value SharedRows::shareColumn(int64_t i) {
  return f.mul(f.rem(linear(i), f.index(columns / width)), f.index(width));
}

void SharedRows::ifHasShare(int64_t i, llvm::function_ref<void()> body) {
  if ((i + 1) * threads <= vectors)
    return body();
  f.ifThen(f.lessThan(linear(i), f.index(vectors)), body);
}

SmallVector<Value> SharedRows::fetch(PointAt pointAt, unsigned columnDim) {
  SmallVector<Value> share;
  for (int64_t i = 0; i * threads < vectors; ++i) {
    // A thread without an i-th vector loads the last row, and drops it.
    Value row = shareRow(i);
    if ((i + 1) * threads > vectors)
      row = f.min(row, f.index(rows - 1));
    llvm::append_range(share, f.loadPacked(view, pointAt(row, shareColumn(i)),
                                           columnDim, width, width));
  }
  return share;
}

void SharedRows::put(ArrayRef<Value> share, Value buffer) {
  int64_t words = std::min(width, kWordsPerAccess);
  for (int64_t i = 0; i * threads < vectors; ++i)
    ifHasShare(i, [&] {
      SmallVector<Value> packet = f.unpack(share[i]);
      Value row = shareRow(i);
      Value at = f.add(f.mul(row, f.index(columns)), shareColumn(i));
      at = f.add(at, f.mul(f.div(row, f.index(segment)),
                           f.index(segmentPitch - segment * columns)));
      at = f.add(f.add(at, start), f.mul(buffer, f.index(bufferPitch)));
      for (int64_t j = 0; j < width; j += words) {
        SmallVector<Value> elements;
        for (int64_t k = 0; k < words; ++k)
          elements.push_back(f.widen(packet[j + k]));
        f.storeWords(memory, f.add(at, f.index(j)), elements);
      }
    });
}

SmallVector<Value> SharedRows::load(Value buffer, Value segmentIndex, Value row,
                                    Value column, int64_t multiple,
                                    int64_t count) {
  // Every row starts at a multiple of as many words as divide the columns.
  int64_t words = kWordsPerAccess;
  while (columns % words != 0 || multiple % words != 0 || count % words != 0)
    words /= 2;
  Value first = f.add(f.mul(buffer, f.index(bufferPitch)),
                      f.mul(segmentIndex, f.index(segmentPitch)));
  first = f.add(f.add(first, start), column);
  first = f.add(first, f.mul(row, f.index(columns)));
  SmallVector<Value> elements;
  for (int64_t i = 0; i < count; i += words)
    llvm::append_range(elements,
                       f.loadWords(memory, f.add(first, f.index(i)), words));
  return elements;
}
