/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the JSON Lines report share. */
#ifndef CMSGTRACE_RECORD_WRITE_H
#define CMSGTRACE_RECORD_WRITE_H

#include "base/json.h"
#include "base/map.h"
#include "event/event.h"
#include "record/record.h"
#include "report/report.h"

/* Snapshots (sockets, processes) that were written lately, so that an event only names its number. */
struct jsonl_seen {
	struct map ids; /* pointer -> its slot + 1 */
	void *ring[RECORD_REMEMBERED];
	uint64_t next; /* number of the next one written: 1, 2, 3 … */
};

struct jsonl {
	struct report report;
	struct stream *out;
	struct json json;
	struct jsonl_seen socks, procs;
	bool ended;
};

/* Writes ev's records: its snapshots where they are new, then the event itself. */
void jsonl_put_event(struct jsonl *r, struct event *ev, const struct ask *ask);
/* Which line of which log it was, where it was read from one. */
void jsonl_put_log(struct json *j, const struct event *ev);
void jsonl_put_msg(struct json *j, struct event *ev, const struct msg *m, const struct ask *ask);
/* null: WORD_UNKNOWN. */
void jsonl_put_word(struct json *j, const char *key, uint64_t v);
void jsonl_put_bytes(struct json *j, const char *key, const struct bytes *b, uint64_t addr);
void jsonl_put_addr(struct json *j, const char *key, const struct addr *a);
void jsonl_put_route(struct json *j, const char *key, const struct route_fact *r);

/* At the end: a "summary" record for each socket that was asked … */
void jsonl_put_socks(struct json *j, const struct check *c);
/* … and members of the end record that say what these records leave out. */
void jsonl_put_socks_left(struct json *j, const struct check *c);

const char *jsonl_errno(int err, char tmp[16]); /* positive errno: "EINVAL", "ERESTARTSYS" */

#endif
