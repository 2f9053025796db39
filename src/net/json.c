// SPDX-License-Identifier: LGPL-2.1-or-later
/* What ip -json prints, as the lines that it prints without: one reader reads both. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "net/priv.h"

enum { JSON_DEPTH_BYTES = 64 << 20 }; /* more of one output is no list of routes */

static const char *text_at(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* " word VALUE", where there is one. */
static void put(struct buf *b, const json_t *o, const char *key, const char *as)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		buf_printf(b, " %s %s", as, json_string_value(v));
	else if (json_is_integer(v))
		buf_printf(b, " %s %lld", as, (long long)json_integer_value(v));
}

static void put_flags(struct buf *b, const json_t *o)
{
	const json_t *flags = json_object_get(o, "flags");
	const json_t *one;
	size_t i;

	json_array_foreach(flags, i, one)
	{
		if (json_is_string(one))
			buf_printf(b, " %s", json_string_value(one));
	}
}

static void put_link(struct buf *b, const json_t *o)
{
	static const char *const flags[] = { "secondary",  "deprecated", "tentative",
					     "optimistic", "temporary",  "dadfailed" };
	const json_t *one, *list = json_object_get(o, "flags");
	size_t i;

	buf_printf(b, "%lld: %s: <", (long long)json_integer_value(json_object_get(o, "ifindex")),
		   text_at(o, "ifname"));
	for (i = 0; i < json_array_size(list); i++) {
		one = json_array_get(list, i);
		buf_printf(b, "%s%s", i ? "," : "",
			   json_is_string(one) ? json_string_value(one) : "");
	}
	buf_lit(b, ">");
	put(b, o, "master", "master");

	const json_t *info = json_object_get(o, "linkinfo");

	if (!strcmp(text_at(info, "info_kind"), "vrf")) {
		buf_lit(b, " vrf");
		put(b, json_object_get(info, "info_data"), "table", "table");
	}
	buf_char(b, '\n');
	list = json_object_get(o, "addr_info");
	json_array_foreach(list, i, one)
	{
		const json_t *peer = json_object_get(one, "address");

		buf_printf(b, "%s %s", text_at(one, "family"), text_at(one, "local"));
		if (json_is_string(peer))
			buf_printf(b, " peer %s", json_string_value(peer));
		buf_printf(b, "/%lld",
			   (long long)json_integer_value(json_object_get(one, "prefixlen")));
		put(b, one, "scope", "scope");
		for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
			if (json_is_true(json_object_get(one, flags[k])))
				buf_printf(b, " %s", flags[k]);
		}
		buf_char(b, '\n');
	}
}

static void put_gateway(struct buf *b, const json_t *o)
{
	const json_t *via = json_object_get(o, "via");

	put(b, o, "gateway", "via");
	if (json_is_object(via))
		buf_printf(b, " via %s %s", text_at(via, "family"), text_at(via, "host"));
	put(b, o, "dev", "dev");
	put_flags(b, o);
}

static void put_route(struct buf *b, const json_t *o)
{
	static const char *const keys[][2] = {
		{ "table", "table" }, { "protocol", "proto" }, { "scope", "scope" },
		{ "prefsrc", "src" }, { "tos", "tos" },        { "metric", "metric" },
		{ "pref", "pref" },   { "uid", "uid" },
	};
	const json_t *hops = json_object_get(o, "nexthops"), *hop;
	size_t i;

	buf_printf(b, "%s %s", text_at(o, "type"), text_at(o, "dst"));
	put(b, o, "from", "from");
	put_gateway(b, o);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(b, o, keys[i][0], keys[i][1]);
	buf_char(b, '\n');
	json_array_foreach(hops, i, hop)
	{
		buf_lit(b, "nexthop");
		put_gateway(b, hop);
		buf_char(b, '\n');
	}
}

static void put_sized(struct buf *b, const json_t *o, const char *key, const char *len,
		      const char *as)
{
	const json_t *bits = json_object_get(o, len);

	if (!*text_at(o, key))
		return;
	buf_printf(b, " %s %s", as, text_at(o, key));
	if (json_is_integer(bits))
		buf_printf(b, "/%lld", (long long)json_integer_value(bits));
}

static void put_range(struct buf *b, const json_t *o, const char *from, const char *to,
		      const char *as)
{
	const json_t *a = json_object_get(o, from), *z = json_object_get(o, to);

	if (json_is_integer(a))
		buf_printf(b, " %s %lld-%lld", as, (long long)json_integer_value(a),
			   (long long)json_integer_value(json_is_integer(z) ? z : a));
}

static void put_rule(struct buf *b, const json_t *o)
{
	static const char *const known[] = { "priority",    "not",       "src",
					     "srclen",      "dst",       "dstlen",
					     "fwmark",      "fwmask",    "tos",
					     "iif",         "oif",       "uid_start",
					     "uid_end",     "ipproto",   "sport",
					     "sport_start", "sport_end", "dport",
					     "dport_start", "dport_end", "table",
					     "protocol",    "l3mdev",    "suppress_prefixlen",
					     "action",      "goto" };
	const json_t *v;
	const char *key;

	buf_printf(b, "%lld:%s", (long long)json_integer_value(json_object_get(o, "priority")),
		   json_object_get(o, "not") ? " not" : "");
	put_sized(b, o, "src", "srclen", "from");
	put_sized(b, o, "dst", "dstlen", "to");
	if (*text_at(o, "fwmark"))
		buf_printf(b, " fwmark %s%s%s", text_at(o, "fwmark"),
			   *text_at(o, "fwmask") ? "/" : "", text_at(o, "fwmask"));
	put(b, o, "tos", "tos");
	put(b, o, "iif", "iif");
	put(b, o, "oif", "oif");
	put_range(b, o, "uid_start", "uid_end", "uidrange");
	put(b, o, "ipproto", "ipproto");
	put(b, o, "sport", "sport");
	put_range(b, o, "sport_start", "sport_end", "sport");
	put(b, o, "dport", "dport");
	put_range(b, o, "dport_start", "dport_end", "dport");
	if (json_object_get(o, "l3mdev"))
		buf_lit(b, " lookup [l3mdev-table]");
	else
		put(b, o, "table", "lookup");
	put(b, o, "suppress_prefixlen", "suppress_prefixlength");
	json_object_foreach((json_t *)o, key, v)
	{
		bool odd = true;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			odd &= strcmp(key, known[i]) != 0;
		if (odd)
			buf_printf(b, " %s", key);
	}
	put(b, o, "goto", "goto");
	if (strcmp(text_at(o, "action"), "to_tbl"))
		buf_printf(b, " %s", text_at(o, "action"));
	buf_char(b, '\n');
}

size_t net_json(const char *text, size_t len, struct buf *lines)
{
	json_error_t err;
	json_t *list, *o;
	size_t i, used;

	list = json_loadb(text, len < JSON_DEPTH_BYTES ? len : JSON_DEPTH_BYTES,
			  JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &err);
	used = list ? (size_t)err.position : 0;
	json_array_foreach(list, i, o)
	{
		if (json_object_get(o, "ifname"))
			put_link(lines, o);
		else if (json_object_get(o, "priority"))
			put_rule(lines, o);
		else if (json_object_get(o, "dst"))
			put_route(lines, o);
	}
	json_decref(list);
	return used;
}
