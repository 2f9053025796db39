// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT304: the same descriptors sent again after a short write. */
#include "config.h"

#include "base/hash.h"
#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"

/* Of a socket: a short write. */
struct state {
	uint64_t fds; /* hash of its descriptors; 0: there was none, or the rest went */
	uint64_t base, total, sent; /* its data: where, how much, how much of it left */
};

/* A hash of the descriptors of m; 0: none. */
static uint64_t fds_hash(const struct msg *m)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (!sizes_is_rights(cm) || !cm->data_len)
			continue;
		h = h ? h : 1;
		h = hash_bytes(h, cm->data, cm->data_len);
	}
	return h;
}

/* Does m go on where a short write of so many bytes stopped, or send all of it again? */
static bool same_data(const struct msg *m, uint64_t base, uint64_t total, uint64_t sent)
{
	uint64_t here = m->niov ? m->iov[0].base : 0;

	return m->total == total - sent || here == base || here == base + sent;
}

static void tell(struct check *c, const struct rule *r, const struct msg *m, const struct state *s)
{
	const struct check_msg *cur = check_msg(c);
	uint32_t fds = 0;
	int at = 0;

	while (!sizes_is_rights(&m->cmsg[at]))
		at++;
	for (uint32_t i = 0; i < m->ncmsg; i++)
		fds += sizes_fds(cur->ev, &m->cmsg[i]);

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, at, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"the same descriptors are sent again after a short write: they left with "
			"its first byte, so the receiver gets them twice");
	finding_note(c, f, "%s; the send before took %llu of %llu bytes with %s",
		     say_count(c, fds, "descriptor"), (unsigned long long)s->sent,
		     (unsigned long long)s->total, fds == 1 ? "it" : "them");
	finding_note(c, f,
		     "remedy: after a short write send the rest of the data without the control "
		     "message");
	finding_note(c, f, "kernel: net/unix/af_unix.c unix_stream_sendmsg()");
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (!cur->left || (m->ncmsg && !known_kind(c, r)) || cur->kind != SOCK_KIND_UNIX_STREAM)
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (!known_payload(c, r, &m->cmsg[i]))
			return;
	}

	uint64_t fds = fds_hash(m), sent = m->have_len ? m->len : (uint64_t)ev->result;
	struct state *s = fds ? rule_sock(c) : rule_sock_known(c);

	if (!s)
		return;
	if (fds && s->fds == fds && same_data(m, s->base, s->total, s->sent))
		tell(c, r, m, s);
	/* a send without them that took the rest ends the matter as well */
	s->fds = sent < m->total ? fds : 0;
	s->base = m->niov ? m->iov[0].base : 0;
	s->total = m->total;
	s->sent = sent;
}

const struct rule ct304 = {
	.id = "CT304",
	.name = "fds-resent",
	.severity = SEVERITY_ERROR,
	.title = "the same descriptors are sent again after a short write",
	.what = "A send on a Unix stream with SCM_RIGHTS took only part of the data, and the next one carries\n"
		"the same descriptors again.",
	.why = "Descriptors travel with the first byte of their message. A loop that sends the rest with the\n"
	       "same msghdr passes them again: the receiver attributes them to the next message, and leaks\n"
	       "or uses the wrong ones. It happens only when the socket's buffer is full.",
	.kernel = "net/unix/af_unix.c unix_stream_sendmsg(): fds_sent; they go with the first skb.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "int send_all(int fd, struct msghdr *m)\n"
	       "{\n"
	       "	while (m->msg_iov->iov_len) {\n"
	       "		ssize_t n = sendmsg(fd, m, 0);\n"
	       "\n"
	       "		if (n < 0)\n"
	       "			return -1;\n"
	       "		m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + n;\n"
	       "		m->msg_iov->iov_len -= (size_t)n; /* and the descriptors again */\n"
	       "	}\n"
	       "	return 0;\n"
	       "}\n",
	.good = "#include <stddef.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"int send_all(int fd, struct msghdr *m)\n"
		"{\n"
		"	while (m->msg_iov->iov_len) {\n"
		"		ssize_t n = sendmsg(fd, m, 0);\n"
		"\n"
		"		if (n < 0)\n"
		"			return -1;\n"
		"		m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + n;\n"
		"		m->msg_iov->iov_len -= (size_t)n;\n"
		"		m->msg_control = NULL; /* they are sent */\n"
		"		m->msg_controllen = 0;\n"
		"	}\n"
		"	return 0;\n"
		"}\n",
	.remedy =
		"Drop the control message after the first successful sendmsg, however short it was.\n"
		"Go: after a short WriteMsgUnix write the rest with Write. Python: sendmsg with ancdata once,\n"
		"then sendall for the rest.",
	.sock_state = sizeof(struct state),
	.send = check,
};
