// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include "trace/symbols.h"

void symbols_resolve(struct event *ev, struct frame *f)
{
	(void)ev;
	(void)f;
}

void symbols_free(void)
{
}
