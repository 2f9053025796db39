/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C text that examples of several rules share: the rest of a translation unit, behind its differences. */
#ifndef CMSGTRACE_CHECK_RULES_EXAMPLES_H
#define CMSGTRACE_CHECK_RULES_EXAMPLES_H

/* Receives at most FDS descriptors, as enum says, with these flags of recvmsg. */
#define EXAMPLE_RECEIVE_FDS(fds, flags)                                                            \
	"#include <string.h>\n"                                                                    \
	"#include <sys/socket.h>\n"                                                                \
	"\n"                                                                                       \
	"enum { FDS = " fds "\n"                                                                   \
	"\n"                                                                                       \
	"int receive(int sock, int fds[FDS])\n"                                                    \
	"{\n"                                                                                      \
	"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * FDS)];\n"                 \
	"	char byte;\n"                                                                            \
	"	struct iovec iov = { &byte, 1 };\n"                                                      \
	"	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"                                 \
	"		.msg_control = control, .msg_controllen = sizeof(control) };\n"                         \
	"	struct cmsghdr *c;\n"                                                                    \
	"\n"                                                                                       \
	"	if (recvmsg(sock, &m, " flags ") < 0)\n"                                           \
	"		return -1;\n"                                                                           \
	"	c = CMSG_FIRSTHDR(&m);\n"                                                                \
	"	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)\n"                  \
	"		return 0;\n"                                                                            \
	"\n"                                                                                       \
	"	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);\n"                                 \
	"\n"                                                                                       \
	"	memcpy(fds, CMSG_DATA(c), n * sizeof(int));\n"                                           \
	"	return (int)n;\n"                                                                        \
	"}\n"

/* Passes one descriptor with so many bytes of data; len: what cmsg_len is computed from. */
#define EXAMPLE_PASS_FD(bytes, len)                                                                \
	"#include <string.h>\n"                                                                    \
	"#include <sys/socket.h>\n"                                                                \
	"\n"                                                                                       \
	"long pass(int sock, int fd)\n"                                                            \
	"{\n"                                                                                      \
	"	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };\n"                \
	"	struct iovec iov = { \"\", " bytes " };\n"                                         \
	"	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,\n"                                 \
	"		.msg_control = control, .msg_controllen = sizeof(control) };\n"                         \
	"	struct cmsghdr *c = CMSG_FIRSTHDR(&m);\n"                                                \
	"\n"                                                                                       \
	"	c->cmsg_level = SOL_SOCKET;\n"                                                           \
	"	c->cmsg_type = SCM_RIGHTS;\n"                                                            \
	"	c->cmsg_len = CMSG_LEN(" len ");\n"                                                \
	"	memcpy(CMSG_DATA(c), &fd, sizeof(fd));\n"                                                \
	"	return sendmsg(sock, &m, 0);\n"                                                          \
	"}\n"

#endif
