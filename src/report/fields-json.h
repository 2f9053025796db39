/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decoded fields (cmsg/emit.h) as JSON members. */
#ifndef CMSGTRACE_REPORT_FIELDS_JSON_H
#define CMSGTRACE_REPORT_FIELDS_JSON_H

#include "base/json.h"
#include "cmsg/emit.h"

struct fields_json {
	struct emit emit; /* give &f->emit to decoders */
	struct json *j;
	const char *key; /* of outermost fields that have no name */
	uint64_t arrays; /* bit d: the container at depth d is an array */
	unsigned int depth;
};

void fields_json_init(struct fields_json *f, struct json *j, const char *key, struct event *ev,
		      const struct ask *ask);

/* text as a string where it is UTF-8, else {"hex":"…"}: no byte is lost. */
void jput_text(struct json *j, const char *key, const char *s, size_t len);
/* "198.51.100.1:53" or a path */
void jput_addr_text(struct json *j, const char *key, const struct addr *a);
void jput_host_text(struct json *j, const char *key, const struct addr *a);

#endif
