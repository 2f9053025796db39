// SPDX-License-Identifier: LGPL-2.1-or-later
/* Control messages of a log as the bytes that they were. Pure. */
#include "config.h"

#include "strace/values.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cmsg/cmsg.h"
#include "event/names.h"

/* Where the bytes of one payload gather; unknown ones become holes. */
struct pack {
	struct event *ev;
	struct buf *to;
	size_t start; /* of the payload in to */
	struct hole holes[16];
	unsigned int nholes;
	bool odd; /* the payload is not of a shape that we know */
	bool gap; /* a control message was left out: where the next ones stand is not known */
};

static void pack_bytes(struct pack *k, const void *p, size_t len)
{
	buf_add(k->to, p, len);
}

static void pack_hole(struct pack *k, size_t len)
{
	if (k->nholes == sizeof(k->holes) / sizeof(k->holes[0])) {
		k->odd = true;
		return;
	}
	k->holes[k->nholes++] = (struct hole){ (uint32_t)k->to->len, (uint32_t)len };
	buf_pad(k->to, '\0', len);
}

static void pack_number(struct pack *k, const struct val *v, size_t size)
{
	uint64_t num;

	if (size > sizeof(num)) {
		k->odd = true;
		return;
	}
	if (v && v->kind == VAL_CALL)
		v = v->child; /* htonl(…) and the like are of no size here */
	if (strace_num(v, &names_ipproto, &num))
		pack_bytes(k, &num, size); /* little endian, as the ABIs of our logs */
	else
		pack_hole(k, size);
}

static void pack_host(struct pack *k, const struct val *v, int family)
{
	unsigned char host[16];
	size_t size = family == AF_INET ? 4 : 16;

	if (strace_host(k->ev, v, family, host))
		pack_bytes(k, host, size);
	else
		pack_hole(k, size);
}

static void pack_ifindex(struct pack *k, const struct val *v)
{
	uint32_t index;

	if (strace_ifindex(k->ev, v, &index))
		pack_bytes(k, &index, sizeof(index));
	else
		pack_hole(k, sizeof(index));
}

/* [1, 2, 3]: len bytes in all, so the elements' size follows. */
static void pack_array(struct pack *k, const struct val *v, uint64_t len)
{
	unsigned int n = 0;
	size_t size;

	for (const struct val *c = v->child; c; c = c->next)
		n++;
	if (!n || v->cut || len % n || len / n > 8) {
		k->odd = true;
		return;
	}
	size = (size_t)(len / n);
	for (const struct val *c = v->child; c; c = c->next)
		pack_number(k, c, size);
}

/* Numbers in the order of the structure's members, all of one size. */
static void pack_members(struct pack *k, const struct val *v, size_t size)
{
	for (const struct val *c = v->child; c; c = c->next)
		pack_number(k, c, size);
}

static void pack_sockaddr(struct pack *k, const struct val *v)
{
	struct bytes b = strace_sockaddr(k->ev, v, 0);

	pack_bytes(k, b.p, b.len);
	if (b.claimed > b.len)
		pack_hole(k, (size_t)(b.claimed - b.len));
}

static void pack_recverr(struct pack *k, const struct val *v)
{
	static const struct {
		const char *name;
		size_t size;
	} members[] = { { "ee_errno", 4 }, { "ee_origin", 1 }, { "ee_type", 1 }, { "ee_code", 1 },
			{ "", 1 },         { "ee_info", 4 },   { "ee_data", 4 } };
	const struct val *offender = val_member(v, "offender");

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct val *m = val_member(v, members[i].name);
		uint64_t num;
		int err;

		if (!members[i].name[0]) {
			pack_bytes(k, "", 1);
		} else if (m && m->kind == VAL_NAME && (err = strace_errno(m->text, m->len))) {
			pack_bytes(k, &err, members[i].size);
		} else if (strace_num(m, NULL, &num)) {
			pack_bytes(k, &num, members[i].size);
		} else {
			pack_hole(k, members[i].size);
		}
	}
	if (offender)
		pack_sockaddr(k, offender);
}

/* {tv_sec=…, tv_usec=…}, or an array of three of them. */
static void pack_times(struct pack *k, const struct val *v, uint64_t len)
{
	unsigned int n = 0;

	if (v->kind == VAL_STRUCT) {
		pack_members(k, v, (size_t)(len / 2));
		return;
	}
	for (const struct val *c = v->child; c; c = c->next)
		n++;
	if (!n || v->cut || len % (2 * n)) {
		k->odd = true;
		return;
	}
	for (const struct val *c = v->child; c; c = c->next) {
		if (c->kind != VAL_STRUCT)
			k->odd = true;
		else
			pack_members(k, c, (size_t)(len / n / 2));
	}
}

static void pack_struct(struct pack *k, const struct val *v, uint64_t len)
{
	if (val_member(v, "ipi_spec_dst")) {
		pack_ifindex(k, val_member(v, "ipi_ifindex"));
		pack_host(k, val_member(v, "ipi_spec_dst"), AF_INET);
		pack_host(k, val_member(v, "ipi_addr"), AF_INET);
	} else if (val_member(v, "ipi6_ifindex")) {
		pack_host(k, strace_in6(v, "ipi6_addr"), AF_INET6);
		pack_ifindex(k, val_member(v, "ipi6_ifindex"));
	} else if (val_member(v, "ee_errno")) {
		pack_recverr(k, v);
	} else if (val_member(v, "sa_family")) {
		pack_sockaddr(k, v);
	} else if (val_member(v, "tv_sec")) {
		pack_times(k, v, len);
	} else if (val_member(v, "uid") && len == 12) {
		pack_members(k, v, 4); /* {pid=, uid=, gid=} */
	} else if (v->child && v->child->kind == VAL_NUMBER && !v->child->name) {
		pack_array(k, v, len);
	} else {
		k->odd = true;
	}
}

static void pack_payload(struct pack *k, const struct val *v, uint64_t len)
{
	unsigned char *p;
	size_t n;

	if (!v) {
		k->odd = true;
		return;
	}
	switch (v->kind) {
	case VAL_STRING:
		p = strace_string(&k->ev->arena, v, &n);
		pack_bytes(k, p, n < len ? n : (size_t)len);
		break;
	case VAL_ARRAY:
		if (v->child && v->child->kind == VAL_STRUCT)
			pack_times(k, v, len);
		else
			pack_array(k, v, len);
		break;
	case VAL_STRUCT:
		pack_struct(k, v, len);
		break;
	case VAL_NUMBER:
		if (len <= 8)
			pack_number(k, v, (size_t)len);
		break;
	default:
		k->odd = true;
	}
}

/* One control message as it was found, in the order of the text. */
struct seen {
	const struct val *len, *level, *type, *data;
};

enum { SEEN_MAX = 128, PAYLOAD_MAX = 256 * 1024 };

struct seen_list {
	struct seen *v;
	unsigned int n;
};

/* A member that the one under way has already begins the next: braces may be lost. */
static void seen_take(struct seen_list *l, size_t at, const struct val *v)
{
	const struct val **slot = NULL;

	if (!l->n)
		l->v[l->n++] = (struct seen){ .len = NULL };
	slot = (void *)((char *)&l->v[l->n - 1] + at);
	if (*slot || (l->v[l->n - 1].data && at != offsetof(struct seen, data))) {
		if (l->n == SEEN_MAX)
			return;
		l->v[l->n++] = (struct seen){ .len = NULL };
		slot = (void *)((char *)&l->v[l->n - 1] + at);
	}
	*slot = v;
}

static void seen_find(struct seen_list *l, const struct val *v)
{
	bool typed = false; /* strace 4 names no data: cmsg_type=SCM_RIGHTS, {53, 54} */

	for (const struct val *c = v->child; c; c = c->next) {
		bool data = typed && !c->name && (c->kind == VAL_STRUCT || c->kind == VAL_ARRAY) &&
			    !val_member(c, "cmsg_len") && !val_member(c, "cmsg_level");

		typed = val_named(c, "cmsg_type");
		if (val_named(c, "cmsg_len"))
			seen_take(l, offsetof(struct seen, len), c);
		else if (val_named(c, "cmsg_level"))
			seen_take(l, offsetof(struct seen, level), c);
		else if (val_named(c, "cmsg_type"))
			seen_take(l, offsetof(struct seen, type), c);
		else if (data || val_named(c, "cmsg_data"))
			seen_take(l, offsetof(struct seen, data), c);
		else
			seen_find(l, c);
	}
}

/* Payload bytes of the shapes of which strace prints all; 0: the shape doesn't tell. */
static uint64_t shape_size(const struct val *data)
{
	if (!data)
		return 0;
	if (data->kind == VAL_STRING && !data->cut) {
		uint64_t n = 0;

		for (size_t i = 0; i < data->len; i++, n++) {
			if (data->text[i] == '\\' && i + 1 < data->len)
				i += data->text[i + 1] == 'x' ? 3 : 1;
		}
		return n;
	}
	if (data->kind == VAL_STRUCT && val_member(data, "ipi_spec_dst"))
		return 12;
	if (data->kind == VAL_STRUCT && val_member(data, "ipi6_ifindex"))
		return 20;
	return 0;
}

/* cmsg_len, or what it must have been; *known: what comes behind it can be placed. */
static uint64_t seen_len(const struct event *ev, const struct seen *s, const struct hdr *h,
			 const struct cmsg_type *row, bool alone, bool *known)
{
	uint32_t hdr = cmsg_hdr_size(ev->abi);
	uint64_t num;

	*known = true;
	if (strace_num(s->len, NULL, &num))
		return num;
	if (shape_size(s->data))
		return hdr + shape_size(s->data);
	if (alone && h->controllen > hdr)
		return h->controllen;
	*known = false;
	return hdr + (row ? cmsg_least_size(row, ev->abi) : 0);
}

/* {tv_sec=…, …}, or how many of them in an array; 0: something else. */
static uint64_t times_in(const struct val *data)
{
	uint64_t n = 0;

	if (data->kind == VAL_STRUCT)
		return val_member(data, "tv_sec") ? 1 : 0;
	for (const struct val *c = data->kind == VAL_ARRAY ? data->child : NULL; c; c = c->next) {
		if (c->kind != VAL_STRUCT || !val_member(c, "tv_sec"))
			return 0;
		n++;
	}
	return n;
}

/* Does a header of 12 bytes explain cmsg_len where one of 16 doesn't? */
static bool is_32bit(const struct seen *s, uint64_t len)
{
	uint64_t size = s->data->kind == VAL_STRUCT ? shape_size(s->data) : 0, n;
	int32_t level = 0, type = 0;

	if (!size && s->data->kind == VAL_STRUCT && val_member(s->data, "uid") &&
	    val_member(s->data, "gid"))
		size = 12;
	if (!size && s->data->kind == VAL_ARRAY && !s->data->cut && s->data->child &&
	    s->data->child->kind == VAL_NUMBER && strace_level(s->level, &level) &&
	    strace_cmsg_type(s->type, level, &type) && level == SOL_SOCKET && type == SCM_RIGHTS) {
		for (const struct val *c = s->data->child; c; c = c->next)
			size += sizeof(int);
	}
	if (size)
		return len == 12 + size;
	n = times_in(s->data);
	return n && !s->data->cut && (len == 12 + 8 * n || len == 12 + 16 * n);
}

/* strace -f marks 32-bit processes only once, but their lengths tell: a 12-byte header. */
static void guess_abi(struct event *ev, const struct seen *s)
{
	const struct abi *i386 = abi_by_name("i386");
	uint64_t num;

	if (ev->abi->word == 8 && i386 && s->data && strace_num(s->len, NULL, &num) &&
	    is_32bit(s, num))
		ev->abi = i386;
}

static void pack_header(struct buf *b, const struct abi *abi, uint64_t len, int32_t level,
			int32_t type)
{
	buf_add(b, &len, abi->word == 8 ? 8 : 4);
	buf_add(b, &level, 4);
	buf_add(b, &type, 4);
}

/* Would a header of that length be the last that the kernel looks at? */
static bool is_malformed(uint64_t len, uint32_t hdr, uint64_t off, uint64_t controllen)
{
	return len < hdr || off > controllen || len > controllen - off;
}

/*
 * false: nothing behind it can be placed. One without level or type is left out; and a malformed one whose length or
 * place is a guess, for a rule would blame it.
 */
static bool pack_seen(struct event *ev, const struct seen *s, struct hdr *h, struct pack *k,
		      bool alone)
{
	uint32_t hdr = cmsg_hdr_size(ev->abi);
	int32_t level = 0, type = 0;
	unsigned int holes = k->nholes;
	struct buf *b = k->to;
	uint64_t payload, len;
	bool known;

	if (!strace_level(s->level, &level) || !strace_cmsg_type(s->type, level, &type)) {
		k->gap = true;
		return true;
	}
	len = seen_len(ev, s, h, cmsg_type_find(level, type, SOCK_KIND_UNKNOWN), alone, &known);
	if (h->controllen && (k->gap || !known) && is_malformed(len, hdr, b->len, h->controllen))
		return false;
	pack_header(b, ev->abi, len, level, type);
	k->start = b->len;
	if (len < hdr || len - hdr > PAYLOAD_MAX)
		return false;
	payload = len - hdr;
	k->odd = false;
	pack_payload(k, s->data, payload);
	if (k->odd || b->len - k->start > payload) {
		b->len = k->start;
		k->nholes = holes;
	}
	if (b->len - k->start < payload)
		pack_hole(k, (size_t)(payload - (b->len - k->start)));
	if (known)
		buf_pad(b, '\0', (size_t)(cmsg_align(ev->abi, len) - len));
	return known;
}

static void control_done(struct event *ev, struct hdr *h, struct pack *k, bool have_len)
{
	struct buf *b = k->to;
	uint64_t claimed = have_len ? h->controllen : b->len;

	if (!have_len)
		h->controllen = claimed;
	if (claimed < b->len)
		b->len = claimed;
	h->control = (struct bytes){
		.p = arena_memdup(&ev->arena, b->p, b->len),
		.len = b->len,
		.claimed = claimed,
		.addr = WORD_UNKNOWN,
		.why = b->len < claimed ? BYTES_NOT_LOGGED : BYTES_WHOLE,
	};
	h->nholes = k->nholes;
	h->holes = arena_memdup(&ev->arena, k->holes, k->nholes * sizeof(*k->holes));
}

void strace_control(struct event *ev, const struct val *v, struct hdr *h, bool have_len)
{
	struct buf b = { 0 };
	struct pack k = { .ev = ev, .to = &b };
	struct seen seen[SEEN_MAX];
	struct seen_list l = { .v = seen };

	if (val_named(v, "cmsg_len") || val_named(v, "cmsg_level")) {
		struct val one = *v, list = { .child = &one };

		one.next = NULL;
		seen_find(&l, &list);
	} else {
		seen_find(&l, v);
	}
	for (unsigned int i = 0; i < l.n; i++)
		guess_abi(ev, &l.v[i]);
	for (unsigned int i = 0; i < l.n; i++) {
		if (!pack_seen(ev, &l.v[i], h, &k, l.n == 1))
			break;
	}
	if (b.len || (have_len && h->controllen))
		control_done(ev, h, &k, have_len);
	buf_free(&b);
}
