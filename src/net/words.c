// SPDX-License-Identifier: LGPL-2.1-or-later
/* A line of ip(8) as words, and what words of it stand for: iproute2's lib/rt_names.c and lib/utils.c. */
#include "config.h"

#include "net/words.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *words_at(const struct words *w, unsigned int i)
{
	return i < w->n ? w->w[i] : "";
}

bool words_is(const struct words *w, unsigned int i, const char *text)
{
	return !strcmp(words_at(w, i), text);
}

const char *words_after(const struct words *w, unsigned int from, const char *name)
{
	for (unsigned int i = from; i + 1 < w->n; i++) {
		if (!strcmp(w->w[i], name))
			return w->w[i + 1];
	}
	return "";
}

bool words_has(const struct words *w, unsigned int from, const char *name)
{
	for (unsigned int i = from; i < w->n; i++) {
		if (!strcmp(w->w[i], name))
			return true;
	}
	return false;
}

void ip_copy(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from);
}

void words_split(struct words *w, const char *p, size_t len)
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

bool ip_number(const char *text, uint32_t *v)
{
	char *end;
	unsigned long long num;

	if (*text < '0' || *text > '9')
		return false;
	num = strtoull(text, &end, 0);
	*v = (uint32_t)num;
	return !*end && num <= UINT32_MAX;
}

bool ip_prefix(const char *text, uint8_t *family, uint8_t *addr, uint8_t *plen)
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
	if (slash && (!ip_number(slash + 1, &bits) || bits > net_addr_len(*family) * 8))
		return false;
	*plen = (uint8_t)bits;
	return true;
}

bool ip_address(const char *text, uint8_t *family, uint8_t *addr)
{
	uint8_t plen;

	return !strchr(text, '/') && ip_prefix(text, family, addr, &plen);
}

int ip_pick(const char *text, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (names[i] && !strcmp(names[i], text))
			return i;
	}
	return -1;
}

uint8_t ip_scope(const char *text)
{
	static const char *const names[] = {
		"global", "universe", "site", "link", "host", "nowhere"
	};
	static const uint8_t scopes[] = { RT_SCOPE_UNIVERSE, RT_SCOPE_UNIVERSE, RT_SCOPE_SITE,
					  RT_SCOPE_LINK,     RT_SCOPE_HOST,     RT_SCOPE_NOWHERE };
	int i = ip_pick(text, names, 6);
	uint32_t num = 0;

	return i >= 0 ? scopes[i] : ip_number(text, &num) ? (uint8_t)num : RT_SCOPE_UNIVERSE;
}

void ip_table(char to[NET_NAME], const char *text)
{
	static const char *const known[] = { "255", "254", "253" };
	static const char *const names[] = { "local", "main", "default" };
	int i = ip_pick(text, known, 3);

	ip_copy(to, NET_NAME, i >= 0 ? names[i] : text);
}

uint8_t ip_proto(const char *text)
{
	static const char *const names[] = { [IPPROTO_ICMP] = "icmp",
					     [IPPROTO_TCP] = "tcp",
					     [IPPROTO_UDP] = "udp",
					     [IPPROTO_ICMPV6] = "ipv6-icmp" };
	int i = ip_pick(text, names, IPPROTO_ICMPV6 + 1);
	uint32_t num;

	return !*text ? 0 : i >= 0 ? (uint8_t)i : ip_number(text, &num) ? (uint8_t)num : 255;
}

uint8_t ip_tos(const char *text)
{
	static const char *const names[] = { "CS0",  "CS1",      "CS2",        "CS3",        "CS4",
					     "CS5",  "CS6",      "CS7",        "AF11",       "AF12",
					     "AF13", "AF21",     "AF22",       "AF23",       "AF31",
					     "AF32", "AF33",     "AF41",       "AF42",       "AF43",
					     "EF",   "lowdelay", "throughput", "reliability" };
	static const uint8_t values[] = { 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0,
					  0x28, 0x30, 0x38, 0x48, 0x50, 0x58, 0x68, 0x70,
					  0x78, 0x88, 0x90, 0x98, 0xb8, 0x10, 0x08, 0x04 };
	int i = ip_pick(text, names, 24);
	uint32_t num = 0;

	return i >= 0 ? values[i] : ip_number(text, &num) ? (uint8_t)num : 0;
}
