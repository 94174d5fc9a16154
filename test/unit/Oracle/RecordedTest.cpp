//===- RecordedTest.cpp - The oracle against recorded outputs -------------===//
//
// The files hold what the reference functions of state-spaces/mamba return, and
// for half-precision inputs what the same formulas give in double.
//
//===----------------------------------------------------------------------===//

#include "ssmc/IO/Safetensors.h"
#include "ssmc/Oracle/CausalConv1d.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::oracle;

namespace {

/// The largest difference relative to the largest element.
double difference(const std::vector<double> &got, const HostTensor &recorded) {
  std::vector<double> expected = toDoubles(recorded);
  EXPECT_EQ(got.size(), expected.size());
  if (got.size() != expected.size())
    return INFINITY;
  double worst = 0, scale = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::fabs(got[i] - expected[i]));
    scale = std::max(scale, std::fabs(expected[i]));
  }
  return worst / scale;
}

class Recorded : public testing::Test {
protected:
  void open(const char *name) {
    std::string path = std::string(SSMC_SOURCE_DIR) + "/test/Numerics/Inputs/" +
                       name + ".safetensors";
    Result<SafetensorsFile> opened = SafetensorsFile::open(path);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    file.emplace(std::move(*opened));
  }

  /// Null where the file has no such tensor.
  const HostTensor *load(const char *name) {
    if (!file->find(name))
      return nullptr;
    Result<HostTensor> tensor = file->load(name);
    EXPECT_TRUE(tensor.ok());
    return &(tensors[name] = std::move(*tensor));
  }

  std::optional<SafetensorsFile> file;
  std::map<std::string, HostTensor> tensors;
};

class RecordedFile : public Recorded,
                     public testing::WithParamInterface<const char *> {
protected:
  void SetUp() override { open(GetParam()); }
};

using RecordedScan = RecordedFile;
using RecordedUpdate = RecordedFile;
using RecordedConv = RecordedFile;

TEST_P(RecordedScan, IsMatched) {
  SelectiveScanInputs inputs;
  inputs.u = load("u");
  inputs.delta = load("delta");
  inputs.A = load("A");
  inputs.B = load("B");
  inputs.C = load("C");
  inputs.D = load("D");
  inputs.z = load("z");
  inputs.deltaBias = load("delta_bias");
  inputs.deltaSoftplus = file->metadata().at("softplus") == "True";
  inputs.layout = Layout::ChannelMajor;
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  ASSERT_TRUE(result.ok()) << result.status().message();
  if (const HostTensor *out = load("out64")) {
    EXPECT_LT(difference(result->out, *out), 1e-13);
    EXPECT_LT(difference(result->lastState, *load("last_state64")), 1e-13);
  } else {
    EXPECT_LT(difference(result->out, *load("out")), 4e-6);
    EXPECT_LT(difference(result->lastState, *load("last_state")), 4e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, RecordedScan,
    testing::Values("scan_base", "scan_bf16", "scan_constB", "scan_constBC",
                    "scan_fp16", "scan_groups", "scan_long", "scan_n1",
                    "scan_n33", "scan_one", "scan_plain", "scan_tail"));

TEST_F(Recorded, ComplexScanIsMatched) {
  open("scan_complex");
  SelectiveScanInputs inputs;
  inputs.u = load("u");
  inputs.delta = load("delta");
  inputs.A = load("A");
  inputs.B = load("B");
  inputs.C = load("C");
  inputs.D = load("D");
  inputs.z = load("z");
  inputs.deltaBias = load("delta_bias");
  inputs.deltaSoftplus = true;
  inputs.layout = Layout::ChannelMajor;
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_LT(difference(result->out, *load("out")), 4e-6);
  EXPECT_LT(difference(result->lastState, *load("last_state")), 4e-6);
}

TEST_P(RecordedUpdate, IsMatchedByAScanOfOneStep) {
  SelectiveScanInputs inputs;
  inputs.u = load("x");
  inputs.delta = load("dt");
  inputs.A = load("A");
  inputs.B = load("B");
  inputs.C = load("C");
  inputs.D = load("D");
  inputs.z = load("z");
  inputs.deltaBias = load("dt_bias");
  inputs.initialState = load("state");
  inputs.deltaSoftplus = true;
  for (const char *name : {"x", "dt", "B", "C", "z"})
    if (auto tensor = tensors.find(name); tensor != tensors.end())
      tensor->second.shape.insert(tensor->second.shape.begin() + 1, 1);
  Result<SelectiveScanResult> result = selectiveScan(inputs);
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_LT(difference(result->out, *load("out")), 4e-6);
  EXPECT_LT(difference(result->lastState, *load("state_out")), 4e-6);
}

INSTANTIATE_TEST_SUITE_P(Files, RecordedUpdate,
                         testing::Values("update_base", "update_noz"));

TEST_P(RecordedConv, IsMatched) {
  CausalConv1dInputs inputs;
  inputs.x = load("x");
  inputs.weight = load("weight");
  inputs.bias = load("bias");
  inputs.initialState = load("initial_state");
  inputs.cuSeqlens = load("cu_seqlens");
  inputs.silu = true;
  if (!inputs.cuSeqlens)
    inputs.layout = Layout::ChannelMajor;
  Result<CausalConv1dResult> result = causalConv1d(inputs);
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_LT(difference(result->y, *load("y")), 1e-13);
  EXPECT_EQ(difference(result->finalState, *load("final_state")), 0);
}

INSTANTIATE_TEST_SUITE_P(Files, RecordedConv,
                         testing::Values("conv_channel_major", "conv_packed"));

} // namespace
