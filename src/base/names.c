// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables value <-> name. */
#include "config.h"

#include "base/names.h"

#include <string.h>

const char *names_find(const struct names *t, uint64_t value)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].value == value)
			return t->v[i].name;
	}
	return NULL;
}

bool names_value(const struct names *t, const char *name, size_t len, uint64_t *value)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!strncmp(t->v[i].name, name, len) && !t->v[i].name[len]) {
			*value = t->v[i].value;
			return true;
		}
	}
	return false;
}
