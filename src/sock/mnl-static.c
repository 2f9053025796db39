// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What we use of libmnl, for a binary that is linked statically: distributions have no libmnl.a.  The declarations
 * and what each has to do are libmnl's; messages and attributes are those of linux/netlink.h.
 */
#include "config.h"

#include <libmnl/libmnl.h>
#include <string.h>

struct nlmsghdr *mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *h = buf;

	memset(h, 0, NLMSG_HDRLEN);
	h->nlmsg_len = NLMSG_HDRLEN;
	return h;
}

/* The message's end, where size bytes (a multiple of 4 with padding) are zeroed and belong to it from now on. */
static void *grow(struct nlmsghdr *h, size_t size)
{
	void *end = (char *)h + NLMSG_ALIGN(h->nlmsg_len);

	memset(end, 0, NLMSG_ALIGN(size));
	h->nlmsg_len = (uint32_t)(NLMSG_ALIGN(h->nlmsg_len) + NLMSG_ALIGN(size));
	return end;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *h, size_t size)
{
	return grow(h, size);
}

void mnl_attr_put(struct nlmsghdr *h, uint16_t type, size_t len, const void *data)
{
	struct nlattr *a = grow(h, NLA_HDRLEN + len);

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
}

void mnl_attr_put_u8(struct nlmsghdr *h, uint16_t type, uint8_t data)
{
	mnl_attr_put(h, type, sizeof(data), &data);
}

void mnl_attr_put_u32(struct nlmsghdr *h, uint16_t type, uint32_t data)
{
	mnl_attr_put(h, type, sizeof(data), &data);
}

bool mnl_nlmsg_ok(const struct nlmsghdr *h, int len)
{
	return len >= (int)sizeof(*h) && h->nlmsg_len >= sizeof(*h) && (int)h->nlmsg_len <= len;
}

struct nlmsghdr *mnl_nlmsg_next(const struct nlmsghdr *h, int *len)
{
	*len -= (int)NLMSG_ALIGN(h->nlmsg_len);
	return (struct nlmsghdr *)((uintptr_t)h + NLMSG_ALIGN(h->nlmsg_len));
}

size_t mnl_nlmsg_get_payload_len(const struct nlmsghdr *h)
{
	return h->nlmsg_len - NLMSG_HDRLEN;
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *h)
{
	return (void *)((uintptr_t)h + NLMSG_HDRLEN);
}

void *mnl_nlmsg_get_payload_offset(const struct nlmsghdr *h, size_t offset)
{
	return (void *)((uintptr_t)h + NLMSG_HDRLEN + NLMSG_ALIGN(offset));
}

void *mnl_nlmsg_get_payload_tail(const struct nlmsghdr *h)
{
	return (void *)((uintptr_t)h + NLMSG_ALIGN(h->nlmsg_len));
}

uint16_t mnl_attr_get_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *a)
{
	return (uint16_t)(a->nla_len - NLA_HDRLEN);
}

void *mnl_attr_get_payload(const struct nlattr *a)
{
	return (void *)((uintptr_t)a + NLA_HDRLEN);
}

bool mnl_attr_ok(const struct nlattr *a, int len)
{
	return len >= (int)sizeof(*a) && a->nla_len >= sizeof(*a) && (int)a->nla_len <= len;
}

struct nlattr *mnl_attr_next(const struct nlattr *a)
{
	return (struct nlattr *)((uintptr_t)a + NLA_ALIGN(a->nla_len));
}
