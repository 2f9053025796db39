// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: no text makes the reader of ip's output, or a lookup in what it read, misbehave. */
#include "config.h"

#include <netinet/in.h>
#include <string.h>

#define FUZZ_CORPUS "corpus-net"
#include "fuzz/fuzz-main.h"
#include "net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net *n = net_new();
	struct event *ev = event_new();
	struct question q = { .kind = ASK_ROUTE, .flow = { .have = true, .uid = UINT32_MAX } };
	static const uint8_t dests[][16] = { { 10, 77, 0, 2 }, { 127, 0, 0, 2 }, { 239, 1, 2, 3 } };
	struct answer a;

	net_read(n, (const char *)data, size);
	ev->sock = sock_new();
	for (unsigned int i = 0; i < 6; i++) {
		uint8_t in6[16] = { 0xfd, 0x77, [15] = 2 };

		if (i == 4)
			in6[0] = 0xff;
		memset(&a, 0, sizeof(a));
		q.flow.dest =
			i < 3 ? addr_of_in(dests[i], 53) : addr_of_in6(in6, 53, i == 5 ? 2 : 0);
		q.flow.source = i < 3 ? addr_of_in("\0\0\0\0", 0) : addr_of_in6(&in6addr_any, 0, 0);
		q.flow.oif = i & 1;
		if (!net_answer(n, ev, &q, &a))
			__builtin_trap();
	}
	event_free(ev);
	net_free(n);
	return 0;
}
