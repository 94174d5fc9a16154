//===- InspectText.cpp - A bundle as tables for people --------------------===//

#include "ssmc/IO/Tensor.h"
#include "ssmc/IO/Text.h"
#include "tools/cli/Choices.h"
#include "tools/cli/Inspection.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;

namespace {

/// Rows of cells, printed with columns aligned. Cells that are numbers are
/// aligned to the right.
class Table {
public:
  explicit Table(std::vector<std::string> header) {
    rows_.push_back(std::move(header));
  }

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  [[nodiscard]] std::string print() const {
    std::vector<size_t> widths;
    for (const auto &row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto &row : rows_) {
      std::string line = " ";
      for (size_t i = 0; i < row.size(); ++i)
        line += isNumber(row[i]) ? fmt::format(" {:>{}} ", row[i], widths[i])
                                 : fmt::format(" {:<{}} ", row[i], widths[i]);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
  }

private:
  static bool isNumber(const std::string &cell) {
    return !cell.empty() &&
           cell.find_first_not_of("0123456789") == std::string::npos;
  }

  std::vector<std::vector<std::string>> rows_;
};

std::string name(const flatbuffers::String *text) {
  return escaped(text->str());
}

/// "1234567 bytes (1.2 MiB)".
std::string size(uint64_t bytes) {
  double value = static_cast<double>(bytes);
  const char *unit = nullptr;
  for (const char *next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1024)
      break;
    value /= 1024;
    unit = next;
  }
  return unit == nullptr
             ? fmt::format("{} bytes", bytes)
             : fmt::format("{} bytes ({:.1f} {})", bytes, value, unit);
}

/// "1 layer", "8 layers".
std::string count(uint64_t number, std::string_view one,
                  std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// "f32[2, 3]".
template <typename Shape>
std::string type(uint8_t dtype, const Shape &shape) {
  return describeTensor(static_cast<DType>(dtype),
                        {shape.begin(), shape.end()});
}

std::string printHead(const BundleView &bundle) {
  const bundle::Bundle &body = bundle.body();
  std::string text = fmt::format(
      "{}: {}, format {}, by {}\n", escaped(bundle.name()),
      size(bundle.fileSize()), bundle::kFormatVersion, name(body.producer()));
  if (body.source() != nullptr)
    text += fmt::format("source: {}\n", name(body.source()));
  if (const bundle::Model *model = body.model())
    text += fmt::format(
        "model: {}, {}, d_model {}, vocabulary {}{}{}\n",
        name(model->model_type()),
        count(model->num_layers(), "layer", "layers"), model->d_model(),
        model->vocab_size(), model->byte_level() ? " (bytes)" : "",
        model->eos_token_id() >= 0
            ? fmt::format(", end token {}", model->eos_token_id())
            : "");

  text += "\nsections\n";
  Table table({"#", "offset", "bytes", "contents"});
  for (uint32_t i = 0; i < bundle.sectionCount(); ++i)
    table.add({fmt::format("{}", i),
               fmt::format("{}", bundle.sectionInfo(i).offset),
               fmt::format("{}", bundle.sectionInfo(i).size),
               sectionContents(bundle, i)});
  return text + table.print();
}

std::string printKernels(const Inspection &inspection) {
  bool assembled = !inspection.assembledArch.empty();
  std::vector<std::string> header = {"kernel", "block", "shared bytes"};
  if (assembled) {
    header.push_back("registers");
    header.push_back("spilled bytes");
  }
  header.push_back("computes");
  Table table(header);
  for (const bundle::Kernel *kernel : *inspection.bundle.body().kernels()) {
    const auto &block = *kernel->block();
    std::vector<std::string> row = {
        name(kernel->name()),
        fmt::format("{}x{}x{}", block.Get(0), block.Get(1), block.Get(2)),
        fmt::format("{}", kernel->shared_bytes())};
    if (assembled) {
      auto found = inspection.resources.find(kernel->name()->string_view());
      bool known = found != inspection.resources.end();
      row.push_back(known ? fmt::format("{}", found->second.registers) : "?");
      row.push_back(known ? fmt::format("{}", found->second.spillBytes) : "?");
    }
    row.push_back(kernel->summary() == nullptr ? "" : name(kernel->summary()));
    table.add(std::move(row));
  }
  std::string note;
  if (assembled)
    note = fmt::format(" (registers by ptxas for {})",
                       escaped(inspection.assembledArch));
  else if (!inspection.assemblerFailure.empty())
    note = fmt::format(" (no registers: {})", inspection.assemblerFailure);
  return fmt::format("\nkernels{}\n{}", note, table.print());
}

/// What can be chosen among; nothing where there is nothing.
std::string printVariants(const BundleView &bundle) {
  if (bundle.variantGroupCount() == 0)
    return "";
  Table table({"group", "#", "variant"});
  for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g) {
    const bundle::VariantGroup &group = bundle.variantGroup(g);
    for (uint32_t i = 0; i < group.labels()->size(); ++i)
      table.add({i == 0 ? name(group.name()) : "", fmt::format("{}", i),
                 name(group.labels()->Get(i))});
  }
  return "\nvariants\n" + table.print();
}

/// One line for a list of tensors, and a row for each with `detail`.
template <typename Tensors>
std::string printTensors(std::string_view title, const Tensors &tensors,
                         std::string_view suffix, bool detail) {
  uint64_t bytes = 0;
  for (const auto *tensor : tensors)
    bytes += tensorBytes(tensor->dtype(), *tensor->shape());
  std::string text = fmt::format("{}: {}, {}{}\n", title,
                                 count(tensors.size(), "tensor", "tensors"),
                                 size(bytes), suffix);
  if (!detail || tensors.size() == 0)
    return text;
  Table table({"name", "type", "bytes"});
  for (const auto *tensor : tensors)
    table.add(
        {name(tensor->name()), type(tensor->dtype(), *tensor->shape()),
         fmt::format("{}", tensorBytes(tensor->dtype(), *tensor->shape()))});
  return text + table.print();
}

std::string extents(const std::array<uint32_t, 3> &grid) {
  return fmt::format("{}x{}x{}", grid[0], grid[1], grid[2]);
}

/// "ids", "packed + 4096".
std::string pointer(const EntryPlan &plan, const PointerPlan &pointer) {
  std::string text = name(plan.entry->buffers()->Get(pointer.buffer)->name());
  if (pointer.offset != 0)
    text += fmt::format(" + {}", pointer.offset);
  return text;
}

/// All buffers of an entry of the given kind, with their types.
std::string signature(const EntryPlan &plan, bundle::BufferKind kind) {
  std::vector<std::string> parts;
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const bundle::Buffer *buffer = plan.entry->buffers()->Get(i);
    if (buffer->kind() == kind)
      parts.push_back(
          fmt::format("{}: {}", name(buffer->name()),
                      type(buffer->dtype(), plan.buffers[i].shape)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string printStep(const BundleView &bundle, const EntryPlan &plan,
                      const StepPlan &step) {
  if (const auto *copy = std::get_if<CopyPlan>(&step))
    return fmt::format("copy {} bytes from {} to {}", copy->bytes,
                       pointer(plan, copy->source),
                       pointer(plan, copy->target));
  const auto &launch = std::get<LaunchPlan>(step);
  std::vector<std::string> pointers;
  for (const PointerPlan &argument : launch.pointers)
    pointers.push_back(pointer(plan, argument));
  return fmt::format(
      "launch {} grid {} ({}; {}){}", name(bundle.kernel(launch.kernel).name()),
      extents(launch.grid), fmt::join(pointers, ", "),
      fmt::join(launch.scalars, ", "),
      launch.cost
          ? fmt::format(" cost {} bytes, {} mufu, {} fma", launch.cost->bytes,
                        launch.cost->mufu, launch.cost->fma)
          : "");
}

std::string printPlan(const BundleView &bundle, const EntryPlan &plan) {
  Table table({"#", "kind", "name", "type", "bytes", "arena offset", "steps"});
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const bundle::Buffer *buffer = plan.entry->buffers()->Get(i);
    const BufferPlan &placed = plan.buffers[i];
    bool inArena = buffer->kind() == bundle::BufferKind::Temporary;
    table.add(
        {fmt::format("{}", i), std::string(bufferKindName(buffer->kind())),
         name(buffer->name()), type(buffer->dtype(), placed.shape),
         fmt::format("{}", placed.bytes),
         inArena ? fmt::format("{}", placed.arenaOffset) : "",
         inArena
             ? fmt::format("{}..{}", buffer->first_step(), buffer->last_step())
             : ""});
  }
  std::string text = table.print();
  for (size_t i = 0; i < plan.steps.size(); ++i)
    text += fmt::format("  step {}: {}\n", plan.origins[i],
                        printStep(bundle, plan, plan.steps[i]));
  return text;
}

std::string printEntry(const BundleView &bundle, const EntryPlan &plan,
                       bool detail) {
  std::vector<std::string> dims;
  for (uint32_t i = 0; i < plan.dims.size(); ++i)
    dims.push_back(
        fmt::format("{}={}", name(plan.entry->dims()->Get(i)), plan.dims[i]));
  uint64_t launches = 0;
  for (const StepPlan &step : plan.steps)
    launches += std::holds_alternative<LaunchPlan>(step);
  std::string text = fmt::format(
      "\nentry {}{}{}\n  ({}) -> ({})\n  {}, {}, arena {}\n",
      name(plan.entry->name()), dims.empty() ? "" : " at ",
      fmt::join(dims, ", "), signature(plan, bundle::BufferKind::Input),
      signature(plan, bundle::BufferKind::Output),
      count(launches, "launch", "launches"),
      count(plan.steps.size() - launches, "copy", "copies"),
      size(plan.arenaBytes));
  if (detail)
    for (const ChoiceMade &choice : plan.choices)
      text += fmt::format("  step {}: {}\n", choice.step,
                          describeChoice(bundle, choice));
  return detail ? text + printPlan(bundle, plan) : text;
}

} // namespace

std::string cli::printInspection(const Inspection &inspection,
                                 const InspectDetail &detail) {
  const BundleView &bundle = inspection.bundle;
  const bundle::Bundle &body = bundle.body();
  std::string text = printHead(bundle) + printKernels(inspection) +
                     printVariants(bundle) + "\n";
  text += printTensors("parameters", *body.parameters(), "", detail.tensors);
  text += printTensors("derived", *body.derived(), "", detail.tensors);
  text +=
      printTensors("state", *body.states(), " per sequence", detail.tensors);
  for (const EntryPlan &plan : inspection.plans)
    text += printEntry(bundle, plan, detail.plan);
  return text;
}
