//===- TestBundle.h - A bundle and a device for tests of the tools --------===//
//
// A model that says after each byte the next one of the alphabet, an entry that
// scales a vector by a parameter, and a device that knows their two kernels.
// Together they take the command lines all the way without a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_TEST_UNIT_CLI_TESTBUNDLE_H
#define SSMC_TEST_UNIT_CLI_TESTBUNDLE_H

#include <string>

namespace ssmc::cli::test {

/// The bytes of the bundle: entries "prefill", "step" and "scale"; parameter
/// "factor", f32[1]; an image for sm_90 that reads "// PTX\n". `source` is
/// recorded as where it was compiled from.
std::string makeBundle(const std::string &source);

/// Makes runtime::createDevice("test") give the device.
void registerTestDevice();

} // namespace ssmc::cli::test

#endif // SSMC_TEST_UNIT_CLI_TESTBUNDLE_H
