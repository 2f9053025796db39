// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One message as JSON: both headers with their bytes, and for readers of the recording (not read back:
 * a replay makes them anew) its control messages decoded, with the model's verdicts.
 */
#include "config.h"

#include "report/jsonl.h"

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

	json_u64(j, "flags", flags);
	if (!flags)
		return;
	names_put_flags(&b, &names_msg_flags, flags);
	json_strn(j, "flags_name", b.p, b.len);
	buf_free(&b);
}

static void put_hdr(struct json *j, const char *key, const struct hdr *h)
{
	if (!h->have && !h->name_ptr && !h->iov_ptr && !h->iovlen && !h->control_ptr &&
	    !h->controllen && !h->namelen && !h->flags && !h->name.p && !h->name.claimed &&
	    !h->control.p && !h->control.claimed)
		return;
	json_object(j, key);
	if (!h->have)
		json_bool(j, "have", false);
	json_hex(j, "name_ptr", h->name_ptr);
	json_s64(j, "namelen", h->namelen);
	if (h->name.p && h->name.len) {
		struct addr a = addr_of(h->name.p, h->name.len);

		if (addr_is_inet(&a))
			json_addr_text(j, "addr", &a);
	}
	jsonl_put_bytes(j, "name", &h->name, h->name_ptr);
	json_hex(j, "iov_ptr", h->iov_ptr);
	json_hex(j, "iovlen", h->iovlen);
	json_hex(j, "control_ptr", h->control_ptr);
	json_hex(j, "controllen", h->controllen);
	jsonl_put_bytes(j, "control", &h->control, h->control_ptr);
	put_flags(j, h->flags);
	json_object_end(j);
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

	json_object(j, "verdict");
	json_str(j, "what", what[v->what]);
	if (v->what == VERDICT_IGNORE && v->ignored != WHY_NONE)
		json_str(j, "ignored", ignored[v->ignored]);
	if (v->what == VERDICT_REJECT)
		json_str(j, "errno", jsonl_errno(v->err, tmp));
	if (v->why)
		json_str(j, "why", v->why);
	if (v->kernel)
		json_str(j, "kernel", v->kernel);
	json_object_end(j);
}

static void put_faults(struct json *j, unsigned int faults)
{
	if (!faults)
		return;
	json_array(j, "faults");
	if (faults & CMSG_FAULT_LEN_SHORT)
		json_str(j, NULL, "len-short");
	if (faults & CMSG_FAULT_LEN_BEYOND)
		json_str(j, NULL, "len-beyond");
	if (faults & CMSG_FAULT_NOT_READ)
		json_str(j, NULL, "not-read");
	json_array_end(j);
}

static void put_cmsg(struct json *j, struct event *ev, const struct cmsg *c,
		     const struct verdict *v, const struct ask *ask)
{
	const char *level = cmsg_level_name(c->level);

	json_object(j, NULL);
	json_u64(j, "offset", c->offset);
	json_hex(j, "len", c->len);
	json_s64(j, "level", c->level);
	if (level)
		json_str(j, "level_name", level);
	json_s64(j, "type", c->type);
	if (c->row)
		json_str(j, "type_name", c->row->name);
	put_faults(j, c->faults);
	if (c->data)
		json_hexbytes(j, "data", c->data, c->data_len);
	if (c->row && c->row->decode) {
		struct fields_json f;

		fields_json_init(&f, j, "decoded", ev, ask);
		cmsg_emit(&f.emit, c);
	}
	if (v)
		put_verdict(j, v);
	json_object_end(j);
}

static void put_predicted(struct json *j, const struct outcome *o)
{
	char tmp[16];

	if (!o || !o->known)
		return;
	json_object(j, "predicted");
	if (o->err)
		json_str(j, "errno", jsonl_errno(o->err, tmp));
	else
		json_null(j, "errno");
	if (o->cmsg >= 0)
		json_s64(j, "cmsg", o->cmsg);
	if (o->why)
		json_str(j, "why", o->why);
	if (o->kernel)
		json_str(j, "kernel", o->kernel);
	if (o->source.len)
		json_host_text(j, "source", &o->source);
	if (o->oif)
		json_u64(j, "oif", o->oif);
	if (o->gso >= 0)
		json_s64(j, "gso", o->gso);
	json_object_end(j);
}

static void put_iov(struct json *j, const struct msg *m)
{
	if (m->iov) {
		json_array(j, "iov");
		for (unsigned int i = 0; i < m->niov; i++) {
			json_object(j, NULL);
			json_hex(j, "base", m->iov[i].base);
			json_hex(j, "len", m->iov[i].len);
			jsonl_put_bytes(j, "data", &m->iov[i].data, m->iov[i].base);
			json_object_end(j);
		}
		json_array_end(j);
	}
	jsonl_put_bytes(j, "iov_raw", &m->iov_raw, 0);
	if (m->total)
		json_hex(j, "total", m->total);
}

void jsonl_put_msg(struct json *j, struct event *ev, const struct msg *m, const struct ask *ask)
{
	json_object(j, NULL);
	put_hdr(j, "in", &m->in);
	put_hdr(j, "out", &m->out);
	if (m->made_up)
		json_bool(j, "made_up", true);
	if (m->sent)
		json_bool(j, "sent", true);
	if (m->have_len)
		json_u64(j, "len", m->len);
	put_iov(j, m);
	jsonl_put_route(j, "route", &m->route);
	if (m->ncmsg) {
		json_array(j, "cmsgs");
		for (unsigned int i = 0; i < m->ncmsg; i++)
			put_cmsg(j, ev, &m->cmsg[i], m->verdict ? &m->verdict[i] : NULL, ask);
		json_array_end(j);
	}
	if (m->tail_len) {
		json_object(j, "tail");
		json_u64(j, "offset", m->tail_off);
		json_u64(j, "len", m->tail_len);
		json_object_end(j);
	}
	put_predicted(j, m->outcome);
	json_object_end(j);
}
