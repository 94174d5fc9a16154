//===- InspectJson.cpp - A bundle as JSON for programs --------------------===//
//
// Names come from files, so they may hold anything: what is not UTF-8 is
// replaced, not refused.
//
//===----------------------------------------------------------------------===//

#include "ssmc/Support/DType.h"
#include "tools/cli/Inspection.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::cli;
using namespace ssmc::runtime;
using nlohmann::ordered_json;

namespace {

std::string_view dtype(uint8_t value) {
  return dtypeName(static_cast<DType>(value));
}

ordered_json sections(const BundleView &bundle) {
  ordered_json list = ordered_json::array();
  for (uint32_t i = 0; i < bundle.sectionCount(); ++i)
    list.push_back({{"offset", bundle.sectionInfo(i).offset},
                    {"bytes", bundle.sectionInfo(i).size},
                    {"contents", sectionContents(bundle, i)}});
  return list;
}

ordered_json images(const BundleView &bundle) {
  ordered_json list = ordered_json::array();
  for (const bundle::Image *image : *bundle.body().images()) {
    ordered_json item = {{"arch", image->arch()->str()},
                         {"section", image->section()}};
    if (image->cubin_section() != 0)
      item["cubin_section"] = image->cubin_section();
    list.push_back(std::move(item));
  }
  return list;
}

ordered_json model(const bundle::Model &model) {
  return {{"model_type", model.model_type()->str()},
          {"num_layers", model.num_layers()},
          {"d_model", model.d_model()},
          {"vocab_size", model.vocab_size()},
          {"byte_level", model.byte_level()},
          {"eos_token_id", model.eos_token_id()}};
}

ordered_json kernels(const Inspection &inspection) {
  ordered_json list = ordered_json::array();
  for (const bundle::Kernel *kernel : *inspection.bundle.body().kernels()) {
    ordered_json item = {{"name", kernel->name()->str()},
                         {"summary", kernel->summary() == nullptr
                                         ? ""
                                         : kernel->summary()->str()},
                         {"block",
                          {kernel->block()->Get(0), kernel->block()->Get(1),
                           kernel->block()->Get(2)}},
                         {"num_pointers", kernel->num_pointers()},
                         {"num_scalars", kernel->num_scalars()},
                         {"shared_bytes", kernel->shared_bytes()}};
    auto found = inspection.resources.find(kernel->name()->string_view());
    if (found != inspection.resources.end()) {
      item["registers"] = found->second.registers;
      item["spill_bytes"] = found->second.spillBytes;
      item["stack_bytes"] = found->second.stackBytes;
    }
    list.push_back(std::move(item));
  }
  return list;
}

ordered_json variants(const BundleView &bundle) {
  ordered_json list = ordered_json::array();
  for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g) {
    const bundle::VariantGroup &group = bundle.variantGroup(g);
    ordered_json labels = ordered_json::array();
    for (const flatbuffers::String *label : *group.labels())
      labels.push_back(label->str());
    list.push_back({{"group", group.name()->str()},
                    {"key", fmt::format("{:016x}", group.key())},
                    {"variants", std::move(labels)}});
  }
  return list;
}

template <typename Tensors>
ordered_json tensors(const Tensors &values) {
  ordered_json list = ordered_json::array();
  for (const auto *tensor : values)
    list.push_back({{"name", tensor->name()->str()},
                    {"dtype", dtype(tensor->dtype())},
                    {"shape", std::vector<uint64_t>(tensor->shape()->begin(),
                                                    tensor->shape()->end())},
                    {"bytes", tensorBytes(tensor->dtype(), *tensor->shape())}});
  return list;
}

ordered_json pointer(const PointerPlan &pointer) {
  return {{"buffer", pointer.buffer}, {"offset", pointer.offset}};
}

ordered_json step(const BundleView &bundle, const StepPlan &step) {
  if (const auto *copy = std::get_if<CopyPlan>(&step))
    return {{"action", "copy"},
            {"source", pointer(copy->source)},
            {"target", pointer(copy->target)},
            {"bytes", copy->bytes}};
  const auto &launch = std::get<LaunchPlan>(step);
  ordered_json pointers = ordered_json::array();
  for (const PointerPlan &argument : launch.pointers)
    pointers.push_back(pointer(argument));
  ordered_json item = {{"action", "launch"},
                       {"kernel", bundle.kernel(launch.kernel).name()->str()},
                       {"grid", launch.grid},
                       {"pointers", std::move(pointers)},
                       {"scalars", launch.scalars}};
  if (launch.cost)
    item["cost"] = {{"bytes", launch.cost->bytes},
                    {"mufu", launch.cost->mufu},
                    {"fma", launch.cost->fma}};
  return item;
}

ordered_json entry(const BundleView &bundle, const EntryPlan &plan) {
  ordered_json dims = ordered_json::object();
  for (uint32_t i = 0; i < plan.dims.size(); ++i)
    dims[plan.entry->dims()->Get(i)->str()] = plan.dims[i];
  ordered_json buffers = ordered_json::array();
  for (uint32_t i = 0; i < plan.buffers.size(); ++i) {
    const bundle::Buffer *buffer = plan.entry->buffers()->Get(i);
    ordered_json item = {{"kind", bufferKindName(buffer->kind())},
                         {"name", buffer->name()->str()},
                         {"dtype", dtype(buffer->dtype())},
                         {"shape", plan.buffers[i].shape},
                         {"bytes", plan.buffers[i].bytes}};
    if (buffer->kind() == bundle::BufferKind::Temporary) {
      item["arena_offset"] = plan.buffers[i].arenaOffset;
      item["first_step"] = buffer->first_step();
      item["last_step"] = buffer->last_step();
    }
    buffers.push_back(std::move(item));
  }
  ordered_json steps = ordered_json::array();
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    steps.push_back(step(bundle, plan.steps[i]));
    steps.back()["step"] = plan.origins[i];
  }
  ordered_json choices = ordered_json::array();
  for (const ChoiceMade &choice : plan.choices)
    choices.push_back(
        {{"step", choice.step},
         {"group", bundle.variantGroup(choice.group).name()->str()},
         {"variant", choice.alternative},
         {"reason", choiceReasonName(choice.reason)}});
  return {{"name", plan.entry->name()->str()}, {"dims", std::move(dims)},
          {"arena_bytes", plan.arenaBytes},    {"buffers", std::move(buffers)},
          {"steps", std::move(steps)},         {"choices", std::move(choices)}};
}

} // namespace

std::string cli::printInspectionAsJson(const Inspection &inspection) {
  const BundleView &bundle = inspection.bundle;
  const bundle::Bundle &body = bundle.body();
  ordered_json root = {{"file", bundle.name()},
                       {"bytes", bundle.fileSize()},
                       {"format", bundle::kFormatVersion},
                       {"producer", body.producer()->str()}};
  if (body.source() != nullptr)
    root["source"] = body.source()->str();
  if (body.model() != nullptr)
    root["model"] = model(*body.model());
  root["sections"] = sections(bundle);
  root["images"] = images(bundle);
  if (!inspection.assembledArch.empty())
    root["assembled_for"] = inspection.assembledArch;
  root["kernels"] = kernels(inspection);
  root["variants"] = variants(bundle);
  root["parameters"] = tensors(*body.parameters());
  root["derived"] = tensors(*body.derived());
  root["states"] = tensors(*body.states());
  root["entries"] = ordered_json::array();
  for (const EntryPlan &plan : inspection.plans)
    root["entries"].push_back(entry(bundle, plan));
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}
