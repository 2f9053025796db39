/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What the programs in the kernel hand to the tracer through the ring: plain structs of fixed sizes, included
 * by both sides.  Numbers are the machine's own; ports and addresses are in network order where they say so.
 */
#ifndef CMSGTRACE_BPF_RECORDS_H
#define CMSGTRACE_BPF_RECORDS_H

#ifdef __bpf__
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
#else
#include <stdint.h>
#endif

enum {
	REC_CALLS = 1024,     /* numbers of one ABI */
	REC_SOCKETCALLS = 32, /* of i386's multiplexer … */
	REC_WORDS = 6,        /* … and of the arguments of one */
	REC_ELEMENTS = 64,    /* of a vector */
	REC_IOVS = 64,        /* of a message: how many are read … */
	REC_IOVS_DATA = 8,    /* … and of how many the payload */
	REC_CONTROL = 4096,   /* bytes of a control block */
	REC_MSGHDR = 56,
	MSGHDR32 = 28, /* of a call of 32 bits */
	MMSGHDR32 = 32,
	REC_TIMESPEC = 16,
	REC_NAME = 128,         /* sizeof(struct sockaddr_storage) */
	REC_PAYLOAD = 4096,     /* of one buffer, and of one message */
	REC_BYTES = 64 * 1024,  /* of a call's memory, all parts */
	REC_SOCKADDR = 112,     /* the longest name that is read of a socket: that of AF_UNIX */
	REC_STACK = 8192,       /* of the stack, from its pointer up … */
	REC_STACK_MOST = 32768, /* … and where all of it is printed */
	REC_INTERPRETERS = 16,  /* of a process, that are looked at … */
	REC_THREADS = 1024,     /* … threads of each … */
	REC_FRAMES = 64,        /* … frames that are copied of one, innermost first … */
	REC_FRAME = 128,        /* … bytes of each, at most */
	REC_HEAD = 16,          /* bytes of a datagram's payload that tell it from others */
	REC_SHAPES = 16,        /* kinds of stacks that are known of one beginning … */
	REC_SHAPE_REGS = 4,     /* … what each consists of: registers … */
	REC_SHAPE_WORDS = 64,   /* … and words of the stack */
};

enum rec_type {
	REC_CALL = 1,
	REC_FORK,
	REC_EXEC,
	REC_EXIT,
	REC_SIGNAL,
	REC_UNSEEN, /* struct rec_task: a multishot receive was submitted to an io_uring */
	REC_LEFT,   /* struct rec_packet: a packet that the call under way queued */
	REC_TAKEN, /* struct rec_packet: a datagram that the call under way took out of its socket's queue */
	REC_CAME, /* struct rec_packet: a datagram that was put into a socket's queue */
	REC_WATCH, /* struct rec_packet without packet: REC_CAME is told of this socket from here on */
};

struct rec_head {
	uint32_t size; /* of the whole record */
	uint32_t type; /* enum rec_type */
	uint64_t ns;   /* CLOCK_MONOTONIC */
	uint32_t tgid, tid;
};

/* Classes of calls: what has to be read for one. The table is filled by the tracer from its own. */
enum rec_class {
	REC_NONE,
	REC_SENDMSG,
	REC_RECVMSG,
	REC_SENDMMSG,
	REC_RECVMMSG,
	REC_SENDTO, /* buffer, length, flags, name, name's length */
	REC_RECVFROM,
	REC_READ, /* buffer, length: on sockets that carry datagrams */
	REC_WRITE,
	REC_READV, /* an iovec */
	REC_WRITEV,
	REC_ADDR,       /* bind, connect: an address and its length */
	REC_OPT,        /* setsockopt */
	REC_SOCKET,     /* its result is the descriptor */
	REC_ARGS,       /* nothing but the arguments */
	REC_SOCKETCALL, /* one of these: its first argument says which (struct rec_socketcall) */
	REC_MULTISHOT,  /* of an io_uring's recvmsg: all is in the buffer of that completion */
	REC_CLASS = 0x3f,
	REC_OWN = 0x40,    /* made by the tracer: it wants to hear of that socket */
	REC_ALWAYS = 0x80, /* on other descriptors too */
};

/* What is wanted of the call of a number, in either ABI: enum rec_class. */
struct rec_classes {
	uint8_t native, compat;
};

/* What is wanted of a call of i386's multiplexer. */
struct rec_socketcall {
	uint8_t class, nargs; /* words of 32 bits */
};

enum rec_sock_has { REC_SOCK = 1, REC_SOCK_PEER = 2, REC_SOCK_INET = 4, REC_SOCK_INET6 = 8 };

/* Options that are on or off: a bit each in rec_sock's on, and in known where this kernel tells. */
enum rec_on {
	REC_ON_BROADCAST,
	REC_ON_RCVTSTAMP,
	REC_ON_RCVTSTAMPNS,
	REC_ON_TSTAMP_NEW,
	REC_ON_TXTIME,
	REC_ON_RXQ_OVFL,
	REC_ON_RCVMARK,
	REC_ON_RCVPRIORITY,
	REC_ON_WIFI_STATUS,
	REC_ON_ZEROCOPY,
	REC_ON_NO_CHECK,
	REC_ON_REUSEPORT,
	REC_ON_PASSCRED,
	REC_ON_PASSSEC,
	REC_ON_PASSPIDFD,
	REC_ON_PASSRIGHTS,
	REC_ON_INQ,
	/* the next nine are IP_CMSG_* of include/net/inet_sock.h, in that order */
	REC_ON_IP_PKTINFO,
	REC_ON_IP_RECVTTL,
	REC_ON_IP_RECVTOS,
	REC_ON_IP_RECVOPTS,
	REC_ON_IP_RETOPTS,
	REC_ON_IP_PASSSEC,
	REC_ON_IP_ORIGDSTADDR,
	REC_ON_IP_CHECKSUM,
	REC_ON_IP_RECVFRAGSIZE,
	REC_ON_IP_RECVERR,
	REC_ON_IP_FREEBIND,
	REC_ON_IP_HDRINCL,
	REC_ON_IP_MC_LOOP,
	REC_ON_IP_TRANSPARENT,
	REC_ON_IPV6_RECVERR,
	REC_ON_IPV6_V6ONLY,
	REC_ON_IPV6_RXINFO,
	REC_ON_IPV6_RXOINFO,
	REC_ON_IPV6_RXHLIM,
	REC_ON_IPV6_RXOHLIM,
	REC_ON_IPV6_HOPOPTS,
	REC_ON_IPV6_SRCRT,
	REC_ON_IPV6_DSTOPTS,
	REC_ON_IPV6_RXFLOW,
	REC_ON_IPV6_RXTCLASS,
	REC_ON_IPV6_RXPMTU,
	REC_ON_IPV6_RXORIGDSTADDR,
	REC_ON_IPV6_RECVFRAGSIZE,
	REC_ON_UDP_CORK,
	REC_ON_UDP_GRO,
	REC_ON_NETLINK_PKTINFO,
	REC_ON_NETLINK_ALL_NSID,
	REC_ON_PACKET_AUXDATA,
	REC_ON_COUNT,
};

enum rec_peer_on { REC_PEER_UNKNOWN, REC_PEER_OFF, REC_PEER_ON };

/* The socket as the call met it, read from the kernel's own structures. */
struct rec_sock {
	uint64_t sk; /* tells sockets apart while both live */
	uint64_t inode;
	uint64_t peer_inode; /* AF_UNIX: 0 none, or not to be told */
	uint64_t on, known;  /* bits by enum rec_on */
	uint32_t netns;      /* its inode */
	uint32_t uid;        /* as the first user namespace numbers them */
	uint16_t has;        /* enum rec_sock_has */
	uint16_t family, type, protocol;
	uint8_t state; /* TCP_LISTEN … */
	uint8_t tos, tclass, encap;
	uint8_t clockid, txtime_flags;
	uint16_t gso_size;
	int32_t priority, mark, bound_if, tsflags, rcvbuf, sndbuf;
	int32_t ttl, mc_ttl, uc_index, mc_index;
	uint32_t mc_addr;              /* network order */
	int32_t hops, oif6, mc_index6; /* hops -1: the route's */
	uint8_t local_len, peer_len;   /* 0: unknown, or none (see REC_SOCK_PEER) */
	uint8_t odd4, odd6;            /* it has IP options, or preferences for its source */
	uint8_t peer_passcred, peer_passrights; /* AF_UNIX: enum rec_peer_on */
	uint8_t pad[2];
	uint8_t local[REC_SOCKADDR], peer[REC_SOCKADDR]; /* as getsockname(2) would say */
};

struct rec_packet {
	struct rec_head head; /* REC_CAME: whoever was running */
	uint64_t sk;
	uint64_t
		of; /* REC_LEFT, REC_TAKEN: which request of an io_uring; 0: the call of the task */
	uint32_t ifindex;
	uint32_t len;             /* payload bytes of UDP: of all segments together */
	uint8_t version;          /* 4 or 6 */
	uint8_t nhead;            /* bytes in head_bytes */
	uint16_t sport, dport;    /* network order */
	uint8_t src[16], dst[16]; /* 4 bytes where version is 4 */
	uint8_t head_bytes[REC_HEAD];
	uint16_t pad;
};

struct rec_call {
	struct rec_head head; /* ns: of its end */
	uint64_t request;     /* of an io_uring: nr is its operation; 0: a system call */
	uint64_t enter_ns;
	uint64_t mm; /* tells address spaces apart while both live */
	uint64_t
		stack; /* the number of the shape that its stack has; 0: none of those that are known */
	uint64_t args[6];
	int64_t result;
	uint32_t nr;
	uint32_t arch;  /* AUDIT_ARCH_… */
	uint32_t class; /* enum rec_class */
	uint32_t cut;   /* parts that found no room, or of which we take less */
	char comm[16];
	struct rec_sock sock;
	uint32_t nbytes; /* of parts */
	uint32_t died;   /* its process is being ended: it never saw the result */
	/* parts follow: struct rec_part, then its bytes, to the next multiple of 8 */
};

/* A call between its entry and its end. */
struct rec_inside {
	uint64_t enter_ns;
	uint64_t args[6];
	uint64_t multiplexed
		[2]; /* the multiplexer's own arguments, where args are what these stand for … */
	uint32_t nwords; /* … read as so many words; 0: they are the call's own */
	uint32_t nr, arch;
	uint32_t class;
	uint16_t udp;    /* on such a socket */
	uint16_t unseen; /* it was under way when the tracer attached: its class once more */
	uint8_t offered[REC_MSGHDR]; /* a receive's header as it was at the entry … */
	uint8_t timeout[REC_TIMESPEC];
	uint32_t offered_ok, timeout_ok;
	uint32_t namelen, namelen_ok; /* … recvfrom's */
	struct rec_sock sock;
};

enum rec_when {
	REC_ENTRY,
	REC_LEAVE,
	REC_REGISTERS, /* no memory: what PTRACE_GETREGSET would begin with */
};

/* A request of an io_uring between its submission and its completion. */
struct rec_request {
	uint64_t id;     /* who submitted it: tgid and tid */
	uint64_t pc, sp; /* where */
	struct rec_inside inside;
};

/*
 * A stack that was seen before is not copied again: the tracer gives it a number and says which registers and words
 * decide what a walk finds.  Where these are the same, the frames are.  The frame pointer is none of the beginning: most
 * programs have a number of their own in it, and where a walk needs it, it is one of these registers.
 */
struct rec_beginning {
	uint64_t mm, pc, sp;
	uint32_t tgid, nth; /* of those that begin like this, from 0 on without a gap */
};

struct rec_word {
	uint64_t at, value; /* at: an address, or the byte of the registers where it stands */
};

struct rec_shape {
	uint64_t number;
	uint32_t python; /* frames of its interpreter are copied all the same */
	uint32_t nregs, nwords, pad;
	struct rec_word reg[REC_SHAPE_REGS], word[REC_SHAPE_WORDS];
};

/*
 * Of a process that runs Python: how to its frames, as offsets in bytes (struct python_chain, which is what the tracer
 * found).
 */
struct rec_interpreter {
	uint64_t interpreters; /* an address */
	uint32_t next_interpreter, threads;
	uint32_t native_id, previous_thread, next, interpreter, cframe, current;
	uint32_t previous, frame_size;
};

/* Memory of the task at one moment. */
struct rec_part {
	uint64_t addr;
	uint32_t len;   /* bytes that follow */
	uint16_t when;  /* enum rec_when */
	uint16_t fault; /* what lies behind them could not be read */
};

struct rec_task {
	struct rec_head head;
	uint32_t
		child; /* REC_FORK: the new task's number; REC_EXEC: the number before; REC_SIGNAL: which */
	uint32_t child_tgid; /* REC_FORK: that of its process */
	int32_t status;      /* REC_EXIT: wait(2)'s */
	uint32_t ninfo;      /* REC_SIGNAL */
	char comm[16];
	uint8_t info[48]; /* REC_SIGNAL: the first bytes of its siginfo_t */
};

/* What the tracer sets before the programs are loaded. */
struct rec_config {
	uint32_t own_tgid;
	uint32_t follow;  /* children of targets are targets */
	uint32_t all;     /* who makes such a call becomes a target … */
	uint32_t cgroup;  /* … where it belongs to that control group, or one below it */
	uint32_t payload; /* bytes to take of a buffer, at most REC_PAYLOAD */
	uint32_t cqe;     /* a completion is told of by its entry, not by its result */
	uint32_t stack;   /* … of the stack, at most REC_STACK_MOST; 0: no registers either */
};

/* Both sides write and read it while the programs run. */
struct rec_waking {
	uint64_t for_place; /* when who reads was woken for a place, CLOCK_MONOTONIC */
	uint32_t asleep;    /* set by who reads: it wants to be woken by anything */
	uint32_t pad;
};

struct rec_lost { /* counters, one a CPU */
	uint64_t calls,
		others; /* for which the ring had no room; others: packets, tasks, signals */
	uint64_t under_way, parts;
};

#endif
