// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT403: msg_controllen is used again as the last receive left it. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "uapi/uapi.h"

/* Of a socket: where the last receive's lay, its length, and what came back. */
struct state {
	struct inout {
		uint64_t msghdr, buffer, offered, returned;
	} control, name;
};

/*
 * Remembers what is offered and returned.  Was it offered as the last receive returned it, and is that
 * less than at first (*before)?
 */
static bool shrunk(struct inout *o, uint64_t msghdr, uint64_t buffer, uint64_t offered,
		   uint64_t returned, uint64_t *before)
{
	bool same = o->msghdr == msghdr && o->buffer == buffer;
	bool left = same && o->returned < o->offered && offered == o->returned;

	*before = o->offered;
	*o = (struct inout){ .msghdr = msghdr,
			     .buffer = buffer,
			     .offered = left ? *before : offered, /* what it was at first */
			     .returned = returned };
	return left;
}

/* lost: something did not fit this time. */
static void tell(struct check *c, const struct rule *r, enum rule_explains what, bool lost,
		 const char *field, uint64_t now, uint64_t before, const char *so)
{
	const struct check_msg *cur = check_msg(c);
	struct finding *f = finding_start_of(c, r, what, lost ? r->severity : SEVERITY_WARNING,
					     (int)cur->index, -1, lost ? "lost" : field);

	if (!f)
		return;
	finding_message(c, f, "%s is %llu, as the last receive left it; it was %llu at first",
			field, (unsigned long long)now, (unsigned long long)before);
	finding_note(c, f, "%s", so);
	finding_note(c, f,
		     "%s sets it to the length of what came: it must be set anew before each call",
		     say_call(cur->ev));
	finding_note(c, f, "kernel: net/socket.c %s",
		     cur->m->made_up ? "__sys_recvfrom(), move_addr_to_user()"
				     : "____sys_recvmsg()");
	finding_done(c, f);
}

static void check_control(struct check *c, const struct rule *r, const struct msg *m)
{
	uint64_t before;

	if (!m->made_up && known_room(c, r) && m->in.control_ptr &&
	    shrunk(&((struct state *)rule_sock(c))->control, check_msg(c)->ev->args[1],
		   m->in.control_ptr, m->in.controllen, m->out.controllen, &before))
		tell(c, r, EXPLAINS_ROOM, m->out.flags & F_CTRUNC, "msg_controllen",
		     m->in.controllen, before,
		     m->out.flags & F_CTRUNC
			     ? "so control messages of this one did not fit (MSG_CTRUNC)"
			     : "it works while no message brings more control data than the one before");
}

/* Where each message has its sender's address; streams return no length of one but 0. */
static bool has_senders(const struct sock *s)
{
	enum { DGRAM = 2, RAW = 3 }; /* SOCK_* */

	return s && (s->has & SOCK_HAS_TYPE) && (s->type == DGRAM || s->type == RAW);
}

static void check_name(struct check *c, const struct rule *r, const struct event *ev,
		       const struct msg *m)
{
	uint64_t before;

	if (!m->in.name_ptr || m->in.namelen < 0 || m->out.namelen < 0 || !has_senders(ev->sock) ||
	    !shrunk(&((struct state *)rule_sock(c))->name, m->made_up ? ev->args[5] : ev->args[1],
		    m->in.name_ptr, (uint64_t)m->in.namelen, (uint64_t)m->out.namelen, &before))
		return;

	bool cut = m->out.namelen > m->in.namelen;

	tell(c, r, EXPLAINS_NAME, cut, m->made_up ? "the address's length" : "msg_namelen",
	     (uint64_t)m->in.namelen, before,
	     cut ? "so this sender's address does not fit"
		 : "it works while no sender's address is longer than the one before");
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	if (check_msg(c)->index || !m->in.have || !m->out.have || !known_pointers(c, r))
		return;
	check_control(c, r, m);
	check_name(c, r, ev, m);
}

const struct rule ct403 = {
	.id = "CT403",
	.name = "controllen-not-restored",
	.severity = SEVERITY_ERROR,
	.title = "msg_controllen or msg_namelen is offered as the last receive returned it",
	.what = "msg_controllen goes in as the buffer's size and comes back as the length of what was\n"
		"written; msg_namelen, and recvfrom's length of the address, do as well. A loop offered, with\n"
		"the same msghdr and buffer, what the receive before had returned.\n"
		"error: it was too little for the control data or the address that came. warning: nothing is\n"
		"lost yet; it shrank to what all messages of this socket needed so far.",
	.why = "After one message without control data the size is 0 and no control message arrives ever\n"
	       "again; after a short one all longer ones are cut. An address that was cut can't be answered.",
	.kernel = "net/socket.c ____sys_recvmsg(): put_user(msg_control - start, &msg_controllen).",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "void serve(int fd, struct iovec *iov, char *control, size_t size)\n"
	       "{\n"
	       "	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1,\n"
	       "		.msg_control = control, .msg_controllen = size };\n"
	       "\n"
	       "	while (recvmsg(fd, &m, 0) >= 0)\n"
	       "		; /* msg_controllen shrinks */\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"void serve(int fd, struct iovec *iov, char *control, size_t size)\n"
		"{\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1, .msg_control = control };\n"
		"\n"
		"	do {\n"
		"		m.msg_controllen = size;\n"
		"	} while (recvmsg(fd, &m, 0) >= 0);\n"
		"}\n",
	.remedy =
		"Set msg_controllen (and msg_namelen) before each receive; with recvmmsg for each element.",
	.sock_state = sizeof(struct state),
	.recv = check,
};
