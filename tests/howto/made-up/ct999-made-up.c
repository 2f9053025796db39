// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT999: a rule that was made up, with state for each socket. */
#include "config.h"

#include "check/check.h"

enum { SIZE = 1313, MANY = 3 };

/* Of a socket. */
struct state {
	unsigned int sent;
};

static void on_send(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	(void)ev;
	if (m->total != SIZE)
		return;

	struct state *s = rule_sock(c);

	if (++s->sent != MANY)
		return;

	struct finding *f = finding_start(c, r, r->severity, -1, -1, NULL);

	if (!f)
		return;
	finding_message(c, f, "%u messages of that size left by one socket", s->sent);
	finding_done(c, f);
}

const struct rule ct999 = {
	.id = "CT999",
	.name = "made-up",
	.severity = SEVERITY_WARNING,
	.title = "made up",
	.what = "Made up.",
	.why = "To prove how a rule is added.",
	.kernel = "None.",
	.bad = "int bad;\n",
	.good = "int good;\n",
	.remedy = "None.",
	.sock_state = sizeof(struct state),
	.send = on_send,
};
