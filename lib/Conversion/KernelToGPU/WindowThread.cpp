//===- WindowThread.cpp - What a thread of a window does ------------------===//

#include "WindowThread.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

namespace {
enum Dim : unsigned { b, t, d, w };
} // namespace

/// Rows as one list of values, as loops and branches carry them, and back.
static SmallVector<Value> flatten(ArrayRef<WindowThread::Row> rows) {
  SmallVector<Value> values;
  for (const WindowThread::Row &row : rows)
    llvm::append_range(values, row);
  return values;
}
static SmallVector<WindowThread::Row> unflatten(ValueRange values,
                                                size_t width) {
  SmallVector<WindowThread::Row> rows;
  for (size_t i = 0; i < values.size(); i += width)
    rows.emplace_back(values.slice(i, width));
  return rows;
}

void WindowThread::place(Value batch, Value channel) {
  this->batch = batch;
  this->channel = channel;
  sequence.emplace(f, op, batch);
}

SmallVector<Value> WindowThread::load(unsigned view, Value time) {
  return f.loadPacked(view, pointAt(time), Dim::d, width,
                      f.vectorWidth(view, Dim::d, width));
}

WindowThread::Row WindowThread::widen(ValueRange elements) {
  return llvm::map_to_vector(elements,
                             [&](Value element) { return f.widen(element); });
}

WindowThread::Row WindowThread::zeros() { return Row(width, f.f32(0.0f)); }

void WindowThread::loadInvariants() {
  weights.assign(taps, {});
  for (int64_t c = 0; c < width; ++c) {
    SmallVector<Value> ofChannel = f.loadMany(
        weight, {batch, Value(), f.add(channel, f.index(c)), f.index(0)},
        Dim::w, taps, f.vectorWidth(weight, Dim::w, taps));
    for (auto [row, element] : llvm::zip(weights, ofChannel))
      row.push_back(f.widen(element));
  }
  for (unsigned i = 2; i < op.getInputs().size(); ++i) {
    Row &row = extras.emplace_back();
    if (f.map(i).isFunctionOfDim(Dim::t))
      timed.push_back(i);
    else
      row = f.unpack(load(i, Value()));
  }
}

/// Rounded to the type of x, as what is in a window is.
WindowThread::Row WindowThread::fromState(Value index) {
  if (!op.getInitialState())
    return zeros();
  Row row;
  for (int64_t c = 0; c < width; ++c) {
    Value element =
        f.loadAt(op.getInitialStateOperand(),
                 {sequence->row, index, f.add(channel, f.index(c))});
    row.push_back(
        f.widen(f.narrow(f.widen(element), f.viewType(x).elementType)));
  }
  return row;
}

SmallVector<WindowThread::Row> WindowThread::loadBefore(Value step,
                                                        bool atStart) {
  SmallVector<Row> window;
  for (int64_t i = 0; i < taps - 1; ++i) {
    if (atStart) {
      window.push_back(fromState(f.add(step, f.index(i))));
      continue;
    }
    // What is loaded stays packed in the branch, so that nothing in it waits.
    Value inside = f.lessThan(f.index(taps - 2 - i), step);
    SmallVector<Value> packets = f.valuesIf(
        inside,
        [&] {
          Value at = f.sub(f.add(step, f.index(i)), f.index(taps - 1));
          return load(x, timeOf(at));
        },
        [&] {
          Type type = f.viewType(x).elementType;
          SmallVector<Value> state;
          if (op.getInitialState())
            for (Value element : fromState(f.add(step, f.index(i))))
              state.push_back(f.narrow(element, type));
          else
            state.assign(width, f.zero(type));
          return f.pack(state, f.vectorWidth(x, Dim::d, width));
        });
    window.push_back(widen(f.unpack(packets)));
  }
  return window;
}

WindowThread::Row WindowThread::compute(ArrayRef<Row> window,
                                        ArrayRef<Row> timedRows) {
  Row results;
  for (int64_t c = 0; c < width; ++c) {
    Value sum;
    for (int64_t i = 0; i < taps; ++i) {
      Value term =
          f.inlineRegion(op.getReduce(), {window[i][c], weights[i][c]})[0];
      sum = i == 0 ? term : f.addF(sum, term);
    }
    SmallVector<Value> arguments = {sum};
    const Row *next = timedRows.begin();
    for (const Row &extra : extras)
      arguments.push_back(extra.empty() ? (*next++)[c] : extra[c]);
    results.push_back(f.inlineRegion(op.getEpilogue(), arguments)[0]);
  }
  return results;
}

SmallVector<WindowThread::Row>
WindowThread::walk(Value from, Value to, int64_t count, ArrayRef<Row> window) {
  auto walkBy = [&](Value from, Value to, int64_t count, ArrayRef<Row> window) {
    auto loop =
        scf::ForOp::create(f.b, from, to, f.index(count), flatten(window));
    OpBuilder::InsertionGuard guard(f.b);
    f.b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> times;
    SmallVector<SmallVector<Value>> loaded;
    SmallVector<SmallVector<Row>> timedRows(count);
    for (int64_t i = 0; i < count; ++i) {
      times.push_back(timeOf(f.add(loop.getInductionVar(), f.index(i))));
      loaded.push_back(load(x, times[i]));
      for (unsigned view : timed)
        timedRows[i].push_back(load(view, times[i]));
    }
    SmallVector<Row> rows = unflatten(loop.getRegionIterArgs(), width);
    int64_t storeWidth = f.vectorWidth(f.resultView(0), Dim::d, width);
    for (int64_t i = 0; i < count; ++i) {
      rows.push_back(widen(f.unpack(loaded[i])));
      for (Row &row : timedRows[i])
        row = f.unpack(row);
      f.storeMany(f.resultView(0), pointAt(times[i]), Dim::d,
                  compute(ArrayRef(rows).take_back(taps), timedRows[i]),
                  storeWidth);
    }
    scf::YieldOp::create(f.b, flatten(ArrayRef(rows).take_back(taps - 1)));
    return unflatten(loop.getResults(), width);
  };
  if (count == 1)
    return walkBy(from, to, 1, window);
  Value steps = f.max(f.sub(to, from), f.index(0));
  Value whole = f.sub(f.add(from, steps), f.rem(steps, f.index(count)));
  SmallVector<Row> rows = walkBy(from, whole, count, window);
  return walkBy(whole, to, 1, rows);
}

void WindowThread::storeState(ArrayRef<Row> window) {
  unsigned view = f.resultView(1);
  for (auto [i, row] : llvm::enumerate(window))
    for (auto [c, element] : llvm::enumerate(row))
      f.storeAt(view, {sequence->row, f.index(i), f.add(channel, f.index(c))},
                f.narrow(element, f.viewType(view).elementType));
}

void WindowThread::storeZero(Value time) {
  unsigned view = f.resultView(0);
  f.storeMany(view, pointAt(time), Dim::d,
              Row(width, f.zero(f.viewType(view).elementType)),
              f.vectorWidth(view, Dim::d, width));
}
