/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules' names for the table in rule-table.c. */
#ifndef CMSGTRACE_CHECK_RULES_RULES_H
#define CMSGTRACE_CHECK_RULES_RULES_H

#include "check/rule.h"

extern const struct rule ct101, ct103, ct201, ct204, ct206, ct901;

#endif
