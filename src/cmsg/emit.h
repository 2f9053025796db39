/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decoders say what they found as fields; whoever listens makes text or JSON of them.  A decoder
 * never prints.  name is NULL for an element of an array, and for the outermost field of a payload.
 * Pointers in a field are valid during the call only.
 */
#ifndef CMSGTRACE_CMSG_EMIT_H
#define CMSGTRACE_CMSG_EMIT_H

#include "base/names.h"
#include "event/event.h"

enum field_kind {
	FIELD_S64,      /* v */
	FIELD_U64,      /* v; strace prints the number; names, where set, are for JSON */
	FIELD_HEX,      /* v; strace's %#x: 0 prints as 0 */
	FIELD_ENUM,     /* v, names */
	FIELD_FLAGS,    /* v, names */
	FIELD_FD,       /* v; with -y its path */
	FIELD_PID,      /* v: process id */
	FIELD_IFINDEX,  /* v: if_nametoindex("lo") */
	FIELD_IN_ADDR,  /* p: 4 bytes */
	FIELD_IN6_ADDR, /* p: 16 bytes */
	FIELD_SOCKADDR, /* p, len */
	FIELD_STRING,   /* p, len: text, quoted and escaped */
	FIELD_BYTES,    /* p, len: hex escapes "\x01…" */
	FIELD_STRUCT,   /* begins; ends with FIELD_END */
	FIELD_ARRAY,    /* likewise */
	FIELD_END,
	FIELD_COMMENT, /* p, len: strace's comment after a value */
};

struct field {
	enum field_kind kind;
	const char *name;
	uint64_t v;
	const void *p;
	size_t len;
	const struct names *names;
};

struct emit {
	void (*field)(struct emit *e, const struct field *f);
	struct event *ev;      /* ABI, socket, interface names of what is being decoded */
	const struct ask *ask; /* or NULL */
};

void emit_s64(struct emit *e, const char *name, int64_t v);
void emit_u64(struct emit *e, const char *name, uint64_t v);
/* A number that strace prints bare though it has a name. */
void emit_u64_named(struct emit *e, const char *name, uint64_t v, const struct names *t);
void emit_hex(struct emit *e, const char *name, uint64_t v);
void emit_enum(struct emit *e, const char *name, uint64_t v, const struct names *t);
void emit_flags(struct emit *e, const char *name, uint64_t v, const struct names *t);
void emit_fd(struct emit *e, const char *name, int fd);
void emit_pid(struct emit *e, const char *name, int32_t pid);
void emit_ifindex(struct emit *e, const char *name, uint32_t index);
void emit_in_addr(struct emit *e, const char *name, const void *p);
void emit_in6_addr(struct emit *e, const char *name, const void *p);
void emit_sockaddr(struct emit *e, const char *name, const void *p, size_t len);
void emit_string(struct emit *e, const char *name, const void *p, size_t len);
void emit_bytes(struct emit *e, const char *name, const void *p, size_t len);
void emit_struct(struct emit *e, const char *name);
void emit_array(struct emit *e, const char *name);
void emit_end(struct emit *e);
void emit_comment(struct emit *e, const char *text);

#endif
