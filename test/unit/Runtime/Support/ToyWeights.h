//===- ToyWeights.h - The checkpoint of the toy model ---------------------===//

#ifndef SSMC_TEST_UNIT_RUNTIME_TOYWEIGHTS_H
#define SSMC_TEST_UNIT_RUNTIME_TOYWEIGHTS_H

#include "TestBundle.h"
#include "ssmc/IO/Safetensors.h"
#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ssmc::runtime::test {

/// Writes a file with "bias" = 0, 1/32, 2/32, … and a tensor that no bundle
/// asks for, and opens it.
struct ToyWeights {
  ToyWeights()
      : path(testing::TempDir() + "toy_weights_" + std::to_string(getpid()) +
             ".safetensors"),
        checkpoint(write(path)) {}
  ~ToyWeights() { std::remove(path.c_str()); }

  std::string path;
  Checkpoint checkpoint;

private:
  static Checkpoint write(const std::string &path) {
    HostTensor bias = *makeTensor(DType::F32, {8});
    for (int i = 0; i < 8; ++i) {
      float value = static_cast<float>(i) / 32;
      std::memcpy(bias.data.data() + i * sizeof(value), &value, sizeof(value));
    }
    HostTensor unused = *makeTensor(DType::I8, {3});
    Status status =
        writeSafetensors(path, {{"bias", bias}, {"unused", unused}});
    EXPECT_TRUE(status.ok()) << status.message();
    Result<Checkpoint> checkpoint = Checkpoint::open(path);
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status().message();
    return std::move(*checkpoint);
  }
};

} // namespace ssmc::runtime::test

#endif // SSMC_TEST_UNIT_RUNTIME_TOYWEIGHTS_H
