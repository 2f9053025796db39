// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: no captured frame makes its reader, or the search for a message's packet, misbehave. */
#include "config.h"

#define FUZZ_CORPUS "corpus-capture"
#include "fuzz/fuzz-main.h"

#include <netinet/in.h>
#include <string.h>

#include "base/alloc.h"
#include "net/joined.h"

static void find_all(struct joined *j, const struct tap_packet *t)
{
	struct event *ev = event_new();
	struct wire_fact fact;

	ev->sock = sock_new();
	ev->sock->domain = AF_INET;
	ev->sock->type = SOCK_DGRAM;
	ev->sock->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE;
	sock_derive(ev->sock);
	ev->sock->local = t->dst;
	ev->call = CALL_RECVMSG;
	ev->msg = arena_new(&ev->arena, struct msg);
	ev->nmsg = 1;
	ev->msg->have_len = true;
	ev->msg->len = (uint32_t)t->payload_claimed;
	ev->msg->out.name.p = (const unsigned char *)&t->src.ss;
	ev->msg->out.name.len = t->src.len;
	for (unsigned int i = 0; i < 2; i++)
		joined_find(j, ev, ev->msg, &fact);
	event_free(ev);
}

/* Frames of their own length each (a byte); the first byte of all is the link type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = { 0, 1, 9, 12, 14, 101, 108, 113, 228, 229, 276, 999 };
	struct joined *j = joined_new();
	uint64_t frame = 0;

	for (size_t at = 1; at < size;) {
		size_t len = data[at++];
		unsigned char *exact;
		struct tap_packet t = { .ns = frame };
		enum link_way way;
		long ip;

		len = len < size - at ? len : size - at;
		exact = alloc_bytes(len + 1); /* so that a byte too far is found */
		exact = alloc_resize(exact, len ? len : 1);
		memcpy(exact, data + at, len);
		ip = link_ip(types[data[0] % (sizeof(types) / sizeof(types[0]))], exact, len, &way);
		if (ip >= 0 && (size_t)ip > len)
			__builtin_trap();
		if (ip >= 0 && tap_parse(&t, exact + ip, len - (size_t)ip, len - (size_t)ip)) {
			joined_add(j, &t, way, ++frame, "f");
			find_all(j, &t);
		}
		alloc_free(exact);
		at += len;
	}
	joined_free(j);
	return 0;
}
