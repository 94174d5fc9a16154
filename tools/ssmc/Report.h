//===- Report.h - What a compilation made, as a file ----------------------===//

#ifndef SSMC_TOOLS_SSMC_REPORT_H
#define SSMC_TOOLS_SSMC_REPORT_H

#include "ssmc/Compiler/Compiler.h"

namespace ssmc::cli {

/// Reads --report-dims: sizes as "batch=1", in place of batch=1 and
/// seqlen=2048.
Status parseReportDims(const std::vector<std::string> &texts,
                       ReportOptions &options);

/// Fails unless the name ends in ".json" or ".html".
Status checkReportPath(const std::string &path);

/// Writes a report as JSON (report/Schema.md) or as a page that holds the same.
/// Asks ptxas, if it is on the PATH, for registers and spills. `dims` are those
/// that were asked for by name: one that no entry has is an error.
Status writeReport(const std::string &path, const Report &report,
                   const CompileOptions &options,
                   const std::vector<std::string> &dims);

} // namespace ssmc::cli

#endif // SSMC_TOOLS_SSMC_REPORT_H
