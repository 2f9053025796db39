// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT601: a TLS record that is not data met a receive that has no room for its type. */
#include "config.h"

#include <errno.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"

enum { RECORD_TYPE_SIZE = 1 };

static bool is_tcp(enum sock_kind kind)
{
	return kind == SOCK_KIND_TCP4 || kind == SOCK_KIND_TCP6;
}

/* Bytes of control data that the receive offers for its first message. */
static uint64_t offered(const struct event *ev)
{
	const struct msg *m = ev->nmsg ? &ev->msg[0] : NULL;

	return !m || m->made_up || !m->in.control_ptr ? 0 : m->in.controllen;
}

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	if (ev->result != -EIO || !call_receives(ev->call) || !is_tcp(check_msg(c)->kind) ||
	    !ev->abi || !known_opt(c, r, OPT_TCP_ULP))
		return;

	uint64_t room = offered(ev), needs = cmsg_len_of(ev->abi, RECORD_TYPE_SIZE);

	if (sock_opt(ev->sock, OPT_TCP_ULP) != ULP_TLS || room >= needs || !known_room(c, r))
		return;

	struct finding *f = finding_start(c, r, r->severity, -1, -1, NULL);

	if (!f)
		return;
	if (room)
		finding_message(c, f,
				"%s fails with EIO: the next TLS record is not data, and the "
				"control buffer of %llu bytes has no room for its type",
				say_call(ev), (unsigned long long)room);
	else
		finding_message(c, f,
				"%s fails with EIO: the next TLS record is not data, and the call "
				"has no control buffer that could tell its type",
				say_call(ev));
	finding_note(c, f,
		     "an alert (close_notify), a handshake message (a new session ticket, a key "
		     "update): it stays unread, and each further call fails like this one");
	finding_note(c, f,
		     "remedy: recvmsg with at least CMSG_SPACE(1) = %llu bytes, and look at "
		     "SOL_TLS/TLS_GET_RECORD_TYPE: 23 is data",
		     (unsigned long long)cmsg_space_of(ev->abi, RECORD_TYPE_SIZE));
	finding_note(c, f, "kernel: net/tls/tls_sw.c tls_record_content_type()");
	finding_done(c, f);
}

const struct rule ct601 = {
	.id = "CT601",
	.name = "tls-record-unread",
	.severity = SEVERITY_ERROR,
	.title = "kernel TLS: a record that is not data met a receive without control buffer",
	.what = "A receive on a socket with kernel TLS failed with EIO, and it offered no room for the\n"
		"control message TLS_GET_RECORD_TYPE. The next record is an alert or a handshake message,\n"
		"and the kernel does not hand it over as if it were data.",
	.why = "The record stays where it is: every further read fails with EIO, and a connection that was\n"
	       "closed in order (close_notify) looks broken. TLS 1.3 servers send session tickets after the\n"
	       "handshake, so that the first read of a client can be the one that fails. A read(2) fails in\n"
	       "the same way; it is seen with -e trace=read only.",
	.kernel =
		"net/tls/tls_sw.c tls_record_content_type(): where put_cmsg() fails or sets MSG_CTRUNC and the\n"
		"type is not TLS_RECORD_TYPE_DATA, the receive is EIO.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "long receive(int fd, void *data, size_t size) /* TCP_ULP \"tls\", TLS_RX is set */\n"
	       "{\n"
	       "	return recv(fd, data, size, 0);\n"
	       "}\n",
	.good = "#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"#include <sys/uio.h>\n"
		"\n"
		"enum { LEVEL_TLS = 282, GET_RECORD_TYPE = 2, RECORD_DATA = 23 };\n"
		"\n"
		"long receive(int fd, void *data, size_t size, unsigned char *type)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(1)];\n"
		"	struct iovec iov = { data, size };\n"
		"	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"
		"		.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	long n = recvmsg(fd, &m, 0);\n"
		"	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);\n"
		"\n"
		"	*type = RECORD_DATA;\n"
		"	if (c && c->cmsg_level == LEVEL_TLS && c->cmsg_type == GET_RECORD_TYPE)\n"
		"		memcpy(type, CMSG_DATA(c), 1); /* 21 alert, 22 handshake */\n"
		"	return n;\n"
		"}\n",
	.remedy =
		"Receive with recvmsg and a control buffer of CMSG_SPACE(1) bytes, and hand records whose type\n"
		"is not 23 to the TLS library (OpenSSL: SSL_read with BIO_get_ktls_recv() does it by itself).",
	.call = on_call,
};
