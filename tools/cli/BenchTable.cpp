//===- BenchTable.cpp - Measurements as lines -----------------------------===//

#include "tools/cli/BenchTable.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::cli;

namespace {

/// The numbers of a row, which all formats have. Times are microseconds: the
/// unit of kernels.
struct Column {
  const char *name;
  double (*value)(const Statistics &times);
};

} // namespace

static constexpr double kMicro = 1e6;

static constexpr Column kTimes[] = {
    {"median_us", [](const Statistics &it) { return it.median * kMicro; }},
    {"mean_us", [](const Statistics &it) { return it.mean * kMicro; }},
    {"min_us", [](const Statistics &it) { return it.min * kMicro; }},
    {"p10_us", [](const Statistics &it) { return it.p10 * kMicro; }},
    {"p90_us", [](const Statistics &it) { return it.p90 * kMicro; }},
    {"p99_us", [](const Statistics &it) { return it.p99 * kMicro; }},
    {"stddev_us", [](const Statistics &it) { return it.stddev * kMicro; }},
};

/// Where nothing is known.
static constexpr const char *kNone = "-";

/// GB/s that the median makes of the bytes.
static std::optional<double> gigabytes(const BenchRow &row) {
  if (!row.times || !row.bytes || row.times->median <= 0)
    return std::nullopt;
  return *row.bytes / row.times->median * 1e-9;
}

/// The floor as a percentage of the median: 100 where nothing can be faster.
static std::optional<double> floorPercent(const BenchRow &row) {
  if (!row.times || !row.floor || row.times->median <= 0)
    return std::nullopt;
  return 100 * *row.floor / row.times->median;
}

std::string cli::printDims(const BenchRow &row) {
  std::string text;
  for (const auto &[name, value] : row.dims)
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, value);
  return text.empty() ? kNone : text;
}

/// Of a table for people and of CSV; Markdown has these too.
static std::vector<std::string> headings(bool isTable) {
  std::vector<std::string> names;
  if (!isTable)
    names = {"device", "driver"};
  names.insert(names.end(), {"entry", "label", "dims"});
  for (const Column &column : kTimes)
    names.emplace_back(column.name);
  names.insert(names.end(), {"runs", "GB/s", "floor_us", "floor_%", "verified",
                             "note", "rerun"});
  return names;
}

std::vector<std::string> BenchTable::cells(const BenchRow &row) const {
  auto number = [](std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : kNone;
  };
  std::vector<std::string> cells;
  if (format != BenchFormat::Table)
    cells = {row.device, row.driver};
  cells.insert(cells.end(), {row.entry, row.label.empty() ? kNone : row.label,
                             printDims(row)});
  for (const Column &column : kTimes)
    cells.push_back(number(
        row.times ? std::optional(column.value(*row.times)) : std::nullopt, 2));
  cells.push_back(row.times ? std::to_string(row.times->count) : kNone);
  cells.push_back(number(gigabytes(row), 1));
  cells.push_back(
      number(row.floor ? std::optional(*row.floor * kMicro) : std::nullopt, 2));
  cells.push_back(number(floorPercent(row), 1));
  cells.push_back(row.verified);
  cells.push_back(row.problem.empty() ? kNone : row.problem);
  cells.push_back(row.rerun);
  // A line is a line, whatever a message holds.
  for (std::string &cell : cells)
    std::replace(cell.begin(), cell.end(), '\n', ' ');
  return cells;
}

static std::string csvCell(const std::string &cell) {
  if (cell.find_first_of(",\"\n") == std::string::npos)
    return cell;
  std::string quoted = "\"";
  for (char c : cell)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

static std::string markdownCell(const std::string &cell) {
  std::string text;
  for (char c : cell)
    text += c == '|' ? "\\|" : std::string(1, c);
  return text;
}

void BenchTable::writeCells(const std::vector<std::string> &cells) {
  std::string line;
  switch (format) {
  case BenchFormat::Table:
    for (size_t i = 0; i < cells.size(); ++i) {
      // Words to the left, numbers to the right, the last column as it is.
      bool isText = i < 3 || i + 3 >= cells.size();
      line += i == 0 ? "" : "  ";
      line += i + 1 == cells.size() ? cells[i]
              : isText ? fmt::format("{:<{}}", cells[i], widths[i])
                       : fmt::format("{:>{}}", cells[i], widths[i]);
    }
    break;
  case BenchFormat::Markdown:
    for (const std::string &cell : cells)
      line += "| " + markdownCell(cell) + " ";
    line += "|";
    break;
  case BenchFormat::Csv:
    for (const std::string &cell : cells)
      line += (line.empty() ? "" : ",") + csvCell(cell);
    break;
  case BenchFormat::Json:
    break;
  }
  out.write(line + "\n");
  out.flush();
}

void BenchTable::begin(const std::string &device, const std::string &driver,
                       size_t dimsWidth, size_t labelWidth) {
  if (format == BenchFormat::Json) {
    out.write("[");
    return;
  }
  std::vector<std::string> names = headings(format == BenchFormat::Table);
  for (const std::string &name : names)
    widths.push_back(std::max<size_t>(name.size(), 9));
  if (format == BenchFormat::Table) {
    out.write(
        fmt::format("{}{}{}\n", device, driver.empty() ? "" : ", ", driver));
    widths[1] = std::max(names[1].size(), labelWidth);
    widths[2] = std::max(names[2].size(), dimsWidth);
    widths[names.size() - 3] = std::string_view("oracle+repeat").size();
  }
  writeCells(names);
  if (format == BenchFormat::Markdown) {
    std::string rule = "|";
    for (size_t i = 0; i < names.size(); ++i)
      rule += i < 5 || i + 3 >= names.size() ? "---|" : "--:|";
    out.write(rule + "\n");
  }
}

static nlohmann::ordered_json toJson(const BenchRow &row) {
  nlohmann::ordered_json item = {{"device", row.device},
                                 {"driver", row.driver},
                                 {"entry", row.entry},
                                 {"label", row.label}};
  item["dims"] = nlohmann::ordered_json::object();
  for (const auto &[name, value] : row.dims)
    item["dims"][name] = value;
  auto set = [&](const char *name, std::optional<double> value) {
    item[name] = value ? nlohmann::ordered_json(*value) : nullptr;
  };
  for (const Column &column : kTimes)
    set(column.name,
        row.times ? std::optional(column.value(*row.times)) : std::nullopt);
  item["runs"] = row.times ? row.times->count : 0;
  set("bytes", row.bytes);
  set("gb_per_s", gigabytes(row));
  set("floor_us",
      row.floor ? std::optional(*row.floor * kMicro) : std::nullopt);
  set("floor_percent", floorPercent(row));
  item["verified"] = row.verified;
  item["note"] = row.problem;
  item["variants"] = row.variants;
  item["launches"] = nlohmann::ordered_json::array();
  for (const BenchLaunch &launch : row.launches)
    item["launches"].push_back({{"kernel", launch.kernel},
                                {"computes", launch.computes},
                                {"grid", launch.grid},
                                {"block", launch.block}});
  item["rerun"] = row.rerun;
  return item;
}

void BenchTable::add(const BenchRow &row) {
  if (format != BenchFormat::Json)
    return writeCells(cells(row));
  // Paths on the command line may be in any encoding.
  out.write((hasRows ? ",\n" : "\n") +
            toJson(row).dump(-1, ' ', false,
                             nlohmann::json::error_handler_t::replace));
  out.flush();
  hasRows = true;
}

void BenchTable::end() {
  if (format == BenchFormat::Json)
    out.write("\n]\n");
}
