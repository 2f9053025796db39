// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT902: rules that could not run, and what they would have needed. */
#include "config.h"

#include <stdio.h>

#include "check/check.h"
#include "check/rules/rules.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	size_t n;
	const struct check_skip *skips = check_skips(c, &n);

	(void)ev;
	(void)m;
	for (size_t i = 0; i < n; i++) {
		char key[160];

		snprintf(key, sizeof(key), "%s %s", skips[i].rule->id, skips[i].reason);

		struct finding *f = finding_once(c, r, r->severity, key);

		if (!f)
			continue;
		finding_message(c, f, "%s [%s] could not be checked %llu time%s: %s",
				skips[i].rule->id, skips[i].rule->name,
				(unsigned long long)skips[i].count, skips[i].count == 1 ? "" : "s",
				skips[i].reason);
		finding_done(c, f);
	}
}

const struct rule ct902 = {
	.id = "CT902",
	.name = "facts-missing",
	.severity = SEVERITY_NOTE,
	.on = RULE_AT_END,
	.title = "a rule could not run: a fact that it needs is missing",
	.what = "Rules that would have had to guess stay silent. This says which ones, how often, and what\n"
		"was missing: the routing table (no permission to enter the namespace, or a log that does not\n"
		"hold it), the socket's bound address, what the control messages do.",
	.why = "No finding of that rule then does not mean that there is no mistake.",
	.kernel =
		"The routing table is asked by netlink (RTM_GETROUTE) in the socket's own network namespace; the\n"
		"socket's facts come by pidfd_getfd(2).",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "/* traced by another user, or read from a log that holds no routes: nobody knows the source */\n"
	       "long reply(int fd, const void *data, size_t len, const struct sockaddr *to, socklen_t tolen)\n"
	       "{\n"
	       "	return sendto(fd, data, len, 0, to, tolen);\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"long reply(int fd, const struct msghdr *m) /* the source is in its control data */\n"
		"{\n"
		"	return sendmsg(fd, m, 0);\n"
		"}\n",
	.remedy =
		"Run the tracer as the program's user, or as root for other users' programs; in a container with\n"
		"CAP_SYS_PTRACE. Make a recording (--record) rather than an strace log.",
	.check = check,
};
