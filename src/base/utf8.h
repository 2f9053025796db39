/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is well-formed UTF-8 (RFC 3629), for documents that may hold nothing else. */
#ifndef CMSGTRACE_BASE_UTF8_H
#define CMSGTRACE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed sequence at p, 0 where there is none. */
size_t utf8_length(const unsigned char *p, size_t left);
/* The character of such a sequence of n bytes. */
uint32_t utf8_value(const unsigned char *p, size_t n);
/* utf8_length() of a character that a person can be shown as it is: no control character, no change of direction. */
size_t utf8_shown(const unsigned char *p, size_t left);
/* The sequence of c at to, 4 bytes at most; its end. */
char *utf8_put(char *to, uint32_t c);
bool utf8_valid(const void *p, size_t len);

#endif
