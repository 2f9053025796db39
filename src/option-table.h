/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option table: a row each, from which getopt_long, --help and the completions come. */
#ifndef CMSGTRACE_OPTION_TABLE_H
#define CMSGTRACE_OPTION_TABLE_H

#include "options.h"

enum row_kind {
	ROW_FLAG,  /* sets a bool */
	ROW_COUNT, /* adds 1 to an int: -tt */
	ROW_STRING,
	ROW_LIST, /* adds to a str_list */
	ROW_UINT,
	ROW_FN,     /* calls set */
	ROW_ACCEPT, /* strace has it; it changes nothing here */
	ROW_REFUSE, /* strace has it, and here something else does its work: help names it */
};

enum row_arg { ARG_NONE, ARG_NEEDED, ARG_OPTIONAL };

struct option_row {
	const char *group; /* starts a group in --help */
	char letter;       /* 0: long only */
	const char *name;
	enum row_arg arg;
	const char *metavar;
	const char *help;
	enum row_kind kind;
	size_t offset; /* into struct options */
	int (*set)(struct options *o, const char *arg);
};

/* Other names that strace has for an option. */
struct option_alias {
	const char *name, *of;
};

extern const struct option_alias option_aliases[]; /* ends with a NULL */
extern const struct option_row option_rows[];      /* ends with a row whose name is NULL */

/* A whole number from min to max; what is for the message. False after complaining. */
bool option_uint(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *v);

#endif
