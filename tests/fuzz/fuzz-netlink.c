// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: no netlink messages make their text misbehave.
 *
 * Input: one byte of protocol, one of how many bytes the program claims beyond those that were read, then the messages.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FUZZ_CORPUS "corpus-netlink"
#include "fuzz/fuzz-main.h"

#include "report/text-impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { HEAD = 2 };
	struct sock s = { .has = SOCK_HAS_DOMAIN | SOCK_HAS_PROTOCOL, .domain = AF_NETLINK };
	struct event ev = {
		.kind = EVENT_CALL, .call = CALL_SENDTO, .abi = abi_native(), .fd = 3, .sock = &s
	};
	struct buf out = { 0 };
	struct text_ctx x = { .b = &out, .ev = &ev, .strsize = 64 };
	unsigned char *copy;
	struct bytes b;

	if (size < HEAD)
		return 0;
	size -= HEAD;
	/* a copy of its own, so that one byte too far is seen */
	copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + HEAD, size);
	s.protocol = data[0];
	sock_derive(&s);
	b = (struct bytes){ .p = copy, .len = size, .claimed = size + data[1], .addr = 0x1000 };
	text_netlink(&x, &b, 0x1000, b.claimed);
	/* what is said of a byte has a bound */
	if (out.len > 256 + 256 * size)
		abort();
	buf_free(&out);
	free(copy);
	return 0;
}
