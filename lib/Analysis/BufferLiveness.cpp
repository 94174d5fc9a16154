//===- BufferLiveness.cpp - When a plan's buffers are in use --------------===//

#include "ssmc/Analysis/BufferLiveness.h"

using namespace mlir;
using namespace ssmc;

BufferLiveness::BufferLiveness(kernel::PlanOp plan) {
  uint32_t step = 0;
  for (Operation &op : plan.getBody().front()) {
    if (isa<kernel::BufferOp>(op))
      continue;
    op.walk([&](Operation *part) {
      for (Value buffer : part->getOperands())
        ranges.try_emplace(buffer, Range{step, step}).first->second.last = step;
    });
    ++step;
  }
}
