//===- SSMDialect.cpp - Registration of the ssm dialect -------------------===//

#include "dialect/SSM/SSMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssmc::ssm;

#include "dialect/SSM/SSMDialect.cpp.inc"
#include "dialect/SSM/SSMEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/SSM/SSMAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/SSM/SSMOps.cpp.inc"

void SSMDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/SSM/SSMAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/SSM/SSMOps.cpp.inc"
      >();
}

LogicalResult SSMDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  // (A1)
  if (attribute.getName() == "ssm.model" && isa<ModuleOp>(op) &&
      isa<DictionaryAttr>(attribute.getValue()))
    return success();
  return op->emitError("expects the attributes of the ssm dialect on ops to be "
                       "'ssm.model' of a module, a dictionary, got '")
         << attribute.getName().getValue() << "' = " << attribute.getValue();
}

/// (A2), (A3) of the value called `what`, e.g. "argument 0".
static LogicalResult verifyValueAttribute(Operation *op, const Twine &what,
                                          Type type, NamedAttribute attribute) {
  if (attribute.getName() == "ssm.name") {
    auto name = dyn_cast<StringAttr>(attribute.getValue());
    if (name && !name.getValue().empty())
      return success();
    return op->emitError("expects 'ssm.name' of ")
           << what << " to be a string that is not empty, got "
           << attribute.getValue();
  }
  if (attribute.getName() == "ssm.dims") {
    auto shaped = dyn_cast<ShapedType>(type);
    auto names = dyn_cast<ArrayAttr>(attribute.getValue());
    if (shaped && shaped.hasRank() && names &&
        llvm::all_of(names, llvm::IsaPred<StringAttr>) &&
        names.size() == shaped.getNumDynamicDims())
      return success();
    return op->emitError("expects 'ssm.dims' of ")
           << what << " to name the dynamic dimensions of " << type << ", got "
           << attribute.getValue();
  }
  return op->emitError("expects 'ssm.name' or 'ssm.dims' as the attributes of ")
         << what << ", got '" << attribute.getName().getValue() << "'";
}

LogicalResult SSMDialect::verifyRegionArgAttribute(Operation *op,
                                                   unsigned /*regionIndex*/,
                                                   unsigned index,
                                                   NamedAttribute attribute) {
  Type type = cast<FunctionOpInterface>(op).getArgumentTypes()[index];
  return verifyValueAttribute(op, "argument " + Twine(index), type, attribute);
}

LogicalResult
SSMDialect::verifyRegionResultAttribute(Operation *op, unsigned /*regionIndex*/,
                                        unsigned index,
                                        NamedAttribute attribute) {
  Type type = cast<FunctionOpInterface>(op).getResultTypes()[index];
  return verifyValueAttribute(op, "result " + Twine(index), type, attribute);
}
