/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables value <-> name.  All static const; nothing is owned. */
#ifndef CMSGTRACE_BASE_NAMES_H
#define CMSGTRACE_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	uint64_t value;
	const char *name;
};

struct names {
	const struct name *v; /* ascending by value unless it is a flag set */
	size_t n;
	const char *unknown; /* how strace comments an unknown value: "SOL_???" */
};

#define VALUE(value, name)                                                                         \
	{                                                                                          \
		value, name                                                                        \
	}
/* A table of VALUE()s, one at least; at file scope only. */
#define NAMES(dunno, ...)                                                                          \
	{                                                                                          \
		.v = (const struct name[]){ __VA_ARGS__ },                                         \
		.n = sizeof((const struct name[]){ __VA_ARGS__ }) / sizeof(struct name),           \
		.unknown = (dunno)                                                                 \
	}

/* The name of value, or NULL. */
const char *names_find(const struct names *t, uint64_t value);
/* The value of name; false where there is none. */
bool names_value(const struct names *t, const char *name, size_t len, uint64_t *value);

#endif
