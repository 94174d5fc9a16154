//===- Choice.h - Which alternative of a step is taken --------------------===//
//
// A bundle may hold several alternatives of a step. What decides is, in this
// order: what the caller forces, what was measured on this device at sizes of
// this class, the estimate that the compiler left, and the order.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_RUNTIME_CHOICE_H
#define SSMC_RUNTIME_CHOICE_H

#include "ssmc/Runtime/BundleView.h"
#include <map>

namespace ssmc::runtime {

enum class ChoiceReason {
  /// The bundle says no more.
  First,
  /// The least cost that the compiler estimates.
  Estimate,
  /// The fastest when it was tuned.
  Measured,
  /// The caller says so.
  Forced,
};

/// "the first", "estimated", "measured", "forced".
std::string_view choiceReasonName(ChoiceReason reason);

/// What is taken at one Choose of an entry.
struct ChoiceMade {
  /// Number of the entry's step.
  uint32_t step = 0;
  /// Index into Bundle.variant_groups and the group's labels.
  uint32_t group = 0;
  uint32_t alternative = 0;
  ChoiceReason reason = ChoiceReason::First;
};

/// The sizes that a step's choice may depend on, rounded up to powers of two,
/// by name: "batch=1,seqlen=2048". Empty where it depends on none.
std::string shapeClass(const bundle::Entry &entry, const bundle::Choose &choose,
                       const std::vector<uint64_t> &dims);

/// What decides about the groups of one bundle. Empty, it leaves all to the
/// estimates. Groups and alternatives are indices that the bundle has.
class ChoiceTable {
public:
  /// Takes `alternative` at every step of the group.
  void force(uint32_t group, uint32_t alternative) {
    forced_[group] = alternative;
  }
  /// Takes `alternative` at steps of the group and sizes of the class.
  void setMeasured(uint32_t group, std::string shapeClass,
                   uint32_t alternative) {
    measured_[{group, std::move(shapeClass)}] = alternative;
  }
  [[nodiscard]] bool empty() const {
    return forced_.empty() && measured_.empty();
  }

  /// What is taken at `choose` of `entry`. A cost that 64 bits do not hold is
  /// as large as there can be.
  [[nodiscard]] ChoiceMade choose(const bundle::Entry &entry,
                                  const bundle::Choose &choose,
                                  const std::vector<uint64_t> &dims) const;

private:
  std::map<uint32_t, uint32_t> forced_;
  std::map<std::pair<uint32_t, std::string>, uint32_t> measured_;
};

/// Parses "GROUP=ALTERNATIVE", an alternative being its number, from 0, or its
/// label, and forces it. Fails with what there is to choose from.
Status forceChoice(const BundleView &bundle, std::string_view text,
                   ChoiceTable &choices);

} // namespace ssmc::runtime

#endif // SSMC_RUNTIME_CHOICE_H
