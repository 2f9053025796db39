// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One message as JSON: both headers with their bytes, and for readers of the recording (not read back:
 * a replay makes them anew) its control messages decoded, with the model's verdicts.
 */
#include "config.h"

#include "record/write.h"

#include <string.h>

#include "cmsg/cmsg.h"
#include "event/names.h"
#include "kernel/model.h"
#include "report/fields-json.h"

enum { ERESTARTSYS = 512, ERESTART_LAST = 516 };

const char *jsonl_errno(int err, char tmp[16])
{
	static const char *const restarts[] = {
		"ERESTARTSYS", "ERESTARTNOINTR",        "ERESTARTNOHAND",
		"ENOIOCTLCMD", "ERESTART_RESTARTBLOCK",
	};
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	if (err >= ERESTARTSYS && err <= ERESTART_LAST)
		return restarts[err - ERESTARTSYS];

	struct buf b = { 0 };

	buf_s64(&b, err);
	memcpy(tmp, b.p, b.len);
	tmp[b.len] = '\0';
	buf_free(&b);
	return tmp;
}

static void put_flags(struct json *j, uint32_t flags)
{
	struct buf b = { 0 };

	jput_u64(j, "flags", flags);
	if (!flags)
		return;
	names_put_flags(&b, &names_msg_flags, flags);
	jput_strn(j, "flags_name", b.p, b.len);
	buf_free(&b);
}

static void put_hdr(struct json *j, const char *key, const struct hdr *h)
{
	if (!h->have && !h->name_ptr && !h->iov_ptr && !h->iovlen && !h->control_ptr &&
	    !h->controllen && !h->namelen && !h->flags && !h->name.p && !h->name.claimed &&
	    !h->control.p && !h->control.claimed && !h->unseen)
		return;
	jput_object(j, key);
	if (!h->have)
		jput_bool(j, "have", false);
	if (h->unseen) {
		jput_array(j, "unseen");
		if (h->unseen & HDR_UNSEEN_PTRS)
			jput_str(j, NULL, "pointers");
		if (h->unseen & HDR_UNSEEN_ROOM)
			jput_str(j, NULL, "room");
		if (h->unseen & HDR_UNSEEN_FLAGS)
			jput_str(j, NULL, "flags");
		if (h->unseen & HDR_UNSEEN_IOVLEN)
			jput_str(j, NULL, "iovlen");
		jput_array_end(j);
	}
	jsonl_put_word(j, "name_ptr", h->name_ptr);
	jput_s64(j, "namelen", h->namelen);
	if (h->name.p && h->name.len) {
		struct addr a = addr_of(h->name.p, h->name.len);

		if (addr_is_inet(&a))
			jput_addr_text(j, "addr", &a);
	}
	jsonl_put_bytes(j, "name", &h->name, h->name_ptr);
	jsonl_put_word(j, "iov_ptr", h->iov_ptr);
	jput_hex(j, "iovlen", h->iovlen);
	jsonl_put_word(j, "control_ptr", h->control_ptr);
	jput_hex(j, "controllen", h->controllen);
	jsonl_put_bytes(j, "control", &h->control, h->control_ptr);
	if (h->nholes)
		jput_array(j, "holes");
	for (unsigned int i = 0; i < h->nholes; i++) {
		jput_array(j, NULL);
		jput_u64(j, NULL, h->holes[i].off);
		jput_u64(j, NULL, h->holes[i].len);
		jput_array_end(j);
	}
	if (h->nholes)
		jput_array_end(j);
	if (!(h->unseen & HDR_UNSEEN_FLAGS))
		put_flags(j, h->flags);
	jput_object_end(j);
}

static void put_verdict(struct json *j, const struct verdict *v)
{
	static const char *const what[] = {
		[VERDICT_UNKNOWN] = "unknown",         [VERDICT_ACCEPT] = "accept",
		[VERDICT_IGNORE] = "ignore",           [VERDICT_REJECT] = "reject",
		[VERDICT_NOT_REACHED] = "not-reached",
	};
	static const char *const ignored[] = {
		[WHY_LEVEL] = "level",         [WHY_FAMILY] = "family",
		[WHY_NO_EFFECT] = "no-effect", [WHY_NO_PARSER] = "no-parser",
		[WHY_CORKED] = "corked",       [WHY_OVERRIDDEN] = "overridden",
	};
	char tmp[16];

	jput_object(j, "verdict");
	jput_str(j, "what", what[v->what]);
	if (v->what == VERDICT_IGNORE && v->ignored != WHY_NONE)
		jput_str(j, "ignored", ignored[v->ignored]);
	if (v->what == VERDICT_REJECT)
		jput_str(j, "errno", jsonl_errno(v->err, tmp));
	if (v->why)
		jput_str(j, "why", v->why);
	if (v->kernel)
		jput_str(j, "kernel", v->kernel);
	jput_object_end(j);
}

static void put_faults(struct json *j, unsigned int faults)
{
	if (!faults)
		return;
	jput_array(j, "faults");
	if (faults & CMSG_FAULT_LEN_SHORT)
		jput_str(j, NULL, "len-short");
	if (faults & CMSG_FAULT_LEN_BEYOND)
		jput_str(j, NULL, "len-beyond");
	if (faults & CMSG_FAULT_NOT_READ)
		jput_str(j, NULL, "not-read");
	jput_array_end(j);
}

static void put_cmsg(struct json *j, struct event *ev, const struct cmsg *c,
		     const struct verdict *v, const struct ask *ask)
{
	const char *level = cmsg_level_name_on(c->level, sock_kind(ev->sock));

	jput_object(j, NULL);
	jput_u64(j, "offset", c->offset);
	jput_hex(j, "len", c->len);
	jput_s64(j, "level", c->level);
	if (level)
		jput_str(j, "level_name", level);
	jput_s64(j, "type", c->type);
	if (c->row)
		jput_str(j, "type_name", c->row->name);
	put_faults(j, c->faults);
	if (c->data)
		jput_hexbytes(j, "data", c->data, c->data_len);
	if (c->row && c->row->decode) {
		struct fields_json f;

		fields_json_init(&f, j, "decoded", ev, ask);
		cmsg_emit(&f.emit, c);
	}
	if (v)
		put_verdict(j, v);
	jput_object_end(j);
}

static void put_predicted(struct json *j, const struct outcome *o)
{
	char tmp[16];

	if (!o || !o->known)
		return;
	jput_object(j, "predicted");
	if (o->err)
		jput_str(j, "errno", jsonl_errno(o->err, tmp));
	else
		jput_null(j, "errno");
	if (o->cmsg >= 0)
		jput_s64(j, "cmsg", o->cmsg);
	if (o->why)
		jput_str(j, "why", o->why);
	if (o->kernel)
		jput_str(j, "kernel", o->kernel);
	if (o->assumes)
		jput_str(j, "assumes", o->assumes);
	if (o->source.len)
		jput_host_text(j, "source", &o->source);
	if (o->oif)
		jput_u64(j, "oif", o->oif);
	if (o->gso >= 0)
		jput_s64(j, "gso", o->gso);
	jput_object_end(j);
}

static void put_iov(struct json *j, const struct msg *m)
{
	if (m->iov) {
		jput_array(j, "iov");
		for (unsigned int i = 0; i < m->niov; i++) {
			jput_object(j, NULL);
			jsonl_put_word(j, "base", m->iov[i].base);
			jput_hex(j, "len", m->iov[i].len);
			jsonl_put_bytes(j, "data", &m->iov[i].data, m->iov[i].base);
			jput_object_end(j);
		}
		jput_array_end(j);
	}
	jsonl_put_bytes(j, "iov_raw", &m->iov_raw, 0);
	if (m->total)
		jput_hex(j, "total", m->total);
}

void jsonl_put_msg(struct json *j, struct event *ev, const struct msg *m, const struct ask *ask)
{
	jput_object(j, NULL);
	put_hdr(j, "in", &m->in);
	put_hdr(j, "out", &m->out);
	if (m->made_up)
		jput_bool(j, "made_up", true);
	if (m->sent)
		jput_bool(j, "sent", true);
	if (m->have_len)
		jput_u64(j, "len", m->len);
	put_iov(j, m);
	jsonl_put_route(j, "route", &m->route);
	if (m->wire.have) {
		jput_object(j, "wire");
		jsonl_put_addr(j, "local", &m->wire.local);
		jput_u64(j, "packet", m->wire.packet);
		jput_object_end(j);
	}
	if (m->tried.what) {
		jput_object(j, "tried");
		jput_str(j, "what", m->tried.what);
		if (m->tried.failed)
			jput_str(j, "failed", m->tried.failed);
		jsonl_put_addr(j, "source", &m->tried.source);
		jput_object_end(j);
	}
	if (m->ncmsg) {
		jput_array(j, "cmsgs");
		for (unsigned int i = 0; i < m->ncmsg; i++)
			put_cmsg(j, ev, &m->cmsg[i], m->verdict ? &m->verdict[i] : NULL, ask);
		jput_array_end(j);
	}
	if (m->tail_len) {
		jput_object(j, "tail");
		jput_u64(j, "offset", m->tail_off);
		jput_u64(j, "len", m->tail_len);
		jput_object_end(j);
	}
	put_predicted(j, m->outcome);
	jput_object_end(j);
}
