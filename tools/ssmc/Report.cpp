//===- Report.cpp - What a compilation made, as a file --------------------===//

#include "tools/ssmc/Report.h"
#include "ssmc/Analysis/TargetModel.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Text.h"
#include "ssmc/Support/Producer.h"
#include "tools/cli/Ptxas.h"
#include "tools/cli/TensorArgs.h"
#include "tools/ssmc/ReportPage.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::cli;
using nlohmann::ordered_json;

namespace {

constexpr std::string_view kPlaceOfData = "{{report-data}}";

bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         text.substr(text.size() - suffix.size()) == suffix;
}

/// What ptxas says of each target's kernels, where it says anything.
std::map<std::string, ResourceMap> assemble(const Report &report) {
  std::map<std::string, ResourceMap> resources;
  std::optional<std::string> ptxas = findPtxas();
  if (!ptxas)
    return resources;
  for (const auto &[arch, ptx] : report.ptx)
    if (auto known = assemblePtx(*ptxas, ptx, arch); known.ok())
      resources[arch] = std::move(known->resources);
  return resources;
}

class ReportWriter {
public:
  ReportWriter(const Report &report, const CompileOptions &options)
      : report_(report), options_(options) {
    for (const std::string &arch : options.targets)
      if (const TargetModel *model = getTargetModel(arch))
        targets_.emplace_back(arch, model);
  }

  ordered_json write() {
    ordered_json root = {
        {"format", 1}, {"producer", producer()}, {"source", options_.input}};
    root["targets"] = ordered_json::array();
    for (const auto &[arch, model] : targets_)
      root["targets"].push_back({{"arch", arch},
                                 {"device", model->device},
                                 {"bytes_per_second", model->bytesPerSecond},
                                 {"mufu_per_second", model->mufuPerSecond()},
                                 {"fma_per_second", model->fmaPerSecond()}});
    root["kernels"] = kernels();
    root["entries"] = ordered_json::array();
    for (const ReportEntry &item : report_.entries)
      root["entries"].push_back(entry(item));
    return root;
  }

private:
  struct Floor {
    double microseconds;
    const char *bound;
  };

  static Floor floorOf(const ReportWork &work, const TargetModel &target) {
    double memory = work.bytes / target.bytesPerSecond,
           mufu = work.mufu / target.mufuPerSecond(),
           fma = work.fma / target.fmaPerSecond();
    double seconds = std::max({memory, mufu, fma});
    const char *bound = seconds == memory ? "memory"
                        : seconds == mufu ? "mufu"
                                          : "fma";
    return {seconds * 1e6, bound};
  }

  /// Without a fraction where it has none.
  static ordered_json number(double value) {
    constexpr double kExact = 9007199254740992.0; // 2^53
    if (value < kExact && value == std::floor(value))
      return static_cast<uint64_t>(value);
    return value;
  }

  /// To a tenth of a nanosecond.
  static double rounded(double microseconds) {
    return std::round(microseconds * 1e4) / 1e4;
  }

  ordered_json kernels() {
    std::map<std::string, ResourceMap> resources = assemble(report_);
    ordered_json list = ordered_json::array();
    for (const ReportKernel &kernel : report_.kernels) {
      ordered_json item = {{"name", kernel.name},
                           {"op", kernel.op},
                           {"schedule", kernel.schedule},
                           {"block", kernel.block},
                           {"shared_bytes", kernel.sharedBytes}};
      for (const auto &[arch, model] : targets_) {
        const ResourceMap &known = resources[arch];
        if (auto found = known.find(kernel.name); found != known.end())
          item["resources"][arch] = usage(kernel, found->second, *model);
      }
      list.push_back(std::move(item));
    }
    return list;
  }

  static ordered_json usage(const ReportKernel &kernel,
                            const KernelResources &resources,
                            const TargetModel &target) {
    int64_t threads =
        int64_t{kernel.block[0]} * kernel.block[1] * kernel.block[2];
    int64_t blocks = target.residentBlocks(
        threads, static_cast<int64_t>(resources.registers),
        static_cast<int64_t>(kernel.sharedBytes));
    double occupancy = static_cast<double>(blocks * threads) /
                       static_cast<double>(target.threadsPerSM);
    return {{"registers", resources.registers},
            {"spill_bytes", resources.spillBytes},
            {"stack_bytes", resources.stackBytes},
            {"resident_blocks", blocks},
            {"occupancy", std::round(occupancy * 1e3) / 1e3}};
  }

  ordered_json entry(const ReportEntry &entry) {
    ordered_json dims = ordered_json::object();
    for (const auto &[name, size] : entry.dims)
      dims[name] = size;
    ordered_json tensors = ordered_json::array();
    for (const ReportTensor &tensor : entry.tensors)
      tensors.push_back({{"name", tensor.name},
                         {"kind", tensor.kind},
                         {"type", tensor.type},
                         {"bytes", tensor.bytes}});
    ordered_json launches = ordered_json::array();
    for (const ReportLaunch &item : entry.launches)
      launches.push_back(launch(item));
    return {{"name", entry.name},
            {"dims", std::move(dims)},
            {"tensors", std::move(tensors)},
            {"launches", std::move(launches)},
            {"totals", totals(entry)}};
  }

  ordered_json launch(const ReportLaunch &launch) {
    ordered_json ops = ordered_json::array();
    for (const ReportOp &op : launch.ops) {
      ops.push_back({{"name", op.name}, {"location", op.location}});
      if (op.numSteps != 0) {
        ops.back()["steps"] = op.steps;
        ops.back()["of_steps"] = op.numSteps;
      }
    }
    ordered_json grid = ordered_json::array();
    for (double extent : launch.grid)
      grid.push_back(number(extent));
    ordered_json item = {{"kernel", launch.kernel},
                         {"ops", std::move(ops)},
                         {"grid", std::move(grid)},
                         {"reads", launch.reads},
                         {"writes", launch.writes},
                         {"bytes", number(launch.work.bytes)},
                         {"mufu", number(launch.work.mufu)},
                         {"fma", number(launch.work.fma)}};
    if (launch.unfusedBytes) {
      item["unfused_kernels"] = *launch.unfusedKernels;
      item["unfused_bytes"] = number(*launch.unfusedBytes);
    }
    if (!launch.alternatives.empty())
      item["alternatives"] = launch.alternatives;
    item["floor_us"] = item["bound"] = ordered_json::object();
    for (const auto &[arch, model] : targets_) {
      Floor floor = floorOf(launch.work, *model);
      item["floor_us"][arch] = rounded(floor.microseconds);
      item["bound"][arch] = floor.bound;
    }
    return item;
  }

  /// A launch that is the same either way is in both sums.
  ordered_json totals(const ReportEntry &entry) {
    ReportWork work;
    size_t unfusedKernels = 0;
    double unfusedBytes = 0;
    bool isCompared = false;
    std::map<std::string, double> floors;
    for (const ReportLaunch &launch : entry.launches) {
      work.bytes += launch.work.bytes;
      work.mufu += launch.work.mufu;
      work.fma += launch.work.fma;
      unfusedKernels += launch.unfusedKernels.value_or(1);
      unfusedBytes += launch.unfusedBytes.value_or(launch.work.bytes);
      isCompared |= launch.unfusedBytes.has_value();
      for (const auto &[arch, model] : targets_)
        floors[arch] += floorOf(launch.work, *model).microseconds;
    }
    ordered_json item = {{"launches", entry.launches.size()},
                         {"copies", entry.copies},
                         {"copy_bytes", number(entry.copyBytes)},
                         {"bytes", number(work.bytes)},
                         {"mufu", number(work.mufu)},
                         {"fma", number(work.fma)}};
    if (isCompared) {
      item["unfused_kernels"] = unfusedKernels;
      item["unfused_bytes"] = number(unfusedBytes);
    }
    item["floor_us"] = ordered_json::object();
    for (const auto &[arch, microseconds] : floors)
      item["floor_us"][arch] = rounded(microseconds);
    return item;
  }

  const Report &report_;
  const CompileOptions &options_;
  std::vector<std::pair<std::string, const TargetModel *>> targets_;
};

/// The page with `json` in it, in which no "<" can end the script that it is.
std::string fillPage(std::string json) {
  std::string data;
  for (char c : json) {
    if (c == '<')
      data += "\\u003c";
    else
      data += c;
  }
  std::string page(kReportPage);
  return page.replace(page.find(kPlaceOfData), kPlaceOfData.size(), data);
}

} // namespace

Status cli::parseReportDims(const std::vector<std::string> &texts,
                            ReportOptions &options) {
  options.dims = {{"batch", 1}, {"seqlen", 2048}};
  for (const std::string &text : texts) {
    Result<std::pair<std::string, uint64_t>> size = parseSize(text);
    if (!size.ok())
      return size.status();
    auto known =
        std::find_if(options.dims.begin(), options.dims.end(),
                     [&](const auto &dim) { return dim.first == size->first; });
    if (known == options.dims.end())
      options.dims.push_back(*size);
    else
      known->second = size->second;
  }
  return {};
}

Status cli::checkReportPath(const std::string &path) {
  if (endsWith(path, ".json") || endsWith(path, ".html"))
    return {};
  return Status::usage(
      fmt::format("--report={}: expected a name that ends in .json or .html",
                  escaped(path)));
}

Status cli::writeReport(const std::string &path, const Report &report,
                        const CompileOptions &options,
                        const std::vector<std::string> &dims) {
  for (const std::string &text : dims) {
    std::string name = text.substr(0, text.find('='));
    bool isKnown = false;
    for (const ReportEntry &entry : report.entries)
      for (const auto &dim : entry.dims)
        isKnown |= dim.first == name;
    if (!isKnown)
      return Status::usage(
          fmt::format("--report-dims names {}, which no entry of {} has",
                      quoted(name), quoted(options.input)));
  }
  // Names come from files, so they may hold anything.
  std::string json = ReportWriter(report, options)
                         .write()
                         .dump(1, ' ', /*ensure_ascii=*/true,
                               ordered_json::error_handler_t::replace) +
                     "\n";
  return writeFileAtomically(
      path, endsWith(path, ".html") ? fillPage(std::move(json)) : json);
}
