//===- InputRules.cpp - Integers that kernels index with ------------------===//

#include "InputRules.h"
#include <cstring>
#include <fmt/format.h>
#include <unordered_map>

namespace ssmc::runtime {

static std::vector<int32_t> elementsOf(const HostTensor &tensor) {
  std::vector<int32_t> elements(tensor.data.size() / sizeof(int32_t));
  if (!elements.empty())
    std::memcpy(elements.data(), tensor.data.data(),
                elements.size() * sizeof(int32_t));
  return elements;
}

static Status checkOffsets(uint64_t limit,
                           const std::vector<int32_t> &offsets) {
  if (offsets.size() < 2)
    return Status::invalid(
        fmt::format("expected the offsets of one sequence at least, two "
                    "elements, found {}",
                    offsets.size()));
  int64_t before = 0;
  for (size_t i = 0; i < offsets.size(); ++i) {
    int64_t offset = offsets[i];
    if (offset < before)
      return Status::invalid(
          i == 0 || offset < 0
              ? fmt::format("element {} is {}: an offset cannot be negative", i,
                            offset)
              : fmt::format("element {} is {}, below the one before it, {}: "
                            "offsets of packed sequences cannot decrease",
                            i, offset, before));
    if (static_cast<uint64_t>(offset) > limit)
      return Status::invalid(fmt::format(
          "element {} is {}, but there are {} steps", i, offset, limit));
    before = offset;
  }
  return {};
}

static Status checkSlots(uint64_t limit, const std::vector<int32_t> &slots) {
  std::unordered_map<int32_t, size_t> first;
  for (size_t i = 0; i < slots.size(); ++i) {
    int32_t slot = slots[i];
    if (slot < 0)
      continue;
    if (static_cast<uint64_t>(slot) >= limit)
      return Status::invalid(
          fmt::format("element {} is {}, but the pool has {} rows; a sequence "
                      "without a row has a negative slot",
                      i, slot, limit));
    auto [other, isNew] = first.try_emplace(slot, i);
    if (!isNew)
      return Status::invalid(
          fmt::format("elements {} and {} are both {}: two sequences cannot "
                      "share a state",
                      other->second, i, slot));
  }
  return {};
}

Status checkInputRule(bundle::InputRuleKind kind, uint64_t limit,
                      const HostTensor &tensor) {
  switch (kind) {
  case bundle::InputRuleKind::Offsets:
    return checkOffsets(limit, elementsOf(tensor));
  case bundle::InputRuleKind::Slots:
    return checkSlots(limit, elementsOf(tensor));
  }
  return Status::invalid("unknown rule of an input");
}

} // namespace ssmc::runtime
