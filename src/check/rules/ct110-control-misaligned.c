// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT110: a control buffer that is not aligned for struct cmsghdr. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	if (m->made_up || !m->in.have || (!m->in.controllen && !(m->in.unseen & HDR_UNSEEN_ROOM)) ||
	    !known_pointers(c, r) || !(m->in.control_ptr & (ev->abi->word - 1)))
		return;

	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, -1, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"msg_control is not aligned for struct cmsghdr: its address leaves %u when "
			"divided by %u",
			(unsigned int)(m->in.control_ptr & (ev->abi->word - 1)), ev->abi->word);
	finding_note(
		c, f,
		"the kernel copies it, so that the call works; the program's own access to the "
		"header is undefined and faults where the processor or the compiler insists");
	finding_note(c, f, "kernel: net/socket.c ____sys_sendmsg() copies msg_control");
	finding_done(c, f);
}

const struct rule ct110 = {
	.id = "CT110",
	.name = "control-misaligned",
	.severity = SEVERITY_NOTE,
	.title = "msg_control is not aligned for struct cmsghdr",
	.what = "The control buffer begins at an address that is no multiple of the size of a long. A char\n"
		"array has no alignment of its own.",
	.why = "The program reads and writes struct cmsghdr there. That works on x86 until a compiler uses\n"
	       "aligned vector instructions, and faults on processors that insist on alignment.",
	.kernel =
		"The kernel itself copies the buffer and does not care: net/socket.c ____sys_sendmsg().",
	.bad = "#include <netinet/in.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "struct packet {\n"
	       "	char flag;\n"
	       "	char control[64]; /* at an odd address */\n"
	       "};\n"
	       "\n"
	       "void attach(struct msghdr *m, struct packet *p)\n"
	       "{\n"
	       "	m->msg_control = p->control;\n"
	       "	m->msg_controllen = sizeof(p->control);\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"struct packet {\n"
		"	char flag;\n"
		"	_Alignas(struct cmsghdr) char control[64];\n"
		"};\n"
		"\n"
		"void attach(struct msghdr *m, struct packet *p)\n"
		"{\n"
		"	m->msg_control = p->control;\n"
		"	m->msg_controllen = sizeof(p->control);\n"
		"}\n",
	.remedy =
		"C: _Alignas(struct cmsghdr) char control[...], or a union with a struct cmsghdr.\n"
		"C++: alignas(cmsghdr) char control[...].\n"
		"Rust: nix::cmsg_space!() with a Vec is aligned by the allocator; a [u8; N] on the stack is not:\n"
		"   wrap it in a #[repr(align(8))] struct.\n"
		"Go: a []byte from make() is aligned.",
	.send = check,
	.recv = check,
};
