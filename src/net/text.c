// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Lines of ip(8), as people paste them: iproute2's ip/ipaddress.c, iproute.c and iprule.c print them.  A
 * line that isn't understood whole is no line of ip's.
 */
#include "config.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/priv.h"
#include "net/words.h"

/* What lines before say of the one under way. */
struct reading {
	struct net *n;
	uint32_t link;        /* whose addresses follow; place, 0 none */
	char table[NET_NAME]; /* that the command asked for; "": main */
	uint8_t family;       /* that the command asked for; 0: none */
	bool all_tables;
	uint32_t open; /* route whose next hops follow, place; 0 none */
	uint32_t last_pref;
	bool asked; /* ip route get: its answer follows */
	struct net_key question;
	unsigned int taken;
};

/* "eth0@if7:" without what stands behind the name. */
static uint32_t link_of(struct net *n, const char *text)
{
	char name[16];
	size_t len = strcspn(text, "@:");

	if (!len || len >= sizeof(name))
		return 0;
	memcpy(name, text, len);
	name[len] = '\0';
	return net_link(n, name);
}

/* ---- ip addr, ip link ---- */

/* inet 10.0.0.1/24 brd 10.0.0.255 scope global secondary eth0 */
static bool take_addr(struct reading *r, const struct words *w, unsigned int at)
{
	struct net *n = r->n;
	struct net_addr *a;
	uint8_t family, plen, addr[16], peer[16];

	if (!words_is(w, at, "inet") && !words_is(w, at, "inet6"))
		return false;
	if (!r->link &&
	    w->n) /* its own line is missing: IPv4's last word is the link or its label */
		r->link = link_of(n, w->w[w->n - 1]);
	if (!r->link || !ip_prefix(words_at(w, at + 1), &family, addr, &plen))
		return false;
	ip_prefix(words_after(w, at, "peer"), &family, peer,
		  &plen); /* of these the prefix is the peer's */
	for (uint32_t i = 0; i < n->naddrs; i++) {
		const struct host_addr *h = &n->addrs[i].host;

		if (h->ifindex == r->link && h->family == family && h->prefix == plen &&
		    !memcmp(h->addr, addr, 16))
			return true;
	}
	a = NET_ADD(n->addrs, n->naddrs);
	if (!a)
		return false;
	n->have_addrs = true;
	a->host.family = family;
	a->host.prefix = plen;
	a->host.ifindex = r->link;
	a->host.loopback = n->links[r->link - 1].loopback;
	memcpy(a->host.addr, addr, 16);
	a->host.scope = ip_scope(words_after(w, at, "scope"));
	a->secondary = words_has(w, at, "secondary");
	a->deprecated = words_has(w, at, "deprecated");
	a->optimistic = words_has(w, at, "optimistic");
	a->temporary = words_has(w, at, "temporary");
	a->tentative = words_has(w, at, "tentative") || words_has(w, at, "dadfailed");
	a->host.usable = !a->tentative || a->optimistic;
	return true;
}

/* 2: eth0@if7: <BROADCAST,UP> mtu 1500 … master br0 */
static bool take_link(struct reading *r, const struct words *w)
{
	struct net_link *l;
	char *end;
	unsigned long index = strtoul(words_at(w, 0), &end, 10);
	uint32_t place, vrf;
	size_t len = strlen(words_at(w, 1));

	if (w->n < 2 || end == w->w[0] || strcmp(end, ":") || !index || index > INT32_MAX)
		return false;
	if (!strcmp(words_at(w, 2), "inet") || !strcmp(words_at(w, 2), "inet6")) { /* -o */
		r->link = link_of(r->n, w->w[1]);
		if (r->link)
			r->n->links[r->link - 1].index = (uint32_t)index;
		return r->link && take_addr(r, w, 2);
	}
	if (w->w[1][len - 1] != ':' || words_at(w, 2)[0] != '<')
		return false;
	place = link_of(r->n, w->w[1]);
	if (!place)
		return false;
	r->link = place;
	l = &r->n->links[place - 1];
	l->index = (uint32_t)index;
	l->up = strstr(w->w[2], ",UP") || strstr(w->w[2], "<UP");
	l->loopback = strstr(w->w[2], "LOOPBACK");
	ip_copy(l->master, sizeof(l->master), words_after(w, 3, "master"));
	if (words_has(w, 3, "vrf") && ip_number(words_after(w, 3, "table"), &vrf)) /* -o -d */
		l->vrf = vrf;
	return true;
}

/* ip -br addr: "eth0@if7  UP  10.0.0.1/24 fd00::1/64" */
static bool take_brief(struct reading *r, const struct words *w)
{
	static const char *const states[] = { "UP",      "DOWN",    "UNKNOWN",   "LOWERLAYERDOWN",
					      "DORMANT", "TESTING", "NOTPRESENT" };
	unsigned int taken = 0;

	if (w->n < 3 || ip_pick(w->w[1], states, 7) < 0)
		return false;
	for (unsigned int i = 2; i < w->n; i++) {
		uint8_t family, plen, addr[16];
		struct words one = { .n = 4 };
		struct addr a;
		bool link;

		if (!ip_prefix(w->w[i], &family, addr, &plen) || !strchr(w->w[i], '/'))
			continue;
		a = family == AF_INET ? addr_of_in(addr, 0) : addr_of_in6(addr, 0, 0);
		link = family == AF_INET6 && addr_is_linklocal(&a);
		one.w[0] = (char *)(family == AF_INET ? "inet" : "inet6");
		one.w[1] = w->w[i];
		one.w[2] = (char *)"scope";
		one.w[3] = (char *)(addr_is_loopback(&a) ? "host" : link ? "link" : "global");
		r->link = link_of(r->n, w->w[0]);
		if (!r->link || !take_addr(r, &one, 0))
			continue;
		/* IPv4: a second one of the same prefix is printed behind its primary */
		for (uint32_t k = 0; family == AF_INET && k + 1 < r->n->naddrs; k++) {
			const struct host_addr *h = &r->n->addrs[k].host;

			if (h->ifindex == r->link && h->family == family && h->prefix == plen &&
			    net_prefix_match(h->addr, addr, plen) && memcmp(h->addr, addr, 4))
				r->n->addrs[r->n->naddrs - 1].secondary = true;
		}
		taken++;
	}
	return taken;
}

/* ---- ip route ---- */

static const char *const route_types[] = {
	[RTN_UNICAST] = "unicast",
	[RTN_LOCAL] = "local",
	[RTN_BROADCAST] = "broadcast",
	[RTN_ANYCAST] = "anycast",
	[RTN_MULTICAST] = "multicast",
	[RTN_BLACKHOLE] = "blackhole",
	[RTN_UNREACHABLE] = "unreachable",
	[RTN_PROHIBIT] = "prohibit",
	[RTN_THROW] = "throw",
	[RTN_NAT] = "nat",
};

static void take_hop(struct reading *r, const struct words *w, unsigned int at,
		     struct net_route *route)
{
	struct net *n = r->n;
	uint32_t link = link_of(n, words_after(w, at, "dev"));
	struct net_hop *h = NET_ADD(n->hops, n->nhops);
	const char *via = words_after(w, at, "via");

	if (!h)
		return;
	if (!strcmp(via, "inet") || !strcmp(via, "inet6"))
		via = words_after(w, at, via);
	h->has_gw = ip_address(via, &h->gw_family, h->gw);
	h->link = link;
	h->dead = words_has(w, at, "dead");
	route->nhops++;
}

/* A word that stands in a route's line, behind its destination. */
static bool route_goes_on(const struct words *w, unsigned int at)
{
	static const char *const words[] = {
		"via",    "dev", "table",   "proto", "scope",   "src",
		"metric", "tos", "dsfield", "nhid",  "nexthop", "pref"
	};

	return at < w->n && ip_pick(w->w[at], words, 12) >= 0;
}

/* IPv4 or IPv6?  The default route's line needn't say. */
static uint8_t route_family(const struct reading *r, const struct words *w, unsigned int at)
{
	uint8_t family, addr[16];
	const char *via = words_after(w, at, "via");

	if (ip_address(via, &family, addr))
		return family;
	if (ip_address(words_after(w, at, "src"), &family, addr))
		return family;
	if (words_has(w, at, "pref") || words_has(w, at, "error"))
		return AF_INET6;
	return r->family ? r->family : AF_INET;
}

static bool same_route(const struct net *n, const struct net_route *a, const struct net_route *b)
{
	const struct net_hop *x = &n->hops[a->hop], *y = &n->hops[b->hop];

	if (a->family != b->family || a->plen != b->plen || a->type != b->type ||
	    a->tos != b->tos || a->metric != b->metric || a->nhops != b->nhops ||
	    a->has_src != b->has_src || memcmp(a->dst, b->dst, 16) || memcmp(a->src, b->src, 16) ||
	    strcmp(a->table, b->table))
		return false;
	for (uint32_t i = 0; i < a->nhops; i++) {
		if (x[i].link != y[i].link || x[i].has_gw != y[i].has_gw ||
		    memcmp(x[i].gw, y[i].gw, 16))
			return false;
	}
	return true;
}

/* The last route is whole: outputs repeat each other. */
static void close_route(struct reading *r)
{
	struct net *n = r->n;
	uint32_t last = r->open;

	r->open = 0;
	if (!last)
		return;

	const struct net_route *route = &n->routes[last - 1];
	bool v6 = net_v6(route->family), again = !route->nhops && route->type == RTN_UNICAST;

	/* only the latest are looked at: a table of a whole internet has no doubles in it */
	for (uint32_t i = last > 4096 ? last - 4096 : 1; i < last && !again; i++)
		again = same_route(n, &n->routes[i - 1], route);
	n->have_routes[v6] |= strcmp(route->table, "local") != 0;
	n->have_local[v6] |= !strcmp(route->table, "local");
	if (again) {
		n->nhops = route->hop;
		n->nroutes = last - 1;
	}
}

static bool take_nexthop(struct reading *r, const struct words *w)
{
	if (!r->open || !words_is(w, 0, "nexthop"))
		return false;
	take_hop(r, w, 1, &r->n->routes[r->open - 1]);
	return true;
}

static bool take_route(struct reading *r, const struct words *w)
{
	int type = ip_pick(words_at(w, 0), route_types, RTN_NAT + 1);
	unsigned int at = type >= 0;
	struct net_route *route, one = { .type = RTN_UNICAST };
	bool any = words_is(w, at, "default");
	uint32_t metric = 0;

	if (!any && !ip_prefix(words_at(w, at), &one.family, one.dst, &one.plen))
		return false;
	if (words_has(w, at, "uid")) /* ip route get: one flow's way, no route */
		return false;
	if (type < 0 && at + 1 < w->n && !route_goes_on(w, at + 1))
		return false;
	if (type < 0 && at + 1 == w->n && !strchr(w->w[at], '/') && !any)
		return false;
	if (any)
		one.family = route_family(r, w, at + 1);
	at++;
	if (type >= 0)
		one.type = (uint8_t)type;
	one.has_type = type >= 0;
	if (!ip_number(words_after(w, at, "metric"), &metric) && one.family == AF_INET6)
		metric = 1024;
	one.metric = metric;
	one.tos = ip_tos(words_has(w, at, "tos") ? words_after(w, at, "tos")
						 : words_after(w, at, "dsfield"));
	one.scope = *words_after(w, at, "scope") ? ip_scope(words_after(w, at, "scope"))
		    : one.type == RTN_LOCAL      ? RT_SCOPE_HOST
						 : RT_SCOPE_UNIVERSE;
	uint8_t family;

	one.has_src =
		ip_address(words_after(w, at, "src"), &family, one.src) && family == one.family;
	ip_table(one.table, *words_after(w, at, "table")  ? words_after(w, at, "table")
			    : *r->table && !r->all_tables ? r->table
							  : "main");
	one.hop = r->n->nhops;
	route = NET_ADD(r->n->routes, r->n->nroutes);
	if (!route)
		return false;
	*route = one;
	r->open = r->n->nroutes;
	if (*words_after(w, at, "dev") || *words_after(w, at, "via"))
		take_hop(r, w, at, route);
	return true;
}

/* ---- ip rule ---- */

static bool take_range(const char *text, struct net_range *to)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	to->from = to->to = (uint32_t)strtoul(text, &end, 0);
	if (*end == '-')
		to->to = (uint32_t)strtoul(end + 1, &end, 0);
	return !*end;
}

static bool rule_prefix(const char *text, uint8_t *family, uint8_t *addr, uint8_t *plen)
{
	uint8_t f = 0;

	if (!strcmp(text, "all") || !strcmp(text, "any") || !strcmp(text, "default"))
		return true;
	if (!ip_prefix(text, &f, addr, plen))
		return false;
	*family = f;
	return true;
}

static const char *const actions[] = {
	[FR_ACT_TO_TBL] = "lookup",
	[FR_ACT_GOTO] = "goto",
	[FR_ACT_NOP] = "nop",
	[FR_ACT_BLACKHOLE] = "blackhole",
	[FR_ACT_UNREACHABLE] = "unreachable",
	[FR_ACT_PROHIBIT] = "prohibit",
};

/* A pair of a rule's line.  false: it isn't one. */
static bool rule_pair(struct net_rule *rule, const char *key, const char *v)
{
	uint32_t num;
	char *end;

	if (!strcmp(key, "from"))
		return rule_prefix(v, &rule->family, rule->src, &rule->src_len);
	if (!strcmp(key, "to"))
		return rule_prefix(v, &rule->family, rule->dst, &rule->dst_len);
	if (!strcmp(key, "fwmark")) {
		rule->mark = (uint32_t)strtoul(v, &end, 0);
		rule->mask = *end == '/' ? (uint32_t)strtoul(end + 1, &end, 0) : UINT32_MAX;
	} else if (!strcmp(key, "tos") || !strcmp(key, "dsfield") || !strcmp(key, "dscp")) {
		rule->tos = ip_tos(v);
	} else if (!strcmp(key, "iif")) {
		rule->other_iif = strcmp(v, "lo") != 0;
	} else if (!strcmp(key, "oif")) {
		ip_copy(rule->oif, sizeof(rule->oif), v);
	} else if (!strcmp(key, "uidrange")) {
		rule->has_uid = true;
		return take_range(v, &rule->uid);
	} else if (!strcmp(key, "sport")) {
		return take_range(v, &rule->sport);
	} else if (!strcmp(key, "dport")) {
		return take_range(v, &rule->dport);
	} else if (!strcmp(key, "ipproto")) {
		rule->proto = ip_proto(v);
	} else if (!strcmp(key, "lookup") || !strcmp(key, "table")) {
		rule->action = FR_ACT_TO_TBL;
		rule->l3mdev |= !strcmp(v, "[l3mdev-table]");
		ip_table(rule->table, v);
	} else if (!strcmp(key, "suppress_prefixlength")) {
		rule->suppress = ip_number(v, &num) ? (int)num : -1;
	} else if (!strcmp(key, "goto")) {
		rule->action = FR_ACT_GOTO;
		return ip_number(v, &rule->target);
	} else if (strcmp(key, "proto") && strcmp(key, "protocol") && strcmp(key, "realms") &&
		   strcmp(key, "fwmask")) {
		return false;
	}
	return true;
}

/* 32765:	not from 10.0.0.0/8 fwmark 0x7 lookup 100 */
static bool take_rule(struct reading *r, const struct words *w)
{
	struct net_rule rule = { .suppress = -1 }, *row;
	char *end;
	unsigned long pref = strtoul(words_at(w, 0), &end, 10);
	unsigned int i = 1;

	if (w->n < 3 || end == w->w[0] || strcmp(end, ":"))
		return false;
	if (words_is(w, i, "not")) {
		rule.invert = true;
		i++;
	}
	if (!words_is(w, i, "from"))
		return false;
	rule.pref = (uint32_t)pref;
	while (i < w->n) {
		int action = ip_pick(w->w[i], actions, FR_ACT_PROHIBIT + 1);

		if (action > FR_ACT_GOTO) {
			rule.action = (uint8_t)action;
			i++;
		} else if (i + 1 < w->n && rule_pair(&rule, w->w[i], w->w[i + 1])) {
			i += 2;
		} else {
			if (w->w[i][0] != '[') /* [detached] */
				ip_copy(rule.odd, sizeof(rule.odd), w->w[i]);
			i++;
		}
	}
	/* each output begins with its smallest number */
	if (r->last_pref > rule.pref || !r->n->nblocks)
		r->n->nblocks++;
	r->last_pref = rule.pref;
	rule.block = r->n->nblocks;
	if (!rule.family)
		rule.family = r->family;
	row = NET_ADD(r->n->rules, r->n->nrules);
	if (!row)
		return false;
	/* in the order of their numbers */
	for (i = r->n->nrules - 1; i && r->n->rules[i - 1].pref > rule.pref; i--)
		r->n->rules[i] = r->n->rules[i - 1];
	r->n->rules[i] = rule;
	return true;
}

/* ---- ip route get ---- */

/* The words behind get: 192.0.2.7 ipproto udp sport 53 dport 40000 */
static void take_get(struct reading *r, const struct words *w, unsigned int at)
{
	static const char *const others[] = { "iif",
					      "vrf" }; /* no send of a socket is asked about */
	struct net_key q = { .proto = 0 };
	uint32_t num;
	uint8_t plen;

	at += words_is(w, at, "to");
	if (!ip_prefix(words_at(w, at), &q.family, q.dst, &plen))
		return;
	for (unsigned int i = 0; i < 2; i++) {
		if (words_has(w, at, others[i]))
			return;
	}
	q.has_src = words_has(w, at, "from");
	q.oif = net_link(r->n, words_after(w, at, "oif"));
	q.tos = ip_tos(words_has(w, at, "tos") ? words_after(w, at, "tos")
					       : words_after(w, at, "dsfield"));
	q.proto = ip_proto(words_after(w, at, "ipproto"));
	if (ip_number(words_after(w, at, "mark"), &num))
		q.mark = num;
	if (ip_number(words_after(w, at, "uid"), &num))
		q.uid = num;
	if (ip_number(words_after(w, at, "sport"), &num))
		q.sport = (uint16_t)num;
	if (ip_number(words_after(w, at, "dport"), &num))
		q.dport = (uint16_t)num;
	r->asked = true;
	r->question = q;
}

/* The line below: [local] 192.0.2.7 [from ::] via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0 */
static bool take_got(struct reading *r, const struct words *w)
{
	struct net_got one = { .asked = r->question }, *got;
	unsigned int at = words_is(w, 0, "local");
	uint8_t family, plen, dst[16];

	if (!r->asked || !ip_prefix(words_at(w, at), &family, dst, &plen) ||
	    family != one.asked.family || memcmp(dst, one.asked.dst, 16) != 0)
		return false;
	r->asked = false;
	one.link = link_of(r->n, words_after(w, at, "dev"));
	if (!one.link || !ip_address(words_after(w, at, "src"), &family, one.source) ||
	    family != one.asked.family)
		return true; /* asked for a source of its own */
	got = NET_ADD(r->n->gots, r->n->ngots);
	if (got)
		*got = one;
	return true;
}

/* ---- lines ---- */

/* A prompt with a command: $ ip -6 route show table 100 */
static bool take_command(struct reading *r, const struct words *w)
{
	static const char *const objects[] = { "a",     "ad",   "addr", "address", "r",   "ro",
					       "route", "rule", "ru",   "l",       "link" };
	unsigned int i = 0;
	uint8_t family = 0;
	int object;

	while (i < w->n && !words_is(w, i, "ip") &&
	       strcmp(words_at(w, i) + strcspn(words_at(w, i), "/"), "/ip") &&
	       !words_is(w, i, "/sbin/ip") && !words_is(w, i, "/usr/sbin/ip"))
		i++;
	if (i >= w->n)
		return false;
	for (i++; words_at(w, i)[0] == '-'; i++) {
		family = words_is(w, i, "-6") ? AF_INET6 : words_is(w, i, "-4") ? AF_INET : family;
		if (words_is(w, i, "-n") || words_is(w, i, "-netns") || words_is(w, i, "-f") ||
		    words_is(w, i, "-family"))
			i++;
	}
	object = ip_pick(words_at(w, i), objects, 11);
	if (object < 0)
		return false;
	close_route(r);
	r->link = 0;
	r->family = family;
	r->asked = false;
	if (object >= 4 && object <= 6 && (words_is(w, i + 1, "get") || words_is(w, i + 1, "g"))) {
		take_get(r, w, i + 2);
		return true;
	}
	if (object >= 4 && object <= 8 && !family)
		r->family = AF_INET; /* what ip takes */
	r->last_pref = UINT32_MAX;
	r->all_tables = !strcmp(words_after(w, i, "table"), "all");
	ip_table(r->table, words_after(w, i, "table"));
	if (r->all_tables)
		r->family = family; /* prints both */
	if (object >= 4 && object <= 6) {
		r->n->have_routes[net_v6(r->family ? r->family : AF_INET)] = true;
		r->n->have_routes[1] |= r->all_tables && !family;
	}
	return true;
}

static bool take_words(struct reading *r, const struct words *w)
{
	uint32_t vrf;

	if (take_nexthop(r, w))
		return true;
	if (words_is(w, 0, "vrf") && r->link && ip_number(words_after(w, 1, "table"), &vrf)) {
		r->n->links[r->link - 1].vrf = vrf; /* ip -d link, the line below */
		return true;
	}
	close_route(r);
	return take_got(r, w) || take_addr(r, w, 0) || take_link(r, w) || take_rule(r, w) ||
	       take_route(r, w) || take_brief(r, w);
}

static void take_line(struct reading *r, const char *p, size_t len)
{
	struct words w;

	/* quote marks of mails and tables */
	while (len && strchr(" \t>|", *p) && *p) {
		p++;
		len--;
	}
	words_split(&w, p, len);
	if (w.n && take_words(r, &w))
		r->taken++;
	else
		take_command(r, &w);
}

static void take_lines(struct reading *r, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		take_line(r, text, n);
		n += end != NULL;
		text += n;
		len -= n;
	}
	close_route(r);
}

unsigned int net_read(struct net *n, const char *text, size_t len)
{
	struct reading r = { .n = n, .last_pref = UINT32_MAX };
	const char *at = text, *end = text + len, *open;

	/* JSON begins a line with a bracket */
	while (at < end && (open = memmem(at, (size_t)(end - at), "[{", 2))) {
		struct buf lines = { 0 };
		size_t used = net_json(open, (size_t)(end - open), &lines);

		take_lines(&r, at, (size_t)(open - at));
		take_lines(&r, lines.p, lines.len);
		buf_free(&lines);
		at = open + (used ? used : 2);
	}
	take_lines(&r, at, (size_t)(end - at));
	return r.taken;
}
