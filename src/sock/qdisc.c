// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Queueing disciplines of an interface: does one keep a packet until its SCM_TXTIME?  By rtnetlink(7).
 * Kernel: net/sched/sch_api.c tc_dump_qdisc(), sch_fq.c, sch_etf.c, sch_taprio.c
 */
#include "config.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "sock/netns.h"
#include "sock/nl.h"

enum { REQUEST = 128 };

/* Those that never look at a packet's time.  One that is not here may: then nothing is said. */
static const char *const timeless[] = {
	"noqueue", "pfifo_fast", "pfifo", "bfifo",  "pfifo_head_drop", "fq_codel",
	"codel",   "mq",         "sfq",   "prio",   "ingress",         "clsact",
	"noop",    "red",        "pie",   "fq_pie",
};

/* Kinds of interfaces that don't hand their packets on to another, which may have a queue. */
static const char *const last_ones[] = { "veth", "dummy", "tun", "ifb" };

static bool among(const char *const *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(v[i], name))
			return true;
	}
	return false;
}

struct queues {
	int ifindex;
	unsigned int n;
	bool other; /* one that may keep it */
	char *name; /* of the first: 16 bytes */
};

static int take_queue(const struct nlmsghdr *h, void *ctx)
{
	const struct tcmsg *m = mnl_nlmsg_get_payload(h);
	struct queues *q = ctx;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(h) < sizeof(*m) ||
	    m->tcm_ifindex != q->ifindex)
		return 0;
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		char kind[16] = "";

		if (mnl_attr_get_type(a) != TCA_KIND)
			continue;
		memccpy(kind, mnl_attr_get_payload(a), '\0',
			mnl_attr_get_payload_len(a) < 15 ? mnl_attr_get_payload_len(a) : 15);
		if (!q->n++)
			memcpy(q->name, kind, sizeof(kind));
		q->other |= !among(timeless, sizeof(timeless) / sizeof(timeless[0]), kind);
	}
	return 0;
}

static int take_kind(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a, *k;
	bool *last = ctx;

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	*last = true; /* hardware, or lo: it has no kind */
	mnl_attr_for_each(a, h, sizeof(struct ifinfomsg))
	{
		if ((mnl_attr_get_type(a) & NLA_TYPE_MASK) != IFLA_LINKINFO)
			continue;
		mnl_attr_for_each_nested(k, a)
		{
			char kind[16] = "";
			size_t n = mnl_attr_get_payload_len(k);

			if (mnl_attr_get_type(k) != IFLA_INFO_KIND)
				continue;
			memccpy(kind, mnl_attr_get_payload(k), '\0', n < 15 ? n : 15);
			*last = among(last_ones, sizeof(last_ones) / sizeof(last_ones[0]), kind);
		}
	}
	return 0;
}

int netns_keeps_txtime(struct netns *ns, uint32_t ifindex, char name[16])
{
	char request[REQUEST] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct queues q = { .ifindex = (int)ifindex, .name = name };
	struct ifinfomsg *link;
	bool last = false;
	int rc;

	h->nlmsg_type = RTM_GETLINK;
	link = mnl_nlmsg_put_extra_header(h, sizeof(*link));
	link->ifi_index = (int)ifindex;
	rc = nl_query(ns->ask, &ns->seq, h, take_kind, &last);
	if (rc || !last)
		return rc ? rc : -ENODATA;
	memset(request, 0, sizeof(request));
	h = mnl_nlmsg_put_header(request);
	h->nlmsg_type = RTM_GETQDISC;
	h->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(h, sizeof(struct tcmsg));
	rc = nl_query(ns->ask, &ns->seq, h, take_queue, &q);
	if (rc || !q.n)
		return rc ? rc : -ENODATA;
	return q.other;
}
