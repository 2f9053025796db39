// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * packet(7) sockets.  libpcap compiles the filter but doesn't open the socket: its own would be in the
 * tracer's namespace.  Kernel: net/packet/af_packet.c packet_rcv(): a SOCK_DGRAM one begins at the
 * IP header, for the filter too.  RFC 791, RFC 8200 4, RFC 768
 */
#include "config.h"

#include "sock/tap.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sock/netns.h"
#include "uapi/uapi.h"

#ifdef HAVE_LIBPCAP
#include <pcap/pcap.h>
#endif

enum {
	PORTS_IN_FILTER = 64, /* more: all of UDP is heard, and sorted out here */
	TAP_BATCH = 16,
	TAP_ROUNDS = 1024, /* more than its queue holds */
	TAP_SNAP = 65536,
	TAP_RCVBUF = 4 << 20,
};

/* ---- filter ---- */

static bool port_get(const struct netns *ns, uint16_t port)
{
	return ns->ports && ns->ports[port / 8] >> (port % 8) & 1;
}

static bool hears_all(const struct netns *ns)
{
	return ns->hear_all || ns->nports > PORTS_IN_FILTER;
}

#ifdef HAVE_LIBPCAP
/*
 * libpcap's "udp" looks right behind IPv6's first header.  What has UDP, or still another header, behind
 * an extension header is sorted out here: offset 6 is the first's next header, 40 the second's.
 */
#define V6_EXTENDED                                                                                \
	"((ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60) and "                          \
	"(ip6[40] = 17 or ip6[40] = 0 or ip6[40] = 43 or ip6[40] = 44 or ip6[40] = 60))"

static void filter_text(const struct netns *ns, struct buf *b)
{
	buf_lit(b, V6_EXTENDED);
	if (hears_all(ns)) {
		buf_lit(b, " or udp");
		return;
	}
	for (unsigned int port = 0; port <= UINT16_MAX; port++) {
		if (!port_get(ns, (uint16_t)port))
			continue;
		buf_lit(b, " or udp port ");
		buf_u64(b, port);
	}
}

/* The kernel takes the new program in place of the old one without losing a packet. */
static int filter_attach(const struct netns *ns)
{
	pcap_t *p = pcap_open_dead(DLT_RAW, TAP_SNAP);
	struct buf text = { 0 };
	struct bpf_program prog;
	struct sock_fprog kprog;
	int rc = 0;

	if (!p)
		return -ENOMEM;
	filter_text(ns, &text);
	if (pcap_compile(p, &prog, buf_cstr(&text), 1, PCAP_NETMASK_UNKNOWN)) {
		rc = -EINVAL;
	} else {
		/* struct bpf_insn is the kernel's struct sock_filter */
		kprog.len = (unsigned short)prog.bf_len;
		kprog.filter = (struct sock_filter *)prog.bf_insns;
		if (setsockopt(ns->tap, SOL_SOCKET, SO_ATTACH_FILTER, &kprog, sizeof(kprog)))
			rc = -errno;
		pcap_freecode(&prog);
	}
	buf_free(&text);
	pcap_close(p);
	return rc;
}
#else
static int filter_attach(const struct netns *ns)
{
	(void)ns;
	return -ENOSYS;
}
#endif

/* ---- socket ---- */

static int tap_open(struct spaces *s, struct netns *ns, const struct event *ev)
{
	int on = 1, room = TAP_RCVBUF, rc = netns_make_tap(s, ns, ev);

	if (rc)
		return rc;
	if (setsockopt(ns->tap, SOL_SOCKET, O_SO_TIMESTAMPNS_NEW, &on, sizeof(on)))
		return -errno;
	/* the first needs CAP_NET_ADMIN, the second is bounded by net.core.rmem_max */
	if (setsockopt(ns->tap, SOL_SOCKET, O_SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(ns->tap, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return 0;
}

/* Its filter as ns now says; made where there is none. */
static int tap_hear(struct spaces *s, struct netns *ns, const struct event *ev)
{
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	bool first = ns->tap < 0;

	if (first && !ns->tap_err)
		ns->tap_err = tap_open(s, ns, ev);
	if (!ns->tap_err)
		ns->tap_err = filter_attach(ns);
	if (!ns->tap_err && first && bind(ns->tap, (struct sockaddr *)&all, sizeof(all)))
		ns->tap_err = -errno;
	return ns->tap_err;
}

int tap_listen(struct spaces *s, struct netns *ns, const struct event *ev, uint16_t port)
{
	if (port_get(ns, port))
		return ns->tap_err;
	if (!ns->ports)
		ns->ports = alloc_zeroed((UINT16_MAX + 1) / 8, 1);
	ns->ports[port / 8] |= (uint8_t)(1U << (port % 8));
	ns->nports++;
	/* One beyond what fits makes the filter wider; after that it stays. */
	if (ns->hear_all || ns->nports > PORTS_IN_FILTER + 1)
		return ns->tap_err;
	return tap_hear(s, ns, ev);
}

int tap_listen_all(struct spaces *s, struct netns *ns, const struct event *ev)
{
	bool did = hears_all(ns);

	ns->hear_all++;
	return did ? ns->tap_err : tap_hear(s, ns, ev);
}

void tap_listen_own(struct netns *ns)
{
	if (ns->hear_all && !--ns->hear_all && !hears_all(ns) && !ns->tap_err)
		ns->tap_err = filter_attach(ns);
}

/* ---- packets ---- */

static uint64_t stamp_of(struct msghdr *m)
{
	int64_t t[2];

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != O_SO_TIMESTAMPNS_NEW ||
		    c->cmsg_len < CMSG_LEN(sizeof(t)))
			continue;
		memcpy(t, CMSG_DATA(c), sizeof(t));
		return (uint64_t)t[0] * 1000000000 + (uint64_t)t[1];
	}
	return 0;
}

static bool wanted(const struct netns *ns, const struct sockaddr_ll *ll, struct tap_packet *p)
{
	switch (ll->sll_pkttype) {
	case PACKET_OUTGOING:
		p->out = true;
		p->watched = port_get(ns, addr_port(&p->src));
		break;
	case PACKET_HOST:
	case PACKET_BROADCAST:
	case PACKET_MULTICAST:
		p->out = false;
		p->watched = port_get(ns, addr_port(&p->dst));
		break;
	default:
		return false;
	}
	return p->watched || ns->hear_all;
}

static void count_drops(const struct netns *ns, uint64_t *dropped)
{
	struct tpacket_stats st;
	socklen_t len = sizeof(st);

	if (!getsockopt(ns->tap, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		*dropped += st.tp_drops; /* reading sets it back */
}

unsigned int tap_read(struct netns *ns, void (*each)(void *ctx, const struct tap_packet *p),
		      void *ctx, uint64_t *dropped)
{
	static unsigned char room[TAP_BATCH][TAP_SNAP];
	struct mmsghdr m[TAP_BATCH];
	struct iovec iov[TAP_BATCH];
	struct sockaddr_ll ll[TAP_BATCH];
	char control[TAP_BATCH][64] __attribute__((aligned(8)));
	unsigned int total = 0;
	bool some = false;
	int n = TAP_BATCH;

	if (ns->tap < 0)
		return 0;
	for (unsigned int round = 0; n == TAP_BATCH && round < TAP_ROUNDS; round++) {
		for (unsigned int i = 0; i < TAP_BATCH; i++) {
			iov[i] = (struct iovec){ room[i], TAP_SNAP };
			m[i].msg_hdr = (struct msghdr){
				.msg_name = &ll[i],
				.msg_namelen = sizeof(ll[i]),
				.msg_iov = &iov[i],
				.msg_iovlen = 1,
				.msg_control = control[i],
				.msg_controllen = sizeof(control[i]),
			};
		}
		n = recvmmsg(ns->tap, m, TAP_BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
		some = some || n > 0;
		for (int i = 0; i < n; i++) {
			size_t claimed = m[i].msg_len;
			struct tap_packet p = { .ifindex = (uint32_t)ll[i].sll_ifindex,
						.ns = stamp_of(&m[i].msg_hdr) };

			if (!tap_parse(&p, room[i], claimed < TAP_SNAP ? claimed : TAP_SNAP,
				       claimed) ||
			    !wanted(ns, &ll[i], &p))
				continue;
			each(ctx, &p);
			total++;
		}
	}
	if (some)
		count_drops(ns, dropped);
	return total;
}
