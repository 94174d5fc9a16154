//===- Junit.cpp - Test results for machines ------------------------------===//

#include "ssmc/Oracle/Junit.h"
#include <fmt/format.h>

using namespace ssmc::oracle;

static std::string xmlText(const std::string &text) {
  std::string xml;
  for (char c : text) {
    switch (c) {
    case '&':
      xml += "&amp;";
      break;
    case '<':
      xml += "&lt;";
      break;
    case '>':
      xml += "&gt;";
      break;
    case '"':
      xml += "&quot;";
      break;
    case '\n':
      // Plain, it would be read as a space inside an attribute.
      xml += "&#10;";
      break;
    default:
      xml += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return xml;
}

std::string ssmc::oracle::junitXml(const std::string &suite,
                                   const std::vector<TestResult> &results) {
  std::string cases;
  size_t failures = 0;
  double seconds = 0;
  for (const TestResult &result : results) {
    seconds += result.seconds;
    cases += fmt::format("  <testcase classname=\"{}\" name=\"{}\" "
                         "time=\"{:.3f}\"",
                         xmlText(suite), xmlText(result.name), result.seconds);
    if (result.failure.empty()) {
      cases += "/>\n";
      continue;
    }
    ++failures;
    cases += fmt::format("><failure message=\"{}\"/></testcase>\n",
                         xmlText(result.failure));
  }
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" "
                     "time=\"{:.3f}\">\n{}</testsuite>\n",
                     xmlText(suite), results.size(), failures, seconds, cases);
}
