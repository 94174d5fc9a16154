//===- Junit.h - Test results for machines --------------------------------===//

#ifndef SSMC_ORACLE_JUNIT_H
#define SSMC_ORACLE_JUNIT_H

#include <string>
#include <vector>

namespace ssmc::oracle {

struct TestResult {
  std::string name;
  double seconds = 0;
  /// Empty where the test passed.
  std::string failure;
};

/// The results as JUnit XML, one test suite of that name. Characters that XML
/// cannot hold become question marks.
std::string junitXml(const std::string &suite,
                     const std::vector<TestResult> &results);

} // namespace ssmc::oracle

#endif // SSMC_ORACLE_JUNIT_H
