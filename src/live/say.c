// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the tracer tells the user. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "ptrace/state.h"

void trace_say(struct trace *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!t->o.say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->o.say(t->o.say_ctx, text);
}
