/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A captured slice of a tracee's memory, and a reader that can't run past its end.  Nothing here owns
 * memory: a slice lives as long as the event (or buffer) that it points into.
 */
#ifndef CMSGTRACE_BASE_BYTES_H
#define CMSGTRACE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A word that nobody told: an argument that a log doesn't show, the address of a structure that it does.  No
 * program has memory there.
 */
#define WORD_UNKNOWN (UINT64_C(1) << 63)

/* Why a slice holds fewer bytes than were claimed. */
enum bytes_why {
	BYTES_WHOLE, /* it doesn't: len == claimed */
	BYTES_LIMIT, /* we took no more on purpose (-s, our own limit) */
	BYTES_FAULT, /* the rest can't be read: no such memory */
	BYTES_GONE,  /* not read: the task vanished, or it is not there before the task goes on */
	BYTES_NOT_LOGGED, /* the log that this comes from doesn't hold it */
};

struct bytes {
	const unsigned char *p; /* NULL where nothing was got */
	size_t len;             /* bytes got */
	uint64_t claimed;       /* bytes that the tracee (or kernel) said there are */
	uint64_t addr;          /* where in the tracee; 0: unknown or NULL */
	enum bytes_why why;
};

/* Sticky error: after a read past the end everything reads as 0 and failed stays set. */
struct reader {
	const unsigned char *p;
	size_t left;
	bool failed;
};

static inline struct reader reader_of(const void *p, size_t len)
{
	return (struct reader){ .p = p, .left = len };
}

/* n bytes, or NULL (and failed) where fewer are left. */
static inline const unsigned char *read_bytes(struct reader *r, size_t n)
{
	if (r->failed || r->left < n) {
		r->failed = true;
		r->left = 0;
		return NULL;
	}

	const unsigned char *p = r->p;

	r->p += n;
	r->left -= n;
	return p;
}

#define READER_FN(name, type)                                                                      \
	static inline type name(struct reader *r)                                                  \
	{                                                                                          \
		type v = 0;                                                                        \
		const unsigned char *p = read_bytes(r, sizeof(v));                                 \
                                                                                                   \
		if (p)                                                                             \
			memcpy(&v, p, sizeof(v));                                                  \
		return v;                                                                          \
	}
/* host order */
READER_FN(read_u8, uint8_t)
READER_FN(read_u16, uint16_t)
READER_FN(read_u32, uint32_t)
READER_FN(read_u64, uint64_t)
READER_FN(read_s32, int32_t)
READER_FN(read_s64, int64_t)
#undef READER_FN

/* network order, returned in host order */
static inline uint16_t read_be16(struct reader *r)
{
	const unsigned char *p = read_bytes(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t read_be32(struct reader *r)
{
	const unsigned char *p = read_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

#endif
