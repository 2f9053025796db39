// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is the blame right?  Changes the one thing that the model holds responsible for a refused send (that
 * message's length, value, type; the capability; the socket's option) and sends again.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oracle.h"

enum { ITEMS_MAX = 64, SCRATCH = 8192, UNREAD_LEVEL = 9999 };

struct item {
	int level, type;
	size_t len;
	uint64_t cmsg_len; /* UINT64_MAX: by len */
	unsigned char *p;  /* in scratch, with room up to 1200 bytes for the changed one */
};

struct draft {
	struct item v[ITEMS_MAX];
	unsigned int n;
	unsigned char scratch[SCRATCH];
	unsigned char changed[2048];
};

static struct proc *with_caps, *without_caps;

/* ---- capabilities, raised and lowered ---- */

static bool effective(bool all)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &head, caps))
		return false;
	for (unsigned int i = 0; i < 2; i++)
		caps[i].effective = all ? caps[i].permitted : 0;
	return !syscall(SYS_capset, &head, caps);
}

bool perturb_begin(struct bench *b)
{
	with_caps = proc_ref(b->ev->proc);
	if (!effective(false))
		return false;
	facts_proc_changed(b->facts, getpid());
	without_caps = facts_proc(b->facts, getpid());
	proc_unref(b->ev->proc);
	b->ev->proc = without_caps;
	return true;
}

static void privileged(struct bench *b, bool on)
{
	if (b->ev->proc == (on ? with_caps : without_caps))
		return;
	effective(on);
	b->ev->proc = on ? with_caps : without_caps;
}

/* ---- the list, taken apart and put together ---- */

static bool take_apart(const struct bench *b, struct draft *d, size_t claim)
{
	const uint32_t hdr = cmsg_hdr_size(b->abi);

	d->n = 0;
	if (claim > SCRATCH)
		return false;
	memcpy(d->scratch, control_block(), claim);
	for (uint32_t i = 0; i < b->msg.ncmsg; i++) {
		const struct cmsg *c = &b->msg.cmsg[i];
		const bool bad = c->faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND);

		if (d->n == ITEMS_MAX)
			return false;
		d->v[d->n++] = (struct item){ .level = c->level,
					      .type = c->type,
					      .len = bad ? 0 : c->len - hdr,
					      .cmsg_len = bad ? c->len : UINT64_MAX,
					      .p = d->scratch + c->offset + hdr };
	}
	return true;
}

static void put_together(const struct bench *b, const struct draft *d, struct list *l)
{
	*l = list_begin();
	for (unsigned int i = 0; i < d->n; i++)
		list_add(b, l, d->v[i].level, d->v[i].type, d->v[i].p, d->v[i].len,
			 d->v[i].cmsg_len);
}

static void take_out(struct draft *d, unsigned int i)
{
	memmove(&d->v[i], &d->v[i + 1], (d->n - i - 1) * sizeof(d->v[0]));
	d->n--;
}

/* The payload is replaced: len bytes, as many as there were of them kept. */
static void resize(struct draft *d, struct item *it, size_t len)
{
	memset(d->changed, 0, sizeof(d->changed));
	memcpy(d->changed, it->p, it->len < len ? it->len : len);
	it->p = d->changed;
	it->len = len;
}

/* ---- one thing each ---- */

static bool right_size(struct draft *d, struct item *it)
{
	const struct cmsg_type *row = cmsg_type_find(it->level, it->type, SOCK_KIND_UNKNOWN);
	size_t size = row ? row->size : 4;

	if (it->level == 1 && it->type == 1) /* too many descriptors */
		size = 4;
	if (it->level == 41 &&
	    ((it->type >= 54 && it->type <= 59) || (it->type >= 3 && it->type <= 5)))
		size = 8;
	if (size > 64 || it->len == size)
		return false;
	resize(d, it, size);
	return true;
}

static bool right_value(const struct bench *b, struct draft *d, struct item *it)
{
	static const unsigned char mapped[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	const int own[3] = { getpid(), 0, 0 };
	int v = 0;

	resize(d, it, it->len);
	if (it->level == 0 && it->type == 7) {
		memset(it->p, 1, it->len); /* NOOP */
	} else if (it->level == 1 && it->type == 1) {
		for (size_t i = 0; i + 4 <= it->len; i += 4)
			memcpy(it->p + i, &(int){ 1 }, 4);
	} else if (it->level == 1 && it->type == 2) {
		memcpy(it->p, own, sizeof(own));
	} else if (it->level == 41 && it->type == 50) {
		memcpy(it->p, mapped, sizeof(mapped));
		memset(it->p + 16, 0, 4);
	} else if (it->level == 41 && (it->type == 57 || it->type == 5)) {
		it->level = UNREAD_LEVEL; /* no routing header can be sent here */
	} else if (it->level == 41 && it->type != 8 && it->type != 52 && it->type != 62 &&
		   it->type != 67) {
		if (it->len < 8)
			resize(d, it, 8);
		it->p[1] = 0; /* the extension header's length */
	} else {
		v = it->level == 0 && it->type != 1 ? 64 : 0;
		memcpy(it->p, &v, it->len < 4 ? it->len : 4);
	}
	(void)b;
	return true;
}

static bool right_address(const struct outcome *o, struct draft *d, struct item *it)
{
	static const unsigned char loopback6[16] = { [15] = 1 };
	const bool v4 = it->level == 0, mapped = !memcmp(it->p, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	const bool interface = strstr(o->why, "interface") && !strstr(o->why, "link-local");

	resize(d, it, it->len);
	if (interface) {
		memset(it->p + (v4 ? 0 : 16), 0, 4);
	} else if (v4) {
		memcpy(it->p + 4, "\x7f\0\0\1", 4);
	} else if (mapped && o->err == ENETUNREACH) {
		memcpy(it->p + 12, "\x7f\0\0\1", 4);
	} else if (mapped && strstr(o->kernel, "ipv4/")) {
		memcpy(it->p + 12, "\x7f\0\0\1", 4);
	} else {
		memcpy(it->p, loopback6, 16);
	}
	return true;
}

/* An option of the socket, switched; the facts follow.  False: the protocol itself is in the way. */
static bool right_state(struct subject *s, const struct item *it, struct sock *facts)
{
	const int on = 1, off = 0, id = 1 << 7 | 1 << 1;
	struct {
		int32_t clock;
		uint32_t flags;
	} txtime = { .clock = 1 };

	if (it->level == 1 && it->type == 61 &&
	    !setsockopt(s->fd, SOL_SOCKET, 61, &txtime, sizeof(txtime))) {
		sock_opt_set(facts, OPT_SO_TXTIME, on);
	} else if (it->level == 1 && it->type == 81 && strstr(s->name, "tcp") != s->name &&
		   !setsockopt(s->fd, SOL_SOCKET, 37, &id, sizeof(id))) {
		sock_opt_set(facts, OPT_SO_TIMESTAMPING, id);
	} else if (it->level == 17 && sock_opt(facts, OPT_SO_NO_CHECK) &&
		   !setsockopt(s->fd, SOL_SOCKET, SO_NO_CHECK, &off, sizeof(off))) {
		sock_opt_set(facts, OPT_SO_NO_CHECK, off);
	} else if (it->level == 0 && sock_opt(facts, OPT_IP_HDRINCL) &&
		   !setsockopt(s->fd, SOL_IP, IP_HDRINCL, &off, sizeof(off))) {
		sock_opt_set(facts, OPT_IP_HDRINCL, off);
	} else {
		return false;
	}
	return true;
}

static void restore_state(struct subject *s, const struct sock *was, const struct sock *now)
{
	const int on = 1, flags = sock_opt(was, OPT_SO_TIMESTAMPING);

	if (sock_opt(now, OPT_SO_TIMESTAMPING) != flags)
		setsockopt(s->fd, SOL_SOCKET, 37, &flags, sizeof(flags));
	if (sock_opt(was, OPT_SO_NO_CHECK) && !sock_opt(now, OPT_SO_NO_CHECK))
		setsockopt(s->fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
	if (sock_opt(was, OPT_IP_HDRINCL) && !sock_opt(now, OPT_IP_HDRINCL))
		setsockopt(s->fd, SOL_IP, IP_HDRINCL, &on, sizeof(on));
}

/* SO_TXTIME can't be switched off again: the socket keeps it, and its facts say so. */
static void keep_txtime(struct subject *s, const struct sock *now)
{
	if (sock_opt(now, OPT_SO_TXTIME))
		sock_opt_set(s->sock, OPT_SO_TXTIME, 1);
}

static bool change_item(struct bench *b, struct subject *s, struct draft *d, struct sock *facts)
{
	const struct outcome *o = b->msg.outcome;
	const unsigned int i = (unsigned int)o->cmsg;
	struct item *it = &d->v[i];

	switch (b->msg.verdict[i].check) {
	case CHECK_LIST: /* that header isn't there any more, nor what it hid */
		d->n = i;
		return true;
	case CHECK_TYPE:
		it->level = UNREAD_LEVEL;
		return true;
	case CHECK_SIZE:
		return right_size(d, it);
	case CHECK_VALUE:
		return right_value(b, d, it);
	case CHECK_REPEATED:
		take_out(d, i);
		return true;
	case CHECK_PRIVILEGE:
		privileged(b, true);
		return true;
	case CHECK_ADDRESS:
		return right_address(o, d, it);
	case CHECK_STATE:
		if (!right_state(s, it, facts))
			take_out(d, i);
		return true;
	case CHECK_NONE:
		break;
	}
	return false;
}

/* The msghdr is to blame, no message of it. */
static bool change_header(const struct bench *b, struct list *l)
{
	const struct outcome *o = b->msg.outcome;

	if (l->null || l->bad) {
		l->claim = 0;
		l->null = l->bad = false;
		return true;
	}
	if (strstr(o->why, "SOL_TLS")) { /* without any control data it is sent as it is */
		l->claim = 0;
		return true;
	}
	if (o->err == ENOBUFS || o->err == ENOMEM || o->err == EFAULT) {
		l->claim = 0;
		return true;
	}
	if (o->err != EINVAL || !b->abi->compat)
		return false;
	/* a 32-bit caller's tail: the list ends with its last message */
	l->claim = b->msg.ncmsg ? b->msg.cmsg[b->msg.ncmsg - 1].offset +
					  cmsg_align(b->abi, b->msg.cmsg[b->msg.ncmsg - 1].len)
				: 0;
	return true;
}

static void complain(const struct bench *b, const struct subject *s, const char *what, int got,
		     struct blame *t)
{
	const struct outcome *o = b->msg.outcome;

	t->wrong++;
	if (t->shown++ < 5)
		printf("# %s, %s: %s; blamed message %d (%s); the kernel said %d; %u messages\n",
		       s->name, b->abi->name, what, o->cmsg, o->why ? o->why : "-", got,
		       b->msg.ncmsg);
}

void perturb(struct bench *b, struct subject *s, const struct list *l, struct blame *t)
{
	static struct draft d;
	struct sock facts = *s->sock, *const was = s->sock;
	struct list now = *l;
	unsigned int steps = 0;
	const struct outcome *o;
	int got;

	if (!b->msg.outcome->why || (b->msg.outcome->cmsg < 0 && b->msg.outcome->err == EPIPE))
		return; /* not for a message's sake */
	t->blamed++;
	for (;; steps++) {
		s->sock = &facts;
		o = shoot_model(b, s, &now);
		if (!o->err || steps > ITEMS_MAX)
			break;
		if (o->cmsg >= 0 &&
		    !take_apart(b, &d, now.claim == SIZE_MAX ? now.len : now.claim)) {
			/* too long to be taken apart: the list itself */
			now.claim = 0;
		} else if (o->cmsg >= 0) {
			if (!change_item(b, s, &d, &facts)) {
				complain(b, s, "nothing to change", 0, t);
				goto out;
			}
			put_together(b, &d, &now);
		} else if (!change_header(b, &now)) {
			complain(b, s, "nothing to change in the header", 0, t);
			goto out;
		}
	}
	if (!o->known) { /* with that capability somebody else decides (NetLabel): not proven */
		t->blamed--;
		goto out;
	}
	got = shoot_blind(b, s, &now);
	if (got && got != s->base)
		got = shoot_blind(b, s, &now); /* an ICMP answer may have been told */
	if (!o->err && assumed_too_much(o, got))
		t->blamed--;
	else if (o->err || got != s->base)
		complain(b, s, "still refused", got, t);
	else if (steps == 1)
		t->at_once++;
	else
		t->later++;
out:
	s->sock = was;
	restore_state(s, was, &facts);
	keep_txtime(s, &facts);
	privileged(b, false);
}
