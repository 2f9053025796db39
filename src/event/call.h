/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system calls that we know: one row each. The row number travels through the seccomp filter. */
#ifndef CMSGTRACE_EVENT_CALL_H
#define CMSGTRACE_EVENT_CALL_H

#include <stdbool.h>
#include <stdint.h>

enum call {
	CALL_OTHER, /* any other call: printed with raw arguments where -e trace= names it */
	CALL_SENDMSG,
	CALL_RECVMSG,
	CALL_SENDMMSG,
	CALL_RECVMMSG, /* and recvmmsg_time64: see call_time64() */
	CALL_SENDTO,
	CALL_RECVFROM,
	CALL_SEND, /* i386 and others; x86_64 has sendto only */
	CALL_RECV,
	CALL_WRITE, /* the next four: only on sockets that are known to carry datagrams */
	CALL_READ,
	CALL_WRITEV,
	CALL_READV,
	CALL_SOCKET, /* from here on: they change what we know of sockets */
	CALL_BIND,
	CALL_CONNECT,
	CALL_SETSOCKOPT,
	CALL_SOCKETCALL, /* the i386 multiplexer; becomes one of the above once its args are read */
	CALL_IO_URING_SETUP,
	CALL_IO_URING_ENTER,
	CALL_EXECVE,
	CALL_COUNT,
};

enum call_flag {
	CALL_SENDS = 1,      /* carries messages out */
	CALL_RECEIVES = 2,   /* carries messages in */
	CALL_MSGHDR = 4,     /* args[1] is a msghdr, or a vector of mmsghdr */
	CALL_VECTOR = 8,     /* many messages in one call */
	CALL_STATE = 16,     /* changes a socket's facts */
	CALL_ON_DEMAND = 32, /* too common to stop at unless asked for */
};

struct call_row {
	const char *name;
	unsigned int flags; /* enum call_flag */
	unsigned int nargs;
};

extern const struct call_row call_rows[CALL_COUNT];

/* By name, "recvmmsg_time64" and the like too; CALL_OTHER where it is none of ours. */
enum call call_of_name(const char *name);

/* What i386's multiplexer calls. */
struct socketcall {
	enum call call;
	unsigned char nargs; /* words of 32 bits that its second argument points to */
	const char *name;
};

enum { SOCKETCALLS = 21 };

/* By its first argument; NULL: there is none of that number.  linux/net.h, nargs[] of net/compat.c. */
const struct socketcall *socketcall_find(uint64_t nr);

/* Does a call of this name return a new descriptor?  socket() and io_uring_setup() have rows of their own. */
bool call_makes_fd(const char *name);

static inline bool call_sends(enum call c)
{
	return call_rows[c].flags & CALL_SENDS;
}

static inline bool call_receives(enum call c)
{
	return call_rows[c].flags & CALL_RECEIVES;
}

#endif
