/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the writer and the reader of recordings agree on; man/cmsgtrace-events.5 describes it all. */
#ifndef CMSGTRACE_RECORD_RECORD_H
#define CMSGTRACE_RECORD_RECORD_H

#define RECORD_FORMAT "cmsgtrace"
#define RECORD_VERSION "1.0"
enum { RECORD_MAJOR = 1 };

/*
 * "sock" and "proc" records are numbered 1, 2, 3 …; an event may name only the last so many of a kind, so
 * that both sides need constant memory.
 */
enum { RECORD_REMEMBERED = 4096 };

/* Names of the kinds of events, ends and reasons, as recordings spell them: index is the enum. */
extern const char *const record_kinds[];
extern const unsigned int record_nkinds;
extern const char *const record_ends[];
extern const unsigned int record_nends;
extern const char *const record_whys[];
extern const unsigned int record_nwhys;

#endif
