// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT105: cmsg_len holds CMSG_SPACE where CMSG_LEN belongs. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "event/proc.h"
#include "kernel/model.h"

static int32_t fd_at(const struct cmsg *cm, uint32_t i)
{
	int32_t fd;

	memcpy(&fd, cm->data + (size_t)i * 4, sizeof(fd));
	return fd;
}

/* 64-bit SCM_RIGHTS with an even number of descriptors. */
static bool may_be_phantom(const struct event *ev, const struct cmsg *cm)
{
	return ev->abi->word == 8 && sizes_fds(ev, cm) >= 2 && sizes_payload(ev, cm) % 8 == 0;
}

/* What is known of descriptor fd: asked of the system where the model had to know it too. */
static const struct answer *told(const struct event *ev, int32_t fd)
{
	const struct question q = { .kind = ASK_FD_OPEN, .number = fd };

	return event_answer(ev, &q);
}

/*
 * An even number of descriptors whose last one is 0 while no other is, or the only one that the kernel
 * refuses: an odd number was meant, and the padding was taken for a descriptor.
 */
static bool phantom(const struct event *ev, const struct cmsg *cm, const struct verdict *v)
{
	uint32_t n = cm->data_len / 4;
	bool refused = v->what == VERDICT_REJECT;

	if (!may_be_phantom(ev, cm) || cm->data_len != sizes_payload(ev, cm))
		return false;
	if (refused && v->err != EBADF)
		return false;
	for (uint32_t i = 0; i < n - 1; i++) {
		const struct answer *open = told(ev, fd_at(cm, i));

		if (fd_at(cm, i) <= 0 || (refused && (!open || open->result != 1)))
			return false;
	}
	return refused || fd_at(cm, n - 1) == 0;
}

/*
 * Asked after the call, other threads may have closed what fd named in it; but no descriptor has a number
 * from the limit on.
 */
static bool in_doubt(const struct event *ev, int32_t fd)
{
	const struct answer *a = told(ev, fd);
	const struct proc *p = ev->proc;

	if (p && (p->has & PROC_HAS_NOFILE) && fd >= 0 && (uint64_t)fd >= p->nofile)
		return false;
	return a && a->late;
}

static void tell_phantom(struct check *c, const struct rule *r, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct cmsg *cm = &cur->m->cmsg[i];
	uint32_t n = cm->data_len / 4;
	bool doubt = !cur->left && in_doubt(cur->ev, fd_at(cm, n - 1));
	struct finding *f = finding_start(c, r, doubt ? SEVERITY_WARNING : r->severity,
					  (int)cur->index, (int)i, "phantom");

	if (!f)
		return;
	if (cur->left)
		finding_message(c, f,
				"%s passes %u descriptors, and the last one is 0: cmsg_len is "
				"CMSG_SPACE(%u), so the padding is sent as a descriptor",
				say_which(c, i), n, (n - 1) * 4);
	else
		finding_message(c, f,
				"%s fails with EBADF: cmsg_len of %s is CMSG_SPACE(%u), so the "
				"padding is taken for a descriptor, number %d",
				say_call(cur->ev), say_which(c, i), (n - 1) * 4, fd_at(cm, n - 1));
	finding_note(c, f, "meant: cmsg_len=CMSG_LEN(%u) = %llu; it is %llu", (n - 1) * 4,
		     (unsigned long long)cmsg_len_of(cur->ev->abi, (uint64_t)(n - 1) * 4),
		     (unsigned long long)cm->len);
	if (cur->left && (cur->kind != SOCK_KIND_UNIX_STREAM || cur->m->total)) /* else CT305 */
		finding_note(c, f, "so the receiver gets this process's standard input too");
	else
		finding_note(
			c, f,
			"the buffer was not zeroed: what stands there changes from run to run");
	finding_note(c, f, "kernel: net/core/scm.c scm_fp_copy()");
	finding_done(c, f);
}

static void tell_space(struct check *c, const struct rule *r, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct cmsg *cm = &cur->m->cmsg[i];
	const struct verdict *v = &cur->m->verdict[i];
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

	if (!f)
		return;
	finding_message(c, f,
			"%s makes the send fail with %s: the cmsg_len of %s is CMSG_SPACE(%u), "
			"padding included",
			say_which(c, i), say_errno(v->err), say_row(c, cm->row), cm->row->size);
	finding_note(c, f,
		     "meant: cmsg_len=CMSG_LEN(%u) = %llu; it is %llu. CMSG_SPACE is for "
		     "msg_controllen and for the buffer",
		     cm->row->size, (unsigned long long)cmsg_len_of(cur->ev->abi, cm->row->size),
		     (unsigned long long)cm->len);
	if (v->kernel)
		finding_note(c, f, "kernel: %s", v->kernel);
	finding_done(c, f);
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	bool unix_socket = sock_kind_is_unix(check_msg(c)->kind);

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];

		if (sizes_is_space(ev, cm) && !known_verdict(c, r, i))
			continue;
		if (may_be_phantom(ev, cm) && (!known_kind(c, r) || !known_payload(c, r, cm)))
			continue;
		if (m->verdict[i].what == VERDICT_REJECT && sizes_is_space(ev, cm))
			tell_space(c, r, i);
		else if (unix_socket && m->verdict[i].what != VERDICT_NOT_REACHED &&
			 phantom(ev, cm, &m->verdict[i]))
			tell_phantom(c, r, i);
	}
}

const struct rule ct105 = {
	.id = "CT105",
	.name = "cmsg-len-is-space",
	.severity = SEVERITY_ERROR,
	.title = "cmsg_len is CMSG_SPACE(n), with the padding, where CMSG_LEN(n) belongs",
	.explains = EXPLAINS_REFUSAL,
	.what = "cmsg_len counts the header and the payload, without the padding behind it. Types that\n"
		"take exactly one size refuse the longer one. SCM_RIGHTS takes any: the padding counts as\n"
		"one more descriptor, number 0 where the buffer was zeroed.",
	.why = "For most types the send fails with EINVAL. For SCM_RIGHTS it succeeds, and the receiver\n"
	       "gets a copy of standard input that it does not expect, can't name and never closes; where\n"
	       "the buffer was not zeroed it fails with EBADF, now and then.",
	.kernel =
		"net/core/scm.c scm_fp_copy(): (cmsg_len - sizeof(struct cmsghdr)) / sizeof(int)\n"
		"descriptors; net/ipv4/ip_sockglue.c ip_cmsg_send() and the others compare with CMSG_LEN().",
	.bad = "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void pass(struct msghdr *m, int fd)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	memset(m->msg_control, 0, m->msg_controllen);\n"
	       "	c->cmsg_level = SOL_SOCKET;\n"
	       "	c->cmsg_type = SCM_RIGHTS;\n"
	       "	c->cmsg_len = CMSG_SPACE(sizeof(fd)); /* two descriptors: fd and 0 */\n"
	       "	memcpy(CMSG_DATA(c), &fd, sizeof(fd));\n"
	       "}\n",
	.good = "#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void pass(struct msghdr *m, int fd)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	memset(m->msg_control, 0, m->msg_controllen);\n"
		"	c->cmsg_level = SOL_SOCKET;\n"
		"	c->cmsg_type = SCM_RIGHTS;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(fd));\n"
		"	memcpy(CMSG_DATA(c), &fd, sizeof(fd));\n"
		"	m->msg_controllen = CMSG_SPACE(sizeof(fd));\n"
		"}\n",
	.remedy =
		"cmsg_len = CMSG_LEN(payload); msg_controllen = the sum of CMSG_SPACE(payload).\n"
		"Go: unix.UnixRights(fds...) builds it; by hand h.SetLen(unix.CmsgLen(n)), never CmsgSpace.\n"
		"Rust: with libc, cmsg_len = libc::CMSG_LEN(n); nix builds it.\n"
		"Python: socket.send_fds() or sendmsg() build it.",
	.send = check,
};
