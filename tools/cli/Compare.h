//===- Compare.h - Results against expected ones --------------------------===//

#ifndef SSMC_TOOLS_CLI_COMPARE_H
#define SSMC_TOOLS_CLI_COMPARE_H

#include "ssmc/IO/Tensor.h"

namespace ssmc::cli {

/// How far a result may be from the expected value e, the sum of
/// absolute + relative * |e| + maxRelative * max|expected| + ulps * ulp(e),
/// where ulp(e) is the distance of neighbouring values of the result's own
/// floating-point type at e.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
  double maxRelative = 0;
  double ulps = 0;
};

/// What a comparison without a tolerance from the user allows: nothing between
/// integers, 1e-5 of max|expected| between f32 or f64, and a unit in the last
/// place besides between halves.
Tolerance defaultTolerance(DType dtype);

/// Compares element by element in double precision; the element types may
/// differ, the shapes not. Equal infinities match, and NaN matches NaN. Returns
/// a line for people ("max difference ..."), or StatusCode::Mismatch with the
/// number of elements that differ and the worst one. `name` is for messages.
Result<std::string> compareTensors(const std::string &name,
                                   const HostTensor &got,
                                   const HostTensor &expected,
                                   const Tolerance &tolerance);

/// The distance of neighbouring values of `dtype` at `value`; 0 for integers
/// and where `value` is not finite.
double unitInLastPlace(DType dtype, double value);

/// "f32[2, 2] = [[1, 2], [3, 4]]", with "..." for what makes it long.
std::string printTensor(const HostTensor &tensor);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_CLI_COMPARE_H
