//===- JunitTest.cpp ------------------------------------------------------===//

#include "ssmc/Oracle/Junit.h"
#include <gtest/gtest.h>

using namespace ssmc::oracle;

namespace {

TEST(Junit, ListsResults) {
  EXPECT_EQ(junitXml("s", {{"a", 0.25, ""}, {"b", 1, "bad"}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"s\" tests=\"2\" failures=\"1\" time=\"1.250\">\n"
            "  <testcase classname=\"s\" name=\"a\" time=\"0.250\"/>\n"
            "  <testcase classname=\"s\" name=\"b\" time=\"1.000\">"
            "<failure message=\"bad\"/></testcase>\n"
            "</testsuite>\n");
}

TEST(Junit, EscapesText) {
  std::string xml = junitXml("s", {{"a", 0, "1 < 2 & \"x\"\n\x1b> é"}});
  EXPECT_NE(xml.find("message=\"1 &lt; 2 &amp; &quot;x&quot;&#10;?&gt; é\""),
            std::string::npos)
      << xml;
}

} // namespace
