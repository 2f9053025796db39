// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT409: MSG_ZEROCOPY refused with ENOBUFS: which limit. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum {
	PAGE = 4096,
	SENDS_MAX = 256, /* of which the pages are remembered; a power of two */
	NOTICE = 576,    /* bytes of option memory that a completion takes at least: an empty skb */
	CAP_IPC_LOCK = 14,   /* linux/capability.h */
	ORIGIN_ZEROCOPY = 5, /* SO_EE_ORIGIN_ZEROCOPY */
};

/* The user namespace of the first process, where capable() asks: include/linux/proc_ns.h */
#define FIRST_USERNS UINT64_C(0xeffffffd)

/* Of a socket: its sends with MSG_ZEROCOPY, as the kernel numbers them. */
struct state {
	uint32_t sent, completed;
	uint32_t pages[SENDS_MAX]; /* of send n: [n % SENDS_MAX]; 0: it is completed */
};

static uint64_t pages_of(uint64_t bytes)
{
	return bytes / PAGE + 2; /* as mm_account_pinned_pages() counts */
}

/* Completions say from which send to which: struct sock_extended_err. */
static void completed(struct state *s, const struct cmsg *cm)
{
	struct {
		uint32_t err;
		uint8_t origin, type, code, pad;
		uint32_t info, data;
	} e;

	if (cm->data_len < sizeof(e))
		return;
	memcpy(&e, cm->data, sizeof(e));
	if (e.origin != ORIGIN_ZEROCOPY || e.data < e.info)
		return;
	s->completed += e.data - e.info + 1;
	for (uint32_t n = 0; n < SENDS_MAX && n <= e.data - e.info; n++)
		s->pages[(e.data - n) % SENDS_MAX] = 0;
}

static void on_recv(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	struct state *s = ev->flags & F_ERRQUEUE ? rule_sock_known(c) : NULL;

	(void)r;
	for (uint32_t i = 0; s && i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if ((cm->level == L_IP && cm->type == T_IP_RECVERR) ||
		    (cm->level == L_IPV6 && cm->type == T_IPV6_RECVERR))
			completed(s, cm);
	}
}

static uint64_t pages_waiting(const struct state *s)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < SENDS_MAX; i++)
		n += s->pages[i];
	return n;
}

/* Does RLIMIT_MEMLOCK count for this process?  1, 0, or -1: not known. */
static int counts_memlock(const struct proc *p)
{
	if (!p || !(p->has & PROC_HAS_CAPS) || !(p->has & PROC_HAS_USERNS))
		return -1;
	return !(p->caps >> CAP_IPC_LOCK & 1) || p->userns != FIRST_USERNS;
}

struct limits {
	int64_t memlock, optmem; /* bytes; negative: not known, or none */
	uint64_t own, waiting;   /* pages: of this message, of those before it */
	uint64_t notices;        /* bytes of option memory */
};

/* The limit that the numbers reach; NULL: both or none may be. */
static const char *reached(const struct limits *l)
{
	bool memlock = l->memlock >= 0 && l->own + l->waiting > (uint64_t)l->memlock / PAGE;
	bool optmem = l->optmem >= 0 && l->notices + NOTICE > (uint64_t)l->optmem;

	if (l->memlock == -1 || (optmem && !memlock)) /* no limit, or it does not count */
		return "net.core.optmem_max";
	return memlock && !optmem ? "RLIMIT_MEMLOCK" : NULL;
}

static int64_t ask(struct check *c, enum question_kind kind)
{
	const struct question q = { .kind = kind };
	const struct answer *a = check_ask(c, &q);

	return a && a->result >= 0 ? a->result : -2;
}

static void note_limits(struct check *c, struct finding *f, const struct limits *l)
{
	if (l->memlock >= 0)
		finding_note(
			c, f,
			"RLIMIT_MEMLOCK is %lld bytes, %lld pages: this message pins %llu, those "
			"before it whose completion nobody has read %llu",
			(long long)l->memlock, (long long)l->memlock / PAGE,
			(unsigned long long)l->own, (unsigned long long)l->waiting);
	if (l->optmem >= 0)
		finding_note(
			c, f,
			"net.core.optmem_max is %lld bytes: each completion that is not read takes "
			"%d or more",
			(long long)l->optmem, NOTICE);
}

static void tell(struct check *c, const struct rule *r, const struct state *s)
{
	const struct check_msg *cur = check_msg(c);
	const int counts = counts_memlock(cur->ev->proc);
	const uint32_t unread = s->sent - s->completed;
	struct limits l = { .own = pages_of(cur->m->total),
			    .waiting = pages_waiting(s),
			    .notices = (uint64_t)unread * NOTICE };
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	l.memlock = counts ? ask(c, ASK_MEMLOCK) : -1;
	if (l.memlock == INT32_MAX)
		l.memlock = -1;
	l.optmem = ask(c, ASK_OPTMEM_MAX);

	const char *limit = reached(&l);

	finding_message(
		c, f,
		"MSG_ZEROCOPY is refused with ENOBUFS by %s; %s before it, of which %u have "
		"no completion that was read",
		limit ? limit : "RLIMIT_MEMLOCK or net.core.optmem_max",
		say_count(c, s->sent, "send"), unread);
	note_limits(c, f, &l);
	if (unread)
		finding_note(
			c, f,
			"remedy: read completions (recvmsg with MSG_ERRQUEUE until EAGAIN) before "
			"and after such a send");
	finding_note(c, f,
		     "remedy: send without MSG_ZEROCOPY when it says ENOBUFS; raise the limit");
	finding_note(c, f,
		     "kernel: net/core/skbuff.c msg_zerocopy_realloc(), mm_account_pinned_pages()");
	finding_done(c, f);
}

static void on_send(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool refused = ev->result == -ENOBUFS;

	if (!(ev->flags & F_ZEROCOPY) || !(cur->left || refused) || !known_kind(c, r) ||
	    !known_opt(c, r, OPT_SO_ZEROCOPY) || !sock_opt(ev->sock, OPT_SO_ZEROCOPY))
		return;
	/* another reason is the control block's size */
	if (refused && m->in.controllen >= UINT16_MAX)
		return;

	struct state *s = rule_sock(c);

	if (refused)
		tell(c, r, s);
	else
		s->pages[s->sent++ % SENDS_MAX] =
			(uint32_t)pages_of(m->have_len ? m->len : m->total);
}

const struct rule ct409 = {
	.id = "CT409",
	.name = "zerocopy-refused",
	.severity = SEVERITY_WARNING,
	.title = "a send with MSG_ZEROCOPY was refused with ENOBUFS",
	.explains = EXPLAINS_REFUSAL,
	.what = "The pages of a send with MSG_ZEROCOPY stay pinned until its completion, and each completion\n"
		"waits in the error queue until it is read. The kernel refused another one. The finding\n"
		"says which limit fits the numbers, RLIMIT_MEMLOCK or net.core.optmem_max, and how many\n"
		"completions nobody has read.",
	.why = "ENOBUFS looks like a full device queue. A program that tries again without reading the error\n"
	       "queue never gets on; one that gives up drops a connection that works.",
	.kernel =
		"net/core/skbuff.c msg_zerocopy_realloc(): sock_omalloc() against optmem_max,\n"
		"mm_account_pinned_pages() against RLIMIT_MEMLOCK of the user, CAP_IPC_LOCK apart.",
	.bad = "#define _GNU_SOURCE\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void stream(int fd, const void *data, size_t size) /* SO_ZEROCOPY is on */\n"
	       "{\n"
	       "	while (send(fd, data, size, MSG_ZEROCOPY) >= 0)\n"
	       "		; /* until ENOBUFS: nobody reads the error queue */\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <errno.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"static void read_completions(int fd)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[128];\n"
		"	struct msghdr m;\n"
		"\n"
		"	do {\n"
		"		m = (struct msghdr){ .msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	} while (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);\n"
		"}\n"
		"\n"
		"long send_pinned(int fd, const void *data, size_t size)\n"
		"{\n"
		"	long n = send(fd, data, size, MSG_ZEROCOPY);\n"
		"\n"
		"	read_completions(fd);\n"
		"	return n < 0 && errno == ENOBUFS ? send(fd, data, size, 0) : n;\n"
		"}\n",
	.remedy =
		"Read the error queue as you send, and send a copy when MSG_ZEROCOPY says ENOBUFS. Limits:\n"
		"ulimit -l (RLIMIT_MEMLOCK), sysctl net.core.optmem_max.",
	.sock_state = sizeof(struct state),
	.send = on_send,
	.recv = on_recv,
};
