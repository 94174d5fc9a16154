//===- Case.h - One configuration of an op to be checked ------------------===//
//
// The differential tester runs an op on drawn data and compares it with the
// oracle. A Case says all there is to say about one such run, in a line that
// people can read, edit and give back:
//
//   scan b2 l131 d10 n16 u=bf16 bc=f32 D z bias softplus h0 hT groups=2
//        layout=channel seed=42
//   conv b1 l64 d33 k4 u=f16 bias silu hT seed=7
//   scan b3 l100 d8 n4 u=f32 complex h0 hT slots=5 chunk=7 lanes=4 seed=1
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_ORACLE_CASE_H
#define SSMC_ORACLE_CASE_H

#include "ssmc/Oracle/SelectiveScan.h"
#include "ssmc/Support/DType.h"
#include <map>

namespace ssmc::oracle {

enum class CaseOp { Scan, Conv };

/// What B or C is: one matrix for all steps, one a step, or one a step and
/// group.
enum class MatrixKind { Constant, Variable, Groups };

/// What the inputs hold: ordinary numbers, or a few infinities, NaNs, huge and
/// tiny ones among them.
enum class DataKind { Ordinary, Special };

/// Words of the text are in parentheses. What is absent has the default.
struct Case {
  CaseOp op = CaseOp::Scan;
  uint64_t batch = 1;  ///< (b)
  uint64_t seqlen = 1; ///< (l)
  uint64_t dim = 1;    ///< (d)
  /// (n) The states of a channel; scans only.
  uint64_t dstate = 1;
  /// (k) The taps of a convolution, 2 to 8.
  uint64_t width = 2;
  /// (u=) Element type of the activations: u, delta and z, or x and its states.
  DType activation = DType::F32;
  /// (out=) Element type of the result (default: that of the activations).
  DType result = DType::F32;
  /// (bc=) Element type of B and C (default: that of the activations).
  DType matrix = DType::F32;
  /// (w=) Element type of D and delta_bias, or of weight and bias (default
  /// f32).
  DType weight = DType::F32;
  /// (h=) Element type of a scan's states (default f32).
  DType state = DType::F32;
  /// (groups=) Groups of B and C; 0 where neither has any.
  uint64_t groups = 0;
  /// (B=, C=) const, var or groups (default groups where there are any).
  MatrixKind B = MatrixKind::Variable;
  MatrixKind C = MatrixKind::Variable;
  bool D = false;        ///< (D)
  bool z = false;        ///< (z)
  bool bias = false;     ///< (bias)
  bool softplus = false; ///< (softplus)
  bool silu = false;     ///< (silu) Convolutions only.
  bool first = false;    ///< (h0) There is an initial state.
  bool last = false;     ///< (hT) The last state is asked for.
  /// (static) batch and seqlen are fixed in the kernel.
  bool isStatic = false;
  /// (seqs=) Sequences packed along seqlen, 0 for none; of batch 1 and with
  /// token-major activations only.
  uint64_t sequences = 0;
  bool limits = false;  ///< (limits) Steps are clamped; scans only.
  bool reverse = false; ///< (reverse) Scans only.
  /// (gap) Steps before the first packed sequence and after the last one.
  bool gap = false;
  /// (slots=) Rows of the pool that the initial states are in, 0 where there is
  /// none; needs an initial state. Some sequences are padding.
  uint64_t slots = 0;
  /// (complex) A, B, C and the states are complex; scans only.
  bool isComplex = false;
  /// (strided) u, delta, z, B and C, or x, are every so many columns of larger
  /// tensors, as inputSlice() says.
  bool strided = false;
  /// (layout=channel)
  Layout layout = Layout::TokenMajor;
  /// (family=) The family of schedules that is forced; empty for the compiler's
  /// choice.
  std::string family;
  /// (lanes=, steps=, threads=, …) Parameters of it that are forced, by name.
  std::map<std::string, uint64_t, std::less<>> schedule;
  /// (chunk=) The sequence is run in calls of that many steps, the last one
  /// shorter, each from the states that the one before left; 0 for one call.
  /// Implies h0 and hT, and a scan's states in f32: what states of half
  /// precision lose at the end of each call is not an error of a kernel.
  uint64_t chunk = 0;
  /// (data=special)
  DataKind data = DataKind::Ordinary;
  /// (seed=) Of the data.
  uint64_t seed = 0;
};

/// The line that says it: defaults left out, the rest in a fixed order.
std::string printCase(const Case &it);

/// The inverse of printCase(), words in any order. StatusCode::Usage where a
/// word is unknown or the words do not fit each other.
Result<Case> parseCase(std::string_view text);

/// The line without what a kernel does not depend on: cases of equal keys run
/// on one bundle.
std::string kernelKey(const Case &it);

/// Drops what the op does not have and what the kinds of B and C leave unused,
/// so that equal configurations are equal. printCase() and parseCase() keep it.
void normalize(Case &it);

/// Says what about the case is out of range, if anything.
Status checkCase(const Case &it);

/// What CompileOptions::schedules must hold: "scan:lanes=4,threads=64", or
/// nothing where no parameter is forced.
std::vector<std::string> schedules(const Case &it);

/// Case number `index` of a run: the same for the same arguments everywhere.
/// `perKernel` consecutive cases share a kernel, since compiling it costs more
/// than running it.
Case randomCase(CaseOp op, uint64_t seed, uint64_t index,
                uint64_t perKernel = 4);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_CASE_H
