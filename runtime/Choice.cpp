//===- Choice.cpp - Which alternative of a step is taken ------------------===//

#include "ssmc/Runtime/Choice.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include <fmt/format.h>

namespace ssmc::runtime {

std::string_view choiceReasonName(ChoiceReason reason) {
  switch (reason) {
  case ChoiceReason::First:
    return "the first";
  case ChoiceReason::Estimate:
    return "estimated";
  case ChoiceReason::Measured:
    return "measured";
  case ChoiceReason::Forced:
    return "forced";
  }
  return "unknown";
}

static void noteDims(const bundle::Expr &expr, std::vector<bool> &used) {
  for (const bundle::ExprItem *item : *expr.items())
    if (item->op() == bundle::ExprOp::Dim)
      used[item->value()] = true;
}

std::string shapeClass(const bundle::Entry &entry, const bundle::Choose &choose,
                       const std::vector<uint64_t> &dims) {
  // The work is what grids and scalars say; where a pointer begins says
  // nothing of it.
  std::vector<bool> used(dims.size());
  for (const bundle::Alternative *alternative : *choose.alternatives())
    for (const bundle::Step *step : *alternative->steps()) {
      if (const bundle::Launch *launch = step->action_as_Launch()) {
        for (const bundle::Expr *extent : *launch->grid())
          noteDims(*extent, used);
        for (const bundle::Expr *scalar : *launch->scalars())
          noteDims(*scalar, used);
      } else {
        noteDims(*step->action_as_Copy()->bytes(), used);
      }
    }
  // By name: entries that share a group may have their dims in another order.
  std::map<std::string_view, uint64_t> sizes;
  for (uint32_t i = 0; i < dims.size(); ++i) {
    if (!used[i])
      continue;
    uint64_t rounded = 1;
    while (rounded < dims[i] && rounded <= UINT64_MAX / 2)
      rounded *= 2;
    sizes[entry.dims()->Get(i)->string_view()] = rounded;
  }
  std::string text;
  for (const auto &[name, size] : sizes)
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, size);
  return text;
}

ChoiceMade ChoiceTable::choose(const bundle::Entry &entry,
                               const bundle::Choose &choose,
                               const std::vector<uint64_t> &dims) const {
  ChoiceMade made;
  made.group = choose.group();
  if (auto found = forced_.find(made.group); found != forced_.end()) {
    made.alternative = found->second;
    made.reason = ChoiceReason::Forced;
    return made;
  }
  if (!measured_.empty()) {
    auto found = measured_.find({made.group, shapeClass(entry, choose, dims)});
    if (found != measured_.end()) {
      made.alternative = found->second;
      made.reason = ChoiceReason::Measured;
      return made;
    }
  }
  const auto &alternatives = *choose.alternatives();
  uint64_t least = UINT64_MAX;
  for (uint32_t i = 0; i < alternatives.size(); ++i) {
    if (!alternatives.Get(i)->cost())
      return made;
    Result<uint64_t> cost =
        evaluateExpr(*alternatives.Get(i)->cost(), entry.dims(), dims);
    if (cost.ok() && *cost < least) {
      least = *cost;
      made.alternative = i;
    }
  }
  made.reason = ChoiceReason::Estimate;
  return made;
}

/// "'scan.0' (0 'sequential lanes=1', 1 'sequential lanes=2')".
static std::string describeGroup(const bundle::VariantGroup &group) {
  std::string text;
  for (uint32_t i = 0; i < group.labels()->size(); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", i,
                        quoted(group.labels()->Get(i)->string_view()));
  return fmt::format("{} ({})", quoted(group.name()->string_view()), text);
}

Status forceChoice(const BundleView &bundle, std::string_view text,
                   ChoiceTable &choices) {
  // A label may have an equals sign, and so may a name.
  std::string groups;
  for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g) {
    const bundle::VariantGroup &group = bundle.variantGroup(g);
    groups += (groups.empty() ? "" : ", ") + describeGroup(group);
    std::string_view name = group.name()->string_view();
    if (text.substr(0, name.size()) != name || text.size() <= name.size() ||
        text[name.size()] != '=')
      continue;
    std::string_view wanted = text.substr(name.size() + 1);
    for (uint32_t i = 0; i < group.labels()->size(); ++i)
      if (wanted == fmt::format("{}", i) ||
          wanted == group.labels()->Get(i)->string_view()) {
        choices.force(g, i);
        return {};
      }
    return Status::usage(fmt::format("{}: no alternative {} of {}",
                                     quoted(bundle.name()), quoted(wanted),
                                     describeGroup(group)));
  }
  return Status::usage(fmt::format(
      "{}: cannot choose {}; expected GROUP=NUMBER or GROUP=LABEL of: {}",
      quoted(bundle.name()), quoted(text),
      groups.empty() ? "nothing, the bundle holds no variants" : groups));
}

} // namespace ssmc::runtime
