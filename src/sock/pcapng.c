// SPDX-License-Identifier: LGPL-2.1-or-later
/* pcapng blocks, in host order as the format allows. Writes to the stream it is given only. */
#include "config.h"

#include "sock/pcapng.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/buf.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	OPT_END = 0,
	OPT_COMMENT = 1,
	OPT_SECTION_OS = 3,
	OPT_SECTION_TOOL = 4,
	OPT_INTERFACE_RESOLUTION = 9,
	OPT_PACKET_FLAGS = 2, /* its lowest bits are an enum pcapng_way */
};

static void put_u16(struct buf *b, uint16_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void put_u32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void put_padded(struct buf *b, const void *p, size_t len)
{
	buf_add(b, p, len);
	buf_pad(b, '\0', -len & 3);
}

static void put_option(struct buf *b, uint16_t code, const void *p, size_t len)
{
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	put_u16(b, code);
	put_u16(b, (uint16_t)len);
	put_padded(b, p, len);
}

/* The length stands at both ends; body already ends on a multiple of four. */
static void write_block(FILE *to, uint32_t type, const struct buf *body)
{
	uint32_t len = (uint32_t)body->len + 12;

	fwrite(&type, sizeof(type), 1, to);
	fwrite(&len, sizeof(len), 1, to);
	fwrite(body->p, 1, body->len, to);
	fwrite(&len, sizeof(len), 1, to);
}

void pcapng_start(FILE *to)
{
	struct buf b = { 0 };
	struct utsname u;
	char os[256];

	put_u32(&b, BYTE_ORDER_MAGIC);
	put_u16(&b, 1); /* version 1.0 */
	put_u16(&b, 0);
	put_u32(&b, UINT32_MAX); /* length of the section: not said */
	put_u32(&b, UINT32_MAX);
	if (!uname(&u)) {
		snprintf(os, sizeof(os), "%s %s", u.sysname, u.release);
		put_option(&b, OPT_SECTION_OS, os, strlen(os));
	}
	put_option(&b, OPT_SECTION_TOOL, PACKAGE_STRING, strlen(PACKAGE_STRING));
	put_u32(&b, OPT_END);
	write_block(to, BLOCK_SECTION, &b);
	buf_free(&b);
}

void pcapng_interface(FILE *to, uint16_t linktype)
{
	static const uint8_t nanoseconds = 9;
	struct buf b = { 0 };

	put_u16(&b, linktype);
	put_u16(&b, 0);
	put_u32(&b, 0); /* no limit on a packet's length */
	put_option(&b, OPT_INTERFACE_RESOLUTION, &nanoseconds, 1);
	put_u32(&b, OPT_END);
	write_block(to, BLOCK_INTERFACE, &b);
	buf_free(&b);
}

void pcapng_packet(FILE *to, const struct pcapng_packet *p)
{
	const uint32_t flags = p->way;
	struct buf b = { 0 };

	put_u32(&b, p->interface);
	put_u32(&b, (uint32_t)(p->ns >> 32));
	put_u32(&b, (uint32_t)p->ns);
	put_u32(&b, (uint32_t)p->len);
	put_u32(&b, (uint32_t)p->claimed);
	put_padded(&b, p->data, p->len);
	put_option(&b, OPT_PACKET_FLAGS, &flags, sizeof(flags));
	for (unsigned int i = 0; i < p->ncomments; i++)
		put_option(&b, OPT_COMMENT, p->comments[i], strlen(p->comments[i]));
	put_u32(&b, OPT_END);
	write_block(to, BLOCK_PACKET, &b);
	buf_free(&b);
}
