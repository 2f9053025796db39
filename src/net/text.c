// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Lines of ip(8), as people paste them: iproute2's ip/ipaddress.c, iproute.c and iprule.c print them.  A
 * line that isn't understood whole is no line of ip's.
 */
#include "config.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/priv.h"

enum { WORDS_MAX = 96, LINE_MAX_LEN = 2048 };

/* What lines before say of the one under way. */
struct reading {
	struct net *n;
	uint32_t link;        /* whose addresses follow; place, 0 none */
	char table[NET_NAME]; /* that the command asked for; "": main */
	uint8_t family;       /* that the command asked for; 0: none */
	bool all_tables;
	uint32_t open; /* route whose next hops follow, place; 0 none */
	uint32_t last_pref;
	unsigned int taken;
};

struct words {
	char text[LINE_MAX_LEN];
	char *w[WORDS_MAX + 1]; /* NULL behind the last */
	unsigned int n;
};

static const char *word(const struct words *w, unsigned int i)
{
	return i < w->n ? w->w[i] : "";
}

static bool is(const struct words *w, unsigned int i, const char *text)
{
	return !strcmp(word(w, i), text);
}

/* The word behind the first one of that name; "": there is none. */
static const char *after(const struct words *w, unsigned int from, const char *name)
{
	for (unsigned int i = from; i + 1 < w->n; i++) {
		if (!strcmp(w->w[i], name))
			return w->w[i + 1];
	}
	return "";
}

static bool has(const struct words *w, unsigned int from, const char *name)
{
	for (unsigned int i = from; i < w->n; i++) {
		if (!strcmp(w->w[i], name))
			return true;
	}
	return false;
}

/* What fits. */
static void copy(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from);
}

static void split(struct words *w, const char *p, size_t len)
{
	char *save = NULL;

	w->n = 0;
	if (len >= sizeof(w->text))
		len = sizeof(w->text) - 1;
	memcpy(w->text, p, len);
	w->text[len] = '\0';
	for (char *s = w->text; *s; s++) {
		if (*s == '\\' || *s == '\r') /* -o puts it in place of newlines */
			*s = ' ';
	}
	for (char *s = strtok_r(w->text, " \t", &save); s && w->n < WORDS_MAX;
	     s = strtok_r(NULL, " \t", &save))
		w->w[w->n++] = s;
}

static bool number(const char *text, uint32_t *v)
{
	char *end;
	unsigned long long num;

	if (*text < '0' || *text > '9')
		return false;
	num = strtoull(text, &end, 0);
	*v = (uint32_t)num;
	return !*end && num <= UINT32_MAX;
}

/* 10.0.0.0/8, fd00::1, 10/8; plen as in the text, else the whole address. */
static bool prefix(const char *text, uint8_t *family, uint8_t *addr, uint8_t *plen)
{
	char host[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint32_t bits;

	if (!len || len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, host, addr) == 1)
		*family = AF_INET;
	else if (inet_pton(AF_INET6, host, addr) == 1)
		*family = AF_INET6;
	else
		return false;
	bits = (uint32_t)net_addr_len(*family) * 8;
	if (slash && (!number(slash + 1, &bits) || bits > net_addr_len(*family) * 8))
		return false;
	*plen = (uint8_t)bits;
	return true;
}

static bool address(const char *text, uint8_t *family, uint8_t *addr)
{
	uint8_t plen;

	return !strchr(text, '/') && prefix(text, family, addr, &plen);
}

/* A name of a small table; -1: none of it. */
static int pick(const char *text, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (names[i] && !strcmp(names[i], text))
			return i;
	}
	return -1;
}

static uint8_t scope_of(const char *text)
{
	static const char *const names[] = {
		"global", "universe", "site", "link", "host", "nowhere"
	};
	static const uint8_t scopes[] = { RT_SCOPE_UNIVERSE, RT_SCOPE_UNIVERSE, RT_SCOPE_SITE,
					  RT_SCOPE_LINK,     RT_SCOPE_HOST,     RT_SCOPE_NOWHERE };
	int i = pick(text, names, 6);
	uint32_t num = 0;

	return i >= 0 ? scopes[i] : number(text, &num) ? (uint8_t)num : RT_SCOPE_UNIVERSE;
}

/* The three tables that have a number and a name are known by name. */
static void table_name(char to[NET_NAME], const char *text)
{
	static const char *const known[] = { "255", "254", "253" };
	static const char *const names[] = { "local", "main", "default" };
	int i = pick(text, known, 3);

	copy(to, NET_NAME, i >= 0 ? names[i] : text);
}

static uint8_t tos_of(const char *text)
{
	static const char *const names[] = { "CS0",  "CS1",      "CS2",        "CS3",        "CS4",
					     "CS5",  "CS6",      "CS7",        "AF11",       "AF12",
					     "AF13", "AF21",     "AF22",       "AF23",       "AF31",
					     "AF32", "AF33",     "AF41",       "AF42",       "AF43",
					     "EF",   "lowdelay", "throughput", "reliability" };
	static const uint8_t values[] = { 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0,
					  0x28, 0x30, 0x38, 0x48, 0x50, 0x58, 0x68, 0x70,
					  0x78, 0x88, 0x90, 0x98, 0xb8, 0x10, 0x08, 0x04 };
	int i = pick(text, names, 24);
	uint32_t num = 0;

	return i >= 0 ? values[i] : number(text, &num) ? (uint8_t)num : 0;
}

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

	if (!is(w, at, "inet") && !is(w, at, "inet6"))
		return false;
	if (!r->link &&
	    w->n) /* its own line is missing: IPv4's last word is the link or its label */
		r->link = link_of(n, w->w[w->n - 1]);
	if (!r->link || !prefix(word(w, at + 1), &family, addr, &plen))
		return false;
	prefix(after(w, at, "peer"), &family, peer, &plen); /* of these the prefix is the peer's */
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
	a->host.scope = scope_of(after(w, at, "scope"));
	a->secondary = has(w, at, "secondary");
	a->deprecated = has(w, at, "deprecated");
	a->optimistic = has(w, at, "optimistic");
	a->temporary = has(w, at, "temporary");
	a->tentative = has(w, at, "tentative") || has(w, at, "dadfailed");
	a->host.usable = !a->tentative || a->optimistic;
	return true;
}

/* 2: eth0@if7: <BROADCAST,UP> mtu 1500 … master br0 */
static bool take_link(struct reading *r, const struct words *w)
{
	struct net_link *l;
	char *end;
	unsigned long index = strtoul(word(w, 0), &end, 10);
	uint32_t place, vrf;
	size_t len = strlen(word(w, 1));

	if (w->n < 2 || end == w->w[0] || strcmp(end, ":") || !index || index > INT32_MAX)
		return false;
	if (!strcmp(word(w, 2), "inet") || !strcmp(word(w, 2), "inet6")) { /* -o */
		r->link = link_of(r->n, w->w[1]);
		if (r->link)
			r->n->links[r->link - 1].index = (uint32_t)index;
		return r->link && take_addr(r, w, 2);
	}
	if (w->w[1][len - 1] != ':' || word(w, 2)[0] != '<')
		return false;
	place = link_of(r->n, w->w[1]);
	if (!place)
		return false;
	r->link = place;
	l = &r->n->links[place - 1];
	l->index = (uint32_t)index;
	l->up = strstr(w->w[2], ",UP") || strstr(w->w[2], "<UP");
	l->loopback = strstr(w->w[2], "LOOPBACK");
	copy(l->master, sizeof(l->master), after(w, 3, "master"));
	if (has(w, 3, "vrf") && number(after(w, 3, "table"), &vrf)) /* -o -d */
		l->vrf = vrf;
	return true;
}

/* ip -br addr: "eth0@if7  UP  10.0.0.1/24 fd00::1/64" */
static bool take_brief(struct reading *r, const struct words *w)
{
	static const char *const states[] = { "UP",      "DOWN",    "UNKNOWN",   "LOWERLAYERDOWN",
					      "DORMANT", "TESTING", "NOTPRESENT" };
	unsigned int taken = 0;

	if (w->n < 3 || pick(w->w[1], states, 7) < 0)
		return false;
	for (unsigned int i = 2; i < w->n; i++) {
		uint8_t family, plen, addr[16];
		struct words one = { .n = 4 };
		struct addr a;
		bool link;

		if (!prefix(w->w[i], &family, addr, &plen) || !strchr(w->w[i], '/'))
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
	uint32_t link = link_of(n, after(w, at, "dev"));
	struct net_hop *h = NET_ADD(n->hops, n->nhops);
	const char *via = after(w, at, "via");

	if (!h)
		return;
	if (!strcmp(via, "inet") || !strcmp(via, "inet6"))
		via = after(w, at, via);
	h->has_gw = address(via, &h->gw_family, h->gw);
	h->link = link;
	h->dead = has(w, at, "dead");
	route->nhops++;
}

/* A word that stands in a route's line, behind its destination. */
static bool route_goes_on(const struct words *w, unsigned int at)
{
	static const char *const words[] = {
		"via",    "dev", "table",   "proto", "scope",   "src",
		"metric", "tos", "dsfield", "nhid",  "nexthop", "pref"
	};

	return at < w->n && pick(w->w[at], words, 12) >= 0;
}

/* IPv4 or IPv6?  The default route's line needn't say. */
static uint8_t route_family(const struct reading *r, const struct words *w, unsigned int at)
{
	uint8_t family, addr[16];
	const char *via = after(w, at, "via");

	if (address(via, &family, addr))
		return family;
	if (address(after(w, at, "src"), &family, addr))
		return family;
	if (has(w, at, "pref") || has(w, at, "error"))
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
	if (!r->open || !is(w, 0, "nexthop"))
		return false;
	take_hop(r, w, 1, &r->n->routes[r->open - 1]);
	return true;
}

static bool take_route(struct reading *r, const struct words *w)
{
	int type = pick(word(w, 0), route_types, RTN_NAT + 1);
	unsigned int at = type >= 0;
	struct net_route *route, one = { .type = RTN_UNICAST };
	bool any = is(w, at, "default");
	uint32_t metric = 0;

	if (!any && !prefix(word(w, at), &one.family, one.dst, &one.plen))
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
	if (!number(after(w, at, "metric"), &metric) && one.family == AF_INET6)
		metric = 1024;
	one.metric = metric;
	one.tos = tos_of(has(w, at, "tos") ? after(w, at, "tos") : after(w, at, "dsfield"));
	one.scope = *after(w, at, "scope")  ? scope_of(after(w, at, "scope"))
		    : one.type == RTN_LOCAL ? RT_SCOPE_HOST
					    : RT_SCOPE_UNIVERSE;
	uint8_t family;

	one.has_src = address(after(w, at, "src"), &family, one.src) && family == one.family;
	table_name(one.table, *after(w, at, "table")        ? after(w, at, "table")
			      : *r->table && !r->all_tables ? r->table
							    : "main");
	one.hop = r->n->nhops;
	route = NET_ADD(r->n->routes, r->n->nroutes);
	if (!route)
		return false;
	*route = one;
	r->open = r->n->nroutes;
	if (*after(w, at, "dev") || *after(w, at, "via"))
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
	if (!prefix(text, &f, addr, plen))
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
	static const char *const protos[] = { [IPPROTO_ICMP] = "icmp",
					      [IPPROTO_TCP] = "tcp",
					      [IPPROTO_UDP] = "udp",
					      [IPPROTO_ICMPV6] = "ipv6-icmp" };
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
		rule->tos = tos_of(v);
	} else if (!strcmp(key, "iif")) {
		rule->other_iif = strcmp(v, "lo") != 0;
	} else if (!strcmp(key, "oif")) {
		copy(rule->oif, sizeof(rule->oif), v);
	} else if (!strcmp(key, "uidrange")) {
		rule->has_uid = true;
		return take_range(v, &rule->uid);
	} else if (!strcmp(key, "sport")) {
		return take_range(v, &rule->sport);
	} else if (!strcmp(key, "dport")) {
		return take_range(v, &rule->dport);
	} else if (!strcmp(key, "ipproto")) {
		int i = pick(v, protos, IPPROTO_ICMPV6 + 1);

		rule->proto = i >= 0 ? (uint8_t)i : number(v, &num) ? (uint8_t)num : 255;
	} else if (!strcmp(key, "lookup") || !strcmp(key, "table")) {
		rule->action = FR_ACT_TO_TBL;
		rule->l3mdev |= !strcmp(v, "[l3mdev-table]");
		table_name(rule->table, v);
	} else if (!strcmp(key, "suppress_prefixlength")) {
		rule->suppress = number(v, &num) ? (int)num : -1;
	} else if (!strcmp(key, "goto")) {
		rule->action = FR_ACT_GOTO;
		return number(v, &rule->target);
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
	unsigned long pref = strtoul(word(w, 0), &end, 10);
	unsigned int i = 1;

	if (w->n < 3 || end == w->w[0] || strcmp(end, ":"))
		return false;
	if (is(w, i, "not")) {
		rule.invert = true;
		i++;
	}
	if (!is(w, i, "from"))
		return false;
	rule.pref = (uint32_t)pref;
	while (i < w->n) {
		int action = pick(w->w[i], actions, FR_ACT_PROHIBIT + 1);

		if (action > FR_ACT_GOTO) {
			rule.action = (uint8_t)action;
			i++;
		} else if (i + 1 < w->n && rule_pair(&rule, w->w[i], w->w[i + 1])) {
			i += 2;
		} else {
			if (w->w[i][0] != '[') /* [detached] */
				copy(rule.odd, sizeof(rule.odd), w->w[i]);
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

/* ---- lines ---- */

/* A prompt with a command: $ ip -6 route show table 100 */
static bool take_command(struct reading *r, const struct words *w)
{
	static const char *const objects[] = { "a",     "ad",   "addr", "address", "r",   "ro",
					       "route", "rule", "ru",   "l",       "link" };
	unsigned int i = 0;
	uint8_t family = 0;
	int object;

	while (i < w->n && !is(w, i, "ip") &&
	       strcmp(word(w, i) + strcspn(word(w, i), "/"), "/ip") && !is(w, i, "/sbin/ip") &&
	       !is(w, i, "/usr/sbin/ip"))
		i++;
	if (i >= w->n)
		return false;
	for (i++; word(w, i)[0] == '-'; i++) {
		family = is(w, i, "-6") ? AF_INET6 : is(w, i, "-4") ? AF_INET : family;
		if (is(w, i, "-n") || is(w, i, "-netns") || is(w, i, "-f") || is(w, i, "-family"))
			i++;
	}
	object = pick(word(w, i), objects, 11);
	if (object < 0)
		return false;
	close_route(r);
	r->link = 0;
	r->family = family;
	if (object >= 4 && object <= 8 && !family)
		r->family = AF_INET; /* what ip takes */
	r->last_pref = UINT32_MAX;
	r->all_tables = !strcmp(after(w, i, "table"), "all");
	table_name(r->table, after(w, i, "table"));
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
	if (is(w, 0, "vrf") && r->link && number(after(w, 1, "table"), &vrf)) {
		r->n->links[r->link - 1].vrf = vrf; /* ip -d link, the line below */
		return true;
	}
	close_route(r);
	return take_addr(r, w, 0) || take_link(r, w) || take_rule(r, w) || take_route(r, w) ||
	       take_brief(r, w);
}

static void take_line(struct reading *r, const char *p, size_t len)
{
	struct words w;

	/* quote marks of mails and tables */
	while (len && strchr(" \t>|", *p) && *p) {
		p++;
		len--;
	}
	split(&w, p, len);
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
