//===- BundleVerify.cpp - The meaning of a bundle's body ------------------===//

#include "BundleVerify.h"
#include "ssmc/Bundle/Format.h"
#include "ssmc/IO/Tensor.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Runtime/Expr.h"
#include "ssmc/Support/DType.h"
#include <fmt/format.h>
#include <set>

namespace ssmc::runtime {

using namespace bundle;
using flatbuffers::Offset;
using flatbuffers::Vector;

namespace {

/// Parameters of one kernel: 4096 bytes on every architecture, 8 bytes each.
constexpr uint64_t kMaxKernelParameters = 512;
/// Beyond what any tensor here has; keeps messages and loops short.
constexpr uint32_t kMaxRank = 16;

template <typename... Args>
Status fail(std::string_view path, fmt::format_string<Args...> format,
            Args &&...args) {
  return Status::invalid(fmt::format(
      "{}: {}", path, fmt::format(format, std::forward<Args>(args)...)));
}

/// Names seen so far in one table.
class NameSet {
public:
  Status add(std::string_view path, const flatbuffers::String &name) {
    if (name.size() == 0)
      return fail(path, "the name is empty");
    if (!names_.insert(name.string_view()).second)
      return fail(path, "the name {} occurs twice", quoted(name.string_view()));
    return {};
  }

private:
  std::set<std::string_view> names_;
};

class BundleVerifier {
public:
  BundleVerifier(const Bundle &body,
                 const std::vector<std::string_view> &sections)
      : body_(body), sections_(sections) {}

  Status verify() {
    SSMC_TRY(verifyKernels());
    SSMC_TRY(verifyImages());
    SSMC_TRY(verifyTensors("parameters", *body_.parameters()));
    SSMC_TRY(verifyTensors("states", *body_.states()));
    SSMC_TRY(verifyTensors("derived", *body_.derived()));
    SSMC_TRY(verifyGroups());
    NameSet names;
    for (uint32_t i = 0; i < body_.entries()->size(); ++i) {
      std::string path = fmt::format("entries[{}]", i);
      SSMC_TRY(names.add(path, *body_.entries()->Get(i)->name()));
      SSMC_TRY(verifyEntry(path, *body_.entries()->Get(i)));
    }
    return verifyModel();
  }

private:
  Status verifySection(std::string_view path, uint32_t section) {
    if (section == 0 || section >= sections_.size())
      return fail(path, "section {}, expected 1 to {}", section,
                  sections_.size() - 1);
    if (sections_[section].empty())
      return fail(path, "section {} is empty", section);
    return {};
  }

  /// A cubin beside PTX, which must be there for other GPUs.
  Status verifyCubin(const std::string &path, const Image &image) {
    std::string cubinPath = path + ".cubin_section";
    SSMC_TRY(verifySection(cubinPath, image.cubin_section()));
    if (!isCubin(sections_[image.cubin_section()]))
      return fail(cubinPath, "section {} is no cubin: expected an ELF file",
                  image.cubin_section());
    if (isCubin(sections_[image.section()]))
      return fail(path + ".section",
                  "section {} is a cubin; expected the PTX that goes with the "
                  "cubin in section {}",
                  image.section(), image.cubin_section());
    return {};
  }

  Status verifyKernels() {
    NameSet names;
    for (uint32_t i = 0; i < body_.kernels()->size(); ++i) {
      const Kernel &kernel = *body_.kernels()->Get(i);
      std::string path = fmt::format("kernels[{}]", i);
      SSMC_TRY(names.add(path, *kernel.name()));
      const auto &block = *kernel.block();
      if (block.size() != 3)
        return fail(path, "{} block extents, expected 3", block.size());
      // The largest block that CUDA devices take in each direction.
      constexpr uint32_t limits[3] = {1024, 1024, 64};
      for (uint32_t d = 0; d < 3; ++d)
        if (block.Get(d) == 0 || block.Get(d) > limits[d])
          return fail(path, "block extent {} is {}, expected 1 to {}", d,
                      block.Get(d), limits[d]);
      uint64_t threads = uint64_t{block.Get(0)} * block.Get(1) * block.Get(2);
      if (threads > 1024)
        return fail(path, "{} threads in a block, expected at most 1024",
                    threads);
      uint64_t parameters =
          uint64_t{kernel.num_pointers()} + kernel.num_scalars();
      if (parameters > kMaxKernelParameters)
        return fail(path, "{} parameters, expected at most {}", parameters,
                    kMaxKernelParameters);
    }
    return {};
  }

  Status verifyImages() {
    NameSet archs;
    for (uint32_t i = 0; i < body_.images()->size(); ++i) {
      const Image &image = *body_.images()->Get(i);
      std::string path = fmt::format("images[{}]", i);
      SSMC_TRY(archs.add(path, *image.arch()));
      std::string_view arch = image.arch()->string_view();
      size_t digits = arch.find_first_not_of("0123456789", 3);
      bool known = arch.substr(0, 3) == "sm_" && arch.size() > 3 &&
                   arch.size() <= 8 && digits != 3 &&
                   (digits == arch.npos ||
                    (digits + 1 == arch.size() &&
                     (arch[digits] == 'a' || arch[digits] == 'f')));
      if (!known)
        return fail(path, "architecture {}, expected e.g. sm_90", quoted(arch));
      SSMC_TRY(verifySection(path, image.section()));
      if (image.cubin_section() != 0)
        SSMC_TRY(verifyCubin(path, image));
    }
    if (body_.bitcode_section() != 0)
      SSMC_TRY(verifySection("bitcode_section", body_.bitcode_section()));
    return {};
  }

  /// Parameters, states and derived tensors alike.
  template <typename T>
  Status verifyTensors(std::string_view table, const Vector<Offset<T>> &list) {
    NameSet names;
    for (uint32_t i = 0; i < list.size(); ++i) {
      const T &tensor = *list.Get(i);
      std::string path = fmt::format("{}[{}]", table, i);
      SSMC_TRY(names.add(path, *tensor.name()));
      SSMC_TRY(verifyDType(path, tensor.dtype()));
      if (tensor.shape()->size() > kMaxRank)
        return fail(path, "{} dimensions, expected at most {}",
                    tensor.shape()->size(), kMaxRank);
      // FlatBuffers' verifier looks at the alignment of a vector's length only.
      if (reinterpret_cast<uintptr_t>(tensor.shape()->Data()) % 8 != 0)
        return fail(path, "the shape is misaligned");
      std::vector<uint64_t> shape(tensor.shape()->begin(),
                                  tensor.shape()->end());
      if (Result<uint64_t> bytes =
              byteCount(static_cast<DType>(tensor.dtype()), shape);
          !bytes.ok())
        return bytes.status().withContext(path);
    }
    return {};
  }

  Status verifyDType(std::string_view path, uint8_t dtype) {
    if (dtype >= kDTypeCount)
      return fail(path, "unknown dtype {}, expected 0 to {}", dtype,
                  kDTypeCount - 1);
    return {};
  }

  Status verifyGroups() {
    if (!body_.variant_groups())
      return {};
    NameSet names;
    std::set<uint64_t> keys;
    for (uint32_t i = 0; i < body_.variant_groups()->size(); ++i) {
      const VariantGroup &group = *body_.variant_groups()->Get(i);
      std::string path = fmt::format("variant_groups[{}]", i);
      SSMC_TRY(names.add(path, *group.name()));
      if (!keys.insert(group.key()).second)
        return fail(path, "the key {:016x} occurs twice", group.key());
      if (group.labels()->size() < 2)
        return fail(path, "{} alternatives, expected at least 2",
                    group.labels()->size());
      NameSet labels;
      for (uint32_t k = 0; k < group.labels()->size(); ++k)
        SSMC_TRY(labels.add(fmt::format("{}.labels[{}]", path, k),
                            *group.labels()->Get(k)));
    }
    return {};
  }

  Status verifyEntry(const std::string &path, const Entry &entry) {
    NameSet dims;
    for (uint32_t i = 0; i < entry.dims()->size(); ++i)
      SSMC_TRY(
          dims.add(fmt::format("{}.dims[{}]", path, i), *entry.dims()->Get(i)));
    bool isInit = entry.name()->string_view() == "init";
    if (isInit && entry.dims()->size() != 0)
      return fail(path, "the entry 'init' has {} dims, expected none",
                  entry.dims()->size());

    NameSet inputs, outputs;
    for (uint32_t i = 0; i < entry.buffers()->size(); ++i) {
      const Buffer &buffer = *entry.buffers()->Get(i);
      std::string where = fmt::format("{}.buffers[{}]", path, i);
      SSMC_TRY(verifyBuffer(where, entry, buffer));
      if (buffer.kind() == BufferKind::Input)
        SSMC_TRY(inputs.add(where, *buffer.name()));
      if (buffer.kind() == BufferKind::Output)
        SSMC_TRY(outputs.add(where, *buffer.name()));
      if (isInit && (buffer.kind() == BufferKind::Input ||
                     buffer.kind() == BufferKind::Output ||
                     buffer.kind() == BufferKind::State))
        return fail(where,
                    "the entry 'init' has a buffer of kind {}, expected "
                    "parameters, derived tensors and temporaries",
                    EnumNameBufferKind(buffer.kind()));
    }
    for (uint32_t i = 0; i < entry.steps()->size(); ++i) {
      const Step &step = *entry.steps()->Get(i);
      std::string where = fmt::format("{}.steps[{}]", path, i);
      if (const Choose *choose = step.action_as_Choose())
        SSMC_TRY(verifyChoose(where, entry, *choose, i));
      else
        SSMC_TRY(verifyStep(where, entry, step, i));
    }
    return {};
  }

  /// A launch or a copy, part of the entry's step number `step`.
  Status verifyStep(const std::string &path, const Entry &entry,
                    const Step &action, uint32_t step) {
    if (const Launch *launch = action.action_as_Launch())
      return verifyLaunch(path, entry, *launch, step);
    if (const Copy *copy = action.action_as_Copy())
      return verifyCopy(path, entry, *copy, step);
    if (action.action_type() == StepAction::Choose)
      return fail(path, "a choice within an alternative, expected launches and "
                        "copies");
    return fail(path, "unknown action {}",
                static_cast<unsigned>(action.action_type()));
  }

  Status verifyChoose(const std::string &path, const Entry &entry,
                      const Choose &choose, uint32_t step) {
    uint32_t groups =
        body_.variant_groups() ? body_.variant_groups()->size() : 0;
    if (choose.group() >= groups)
      return fail(path, "variant group {}, but there are {}", choose.group(),
                  groups);
    const VariantGroup &group = *body_.variant_groups()->Get(choose.group());
    const auto &alternatives = *choose.alternatives();
    if (alternatives.size() != group.labels()->size())
      return fail(path, "{} alternatives, but the group {} has {}",
                  alternatives.size(), quoted(group.name()->string_view()),
                  group.labels()->size());
    for (uint32_t i = 0; i < alternatives.size(); ++i) {
      const Alternative &alternative = *alternatives.Get(i);
      std::string where = fmt::format("{}.alternatives[{}]", path, i);
      if (alternative.steps()->size() == 0)
        return fail(where, "no steps, expected at least one");
      for (uint32_t k = 0; k < alternative.steps()->size(); ++k)
        SSMC_TRY(verifyStep(fmt::format("{}.steps[{}]", where, k), entry,
                            *alternative.steps()->Get(k), step));
      if ((alternative.cost() == nullptr) !=
          (alternatives.Get(0)->cost() == nullptr))
        return fail(where, "a cost for some alternatives, expected one for all "
                           "or for none");
      if (alternative.cost())
        SSMC_TRY(verifyExpr(where + ".cost", entry, *alternative.cost()));
    }
    return {};
  }

  Status verifyBuffer(std::string_view path, const Entry &entry,
                      const Buffer &buffer) {
    SSMC_TRY(verifyDType(path, buffer.dtype()));
    if (buffer.shape()->size() > kMaxRank)
      return fail(path, "{} dimensions, expected at most {}",
                  buffer.shape()->size(), kMaxRank);
    for (const Expr *expr : *buffer.shape())
      SSMC_TRY(verifyExpr(path, entry, *expr));
    SSMC_TRY(verifyRules(path, entry, buffer));
    switch (buffer.kind()) {
    case BufferKind::Input:
    case BufferKind::Output:
      return {};
    case BufferKind::Parameter:
      return verifyStatic(path, buffer, *body_.parameters(), 0);
    case BufferKind::State:
      return verifyStatic(path, buffer, *body_.states(), 1);
    case BufferKind::Derived:
      return verifyStatic(path, buffer, *body_.derived(), 0);
    case BufferKind::Temporary:
      if (buffer.first_step() > buffer.last_step() ||
          buffer.last_step() >= entry.steps()->size())
        return fail(path,
                    "a temporary lives from step {} to step {}, but there are "
                    "{} steps",
                    buffer.first_step(), buffer.last_step(),
                    entry.steps()->size());
      return {};
    }
    return fail(path, "unknown kind {}", static_cast<unsigned>(buffer.kind()));
  }

  Status verifyRules(std::string_view path, const Entry &entry,
                     const Buffer &buffer) {
    if (!buffer.rules())
      return {};
    if (buffer.kind() != BufferKind::Input ||
        static_cast<DType>(buffer.dtype()) != DType::I32)
      return fail(path, "rules for {} of {}, expected an Input of i32",
                  EnumNameBufferKind(buffer.kind()),
                  dtypeName(static_cast<DType>(buffer.dtype())));
    for (uint32_t i = 0; i < buffer.rules()->size(); ++i) {
      const InputRule &rule = *buffer.rules()->Get(i);
      std::string where = fmt::format("{}.rules[{}]", path, i);
      if (rule.kind() > InputRuleKind::MAX)
        return fail(where, "unknown kind {}",
                    static_cast<unsigned>(rule.kind()));
      SSMC_TRY(verifyExpr(where, entry, *rule.limit()));
    }
    return {};
  }

  /// A buffer that stands for list[buffer.index]: same dtype, same shape after
  /// `leading` dimensions (the batch of a state).
  template <typename T>
  Status verifyStatic(std::string_view path, const Buffer &buffer,
                      const Vector<Offset<T>> &list, uint32_t leading) {
    if (buffer.index() >= list.size())
      return fail(path, "index {} of kind {}, but there are {}", buffer.index(),
                  EnumNameBufferKind(buffer.kind()), list.size());
    const T &tensor = *list.Get(buffer.index());
    std::string_view name = tensor.name()->string_view();
    if (buffer.dtype() != tensor.dtype())
      return fail(path, "dtype {}, but {} is {}",
                  dtypeName(static_cast<DType>(buffer.dtype())), quoted(name),
                  dtypeName(static_cast<DType>(tensor.dtype())));
    if (buffer.shape()->size() != tensor.shape()->size() + leading)
      return fail(path, "{} dimensions, but {} has {}", buffer.shape()->size(),
                  quoted(name), tensor.shape()->size() + leading);
    for (uint32_t d = 0; d < tensor.shape()->size(); ++d) {
      const Expr &expr = *buffer.shape()->Get(d + leading);
      const auto &items = *expr.items();
      if (items.size() != 1 || items.Get(0)->op() != ExprOp::Const ||
          items.Get(0)->value() != tensor.shape()->Get(d))
        return fail(path, "dimension {} differs from {}, which has {}",
                    d + leading, quoted(name), tensor.shape()->Get(d));
    }
    return {};
  }

  Status verifyExpr(std::string_view path, const Entry &entry,
                    const Expr &expr) {
    return checkExpr(expr, entry.dims()->size()).withContext(std::string(path));
  }

  Status verifyPointer(const std::string &path, const Entry &entry,
                       const Pointer &pointer, uint32_t step) {
    if (pointer.buffer() >= entry.buffers()->size())
      return fail(path, "buffer {}, but there are {}", pointer.buffer(),
                  entry.buffers()->size());
    const Buffer &buffer = *entry.buffers()->Get(pointer.buffer());
    if (buffer.kind() == BufferKind::Temporary &&
        (step < buffer.first_step() || step > buffer.last_step()))
      return fail(path,
                  "step {} uses the temporary {}, which lives from step {} to "
                  "step {}",
                  step, quoted(buffer.name()->string_view()),
                  buffer.first_step(), buffer.last_step());
    return verifyExpr(path + ".offset", entry, *pointer.offset());
  }

  Status verifyLaunch(const std::string &path, const Entry &entry,
                      const Launch &launch, uint32_t step) {
    if (launch.kernel() >= body_.kernels()->size())
      return fail(path, "kernel {}, but there are {}", launch.kernel(),
                  body_.kernels()->size());
    const Kernel &kernel = *body_.kernels()->Get(launch.kernel());
    if (launch.grid()->size() != 3)
      return fail(path, "{} grid extents, expected 3", launch.grid()->size());
    if (launch.pointers()->size() != kernel.num_pointers() ||
        launch.scalars()->size() != kernel.num_scalars())
      return fail(path,
                  "{} pointers and {} scalars, but the kernel {} takes {} and "
                  "{}",
                  launch.pointers()->size(), launch.scalars()->size(),
                  quoted(kernel.name()->string_view()), kernel.num_pointers(),
                  kernel.num_scalars());
    for (uint32_t i = 0; i < 3; ++i)
      SSMC_TRY(verifyExpr(fmt::format("{}.grid[{}]", path, i), entry,
                          *launch.grid()->Get(i)));
    for (uint32_t i = 0; i < launch.pointers()->size(); ++i)
      SSMC_TRY(verifyPointer(fmt::format("{}.pointers[{}]", path, i), entry,
                             *launch.pointers()->Get(i), step));
    for (uint32_t i = 0; i < launch.scalars()->size(); ++i)
      SSMC_TRY(verifyExpr(fmt::format("{}.scalars[{}]", path, i), entry,
                          *launch.scalars()->Get(i)));
    if (const Cost *cost = launch.cost())
      for (const Expr *expr : {cost->bytes(), cost->mufu(), cost->fma()})
        SSMC_TRY(verifyExpr(path + ".cost", entry, *expr));
    return {};
  }

  Status verifyCopy(const std::string &path, const Entry &entry,
                    const Copy &copy, uint32_t step) {
    SSMC_TRY(verifyPointer(path + ".source", entry, *copy.source(), step));
    SSMC_TRY(verifyPointer(path + ".target", entry, *copy.target(), step));
    SSMC_TRY(verifyExpr(path + ".bytes", entry, *copy.bytes()));
    BufferKind target = entry.buffers()->Get(copy.target()->buffer())->kind();
    bool isInit = entry.name()->string_view() == "init";
    if (target == BufferKind::Input || target == BufferKind::Parameter ||
        (target == BufferKind::Derived && !isInit))
      return fail(path, "copies into a buffer of kind {}, which is read only",
                  EnumNameBufferKind(target));
    return {};
  }

  Status verifyModel() {
    const Model *model = body_.model();
    if (!model)
      return {};
    if (model->vocab_size() == 0 || model->vocab_size() > INT32_MAX)
      return fail("model.vocab_size", "{}, expected 1 to {}",
                  model->vocab_size(), INT32_MAX);
    if (model->byte_level() && model->vocab_size() < 256)
      return fail("model.vocab_size",
                  "{}, expected at least 256 for a byte-level model",
                  model->vocab_size());
    auto vocabSize = static_cast<int64_t>(model->vocab_size());
    if (model->eos_token_id() < -1 || model->eos_token_id() >= vocabSize)
      return fail("model.eos_token_id", "{}, expected -1 to {}",
                  model->eos_token_id(), vocabSize - 1);
    return {};
  }

  const Bundle &body_;
  const std::vector<std::string_view> &sections_;
};

} // namespace

Status verifyBundle(const Bundle &body,
                    const std::vector<std::string_view> &sections) {
  return BundleVerifier(body, sections).verify();
}

} // namespace ssmc::runtime
