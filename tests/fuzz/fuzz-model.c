// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any message on any socket, whatever is known of it, walked and judged, keeps the
 * promises of model.h; and the same list gives the same answer twice.
 *
 * tests/fuzz/run builds it for libFuzzer (FUZZING_ENGINE); without that it has a main() that replays
 * files and directories, for make check.
 *
 * Input: 16 bytes of who, where and what is known (see struct head), an address, then the block.
 */
#include "config.h"

#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "kernel/model.h"
#include "kernel/recv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct head {
	uint8_t abi, socket, known, caps;
	uint8_t release_major, release_minor;
	uint8_t flags, total, name_len, missing, claim, options;
	uint8_t peer, pending, ask, spare;
};

static const struct {
	int domain, type, protocol;
} sockets[] = {
	{ AF_INET, SOCK_DGRAM, 17 },   { AF_INET6, SOCK_DGRAM, 17 },   { AF_INET, SOCK_DGRAM, 136 },
	{ AF_INET6, SOCK_DGRAM, 136 }, { AF_INET, SOCK_RAW, 253 },     { AF_INET6, SOCK_RAW, 253 },
	{ AF_INET, SOCK_DGRAM, 1 },    { AF_INET6, SOCK_DGRAM, 58 },   { AF_INET, SOCK_STREAM, 6 },
	{ AF_INET6, SOCK_STREAM, 6 },  { AF_INET, SOCK_STREAM, 262 },  { AF_UNIX, SOCK_STREAM, 0 },
	{ AF_UNIX, SOCK_DGRAM, 0 },    { AF_UNIX, SOCK_SEQPACKET, 0 }, { AF_NETLINK, SOCK_RAW, 0 },
	{ AF_PACKET, SOCK_RAW, 0 },    { 40, SOCK_STREAM, 0 },         { 38, SOCK_SEQPACKET, 0 },
	{ AF_INET, SOCK_STREAM, 132 }, { 21, SOCK_SEQPACKET, 0 },      { 33, SOCK_DGRAM, 0 },
	{ 29, SOCK_RAW, 1 },           { 31, SOCK_SEQPACKET, 0 },      { 43, SOCK_STREAM, 0 },
	{ 32, SOCK_STREAM, 0 },        { AF_INET, SOCK_DCCP, 33 },     { 30, SOCK_RDM, 0 },
};

static struct sock *make_sock(const struct head *h, const uint8_t *addr)
{
	const size_t i = h->socket % (sizeof(sockets) / sizeof(sockets[0]) + 1);
	struct sock *s;

	if (i == sizeof(sockets) / sizeof(sockets[0]))
		return NULL;
	s = sock_new();
	s->domain = sockets[i].domain;
	s->type = sockets[i].type;
	s->protocol = sockets[i].protocol;
	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL |
		 (h->peer & 1 ? SOCK_HAS_PEER : 0);
	if (h->peer & 2)
		s->peer = addr_of(addr, 28);
	if (h->peer & 4)
		s->local = addr_of_in6(addr + 8, 1, 0);
	for (unsigned int o = 0; o < OPT_COUNT; o++) {
		if ((h->known >> o % 8 & 1) || (h->known & 0x80))
			sock_opt_set(s, o, h->options >> (o * 5 % 8) & 1 ? (int32_t)(o * 37) : 0);
	}
	sock_derive(s);
	return s;
}

static struct proc *make_proc(const struct head *h)
{
	struct proc *p;

	if (h->caps & 0x80)
		return NULL;
	p = proc_new();
	p->has = h->caps & 0x40 ? PROC_HAS_CAPS | PROC_HAS_IDS : PROC_HAS_IDS;
	p->caps = h->caps & 1 ? UINT64_MAX : h->caps & 2 ? 1ULL << 13 : 0;
	p->caps_in_netns = h->caps & 4;
	return p;
}

static int answer(const struct event *ev, uint32_t v)
{
	(void)ev;
	return (int)(v % 3) - 1;
}

static bool ask_answer(void *ctx, const struct event *ev, const struct question *q,
		       struct answer *a)
{
	const uint8_t can = *(const uint8_t *)ctx;

	switch (q->kind) {
	case ASK_IFNAME:
		a->result = answer(ev, (uint32_t)q->number);
		strcpy(a->name, q->number % 3 == 1 ? "" : "eth0");
		return can & 1;
	case ASK_IS_LOCAL:
		a->result = answer(ev, (uint32_t)addr_hash(&q->addr));
		return can & 1;
	case ASK_FD_OPEN:
		a->result = answer(ev, (uint32_t)q->number);
		a->late = can & 8;
		return can & 2;
	case ASK_PID_EXISTS:
		a->result = answer(ev, (uint32_t)q->number);
		return can & 4;
	default:
		return false;
	}
}

static void check_answer(const struct msg *m)
{
	const struct outcome *o = m->outcome;
	unsigned int rejects = 0;

	MUST(o);
	MUST(!m->ncmsg || m->verdict);
	MUST(o->err >= 0 && o->err < 4096);
	MUST(o->cmsg >= -1 && o->cmsg < (int)m->ncmsg);
	MUST(!o->err || (o->why && o->kernel));
	MUST(o->cmsg < 0 || o->err);
	MUST(o->cmsg < 0 || m->verdict[o->cmsg].what == VERDICT_REJECT);
	MUST(o->gso >= -1 && o->gso <= 65535);
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct verdict *v = &m->verdict[i];

		MUST((unsigned int)v->what <= VERDICT_NOT_REACHED);
		MUST((unsigned int)v->ignored <= WHY_OVERRIDDEN);
		MUST((v->what == VERDICT_IGNORE) == (v->ignored != WHY_NONE));
		MUST((v->what == VERDICT_REJECT) == (v->err != 0));
		MUST((v->what == VERDICT_REJECT) == (v->check != CHECK_NONE));
		MUST(v->why);
		rejects += v->what == VERDICT_REJECT;
	}
	MUST(rejects <= 1);
}

static bool same(const struct msg *m, const struct outcome *o, const struct verdict *v)
{
	if (m->outcome->err != o->err || m->outcome->cmsg != o->cmsg ||
	    m->outcome->known != o->known || m->outcome->why != o->why)
		return false;
	return !m->ncmsg || !memcmp(m->verdict, v, m->ncmsg * sizeof(*v));
}

static void fill(struct event *ev, struct msg *m, const struct head *h, const uint8_t *addr,
		 const uint8_t *block, size_t size)
{
	static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64" };
	const size_t missing = h->missing < size ? h->missing : size;

	ev->kind = EVENT_CALL;
	ev->call = CALL_SENDMSG;
	ev->abi = abi_by_name(abis[h->abi % 4]);
	ev->tgid = 100;
	ev->flags = (uint32_t)h->flags << 13 | (h->flags & 1);
	m->total = (uint64_t)h->total * 513;
	m->made_up = h->spare & 1;
	m->in.have = !(h->spare & 2);
	m->in.iovlen = 1;
	m->in.name_ptr = h->name_len ? 0x1000 : 0;
	m->in.namelen = h->name_len % 64 - 4;
	m->in.name = (struct bytes){ .p = addr, .len = 28, .claimed = 28 };
	m->in.control_ptr = h->spare & 4 ? 0 : 0x2000;
	m->in.controllen =
		h->claim & 0x80 ? UINT64_MAX >> (h->claim & 0x7f) % 64 : size + (h->claim & 7);
	m->in.control = (struct bytes){ .p = block,
					.len = size - missing,
					.claimed = m->in.controllen,
					.why = h->spare & 8 ? BYTES_FAULT : BYTES_LIMIT };
	if (m->in.controllen < m->in.control.len)
		m->in.control.len = (size_t)m->in.controllen;
}

static void receive(const struct event *ev, uint32_t release)
{
	struct recv_expect v[RECV_EXPECT_MAX];
	bool sure;

	if (!ev->sock)
		return;
	for (enum recv_packet p = RECV_ANY; p <= RECV_ERRORS; p++) {
		unsigned int n = recv_expected(ev->sock, ev->abi, p, release, v, &sure);

		MUST(n <= RECV_EXPECT_MAX);
		MUST(recv_space(ev->abi, v, n, false) <= recv_space(ev->abi, v, n, true));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ADDR = 28 };
	struct ask ask = { .answer = ask_answer };
	struct event *ev;
	struct msg m = { .total = 0 };
	struct head h;

	if (size < sizeof(h) + ADDR)
		return 0;
	memcpy(&h, data, sizeof(h));

	const uint8_t *addr = data + sizeof(h);
	const size_t len = size - sizeof(h) - ADDR;
	struct model_env env = {
		.release = h.release_major ? KERNEL_RELEASE(h.release_major % 8, h.release_minor, 0)
					   : 0,
		.ask = &ask,
		.pending = h.pending % 3,
	};

	ask.ctx = &h.ask;
	ev = event_new();
	fill(ev, &m, &h, addr, addr + ADDR, len);
	ev->sock = make_sock(&h, addr);
	ev->proc = make_proc(&h);
	cmsg_walk(ev, &m);
	model_judge(ev, &m, &env);
	check_answer(&m);

	const struct outcome first = *m.outcome;
	const struct verdict *verdicts = m.verdict;

	model_judge(ev, &m, &env);
	MUST(same(&m, &first, verdicts));
	receive(ev, env.release);
	event_free(ev);
	return 0;
}

#ifndef FUZZING_ENGINE

static void replay_file(const char *path)
{
	static unsigned char block[1 << 16];
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}

	size_t n = fread(block, 1, sizeof(block), f);

	fclose(f);

	unsigned char *exact = alloc_bytes(n + 1); /* so that a sanitizer sees its end */

	memcpy(exact, block, n);
	LLVMFuzzerTestOneInput(exact, n);
	alloc_free(exact);
}

static unsigned int replay(const char *path)
{
	struct stat st;
	unsigned int n = 0;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		replay_file(path);
		return 1;
	}

	DIR *d = opendir(path);

	for (struct dirent *e; d && (e = readdir(d));) {
		char name[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		n += replay(name);
	}
	if (d)
		closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	const char *src = getenv("srcdir");
	char corpus[4096];
	unsigned int n = 0;

	for (int i = 1; i < argc; i++)
		n += replay(argv[i]);
	if (argc < 2) {
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus-model", src ? src : ".");
		n = replay(corpus);
	}
	event_pool_free();
	printf("1..1\n%sok 1 - the model keeps its promises on %u inputs\n", n ? "" : "not ", n);
	return !n;
}
#endif
