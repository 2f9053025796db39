// SPDX-License-Identifier: LGPL-2.1-or-later
/* One send: what the model says of it, and what the kernel does. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../i386.h"
#include "oracle.h"

enum { BAD_ADDRESS = 0x1000, DRAIN_EVERY = 64, SHOW_MAX = 5, PATIENCE = 20 };

/* All that a call points to, below 4 GiB. */
struct low {
	struct msghdr32 msg;
	struct iovec32 iov;
	struct sockaddr_storage name;
	unsigned char payload[96];
	unsigned char control[CONTROL_MAX] __attribute__((aligned(16)));
};

static struct low *low;

void *low_memory(size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_32BIT
	flags |= MAP_32BIT;
#endif
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(99);
	}
	return p;
}

static void low_map(void)
{
	if (!low)
		low = low_memory(sizeof(*low));
}

unsigned char *control_block(void)
{
	low_map();
	return low->control;
}

uint64_t random_next(uint64_t *state) /* splitmix64 */
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void list_add(const struct bench *b, struct list *l, int level, int type, const void *payload,
	      size_t len, uint64_t cmsg_len)
{
	const uint32_t hdr = cmsg_hdr_size(b->abi);
	unsigned char *p = low->control + l->len;

	if (cmsg_len == UINT64_MAX)
		cmsg_len = hdr + len;
	memcpy(p, &cmsg_len, b->abi->word); /* both layouts are little endian here */
	memcpy(p + hdr - 8, &level, 4);
	memcpy(p + hdr - 4, &type, 4);
	if (len)
		memcpy(p + hdr, payload, len);
	memset(p + hdr + len, 0, cmsg_align(b->abi, len) - len);
	l->len += hdr + cmsg_align(b->abi, len);
}

/* ---- the model ---- */

static bool bench_answer(void *ctx, const struct event *ev, const struct question *q,
			 struct answer *a)
{
	struct bench *b = ctx;

	switch (q->kind) {
	case ASK_FD_OPEN:
		a->result = fcntl((int)q->number, F_GETFD) >= 0;
		return true;
	case ASK_PID_EXISTS:
		a->result = !kill((pid_t)q->number, 0) || errno == EPERM;
		return true;
	case ASK_OPTMEM_MAX:
		a->result = b->optmem_max;
		return b->optmem_max;
	default:
		a->result = facts_answer(b->facts, ev, q, a);
		return true;
	}
}

void bench_begin(struct bench *b, const struct identity *id, const char *abi)
{
	struct utsname u;
	char kernel[sizeof(u.release) + sizeof(u.version)];
	FILE *f = fopen("/proc/sys/net/core/optmem_max", "re");
	int optmem = 0;

	low_map();
	memset(b, 0, sizeof(*b));
	if (f) {
		if (fscanf(f, "%d", &optmem) != 1)
			optmem = 0;
		fclose(f);
	}
	uname(&u);
	model_kernel_name(u.release, u.version, kernel, sizeof(kernel));
	b->id = id;
	b->abi = abi ? abi_by_name(abi) : abi_native();
	b->facts = facts_new();
	b->optmem_max = optmem;
	b->ask = (struct ask){ .ctx = b, .answer = bench_answer };
	b->env = (struct model_env){ .release = model_release(kernel), .ask = &b->ask };
	b->ev = event_new();
	b->ev->kind = EVENT_CALL;
	b->ev->call = CALL_SENDMSG;
	b->ev->tgid = b->ev->tid = getpid();
	b->ev->abi = b->abi;
	b->ev->proc = facts_proc(b->facts, getpid());
	subjects_learn(b->facts);
}

static size_t list_claim(const struct list *l)
{
	return l->claim == SIZE_MAX ? l->len : l->claim;
}

static uintptr_t list_address(const struct list *l)
{
	if (l->null)
		return 0;
	return l->bad ? BAD_ADDRESS : (uintptr_t)low->control;
}

const struct outcome *shoot_model(struct bench *b, struct subject *s, const struct list *l)
{
	struct hdr *h = &b->msg.in;
	const size_t claim = list_claim(l);

	arena_reset(&b->ev->arena);
	b->ev->ifnames = NULL;
	b->ev->answers = NULL;
	b->ev->sock = s->sock;
	b->ev->flags = (uint32_t)s->flags;
	b->ev->fd = s->fd;
	b->env.pending = s->pending == PENDING_UNKNOWN ? PENDING_NO : s->pending;
	b->msg = (struct msg){ .total = s->len };
	h->have = true;
	h->iovlen = 1;
	h->name_ptr = s->tolen ? (uintptr_t)&low->name : 0;
	h->namelen = (int64_t)s->tolen;
	h->name = (struct bytes){ .p = (unsigned char *)&s->to,
				  .len = s->tolen,
				  .claimed = s->tolen };
	h->control_ptr = list_address(l);
	h->controllen = claim;
	h->control = (struct bytes){ .p = low->control, .len = claim, .claimed = claim };
	if (claim && (l->null || l->bad)) {
		h->control = (struct bytes){ .claimed = claim, .why = BYTES_FAULT };
	} else if (claim > CONTROL_MAX) {
		h->control.len = CONTROL_MAX;
		h->control.why = BYTES_FAULT;
	}
	cmsg_walk(b->ev, &b->msg);
	model_judge(b->ev, &b->msg, &b->env);
	b->ev->sock = NULL;
	return b->msg.outcome;
}

/* ---- the kernel ---- */

static int send32(struct subject *s, const struct list *l)
{
	long r;

	low->iov = (struct iovec32){ pointer32(low->payload), (uint32_t)s->len };
	low->msg = (struct msghdr32){
		.name = s->tolen ? pointer32(&low->name) : 0,
		.namelen = (int32_t)s->tolen,
		.iov = pointer32(&low->iov),
		.iovlen = 1,
		.control = (uint32_t)list_address(l),
		.controllen = (uint32_t)list_claim(l),
	};
	r = i386_call(I386_SENDMSG, s->fd, &low->msg, s->flags, 0, NULL);
	return r < 0 ? (int)-r : 0;
}

static int send_native(struct subject *s, const struct list *l)
{
	struct iovec iov = { .iov_base = low->payload, .iov_len = s->len };
	struct msghdr m = {
		.msg_name = s->tolen ? &low->name : NULL,
		.msg_namelen = s->tolen,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = (void *)list_address(l), /* also where nothing is */
		.msg_controllen = list_claim(l),
	};

	/* not sendmsg(): sanitizers look at what it is given, and this is wrong on purpose */
	return syscall(SYS_sendmsg, s->fd, &m, s->flags) < 0 ? errno : 0;
}

static int send_once(const struct bench *b, struct subject *s, const struct list *l)
{
	return b->abi->word == 4 ? send32(s, l) : send_native(s, l);
}

/* Takes what has arrived, so that neither buffers nor descriptors run out. */
static void drain(struct subject *s, bool sent)
{
	static unsigned int n;
	char byte[4096];

	if (!sent)
		return;
	if (s->each) {
		recv(s->peer, byte, sizeof(byte), MSG_DONTWAIT);
	} else if (s->passes_fds) { /* without room for them passed descriptors are closed */
		if (s->len || !s->stream)
			recv(s->peer, byte, sizeof(byte), MSG_DONTWAIT);
	} else if (++n % DRAIN_EVERY == 0) {
		struct msghdr m = { .msg_iovlen = 0 };

		for (unsigned int i = 0; s->peer >= 0 && i < DRAIN_EVERY; i++) {
			if (recv(s->peer, byte, sizeof(byte), MSG_DONTWAIT) < 0 || s->stream)
				break;
		}
		for (unsigned int i = 0; i < DRAIN_EVERY; i++) {
			if (recvmsg(s->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
				break;
		}
	}
}

int shoot_blind(struct bench *b, struct subject *s, const struct list *l)
{
	int err;

	if (s->tolen)
		memcpy(&low->name, &s->to, s->tolen);
	memcpy(low->payload, s->payload, s->len);
	if (s->pending == PENDING_YES) { /* at most 64 KiB wait; begin anew from time to time */
		static unsigned int n;
		const int off = 0, on = 1;

		if (++n % 1024 == 0) {
			setsockopt(s->fd, 17, 1, &off, sizeof(off));
			setsockopt(s->fd, 17, 1, &on, sizeof(on));
			sendto(s->fd, s->payload, s->len, s->flags, (struct sockaddr *)&s->to,
			       s->tolen);
		}
	}
	if (s->each)
		drain(s, true); /* what an earlier one left would refuse this one */
	err = send_once(b, s, l);
	/* a full queue says nothing of the control messages: it is emptied */
	for (unsigned int i = 0;
	     (s->each || s->stream) && err == EAGAIN && s->base != EAGAIN && i < PATIENCE; i++) {
		struct pollfd writable = { .fd = s->fd, .events = POLLOUT };
		char byte[4096];

		recv(s->peer, byte, sizeof(byte), MSG_DONTWAIT);
		poll(&writable, 1, PATIENCE);
		err = send_once(b, s, l);
	}
	drain(s, !err);
	return err;
}

/* ---- both ---- */

static void show(const struct bench *b, const struct subject *s, const struct list *l,
		 const struct outcome *o, int want, int got)
{
	const size_t claim = list_claim(l);
	char hex[400] = "";
	size_t at = 0;

	for (size_t i = 0; i < claim && i < 160 && !l->null && !l->bad; i++)
		at += (size_t)snprintf(hex + at, sizeof(hex) - at, "%s%02x", i % 4 ? "" : " ",
				       low->control[i]);
	printf("# %s, %s, %s: predicted %s (cmsg %d: %s), the kernel said %s; controllen %zu%s:%s\n",
	       s->name, b->id->name, b->abi->name, want ? strerrorname_np(want) : "success",
	       o->cmsg,
	       o->why       ? o->why
	       : o->assumes ? o->assumes
			    : "-",
	       got ? strerrorname_np(got) : "success", claim,
	       l->null  ? " NULL"
	       : l->bad ? " bad pointer"
			: "",
	       hex);
}

/* An ICMP answer to an earlier packet is told to a connected socket at its next send. */
static bool told_late(const struct subject *s, int err)
{
	return !s->tolen && (err == EPROTO || err == ECONNREFUSED || err == EHOSTUNREACH);
}

/* A vector of another length than the cipher's: the model can't know it, and says so. */
bool assumed_too_much(const struct outcome *o, int err)
{
	return err == EINVAL && o->assumes && strstr(o->assumes, "initialisation vector");
}

void count_reason(struct count *c, const char *why, uint64_t n)
{
	for (unsigned int i = 0; i < REASONS; i++) {
		if (c->reason[i].why && strcmp(c->reason[i].why, why))
			continue;
		c->reason[i].why = why;
		c->reason[i].n += n;
		return;
	}
}

/* The first message that is in doubt, else what was assumed. */
static const char *unproven_why(const struct bench *b, const struct outcome *o)
{
	for (uint32_t i = 0; i < b->msg.ncmsg; i++) {
		if (b->msg.verdict[i].what == VERDICT_UNKNOWN && b->msg.verdict[i].why)
			return b->msg.verdict[i].why;
	}
	return o->assumes ? o->assumes : "the room for control data is not known to the byte";
}

bool shoot(struct bench *b, struct subject *s, const struct list *l, struct count *c)
{
	const struct outcome *o = shoot_model(b, s, l);
	const int want = o->err ? o->err : s->base;
	int got = shoot_blind(b, s, l);

	if (want != got && told_late(s, got))
		got = shoot_blind(b, s, l);
	c->sent++;
	if (!o->known || (want != got && assumed_too_much(o, got))) {
		c->unproven++;
		count_reason(c, unproven_why(b, o), 1);
		return true;
	}
	if (want == got) {
		c->agreed++;
		c->refused += got != 0;
		return true;
	}
	c->disagreed++;
	if (c->shown < SHOW_MAX) {
		c->shown++;
		show(b, s, l, o, want, got);
	}
	return false;
}
