// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the source that src/sock predicts with the one that a packet really has: a child in one
 * network namespace sends, packet sockets in both namespaces see what leaves and arrives.  src/net works the
 * same out of what ip(8) prints there, plain and -json in turn: equal, or unknown.
 *
 *   route-probe NS_A NS_B < cases         TAP on standard output
 *
 * A case is a line "name | destination | options"; "! command" runs a command between two cases.
 * Options: sock=4|6 bind=A connect device=IF mark=N uid=N tos=N tclass=N uif=IF uif6=IF mif=A mif6=IF
 * oif=IF zero cmark=N ctos=N ctclass=N (control messages: a pktinfo with the interface only or with
 * nothing, SO_MARK, IP_TOS, IPV6_TCLASS) prefs=N (IPV6_ADDR_PREFERENCES) elsewhere (the sender left
 * the namespace of its socket) dport=N sport=N freebind transparent broadcast
 * unknown (it must say that it can't tell) many / one (candidates) scope=IF
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmsg/cmsg.h"
#include "kernel/model.h"
#include "net/net.h"
#include "sock/facts.h"
#include "sock/wire.h"

#ifndef IPV6_UNICAST_IF
#define IPV6_UNICAST_IF 76
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

enum { PORT = 7777, WAIT_MS = 500, FILES_UNKNOWN_MAX = 3 };

struct test_case {
	char name[128], bind[64], device[16], uif[16], uif6[16], mif[64], mif6[16], oif[16];
	char dest[64], scope[16];
	int sock, connect, freebind, transparent, broadcast, unknown, many, one;
	int elsewhere, prefs, zero, cmark, ctos, ctclass;
	int mark, uid, tos, tclass, dport, sport;
	unsigned int id;
};

/* What the sender answers: first the descriptor and what it will send, then how the send ended. */
struct sent {
	int fd, err;
	unsigned int scope; /* index in its namespace */
	size_t controllen;
	char control[256] __attribute__((aligned(8)));
};

static unsigned int tests, failed;
static bool wire_refused;

static void fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *ns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static struct addr parse_addr(const char *text, int port, unsigned int scope)
{
	unsigned char in[16];

	if (inet_pton(AF_INET, text, in) == 1)
		return addr_of_in(in, (uint16_t)port);
	if (inet_pton(AF_INET6, text, in) == 1)
		return addr_of_in6(in, (uint16_t)port, scope);
	return addr_of(NULL, 0);
}

/* For an AF_INET6 socket an IPv4 address becomes a v4-mapped one. */
static struct addr fit(struct addr a, int family)
{
	unsigned char in6[16] = { [10] = 0xff, [11] = 0xff };

	if (family != AF_INET6 || addr_family(&a) != AF_INET)
		return a;
	memcpy(in6 + 12, &((struct sockaddr_in *)&a.ss)->sin_addr, 4);
	return addr_of_in6(in6, addr_port(&a), 0);
}

/* ---- the sender ---- */

static void set(int fd, int level, int name, const void *v, socklen_t len)
{
	if (setsockopt(fd, level, name, v, len))
		fprintf(stderr, "# setsockopt %d/%d: %s\n", level, name, strerror(errno));
}

static void set_int(int fd, int level, int name, int v)
{
	set(fd, level, name, &v, sizeof(v));
}

static int index_of(const char *name)
{
	return (int)if_nametoindex(name);
}

static int make_socket(const struct test_case *c, struct addr *dest)
{
	int family = c->sock == 6 ? AF_INET6 : AF_INET, fd;
	struct in_addr mc;
	struct addr a;

	if (c->uid && setresuid((uid_t)-1, (uid_t)c->uid, (uid_t)-1))
		fail("setresuid");
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->uid && setresuid((uid_t)-1, 0, (uid_t)-1))
		fail("setresuid back");
	if (fd < 0)
		fail("socket");
	if (c->freebind)
		set_int(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (c->freebind && family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
	if (c->transparent)
		set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
	if (c->broadcast)
		set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (c->device[0])
		set(fd, SOL_SOCKET, SO_BINDTODEVICE, c->device, (socklen_t)strlen(c->device) + 1);
	if (c->mark)
		set_int(fd, SOL_SOCKET, SO_MARK, c->mark);
	if (c->tos)
		set_int(fd, IPPROTO_IP, IP_TOS, c->tos);
	if (c->tclass)
		set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, c->tclass);
	if (c->prefs)
		set_int(fd, IPPROTO_IPV6, 72, c->prefs);
	if (c->uif[0])
		set_int(fd, IPPROTO_IP, IP_UNICAST_IF, (int)htonl((uint32_t)index_of(c->uif)));
	if (c->uif6[0])
		set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, (int)htonl((uint32_t)index_of(c->uif6)));
	if (c->mif[0] && inet_pton(AF_INET, c->mif, &mc) == 1)
		set(fd, IPPROTO_IP, IP_MULTICAST_IF, &mc, sizeof(mc));
	if (c->mif6[0])
		set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index_of(c->mif6));
	a = parse_addr(c->bind[0]          ? c->bind
		       : family == AF_INET ? "0.0.0.0"
					   : "::",
		       c->sport, (unsigned int)index_of(c->scope));
	a = fit(a, family);
	if (bind(fd, (struct sockaddr *)&a.ss, a.len))
		fprintf(stderr, "# %s: bind: %s\n", c->name, strerror(errno));
	*dest = fit(*dest, family);
	if (c->connect && connect(fd, (struct sockaddr *)&dest->ss, dest->len))
		fprintf(stderr, "# %s: connect: %s\n", c->name, strerror(errno));
	return fd;
}

static void add_cmsg(struct sent *a, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *h = (struct cmsghdr *)(void *)(a->control + a->controllen);

	h->cmsg_level = level;
	h->cmsg_type = type;
	h->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(h), data, len);
	a->controllen += CMSG_SPACE(len);
}

static void make_control(const struct test_case *c, struct sent *a, bool v4)
{
	struct in6_pktinfo info6 = { .ipi6_ifindex = (unsigned int)index_of(c->oif) };
	struct in_pktinfo info4 = { .ipi_ifindex = index_of(c->oif) };

	if ((c->oif[0] || c->zero) && v4)
		add_cmsg(a, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	else if (c->oif[0] || c->zero)
		add_cmsg(a, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	if (c->cmark)
		add_cmsg(a, SOL_SOCKET, SO_MARK, &c->cmark, sizeof(c->cmark));
	if (c->ctos)
		add_cmsg(a, IPPROTO_IP, IP_TOS, &c->ctos, sizeof(c->ctos));
	if (c->ctclass)
		add_cmsg(a, IPPROTO_IPV6, IPV6_TCLASS, &c->ctclass, sizeof(c->ctclass));
}

static int send_message(const struct test_case *c, struct sent *a, struct addr *dest)
{
	struct iovec iov = { (void *)&c->id, sizeof(c->id) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (!c->connect) {
		m.msg_name = &dest->ss;
		m.msg_namelen = dest->len;
	}
	m.msg_control = a->controllen ? a->control : NULL;
	m.msg_controllen = a->controllen;
	return sendmsg(a->fd, &m, 0) < 0 ? -errno : 0;
}

static void sender(int fd, int home)
{
	int there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct test_case c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(fd, &c, sizeof(c)) == sizeof(c)) {
		struct addr dest = parse_addr(c.dest, c.dport, (unsigned int)index_of(c.scope));
		struct sent a = { .scope = (unsigned int)index_of(c.scope) };

		a.fd = make_socket(&c, &dest);
		make_control(&c, &a, addr_is_v4(&dest));
		if (c.elsewhere && setns(home, CLONE_NEWNET))
			break;
		if (write(fd, &a, sizeof(a)) != sizeof(a) || read(fd, &c, sizeof(c)) != sizeof(c))
			break;
		a.err = send_message(&c, &a, &dest);
		if (write(fd, &a, sizeof(a)) != sizeof(a))
			break;
		close(a.fd);
		if (setns(there, CLONE_NEWNET))
			break;
	}
	_exit(0);
}

/* ---- the catcher ---- */

static int catcher(const char *ns)
{
	int fd;

	enter(ns);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd < 0)
		fail("packet socket");
	return fd;
}

/* Source of the packet with this id; len 0: not this one. */
static struct addr packet_source(const unsigned char *p, size_t len, unsigned int id)
{
	unsigned char tail[sizeof(id)];

	if (len < 28 + sizeof(id))
		return addr_of(NULL, 0);
	memcpy(tail, &id, sizeof(id));
	if (p[0] >> 4 == 4 && p[9] == IPPROTO_UDP && !memcmp(p + (p[0] & 15) * 4 + 8, tail, 4))
		return addr_of_in(p + 12, 0);
	if (p[0] >> 4 == 6 && len >= 48 + sizeof(id) && p[6] == IPPROTO_UDP &&
	    !memcmp(p + 48, tail, 4))
		return addr_of_in6(p + 8, 0, 0);
	return addr_of(NULL, 0);
}

static struct addr catch_packet(const int fds[2], unsigned int id)
{
	struct pollfd pfd[2] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 } };

	while (poll(pfd, 2, WAIT_MS) > 0) {
		for (int i = 0; i < 2; i++) {
			struct sockaddr_ll ll;
			socklen_t len = sizeof(ll);
			unsigned char p[2048];
			ssize_t n;

			if (!(pfd[i].revents & POLLIN))
				continue;
			n = recvfrom(fds[i], p, sizeof(p), 0, (struct sockaddr *)&ll, &len);
			/* In the sender's namespace only what stays inside counts: it arrives there. */
			if (n <= 0 || ll.sll_pkttype == PACKET_OUTGOING)
				continue;

			struct addr a = packet_source(p, (size_t)n, id);

			if (a.len)
				return a;
		}
	}
	return addr_of(NULL, 0);
}

/* ---- cases ---- */

static const char *text_of(struct buf *b, int rc, int err, const struct addr *a)
{
	if (rc)
		buf_printf(b, "unknown (%s)", strerror(-rc));
	else if (err)
		buf_printf(b, "%s", strerror(-err));
	else if (a->len)
		addr_put_host(b, a);
	else
		buf_str(b, "nothing");
	return buf_cstr(b);
}

static struct bytes bytes_of(const void *p, size_t len)
{
	return (struct bytes){ .p = p, .len = len, .claimed = len, .addr = 4096 };
}

/* The send as a tracer would have it, judged by the model. */
static struct event *event_of(struct facts *f, int pid, const struct test_case *c,
			      const struct sent *a, const struct addr *dest)
{
	struct event *ev = event_new();
	struct utsname u;
	struct msg *m;

	ev->kind = EVENT_CALL;
	ev->tgid = ev->tid = pid;
	ev->abi = abi_native();
	ev->call = CALL_SENDMSG;
	ev->fd = a->fd;
	ev->proc = facts_proc(f, pid);
	ev->sock = facts_sock(f, pid, a->fd, NULL);
	ev->msg = m = arena_new(&ev->arena, struct msg);
	ev->nmsg = 1;
	m->in.have = true;
	if (!c->connect) {
		m->in.name_ptr = 4096;
		m->in.namelen = dest->len;
		m->in.name = bytes_of(&dest->ss, dest->len);
	}
	if (a->controllen) {
		m->in.control_ptr = 4096;
		m->in.controllen = a->controllen;
		m->in.control = bytes_of(a->control, a->controllen);
	}
	uname(&u);
	cmsg_walk(ev, m);
	model_send(ev, m, model_release(u.release));
	return ev;
}

/* With --wire the packet itself is found; it must say the same.  Built without libpcap: true. */
static bool wire_agrees(struct wire *w, struct event *ev, unsigned int id, const struct addr *got)
{
	struct msg *m = ev->msg;
	struct wire_fact fact;
	struct iov iov = { .len = sizeof(id), .data = bytes_of(&id, sizeof(id)) };

	m->iov = &iov;
	m->niov = 1;
	m->len = sizeof(id);
	m->have_len = true;
	if (!wire_match(w, ev, m, 0, &fact))
		return wire_refused;
	return got->len && addr_same_host(&fact.local, got);
}

/* ---- the same from what ip prints ---- */

struct files {
	const char *ns;
	struct net *net;                                  /* NULL: it is to be read anew */
	unsigned int states, equal, told, unknown, wrong; /* told: ip route get was asked too */
};

static void read_output(struct buf *text, const char *command)
{
	char part[4096];
	size_t n;
	FILE *p = popen(command, "r");

	if (!p)
		fail("popen");
	while ((n = fread(part, 1, sizeof(part), p)))
		buf_add(text, part, n);
	pclose(p);
}

static void read_ip(struct files *x)
{
	static const char *const plain =
		"for c in addr '-d link' '-4 route show table all' '-6 route show table all' rule "
		"'-6 rule'; do echo \"# ip $c\"; ip -n %s $c; done";
	static const char *const json =
		"for c in '-j addr' '-j -d link' '-j -4 route show table all' '-j -6 route show table all' "
		"'-j rule' '-j -6 rule'; do ip -n %s $c; done";
	char command[512];
	struct buf text = { 0 };

	if (x->net)
		return;
	snprintf(command, sizeof(command), x->states++ & 1 ? json : plain, x->ns);
	read_output(&text, command);
	x->net = net_new();
	net_read(x->net, text.p, text.len);
	buf_free(&text);
}

/* Runs the command that why names, and reads what it prints behind it.  false: it names none. */
static bool read_get(struct files *x, const char *why)
{
	const char *begin = why ? strstr(why, "'ip route get ") : NULL;
	size_t len = begin ? strcspn(begin + 1, "'") : 0;
	char command[256];
	struct buf text = { 0 };

	if (!len)
		return false;
	buf_printf(&text, "$ %.*s\n", (int)len, begin + 1);
	snprintf(command, sizeof(command), "ip %s -n %s %.*s", x->states & 1 ? "-j" : "", x->ns,
		 (int)len - 3, begin + 4);
	read_output(&text, command);
	net_read(x->net, text.p, text.len);
	buf_free(&text);
	return true;
}

static void forget_ip(struct files *x)
{
	net_free(x->net);
	x->net = NULL;
}

/* err and got: what became of the message. */
static void check_files(struct files *x, const struct test_case *c, struct event *ev,
			const struct question *q, int err, const struct addr *got)
{
	struct answer a = { .late = false };
	struct buf said = { 0 };
	const char *why = NULL;
	bool good;

	read_ip(x);
	if (!net_answer(x->net, ev, q, &a))
		fail("net_answer");
	for (unsigned int i = 0; net_missing(x->net, i); i++)
		why = net_missing(x->net, i);
	if (a.result && read_get(x, why)) {
		x->told++;
		if (!net_answer(x->net, ev, q, &a))
			fail("net_answer");
	}
	good = err ? a.route.err == err
		   : !a.route.err && got->len && addr_same_host(&a.route.source, got);
	text_of(&said, a.result, a.route.err, &a.route.source);
	if (a.result) {
		x->unknown++;
		printf("# %s: unknown from files: %s\n", c->name, why ? why : buf_cstr(&said));
	} else if (good) {
		x->equal++;
	} else {
		x->wrong++;
		printf("# %s: from files: %s\n", c->name, buf_cstr(&said));
	}
	if (why)
		forget_ip(x); /* so that the next reason is its own */
	buf_free(&said);
}

static void run_case(struct facts *f, struct wire *w, int to, int pid, const int fds[2],
		     struct test_case *c, struct files *files)
{
	struct addr dest, got = addr_of(NULL, 0);
	struct buf said = { 0 }, seen = { 0 };
	struct answer asked = { .late = false };
	struct question q;
	struct route_fact r;
	struct sent a;
	bool good;
	int rc;

	c->id = 0x5ca1ab1e + ++tests;
	if (write(to, c, sizeof(*c)) != sizeof(*c) || read(to, &a, sizeof(a)) != sizeof(a))
		fail("sender");

	dest = parse_addr(c->dest, c->dport, a.scope);
	dest = fit(dest, c->sock == 6 ? AF_INET6 : AF_INET);

	struct event *ev = event_of(f, pid, c, &a, &dest);

	if (wire_watch(w, ev) == -ENOSYS)
		wire_refused = true;
	q = model_route(ev, ev->msg, &dest, ev->msg->outcome->oif);
	rc = facts_answer(f, ev, &q, &asked);
	r = asked.route;
	if (write(to, c, sizeof(*c)) != sizeof(*c) || read(to, &a, sizeof(a)) != sizeof(a))
		fail("sender");
	if (!a.err)
		got = catch_packet(fds, c->id);
	if (c->unknown)
		good = rc < 0;
	else if (rc)
		good = false;
	else if (a.err)
		good = r.err == a.err;
	else
		good = !r.err && got.len && addr_same_host(&r.source, &got);
	if (!a.err && !wire_agrees(w, ev, c->id, &got)) {
		printf("# %s: the wire says otherwise\n", c->name);
		good = false;
	}
	if ((c->one && r.candidates != 1) || (c->many && r.candidates < 2))
		good = false;
	if (!c->elsewhere) /* nothing in files tells one namespace from another */
		check_files(files, c, ev, &q, a.err, &got);
	text_of(&said, rc, r.err, &r.source);
	text_of(&seen, 0, a.err, &got);
	printf("%sok %u - %s: predicted %s, packet %s, candidates %u\n", good ? "" : "not ", tests,
	       c->name, said.p, seen.p, r.candidates);
	fflush(stdout);
	failed += !good;
	event_free(ev);
	if (c->elsewhere) /* as the tracer does after setns() */
		facts_proc_changed(f, pid);
	buf_free(&said);
	buf_free(&seen);
}

static bool option(struct test_case *c, char *word)
{
	char *v = strchr(word, '=');
	const struct {
		const char *name;
		char *text;
		size_t room;
		int *number;
	} known[] = {
		{ "sock", NULL, 0, &c->sock },
		{ "bind", c->bind, sizeof(c->bind), NULL },
		{ "device", c->device, sizeof(c->device), NULL },
		{ "uif", c->uif, sizeof(c->uif), NULL },
		{ "uif6", c->uif6, sizeof(c->uif6), NULL },
		{ "mif", c->mif, sizeof(c->mif), NULL },
		{ "mif6", c->mif6, sizeof(c->mif6), NULL },
		{ "oif", c->oif, sizeof(c->oif), NULL },
		{ "scope", c->scope, sizeof(c->scope), NULL },
		{ "connect", NULL, 0, &c->connect },
		{ "freebind", NULL, 0, &c->freebind },
		{ "transparent", NULL, 0, &c->transparent },
		{ "broadcast", NULL, 0, &c->broadcast },
		{ "unknown", NULL, 0, &c->unknown },
		{ "many", NULL, 0, &c->many },
		{ "one", NULL, 0, &c->one },
		{ "elsewhere", NULL, 0, &c->elsewhere },
		{ "prefs", NULL, 0, &c->prefs },
		{ "zero", NULL, 0, &c->zero },
		{ "cmark", NULL, 0, &c->cmark },
		{ "ctos", NULL, 0, &c->ctos },
		{ "ctclass", NULL, 0, &c->ctclass },
		{ "mark", NULL, 0, &c->mark },
		{ "uid", NULL, 0, &c->uid },
		{ "tos", NULL, 0, &c->tos },
		{ "tclass", NULL, 0, &c->tclass },
		{ "dport", NULL, 0, &c->dport },
		{ "sport", NULL, 0, &c->sport },
	};

	if (v)
		*v++ = '\0';
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, word))
			continue;
		if (known[i].number)
			*known[i].number = v ? (int)strtol(v, NULL, 0) : 1;
		else
			snprintf(known[i].text, known[i].room, "%s", v ? v : "");
		return true;
	}
	return false;
}

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (*s == ' ' || *s == '\t')
		s++;
	while (end > s && strchr(" \t\n", end[-1]))
		*--end = '\0';
	return s;
}

static bool parse_case(char *line, struct test_case *c)
{
	char *name = strtok(line, "|"), *dest = strtok(NULL, "|"), *opts = strtok(NULL, "|");

	memset(c, 0, sizeof(*c));
	c->sock = 4;
	c->dport = PORT;
	if (!name || !dest)
		return false;
	snprintf(c->name, sizeof(c->name), "%s", trim(name));
	snprintf(c->dest, sizeof(c->dest), "%s", trim(dest));
	for (char *w = opts ? strtok(opts, " \t\n") : NULL; w; w = strtok(NULL, " \t\n")) {
		if (!option(c, w)) {
			printf("Bail out! unknown option %s\n", w);
			exit(1);
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), sv[2], fds[2], pid;
	struct files files = { 0 };
	struct facts *f;
	struct wire *w;
	char line[512];

	if (argc != 3) {
		fputs("usage: route-probe NS_A NS_B < cases\n", stderr);
		return 2;
	}
	fds[1] = catcher(argv[2]);
	fds[0] = catcher(argv[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv))
		fail("socketpair");
	pid = fork(); /* in NS_A */
	if (!pid) {
		close(sv[0]);
		sender(sv[1], home);
	}
	close(sv[1]);
	if (setns(home, CLONE_NEWNET))
		fail("setns");
	files.ns = argv[1];
	f = facts_new();
	w = wire_new(f, NULL);
	while (fgets(line, sizeof(line), stdin)) {
		char *text = trim(line);
		struct test_case c;

		if (text[0] == '!') {
			printf("# %s\n", trim(text + 1));
			fflush(stdout);
			if (system(text + 1))
				puts("# (failed)");
			forget_ip(&files);
		} else if (text[0] && text[0] != '#' && parse_case(text, &c)) {
			run_case(f, w, sv[0], pid, fds, &c, &files);
		}
	}
	for (unsigned int i = 0; facts_missing(f, i); i++)
		printf("# missing: %s\n", facts_missing(f, i));
	printf("# from files: %u equal, of %u of them ip route get was asked too, %u unknown, %u wrong\n",
	       files.equal, files.told, files.unknown, files.wrong);
	tests++;
	failed += files.wrong || files.unknown > FILES_UNKNOWN_MAX;
	printf("%sok %u - what ip prints gives the kernel's answers, or none\n",
	       files.wrong || files.unknown > FILES_UNKNOWN_MAX ? "not " : "", tests);
	printf("1..%u\n", tests);
	forget_ip(&files);
	wire_free(w);
	facts_free(f);
	close(sv[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return failed != 0;
}
