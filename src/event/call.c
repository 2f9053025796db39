// SPDX-License-Identifier: LGPL-2.1-or-later
/* The system calls that we know. */
#include "config.h"

#include "event/call.h"

#include <linux/net.h>
#include <string.h>

const struct call_row call_rows[CALL_COUNT] = {
	[CALL_OTHER] = { "?", 0, 6 },
	[CALL_SENDMSG] = { "sendmsg", CALL_SENDS | CALL_MSGHDR, 3 },
	[CALL_RECVMSG] = { "recvmsg", CALL_RECEIVES | CALL_MSGHDR, 3 },
	[CALL_SENDMMSG] = { "sendmmsg", CALL_SENDS | CALL_MSGHDR | CALL_VECTOR, 4 },
	[CALL_RECVMMSG] = { "recvmmsg", CALL_RECEIVES | CALL_MSGHDR | CALL_VECTOR, 5 },
	[CALL_SENDTO] = { "sendto", CALL_SENDS, 6 },
	[CALL_RECVFROM] = { "recvfrom", CALL_RECEIVES, 6 },
	[CALL_SEND] = { "send", CALL_SENDS, 4 },
	[CALL_RECV] = { "recv", CALL_RECEIVES, 4 },
	[CALL_WRITE] = { "write", CALL_SENDS | CALL_ON_DEMAND, 3 },
	[CALL_READ] = { "read", CALL_RECEIVES | CALL_ON_DEMAND, 3 },
	[CALL_WRITEV] = { "writev", CALL_SENDS | CALL_ON_DEMAND, 3 },
	[CALL_READV] = { "readv", CALL_RECEIVES | CALL_ON_DEMAND, 3 },
	[CALL_SOCKET] = { "socket", CALL_STATE, 3 },
	[CALL_BIND] = { "bind", CALL_STATE, 3 },
	[CALL_CONNECT] = { "connect", CALL_STATE, 3 },
	[CALL_SETSOCKOPT] = { "setsockopt", CALL_STATE, 5 },
	[CALL_SOCKETCALL] = { "socketcall", 0, 2 },
	[CALL_IO_URING_SETUP] = { "io_uring_setup", CALL_STATE, 2 },
	[CALL_IO_URING_ENTER] = { "io_uring_enter", CALL_ON_DEMAND, 6 },
	[CALL_EXECVE] = { "execve", CALL_ON_DEMAND, 3 },
};

enum call call_of_name(const char *name)
{
	for (unsigned int c = CALL_OTHER + 1; c < CALL_COUNT; c++) {
		if (!strcmp(call_rows[c].name, name))
			return c;
	}
	return strcmp(name, "recvmmsg_time64") ? CALL_OTHER : CALL_RECVMMSG;
}

static const struct socketcall socketcalls[SOCKETCALLS] = {
	[SYS_SOCKET] = { CALL_SOCKET, 3, "socket" },
	[SYS_BIND] = { CALL_BIND, 3, "bind" },
	[SYS_CONNECT] = { CALL_CONNECT, 3, "connect" },
	[SYS_LISTEN] = { CALL_OTHER, 2, "listen" },
	[SYS_ACCEPT] = { CALL_OTHER, 3, "accept" },
	[SYS_GETSOCKNAME] = { CALL_OTHER, 3, "getsockname" },
	[SYS_GETPEERNAME] = { CALL_OTHER, 3, "getpeername" },
	[SYS_SOCKETPAIR] = { CALL_OTHER, 4, "socketpair" },
	[SYS_SEND] = { CALL_SEND, 4, "send" },
	[SYS_RECV] = { CALL_RECV, 4, "recv" },
	[SYS_SENDTO] = { CALL_SENDTO, 6, "sendto" },
	[SYS_RECVFROM] = { CALL_RECVFROM, 6, "recvfrom" },
	[SYS_SHUTDOWN] = { CALL_OTHER, 2, "shutdown" },
	[SYS_SETSOCKOPT] = { CALL_SETSOCKOPT, 5, "setsockopt" },
	[SYS_GETSOCKOPT] = { CALL_OTHER, 5, "getsockopt" },
	[SYS_SENDMSG] = { CALL_SENDMSG, 3, "sendmsg" },
	[SYS_RECVMSG] = { CALL_RECVMSG, 3, "recvmsg" },
	[SYS_ACCEPT4] = { CALL_OTHER, 4, "accept4" },
	[SYS_RECVMMSG] = { CALL_RECVMMSG, 5, "recvmmsg" },
	[SYS_SENDMMSG] = { CALL_SENDMMSG, 4, "sendmmsg" },
};

const struct socketcall *socketcall_find(uint64_t nr)
{
	return nr < SOCKETCALLS && socketcalls[nr].name ? &socketcalls[nr] : NULL;
}

bool call_makes_fd(const char *name)
{
	static const char *const makers[] = {
		"accept",        "accept4",      "creat",          "dup",          "dup2",
		"dup3",          "epoll_create", "epoll_create1",  "eventfd",      "eventfd2",
		"fanotify_init", "inotify_init", "inotify_init1",  "memfd_create", "mq_open",
		"open",          "openat",       "openat2",        "pidfd_getfd",  "pidfd_open",
		"signalfd",      "signalfd4",    "timerfd_create", "userfaultfd",
	};

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (!strcmp(makers[i], name))
			return true;
	}
	return false;
}
