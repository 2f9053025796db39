// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * By libiberty: C++ (Itanium ABI 5.1), Rust's v0 and legacy.  A symbol of a few bytes can stand for a name of any
 * length: what is longer than NAME_LEN stays as it is.  The callbacks get a name bit by bit and nothing is
 * allocated meanwhile, so that a jump may end it.
 */
#include "config.h"

#include "stack/demangle.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

#ifdef HAVE_LIBIBERTY

#include <libiberty/demangle.h>
#include <setjmp.h>

enum { NAME_LEN = 1024 };

struct name {
	jmp_buf too_long;
	size_t len;
	char text[NAME_LEN + 1];
};

static void add(const char *p, size_t n, void *to)
{
	struct name *name = to;

	if (n > NAME_LEN - name->len)
		longjmp(name->too_long, 1);
	memcpy(name->text + name->len, p, n);
	name->len += n;
	name->text[name->len] = '\0';
}

/* Before libiberty is asked, whose code a program in C then doesn't need: to touch it the first time takes as long as 50 names. */
static bool is_mangled(const char *symbol)
{
	return symbol[0] == '_' && (symbol[1] == 'Z' || symbol[1] == 'R' || symbol[1] == 'G');
}

static char *plain(const char *symbol)
{
	struct name name;

	name.len = 0;
	if (!is_mangled(symbol) || setjmp(name.too_long))
		return NULL;
	/* What Rust's old names look like is C++ as well: its first. */
	if (!rust_demangle_callback(symbol, DMGL_PARAMS | DMGL_ANSI, add, &name)) {
		name.len = 0;
		if (!cplus_demangle_v3_callback(symbol, DMGL_PARAMS | DMGL_ANSI, add, &name))
			return NULL;
	}
	return name.len ? alloc_strdup(name.text) : NULL;
}

#else

static char *plain(const char *symbol)
{
	(void)symbol;
	return NULL;
}

#endif

char *demangle(const char *symbol, size_t len)
{
	char *copy = alloc_bytes(len + 1), *name;

	memcpy(copy, symbol, len);
	copy[len] = '\0';
	name = plain(copy);
	if (!name)
		return copy;
	alloc_free(copy);
	return name;
}
