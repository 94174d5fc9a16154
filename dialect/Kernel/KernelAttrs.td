//===- KernelAttrs.td - Schedules and enums ----------------*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELATTRS_TD
#define DIALECT_KERNEL_KERNELATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "dialect/Kernel/KernelDialect.td"

class Kernel_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::ssmc::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_Family : Kernel_Enum<"Family", "a way to spread a kernel's work", [
  I32EnumAttrCase<"Elementwise", 0, "elementwise">,
  I32EnumAttrCase<"Sequential", 1, "sequential">,
  I32EnumAttrCase<"Rows", 2, "rows">,
  I32EnumAttrCase<"Tiled", 3, "tiled">,
  I32EnumAttrCase<"Split", 4, "split">,
  I32EnumAttrCase<"Chained", 5, "chained">]>;

def Kernel_ScheduleAttr : AttrDef<Kernel_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "How a kernel's work is spread over blocks, threads and time";
  let description = [{
    | op | family | parameters (default) |
    |---|---|---|
    | map, gather | elementwise | threads (256): one thread an element |
    | scan | sequential | threads (128), lanes (1): threads that share a channel's states, steps (4): time steps whose loads are issued together |
    | scan | tiled | threads (128), segments (8): segments of time a warp, steps (8): time steps of a segment, width (1): channels a thread, lanes (1): threads that share a channel's states, warps (1): warps that share a channel's time, states (4): states whose segments are joined together, stages (1): 2 loads a tile's inputs while the one before is computed |
    | scan | chained | threads (128), steps (8): time steps of a tile, width (1): channels a thread, lanes (1): threads that share a channel's states and the work of its steps, warps (1): warps that share a channel's time and pass its states on, ahead (1): 1 scans a tile from state 0 before its states come, stages (1): 2 computes a tile's step values while the one before is scanned, full (0): blocks of a sequence, the first ones, that have all their channels, where the others have half, with twice the lanes and steps; 0 for all blocks, resident (0): blocks that an SM has registers for, 0 for as many as there are |
    | scan | split | piece (4096): steps of a sequence that a block has, in three launches; the parameters of tiled. Where segments and warps are 1, a piece has the tiles of chained, without states and stages; resident as there |
    | row_reduce | rows | threads (128): one block a row |
    | matmul | rows | threads (128), columns (4): output columns a warp |
    | matmul | tiled | none: 64 x 64 outputs a block of 256 threads, 16 products at a time |
    | window | sequential | threads (128), steps (0): time steps a thread, 0 for the whole sequence, width (1): neighbouring channels a thread, loads (1): steps whose loads are issued together |
    | window | tiled | threads (128), steps (8): neighbouring time steps of a thread, rounds (2): how often it has them, all loads issued together; a warp has 32 * steps * rounds steps of one channel |

    Example: `#kernel.schedule<sequential, {lanes = 2 : i64}>`
  }];
  let parameters = (ins
    EnumParameter<Kernel_Family>:$family,
    OptionalParameter<"::mlir::DictionaryAttr">:$params);
  let assemblyFormat = "`<` $family (`,` $params^)? `>`";
  let extraClassDeclaration = [{
    /// The value of an integer parameter, or `fallback` where it is left out.
    int64_t get(::llvm::StringRef name, int64_t fallback) const;
    /// For people, and the label of a variant: "sequential lanes=2 steps=4".
    std::string describe() const;
  }];
}

def Kernel_VariantsAttr
    : TypedArrayAttrBase<Kernel_ScheduleAttr, "schedules of variants">;

def Kernel_Decay : Kernel_Enum<"Decay", "what a transition's first value is", [
  // The base-2 logarithm of the decay.
  I32EnumAttrCase<"Exp2", 0, "exp2">,
  // The decay itself.
  I32EnumAttrCase<"Linear", 1, "linear">,
  // The base-2 logarithm of a complex decay's magnitude; its angle in turns is
  // the second value.
  I32EnumAttrCase<"CExp2", 2, "cexp2">]>;
def Kernel_DecayAttr : EnumAttr<Kernel_Dialect, Kernel_Decay, "decay">;

def Kernel_Destination
    : Kernel_Enum<"Destination", "where in a scan a producer moves", [
  // To transition, readout and, for what does not depend on n, step.
  I32EnumAttrCase<"Transition", 0, "transition">,
  // To step and epilogue.
  I32EnumAttrCase<"Step", 1, "step">]>;
def Kernel_DestinationAttr
    : EnumAttr<Kernel_Dialect, Kernel_Destination, "destination">;

def Kernel_IndexRule : Kernel_Enum<"IndexRule", "what integers of an input must be", [
  // From 0 to the limit, none below the one before it.
  I32EnumAttrCase<"Offsets", 0, "offsets">,
  // Below the limit; no two alike but negative ones.
  I32EnumAttrCase<"Slots", 1, "slots">]>;

def Kernel_InputRuleAttr : AttrDef<Kernel_Dialect, "InputRule"> {
  let mnemonic = "input_rule";
  let summary = "What a call checks of the integers of an input";
  let description = [{
    `limit` is a map from the sizes of the plan to one number.

    Example: `#kernel.input_rule<offsets up_to ()[batch, seqlen] -> (seqlen)>`
  }];
  let parameters = (ins EnumParameter<Kernel_IndexRule>:$rule,
                        "::mlir::AffineMap":$limit);
  let assemblyFormat = "`<` $rule `up_to` $limit `>`";
}

def Kernel_BufferKind : Kernel_Enum<"BufferKind", "where a buffer lives", [
  I32EnumAttrCase<"Input", 0, "input">,
  I32EnumAttrCase<"Output", 1, "output">,
  I32EnumAttrCase<"Parameter", 2, "parameter">,
  I32EnumAttrCase<"State", 3, "state">,
  I32EnumAttrCase<"Derived", 4, "derived">,
  I32EnumAttrCase<"Temporary", 5, "temporary">]>;
def Kernel_BufferKindAttr
    : EnumAttr<Kernel_Dialect, Kernel_BufferKind, "buffer_kind">;

#endif // DIALECT_KERNEL_KERNELATTRS_TD
