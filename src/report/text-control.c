// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control messages in a line.  What strace decodes is spelled as strace spells it; for the rest, where
 * it prints a number and bytes, our table's names and fields.  Pure.
 *
 * The walk is the one strace does, not the kernel's: a reader of strace's lines expects what it shows
 * of a malformed block.  Findings say what the kernel made of it.
 */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "cmsg/cmsg.h"
#include "report/fields-text.h"
#include "report/text-names.h"

/* A payload, and how strace shows it. */
struct payload {
	const unsigned char *p;
	size_t len;
	unsigned int kword;
	const struct cmsg *c;
};

static uint32_t u32_at(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static int64_t word_at(const unsigned char *p, unsigned int size)
{
	int64_t v;
	int32_t v32;

	if (size == 8) {
		memcpy(&v, p, sizeof(v));
		return v;
	}
	memcpy(&v32, p, sizeof(v32));
	return v32;
}

static void put_time(struct buf *b, const unsigned char *p, unsigned int word, const char *part)
{
	buf_lit(b, "{tv_sec=");
	buf_s64(b, word_at(p, word));
	buf_lit(b, ", ");
	buf_str(b, part);
	buf_char(b, '=');
	if (word == 8)
		buf_u64(b, (uint64_t)word_at(p + 8, 8));
	else
		buf_u64(b, (uint32_t)word_at(p + 4, 4));
	buf_char(b, '}');
}

/* By our own decoder: what strace prints only as a number, as ??? or as bytes. */
static void put_by_row(struct text_ctx *x, const struct payload *d)
{
	struct text_fields f;

	text_fields_init(&f, x);
	cmsg_emit(&f.emit, d->c);
	text_fields_end(&f);
}

static void put_times(struct text_ctx *x, const struct payload *d, unsigned int word,
		      const char *part, unsigned int n)
{
	if (d->len < (size_t)n * 2 * word) {
		put_by_row(x, d);
		return;
	}
	if (n == 1) {
		put_time(x->b, d->p, word, part);
		return;
	}
	buf_char(x->b, '[');
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			buf_lit(x->b, ", ");
		put_time(x->b, d->p + (size_t)i * 2 * word, word, part);
	}
	buf_char(x->b, ']');
}

static void put_timeval_old(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, d->kword, "tv_usec", 1);
}

static void put_timespec_old(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, d->kword, "tv_nsec", 1);
}

static void put_timestamping_old(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, d->kword, "tv_nsec", 3);
}

static void put_timeval_new(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, 8, "tv_usec", 1);
}

static void put_timespec_new(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, 8, "tv_nsec", 1);
}

static void put_timestamping_new(struct text_ctx *x, const struct payload *d)
{
	put_times(x, d, 8, "tv_nsec", 3);
}

/* An array of elements of size bytes, cut at -s as all of strace's arrays. */
static void put_array(struct text_ctx *x, const struct payload *d, unsigned int size,
		      void (*put)(struct text_ctx *x, const unsigned char *p))
{
	bool more;
	uint64_t n = text_array_shown(x, d->len / size, &more);

	buf_char(x->b, '[');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			buf_lit(x->b, ", ");
		put(x, d->p + i * size);
	}
	if (more) {
		if (n)
			buf_lit(x->b, ", ");
		buf_lit(x->b, "...");
	}
	buf_char(x->b, ']');
}

static void put_one_fd(struct text_ctx *x, const unsigned char *p)
{
	text_fd(x, (int)u32_at(p));
}

static void put_one_uint(struct text_ctx *x, const unsigned char *p)
{
	buf_u64(x->b, u32_at(p));
}

static void put_one_xbyte(struct text_ctx *x, const unsigned char *p)
{
	buf_hex0(x->b, *p);
}

static void put_rights(struct text_ctx *x, const struct payload *d)
{
	put_array(x, d, sizeof(int), put_one_fd);
}

static void put_uints(struct text_ctx *x, const struct payload *d)
{
	put_array(x, d, sizeof(int), put_one_uint);
}

static void put_xbytes(struct text_ctx *x, const struct payload *d)
{
	put_array(x, d, 1, put_one_xbyte);
}

static void put_creds(struct text_ctx *x, const struct payload *d)
{
	buf_lit(x->b, "{pid=");
	buf_s64(x->b, (int32_t)u32_at(d->p));
	buf_lit(x->b, ", uid=");
	text_id(x->b, u32_at(d->p + 4));
	buf_lit(x->b, ", gid=");
	text_id(x->b, u32_at(d->p + 8));
	buf_char(x->b, '}');
}

static void put_security(struct text_ctx *x, const struct payload *d)
{
	text_quoted(x->b, d->p, d->len, x->hex);
}

static void put_pidfd(struct text_ctx *x, const struct payload *d)
{
	put_one_fd(x, d->p);
}

static void put_pktinfo(struct text_ctx *x, const struct payload *d)
{
	buf_lit(x->b, "{ipi_ifindex=");
	text_ifindex(x, u32_at(d->p));
	buf_lit(x->b, ", ");
	text_in(x, "ipi_spec_dst", d->p + 4);
	buf_lit(x->b, ", ");
	text_in(x, "ipi_addr", d->p + 8);
	buf_char(x->b, '}');
}

static void put_origdstaddr(struct text_ctx *x, const struct payload *d)
{
	text_sockaddr(x, d->p, d->len);
}

struct shown {
	void (*put)(struct text_ctx *x, const struct payload *d);
	uint16_t least; /* bytes of payload */
};

static const struct shown socket_shown[] = {
	[1 /* SCM_RIGHTS */] = { put_rights, sizeof(int) },
	[2 /* SCM_CREDENTIALS */] = { put_creds, sizeof(struct ucred) },
	[3 /* SCM_SECURITY */] = { put_security, 1 },
	[4 /* SCM_PIDFD */] = { put_pidfd, sizeof(int) },
	[29 /* SO_TIMESTAMP_OLD */] = { put_timeval_old, 1 },
	[35 /* SO_TIMESTAMPNS_OLD */] = { put_timespec_old, 1 },
	[37 /* SO_TIMESTAMPING_OLD */] = { put_timestamping_old, 1 },
	[63 /* SO_TIMESTAMP_NEW */] = { put_timeval_new, 1 },
	[64 /* SO_TIMESTAMPNS_NEW */] = { put_timespec_new, 1 },
	[65 /* SO_TIMESTAMPING_NEW */] = { put_timestamping_new, 1 },
};

static const struct shown ip_shown[] = {
	[IP_TOS] = { put_by_row, 1 },
	[IP_TTL] = { put_uints, sizeof(int) },
	[3 /* SCM_SECURITY */] = { put_security, 1 },
	[IP_RECVOPTS] = { put_xbytes, 1 },
	[IP_RETOPTS] = { put_xbytes, 1 },
	[IP_PKTINFO] = { put_pktinfo, sizeof(struct in_pktinfo) },
	[IP_RECVERR] = { put_by_row, 32 /* sock_extended_err and a sockaddr_in */ },
	[IP_ORIGDSTADDR] = { put_origdstaddr, sizeof(struct sockaddr_in) },
	[IP_CHECKSUM] = { put_uints, sizeof(int) },
};

/* How strace itself shows a payload; NULL: it would not, or only as bytes. */
static const struct shown *shown_find(int32_t level, int32_t type, size_t len)
{
	const struct shown *t = NULL;
	size_t n = 0;

	if (level == SOL_SOCKET) {
		t = socket_shown;
		n = sizeof(socket_shown) / sizeof(t[0]);
	} else if (level == SOL_IP) {
		t = ip_shown;
		n = sizeof(ip_shown) / sizeof(t[0]);
	}
	if ((uint32_t)type >= n || !t[type].put || len < t[type].least)
		return NULL;
	return &t[type];
}

static void put_level(struct buf *b, int32_t level, const char *own)
{
	const char *ours = own ? own : cmsg_level_name(level);

	if (own || (ours && !names_find(&text_levels, (uint32_t)level)))
		buf_str(b, ours);
	else
		text_xval(b, &text_levels, (uint32_t)level);
}

static void put_type(struct buf *b, int32_t level, int32_t type, const struct cmsg_type *row,
		     bool own)
{
	const struct names *t = NULL;

	if (level == SOL_SOCKET)
		t = &text_scm_types;
	else if (level == SOL_IP && !own)
		t = &text_ip_types;
	if (t && names_find(t, (uint32_t)type))
		text_xval(b, t, (uint32_t)type);
	else if (row)
		buf_str(b, row->name);
	else if (t)
		text_xval(b, t, (uint32_t)type);
	else
		buf_hex0(b, (uint32_t)type);
}

static void put_payload(struct text_ctx *x, const struct cmsg *c, bool own)
{
	const struct shown *s = own ? NULL : shown_find(c->level, c->type, c->data_len);
	const struct payload d = { c->data, c->data_len, x->ev->abi->kword, c };

	if (!c->data_len)
		return;
	buf_lit(x->b, ", cmsg_data=");
	(s ? s->put : put_by_row)(x, &d);
}

/* Payload bytes from off on that are known: a log may name a message without its payload. */
static uint32_t before_hole(const struct hdr *h, size_t off, uint32_t len)
{
	for (uint32_t i = 0; i < h->nholes; i++) {
		if (h->holes[i].off >= off)
			return h->holes[i].off - off < len ? (uint32_t)(h->holes[i].off - off)
							   : len;
	}
	return len;
}

/* One element of which left bytes of the block remain; returns its cmsg_len. */
static uint64_t put_cmsg(struct text_ctx *x, const struct hdr *h, const unsigned char *p,
			 uint64_t left, size_t offset)
{
	unsigned int word = x->ev->abi->word;
	uint32_t hdr = cmsg_hdr_size(x->ev->abi);
	struct cmsg c = { .offset = (uint32_t)offset };
	enum sock_kind kind = sock_kind(x->ev->sock);
	/* SOL_HCI and others share number 0 with SOL_IP: strace shows HCI_CMSG_DIR as IP_TOS. */
	const char *own;
	uint64_t len;

	c.len = word == 8 ? (uint64_t)word_at(p, 8) : u32_at(p);
	c.level = (int32_t)u32_at(p + word);
	c.type = (int32_t)u32_at(p + word + 4);
	len = c.len > left ? left : c.len;
	c.data = p + hdr;
	c.data_len = len > hdr ? before_hole(h, offset + hdr, (uint32_t)(len - hdr)) : 0;
	c.row = cmsg_type_find(c.level, c.type, kind);
	own = c.row ? cmsg_level_own_name(c.level, kind) : NULL;
	if (c.len > left)
		c.faults |= CMSG_FAULT_LEN_BEYOND;

	buf_lit(x->b, "{cmsg_len=");
	buf_u64(x->b, c.len);
	buf_lit(x->b, ", cmsg_level=");
	put_level(x->b, c.level, own);
	buf_lit(x->b, ", cmsg_type=");
	put_type(x->b, c.level, c.type, c.row, own != NULL);
	put_payload(x, &c, own != NULL);
	buf_char(x->b, '}');
	return c.len;
}

static void put_mark(struct text_ctx *x, const struct msg *m, uint32_t cmsg, size_t from)
{
	struct text_marks *k = x->marks;

	if (!k || k->n == sizeof(k->v) / sizeof(k->v[0]))
		return;
	k->v[k->n].msg = (uint32_t)(m - x->ev->msg);
	k->v[k->n].cmsg = cmsg;
	k->v[k->n].from = from;
	k->v[k->n++].to = x->b->len;
}

void text_control(struct text_ctx *x, const struct msg *m, const struct hdr *h)
{
	const struct bytes *d = &h->control;
	uint32_t hdr = cmsg_hdr_size(x->ev->abi);
	uint64_t left = d->len;
	const unsigned char *p = d->p;

	/* All of it or nothing, unless we stopped ourselves at what the kernel could take. */
	if (!p || left < hdr || (left < h->controllen && d->why == BYTES_FAULT)) {
		text_addr(x->b, h->control_ptr);
		return;
	}
	buf_char(x->b, '[');
	for (uint32_t i = 0; left >= hdr; i++) {
		uint64_t len;
		size_t from;

		if (i)
			buf_lit(x->b, ", ");
		from = x->b->len;
		len = put_cmsg(x, h, p, left, (size_t)(p - d->p));
		put_mark(x, m, i, from);
		if (len < hdr) {
			left -= hdr;
			break;
		}
		/* Rounding a huge cmsg_len up may overflow to 0: it reaches past the end all the same. */
		if (len >= left || cmsg_align(x->ev->abi, len) >= left) {
			left = 0;
			break;
		}
		len = cmsg_align(x->ev->abi, len);
		p += len;
		left -= len;
	}
	if (left && h->control_ptr == WORD_UNKNOWN) {
		buf_lit(x->b, ", ...");
	} else if (left) {
		buf_lit(x->b, ", ... /* ");
		buf_hex(x->b, h->control_ptr + (d->len - left));
		buf_lit(x->b, " */");
	} else if (d->len < h->controllen) {
		buf_lit(x->b, ", ...");
	}
	buf_char(x->b, ']');
}
