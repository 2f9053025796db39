// SPDX-License-Identifier: LGPL-2.1-or-later
/* The registry of outputs. */
#include "config.h"

#include "report/formats.h"

#include <stddef.h>

const struct format_row format_rows[] = {
	{ "jsonl", "JSON Lines: every event and finding, a recording", report_jsonl_new, true },
	{ "sarif", "SARIF 2.1.0, for code scanning", report_sarif_new, false },
	{ "github", "annotations of a GitHub workflow", report_github_new, false },
	{ "gcc", "file:line: error: message [CT101]", report_gcc_new, false },
	{ "junit", "JUnit XML: one failing case a finding", report_junit_new, false },
	{ "summary", "what -c prints, at the end of the run", report_summary_new, false },
	{ .name = NULL },
};
