// SPDX-License-Identifier: LGPL-2.1-or-later
/* --wire where cmsgtrace was built without libpcap: it says so, and knows nothing. */
#include "config.h"

#include "sock/wire.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "sock/priv.h"

struct wire {
	struct facts *facts;
};

struct wire *wire_new(struct facts *f, FILE *pcapng)
{
	struct wire *w = alloc_zeroed(1, sizeof(*w));

	(void)pcapng;
	w->facts = f;
	return w;
}

void wire_free(struct wire *w)
{
	alloc_free(w);
}

int wire_watch(struct wire *w, const struct event *ev)
{
	(void)ev;
	facts_miss(w->facts, "packets can't be captured: built without libpcap");
	return -ENOSYS;
}

void wire_hear(struct wire *w, const struct event *ev, bool all)
{
	(void)w, (void)ev, (void)all;
}

void wire_poll(struct wire *w)
{
	(void)w;
}

bool wire_match(struct wire *w, const struct event *ev, const struct msg *m, uint32_t segment,
		struct wire_fact *out)
{
	(void)w, (void)ev, (void)m, (void)segment;
	memset(out, 0, sizeof(*out));
	return false;
}

void wire_comment(struct wire *w, const struct wire_fact *fact, const char *text)
{
	(void)w, (void)fact, (void)text;
}

struct wire_stats wire_stats(const struct wire *w)
{
	(void)w;
	return (struct wire_stats){ 0 };
}
