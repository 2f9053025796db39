// SPDX-License-Identifier: LGPL-2.1-or-later
/* The outputs by name. */
#include "config.h"

#include "report/report.h"

#define ROW(name) { #name, report_##name##_new, false },
#define LINES(name) { #name, report_##name##_new, true },

const struct format_row format_rows[] = { REPORT_FORMATS(ROW, LINES){ NULL, NULL, false } };
