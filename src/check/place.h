/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in the program a call was made: the first frame that is the program's own. */
#ifndef CMSGTRACE_CHECK_PLACE_H
#define CMSGTRACE_CHECK_PLACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "event/event.h"

/* The first frame outside the C library, the loader, sanitizers and Go's syscall layer; or NULL. */
const struct frame *place_of(const struct stack *s);
/* Why the place f, a frame of s or NULL, tells less than the function that makes the call.  NULL: it tells that. */
const char *place_coarse(const struct stack *s, const struct frame *f);
/* How many of the innermost frames decide what place_of() gave: f, one of them, or NULL. */
uint32_t place_depth(const struct stack *s, const struct frame *f);
/* Does a module (path or name) belong to the C library or its like? */
bool place_is_libc(const char *module);
/* The length of a file's path or name without what says that it is deleted. */
size_t place_path_len(const char *path);
/* A function's name without what compilers append (".isra.0", ".cold", ".llvm.1234"): its length. */
size_t place_function_len(const char *function);
/*
 * Which line of which file to show for a finding: of the source, where it is known, else of the log that was read.
 * False: there is neither.  The name is borrowed.
 */
bool place_in_file(const struct frame *place, const char *log, uint64_t log_line, const char **file,
		   uint64_t *line);
/* "writePacket (conn_oob.go:239)", "reply (server+0x1234)". */
void place_put(struct buf *b, const struct frame *f);

#endif
