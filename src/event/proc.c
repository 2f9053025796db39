// SPDX-License-Identifier: LGPL-2.1-or-later
/* Process snapshots. */
#include "config.h"

#include "event/proc.h"

#include "base/alloc.h"

struct proc *proc_new(void)
{
	struct proc *p = alloc_zeroed(1, sizeof(*p));

	p->refs = 1;
	return p;
}

struct proc *proc_ref(const struct proc *p)
{
	struct proc *q = (struct proc *)p;

	if (q)
		q->refs++;
	return q;
}

void proc_unref(struct proc *p)
{
	if (!p || --p->refs)
		return;
	alloc_free(p->exe);
	alloc_free(p);
}
