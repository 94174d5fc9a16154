//===- Tuning.cpp - What was measured of alternatives, in a file ----------===//

#include "ssmc/Runtime/Tuning.h"
#include "Guard.h"
#include "ssmc/Bundle/Container.h"
#include "ssmc/IO/File.h"
#include "ssmc/IO/Json.h"
#include "ssmc/IO/Text.h"
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace ssmc::runtime {

using nlohmann::json;

static constexpr const char *kFormat = "ssmc-tuning";
static constexpr uint64_t kVersion = 1;

/// What to do about a file that is not what was once written.
static constexpr const char *kTuneAgain = "remove the file and tune again";

const TuningRecord::Alternative &TuningRecord::best() const {
  return *std::min_element(alternatives.begin(), alternatives.end(),
                           [](const Alternative &a, const Alternative &b) {
                             return a.nanoseconds < b.nanoseconds;
                           });
}

/// The text that the checksum is of. Labels come from bundles, which may hold
/// anything: what is not UTF-8 is replaced.
static std::string dump(const json &value, int indent = -1) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

static std::string hex(uint64_t value) { return fmt::format("{:016x}", value); }

static std::string checksumOf(const json &records) {
  return hex(bundle::checksum(dump(records)));
}

static json toJson(const TuningRecord &record) {
  json alternatives = json::array();
  for (const TuningRecord::Alternative &alternative : record.alternatives)
    alternatives.push_back({{"label", alternative.label},
                            {"nanoseconds", alternative.nanoseconds}});
  return {{"device", record.device},
          {"key", hex(record.key)},
          {"group", record.group},
          {"class", record.shapeClass},
          {"measured_at", record.measuredAt},
          {"alternatives", std::move(alternatives)}};
}

/// A member of an object, of a type that `read` takes.
static Status readMember(const json &object, const char *name,
                         std::string &value) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_string())
    return Status::invalid(
        fmt::format("'{}': expected a string, found {}", name,
                    found == object.end() ? "none" : describeJson(*found)));
  value = found->get_ref<const std::string &>();
  return {};
}

static Status readMember(const json &object, const char *name,
                         uint64_t &value) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned())
    return Status::invalid(
        fmt::format("'{}': expected a whole number, found {}", name,
                    found == object.end() ? "none" : describeJson(*found)));
  value = found->get<uint64_t>();
  return {};
}

/// The list of that name.
static Result<const json *> listMember(const json &object, const char *name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_array())
    return Status::invalid(
        fmt::format("'{}': expected a list, found {}", name,
                    found == object.end() ? "none" : describeJson(*found)));
  return &*found;
}

static Status readRecord(const json &item, TuningRecord &record) {
  if (!item.is_object())
    return Status::invalid("expected an object, found " + describeJson(item));
  std::string key;
  SSMC_TRY(readMember(item, "device", record.device));
  SSMC_TRY(readMember(item, "key", key));
  SSMC_TRY(readMember(item, "group", record.group));
  SSMC_TRY(readMember(item, "class", record.shapeClass));
  SSMC_TRY(readMember(item, "measured_at", record.measuredAt));
  char *end = nullptr;
  record.key = std::strtoull(key.c_str(), &end, 16);
  if (hex(record.key) != key)
    return Status::invalid(fmt::format(
        "'key': expected 16 hexadecimal digits, found {}", quoted(key)));
  Result<const json *> list = listMember(item, "alternatives");
  if (!list.ok())
    return list.status();
  for (const json &entry : **list) {
    TuningRecord::Alternative &alternative = record.alternatives.emplace_back();
    if (!entry.is_object())
      return Status::invalid("expected an object, found " +
                             describeJson(entry));
    SSMC_TRY(readMember(entry, "label", alternative.label));
    SSMC_TRY(readMember(entry, "nanoseconds", alternative.nanoseconds));
  }
  if (record.alternatives.empty())
    return Status::invalid("'alternatives': none, expected at least one");
  return {};
}

Result<TuningFile> TuningFile::parse(std::string_view text,
                                     const std::string &where) {
  return guarded([&]() -> Result<TuningFile> {
    auto refuse = [&](const std::string &reason) {
      return Status::invalid(
          fmt::format("{}: {}; {}", where, reason, kTuneAgain));
    };
    Result<json> root = parseJson(text, where);
    if (!root.ok())
      return Status::invalid(root.status().message() + "; " + kTuneAgain);
    std::string format, checksum;
    uint64_t version = 0;
    if (!root->is_object() || !readMember(*root, "format", format).ok() ||
        format != kFormat)
      return Status::invalid(where + ": not a tuning file; expected one that "
                                     "'tune' wrote");
    if (Status status = readMember(*root, "version", version); !status.ok())
      return refuse(status.message());
    if (version != kVersion)
      return refuse(fmt::format("version {}, this program reads version {}",
                                version, kVersion));
    Result<const json *> records = listMember(*root, "records");
    if (!records.ok())
      return refuse(records.status().message());
    if (Status status = readMember(*root, "checksum", checksum); !status.ok())
      return refuse(status.message());
    if (checksumOf(**records) != checksum)
      return refuse("the checksum does not match: the file is damaged or was "
                    "edited");
    TuningFile file;
    for (size_t i = 0; i < (*records)->size(); ++i)
      if (Status status =
              readRecord((**records)[i], file.records_.emplace_back());
          !status.ok())
        return refuse(fmt::format("record {}: {}", i, status.message()));
    return file;
  });
}

Result<TuningFile> TuningFile::read(const std::string &path) {
  Result<std::string> text = readFile(path, kMaxBytes);
  if (!text.ok())
    return text.status();
  return parse(*text, quoted(path));
}

void TuningFile::set(TuningRecord record) {
  for (TuningRecord &known : records_)
    if (known.device == record.device && known.key == record.key &&
        known.shapeClass == record.shapeClass) {
      known = std::move(record);
      return;
    }
  records_.push_back(std::move(record));
}

std::string TuningFile::print() const {
  json records = json::array();
  for (const TuningRecord &record : records_)
    records.push_back(toJson(record));
  // The checksum before what it is of, so that a file cut short lacks records.
  nlohmann::ordered_json root = {{"format", kFormat},
                                 {"version", kVersion},
                                 {"checksum", checksumOf(records)},
                                 {"records", records}};
  return root.dump(1, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

Status TuningFile::write(const std::string &path) const {
  return guarded([&] { return writeFileAtomically(path, print()); });
}

std::string deviceKey(const Device &device) {
  DeviceFacts facts = device.facts();
  std::string text = facts.name;
  if (facts.capability != 0)
    text += fmt::format(", sm_{}", facts.capability);
  if (!facts.driver.empty())
    text += ", " + facts.driver;
  return text;
}

/// The index of the group of that key.
static std::optional<uint32_t> findGroup(const BundleView &bundle,
                                         uint64_t key) {
  for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g)
    if (bundle.variantGroup(g).key() == key)
      return g;
  return std::nullopt;
}

void TuningFile::dropStale(const BundleView &bundle) {
  auto isStale = [&](const TuningRecord &record) {
    return !findGroup(bundle, record.key);
  };
  records_.erase(std::remove_if(records_.begin(), records_.end(), isStale),
                 records_.end());
}

TuningUse applyTuning(const TuningFile &file, const BundleView &bundle,
                      const std::string &device, ChoiceTable &choices) {
  TuningUse use;
  for (const TuningRecord &record : file.records()) {
    std::optional<uint32_t> group = findGroup(bundle, record.key);
    std::optional<uint32_t> alternative;
    if (group) {
      const auto &labels = *bundle.variantGroup(*group).labels();
      for (uint32_t i = 0; i < labels.size(); ++i)
        if (labels.Get(i)->string_view() == record.best().label)
          alternative = i;
    }
    if (!alternative) {
      ++use.stale;
    } else if (record.device != device) {
      ++use.otherDevice;
    } else {
      ++use.used;
      choices.setMeasured(*group, record.shapeClass, *alternative);
    }
  }
  return use;
}

std::string tuningPathBeside(const std::string &path) {
  std::string stem = path;
  while (stem.size() > 1 && stem.back() == '/')
    stem.pop_back();
  return stem + ".tune";
}

std::string tuningPathInCache(const BundleView &bundle) {
  std::string directory;
  // The specification has relative paths ignored.
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/')
    directory = cache;
  else if (const char *home = std::getenv("HOME"); home && *home)
    directory = joinPath(home, ".cache");
  else
    return {};
  std::string keys;
  for (uint32_t g = 0; g < bundle.variantGroupCount(); ++g)
    keys += hex(bundle.variantGroup(g).key());
  return joinPath(joinPath(directory, "ssmc"),
                  hex(bundle::checksum(keys)) + ".tune");
}

} // namespace ssmc::runtime
