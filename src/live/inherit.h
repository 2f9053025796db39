/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our own signal state, and the one that we were given and a command must get back unchanged. */
#ifndef CMSGTRACE_LIVE_INHERIT_H
#define CMSGTRACE_LIVE_INHERIT_H

/*
 * Called as early as possible, before any handler is installed: remembers mask and dispositions.  Later
 * calls change nothing.  command_init() calls it too.
 */
void inherit_save(void);
/* In the forked command: as they were. Only system calls. */
void inherit_restore(void);

#endif
