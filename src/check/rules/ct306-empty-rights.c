// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT306: SCM_RIGHTS that holds no descriptor, or part of one. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/rules/examples.h"
#include "check/say.h"
#include "check/sizes.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || !m->ncmsg || !known_kind(c, r) || !sock_kind_is_unix(cur->kind))
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		uint32_t len = sizes_payload(ev, cm);

		if (!sizes_is_rights(cm) || (len && len % 4 == 0))
			continue;

		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i,
						  len ? "part" : "empty");

		if (!f)
			continue;
		if (len < 4)
			finding_message(
				c, f,
				"%s is an SCM_RIGHTS without a descriptor (cmsg_len %llu): it passes "
				"nothing",
				say_which(c, i), (unsigned long long)cm->len);
		else
			finding_message(
				c, f,
				"%s is an SCM_RIGHTS of %u bytes, no multiple of 4: the last %u are "
				"ignored",
				say_which(c, i), len, len % 4);
		finding_note(c, f, "meant: cmsg_len=CMSG_LEN(sizeof(int) * n)%s",
			     len ? "" : ", or no control message where there is nothing to pass");
		finding_note(c, f, "kernel: net/core/scm.c scm_fp_copy()");
		finding_done(c, f);
	}
}

const struct rule ct306 = {
	.id = "CT306",
	.name = "empty-rights",
	.severity = SEVERITY_WARNING,
	.title = "SCM_RIGHTS with no descriptor, or a length that is no multiple of int",
	.what = "An SCM_RIGHTS message holds no descriptor, or its length is not a multiple of an int's: the\n"
		"kernel divides and ignores the rest.",
	.why = "The call succeeds, and a descriptor that was meant to be passed is not. Usual cause: cmsg_len\n"
	       "computed from a count instead of bytes.",
	.kernel =
		"net/core/scm.c scm_fp_copy(): (cmsg_len - sizeof(struct cmsghdr)) / sizeof(int).",
	.bad = EXAMPLE_PASS_FD("1", "1 /* one what? */"),
	.good = EXAMPLE_PASS_FD("1", "sizeof(fd)"),
	.remedy = "cmsg_len = CMSG_LEN(n * sizeof(int)); where n is 0 send no control message.",
	.send = check,
};
