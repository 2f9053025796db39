// SPDX-License-Identifier: LGPL-2.1-or-later
/* Field constructors for decoders. */
#include "config.h"

#include "cmsg/emit.h"

#include <string.h>

static void emit_field(struct emit *e, const struct field f)
{
	e->field(e, &f);
}

void emit_s64(struct emit *e, const char *name, int64_t v)
{
	emit_field(e, (struct field){ .kind = FIELD_S64, .name = name, .v = (uint64_t)v });
}

void emit_u64(struct emit *e, const char *name, uint64_t v)
{
	emit_field(e, (struct field){ .kind = FIELD_U64, .name = name, .v = v });
}

void emit_u64_named(struct emit *e, const char *name, uint64_t v, const struct names *t)
{
	emit_field(e, (struct field){ .kind = FIELD_U64, .name = name, .v = v, .names = t });
}

void emit_hex(struct emit *e, const char *name, uint64_t v)
{
	emit_field(e, (struct field){ .kind = FIELD_HEX, .name = name, .v = v });
}

void emit_enum(struct emit *e, const char *name, uint64_t v, const struct names *t)
{
	emit_field(e, (struct field){ .kind = FIELD_ENUM, .name = name, .v = v, .names = t });
}

void emit_flags(struct emit *e, const char *name, uint64_t v, const struct names *t)
{
	emit_field(e, (struct field){ .kind = FIELD_FLAGS, .name = name, .v = v, .names = t });
}

void emit_fd(struct emit *e, const char *name, int fd)
{
	emit_field(e, (struct field){ .kind = FIELD_FD, .name = name, .v = (uint64_t)fd });
}

void emit_pid(struct emit *e, const char *name, int32_t pid)
{
	emit_field(e, (struct field){ .kind = FIELD_PID, .name = name, .v = (uint64_t)pid });
}

void emit_ifindex(struct emit *e, const char *name, uint32_t index)
{
	emit_field(e, (struct field){ .kind = FIELD_IFINDEX, .name = name, .v = index });
}

void emit_in_addr(struct emit *e, const char *name, const void *p)
{
	emit_field(e, (struct field){ .kind = FIELD_IN_ADDR, .name = name, .p = p, .len = 4 });
}

void emit_in6_addr(struct emit *e, const char *name, const void *p)
{
	emit_field(e, (struct field){ .kind = FIELD_IN6_ADDR, .name = name, .p = p, .len = 16 });
}

void emit_sockaddr(struct emit *e, const char *name, const void *p, size_t len)
{
	emit_field(e, (struct field){ .kind = FIELD_SOCKADDR, .name = name, .p = p, .len = len });
}

void emit_string(struct emit *e, const char *name, const void *p, size_t len)
{
	emit_field(e, (struct field){ .kind = FIELD_STRING, .name = name, .p = p, .len = len });
}

void emit_bytes(struct emit *e, const char *name, const void *p, size_t len)
{
	emit_field(e, (struct field){ .kind = FIELD_BYTES, .name = name, .p = p, .len = len });
}

void emit_struct(struct emit *e, const char *name)
{
	emit_field(e, (struct field){ .kind = FIELD_STRUCT, .name = name });
}

void emit_array(struct emit *e, const char *name)
{
	emit_field(e, (struct field){ .kind = FIELD_ARRAY, .name = name });
}

void emit_end(struct emit *e)
{
	emit_field(e, (struct field){ .kind = FIELD_END });
}

void emit_comment(struct emit *e, const char *text)
{
	emit_field(e, (struct field){ .kind = FIELD_COMMENT, .p = text, .len = strlen(text) });
}
