// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events that are made before their task and their socket are known. Pure. */
#include "config.h"

#include "strace/early.h"

#include <string.h>

struct strace_early *strace_early(unsigned int call, const char *text, size_t name_len, size_t len,
				  struct arena *a, struct arena *values)
{
	const char *args = text + name_len + 1, *end = text + len, *close;
	struct strace_text x = { .call = call, .name = text, .name_len = name_len };
	struct strace_early *e;

	if (!strace_call_moves(call) ||
	    strace_call_on_files(call)) /* the socket says what those are */
		return NULL;
	x.args = strace_parse_call(values, args, end, &close);
	if (!close)
		return NULL;
	x.args_end = close;
	x.result = strace_result_parse(values, close + 1, end);
	if (!x.result.have || x.result.unknown || strace_fd_arg(&x, 0) < 0)
		return NULL;
	e = arena_new(a, struct strace_early);
	e->ev = (struct event){ .fd = -1, .abi = abi_native(), .arena = *a };
	strace_event_of_line(&x, &e->ev);
	*a = e->ev.arena;
	e->ev.arena = (struct arena){ .head = NULL };
	e->path = val_path(val_at(x.args, 0), &e->path_len);
	e->spent_ns = x.result.spent_ns;
	return x.missing ? NULL : e;
}

/* Only what is filled: each line of memory that another processor wrote takes as long as dozens of one's own. */
void strace_early_event(const struct strace_early *e, struct event *ev)
{
	const struct event *from = &e->ev;

	ev->kind = from->kind;
	ev->abi = from->abi;
	ev->call = from->call;
	ev->name = from->name;
	ev->print = from->print;
	ev->end = from->end;
	ev->result = from->result;
	ev->fd = from->fd;
	ev->flags = from->flags;
	memcpy(ev->args, from->args, sizeof(ev->args));
	ev->vlen = from->vlen;
	ev->ifnames = from->ifnames;
	if (call_rows[from->call].flags & CALL_VECTOR) {
		ev->timeout_in = from->timeout_in;
		ev->timeout_out = from->timeout_out;
	}
	if (!from->msg)
		return;
	ev->nmsg = from->nmsg;
	ev->msg = arena_array(&ev->arena, struct msg, from->nmsg ? from->nmsg : 1);
	for (uint32_t i = 0; i < from->nmsg; i++)
		memcpy(&ev->msg[i], &from->msg[i], offsetof(struct msg, route));
}

void strace_early_prefetch(const struct strace_early *e)
{
	const char *p = (const char *)e;

	for (size_t i = 64; i < sizeof(*e) + sizeof(struct msg) + 320; i += 64)
		__builtin_prefetch(p + i);
}
