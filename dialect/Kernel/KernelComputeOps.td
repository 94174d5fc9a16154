//===- KernelComputeOps.td - Ops that are one GPU kernel ----*- tablegen -*-===//

#ifndef DIALECT_KERNEL_KERNELCOMPUTEOPS_TD
#define DIALECT_KERNEL_KERNELCOMPUTEOPS_TD

include "mlir/Interfaces/ControlFlowInterfaces.td"
include "dialect/Kernel/KernelBase.td"

def Kernel_MapOp : Kernel_ComputeOp<"map"> {
  let summary = "A function of each element";
  let description = [{
    Iteration dimensions: those of the results. `body` gets an element of each
    input and yields an element of each result.

    Constraints: K1 to K4, and
    - (C1) each result's map is a permutation of the iteration dimensions.

    Example:
    ```mlir
    %A = kernel.map ins(%A_log : tensor<512x16xf32>)
        maps [affine_map<(d, n) -> (d, n)>, affine_map<(d, n) -> (d, n)>]
        -> tensor<512x16xf32> body {
    ^bb0(%a: f32):
      %e = math.exp %a : f32
      %r = arith.negf %e : f32
      kernel.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$inputs,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Variadic<Kernel_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)? `maps` $maps
    (`schedule` $schedule^)? (`variants` $variants^)? attr-dict-with-keyword `->` type($outputs)
    `body` $body
  }];
}

def Kernel_GatherOp : Kernel_ComputeOp<"gather"> {
  let summary = "Rows of a table by index";
  let description = [{
    Iteration dimensions: (rows…, column). `ids` is indexed by the rows, `table`
    by the row's id and the column. `body` gets the table's element and yields
    the result's; for an id outside the table it gets NaN.

    Constraints: K1 to K4, and
    - (C1) the table's map is (0, column), the result's is the identity.

    Example:
    ```mlir
    %y = kernel.gather %ids, %table
        maps [affine_map<(b, t, d) -> (b, t)>, affine_map<(b, t, d) -> (0, d)>,
              affine_map<(b, t, d) -> (b, t, d)>]
        : tensor<?x?xi32>, tensor<256x64xbf16> -> tensor<?x?x64xf32> body {
    ^bb0(%e: bf16):
      %r = arith.extf %e : bf16 to f32
      kernel.yield %r : f32
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[I32]>:$ids, Kernel_FloatTensor:$table,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Kernel_FloatTensor:$output);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $ids `,` $table `maps` $maps (`schedule` $schedule^)? (`variants` $variants^)?
    attr-dict-with-keyword `:` type($ids) `,` type($table) `->` type($output)
    `body` $body
  }];
}

def Kernel_RowReduceOp : Kernel_ComputeOp<"row_reduce"> {
  let summary = "Sums over the last dimension, then a function of each element";
  let description = [{
    Iteration dimensions: (rows…, column). `reduce` gets an element of each input
    and yields f32 terms, at least one, each summed over the columns. `epilogue`
    gets the sums and an element of each input and yields an element of each
    result.

    Constraints: K1 to K4, and
    - (C1) the last iteration dimension is static, and each result's map is the
      identity.

    Example:
    ```mlir
    %y = kernel.row_reduce ins(%x : tensor<?x256xf32>)
        maps [affine_map<(m, d) -> (m, d)>, affine_map<(m, d) -> (m, d)>]
        -> tensor<?x256xf32> reduce {
    ^bb0(%e: f32):
      %s = arith.mulf %e, %e : f32
      kernel.yield %s : f32
    } epilogue {
    ^bb0(%sum: f32, %e: f32):
      %r = math.rsqrt %sum : f32
      %y0 = arith.mulf %e, %r : f32
      kernel.yield %y0 : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_FloatTensor>:$inputs,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Variadic<Kernel_FloatTensor>:$outputs);
  let regions = (region SizedRegion<1>:$reduce, SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $inputs `:` type($inputs) `)` `maps` $maps
    (`schedule` $schedule^)? (`variants` $variants^)? attr-dict-with-keyword `->` type($outputs)
    `reduce` $reduce `epilogue` $epilogue
  }];
}

def Kernel_MatmulOp : Kernel_ComputeOp<"matmul"> {
  let summary = "A matrix product with a transposed weight";
  let description = [{
    Iteration dimensions: (rows…, n, k). `contract` gets an element of x and one
    of the weight and yields two f32 factors, whose products are summed over k.
    `epilogue` gets the sum and an element of each extra input and yields the
    result's.

    Constraints: K1 to K4, and
    - (C1) x's map is (rows…, k), the weight's (n, k), the result's (rows…, n);
      k and n are static.

    Example:
    ```mlir
    %y = kernel.matmul ins(%x, %w : tensor<?x256xf32>, tensor<48x256xbf16>)
        maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
              affine_map<(m, n, k) -> (m, n)>]
        -> tensor<?x48xf32> contract {
    ^bb0(%a: f32, %b: bf16):
      %c = arith.extf %b : bf16 to f32
      kernel.yield %a, %c : f32, f32
    } epilogue {
    ^bb0(%sum: f32):
      kernel.yield %sum : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_FloatTensor>:$inputs,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Kernel_FloatTensor:$output);
  let regions = (region SizedRegion<1>:$contract, SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $inputs `:` type($inputs) `)` `maps` $maps
    (`schedule` $schedule^)? (`variants` $variants^)? attr-dict-with-keyword `->` type($output)
    `contract` $contract `epilogue` $epilogue
  }];
}

/// Where the operands of an op over sequences stand among all of them; the
/// operand has to be there.
defvar Kernel_SequenceOperands = [{
  unsigned getInitialStateOperand() { return getInputs().size(); }
  unsigned getOffsetsOperand() {
    return getInputs().size() + (getInitialState() ? 1 : 0);
  }
  unsigned getSlotsOperand() {
    return getOffsetsOperand() + (getOffsets() ? 1 : 0);
  }
}];

def Kernel_WindowOp : Kernel_ComputeOp<"window", [AttrSizedOperandSegments],
                                       ["getTiedOperand", "getIndexRule"]> {
  let summary = "A sum over a causal window in time";
  let description = [{
    Iteration dimensions: (b, t, d, w). The first input, x, is indexed by
    (b, t-(width-1)+w, d), the second, the weight, by (d, w). `reduce` gets an
    element of both and yields an f32 term, summed over w from the oldest to the
    newest. `epilogue` gets the sum and an element of each further input and
    yields the result's.

    x before t = 0 is `initial_state` (b, width-1, d), or zero; `final_state` is
    the last width-1 inputs. `offsets` packs sequences along t, and `slots` makes
    the states rows of a pool, as they do for `kernel.scan`.

    Constraints: K1 to K4, and
    - (C1) x's map is (b, t, d) in any order, with offsets (0, t, d), the weight's
      (d, w), the result's that of x;
      d and w are static, and w is from 2 to 64.
    - (C2) initial_state and final_state are of one type, of shape (b, width-1,
      d), with slots (p, width-1, d).
    - (C3) offsets has one dimension, of b + 1.
    - (C4) slots has one dimension, of b, and needs an initial_state.
    - (C5) with a schedule or variant of the family `sequential`, its width
      divides d; of `tiled`, there are no offsets.

    Example:
    ```mlir
    %y = kernel.window ins(%x, %w : tensor<?x?x64xf32>, tensor<64x4xf32>)
        maps [affine_map<(b, t, d, w) -> (b, t, d)>,
              affine_map<(b, t, d, w) -> (d, w)>,
              affine_map<(b, t, d, w) -> (b, t, d)>]
        -> tensor<?x?x64xf32> reduce {
    ^bb0(%e: f32, %f: f32):
      %r = arith.mulf %e, %f : f32
      kernel.yield %r : f32
    } epilogue {
    ^bb0(%sum: f32):
      %r = ssm.silu %sum : f32
      kernel.yield %r : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_FloatTensor>:$inputs,
                       Optional<Kernel_FloatTensor>:$initial_state,
                       Optional<RankedTensorOf<[I32]>>:$offsets,
                       Optional<RankedTensorOf<[I32]>>:$slots,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Kernel_FloatTensor:$output,
                      Optional<Kernel_FloatTensor>:$final_state);
  let regions = (region SizedRegion<1>:$reduce, SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $inputs `:` type($inputs) `)`
    (`init` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`offsets` `(` $offsets^ `:` type($offsets) `)`)?
    (`slots` `(` $slots^ `:` type($slots) `)`)?
    `maps` $maps (`schedule` $schedule^)? (`variants` $variants^)? attr-dict-with-keyword
    `->` type($output) (`,` type($final_state)^)?
    `reduce` $reduce `epilogue` $epilogue
  }];
  let extraClassDeclaration = Kernel_SequenceOperands;
}

def Kernel_ScanOp : Kernel_ComputeOp<"scan", [AttrSizedOperandSegments],
                                     ["getTiedOperand", "getIndexRule"]> {
  let summary = "A first-order linear recurrence along time";
  let description = [{
    Iteration dimensions: (b, t, d, n). With `steps` values s per (b, t, d) and
    one state h per (b, d, n):

    ```
    s         = step(inputs without n)
    g, x      = transition(s, inputs with n)
    h         = decay * h + x         decay = exp2(g), or g with decay linear
    sum       = sum over n of readout(h, s, inputs with n)
    out       = epilogue(sum, s, inputs without n)
    ```

    Inputs with n are those whose map uses n. h starts as `initial_state`, or
    zero, and is returned as `last_state` if asked for; both are rounded to their
    element type where they are stored. The logarithm of the decay, rather than
    the decay, is what lets a schedule form the decay of a whole segment as exp2
    of a sum.

    With decay `cexp2` the recurrence is complex. There is a fifth iteration
    dimension c of extent 2, the real and the imaginary part, which the maps of
    inputs with n use, and states have as their last. `transition` and `readout`
    get both parts of each input with n, the real one first, and

    ```
    g, r, x   = transition(s, inputs with n)     x is re, im
    h         = exp2(g) * e^(2 pi i r) * h + x
    sum       = sum over n of readout(h, s, inputs with n)     h is re, im
    ```

    Angles are in turns, since those can be reduced without loss (`ssm.cis`).

    With `offsets`, b counts sequences that are packed one after the other along
    t: sequence b is the steps from offsets[b] up to, not including,
    offsets[b+1], and maps of what is packed have 0 in the place of b. Offsets
    are clamped to 0 and t's extent; before the first sequence and after the last
    out is 0. With `reverse`, time runs from the last step of a sequence to the
    first.

    With `slots`, one more iteration dimension, p, the last, counts the rows of a
    pool, which is initial_state, and sequence b has row slots[b] for its state;
    last_state is the pool with these rows replaced. A sequence whose slot is not from 0 to
    p's extent has no state: out is 0 at its steps. No two may have one slot.

    With `shifts`, input i is read shifts[i] steps earlier, which before a
    sequence's first step is 0: a causal window over an input is that input once
    for each of its taps.

    Regions: `step` gets the inputs without n and yields f32 values (any
    number). `transition` gets those values, then the inputs with n, and yields
    two f32, with `cexp2` four (g, r, re x, im x). `readout` gets h, the step
    values and the inputs with n and yields one f32. `epilogue` gets the sum, the
    step values and the inputs without n and yields the output's element.

    Constraints: K1 to K4, and
    - (C1) the output's map is (b, t, d) in any order, with offsets (0, t, d); d
      and n are static, and n is from 1 to 65536.
    - (C2) initial_state and last_state are of one type, of shape (b, d, n), with
      slots (p, d, n).
    - (C3) offsets has one dimension, of b + 1.
    - (C4) slots has one dimension, of b, and needs an initial_state.
    - (C5) with `cexp2`, inputs with n, and no others, use c, which has the
      extent 2, and initial_state and last_state are (b, d, n, c), with slots
      (p, d, n, c).
    - (C6) with a schedule or variant of the family `tiled`, `split` or `chained`, decay is not
      `cexp2`, segments times lanes is at most 32, 32 * warps divides threads,
      and width divides d; with `split` there are no offsets. With `chained`
      the same holds without segments, and threads is at most 480 where warps is
      more than 1; where full is more than 0, lanes is at most 16 and steps at
      most 32. With `chained`, and with `split` where segments and warps are
      1, lanes divides steps or is divided by it.
    - (C7) shifts has a number from 0 to 63 for each input. It is 0 where the
      input's map does not permute (b, t, d), with offsets is not (0, t, d), and
      with reverse.

    Examples:
    ```mlir
    %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x16xf32>)
        maps [affine_map<(b, t, d, n) -> (b, t, d)>,
              affine_map<(b, t, d, n) -> (d, n)>,
              affine_map<(b, t, d, n) -> (b, t, d)>]
        decay exp2 -> tensor<?x?x64xf32> step {
    ^bb0(%x: f32):
      kernel.yield %x : f32
    } transition {
    ^bb0(%s: f32, %a: f32):
      kernel.yield %a, %s : f32, f32
    } readout {
    ^bb0(%h: f32, %s: f32, %a: f32):
      kernel.yield %h : f32
    } epilogue {
    ^bb0(%sum: f32, %s: f32, %x: f32):
      kernel.yield %sum : f32
    }
    ```
    ```mlir
    %y = kernel.scan ins(%u, %u, %A
            : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64x16xf32>)
        maps [affine_map<(b, t, d, n) -> (b, t, d)>,
              affine_map<(b, t, d, n) -> (b, t, d)>,
              affine_map<(b, t, d, n) -> (d, n)>,
              affine_map<(b, t, d, n) -> (b, t, d)>]
        shifts [1, 0, 0] decay exp2 -> tensor<?x?x64xf32> step {
    ^bb0(%before: f32, %x: f32):
      %s = arith.addf %before, %x : f32
      kernel.yield %s : f32
    } transition {
    ^bb0(%s: f32, %a: f32):
      kernel.yield %a, %s : f32, f32
    } readout {
    ^bb0(%h: f32, %s: f32, %a: f32):
      kernel.yield %h : f32
    } epilogue {
    ^bb0(%sum: f32, %s: f32, %before: f32, %x: f32):
      kernel.yield %sum : f32
    }
    ```
    ```mlir
    %y = kernel.scan ins(%u, %A : tensor<?x?x64xf32>, tensor<64x8x2xf32>)
        maps [affine_map<(b, t, d, n, c) -> (b, t, d)>,
              affine_map<(b, t, d, n, c) -> (d, n, c)>,
              affine_map<(b, t, d, n, c) -> (b, t, d)>]
        decay cexp2 -> tensor<?x?x64xf32> step {
    ^bb0(%x: f32):
      kernel.yield %x : f32
    } transition {
    ^bb0(%s: f32, %a_re: f32, %a_im: f32):
      kernel.yield %a_re, %a_im, %s, %s : f32, f32, f32, f32
    } readout {
    ^bb0(%h_re: f32, %h_im: f32, %s: f32, %a_re: f32, %a_im: f32):
      kernel.yield %h_re : f32
    } epilogue {
    ^bb0(%sum: f32, %s: f32, %x: f32):
      kernel.yield %sum : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_FloatTensor>:$inputs,
                       Optional<Kernel_FloatTensor>:$initial_state,
                       Optional<RankedTensorOf<[I32]>>:$offsets,
                       Optional<RankedTensorOf<[I32]>>:$slots,
                       AffineMapArrayAttr:$maps,
                       OptionalAttr<DenseI64ArrayAttr>:$shifts,
                       UnitAttr:$reverse,
                       DefaultValuedAttr<Kernel_DecayAttr, "Decay::Exp2">:$decay,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule,
                       OptionalAttr<Kernel_VariantsAttr>:$variants);
  let results = (outs Kernel_FloatTensor:$output,
                      Optional<Kernel_FloatTensor>:$last_state);
  let regions = (region SizedRegion<1>:$step, SizedRegion<1>:$transition,
                        SizedRegion<1>:$readout, SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $inputs `:` type($inputs) `)`
    (`init` `(` $initial_state^ `:` type($initial_state) `)`)?
    (`offsets` `(` $offsets^ `:` type($offsets) `)`)?
    (`slots` `(` $slots^ `:` type($slots) `)`)?
    `maps` $maps (`shifts` $shifts^)? (`reverse` $reverse^)? `decay` $decay (`schedule` $schedule^)? (`variants` $variants^)? attr-dict-with-keyword
    `->` type($output) (`,` type($last_state)^)?
    `step` $step `transition` $transition `readout` $readout
    `epilogue` $epilogue
  }];
  let extraClassDeclaration = Kernel_SequenceOperands # [{
    /// Whether the recurrence is complex.
    bool isComplex() { return getDecay() == Decay::CExp2; }
    /// Whether input `i` has an index n.
    bool inputUsesState(unsigned i);
    /// How many steps earlier input `i` is read.
    int64_t getShift(unsigned i) {
      return getShifts() ? (*getShifts())[i] : 0;
    }
    /// The indices of the inputs without n, and of those with n.
    ::llvm::SmallVector<unsigned> getStepInputs();
    ::llvm::SmallVector<unsigned> getStateInputs();
  }];
}

#endif // DIALECT_KERNEL_KERNELCOMPUTEOPS_TD
