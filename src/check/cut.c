// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a receive brought, and what it needs room for.  Kernel: net/core/scm.c put_cmsg(), scm_detach_fds() */
#include "config.h"

#include "check/cut.h"

#include "base/buf.h"
#include "check/internal.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

static enum recv_packet family_of(const struct addr *a)
{
	return !addr_is_inet(a) ? RECV_ANY : addr_is_v4(a) ? RECV_V4 : RECV_V6;
}

/* Without a name to tell: where the socket takes packets of one family only, else by what came. */
static enum recv_packet packet_unnamed(const struct event *ev, const struct msg *m)
{
	const struct sock *s = ev->sock;

	if (s && s->peer.len)
		return family_of(&s->peer);
	if (s && s->local.len && !addr_is_wildcard(&s->local))
		return family_of(&s->local);
	if (sock_opt(s, OPT_IPV6_V6ONLY))
		return RECV_V6;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (cm->level == L_IP)
			return RECV_V4;
		if (cm->level == L_IPV6 && cm->type != T_IPV6_PKTINFO)
			return RECV_V6;
	}
	return RECV_ANY;
}

static enum recv_packet packet_of(const struct event *ev, const struct msg *m)
{
	struct addr from = addr_of(m->out.name.p, m->out.name.len);

	if ((ev->flags & F_ERRQUEUE) || (m->out.flags & F_ERRQUEUE))
		return RECV_ERRORS;
	return addr_is_inet(&from) ? family_of(&from) : packet_unnamed(ev, m);
}

static const struct cmsg *find(const struct msg *m, int32_t level, int32_t type)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == level && m->cmsg[i].type == type)
			return &m->cmsg[i];
	}
	return NULL;
}

bool cut_is_rights(const struct cut_row *row)
{
	return row->level == L_SOCKET && row->type == T_RIGHTS;
}

/*
 * May more of it have been cut?  Of descriptors as many are written as fit, and the padding may have room for
 * another.
 */
static bool ends_the_buffer(const struct msg *m, const struct cmsg *cm)
{
	uint64_t end = cm->offset + cm->len;

	if (!(m->out.flags & F_CTRUNC) || cm != &m->cmsg[m->ncmsg - 1])
		return false;
	if (m->in.unseen & HDR_UNSEEN_ROOM)
		return true;
	return sizes_is_rights(cm) ? m->in.controllen - end < sizeof(int) : end >= m->in.controllen;
}

/* A message that is expected, and the one that came, if any. */
static void fill(struct cut_row *row, const struct recv_expect *e, const struct event *ev,
		 const struct msg *m, const struct cmsg *cm)
{
	const bool varies = e->most != e->size;
	const uint32_t came = cm ? sizes_payload(ev, cm) : 0;

	*row = (struct cut_row){ .level = e->level,
				 .type = e->type,
				 .name = e->name,
				 .always = e->always,
				 .with_icmp = e->with_icmp,
				 .least = e->size,
				 .size = e->most          ? e->most
					 : came > e->size ? came
							  : e->size,
				 .came = CUT_LOST };
	if (!cm || cm->faults & ~CMSG_FAULT_NOT_READ) {
		row->no_limit = !e->most;
	} else if (came < e->size || (varies && ends_the_buffer(m, cm))) {
		row->came = CUT_PART;
		row->no_limit = !e->most;
	} else {
		row->came = CUT_WHOLE;
		row->size = came;
	}
}

/* Of descriptors it may be known how many were passed. */
static void fill_rights(struct cut_row *row, int64_t fds_sent, uint32_t came)
{
	if (fds_sent < 0 || !cut_is_rights(row))
		return;
	row->size = (uint32_t)fds_sent * 4;
	row->always = fds_sent > 0;
	if (!fds_sent)
		row->came = CUT_NEVER;
	else if (came == row->size)
		row->came = CUT_WHOLE; /* the padding has room for another, which there isn't */
}

/* What the options don't explain: messages of protocols whose options nobody can read. */
static void add_others(const struct event *ev, const struct msg *m, struct cut *out)
{
	for (uint32_t i = 0; i < m->ncmsg && out->n < CUT_MAX; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		bool known = cm->faults & ~CMSG_FAULT_NOT_READ;

		for (unsigned int k = 0; k < out->n && !known; k++)
			known = out->v[k].level == cm->level && out->v[k].type == cm->type;
		if (!known)
			out->v[out->n++] = (struct cut_row){
				.level = cm->level,
				.type = cm->type,
				.name = cm->row ? cm->row->name : "another",
				.always = true,
				.size = sizes_payload(ev, cm),
				.no_limit = ends_the_buffer(m, cm),
				.came = ends_the_buffer(m, cm) ? CUT_PART : CUT_WHOLE,
			};
	}
}

/* Of the error queue: a packet of one family brings all of that family, if ICMP reported it. */
static void take_icmp(const struct msg *m, struct cut *out)
{
	const struct addr from = addr_of(m->out.name.p, m->out.name.len);
	const bool v4 = addr_is_v4(&from);
	bool came = false;

	if (!addr_is_inet(&from))
		return;
	for (unsigned int i = 0; i < out->n; i++)
		came |= out->v[i].with_icmp && out->v[i].came != CUT_LOST;
	for (unsigned int i = 0; i < out->n; i++) {
		struct cut_row *row = &out->v[i];

		if (!row->with_icmp)
			continue;
		if (v4 ? row->level == L_IP || row->type == T_IPV6_PKTINFO : row->level == L_IPV6)
			row->always |= came;
		else
			row->came = CUT_NEVER;
	}
}

void cut_of(const struct event *ev, const struct msg *m, uint32_t release, int64_t fds_sent,
	    struct cut *out)
{
	struct recv_expect v[RECV_EXPECT_MAX];

	out->n = recv_expected(ev->sock, ev->abi, packet_of(ev, m), release, v, &out->sure);
	for (unsigned int i = 0; i < out->n; i++) {
		const struct cmsg *came = find(m, v[i].level, v[i].type);

		fill(&out->v[i], &v[i], ev, m, came);
		fill_rights(&out->v[i], fds_sent, came ? sizes_payload(ev, came) : 0);
	}
	add_others(ev, m, out);
	take_icmp(m, out);
}

void cut_look(struct check *c, struct cut *out)
{
	const struct check_msg *cur = check_msg(c);

	cut_of(cur->ev, cur->m, check_release(c), cur->fds_sent, out);
}

bool cut_needed(const struct cut_row *row)
{
	return row->came != CUT_NEVER && (row->always || row->came != CUT_LOST);
}

uint64_t cut_least(const struct abi *abi, const struct cut *cut)
{
	uint64_t sum = 0, padding = 0;

	for (unsigned int i = 0; i < cut->n; i++) {
		const uint32_t size = cut->v[i].least;

		if (cut->v[i].came == CUT_NEVER)
			continue;
		padding = cmsg_align(abi, size) - size;
		sum += cmsg_space_of(abi, size);
	}
	return sum - padding;
}

void cut_note_lost(struct check *c, struct finding *f, const struct cut *cut)
{
	struct buf list = { 0 };

	for (unsigned int i = 0; i < cut->n; i++) {
		const struct cut_row *row = &cut->v[i];

		if (cut_needed(row) && row->came != CUT_WHOLE)
			buf_printf(&list, "%s%s%s", list.len ? ", " : "", row->name,
				   row->came == CUT_PART ? " (cut)" : "");
	}
	if (list.len)
		finding_note(c, f, "lost or cut: %.*s", (int)list.len, list.p);
	else
		finding_note(c, f, "lost or cut: one of those that come at times");
	buf_free(&list);
}

struct cut_room cut_room(const struct abi *abi, const struct cut *cut, bool now)
{
	struct cut_room room = { 0 };

	for (unsigned int i = 0; i < cut->n; i++) {
		const struct cut_row *row = &cut->v[i];

		if (row->came == CUT_NEVER || cut_needed(row) != now)
			continue;
		room.padding = cmsg_align(abi, row->size) - row->size;
		room.no_limit |= row->no_limit;
		room.sum += cmsg_space_of(abi, row->size);
	}
	return room;
}

/* "IP_PKTINFO 32 + IP_TTL 24". */
static struct buf list_rows(const struct abi *abi, const struct cut *cut, bool now)
{
	struct buf list = { 0 };

	for (unsigned int i = 0; i < cut->n; i++) {
		const struct cut_row *row = &cut->v[i];

		if (row->came != CUT_NEVER && cut_needed(row) == now)
			buf_printf(&list, "%s%s %llu", list.len ? " + " : "", row->name,
				   (unsigned long long)cmsg_space_of(abi, row->size));
	}
	return list;
}

void cut_note_room(struct check *c, struct finding *f, const struct cut *cut)
{
	const struct abi *abi = check_msg(c)->ev->abi;
	const struct cut_room now = cut_room(abi, cut, true), at_times = cut_room(abi, cut, false);
	struct buf list = list_rows(abi, cut, true), least = { 0 };

	if (now.padding)
		buf_printf(&least, " (%llu without the padding behind the last)",
			   (unsigned long long)(now.sum - now.padding));
	if (now.sum)
		finding_note(c, f, "a message such as this needs %.*s = %s%llu bytes%.*s",
			     (int)list.len, list.p, now.no_limit ? "at least " : "",
			     (unsigned long long)now.sum, (int)least.len, least.len ? least.p : "");
	buf_free(&list);
	list = list_rows(abi, cut, false);
	if (at_times.sum)
		finding_note(c, f, "at times there is %.*s, too: %s%llu bytes are enough for all",
			     (int)list.len, list.p,
			     now.no_limit || at_times.no_limit ? "at least " : "",
			     (unsigned long long)(now.sum + at_times.sum));
	if (!cut->sure)
		finding_note(c, f, "other options may be on: not all of them are known");
	buf_free(&list);
	buf_free(&least);
}
