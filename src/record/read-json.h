/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Members of a recording's objects, by base/json-read.h.  Absent or of another type: the default, and nothing is
 * said (later minor versions may change what we don't know).  Memory is the arena's.
 */
#ifndef CMSGTRACE_RECORD_READ_JSON_H
#define CMSGTRACE_RECORD_READ_JSON_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/json-read.h"
#include "base/bytes.h"
#include "event/addr.h"
#include "event/event.h"

int64_t rec_int(const struct jval *o, const char *key, int64_t otherwise);
uint64_t rec_u64(const struct jval *o, const char *key); /* "0x1f", or a number; 0 absent */
bool rec_u64_of(const struct jval *j, uint64_t *v);      /* false: neither, v is untouched */
bool rec_has_u64(const struct jval *o, const char *key, uint64_t *v);
/* As rec_u64_of() and rec_u64(); null is WORD_UNKNOWN. */
bool rec_maybe(const struct jval *j, uint64_t *v);
uint64_t rec_pointer(const struct jval *o, const char *key);
bool rec_true(const struct jval *o, const char *key);
/* NULL absent; a string, or {"hex":"…"} where its bytes are no UTF-8. Terminated. */
const char *rec_text(struct arena *a, const struct jval *o, const char *key);
const char *rec_text_of(struct arena *a, const struct jval *v);
/* Value of the string among n names, or otherwise. */
unsigned int rec_word(const struct jval *o, const char *key, const char *const *names,
		      unsigned int n, unsigned int otherwise);
bool rec_hex(struct arena *a, const char *hex, size_t n, unsigned char **p, size_t *len);
void rec_bytes(struct arena *a, const struct jval *o, const char *key, uint64_t addr,
	       struct bytes *b);
struct addr rec_addr(struct arena *a, const struct jval *o, const char *key);

#endif
