/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line of ip(8) as words, and what words of it stand for.  Private to this folder. */
#ifndef CMSGTRACE_NET_WORDS_H
#define CMSGTRACE_NET_WORDS_H

#include "net/priv.h"

enum { WORDS_MAX = 96, LINE_MAX_LEN = 2048 };

struct words {
	char text[LINE_MAX_LEN];
	char *w[WORDS_MAX + 1]; /* NULL behind the last */
	unsigned int n;
};

void words_split(struct words *w, const char *line, size_t len);
const char *words_at(const struct words *w, unsigned int i); /* "": there is none */
bool words_is(const struct words *w, unsigned int i, const char *text);
/* The word behind the first one of that name, from that place on; "": there is none. */
const char *words_after(const struct words *w, unsigned int from, const char *name);
bool words_has(const struct words *w, unsigned int from, const char *name);

bool ip_number(const char *text, uint32_t *v);
/* 10.0.0.0/8, fd00::1, 10/8; plen as in the text, else the whole address. */
bool ip_prefix(const char *text, uint8_t *family, uint8_t *addr, uint8_t *plen);
bool ip_address(const char *text, uint8_t *family, uint8_t *addr);
/* The place of a name in a small table; -1: none of it. */
int ip_pick(const char *text, const char *const *names, int n);
uint8_t ip_scope(const char *text); /* RT_SCOPE_* */
uint8_t ip_tos(const char *text);
uint8_t ip_proto(const char *text); /* IPPROTO_*; 0: no text; 255: one that we don't know */
/* The three tables that have a number and a name are known by name. */
void ip_table(char to[NET_NAME], const char *text);
/* What fits. */
void ip_copy(char *to, size_t room, const char *from);

#endif
