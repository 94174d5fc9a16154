//===- KernelInterfaces.td - What compute ops have in common -*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELINTERFACES_TD
#define DIALECT_KERNEL_KERNELINTERFACES_TD

include "mlir/IR/OpBase.td"

def KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::ssmc::kernel";
  let description = [{
    An op that is one GPU kernel over an iteration space.

    The maps are over the op's iteration dimensions. A result that is a dimension
    plus a constant says that this size is that dimension's extent plus the
    constant; any other result (a group index, a constant) says nothing of sizes.
  }];
  let methods = [
    InterfaceMethod<"The number of iteration dimensions.",
      "unsigned", "getNumIterationDims", (ins)>,
    InterfaceMethod<"The map of each operand, in operand order.",
      "::llvm::SmallVector<::mlir::AffineMap>", "getOperandMaps", (ins)>,
    InterfaceMethod<"The map of each result, in result order.",
      "::llvm::SmallVector<::mlir::AffineMap>", "getResultMaps", (ins)>,
    InterfaceMethod<[{
      Whether the kernel, under its schedule and under each of its variants,
      reads everything it needs of an operand before it writes what replaces it
      in the result, so that both may be one buffer.
    }], "bool", "canShareBuffer", (ins "unsigned":$operand, "unsigned":$result),
      "", "return false;">,
    InterfaceMethod<[{
      The operand whose elements a result has where the kernel does not write
      them; none where it writes all.
    }], "std::optional<unsigned>", "getTiedOperand", (ins "unsigned":$result),
      "", "return std::nullopt;">,
    InterfaceMethod<[{
      What the elements of an operand of integers must be, and the iteration
      dimension whose extent bounds them; none where any value will do.
    }], "std::optional<std::pair<::ssmc::kernel::IndexRule, unsigned>>",
      "getIndexRule", (ins "unsigned":$operand), "", "return std::nullopt;">,
    InterfaceMethod<"The schedule, or null before one is assigned.",
      "::ssmc::kernel::ScheduleAttr", "getScheduleAttr", (ins)>,
    InterfaceMethod<"Sets the schedule.",
      "void", "setScheduleAttr", (ins "::ssmc::kernel::ScheduleAttr":$schedule)>,
    InterfaceMethod<"The schedules of the variants, or null where there are none.",
      "::mlir::ArrayAttr", "getVariantsAttr", (ins)>,
    InterfaceMethod<"Sets the schedules of the variants; null for none.",
      "void", "setVariantsAttr", (ins "::mlir::ArrayAttr":$variants)>,
    StaticInterfaceMethod<"The families that the op can be scheduled by.",
      "::llvm::ArrayRef<::ssmc::kernel::Family>", "getFamilies", (ins)>,
  ];
  let extraSharedClassDeclaration = [{
    /// The schedule, if there is one, and then those of the variants.
    ::llvm::SmallVector<::ssmc::kernel::ScheduleAttr> getSchedules() {
      ::llvm::SmallVector<::ssmc::kernel::ScheduleAttr> schedules;
      if (auto schedule = $_op.getScheduleAttr())
        schedules.push_back(schedule);
      if (::mlir::ArrayAttr variants = $_op.getVariantsAttr())
        ::llvm::append_range(
            schedules,
            variants.getAsRange<::ssmc::kernel::ScheduleAttr>());
      return schedules;
    }
  }];
}

#endif // DIALECT_KERNEL_KERNELINTERFACES_TD
