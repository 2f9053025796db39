// SPDX-License-Identifier: LGPL-2.1-or-later
/* struct msghdr as strace prints it, but for the control messages.  Pure. */
#include "config.h"

#include <sys/socket.h>

#include "report/text-impl.h"

#include "event/names.h"
#include "report/text-names.h"

void text_name(struct text_ctx *x, const struct hdr *h, int64_t namelen)
{
	size_t want = namelen > 128 ? 128 : (size_t)namelen;

	if (namelen < 2 || h->name.len < want) {
		text_addr(x->b, h->name_ptr);
		return;
	}
	text_sockaddr(x, h->name.p, want);
}

static bool name_is_netlink(const struct hdr *h, int64_t namelen)
{
	uint16_t family;

	if (namelen < 2 || h->name.len < 2 || (namelen <= 128 && h->name.len < (size_t)namelen))
		return false;
	memcpy(&family, h->name.p, sizeof(family));
	return family == AF_NETLINK;
}

static void put_iovec(struct text_ctx *x, const struct iov *v, bool netlink, uint64_t len)
{
	buf_lit(x->b, "{iov_base=");
	if (netlink)
		text_netlink(x, &v->data, v->base, len);
	else
		text_string(x, &v->data, v->base, len, x->hex);
	buf_lit(x->b, ", iov_len=");
	buf_u64(x->b, v->len);
	buf_char(x->b, '}');
}

void text_iov(struct text_ctx *x, const struct msg *m, const struct hdr *h, bool netlink,
	      uint64_t data_size)
{
	bool more;
	uint64_t n = text_array_shown(x, h->iovlen, &more);

	if (h->iov_ptr && !h->iovlen) {
		buf_lit(x->b, "[]");
		return;
	}
	if (!h->iov_ptr || !m->niov) {
		text_addr(x->b, h->iov_ptr);
		return;
	}
	buf_char(x->b, '[');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			buf_lit(x->b, ", ");
		if (i >= m->niov) {
			buf_lit(x->b, "...");
			if (m->iov_raw.why == BYTES_FAULT) {
				buf_lit(x->b, " /* ");
				buf_hex(x->b, h->iov_ptr + i * 2 * x->ev->abi->word);
				buf_lit(x->b, " */");
			}
			more = false;
			break;
		}

		uint64_t len = m->iov[i].len;

		if (len > data_size)
			len = data_size;
		if (data_size != UINT64_MAX)
			data_size -= len;
		put_iovec(x, &m->iov[i], netlink, len);
	}
	if (more)
		buf_str(x->b, n ? ", ..." : "...");
	buf_char(x->b, ']');
}

/*
 * h is what there is to show: m->in of a send, m->out of a receive (returned).  data_size limits how
 * much of the buffers was filled: UINT64_MAX for sends.
 */
void text_msg(struct text_ctx *x, const struct msg *m, const struct hdr *h, bool returned,
	      uint64_t data_size)
{
	int32_t namelen = (int32_t)h->namelen;
	int32_t room = (int32_t)m->in.namelen;

	buf_lit(x->b, "{msg_name=");
	/* The kernel tells how long the address is, even where the buffer took less of it. */
	int32_t shown = returned && namelen > room ? room : namelen;

	text_name(x, h, shown);
	buf_lit(x->b, ", msg_namelen=");
	if (returned && namelen != room) {
		buf_s64(x->b, room);
		buf_lit(x->b, " => ");
	}
	buf_s64(x->b, namelen);
	buf_lit(x->b, ", msg_iov=");
	text_iov(x, m, h, name_is_netlink(h, shown), data_size);
	buf_lit(x->b, ", msg_iovlen=");
	if (h->unseen & HDR_UNSEEN_IOVLEN)
		buf_char(x->b, '?');
	else
		buf_u64(x->b, h->iovlen);
	if (h->controllen || h->control_ptr == WORD_UNKNOWN) {
		buf_lit(x->b, ", msg_control=");
		text_control(x, m, h);
	}
	buf_lit(x->b, ", msg_controllen=");
	/* Ours, and only with -v: strace never shows what room there was. */
	if (returned && x->verbose && m->in.have && !(m->in.unseen & HDR_UNSEEN_ROOM) &&
	    m->in.controllen != h->controllen) {
		buf_u64(x->b, m->in.controllen);
		buf_lit(x->b, " => ");
	}
	if (!h->controllen && h->unseen & HDR_UNSEEN_ROOM)
		buf_char(x->b, '?');
	else
		buf_u64(x->b, h->controllen);
	buf_lit(x->b, ", msg_flags=");
	if (h->unseen & HDR_UNSEEN_FLAGS)
		buf_char(x->b, '?');
	else
		text_flags(x->b, &names_msg_flags, h->flags);
	buf_char(x->b, '}');
}
