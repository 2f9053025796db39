/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules' names for the table in rule-table.c. */
#ifndef CMSGTRACE_CHECK_RULES_RULES_H
#define CMSGTRACE_CHECK_RULES_RULES_H

#include "check/rule.h"

extern const struct rule ct101;
extern const struct rule ct102;
extern const struct rule ct103;
extern const struct rule ct104;
extern const struct rule ct105;
extern const struct rule ct106;
extern const struct rule ct107;
extern const struct rule ct108;
extern const struct rule ct109;
extern const struct rule ct110;
extern const struct rule ct111;
extern const struct rule ct112;
extern const struct rule ct201;
extern const struct rule ct202;
extern const struct rule ct203;
extern const struct rule ct204;
extern const struct rule ct205;
extern const struct rule ct206;
extern const struct rule ct207;
extern const struct rule ct208;
extern const struct rule ct301;
extern const struct rule ct302;
extern const struct rule ct303;
extern const struct rule ct304;
extern const struct rule ct305;
extern const struct rule ct306;
extern const struct rule ct307;
extern const struct rule ct308;
extern const struct rule ct401;
extern const struct rule ct402;
extern const struct rule ct403;
extern const struct rule ct405;
extern const struct rule ct406;
extern const struct rule ct407;
extern const struct rule ct408;
extern const struct rule ct501;
extern const struct rule ct502;
extern const struct rule ct503;
extern const struct rule ct601;
extern const struct rule ct701;
extern const struct rule ct702;
extern const struct rule ct901;
extern const struct rule ct902;

#endif
