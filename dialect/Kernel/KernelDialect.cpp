//===- KernelDialect.cpp - Registration of the kernel dialect -------------===//

#include "dialect/Kernel/KernelDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc::kernel;

#include "dialect/Kernel/KernelDialect.cpp.inc"
#include "dialect/Kernel/KernelEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Kernel/KernelAttrs.cpp.inc"

#include "dialect/Kernel/KernelInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/Kernel/KernelOps.cpp.inc"

int64_t ScheduleAttr::get(StringRef name, int64_t fallback) const {
  if (!getParams())
    return fallback;
  auto value = getParams().getAs<IntegerAttr>(name);
  return value ? value.getInt() : fallback;
}

std::string ScheduleAttr::describe() const {
  std::string text = stringifyFamily(getFamily()).str();
  llvm::raw_string_ostream os(text);
  if (getParams())
    for (NamedAttribute param : getParams()) {
      os << ' ' << param.getName().getValue() << '=';
      param.getValue().print(os, /*elideType=*/true);
    }
  return text;
}

void KernelDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/Kernel/KernelAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/Kernel/KernelOps.cpp.inc"
      >();
}
