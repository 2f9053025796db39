// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which signals were ignored and blocked when we were started: execve hands both on. */
#include "config.h"

#include "live/inherit.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static bool saved;
static sigset_t mask;
static bool ignored[NSIG];

void inherit_save(void)
{
	if (saved)
		return;
	saved = true;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa;

		ignored[sig] = !sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN;
	}
}

void inherit_restore(void)
{
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction now;
		struct sigaction was = { .sa_handler = ignored[sig] ? SIG_IGN : SIG_DFL };

		/* the C library refuses its own two, SIGKILL and SIGSTOP never change */
		if (!sigaction(sig, NULL, &now) && now.sa_handler != was.sa_handler)
			sigaction(sig, &was, NULL);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
}
