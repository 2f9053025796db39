// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT702: netlink messages read without the sender's address. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

/* With SO_PASSCRED the kernel says who sent it: avahi looks at that. */
static bool has_credentials(const struct msg *m)
{
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (m->cmsg[i].level == L_SOCKET && m->cmsg[i].type == T_CREDENTIALS)
			return true;
	}
	return false;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (ev->flags & F_PEEK) /* a look at the size: it is read by another call */
		return;
	if (m->in.name_ptr || !m->in.have || has_credentials(m) || !known_kind(c, r) ||
	    cur->kind != SOCK_KIND_NETLINK)
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f, "netlink is read without the sender's address: %s asks for none",
			say_call(ev));
	finding_note(
		c, f,
		"messages of the kernel have nl_pid 0; any process may send to this socket where the "
		"family lets it");
	finding_note(c, f, "remedy: offer a struct sockaddr_nl and drop what has another nl_pid");
	finding_note(c, f, "kernel: net/netlink/af_netlink.c netlink_recvmsg()");
	finding_done(c, f);
}

const struct rule ct702 = {
	.id = "CT702",
	.name = "netlink-sender-unchecked",
	.severity = SEVERITY_NOTE,
	.title = "netlink is read without the sender's address",
	.what = "A receive on a netlink socket asks for no address, so that the program can't tell the\n"
		"kernel's messages from another process's.",
	.why = "A process may send netlink messages to another one's port where the protocol allows it\n"
	       "(NETLINK_USERSOCK, uevents, families with NL_CFG_F_NONROOT_SEND). Programs that believed\n"
	       "them gave root away.",
	.kernel =
		"net/netlink/af_netlink.c netlink_sendmsg(), netlink_recvmsg(): nl_pid is the sender's port, 0\n"
		"is the kernel.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, void *data, size_t size)\n"
	       "{\n"
	       "	return recv(fd, data, size, 0);\n"
	       "}\n",
	.good = "#include <linux/netlink.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"long receive(int fd, void *data, size_t size)\n"
		"{\n"
		"	struct sockaddr_nl from;\n"
		"	socklen_t len = sizeof(from);\n"
		"	long n = recvfrom(fd, data, size, 0, (struct sockaddr *)&from, &len);\n"
		"\n"
		"	return n >= 0 && from.nl_pid ? 0 : n; /* only the kernel's */\n"
		"}\n",
	.remedy =
		"recvmsg or recvfrom with a struct sockaddr_nl, and drop messages whose nl_pid is not 0 (or not\n"
		"the peer's).",
	.recv = check,
};
