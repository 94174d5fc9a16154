//===- BenchReference.cpp - Whether what is measured is right -------------===//

#include "tools/cli/BenchReference.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Oracle/Problem.h"
#include "tools/cli/CompareOutput.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <functional>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;
using oracle::Case;

/// Elements of state and time, b * l * d * n, that the oracle takes about a
/// second for.
static constexpr uint64_t kMaxOracleWork = uint64_t{1} << 23;

Result<std::unique_ptr<Session>> cli::makeSession(Program &program,
                                                  const EntryPlan &plan) {
  uint64_t batch = 1;
  for (uint32_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.entry->buffers()->Get(i)->kind() == bundle::BufferKind::State)
      batch = plan.buffers[i].shape[0];
  return Session::create(program, batch);
}

//===----------------------------------------------------------------------===//
// Which cases an entry may be
//===----------------------------------------------------------------------===//

namespace {

struct TensorType {
  DType dtype;
  std::vector<uint64_t> shape;
};

/// The tensors of an entry at its sizes.
struct EntrySignature {
  std::map<std::string, TensorType, std::less<>> inputs;
  std::vector<TensorType> outputs;

  explicit EntrySignature(const EntryPlan &plan) {
    for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
      const bundle::Buffer &buffer = *plan.entry->buffers()->Get(i);
      TensorType type = {static_cast<DType>(buffer.dtype()),
                         plan.buffers[i].shape};
      if (buffer.kind() == bundle::BufferKind::Input)
        inputs.emplace(buffer.name()->str(), type);
      else if (buffer.kind() == bundle::BufferKind::Output)
        outputs.push_back(type);
    }
  }

  [[nodiscard]] const TensorType *find(std::string_view name) const {
    auto found = inputs.find(name);
    return found == inputs.end() ? nullptr : &found->second;
  }
  /// The type of the input of that name where it has that rank.
  [[nodiscard]] const TensorType *find(std::string_view name,
                                       size_t rank) const {
    const TensorType *type = find(name);
    return type && type->shape.size() == rank ? type : nullptr;
  }
};

} // namespace

static oracle::MatrixKind matrixKind(const TensorType &type, bool isComplex) {
  size_t rank = type.shape.size() - (isComplex ? 1 : 0);
  return rank == 2   ? oracle::MatrixKind::Constant
         : rank == 3 ? oracle::MatrixKind::Variable
                     : oracle::MatrixKind::Groups;
}

/// What ops of either kind have.
static bool readCommon(const EntrySignature &signature, Case &it) {
  if (signature.outputs.empty() || signature.outputs.size() > 2)
    return false;
  it.result = signature.outputs[0].dtype;
  it.last = signature.outputs.size() == 2;
  const TensorType *states = signature.find("initial_state");
  it.first = states != nullptr;
  if (it.last)
    it.state = signature.outputs[1].dtype;
  else if (states)
    it.state = states->dtype;
  if (const TensorType *bounds = signature.find("cu_seqlens", 1))
    it.sequences = std::max<uint64_t>(bounds->shape[0], 1) - 1;
  if (states && !states->shape.empty() && signature.find("state_slots"))
    it.slots = states->shape[0];
  return true;
}

static bool readScan(const EntrySignature &signature, Case &it) {
  const TensorType *u = signature.find("u", 3), *A = signature.find("A");
  const TensorType *B = signature.find("B"), *C = signature.find("C");
  if (!u || !A || !B || !C || !signature.find("delta", 3) ||
      !readCommon(signature, it))
    return false;
  it.op = oracle::CaseOp::Scan;
  it.isComplex = A->shape.size() == 3;
  if (A->shape.size() != (it.isComplex ? 3 : 2) || B->shape.size() < 2 ||
      C->shape.size() < 2)
    return false;
  it.dim = A->shape[0];
  it.dstate = A->shape[1];
  it.activation = u->dtype;
  it.matrix = B->dtype;
  it.B = matrixKind(*B, it.isComplex);
  it.C = matrixKind(*C, it.isComplex);
  it.D = signature.find("D") != nullptr;
  it.z = signature.find("z") != nullptr;
  it.bias = signature.find("delta_bias") != nullptr;
  for (const char *name : {"D", "delta_bias"})
    if (const TensorType *weight = signature.find(name))
      it.weight = weight->dtype;
  return true;
}

static bool readConv(const EntrySignature &signature, Case &it) {
  const TensorType *x = signature.find("x", 3);
  const TensorType *weight = signature.find("weight", 2);
  if (!x || !weight || !readCommon(signature, it))
    return false;
  it.op = oracle::CaseOp::Conv;
  it.dim = weight->shape[0];
  it.width = weight->shape[1];
  it.activation = x->dtype;
  it.weight = weight->dtype;
  it.bias = signature.find("bias") != nullptr;
  return true;
}

/// Batch, seqlen and groups in that layout.
static void readLayout(const EntrySignature &signature, oracle::Layout layout,
                       Case &it) {
  it.layout = layout;
  bool tokenMajor = layout == oracle::Layout::TokenMajor;
  const TensorType *x =
      signature.find(it.op == oracle::CaseOp::Scan ? "u" : "x");
  it.batch = x->shape[0];
  it.seqlen = x->shape[tokenMajor ? 1 : 2];
  it.groups = 0;
  for (const char *name : {"B", "C"})
    if (const TensorType *matrix = signature.find(name))
      if (matrixKind(*matrix, it.isComplex) == oracle::MatrixKind::Groups)
        it.groups = matrix->shape[tokenMajor ? 2 : 1];
}

/// Those of oracleCases(), and others whose sizes the oracle does not take.
static std::vector<Case> similarCases(const EntryPlan &plan, uint64_t seed) {
  EntrySignature signature(plan);
  Case base;
  std::vector<Case> cases;
  if (!readScan(signature, base)) {
    base = Case();
    if (!readConv(signature, base))
      return cases;
  }
  base.seed = seed;
  bool isScan = base.op == oracle::CaseOp::Scan;
  // A scan may have a softplus and a direction, a convolution a silu.
  for (unsigned choice = 0; choice < (isScan ? 4u : 2u); ++choice) {
    for (oracle::Layout layout :
         {oracle::Layout::TokenMajor, oracle::Layout::ChannelMajor}) {
      Case it = base;
      readLayout(signature, layout, it);
      it.softplus = isScan && (choice & 1) == 0;
      it.silu = !isScan && (choice & 1) == 0;
      it.reverse = (choice & 2) != 0;
      oracle::normalize(it);
      cases.push_back(it);
    }
  }
  return cases;
}

static bool isTaken(const Case &it) { return oracle::checkCase(it).ok(); }

std::vector<Case> cli::oracleCases(const EntryPlan &plan, uint64_t seed) {
  std::vector<Case> cases = similarCases(plan, seed);
  cases.erase(std::remove_if(cases.begin(), cases.end(), std::not_fn(isTaken)),
              cases.end());
  return cases;
}

//===----------------------------------------------------------------------===//
// Asking the oracle
//===----------------------------------------------------------------------===//

/// Whether the problem's inputs and outputs are those of the entry.
static bool fits(const EntrySignature &signature,
                 const oracle::Problem &problem) {
  if (problem.inputs.size() != signature.inputs.size() ||
      problem.outputs.size() != signature.outputs.size())
    return false;
  for (const oracle::ProblemInput &input : problem.inputs) {
    const TensorType *type = signature.find(input.name);
    if (!type || type->dtype != input.tensor.dtype ||
        type->shape != input.tensor.shape)
      return false;
  }
  for (size_t i = 0; i < problem.outputs.size(); ++i)
    if (problem.outputs[i].values.shape != signature.outputs[i].shape)
      return false;
  return true;
}

static uint64_t workOf(const Case &it) {
  return it.batch * it.seqlen * it.dim *
         (it.op == oracle::CaseOp::Scan ? it.dstate : it.width);
}

/// The dim to halve next: the largest of those that are swept, else of all; no
/// dim where all are 1.
static uint64_t *dimToShrink(const EntryPlan &plan, std::vector<uint64_t> &dims,
                             const std::vector<std::string> &swept) {
  uint64_t *chosen = nullptr;
  bool chosenIsSwept = false;
  for (uint32_t i = 0; i < dims.size(); ++i) {
    bool isSwept = std::find(swept.begin(), swept.end(),
                             plan.entry->dims()->Get(i)->str()) != swept.end();
    if (dims[i] <= 1 || (chosenIsSwept && !isSwept))
      continue;
    if (!chosen || (isSwept && !chosenIsSwept) || dims[i] > *chosen)
      chosen = &dims[i];
    chosenIsSwept |= isSwept;
  }
  return chosen;
}

Result<std::optional<EntryPlan>>
cli::planForOracle(const BundleView &bundle, const EntryPlan &original,
                   const std::vector<std::string> &swept) {
  EntryPlan plan = original;
  for (;;) {
    std::vector<Case> cases = similarCases(plan, 0);
    if (cases.empty())
      return std::optional<EntryPlan>();
    std::vector<uint64_t> dims = plan.dims;
    uint64_t *dim = dimToShrink(plan, dims, swept);
    bool isSmall = workOf(cases.front()) <= kMaxOracleWork &&
                   std::any_of(cases.begin(), cases.end(), isTaken);
    if (isSmall || !dim)
      return std::optional<EntryPlan>(std::move(plan));
    *dim /= 2;
    Result<EntryPlan> smaller = planEntry(bundle, *plan.entry, std::move(dims));
    if (!smaller.ok())
      return smaller.status();
    plan = std::move(*smaller);
  }
}

/// The results of the problem on the device.
static Result<std::vector<NamedTensor>>
runProblem(Program &program, const EntryPlan &plan,
           const std::vector<ChoiceMade> &choices,
           const oracle::Problem &problem) {
  Result<std::unique_ptr<Session>> session = makeSession(program, plan);
  if (!session.ok())
    return session.status();
  ChoiceTable forced;
  for (const ChoiceMade &choice : choices)
    forced.force(choice.group, choice.alternative);
  (*session)->setChoices(std::move(forced));
  std::vector<NamedTensor> inputs;
  for (const oracle::ProblemInput &input : problem.inputs)
    inputs.push_back({input.name, input.tensor});
  Scalars sizes;
  for (uint32_t i = 0; i < plan.dims.size(); ++i)
    sizes[plan.entry->dims()->Get(i)->str()] = plan.dims[i];
  return (*session)->run(plan.entry->name()->string_view(), inputs, sizes);
}

/// Compares with one case: what differs, or nothing. No result where the case
/// does not fit the entry.
static Result<std::optional<std::string>>
differenceFrom(Program &program, const EntryPlan &plan,
               const std::vector<ChoiceMade> &choices, const Case &it) {
  Result<oracle::Problem> problem = oracle::makeProblem(it);
  if (!problem.ok())
    return problem.status();
  if (!fits(EntrySignature(plan), *problem))
    return std::optional<std::string>();
  Result<std::vector<NamedTensor>> results =
      runProblem(program, plan, choices, *problem);
  if (!results.ok())
    return results.status();
  std::string differences;
  for (size_t i = 0; i < results->size(); ++i) {
    OutputDifference difference =
        compareOutput(problem->outputs[i], (*results)[i].tensor);
    if (!difference.isWithin)
      differences += (differences.empty() ? "" : "; ") + difference.text;
  }
  return std::optional<std::string>(differences);
}

Result<std::optional<std::string>>
cli::verifyByOracle(Program &program, const EntryPlan &plan,
                    const std::vector<ChoiceMade> &choices, uint64_t seed) {
  std::string first;
  for (const Case &it : oracleCases(plan, seed)) {
    Result<std::optional<std::string>> difference =
        differenceFrom(program, plan, choices, it);
    if (!difference.ok())
      return difference.status();
    if (!*difference)
      continue;
    if ((*difference)->empty())
      return std::optional<std::string>(oracle::printCase(it));
    if (first.empty())
      first = fmt::format("case '{}': {}", oracle::printCase(it), **difference);
  }
  if (first.empty())
    return std::optional<std::string>();
  return Status::mismatch(fmt::format(
      "the results are not those of the float64 oracle: {}; if the entry is "
      "not that op, use --verify=repeat or --expected-output",
      first));
}

//===----------------------------------------------------------------------===//
// Repeating
//===----------------------------------------------------------------------===//

static bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

/// The first element that is NaN or infinite. Looks at exponents: converting
/// the outputs of long sequences to doubles would take gigabytes.
static std::optional<uint64_t> findNonFinite(const HostTensor &tensor) {
  size_t size = dtypeSize(tensor.dtype);
  uint64_t mask = tensor.dtype == DType::F64    ? 0x7ff0000000000000
                  : tensor.dtype == DType::F32  ? 0x7f800000
                  : tensor.dtype == DType::BF16 ? 0x7f80
                                                : 0x7c00;
  for (uint64_t i = 0; i < tensor.data.size() / size; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, tensor.data.data() + i * size, size);
    if ((bits & mask) == mask)
      return i;
  }
  return std::nullopt;
}

Status cli::verifyByRepeating(Session &session, PreparedCall &call) {
  std::vector<NamedTensor> first;
  for (int run = 1; run <= 2; ++run) {
    SSMC_TRY(session.reset());
    SSMC_TRY(call.start());
    Result<std::vector<NamedTensor>> outputs = call.outputs();
    if (!outputs.ok())
      return outputs.status();
    if (run == 1) {
      first = std::move(*outputs);
      continue;
    }
    for (size_t i = 0; i < first.size(); ++i) {
      const HostTensor &before = first[i].tensor, &now = (*outputs)[i].tensor;
      auto differs = std::mismatch(before.data.begin(), before.data.end(),
                                   now.data.begin());
      if (differs.first != before.data.end())
        return Status::mismatch(fmt::format(
            "output {}: two runs of the same call differ, element {} on",
            quoted(first[i].name),
            static_cast<uint64_t>(differs.first - before.data.begin()) /
                dtypeSize(before.dtype)));
    }
  }
  for (const NamedTensor &output : first)
    if (isFloat(output.tensor.dtype))
      if (std::optional<uint64_t> at = findNonFinite(output.tensor))
        return Status::mismatch(fmt::format(
            "output {}: element {} is not finite", quoted(output.name), *at));
  return {};
}
