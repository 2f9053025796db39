// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT902: rules that could not run, and what they would have needed. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "check/check.h"

/* "CT109, CT110": all that lack the same, once each. */
static uint64_t list_rules(struct buf *b, const struct check_skip *skips, size_t n, size_t first)
{
	uint64_t count = 0;

	for (size_t i = first; i < n; i++) {
		if (strcmp(skips[i].reason, skips[first].reason) != 0)
			continue;
		buf_printf(b, "%s%s [%s]", b->len ? ", " : "", skips[i].rule->id,
			   skips[i].rule->name);
		count += skips[i].count;
	}
	return count;
}

static bool told(const struct check_skip *skips, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (!strcmp(skips[k].reason, skips[i].reason))
			return true;
	}
	return false;
}

static void on_end(struct check *c, const struct rule *r)
{
	size_t n;
	const struct check_skip *skips = check_skips(c, &n);

	for (size_t i = 0; i < n; i++) {
		struct finding *f =
			told(skips, i) ? NULL : finding_once(c, r, r->severity, skips[i].reason);
		struct buf names = { 0 };

		if (!f)
			continue;

		uint64_t count = list_rules(&names, skips, n, i);

		finding_message(c, f, "%s could not be checked %llu time%s: %s", buf_cstr(&names),
				(unsigned long long)count, count == 1 ? "" : "s", skips[i].reason);
		finding_done(c, f);
		buf_free(&names);
	}
}

const struct rule ct902 = {
	.id = "CT902",
	.name = "facts-missing",
	.severity = SEVERITY_NOTE,
	.title = "a rule could not run: a fact that it needs is missing",
	.what = "Rules that would have had to guess stay silent. This says which ones, how often, and what\n"
		"was missing: the routing table (no permission to enter the namespace, or a log that does not\n"
		"hold it), the socket's bound address, what the control messages do; of a log of strace the pointers,\n"
		"the room that a receive offered, and most payloads.",
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
	.end = on_end,
};
