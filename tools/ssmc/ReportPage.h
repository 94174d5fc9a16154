//===- ReportPage.h - The page of `--report=FILE.html` --------------------===//

#ifndef SSMC_TOOLS_SSMC_REPORTPAGE_H
#define SSMC_TOOLS_SSMC_REPORTPAGE_H

namespace ssmc::cli {

/// report/report.html with its style and script in it: one page that loads
/// nothing. "{{report-data}}" stands where the JSON goes.
extern const char *const kReportPage;

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_REPORTPAGE_H
