// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT302: more descriptors in one message, or in flight, than are allowed. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

enum { WAYLAND_MAX = 28 };

static uint32_t count(const struct event *ev, const struct msg *m, int *first)
{
	uint32_t n = 0;

	*first = -1;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (!sizes_is_rights(cm))
			continue;
		/* a log may leave out the numbers, not how many */
		n += (cm->faults == CMSG_FAULT_NOT_READ ? sizes_payload(ev, cm) : cm->data_len) / 4;
		if (*first < 0)
			*first = (int)i;
	}
	return n;
}

static bool is_wayland(const struct addr *a)
{
	const struct sockaddr_un *sun = (const struct sockaddr_un *)&a->ss;
	size_t head = offsetof(struct sockaddr_un, sun_path);

	if (addr_family(a) != AF_UNIX || a->len <= head)
		return false;
	return memmem(sun->sun_path, a->len - head, "/wayland-", 9) != NULL;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	int err = -event_error(ev), first;
	uint32_t n;

	n = count(ev, m, &first);
	if (!n || !known_kind(c, r) || !sock_kind_is_unix(cur->kind))
		return;
	if (n > WAYLAND_MAX && cur->left && !ev->sock->local.len && !ev->sock->peer.len &&
	    !(ev->sock->has & SOCK_HAS_PEER))
		rule_skipped(c, r, "the socket's path is not known");

	bool wayland = ev->sock && n > WAYLAND_MAX &&
		       (is_wayland(&ev->sock->peer) || is_wayland(&ev->sock->local));
	bool many = err == EINVAL && n > SCM_FDS_MAX;
	bool flight = err == ETOOMANYREFS && n;

	if (!many && !flight && !(wayland && cur->left))
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, first,
					  many     ? "many"
					  : flight ? "flight"
						   : "wayland");

	if (!f)
		return;
	if (many)
		finding_message(
			c, f,
			"%u descriptors in one message: the kernel takes %d, and %s fails with "
			"EINVAL",
			n, SCM_FDS_MAX, say_call(ev));
	else if (flight)
		finding_message(
			c, f,
			"%s fails with ETOOMANYREFS: more descriptors are in flight than this "
			"user's processes may have open",
			say_call(ev));
	else
		finding_message(
			c, f,
			"%u descriptors in one message of a Wayland connection: libwayland reads "
			"%d at most and breaks the connection off",
			n, WAYLAND_MAX);
	if (flight && ev->proc && (ev->proc->has & PROC_HAS_NOFILE))
		finding_note(
			c, f,
			"RLIMIT_NOFILE is %llu; descriptors that were sent and not yet received count "
			"against it, whoever sent them",
			(unsigned long long)ev->proc->nofile);
	finding_note(c, f,
		     "kernel: net/core/scm.c scm_fp_copy(), net/unix/garbage.c unix_prepare_fpl()");
	finding_done(c, f);
}

const struct rule ct302 = {
	.id = "CT302",
	.name = "too-many-fds",
	.severity = SEVERITY_ERROR,
	.title = "more descriptors in a message, or in flight, than are allowed",
	.explains = EXPLAINS_REFUSAL,
	.what = "A message passes more than 253 descriptors (EINVAL), or the user has more in flight (sent\n"
		"and not received) than RLIMIT_NOFILE allows (ETOOMANYREFS), or a Wayland client sends more\n"
		"than libwayland reads at once (28).",
	.why = "The limit of a message is a constant of the kernel. The limit in flight is shared by all\n"
	       "processes of the user: one receiver that does not read makes others fail.",
	.kernel =
		"net/core/scm.c scm_fp_copy(): SCM_MAX_FD is 253; net/unix: too_many_unix_fds() compares with\n"
		"RLIMIT_NOFILE unless CAP_SYS_RESOURCE or CAP_SYS_ADMIN.",
	.bad = "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void pass(struct msghdr *m, const int *fds, size_t n) /* n may be 300 */\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_SOCKET;\n"
	       "	c->cmsg_type = SCM_RIGHTS;\n"
	       "	c->cmsg_len = CMSG_LEN(n * sizeof(int));\n"
	       "	memcpy(CMSG_DATA(c), fds, n * sizeof(int));\n"
	       "}\n",
	.good = "#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"enum { AT_ONCE = 253 };\n"
		"\n"
		"size_t pass(struct msghdr *m, const int *fds, size_t n)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	if (n > AT_ONCE)\n"
		"		n = AT_ONCE; /* the rest with the next message */\n"
		"	c->cmsg_level = SOL_SOCKET;\n"
		"	c->cmsg_type = SCM_RIGHTS;\n"
		"	c->cmsg_len = CMSG_LEN(n * sizeof(int));\n"
		"	memcpy(CMSG_DATA(c), fds, n * sizeof(int));\n"
		"	return n;\n"
		"}\n",
	.remedy =
		"Send at most 253 in a message (28 to a Wayland compositor), each with at least a byte of data,\n"
		"and wait for the receiver's answer before the next batch.",
	.send = check,
};
