//===- ScheduleSpec.cpp - Schedules that an option asks for ---------------===//

#include "ScheduleSpec.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace ssmc::kernel;

bool ScheduleSpec::isFor(KernelOpInterface kernelOp) const {
  return kernelOp->getName().stripDialect() == op;
}

ScheduleAttr ScheduleSpec::apply(ScheduleAttr base) const {
  MLIRContext *context = base.getContext();
  NamedAttrList attributes;
  if (!family)
    attributes = NamedAttrList(base.getParams());
  for (const auto &[name, value] : params)
    attributes.set(name,
                   IntegerAttr::get(IntegerType::get(context, 64), value));
  return ScheduleAttr::get(context, family.value_or(base.getFamily()),
                           attributes.empty()
                               ? DictionaryAttr()
                               : attributes.getDictionary(context));
}

std::string ScheduleSpec::str() const {
  std::string text;
  if (family)
    text = ("family=" + stringifyFamily(*family)).str();
  for (const auto &[name, value] : params)
    text += (text.empty() ? "" : ",") + name + "=" + std::to_string(value);
  return op + ":" + text;
}

FailureOr<SmallVector<ScheduleSpec>>
ssmc::kernel::parseScheduleSpecs(Operation *op, ArrayRef<std::string> items) {
  SmallVector<ScheduleSpec> specs;
  for (StringRef text : items) {
    StringRef rest = text, name;
    if (text.contains(':')) {
      std::tie(name, rest) = text.split(':');
      specs.emplace_back().op = name.str();
    }
    auto [parameter, value] = rest.split('=');
    int64_t number = 0;
    bool isFamily = parameter == "family";
    if (specs.empty() || specs.back().op.empty() || parameter.empty() ||
        (!isFamily && value.getAsInteger(10, number)))
      return op->emitError("expects a schedule as op:name=value, as in "
                           "scan:lanes=4,steps=2, got '")
             << text << "'";
    if (!isFamily) {
      specs.back().params.push_back({parameter.str(), number});
      continue;
    }
    specs.back().family = symbolizeFamily(value);
    if (!specs.back().family) {
      SmallVector<StringRef> known;
      for (unsigned i = 0; i <= getMaxEnumValForFamily(); ++i)
        if (std::optional<Family> family = symbolizeFamily(i))
          known.push_back(stringifyFamily(*family));
      InFlightDiagnostic diagnostic =
          op->emitError("expects a family of schedules, ");
      llvm::interleaveComma(known, diagnostic);
      diagnostic << ", got '" << text << "'";
      return diagnostic;
    }
  }
  return specs;
}
