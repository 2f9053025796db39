// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT207: the received control block sent back as it came. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/reply.h"
#include "check/say.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* The interface index that goes back with it; 0 none. */
static uint32_t echoed_index(const struct msg *m)
{
	uint32_t index = 0;

	for (uint32_t i = 0; i < m->ncmsg && !index; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (m->verdict[i].what == VERDICT_IGNORE)
			continue;
		if (cm->level == L_IP && cm->type == T_IP_PKTINFO && cm->data_len >= PKTINFO_SIZE)
			memcpy(&index, cm->data, 4);
		else if (cm->level == L_IPV6 && cm->type == T_IPV6_PKTINFO &&
			 cm->data_len >= PKTINFO6_SIZE)
			memcpy(&index, cm->data + 16, 4);
	}
	return index;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	const struct convo *v = cur->convo;

	(void)ev;
	for (uint32_t i = 0; v && i < m->ncmsg; i++) {
		if (!known_payload(c, r, &m->cmsg[i]))
			return;
	}
	if (!reply_echoes(c) || addr_is_linklocal(&cur->dest))
		return;

	uint32_t index = echoed_index(m);

	if (!index)
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(
		c, f,
		"the control block received in event %llu is sent back as it came, interface "
		"%s included",
		(unsigned long long)v->last_event, say_ifindex(c, index));
	finding_note(
		c, f,
		"the source is right, but the reply is bound to the interface that the request "
		"came in on; routing may know better");
	finding_note(c, f,
		     "remedy: send a control block of its own with the address only (ifindex 0); "
		     "broadcast and multicast requests, and other types that came along, can't be "
		     "echoed at all");
	finding_note(c, f, "kernel: %s",
		     addr_is_v4(&cur->dest) ? "net/ipv4/ip_sockglue.c ip_cmsg_send()"
					    : "net/ipv6/datagram.c ip6_datagram_send_ctl()");
	finding_done(c, f);
}

const struct rule ct207 = {
	.id = "CT207",
	.name = "control-echoed",
	.severity = SEVERITY_NOTE,
	.title = "the received control block is sent back verbatim, interface included",
	.what = "The buffer that recvmsg filled was given to sendmsg unchanged. A block that was edited in\n"
		"place (the interface set to 0) is not reported.",
	.why = "It gives the right source for unicast, which is why it is done; it also pins the interface,\n"
	       "sends along whatever else was received (time stamps, TTL: EINVAL when an option is switched\n"
	       "on later), and fails for IPv6 multicast and, on a dual-stack socket, for IPv4 broadcast.",
	.kernel = "net/ipv4/ip_sockglue.c ip_cmsg_send() reads ipi_ifindex and ipi_spec_dst;\n"
		  "net/ipv6/datagram.c ip6_datagram_send_ctl() refuses a multicast source.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "long echo(int fd, struct msghdr *m)\n"
	       "{\n"
	       "	long n = recvmsg(fd, m, 0);\n"
	       "\n"
	       "	if (n < 0)\n"
	       "		return n;\n"
	       "	m->msg_iov->iov_len = (size_t)n;\n"
	       "	return sendmsg(fd, m, 0); /* control data as it came */\n"
	       "}\n",
	.good = "#define _GNU_SOURCE\n"
		"#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"/* one function for every packet that leaves: replies, retries, probes, errors */\n"
		"long reply(int fd, const struct sockaddr_in *to, struct in_addr asked, struct iovec *iov)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };\n"
		"	struct in_pktinfo info = { .ipi_spec_dst = asked };\n"
		"	struct msghdr m = { .msg_name = (void *)to, .msg_namelen = sizeof(*to), .msg_iov = iov,\n"
		"		.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(&m);\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_PKTINFO;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(info));\n"
		"	memcpy(CMSG_DATA(c), &info, sizeof(info));\n"
		"	return sendmsg(fd, &m, 0);\n"
		"}\n",
	.remedy =
		"Build the reply's control block: one IP_PKTINFO with ipi_spec_dst, or one IPV6_PKTINFO with\n"
		"ipi6_addr, the interface 0 unless the peer is link-local.",
	.send = check,
};
