// SPDX-License-Identifier: LGPL-2.1-or-later
/* The judgement of one send: walks its control messages as the kernel's parsers do.  Pure. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>

#include "kernel/parser.h"

/* ---- one control message ---- */

/* What the parser of l does with such a message; NULL: it has none of that type. */
static const struct cmsg_send *send_find(const struct judge *j, const struct level *l)
{
	const struct cmsg_type *t = j->c->row;
	const struct cmsg_send *s = t ? cmsg_type_send(t, l->by) : NULL;

	if (!s || !release_has(j->release, s->since ? s->since : t->since, t->stable))
		return NULL;
	return s->until && s->until <= j->release ? NULL : s;
}

static void range_check(struct judge *j, const struct cmsg_send *s)
{
	int32_t v;

	if (j->payload == 1) {
		const unsigned char *d = judge_data(j, 1);

		if (!d)
			return;
		v = *d;
	} else if (!judge_int(j, &v)) {
		return;
	}
	if (v < s->lo || v > s->hi)
		judge_reject(j, CHECK_VALUE, EINVAL, s->range_why);
}

/* Returns what applied, or NULL. */
static const struct cmsg_send *judge_one(struct judge *j, const struct level *l)
{
	const struct cmsg_send *s = send_find(j, l);

	j->kernel = l->kernel;
	if (l->unsure) {
		judge_unknown(j, "it depends on the destination or state, which is not known");
		j->v->unplaced = true;
		return NULL;
	}
	if (!s) {
		if (l->skips_unknown)
			judge_ignore(j, WHY_FAMILY, l->unknown);
		else
			judge_reject(j, CHECK_TYPE, EINVAL, l->unknown);
		return NULL;
	}
	*j->v = (struct verdict){ .what = VERDICT_ACCEPT, .why = s->does, .kernel = l->kernel };
	if (s->before)
		s->before(j);
	if (judge_passed(j) && !cmsg_send_fits(j->c->row, s, j->payload))
		judge_reject(j, CHECK_SIZE, EINVAL, s->size_why);
	if (judge_passed(j) && s->range_why)
		range_check(j, s);
	if (judge_passed(j) && s->check)
		s->check(j);
	if (j->v->what == VERDICT_ACCEPT && (s->idle >> j->kind & 1))
		judge_ignore(j, WHY_NO_EFFECT, s->idle_why);
	return s;
}

static const struct level *level_find(const struct judge *j, const struct pass *p, int32_t level)
{
	for (const struct level *const *l = p->levels; *l; l++) {
		if ((*l)->level == level && (*l)->since <= j->release)
			return *l;
	}
	return NULL;
}

static bool malformed(const struct judge *j, const struct cmsg *c)
{
	return c->len < cmsg_hdr_size(j->ev->abi) || c->len > j->m->in.controllen - c->offset;
}

/* Of the current message: the call ends here. */
static void blame(struct judge *j)
{
	judge_fail(j, j->v->err, j->v->why, j->v->kernel);
	j->out->cmsg = (int)j->i;
}

/* One loop of the kernel; false where it ended the call.  slots: what each one may replace. */
static bool run_pass(struct judge *j, const struct pass *p, uint8_t *slots)
{
	for (j->i = 0; j->i < j->m->ncmsg; j->i++) {
		j->c = &j->m->cmsg[j->i];
		j->v = &j->m->verdict[j->i];
		if (malformed(j, j->c)) {
			j->kernel = p->kernel;
			judge_reject(j, CHECK_LIST, EINVAL,
				     j->c->len < cmsg_hdr_size(j->ev->abi)
					     ? "cmsg_len is less than a header"
					     : "cmsg_len goes beyond the control data");
			blame(j);
			return false;
		}

		const struct level *l = level_find(j, p, j->c->level);

		if (!l)
			continue;
		j->payload = j->c->len - cmsg_hdr_size(j->ev->abi);

		const struct cmsg_send *s = judge_one(j, l);

		slots[j->i] = s ? s->slot : SLOT_NONE;
		if (j->v->what == VERDICT_REJECT) {
			blame(j);
			return false;
		}
	}
	return true;
}

/* ---- the whole message ---- */

static void mark_unread(struct judge *j, const struct parser *p)
{
	const bool any = p->npasses && p->since <= j->release;

	for (uint32_t i = 0; i < j->m->ncmsg; i++) {
		struct verdict *v = &j->m->verdict[i];
		const int32_t level = j->m->cmsg[i].level;
		const bool family = any && p->family_why && level == p->family;

		v->what = VERDICT_IGNORE;
		v->ignored = !any ? WHY_NO_PARSER : family ? WHY_FAMILY : WHY_LEVEL;
		v->why = family ? p->family_why : p->ignores;
		v->kernel = any ? p->passes[p->npasses - 1].kernel : NULL;
	}
}

/* Messages that a parser would have read, had it come so far. */
static void mark_not_reached(struct judge *j, const struct parser *p, unsigned int pass,
			     uint32_t from)
{
	for (; pass < p->npasses; pass++, from = 0) {
		for (uint32_t i = from; i < j->m->ncmsg; i++) {
			if (level_find(j, &p->passes[pass], j->m->cmsg[i].level) &&
			    j->m->verdict[i].what != VERDICT_REJECT)
				j->m->verdict[i] = (struct verdict){
					.what = VERDICT_NOT_REACHED,
					.why = "an earlier error ended the parsing"
				};
		}
	}
}

static void mark_all(struct judge *j, enum verdict_what what, enum verdict_why ignored,
		     const char *why)
{
	for (uint32_t i = 0; i < j->m->ncmsg; i++)
		j->m->verdict[i] = (struct verdict){ .what = what,
						     .ignored = ignored,
						     .unplaced = what == VERDICT_UNKNOWN,
						     .why = why };
}

/* The last of a kind wins; of pktinfos, source and interface may come from different ones. */
static void mark_overridden(struct judge *j, const uint8_t *slots)
{
	uint32_t seen = 0;

	for (uint32_t i = j->m->ncmsg; i--;) {
		struct verdict *v = &j->m->verdict[i];
		const uint32_t bit = 1U << slots[i];

		if (!slots[i] || v->what != VERDICT_ACCEPT)
			continue;
		if ((seen & bit) &&
		    (slots[i] != SLOT_PKTINFO || ((int)i != j->source_by && (int)i != j->oif_by))) {
			v->what = VERDICT_IGNORE;
			v->ignored = WHY_OVERRIDDEN;
			v->why = "a later one of the same kind wins";
		}
		seen |= bit;
	}
}

static void judge_list(struct judge *j, const struct parser *p)
{
	uint8_t one = 0;
	uint8_t *slots = j->m->ncmsg > 1 ? arena_alloc(&j->ev->arena, j->m->ncmsg) : &one;

	mark_unread(j, p);
	if (p->since > j->release)
		return;
	for (unsigned int pass = 0; pass < p->npasses && !j->out->err; pass++) {
		if (!run_pass(j, &p->passes[pass], slots))
			mark_not_reached(j, p, pass, j->i + 1);
	}
	if (p->late && !j->out->err)
		p->late(j);
	if (p->state)
		p->state(j);
	if (!j->out->err && j->m->ncmsg > 1)
		mark_overridden(j, slots);
}

static bool corked(struct judge *j)
{
	if (!sock_kind_is_udp(j->kind))
		return false;
	if (j->env->pending == PENDING_YES) {
		mark_all(j, VERDICT_IGNORE, WHY_CORKED,
			 "data is waiting for more (UDP_CORK, MSG_MORE): nothing is parsed");
		return true;
	}
	if (j->env->pending == PENDING_UNKNOWN && judge_opt(j, OPT_UDP_CORK) == YES) {
		mark_all(j, VERDICT_UNKNOWN, WHY_NONE,
			 "UDP_CORK is on, and it is not known whether data is waiting");
		j->doubt = true;
		return true;
	}
	return false;
}

static void judge_message(struct judge *j)
{
	const struct parser *p =
		parser_of(j->kind, j->path, sock_opt(j->sk, OPT_TCP_ULP), j->ev->flags);

	if (!p) {
		j->doubt = true;
		mark_all(j, VERDICT_UNKNOWN, WHY_NONE, "the kind of socket is not known");
		return;
	}
	if (!judge_header(j)) {
		mark_all(j, VERDICT_NOT_REACHED, WHY_NONE, "the msghdr was refused");
		if (j->out->cmsg >= 0)
			j->m->verdict[j->out->cmsg] = (struct verdict){ .what = VERDICT_REJECT,
									.check = CHECK_LIST,
									.err = j->out->err,
									.why = j->out->why,
									.kernel = j->out->kernel };
		return;
	}
	if (corked(j))
		return;
	if (!judge_dest(j)) {
		mark_all(j, VERDICT_NOT_REACHED, WHY_NONE, "the destination or state was refused");
		return;
	}
	judge_list(j, p);
}

void model_judge(struct event *ev, struct msg *m, const struct model_env *env)
{
	struct judge j = {
		.ev = ev,
		.m = m,
		.sk = ev->sock,
		.kind = sock_kind(ev->sock),
		.dest = model_dest(ev, m),
		.env = env,
		.release = env->release ? env->release : UINT32_MAX,
		.source_by = -1,
		.oif_by = -1,
		.gso_by = -1,
		.options_by = -1,
		.flow_by = -1,
		.dmabuf_by = -1,
		.txtime_by = -1,
		.hopopts_by = -1,
		.dst0_by = -1,
		.dst1_by = -1,
		.rthdr_by = -1,
	};

	j.path = model_path(ev->sock, &j.dest);
	m->outcome = arena_new(&ev->arena, struct outcome);
	m->verdict = m->ncmsg ? arena_array(&ev->arena, struct verdict, m->ncmsg) : NULL;
	j.out = m->outcome;
	j.out->cmsg = -1;
	j.out->gso = -1;
	if (!ev->abi)
		j.doubt = true;
	else
		judge_message(&j);
	j.out->known = !j.doubt;
}

void model_send(struct event *ev, struct msg *m, uint32_t release)
{
	const struct model_env env = { .release = release };

	model_judge(ev, m, &env);
}

/* ---- where it goes ---- */

struct addr model_dest(const struct event *ev, const struct msg *m)
{
	static const struct addr unknown;
	const struct hdr *h = &m->in;
	const enum sock_kind kind = sock_kind(ev->sock);

	if (h->name_ptr && h->namelen > 0) {
		struct addr a = addr_of(h->name.p, h->name.len);

		if (addr_family(&a) != AF_UNSPEC || !h->name.p)
			return a;
		if (kind == SOCK_KIND_UDP4 || kind == SOCK_KIND_UDPLITE4 || kind == SOCK_KIND_RAW4)
			a.family = AF_INET;
		if (kind != SOCK_KIND_UDP6 && kind != SOCK_KIND_UDPLITE6)
			return a;
	}
	return ev->sock && (ev->sock->has & SOCK_HAS_PEER) ? ev->sock->peer : unknown;
}

enum model_path model_path(const struct sock *s, const struct addr *dest)
{
	const enum sock_kind kind = sock_kind(s);

	if (kind == SOCK_KIND_UNKNOWN)
		return PATH_UNKNOWN;
	if (kind != SOCK_KIND_UDP6 && kind != SOCK_KIND_UDPLITE6)
		return PATH_NATIVE;
	if (!addr_is_inet(dest))
		return PATH_UNKNOWN;
	if (addr_is_v4(dest))
		return PATH_MAPPED;
	/* :: is 127.0.0.1 for a socket that is bound to a v4-mapped address */
	return addr_is_wildcard(dest) && addr_is_mapped(&s->local) ? PATH_MAPPED : PATH_NATIVE;
}
