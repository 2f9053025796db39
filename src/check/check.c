// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engine: walk, model, conversations, rules, for each call that ended. */
#include "config.h"

#include "check/check.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "check/internal.h"
#include "cmsg/cmsg.h"
#include "event/ask.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

static void add_hooks(struct check *c)
{
	unsigned int ncall = 0, nsend = 0, nrecv = 0;

	for (int last = 0; last <= 1; last++) {
		for (struct rule_slot *s = c->slots; s < c->slots + c->nslots; s++) {
			if (s->rule->last != last)
				continue;
			if (s->rule->call)
				c->on_call[ncall++] = s;
			if (s->rule->send)
				c->on_send[nsend++] = s;
			if (s->rule->recv)
				c->on_recv[nrecv++] = s;
		}
	}
}

static void next_message(struct check *c, struct msg *m, unsigned int index)
{
	c->msg.m = m;
	c->msg.index = index;
	memset(c->msg.explained, 0, sizeof(c->msg.explained));
}

struct check *check_new(const struct check_opts *o)
{
	struct check *c = alloc_zeroed(1, sizeof(*c));
	size_t sock, peer;

	c->opts = *o;
	for (unsigned int i = 0; rules[i] && c->nslots < RULES_MAX; i++) {
		if (!o->wanted || o->wanted(o->wanted_ctx, rules[i]))
			c->slots[c->nslots++].rule = rules[i];
	}
	add_hooks(c);
	state_init(c, &sock, &peer);
	convo_table_init(&c->convos, sock, peer);
	findings_reset(c);
	return c;
}

void check_free(struct check *c)
{
	if (!c)
		return;
	findings_free(c);
	convo_table_free(&c->convos);
	state_free(c);
	alloc_free(c);
}

unsigned int check_needs(const struct check *c)
{
	unsigned int needs = 0;

	for (unsigned int i = 0; i < c->nslots; i++)
		needs |= c->slots[i].rule->needs;
	return needs;
}

static void run_call(struct check *c)
{
	for (struct rule_slot **s = c->on_call; (c->slot = *s); s++)
		c->slot->rule->call(c, c->slot->rule, c->msg.ev);
}

static void run_send(struct check *c)
{
	for (struct rule_slot **s = c->on_send; (c->slot = *s); s++)
		c->slot->rule->send(c, c->slot->rule, c->msg.ev, c->msg.m);
}

static void run_recv(struct check *c)
{
	for (struct rule_slot **s = c->on_recv; (c->slot = *s); s++)
		c->slot->rule->recv(c, c->slot->rule, c->msg.ev, c->msg.m);
}

static bool judged(const struct msg *m)
{
	return m->outcome != NULL;
}

static void count_tried(struct check *c)
{
	const struct msg *m = c->msg.m;
	struct convo *v = c->msg.convo;

	if (c->msg.left && v)
		v->answer = msg_was_changed(m) ? CONVO_AMENDED : CONVO_ANSWERED;
	if (!m->tried.what)
		return;
	if (!msg_was_changed(m)) {
		c->tried.failed++;
		if (!c->tried.why)
			c->tried.why = m->tried.failed;
		return;
	}
	c->tried.changed++;
	if (v && !v->amended) {
		v->amended = true;
		c->tried.peers++;
	}
}

/* Message m's sender was answered before: does it ask the same again? */
static void count_asked_again(struct check *c, const struct event *ev, const struct msg *m)
{
	struct inet peer = convo_sender(ev, m);
	struct addr from = inet_addr_of(&peer);
	struct convo *v = peer.family ? convo_find(&c->convos, ev, &from) : NULL;
	uint64_t what;
	bool known = m->niov && m->iov[0].data.len, same;

	if (!v || ev->flags & F_PEEK)
		return;
	what = known ? hash_bytes(hash_bytes(HASH_START, &m->len, sizeof(m->len)), m->iov[0].data.p,
				  m->iov[0].data.len)
		     : 0;
	same = known && v->asked_what_known && v->asked_what == what;
	if (v->answer == CONVO_AMENDED)
		*(same ? &c->tried.again : &c->tried.went_on) += 1;
	else if (v->answer == CONVO_ANSWERED && same)
		c->tried.again_before++;
	v->answer = CONVO_UNANSWERED;
	v->asked_what = what;
	v->asked_what_known = known;
}

/* What rules find of message i of a send. */
static void begin_send(struct check *c, struct event *ev, unsigned int i, bool left)
{
	bool udp = sock_kind_is_udp(c->msg.kind);
	struct check_msg *cm = &c->msg;
	struct msg *m = &ev->msg[i];

	if (!judged(m)) {
		struct model_env env = {
			.release = c->opts.release,
			.ask = c->ask,
			.pending = convo_pending(&c->convos, ev),
		};

		model_judge(ev, m, &env);
	}
	next_message(c, m, i);
	cm->left = left;
	cm->dest = model_dest(ev, m);

	enum model_path path = model_path(ev->sock, &cm->dest);

	cm->mapped = path == PATH_MAPPED;
	cm->path_known = path != PATH_UNKNOWN;
	cm->convo = udp ? convo_find(&c->convos, ev, &cm->dest) : NULL;
	cm->sock = udp ? convo_sock_find(&c->convos, ev) : NULL;
}

static void check_send(struct check *c, struct event *ev)
{
	unsigned int n = event_attempted(ev);
	bool udp = sock_kind_is_udp(c->msg.kind);

	for (unsigned int i = 0; i < n; i++) {
		struct check_msg *cm = &c->msg;
		struct msg *m = &ev->msg[i];

		begin_send(c, ev, i, event_handled(ev, i));
		if (udp && !cm->convo && cm->left) {
			cm->convo = convo_of_nameless(&c->convos, ev, &cm->dest);
			cm->sock = convo_sock_find(&c->convos, ev);
		}
		run_send(c);
		count_tried(c);
		if (udp)
			convo_sent(&c->convos, ev, cm->left);
		if (cm->convo && cm->left)
			convo_replied(&c->convos, ev, m, cm->convo);
		else if (udp && cm->left)
			convo_began(&c->convos, ev, m, &cm->dest);
	}
}

/* Where what we write to the sender of m leaves from; family 0: not known, or nothing hangs on it. */
static struct inet wrote_from(struct check *c, const struct event *ev, const struct msg *m)
{
	struct inet peer = convo_answers(&c->convos, ev, m);

	if (!peer.family)
		return peer;

	const struct addr to = inet_addr_of(&peer);
	const struct question q = model_route(ev, NULL, &to, 0);
	const struct answer *a = check_ask(c, &q);

	if (!a || a->result < 0 || a->route.err)
		return (struct inet){ 0 };
	peer = inet_of(&a->route.source);
	peer.port = 0;
	return peer;
}

static void check_recv(struct check *c, struct event *ev)
{
	bool udp = sock_kind_is_udp(c->msg.kind);

	for (unsigned int i = 0; i < ev->nmsg; i++) {
		struct msg *m = &ev->msg[i];

		if (!event_handled(ev, i))
			break;
		next_message(c, m, i);
		c->msg.left = true;
		c->msg.fds_sent = -1;
		if (udp) {
			struct inet from = wrote_from(c, ev, m);

			convo_received(&c->convos, ev, m, &from);
			if (c->opts.tries)
				count_asked_again(c, ev, m);
		}
		run_recv(c);
	}
}

static void begin_event(struct check *c, struct event *ev, const struct ask *ask)
{
	findings_reset(c);
	c->ask = ask;
	memset(&c->msg, 0, offsetof(struct check_msg, dest));
	c->msg.dest.len = 0;
	c->msg.convo = NULL;
	c->msg.ev = ev;
	c->msg.kind = sock_kind(ev->sock);
}

/* False where nothing of it would be changed. */
static bool amend(struct check *c, struct event *ev, unsigned int i)
{
	struct buf control = { 0 }, what = { 0 };
	struct remedy to = { .control = &control, .what = &what };
	struct msg *m = &ev->msg[i];

	cmsg_walk(ev, m);
	begin_send(c, ev, i, true);
	buf_add(&control, m->in.control.p, m->in.control.len);
	for (c->slot = c->slots; c->slot < c->slots + c->nslots; c->slot++) {
		if (c->slot->rule->remedied && c->opts.tries(c->opts.tries_ctx, c->slot->rule))
			c->slot->rule->remedied(c, c->slot->rule, m, &to);
	}
	if (what.len) {
		m->tried.what = arena_printf(&ev->arena, "%s", buf_cstr(&what));
		m->tried.source = to.source;
		m->tried.control = (struct bytes){
			.p = arena_memdup(&ev->arena, control.p, control.len),
			.len = control.len,
			.claimed = control.len,
		};
	}
	buf_free(&control);
	buf_free(&what);
	/* at its end it is judged anew: the socket may be known better then */
	m->walked = false;
	m->cmsg = NULL;
	m->ncmsg = m->tail_off = m->tail_len = 0;
	m->verdict = NULL;
	m->outcome = NULL;
	m->route.have = false;
	return m->tried.what;
}

void check_amend(struct check *c, struct event *ev, const struct ask *ask)
{
	if (!c->opts.tries || !call_sends(ev->call) || !ev->sock)
		return;
	begin_event(c, ev, ask);
	for (unsigned int i = 0; i < ev->nmsg; i++) {
		const struct hdr *h = &ev->msg[i].in;

		/* all of it is known, and whole */
		if (h->have && h->control.len == h->controllen && amend(c, ev, i))
			break;
	}
	c->ask = NULL;
}

const struct check_tried *check_tried(const struct check *c)
{
	return &c->tried;
}

const struct finding *check_event(struct check *c, struct event *ev, const struct ask *ask)
{
	findings_reset(c);
	if (ev->kind != EVENT_CALL || ev->end != CALL_RETURNED || event_restarts(ev))
		return NULL;
	begin_event(c, ev, ask);
	if (call_rows[ev->call].flags & CALL_STATE)
		convo_changed(&c->convos, ev);
	if (ev->call == CALL_CONNECT && sock_kind_is_udp(c->msg.kind)) {
		c->msg.dest = addr_of(ev->opt.p, ev->opt.len);
		c->msg.convo = convo_find(&c->convos, ev, &c->msg.dest);
		c->msg.sock = convo_sock_find(&c->convos, ev);
	}
	run_call(c);
	if (call_sends(ev->call))
		check_send(c, ev);
	else if (call_receives(ev->call) && ev->result >= 0)
		check_recv(c, ev);
	c->ask = NULL;
	return c->first;
}

/* Of a process the leader's end is the last, whichever thread ended first. */
void check_ended(struct check *c, const struct event *ev)
{
	if ((ev->kind == EVENT_EXITED || ev->kind == EVENT_KILLED) && ev->tid == ev->tgid)
		state_exited(c, ev);
}

const struct finding *check_end(struct check *c)
{
	findings_reset(c);
	memset(&c->msg, 0, sizeof(c->msg));
	for (c->slot = c->slots; c->slot < c->slots + c->nslots; c->slot++) {
		if (c->slot->rule->end)
			c->slot->rule->end(c, c->slot->rule);
	}
	return c->first;
}

const struct check_place *const *check_places(const struct check *c, size_t *n)
{
	*n = c->nlist;
	return (const struct check_place *const *)c->list;
}

uint64_t check_unlisted(const struct check *c)
{
	return c->unlisted;
}

uint64_t check_count(const struct check *c, enum severity at_least)
{
	uint64_t n = 0;

	for (int s = (int)at_least; s <= SEVERITY_ERROR; s++)
		n += c->counts[s];
	return n;
}

const struct check_skip *check_skips(const struct check *c, size_t *n)
{
	*n = c->nskips;
	return c->skips;
}

const struct convo_table *check_convos(const struct check *c)
{
	return &c->convos;
}

const struct check_msg *check_msg(const struct check *c)
{
	return &c->msg;
}

void check_fds_sent(struct check *c, uint32_t n)
{
	c->msg.fds_sent = n;
}

const struct answer *check_ask(struct check *c, const struct question *q)
{
	return event_ask(c->msg.ev, c->ask, q);
}

int check_is_local(struct check *c, const struct addr *a)
{
	const struct question q = { .kind = ASK_IS_LOCAL, .addr = *a };
	const struct answer *answer = check_ask(c, &q);

	return answer ? answer->result : -ENODATA;
}

const char *check_ifname(struct check *c, uint32_t index)
{
	return index && c->msg.ev ? event_ifname(c->msg.ev, c->ask, index) : NULL;
}

uint32_t check_release(const struct check *c)
{
	return c->opts.release;
}

bool check_other_kernel(const struct check *c)
{
	return c->opts.other_kernel;
}

struct convo_sock *check_sock(struct check *c)
{
	return convo_sock_get(&c->convos, c->msg.ev);
}

struct convo_sock *check_sock_known(struct check *c)
{
	return convo_sock_find(&c->convos, c->msg.ev);
}

const struct convo_peer *check_elsewhere(struct check *c)
{
	return convo_elsewhere(&c->convos, c->msg.ev, &c->msg.dest);
}

bool check_elsewhere_waits(struct check *c, const struct convo_peer *p)
{
	return convo_peer_waits(&c->convos, p);
}

const struct route_fact *check_route(struct check *c, const struct rule *r)
{
	struct msg *m = c->msg.m;
	struct route_fact *route = &m->route;

	if (!route->have) {
		const struct question q =
			model_route(c->msg.ev, m, &c->msg.dest, m->outcome ? m->outcome->oif : 0);
		const struct answer *a = check_ask(c, &q);

		if (!a || a->result < 0) {
			if (r)
				rule_skipped(c, r, "the routing table could not be asked");
			return NULL;
		}
		*route = a->route;
		route->have = true;
	}
	if (route->err || !addr_is_inet(&route->source)) {
		if (r)
			rule_skipped(c, r, "the routing table gave no source address");
		return NULL;
	}
	return route;
}
