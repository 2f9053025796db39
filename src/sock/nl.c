// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One netlink exchange.  Kernel: net/netlink/af_netlink.c: a request is handled by the sender itself,
 * a dump goes on in recvmsg(); MSG_DONTWAIT therefore loses nothing.
 */
#include "config.h"

#include "sock/nl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
	NL_BUFFER = 32768,
	NL_ROUNDS_MAX = 65536, /* no answer goes on for ever: 2 GiB */
};

static int nl_error(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	return mnl_nlmsg_get_payload_len(h) >= sizeof(e->error) ? e->error : -EBADMSG;
}

/* One datagram: 1 there is more to come, 0 done, -errno. */
static int nl_walk(const void *p, int len, uint32_t seq,
		   int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx, bool *stop)
{
	for (const struct nlmsghdr *h = p; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
		if (h->nlmsg_seq != seq) /* what is left of a question that was given up */
			continue;
		if (h->nlmsg_type == NLMSG_ERROR)
			return nl_error(h);
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type >= NLMSG_MIN_TYPE && !*stop && each(h, ctx) < 0)
			*stop = true;
	}
	return 1;
}

int nl_query(int fd, uint32_t *seq, struct nlmsghdr *req,
	     int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx)
{
	static char answer[NL_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	bool stop = false;

	req->nlmsg_seq = ++*seq;
	req->nlmsg_flags |= NLM_F_REQUEST;
	/* A dump ends by itself; a single answer is followed by an acknowledgement. */
	if (!(req->nlmsg_flags & NLM_F_DUMP))
		req->nlmsg_flags |= NLM_F_ACK;
	if (sendto(fd, req, req->nlmsg_len, MSG_DONTWAIT, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	for (unsigned int i = 0; i < NL_ROUNDS_MAX; i++) {
		ssize_t n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
		int rc;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		rc = nl_walk(answer, (int)n, *seq, each, ctx, &stop);
		if (rc <= 0)
			return rc;
	}
	return -EMSGSIZE;
}

uint32_t nl_u32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (mnl_attr_get_payload_len(a) >= sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}
