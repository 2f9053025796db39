// SPDX-License-Identifier: LGPL-2.1-or-later
/* The test's own network, made with ip(8) in namespaces that vanish with the process. */
#include "config.h"

#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPT_RCVMARK = 75, OPT_RCVPRIORITY = 82, WAIT_MS = 50 };

static bool run(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "%s >/dev/null 2>&1", command);
	return !system(line); /* constant commands of this file only */
}

static bool run_all(const char *const *commands)
{
	for (; *commands; commands++) {
		if (!run(*commands)) {
			printf("# failed: %s\n", *commands);
			return false;
		}
	}
	return true;
}

static const char *const there_commands[] = {
	"ip link set lo up",
	"ip link set vb address 02:00:00:00:00:02 up",
	"ip link set wb address 02:00:00:00:01:02 up",
	"ip addr add 10.77.0.100/24 dev vb",
	"ip addr add 10.78.0.100/24 dev wb",
	"ip -6 addr add fd77::100/64 dev vb nodad",
	"ip -6 addr add fd78::100/64 dev wb nodad",
	"ip neigh add 10.77.0.1 lladdr 02:00:00:00:00:01 dev vb nud permanent",
	"ip neigh add 10.77.0.11 lladdr 02:00:00:00:00:01 dev vb nud permanent",
	"ip neigh add 10.78.0.1 lladdr 02:00:00:00:01:01 dev wb nud permanent",
	"ip -6 neigh add fd77::1 lladdr 02:00:00:00:00:01 dev vb nud permanent",
	"ip -6 neigh add fd77::11 lladdr 02:00:00:00:00:01 dev vb nud permanent",
	"ip -6 neigh add fd78::1 lladdr 02:00:00:00:01:01 dev wb nud permanent",
	NULL,
};

static const char *const here_commands[] = {
	"ip link set lo up",
	"ip link set va address 02:00:00:00:00:01 up",
	"ip link set wa address 02:00:00:00:01:01 up",
	"ip addr add 10.77.0.1/24 dev va",
	"ip addr add 10.77.0.11/24 dev va",
	"ip addr add 10.78.0.1/24 dev wa",
	"ip -6 addr add fd77::11/64 dev va nodad",
	"ip -6 addr add fd77::1/64 dev va nodad",
	"ip -6 addr add fd78::1/64 dev wa nodad",
	"ip neigh add 10.77.0.100 lladdr 02:00:00:00:00:02 dev va nud permanent",
	"ip neigh add 10.77.0.100 lladdr 02:00:00:00:01:02 dev wa nud permanent",
	"ip -6 neigh add fd77::100 lladdr 02:00:00:00:00:02 dev va nud permanent",
	"ip -6 neigh add fd77::100 lladdr 02:00:00:00:01:02 dev wa nud permanent",
	"ip -6 route add fd77::100/128 dev va metric 10",
	"ip -6 route add fd77::100/128 dev wa metric 2000",
	"ip rule add fwmark 7 table 7",
	"ip route add default dev wa table 7",
	"ip -6 rule add fwmark 7 table 7",
	"ip -6 route add default dev wa table 7",
	NULL,
};

static void write_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		printf("# %s stays as it is\n", path);
	if (fd >= 0)
		close(fd);
}

static void loose(const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", name);
	write_sysctl(path, "0");
}

static int tap_open(bool *tells_priority)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	const int on = 1, room = 1 << 22;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, OPT_RCVMARK, &on, sizeof(on));
	*tells_priority = !setsockopt(fd, SOL_SOCKET, OPT_RCVPRIORITY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

const char *wire_open(struct wire *w)
{
	char command[200];

	if (!run("ip -V"))
		return "there is no ip(8)";
	w->here = open("/proc/self/ns/net", O_RDONLY); /* inherited by ip(8) */
	if (unshare(CLONE_NEWNET))
		return "a second network namespace can't be made";
	w->there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (w->here < 0 || w->there < 0)
		return "/proc isn't there";
	for (unsigned int i = 0; i < 2; i++) {
		snprintf(command, sizeof(command),
			 "ip link add %cb type veth peer name %ca netns /proc/%d/fd/%d", "vw"[i],
			 "vw"[i], getpid(), w -> here);
		if (!run(command))
			return "no veth pair can be made";
	}
	if (!run_all(there_commands))
		return "the other side can't be set up";
	loose("all");
	loose("default");
	loose("vb");
	loose("wb");
	if (setns(w->here, CLONE_NEWNET) || !run_all(here_commands))
		return "this side can't be set up";
	write_sysctl("/proc/sys/net/ipv6/auto_flowlabels", "0");
	write_sysctl("/proc/sys/net/ipv4/ping_group_range", "0 65534");
	w->va = if_nametoindex("va");
	w->wa = if_nametoindex("wa");
	w->tap = tap_open(&w->tells_priority);
	return w->tap < 0 ? "there are no packet sockets" : NULL;
}

int wire_socket_there(struct wire *w, int domain, int type, int protocol)
{
	int fd;

	if (setns(w->there, CLONE_NEWNET))
		return -1;
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	return setns(w->here, CLONE_NEWNET) ? -1 : fd;
}

void wire_clear(struct wire *w, int receiver)
{
	char byte;

	while (recv(w->tap, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
	while (receiver >= 0 && recv(receiver, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
}

/* ---- what left ---- */

struct packet {
	unsigned char p[256];
	size_t len;
	struct sockaddr_ll from;
	uint32_t mark, priority;
};

static bool tap_read(int fd, struct packet *k)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct iovec iov = { .iov_base = k->p, .iov_len = sizeof(k->p) };
	struct msghdr m = { .msg_name = &k->from,
			    .msg_namelen = sizeof(k->from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	if (n < 0)
		return false;
	k->len = (size_t)n;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK)
			memcpy(&k->mark, CMSG_DATA(c), 4);
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_PRIORITY)
			memcpy(&k->priority, CMSG_DATA(c), 4);
	}
	return true;
}

static bool parse4(const struct packet *k, const unsigned char *dest, uint8_t protocol,
		   struct seen *s)
{
	if (k->len < 20 || k->p[9] != protocol || memcmp(k->p + 16, dest, 4))
		return false;
	s->source = addr_of_in(k->p + 12, 0);
	s->tos = k->p[1];
	s->ttl = k->p[8];
	s->ip_options = (k->p[0] & 0xf) > 5;
	return true;
}

static bool parse6(const struct packet *k, const unsigned char *dest, uint8_t protocol,
		   struct seen *s)
{
	size_t at = 40;
	uint8_t next = k->p[6];
	struct seen found = *s;

	if (k->len < 40 || memcmp(k->p + 24, dest, 16))
		return false;
	while ((next == 0 || next == 60) && at + 8 <= k->len) {
		found.hopopts |= next == 0;
		found.dstopts |= next == 60;
		next = k->p[at];
		at += (k->p[at + 1] + 1U) * 8;
	}
	if (next != protocol || (protocol == IPPROTO_ICMPV6 && at < k->len && k->p[at] != 128))
		return false;
	*s = found;
	s->source = addr_of_in6(k->p + 8, 0, 0);
	s->tos = (uint8_t)(k->p[0] << 4 | k->p[1] >> 4);
	s->label = (uint32_t)(k->p[1] & 0xf) << 16 | (uint32_t)k->p[2] << 8 | k->p[3];
	s->ttl = k->p[7];
	return true;
}

static void look_once(struct wire *w, const unsigned char *dest, bool v6, uint8_t protocol,
		      struct seen *s)
{
	struct packet k = { .len = 0 };

	for (; tap_read(w->tap, &k); k = (struct packet){ .len = 0 }) {
		if (k.from.sll_pkttype != PACKET_OUTGOING ||
		    ntohs(k.from.sll_protocol) != (v6 ? ETH_P_IPV6 : ETH_P_IP))
			continue;
		if (!(v6 ? parse6 : parse4)(&k, dest, protocol, s))
			continue;
		s->left++;
		s->oif = (uint32_t)k.from.sll_ifindex;
		s->mark = k.mark;
		s->priority = k.priority;
	}
}

static void arrivals(int receiver, struct seen *s)
{
	struct sockaddr_storage from;
	unsigned char byte[4];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(receiver, byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC,
				     (struct sockaddr *)&from, &len);

		if (n < 0)
			return;
		if (!s->arrived++) {
			s->arrived_from = addr_of(&from, len);
			s->arrived_len = (uint32_t)n;
		}
	}
}

void wire_look(struct wire *w, const char *dest, uint8_t protocol, int receiver, unsigned int want,
	       struct seen *seen)
{
	struct pollfd poll_for[2] = { { .fd = w->tap, .events = POLLIN },
				      { .fd = receiver, .events = POLLIN } };
	const bool v6 = strchr(dest, ':');
	unsigned char to[16];

	memset(seen, 0, sizeof(*seen));
	inet_pton(v6 ? AF_INET6 : AF_INET, dest, to);
	for (unsigned int turn = 0; turn < 4; turn++) {
		look_once(w, to, v6, protocol, seen);
		if (receiver >= 0)
			arrivals(receiver, seen);
		if (seen->left && (receiver < 0 || seen->arrived >= want))
			return;
		poll(poll_for, receiver >= 0 ? 2 : 1, WAIT_MS);
	}
}
