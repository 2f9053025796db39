// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT303: descriptors that a process received, and neither used nor closed until its end. */
#include "config.h"

#include <stdio.h>

#include "check/check.h"
#include "check/say.h"
#include "check/sizes.h"
#include "cmsg/cmsg.h"

/* Of a process. */
struct state {
	bool holds; /* it received some */
};

/* Of the run: processes that ended and had neither used nor closed what they received. */
struct run {
	unsigned int running; /* that received some */
	unsigned int unseen;  /* that ended, and nobody saw what became of those */
	unsigned int n;
	struct left {
		int tgid;
		char comm[17];
		uint32_t n;     /* how many */
		int fds[8];     /* the first of them */
		uint64_t event; /* the first call that received one */
	} v[64];
};

static void on_recv(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	struct run *run = rule_run(c);
	struct state *s;

	(void)r;
	if (!sock_kind_is_unix(check_msg(c)->kind))
		return;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		if (!sizes_fds(ev, &m->cmsg[i]))
			continue;
		s = rule_process(c);
		if (!s || s->holds)
			return;
		s->holds = true;
		run->running++;
	}
}

static void on_exited(struct check *c, const struct rule *r, const struct event *ev)
{
	struct run *run = rule_run(c);
	struct state *s = rule_process_of(c, ev);
	struct left *l;

	(void)r;
	if (!s->holds)
		return;
	run->running--;
	if (!ev->left_known) {
		run->unseen++;
		return;
	}
	if (!ev->nleft || run->n == sizeof(run->v) / sizeof(run->v[0]))
		return;
	l = &run->v[run->n++];
	*l = (struct left){ .tgid = ev->tgid, .n = ev->nleft, .event = ev->left[0].event };
	for (size_t i = 0; i < sizeof(ev->comm) && ev->comm[i]; i++)
		l->comm[i] = ev->comm[i] < ' ' || ev->comm[i] > '~' ? '?' : ev->comm[i];
	for (uint32_t i = 0; i < ev->nleft; i++) {
		if (i < sizeof(l->fds) / sizeof(l->fds[0]))
			l->fds[i] = ev->left[i].fd;
		if (ev->left[i].event < l->event)
			l->event = ev->left[i].event;
	}
}

static void tell(struct check *c, const struct rule *r, const struct left *l)
{
	enum { SHOWN = sizeof(l->fds) / sizeof(l->fds[0]) };
	char key[32], list[SHOWN * 14] = "";
	size_t used = 0;

	snprintf(key, sizeof(key), "%d", l->tgid);

	struct finding *f = finding_once(c, r, r->severity, key);

	if (!f)
		return;
	for (uint32_t i = 0; i < l->n && i < SHOWN; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i ? ", " : "",
					 l->fds[i]);
	finding_message(c, f,
			"process %d (%s) ended with %s that it had received and neither used nor "
			"closed: %s%s",
			l->tgid, l->comm, say_count(c, l->n, "descriptor"), list,
			l->n > SHOWN ? " …" : "");
	finding_note(c, f, "the first of them came with event %llu", (unsigned long long)l->event);
	finding_note(
		c, f,
		"a program that runs on loses one with each such message, until it may open no "
		"more");
	finding_note(c, f,
		     "remedy: close what is not needed, in error paths and where more arrived than "
		     "was expected, too");
	finding_note(c, f, "kernel: net/core/scm.c scm_detach_fds()");
	finding_done(c, f);
}

static void on_end(struct check *c, const struct rule *r)
{
	const struct run *run = rule_run(c);

	for (unsigned int i = 0; i < run->n; i++)
		tell(c, r, &run->v[i]);
	for (unsigned int i = 0; i < run->unseen; i++)
		rule_skipped(c, r,
			     "not all calls of a process that received descriptors were seen");
	for (unsigned int i = 0; i < run->running; i++)
		rule_skipped(c, r, "a process that received descriptors was not seen to its end");
}

const struct rule ct303 = {
	.id = "CT303",
	.name = "fds-leaked",
	.severity = SEVERITY_NOTE,
	.title = "received descriptors that nobody used or closed by the end",
	.what = "A process ended and held descriptors that it had received: no call of it had used them, sent\n"
		"them on or closed them, and no child was made that could; nor did the program that it executed,\n"
		"for those that stay open then. It is told at the end, once for each process.\n"
		"With a seccomp filter the tracer stops such a process at each call, for 2000 calls at most;\n"
		"where that was not enough, or other threads ran, the rule is listed as not run.\n"
		"--engine=syscall sees all calls.",
	.why = "A message may bring more descriptors than the program expects: padding has room for one more,\n"
	       "and error paths forget them. The kernel has installed them all. A server loses one with\n"
	       "each message until EMFILE, and whoever sent them waits for an end of file that never comes.",
	.kernel =
		"net/core/scm.c scm_detach_fds(): each descriptor that fits is installed, whether the\n"
		"program looks at the control message or not.",
	.bad = "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "int receive(int sock)\n"
	       "{\n"
	       "	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))]; /* room for two */\n"
	       "	char byte;\n"
	       "	struct iovec iov = { &byte, 1 };\n"
	       "	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"
	       "		.msg_control = control, .msg_controllen = sizeof(control) };\n"
	       "	struct cmsghdr *c;\n"
	       "	int fd = -1;\n"
	       "\n"
	       "	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) == 1 && byte == 'f' && (c = CMSG_FIRSTHDR(&m)))\n"
	       "		memcpy(&fd, CMSG_DATA(c), sizeof(fd)); /* else it stays open */\n"
	       "	return fd;\n"
	       "}\n",
	.good = "#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"#include <unistd.h>\n"
		"\n"
		"int receive(int sock)\n"
		"{\n"
		"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];\n"
		"	char byte = 0;\n"
		"	struct iovec iov = { &byte, 1 };\n"
		"	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"
		"		.msg_control = control, .msg_controllen = sizeof(control) };\n"
		"	struct cmsghdr *c;\n"
		"	int fds[2], fd = -1;\n"
		"\n"
		"	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) < 0)\n"
		"		return -1;\n"
		"	c = CMSG_FIRSTHDR(&m);\n"
		"	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)\n"
		"		return -1;\n"
		"\n"
		"	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);\n"
		"\n"
		"	memcpy(fds, CMSG_DATA(c), n * sizeof(int));\n"
		"	for (size_t i = 0; i < n; i++) {\n"
		"		if (!i && byte == 'f')\n"
		"			fd = fds[i];\n"
		"		else\n"
		"			close(fds[i]);\n"
		"	}\n"
		"	return fd;\n"
		"}\n",
	.remedy =
		"Look at every SCM_RIGHTS message that a receive brings, count from cmsg_len, and close all\n"
		"descriptors that are not taken over.\n"
		"Go: unix.ParseUnixRights() gives all: close each or make an os.File of it.\n"
		"Python: socket.recv_fds() returns all; array('i') from recvmsg's ancdata: os.close() each.\n"
		"Rust: take them as OwnedFd, so that they are closed when dropped.",
	.needs = RULE_NEEDS_RECEIVED_FDS,
	.process_state = sizeof(struct state),
	.run_state = sizeof(struct run),
	.recv = on_recv,
	.exited = on_exited,
	.end = on_end,
};
