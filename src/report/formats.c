// SPDX-License-Identifier: LGPL-2.1-or-later
/* The registry of outputs. */
#include "config.h"

#include "report/formats.h"

#include <stddef.h>

const struct format_row format_rows[] = {
	{ "jsonl", "JSON Lines: every event and finding, a recording", report_jsonl_new, true },
	{ .name = NULL },
};
