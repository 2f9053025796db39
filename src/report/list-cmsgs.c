// SPDX-License-Identifier: LGPL-2.1-or-later
/* --list-cmsgs: every row of the tables, as one looks it up.  Pure. */
#include "config.h"

#include "report/list-cmsgs.h"

#include "base/json.h"
#include "cmsg/cmsg.h"

enum { COLUMNS = 80, INDENT = 6, NAME_COLUMNS = 30 };

#define K(kind) (UINT64_C(1) << SOCK_KIND_##kind)

/* Sets of sockets that have a name of their own, the larger before their parts. */
static const struct {
	uint64_t kinds;
	const char *name;
} groups[] = {
	{ K(UDP4) | K(UDP6) | K(UDPLITE4) | K(UDPLITE6), "udp and udplite" },
	{ K(UDP4) | K(UDP6), "udp" },
	{ K(UDP6) | K(UDPLITE6), "udp6 and udplite6" },
	{ K(RAW4) | K(RAW6), "raw" },
	{ K(PING4) | K(PING6), "ping" },
	{ K(TCP4) | K(TCP6), "tcp" },
	{ K(UNIX_STREAM) | K(UNIX_DGRAM) | K(UNIX_SEQPACKET), "unix" },
	{ K(CAN_RAW) | K(CAN_BCM) | K(CAN_ISOTP) | K(CAN_J1939), "can" },
	{ K(BT_HCI) | K(BT_L2CAP) | K(BT_SCO) | K(BT_ISO) | K(BT_OTHER), "bluetooth" },
};

/* Words go to the next line where they don't fit. */
struct wrap {
	struct buf *out;
	size_t column;
	size_t indent;
};

static void wrap_word(struct wrap *w, const char *s, size_t len)
{
	if (w->column > w->indent && w->column + 1 + len > COLUMNS) {
		buf_char(w->out, '\n');
		w->column = 0;
	}
	if (!w->column) {
		buf_pad(w->out, ' ', w->indent);
		w->column = w->indent;
	} else if (w->column > w->indent) {
		buf_char(w->out, ' ');
		w->column++;
	}
	buf_add(w->out, s, len);
	w->column += len;
}

static void wrap_text(struct wrap *w, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, " ");

		wrap_word(w, s, len);
		s += len;
		s += strspn(s, " ");
	}
}

static void wrap_line(struct wrap *w)
{
	buf_char(w->out, '\n');
	w->column = 0;
}

static void put_paragraph(struct buf *out, const char *head, const char *s)
{
	struct wrap w = { .out = out, .indent = INDENT };

	if (head)
		wrap_text(&w, head);
	wrap_text(&w, s);
	wrap_line(&w);
}

static void add_socket(struct buf *list, const char *name)
{
	if (list->len)
		buf_lit(list, ", ");
	buf_str(list, name);
}

static void put_sockets(struct buf *out, const char *head, uint64_t kinds)
{
	struct buf list = { 0 };

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if ((kinds & groups[i].kinds) == groups[i].kinds) {
			add_socket(&list, groups[i].name);
			kinds &= ~groups[i].kinds;
		}
	}
	for (unsigned int k = 0; k < SOCK_KIND_COUNT; k++) {
		if (kinds >> k & 1)
			add_socket(&list, sock_kind_name((enum sock_kind)k));
	}
	if (list.len)
		put_paragraph(out, head, buf_cstr(&list));
	buf_free(&list);
}

static void put_size(struct buf *out, const struct cmsg_type *t)
{
	buf_u64(out, t->size);
	if (t->size_max == SIZE_MAX_NONE) {
		buf_lit(out, " or more");
	} else if (t->size_max) {
		buf_lit(out, " to ");
		buf_u64(out, t->size_max);
	}
	buf_str(out, t->size == 1 && !t->size_max ? " byte" : " bytes");
	if (t->size32) {
		buf_lit(out, ", ");
		buf_u64(out, t->size32);
		buf_lit(out, " for 32-bit programs");
	}
}

/* "5.0", "2.6.30" */
static void put_release(struct buf *out, uint32_t release)
{
	buf_printf(out, "%u.%u", release >> 16, release >> 8 & 0xff);
	if (release & 0xff)
		buf_printf(out, ".%u", release & 0xff);
}

/* Sockets that give it with MSG_ERRQUEUE only. */
static uint64_t error_kinds(const struct cmsg_type *t)
{
	uint64_t kinds = 0;

	for (unsigned int k = 0; k < SOCK_KIND_COUNT; k++)
		kinds |= (uint64_t)cmsg_type_gives_errors(t, (enum sock_kind)k) << k;
	return kinds;
}

static void put_row(struct buf *out, const struct cmsg_type *t)
{
	static const char *const dirs[] = { "", "send", "receive", "send, receive" };
	size_t start = out->len, used;

	buf_printf(out, "  %-3d %s", t->type, t->name);
	used = out->len - start;
	buf_pad(out, ' ', used < NAME_COLUMNS ? NAME_COLUMNS - used : 1);
	buf_printf(out, " %-13s  ", dirs[cmsg_type_sent(t) | cmsg_type_received(t) << 1]);
	put_size(out, t);
	if (t->since) {
		buf_lit(out, "  since ");
		put_release(out, t->since);
	}
	buf_char(out, '\n');
	put_paragraph(out, NULL, t->effect);
	if (t->alias)
		put_paragraph(out, "also called:", t->alias);
	if (cmsg_type_option(t))
		put_paragraph(out, "received with:", cmsg_type_option(t));
	if (t->kinds_send || t->kinds_recv) {
		put_sockets(out, "sent on:", t->kinds_send ? t->kinds_send : t->kinds);
		put_sockets(out, "received on:", t->kinds_recv ? t->kinds_recv : t->kinds);
	} else {
		put_sockets(out, "sockets:", t->kinds);
	}
	put_sockets(out, "in error queues:", error_kinds(t));
	put_paragraph(out, "kernel:", t->kernel);
}

void list_cmsgs_text(struct buf *out)
{
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		if (l != cmsg_levels)
			buf_char(out, '\n');
		buf_printf(out, "%s (%d)\n", (*l)->name, (*l)->level);
		for (unsigned int i = 0; i < (*l)->n; i++)
			put_row(out, &(*l)->types[i]);
	}
}

static void put_json_sockets(struct json *j, const char *key, const struct cmsg_type *t,
			     bool (*has)(const struct cmsg_type *t, enum sock_kind kind))
{
	jput_array(j, key);
	for (unsigned int k = 0; k < SOCK_KIND_COUNT; k++) {
		if (has(t, (enum sock_kind)k))
			jput_str(j, NULL, sock_kind_name((enum sock_kind)k));
	}
	jput_array_end(j);
}

static void put_json_row(struct json *j, const struct cmsg_level *l, const struct cmsg_type *t)
{
	jput_object(j, NULL);
	jput_s64(j, "level", t->level);
	jput_str(j, "level_name", l->name);
	jput_s64(j, "type", t->type);
	jput_str(j, "type_name", t->name);
	if (t->alias)
		jput_str(j, "alias", t->alias);
	jput_u64(j, "size_min", t->size);
	if (t->size_max != SIZE_MAX_NONE) /* absent: no limit */
		jput_u64(j, "size_max", t->size_max ? t->size_max : t->size);
	if (t->size32)
		jput_u64(j, "size_32bit", t->size32);
	put_json_sockets(j, "sent_on", t, cmsg_type_takes);
	put_json_sockets(j, "received_on", t, cmsg_type_gives);
	put_json_sockets(j, "error_queue_on", t, cmsg_type_gives_errors);
	if (t->since) {
		struct buf since = { 0 };

		put_release(&since, t->since);
		jput_str(j, "since", buf_cstr(&since));
		buf_free(&since);
	}
	if (cmsg_type_option(t))
		jput_str(j, "option", cmsg_type_option(t));
	jput_str(j, "effect", t->effect);
	jput_str(j, "kernel", t->kernel);
	jput_object_end(j);
}

void list_cmsgs_json(struct buf *out)
{
	struct json j = { .out = out };

	jput_array(&j, NULL);
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		for (unsigned int i = 0; i < (*l)->n; i++) {
			buf_char(out, '\n');
			put_json_row(&j, *l, &(*l)->types[i]);
		}
	}
	buf_char(out, '\n');
	jput_array_end(&j);
	buf_char(out, '\n');
}
