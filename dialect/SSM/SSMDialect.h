//===- SSMDialect.h - The ssm dialect -------------------------------------===//

#ifndef DIALECT_SSM_SSMDIALECT_H
#define DIALECT_SSM_SSMDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/SSM/SSMDialect.h.inc"
#include "dialect/SSM/SSMEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/SSM/SSMAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/SSM/SSMOps.h.inc"

#endif // DIALECT_SSM_SSMDIALECT_H
