// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT107: a length field of the msghdr with garbage in its upper half. */
#include "config.h"

#include <errno.h>

#include "check/check.h"
#include "check/say.h"

/* The upper half holds something, and the lower half alone would be a usual value. */
static bool garbage(uint64_t v, uint32_t most)
{
	return v >> 32 && (uint32_t)v <= most;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool iovlen = garbage(m->in.iovlen, 1024) && ev->result == -EMSGSIZE;
	bool controllen = garbage(m->in.controllen, 65536) && ev->result == -ENOBUFS;

	if (m->made_up || !m->in.have || ev->abi->word != 8 || (!iovlen && !controllen))
		return;

	const char *field = iovlen ? "msg_iovlen" : "msg_controllen";
	uint64_t v = iovlen ? m->in.iovlen : m->in.controllen;
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, field);

	if (!f)
		return;
	finding_message(c, f,
			"%s is 0x%llx: its lower half, %u, is what was meant; the upper half is "
			"uninitialised memory",
			field, (unsigned long long)v, (uint32_t)v);
	finding_note(c, f, "so %s fails with %s", say_call(ev), say_errno((int)ev->result));
	finding_note(c, f,
		     "the struct's field has 8 bytes in the kernel, and 4 of them were written: "
		     "a libc or a binding declares it as int with padding beside it");
	finding_note(c, f, "kernel: net/socket.c copy_msghdr_from_user(), ____sys_sendmsg()");
	finding_done(c, f);
}

const struct rule ct107 = {
	.id = "CT107",
	.name = "msghdr-garbage",
	.severity = SEVERITY_ERROR,
	.title = "msg_iovlen or msg_controllen has a random upper half",
	.explains = EXPLAINS_REFUSAL,
	.what = "The kernel reads msg_iovlen and msg_controllen as 64 bits. A libc that follows POSIX\n"
		"(musl) declares them as int and socklen_t with explicit padding; a program that fills the\n"
		"struct by hand, or a binding that has its own idea of it, leaves the padding uninitialised.",
	.why = "It works while the stack happens to hold zeros there, and fails with EMSGSIZE\n"
	       "(msg_iovlen) or ENOBUFS (msg_controllen) after an unrelated change of code or compiler.",
	.kernel = "net/socket.c copy_msghdr_from_user(): msg_iovlen > UIO_MAXIOV is EMSGSIZE;\n"
		  "____sys_sendmsg(): msg_controllen > INT_MAX is ENOBUFS.",
	.bad = "#include <sys/socket.h>\n"
	       "#include <sys/uio.h>\n"
	       "\n"
	       "/* musl: msghdr has __pad1 and __pad2, and nobody sets them */\n"
	       "long send_one(int fd, struct iovec *iov)\n"
	       "{\n"
	       "	struct msghdr m;\n"
	       "\n"
	       "	m.msg_name = 0;\n"
	       "	m.msg_namelen = 0;\n"
	       "	m.msg_iov = iov;\n"
	       "	m.msg_iovlen = 1;\n"
	       "	m.msg_control = 0;\n"
	       "	m.msg_controllen = 0;\n"
	       "	m.msg_flags = 0;\n"
	       "	return sendmsg(fd, &m, 0);\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"#include <sys/uio.h>\n"
		"\n"
		"long send_one(int fd, struct iovec *iov)\n"
		"{\n"
		"	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 1 };\n"
		"\n"
		"	return sendmsg(fd, &m, 0);\n"
		"}\n",
	.remedy =
		"Zero the whole struct msghdr before it is filled.\n"
		"C: struct msghdr m = { 0 }; or memset.\n"
		"Rust: let mut m: libc::msghdr = unsafe { std::mem::zeroed() }; a struct literal with\n"
		"   MaybeUninit leaves musl's padding as it is.\n"
		"Other bindings: declare both lengths as size_t on 64-bit Linux.",
	.send = check,
};
