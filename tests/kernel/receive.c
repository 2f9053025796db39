// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: what the model says of a receive (CT301 and CT401 tell it in these very words) is what the kernel
 * does: what arrives, in which order and of which size; whether a control buffer cuts it; which message is
 * cut and which are lost; and which room is enough.  For many kinds of traffic, each option alone, all
 * together and mixed at random; with every room up to 512 bytes or to what is surely enough, so that
 * a room that is advised is one that was tried, as is a byte less; half of them without a msg_name, which would
 * tell the packet's family; by 64-bit calls and, where this kernel has them, by 32-bit ones.
 * receive [seed] [mixes]: mixes of options at random, of each kind; RECEIVE_MIXES says it, too.
 * RECEIVE_KINDS: a text with names.
 */
#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../i386.h"
#include "check/cut.h"
#include "cmsg/cmsg.h"
#include "oracle.h"
#include "receive.h"
#include "uapi/uapi.h"

enum {
	ROOM_MAX = 512,
	BEYOND = 24, /* bytes beyond what is needed that are tried, too */
	ITEMS_MAX = 64,
	TRUTH_MAX = 64,
	WORKERS = 2,
	KINDS_MAX = 64,
	ABIS = 2,      /* native, then i386 */
	SHOWN_MAX = 4, /* disagreements of a kind that are printed */
	WAIT_MS = 20000,
	WARM_US = 100000, /* the kernel begins to stamp packets a moment after it was asked to */
	MTU = 1500,       /* so that packets are fragmented */
	DEFAULT_MIXES = 50,
	NAME_UDP_GRO = 104,
};

struct item { /* an option that is switched on */
	int level, name, value;
	bool stamping;
};

struct score {
	uint64_t received, cut, mixes, wrong;
	bool missing, done;
	char why[80];
};

struct truth { /* what arrives where there is room */
	unsigned int n;
	struct {
		int32_t level, type;
		uint32_t size;
	} v[TRUTH_MAX];
	uint64_t sum, least; /* with and without the padding behind the last */
};

struct probe {
	struct lane lane;
	struct event *ev;
	struct msg msg;
	struct facts *facts;
	struct truth truth;
	struct score *score;
	uint32_t release;
	bool stuck;    /* nothing arrived: the kind is given up */
	char mix[400]; /* what is on, for the report */
	char why[200];
	bool nameless; /* receives without a msg_name */
	struct low {   /* all that a call points to */
		unsigned char control[8192] __attribute__((aligned(16)));
		struct sockaddr_storage name;
		unsigned char data[64];
		struct iovec32 iov;
		struct msghdr32 msg;
	} * low;
};

static uint64_t seed;
static unsigned int mixes_wanted;
static struct item items[ITEMS_MAX];
static unsigned int nitems;

/* ---- options ---- */

static void add_item(int level, int name, int value, bool stamping)
{
	for (unsigned int i = 0; i < nitems; i++) {
		if (items[i].level == level && items[i].name == name && items[i].value == value)
			return;
	}
	if (nitems < ITEMS_MAX)
		items[nitems++] = (struct item){ level, name, value, stamping };
}

/* All that the model knows to bring a message, from its rows. */
static void make_items(void)
{
	const int soft = SOF_RX_SOFTWARE | SOF_SOFTWARE;

	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; i < (*l)->n; i++) {
			const struct cmsg_type *t = &(*l)->types[i];
			const struct sock_opt_row *o;

			if (t->recv.from <= FROM_UNSUMMED || t->recv.from == FROM_STAMPS ||
			    t->recv.from == FROM_ERROR || t->recv.option == OPT_SO_PASSRIGHTS)
				continue;
			o = cmsg_opt_row(cmsg_type_opt(t));
			add_item(o->level, o->optname, 1, false);
		}
	}
	add_item(SOL_SOCKET, SO_TIMESTAMPING, soft, true);
	add_item(SOL_SOCKET, O_SO_TIMESTAMPING_NEW, soft, true);
	add_item(SOL_SOCKET, SO_TIMESTAMPING, soft | SOF_OPT_CMSG, true);
	add_item(SOL_SOCKET, SO_TIMESTAMPING, SOF_SOFTWARE, true);
	for (int name = 29; name <= 64; name++) {
		if (name == 29 || name == 35 ||
		    name >= 63) /* SO_TIMESTAMP, -NS, and the new ones */
			add_item(SOL_SOCKET, name, 1, false);
	}
}

static bool switch_on(struct probe *p, const struct item *it, size_t *at)
{
	const int value = it->stamping ? it->value | p->lane.stamping : it->value;

	if (setsockopt(p->lane.to, it->level, it->name, &value, sizeof(value)))
		return false;
	*at += (size_t)snprintf(p->mix + *at, sizeof(p->mix) - *at, " %d/%d=%d", it->level,
				it->name, value);
	if (*at >= sizeof(p->mix))
		*at = sizeof(p->mix) - 1;
	return true;
}

/* ---- receives ---- */

static void close_received(const struct event *ev, const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];
		int fd;

		if (c->level != L_SOCKET || (c->type != T_RIGHTS && c->type != T_PIDFD) ||
		    !sock_kind_is_unix(sock_kind(ev->sock)))
			continue;
		for (uint32_t k = 0; k + sizeof(fd) <= c->data_len; k += sizeof(fd)) {
			memcpy(&fd, c->data + k, sizeof(fd));
			if (fd > 2)
				close(fd);
		}
	}
}

static bool wait_for(struct lane *l)
{
	struct pollfd fd = { .fd = l->to, .events = l->flags & MSG_ERRQUEUE ? 0 : POLLIN };

	return poll(&fd, 1, WAIT_MS) > 0;
}

/* recvmsg() by a 64-bit call; h as it came back. */
static long receive64(struct probe *p, struct msghdr *h, int flags)
{
	struct iovec iov = { .iov_base = p->low->data, .iov_len = sizeof(p->low->data) };
	ssize_t r;

	h->msg_iov = &iov;
	h->msg_iovlen = 1;
	r = recvmsg(p->lane.to, h, flags);
	h->msg_iov = NULL;
	return r < 0 ? -errno : r;
}

static long receive32(struct probe *p, struct msghdr *h, int flags)
{
	struct low *low = p->low;
	long r;

	low->iov = (struct iovec32){ pointer32(low->data), sizeof(low->data) };
	low->msg = (struct msghdr32){ .name = pointer32(h->msg_name),
				      .namelen = (int32_t)h->msg_namelen,
				      .iov = pointer32(&low->iov),
				      .iovlen = 1,
				      .control = pointer32(h->msg_control),
				      .controllen = (uint32_t)h->msg_controllen };
	r = i386_call(I386_RECVMSG, p->lane.to, &low->msg, flags, 0, NULL);
	h->msg_namelen = (socklen_t)low->msg.namelen;
	h->msg_controllen = low->msg.controllen;
	h->msg_flags = (int)low->msg.flags;
	return r;
}

/* The call as the tracer would see it. */
static void see(struct probe *p, size_t room, const struct msghdr *h)
{
	const uint32_t namelen = p->nameless ? 0 : h->msg_namelen;

	arena_reset(&p->ev->arena);
	p->ev->flags = (uint32_t)p->lane.flags | MSG_DONTWAIT;
	p->msg = (struct msg){
		.in = { .have = true,
			.controllen = room,
			.control_ptr = (uintptr_t)p->low->control,
			.name_ptr = (uintptr_t)h->msg_name,
			.namelen = p->nameless ? 0 : sizeof(p->low->name) },
		.out = { .have = true,
			 .controllen = h->msg_controllen,
			 .control_ptr = (uintptr_t)p->low->control,
			 .flags = (uint32_t)h->msg_flags,
			 .name = { .p = (unsigned char *)&p->low->name,
				   .len = namelen,
				   .claimed = namelen },
			 .control = { .p = p->low->control,
				      .len = h->msg_controllen,
				      .claimed = h->msg_controllen } },
	};
	cmsg_walk(p->ev, &p->msg);
}

/* Receives with that much room.  False: nothing came. */
static bool receive(struct probe *p, size_t room)
{
	struct msghdr h;
	long r;

	if (p->lane.takes && !lane_send(&p->lane))
		return false;
	for (;;) {
		const int flags = p->lane.flags | MSG_DONTWAIT;

		h = (struct msghdr){ .msg_name = p->nameless ? NULL : &p->low->name,
				     .msg_namelen = p->nameless ? 0 : sizeof(p->low->name),
				     .msg_control = p->low->control,
				     .msg_controllen = room };
		r = p->ev->abi == abi_native() ? receive64(p, &h, flags) : receive32(p, &h, flags);
		if (r >= 0)
			break;
		errno = (int)-r;
		if (r != -EAGAIN || !wait_for(&p->lane))
			return false;
	}
	p->ev->result = r;
	see(p, room, &h);
	close_received(p->ev, &p->msg);
	p->score->received++;
	p->score->cut += (h.msg_flags & MSG_CTRUNC) != 0;
	return true;
}

/* ---- the model's word against the kernel's ---- */

#define WRONG(p, ...) (snprintf((p)->why, sizeof((p)->why), __VA_ARGS__), false)

static const struct cmsg *came(const struct msg *m, int32_t level, int32_t type)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == level && m->cmsg[i].type == type)
			return &m->cmsg[i];
	}
	return NULL;
}

static const struct cut_row *row_of(const struct cut *cut, int32_t level, int32_t type)
{
	for (unsigned int i = 0; i < cut->n; i++) {
		if (cut->v[i].level == level && cut->v[i].type == type)
			return &cut->v[i];
	}
	return NULL;
}

/* Everything had room: order and sizes. */
static bool check_whole(struct probe *p)
{
	struct recv_expect v[RECV_EXPECT_MAX];
	struct truth *t = &p->truth;
	bool sure;
	unsigned int n = recv_expected(p->ev->sock, p->ev->abi, p->lane.t->packet, p->release, v,
				       &sure),
		     at = 0;

	*t = (struct truth){ 0 };
	for (uint32_t i = 0; i < p->msg.ncmsg && t->n < TRUTH_MAX; i++) {
		const struct cmsg *c = &p->msg.cmsg[i];
		const uint32_t size = (uint32_t)(c->len - cmsg_hdr_size(p->ev->abi));

		t->v[t->n].level = c->level;
		t->v[t->n].type = c->type;
		t->v[t->n++].size = size;
		t->sum += cmsg_space_of(p->ev->abi, size);
		t->least = t->sum - (cmsg_align(p->ev->abi, size) - size);
		for (; at < n && (v[at].level != c->level || v[at].type != c->type); at++) {
			if (v[at].always)
				return WRONG(p, "%s did not come in its place", v[at].name);
		}
		if (at == n)
			return WRONG(p, "level %d type %d came unexpectedly, or out of order",
				     c->level, c->type);
		if (recv_in_vain(p->ev->sock, v[at].option))
			return WRONG(p, "%s came, and what asks for it is told to be in vain",
				     v[at].name);
		if (v[at].varies ? size < v[at].size || (v[at].most && size > v[at].most)
				 : size != v[at].size)
			return WRONG(p, "%s has %u bytes, expected %u", v[at].name, size,
				     v[at].size);
		at++;
	}
	for (; at < n; at++) {
		if (v[at].always)
			return WRONG(p, "%s did not come", v[at].name);
	}
	return true;
}

/* Is what was cut, lost or whole told as it is?  *at_times: one is lost of those that need not come. */
static bool check_rows(struct probe *p, const struct cut *cut, bool *at_times, bool *open_end)
{
	for (unsigned int i = 0; i < p->truth.n; i++) {
		const int32_t level = p->truth.v[i].level, type = p->truth.v[i].type;
		const struct cut_row *row = row_of(cut, level, type);
		const struct cmsg *c = came(&p->msg, level, type);
		const bool whole = c && c->len - cmsg_hdr_size(p->ev->abi) == p->truth.v[i].size;

		if (!row)
			return WRONG(p, "level %d type %d is not spoken of", level, type);
		if (whole && row->came == CUT_PART && row->size != row->least)
			*open_end = true; /* of what varies the end of the buffer may be its end */
		else if (whole ? row->came != CUT_WHOLE : row->came == CUT_WHOLE)
			return WRONG(p, "%s is %s, told to be %s", row->name,
				     whole ? "whole" : "lost or cut", whole ? "cut" : "whole");
		if (!whole && !cut_needed(row)) {
			if (row->always || row->came == CUT_NEVER)
				return WRONG(p, "%s is lost, and not named", row->name);
			*at_times = true;
		}
		if (!whole && row->size < p->truth.v[i].size && !row->no_limit)
			return WRONG(p, "%s has %u bytes, told to have %u", row->name,
				     p->truth.v[i].size, row->size);
		*open_end |= !whole && row->size != p->truth.v[i].size;
	}
	return true;
}

/* Nothing that was not there may be named as lost. */
static bool check_named(struct probe *p, const struct cut *cut)
{
	for (unsigned int i = 0; i < cut->n; i++) {
		const struct cut_row *row = &cut->v[i];
		bool there = false;

		if (!cut_needed(row) || row->came == CUT_WHOLE)
			continue;
		for (unsigned int k = 0; k < p->truth.n && !there; k++)
			there = p->truth.v[k].level == row->level &&
				p->truth.v[k].type == row->type;
		if (!there)
			return WRONG(p, "%s is named, and did not come", row->name);
	}
	return true;
}

static bool check_receive(struct probe *p, size_t room, bool fds_known)
{
	const bool cut_short = p->msg.out.flags & F_CTRUNC;
	struct cut_room now, later;
	bool at_times = false, open_end = false;
	struct cut cut;

	if (cut_short != (room < p->truth.least))
		return WRONG(p, "%s, though %llu bytes are needed", cut_short ? "cut" : "not cut",
			     (unsigned long long)p->truth.least);
	cut_of(p->ev, &p->msg, p->release, fds_known ? p->lane.t->fds : -1, &cut);
	if (!check_rows(p, &cut, &at_times, &open_end))
		return false;
	if (!cut_short)
		return true;
	if (!check_named(p, &cut))
		return false;
	now = cut_room(p->ev->abi, &cut, true);
	later = cut_room(p->ev->abi, &cut, false);
	if (now.sum + (at_times ? later.sum : 0) < p->truth.sum && !now.no_limit && !later.no_limit)
		return WRONG(p, "%llu bytes are advised, %llu needed", (unsigned long long)now.sum,
			     (unsigned long long)p->truth.sum);
	if (!at_times && !open_end &&
	    (now.sum != p->truth.sum || now.sum - now.padding != p->truth.least))
		return WRONG(p, "%llu bytes are advised (%llu without padding), %llu would do",
			     (unsigned long long)now.sum,
			     (unsigned long long)(now.sum - now.padding),
			     (unsigned long long)p->truth.least);
	return true;
}

static void disagrees(struct probe *p, size_t room)
{
	if (p->score->wrong++ < SHOWN_MAX)
		printf("# %s, %s, room %zu%s:%s: %s\n", p->lane.t->name, p->ev->abi->name, room,
		       p->nameless ? ", no name" : "", p->mix, p->why);
}

/* ---- mixes ---- */

/* Facts of the receiving socket, as the tracer has them once all options are set. */
static bool learn(struct probe *p, uint64_t chosen)
{
	struct sock *s = facts_sock(p->facts, getpid(), p->lane.to, NULL);

	if (!s)
		return false;
	for (unsigned int i = 0; i < nitems; i++) {
		const struct sock_opt_row *r = &sock_opt_rows[OPT_SO_INQ];

		/* no getsockopt() tells it: the tracer sees it being set */
		if (items[i].level == r->level && items[i].name == r->optname &&
		    sock_kind(s) == SOCK_KIND_UNIX_STREAM)
			sock_opt_set(s, OPT_SO_INQ, chosen >> i & 1);
	}
	p->ev->sock = s;
	p->ev->fd = p->lane.to;
	return true;
}

static void try_rooms(struct probe *p)
{
	p->nameless = false;
	if (!receive(p, sizeof(p->low->control))) {
		p->stuck = true;
		snprintf(p->why, sizeof(p->why), "nothing arrives: %s", strerror(errno));
		disagrees(p, sizeof(p->low->control));
		return;
	}
	if (!check_whole(p)) {
		disagrees(p, sizeof(p->low->control));
		return;
	}
	for (size_t room = 0; room <= ROOM_MAX && room <= p->truth.sum + BEYOND; room++) {
		p->nameless = room & 2; /* bit 0: is it known how many descriptors were sent? */
		if (!receive(p, room)) {
			p->stuck = true;
			snprintf(p->why, sizeof(p->why), "nothing arrives: %s", strerror(errno));
			disagrees(p, room);
			return;
		}
		if (!check_receive(p, room, p->lane.t->fds && room % 2))
			disagrees(p, room);
	}
}

/* One set of options: bit i is items[i]. */
static void try_mix(struct probe *p, const struct traffic *t, uint64_t chosen)
{
	unsigned int on = 0;
	size_t at = 0;

	if (p->stuck || !lane_open(&p->lane, t)) {
		lane_close(&p->lane);
		return;
	}
	p->mix[0] = 0;
	for (unsigned int i = 0; i < nitems; i++) {
		if (chosen >> i & 1) {
			if (switch_on(p, &items[i], &at))
				on++;
			else
				chosen &= ~(1ULL << i);
		}
	}
	if (on && (p->lane.takes || lane_send(&p->lane)) && learn(p, chosen)) {
		p->score->mixes++;
		try_rooms(p);
		sock_unref(p->ev->sock);
		p->ev->sock = NULL;
	}
	lane_close(&p->lane);
}

static void try_kind(struct probe *p, const struct traffic *t)
{
	const uint64_t all = nitems < 64 ? (1ULL << nitems) - 1 : UINT64_MAX;
	uint64_t rng = seed ^ (uint64_t)(t - traffics);
	bool there = lane_open(&p->lane, t);

	p->stuck = false;
	if (!there) {
		p->score->missing = true;
		snprintf(p->score->why, sizeof(p->score->why), "%s", strerror(errno));
	}
	lane_close(&p->lane);
	if (!there)
		return;
	for (unsigned int i = 0; i < nitems; i++)
		try_mix(p, t, 1ULL << i);
	try_mix(p, t, all);
	for (unsigned int i = 0; i < mixes_wanted; i++)
		try_mix(p, t, random_next(&rng) & (i % 2 ? random_next(&rng) : all));
}

/* ---- the run ---- */

/*
 * What the first socket switches on in the kernel and the last one off stays on for the whole run: stamps begin
 * a moment late, and each change patches the kernel's code, in which qemu 7.2 with two processors comes to hang.
 */
static void warm_up(void)
{
	static const int domains[] = { AF_INET, AF_INET6 };
	const int on = 1;

	for (unsigned int i = 0; i < 2; i++) {
		int fd = socket(domains[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);

		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
		setsockopt(fd, IPPROTO_UDP, NAME_UDP_GRO, &on, sizeof(on));
	}
	usleep(WARM_US);
}

static bool small_mtu(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_mtu = MTU };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !ioctl(fd, SIOCSIFMTU, &r);

	if (fd >= 0)
		close(fd);
	return ok;
}

static const char *work(unsigned int worker, struct score *scores)
{
	static struct probe p;

	const char *why = arena_enter(), *only = getenv("RECEIVE_KINDS");
	const bool compat = runs_i386();
	char kernel[300];
	struct utsname u;

	if (why)
		return why;
	if (!small_mtu())
		return "the loopback interface's MTU can't be set";
	uname(&u);
	model_kernel_name(u.release, u.version, kernel, sizeof(kernel));
	p.release = model_release(kernel);
	p.facts = facts_new();
	p.ev = event_new();
	p.ev->kind = EVENT_CALL;
	p.ev->call = CALL_RECVMSG;
	p.ev->end = CALL_RETURNED;
	p.ev->tid = p.ev->tgid = getpid();
	p.low = low_memory(sizeof(*p.low));
	for (unsigned int i = worker; i < ntraffics; i += WORKERS) {
		for (unsigned int k = 0; k < ABIS; k++) {
			p.score = &scores[i * ABIS + k];
			p.ev->abi = k ? abi_by_name("i386") : abi_native();
			if (only && !strstr(only, traffics[i].name))
				continue;
			if (k && !compat)
				*p.score = (struct score){ .missing = true, .why = NO_I386 };
			else
				try_kind(&p, &traffics[i]);
			p.score->done = true;
		}
	}
	return NULL;
}

static bool report(const struct score *scores)
{
	struct score all = { 0 };
	unsigned int tests = 0;
	bool ok = true;

	for (unsigned int i = 0; i < ntraffics * ABIS; i++) {
		const struct score *t = &scores[i];
		const char *name = traffics[i / ABIS].name, *abi = i % ABIS ? ", i386" : "";

		if (!t->done && getenv("RECEIVE_KINDS"))
			continue;
		if (t->missing) {
			printf("ok %u - %s%s # SKIP not proven: %s\n", ++tests, name, abi, t->why);
			continue;
		}
		ok &= t->done && !t->wrong && t->received;
		printf("%sok %u - %s%s: what is told of a receive is so (%llu receives, %llu cut short, "
		       "%llu sets of options, %llu wrong)\n",
		       t->done && !t->wrong && t->received ? "" : "not ", ++tests, name, abi,
		       (unsigned long long)t->received, (unsigned long long)t->cut,
		       (unsigned long long)t->mixes, (unsigned long long)t->wrong);
		all.received += t->received;
		all.cut += t->cut;
		all.wrong += t->wrong;
	}
	printf("# all: %llu receives, %llu of them cut short, %llu wrong\n",
	       (unsigned long long)all.received, (unsigned long long)all.cut,
	       (unsigned long long)all.wrong);
	printf("1..%u\n", tests);
	return ok;
}

int main(int argc, char **argv)
{
	struct score *scores = mmap(NULL, sizeof(*scores) * KINDS_MAX * ABIS,
				    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *mixes = getenv("RECEIVE_MIXES");
	enum { SKIPPED = 77 };
	struct timespec t0, t1;
	struct utsname u;
	bool skipped = false, ok;
	int status;

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
	mixes_wanted = argc > 2 ? (unsigned int)atoi(argv[2])
		       : mixes  ? (unsigned int)atoi(mixes)
				: DEFAULT_MIXES;
	if (scores == MAP_FAILED || ntraffics > KINDS_MAX)
		return 99;
	setvbuf(stdout, NULL, _IOLBF, 4096);
	signal(SIGPIPE, SIG_IGN);
	make_items();
	warm_up();
	uname(&u);
	printf("# kernel %s, seed %llu\n", u.release, (unsigned long long)seed);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (unsigned int i = 0; i < WORKERS; i++) {
		fflush(stdout);
		if (!fork()) {
			const char *why = work(i, scores);

			if (why)
				printf("# %s\n", why);
			fflush(stdout);
			_exit(why ? SKIPPED : 0);
		}
	}
	while (wait(&status) > 0)
		skipped |= WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
	clock_gettime(CLOCK_MONOTONIC, &t1);
	if (skipped) {
		printf("1..0 # SKIP there is no namespace to receive in\n");
		return 0;
	}
	ok = report(scores);
	printf("# %ld seconds\n", (long)(t1.tv_sec - t0.tv_sec));
	return !ok;
}
