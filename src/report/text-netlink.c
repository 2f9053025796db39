// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Netlink messages in a buffer (include/uapi/linux/netlink.h): their headers, and errors, as strace prints
 * them.  The payload of families that strace decodes further stays bytes here.  Pure.
 */
#include "config.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include "report/text-impl.h"
#include "report/text-names.h"

/* The part of a buffer that is shown next. */
struct slice {
	const unsigned char *p;
	size_t got;    /* bytes that were captured */
	uint64_t len;  /* bytes that there are */
	uint64_t addr; /* of p */
	enum bytes_why why;
	int family; /* NETLINK_ROUTE …; -1 unknown */
};

static struct slice slice_from(const struct slice *s, uint64_t off, uint64_t len)
{
	struct slice part = *s;
	size_t step = off < s->got ? (size_t)off : s->got;

	part.p = s->p ? s->p + step : NULL;
	part.got = s->got - step;
	part.len = len;
	if (part.got > len)
		part.got = (size_t)len;
	part.addr = s->addr + off;
	return part;
}

static void put_bytes(struct text_ctx *x, const struct slice *s)
{
	struct bytes data = { .p = s->p, .len = s->got, .claimed = s->len, .why = s->why };

	text_string(x, &data, s->addr, s->len, QUOTE_HEX);
}

static void put_type(struct text_ctx *x, const struct nlmsghdr *h, int family)
{
	const struct names *t = &text_netlink_types;

	if (h->nlmsg_type >= NLMSG_MIN_TYPE && family == NETLINK_ROUTE)
		t = &text_rtm_types;
	else if (h->nlmsg_type >= NLMSG_MIN_TYPE && family == NETLINK_SOCK_DIAG)
		t = &text_sock_diag_types;
	else if (h->nlmsg_type >= NLMSG_MIN_TYPE && family == NETLINK_XFRM)
		t = &text_xfrm_types;
	else if (h->nlmsg_type >= NLMSG_MIN_TYPE && family == NETLINK_AUDIT)
		t = &text_audit_types;
	text_xval(x->b, t, h->nlmsg_type);
}

static const struct names *xfrm_flags(const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWSA:
	case XFRM_MSG_NEWPOLICY:
	case XFRM_MSG_NEWAE:
	case XFRM_MSG_NEWSADINFO:
	case XFRM_MSG_NEWSPDINFO:
		return &text_nlm_new_flags;
	case XFRM_MSG_DELSA:
	case XFRM_MSG_DELPOLICY:
		return &text_nlm_delete_flags;
	case XFRM_MSG_GETSA:
	case XFRM_MSG_GETPOLICY:
	case XFRM_MSG_GETAE:
	case XFRM_MSG_GETSADINFO:
	case XFRM_MSG_GETSPDINFO:
		return &text_nlm_get_flags;
	default:
		return NULL;
	}
}

/* The upper flags mean other things in requests for, of and against objects. */
static const struct names *more_flags(const struct nlmsghdr *h, int family)
{
	if (h->nlmsg_type < NLMSG_MIN_TYPE)
		return h->nlmsg_type == NLMSG_ERROR ? &text_nlm_ack_flags : NULL;
	if (family == NETLINK_SOCK_DIAG ||
	    (family == NETLINK_ROUTE && h->nlmsg_type == RTM_DELACTION))
		return &text_nlm_get_flags;
	if (family == NETLINK_XFRM)
		return xfrm_flags(h);
	if (family != NETLINK_ROUTE)
		return NULL;
	switch (h->nlmsg_type & 3) {
	case 0:
		return &text_nlm_new_flags;
	case 1:
		return &text_nlm_delete_flags;
	case 2:
		return &text_nlm_get_flags;
	default:
		return NULL;
	}
}

static void put_flags(struct text_ctx *x, const struct nlmsghdr *h, int family)
{
	const struct names *more = more_flags(h, family);
	uint64_t low = 0, high;

	for (size_t i = 0; i < text_nlm_flags.n; i++)
		low |= h->nlmsg_flags & text_nlm_flags.v[i].value;
	high = h->nlmsg_flags & ~low;
	if (low || !h->nlmsg_flags)
		text_flags(x->b, &text_nlm_flags, low);
	if (!high)
		return;
	if (low)
		buf_char(x->b, '|');
	if (!more && low)
		buf_hex(x->b, high);
	else
		text_flags(x->b, more ? more : &text_nlm_flags, high);
}

static void put_header(struct text_ctx *x, const struct nlmsghdr *h, int family)
{
	buf_lit(x->b, "{nlmsg_len=");
	buf_u64(x->b, h->nlmsg_len);
	buf_lit(x->b, ", nlmsg_type=");
	put_type(x, h, family);
	buf_lit(x->b, ", nlmsg_flags=");
	put_flags(x, h, family);
	buf_lit(x->b, ", nlmsg_seq=");
	buf_u64(x->b, h->nlmsg_seq);
	buf_lit(x->b, ", nlmsg_pid=");
	buf_s64(x->b, (int32_t)h->nlmsg_pid);
	buf_char(x->b, '}');
}

/* The answer to a request: its errno, and the request's header. */
static void put_error(struct text_ctx *x, const struct slice *s)
{
	struct nlmsghdr h;
	int32_t err;

	memcpy(&err, s->p, sizeof(err));
	buf_lit(x->b, "{error=");
	/* the program's own bytes: INT32_MIN can't be negated */
	if (err < 0 && err > INT32_MIN && text_errno_name(-err)) {
		buf_char(x->b, '-');
		buf_str(x->b, text_errno_name(-err));
	} else {
		buf_s64(x->b, err);
	}
	if (s->len > sizeof(err)) {
		struct slice rest = slice_from(s, sizeof(err), s->len - sizeof(err));

		buf_lit(x->b, ", msg=");
		if (rest.got >= sizeof(h) && rest.len == sizeof(h)) {
			memcpy(&h, rest.p, sizeof(h));
			put_header(x, &h, s->family);
		} else {
			put_bytes(x, &rest);
		}
	}
	buf_char(x->b, '}');
}

static void put_payload(struct text_ctx *x, const struct nlmsghdr *h, const struct slice *s)
{
	int32_t v;

	if (h->nlmsg_type == NLMSG_ERROR && s->len >= sizeof(v) && s->got >= sizeof(v)) {
		put_error(x, s);
	} else if (h->nlmsg_type == NLMSG_DONE && s->len == sizeof(v) && s->got == sizeof(v)) {
		memcpy(&v, s->p, sizeof(v));
		buf_s64(x->b, v);
	} else {
		put_bytes(x, s);
	}
}

static void put_message(struct text_ctx *x, const struct nlmsghdr *h, const struct slice *s)
{
	uint64_t len = h->nlmsg_len < s->len ? h->nlmsg_len : s->len;

	if (len <= NLMSG_HDRLEN) {
		put_header(x, h, s->family);
		return;
	}

	struct slice payload = slice_from(s, NLMSG_HDRLEN, len - NLMSG_HDRLEN);

	buf_char(x->b, '[');
	put_header(x, h, s->family);
	buf_lit(x->b, ", ");
	put_payload(x, h, &payload);
	buf_char(x->b, ']');
}

/* The messages in s, as far as they were captured. */
static void put_messages(struct text_ctx *x, struct slice s)
{
	bool array = false;

	for (unsigned int n = 0;; n++) {
		struct nlmsghdr h;
		uint64_t step, next;

		if (s.len < sizeof(h)) {
			put_bytes(x, &s);
			break;
		}
		if (s.got < sizeof(h)) {
			/* Read so far, and no further: -s, or no memory there. */
			if (n)
				buf_lit(x->b, "...");
			else
				text_addr(x->b, s.addr);
			if (n && s.why == BYTES_FAULT) {
				buf_lit(x->b, " /* ");
				buf_hex(x->b, s.addr);
				buf_lit(x->b, " */");
			}
			break;
		}
		if (!x->verbose && n == x->strsize) {
			buf_lit(x->b, "...");
			break;
		}
		memcpy(&h, s.p, sizeof(h));
		/* not NLMSG_ALIGN(): it cuts what it aligns to 32 bits, and a step of 0 never ends */
		step = ((uint64_t)h.nlmsg_len + NLMSG_ALIGNTO - 1) & ~(uint64_t)(NLMSG_ALIGNTO - 1);
		next = h.nlmsg_len >= NLMSG_HDRLEN && s.len >= step ? s.len - step : 0;
		if (next && !array) {
			buf_char(x->b, '[');
			array = true;
		}
		put_message(x, &h, &s);
		if (!next)
			break;
		buf_lit(x->b, ", ");
		s = slice_from(&s, step, next);
	}
	if (array)
		buf_char(x->b, ']');
}

void text_netlink(struct text_ctx *x, const struct bytes *data, uint64_t addr, uint64_t len)
{
	const struct sock *sock = x->ev->sock;
	bool known = sock && (sock->has & SOCK_HAS_DOMAIN) && sock->domain == AF_NETLINK &&
		     (sock->has & SOCK_HAS_PROTOCOL);
	struct slice s = { .p = data->p,
			   .got = data->len < len ? data->len : (size_t)len,
			   .len = len,
			   .addr = addr,
			   .why = data->why,
			   .family = known ? sock->protocol : -1 };

	if (s.family == NETLINK_KOBJECT_UEVENT)
		text_string(x, data, addr, len, x->hex);
	else
		put_messages(x, s);
}
