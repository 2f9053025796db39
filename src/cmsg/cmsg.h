/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control messages: walking a control block, and the table of everything that Linux knows.
 * Views point into the event's bytes and own nothing.
 */
#ifndef CMSGTRACE_CMSG_CMSG_H
#define CMSGTRACE_CMSG_CMSG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "event/event.h"

struct emit;
struct cmsg_type;

enum cmsg_fault {
	CMSG_FAULT_LEN_SHORT = 1,  /* cmsg_len is less than a header: the walk ends here */
	CMSG_FAULT_LEN_BEYOND = 2, /* cmsg_len reaches past the end of the block: the walk ends */
	CMSG_FAULT_NOT_READ = 4,   /* (part of) its payload could not be captured */
};

struct cmsg {
	uint32_t offset; /* of its header in the block */
	uint32_t faults; /* enum cmsg_fault */
	uint64_t len;    /* cmsg_len as stored */
	int32_t level, type;
	const unsigned char *data;   /* payload */
	uint32_t data_len;           /* payload bytes that are there: at most len - header */
	const struct cmsg_type *row; /* NULL: not in the table */
};

#define KERNEL_RELEASE(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (c))

/*
 * Does a release have what mainline has since that release?  Stable series take changes over: stable names
 * the first release of each older series that has it, too, and ends with 0; NULL: none has.
 */
static inline bool release_has(uint32_t release, uint32_t since, const uint32_t *stable)
{
	if (release >= since)
		return true;
	for (; stable && *stable; stable++) {
		if (release >> 8 == *stable >> 8 && release >= *stable)
			return true;
	}
	return false;
}

/* Loops of the kernel over the control messages of a send; two may read a level in their own ways. */
enum cmsg_parser {
	BY_NONE,
	BY_SOCK,      /* net/core/sock.c __sock_cmsg_send(): most sockets */
	BY_SCM,       /* net/core/scm.c __scm_send(): AF_UNIX and AF_NETLINK */
	BY_IP,        /* net/ipv4/ip_sockglue.c ip_cmsg_send() */
	BY_IP_MAPPED, /* the same, of SOL_IPV6: AF_INET6 UDP towards IPv4 */
	BY_IPV6,      /* net/ipv6/datagram.c ip6_datagram_send_ctl() */
	BY_UDP,       /* net/ipv4/udp.c __udp_cmsg_send() */
	BY_TLS,       /* net/tls/tls_main.c tls_process_cmsg() */
	BY_ALG,       /* crypto/af_alg.c af_alg_cmsg_send() */
	BY_SCTP,      /* net/sctp/socket.c sctp_msghdr_parse() */
	BY_RDS,       /* net/rds/send.c rds_cmsg_send() */
	BY_RXRPC,     /* net/rxrpc/sendmsg.c rxrpc_sendmsg_cmsg() */
	BY_RXRPC_OOB, /* net/rxrpc/oob.c rxrpc_sendmsg_oob_cmsg(): with MSG_OOB */
	BY_IUCV,      /* net/iucv/af_iucv.c iucv_sock_sendmsg() */
	BY_DCCP,      /* net/dccp/proto.c dccp_msghdr_parse() */
};

/* What a later message of the same kind replaces. */
enum cmsg_slot {
	SLOT_NONE, /* adds up, or is refused the second time */
	SLOT_PKTINFO,
	SLOT_TOS,
	SLOT_TTL,
	SLOT_OPTIONS,
	SLOT_PROTOCOL,
	SLOT_MARK,
	SLOT_PRIORITY,
	SLOT_TIMESTAMPING,
	SLOT_TXTIME,
	SLOT_DMABUF,
	SLOT_TS_ID,
	SLOT_CREDENTIALS,
	SLOT_SEGMENT,
	SLOT_FLOWINFO,
	SLOT_HOPLIMIT,
	SLOT_TCLASS,
	SLOT_DONTFRAG,
	SLOT_DSTOPTS,
	SLOT_RTHDRDSTOPTS,
	SLOT_RTHDR,
	SLOT_OTHER_A, /* levels that stand alone in their parser number their own */
	SLOT_OTHER_B,
	SLOT_OTHER_C,
	SLOT_OTHER_D,
	SLOT_OTHER_E,
};

struct judge;

enum { SIZE_MAX_NONE = UINT16_MAX }; /* no limit */

/* What a parser does with a message that is sent.  Strings are one clause each, for the verdict. */
struct cmsg_send {
	enum cmsg_parser by; /* BY_NONE: there is no such send */
	uint8_t slot;        /* enum cmsg_slot */
	/* payload bytes where that parser takes others than the row says; both 0: as the row says */
	uint16_t least, most;
	uint32_t since, until; /* KERNEL_RELEASE() that knows it first, where that is not the
				  row's; that no longer does; 0: none */
	const char *does;      /* the effect */
	const char *size_why;  /* it is refused for its size */
	int32_t lo, hi;        /* range of its value (an int, or a byte where one byte long) … */
	const char *range_why; /* … NULL: no range */
	uint64_t idle;         /* 1 << enum sock_kind: checked there, and never used */
	const char *idle_why;
	void (*before)(struct judge *j); /* checks that come before that of the length */
	void (*check)(struct judge *j);  /* all that the members above can't say */
};

/* Places of the kernel that write control messages of a receive, in the order of their writing. */
enum cmsg_writer {
	FROM_NONE,     /* it is never received */
	FROM_UNSUMMED, /* the receive's sum leaves it out: no proof opened such a socket, or few
			  packets bring it */
	FROM_STAMPS,   /* net/socket.c __sock_recv_timestamp(): with data and errors */
	FROM_SOCK,     /* net/socket.c __sock_recv_cmsgs() */
	FROM_WIFI,     /* net/socket.c __sock_recv_wifi_status(): with errors */
	FROM_NETLINK,  /* net/netlink/af_netlink.c netlink_recvmsg(): before its credentials */
	FROM_SCM,      /* include/net/scm.h scm_recv(), scm_recv_unix() */
	FROM_PROTOCOL, /* the protocol's own recvmsg() */
	FROM_IPV6_ANY, /* net/ipv6/datagram.c ip6_datagram_recv_common_ctl(): with IPv4 too */
	FROM_IP,       /* net/ipv4/ip_sockglue.c ip_cmsg_recv_offset() */
	FROM_IPV6,     /* net/ipv6/datagram.c ip6_datagram_recv_specific_ctl() */
	/* last in the error queue, hence the first to be lost in a small buffer */
	FROM_ERROR, /* ip_recv_error(), ipv6_recv_error() */
};

enum cmsg_comes { COMES_NEVER, COMES_UNSURE, COMES_AT_TIMES, COMES_ALWAYS };

/* When a receive brings it. */
struct cmsg_recv {
	enum cmsg_writer from;
	uint8_t nth;             /* its place among those of that writer */
	uint16_t size, size32;   /* payload where it is not the row's least; 0: that */
	bool varies;             /* the payload may be longer: it depends on what arrives */
	enum sock_opt option;    /* the fact that it is on; of no meaning where unsummed */
	struct sock_opt_row own; /* or an option that no code names: all that is known of it */
	/* the option's name where that is not the fact's; "": there is none to ask for */
	const char *option_name;
	const char *when; /* "only where the packet came in fragments"; NULL: always */
	uint32_t since;   /* KERNEL_RELEASE() where that is not the row's */
	/* where the option's value alone does not say whether it comes */
	enum cmsg_comes (*comes)(const struct cmsg_type *t, const struct sock *s);
};

/* One row per (level, type).  Rows live in one file per level: sol-socket.c, sol-ip.c … */
struct cmsg_type {
	int32_t level, type;
	const char *name;        /* as strace prints it: "IP_PKTINFO", "SO_TXTIME" */
	const char *alias;       /* another spelling in C source, "SCM_TXTIME", or NULL */
	uint16_t size, size_max; /* payload on a 64-bit ABI: exactly size where size_max is 0,
					   else size … size_max (SIZE_MAX_NONE: no limit) */
	bool either;             /* size or size_max, and nothing between */
	uint16_t size32; /* the least size where the kernel's long has 4 bytes; 0: the same */
	uint64_t kinds;  /* bits 1 << enum sock_kind: sockets that take or give it */
	uint64_t kinds_send, kinds_recv; /* those of one direction; 0: all of kinds */
	uint32_t since;                  /* KERNEL_RELEASE() of the first; 0: before 2.6.12 */
	const uint32_t *stable;          /* older series that have it, too: release_has() */
	const char *effect;              /* one line for --list-cmsgs */
	const char *kernel;              /* "net/ipv4/ip_sockglue.c ip_cmsg_send()" */
	/*
	 * Emits the payload as one field (a value, an array or a struct), whose name is NULL; NULL:
	 * bytes.  Only called, by cmsg_emit(), with at least the payload's least size.
	 */
	void (*decode)(struct emit *e, const struct cmsg *c);
	struct cmsg_send send;       /* what the level's parser does with it … */
	struct cmsg_send send_other; /* … and another one that reads the level in its own way */
	struct cmsg_recv recv;
};

/* A table of one level; cmsg_levels[] registers them all. */
struct cmsg_level {
	int32_t level;
	const char *name; /* "SOL_IP" */
	const struct cmsg_type *types;
	unsigned int n;
	uint64_t kinds; /* where a level number is shared (SOL_IP 0 and SOL_HCI 0): only these
				   sockets; 0: any */
};

static inline bool cmsg_type_sent(const struct cmsg_type *t)
{
	return t->send.by != BY_NONE;
}

static inline bool cmsg_type_received(const struct cmsg_type *t)
{
	return t->recv.from != FROM_NONE;
}

/* Does a send on such a socket take it (to an effect), does a receive give it? */
static inline bool cmsg_type_takes(const struct cmsg_type *t, enum sock_kind kind)
{
	return cmsg_type_sent(t) && (t->kinds_send ? t->kinds_send : t->kinds) >> kind & 1;
}

static inline bool cmsg_type_gives(const struct cmsg_type *t, enum sock_kind kind)
{
	return cmsg_type_received(t) && (t->kinds_recv ? t->kinds_recv : t->kinds) >> kind & 1;
}

/* Does the receive's sum have it, where it is asked for on such a socket? */
static inline bool cmsg_type_summed(const struct cmsg_type *t, enum sock_kind kind)
{
	return t->recv.from > FROM_UNSUMMED && cmsg_type_gives(t, kind);
}

/*
 * The kind of socket whose error queue brings the same: TCP hands its own to the code that all of IP shares, which
 * knows all options of IP.  Kernel: net/ipv4/tcp.c tcp_recvmsg() inet_recv_error()
 */
static inline enum sock_kind cmsg_errors_kind(enum sock_kind kind)
{
	return kind == SOCK_KIND_TCP4   ? SOCK_KIND_UDP4
	       : kind == SOCK_KIND_TCP6 ? SOCK_KIND_UDP6
					: kind;
}

/* Does an error queue give it, on a socket that gives it with nothing else? */
static inline bool cmsg_type_gives_errors(const struct cmsg_type *t, enum sock_kind kind)
{
	return t->recv.from >= FROM_IPV6_ANY && !cmsg_type_gives(t, kind) &&
	       cmsg_type_gives(t, cmsg_errors_kind(kind));
}

/* What a parser does with it; NULL: it knows no such message. */
static inline const struct cmsg_send *cmsg_type_send(const struct cmsg_type *t, enum cmsg_parser by)
{
	return t->send.by == by ? &t->send : t->send_other.by == by ? &t->send_other : NULL;
}

/*
 * All options that are known: number of them, and each, those of sock_opt_rows[] first.  Behind them
 * stand the rows' own.
 */
unsigned int cmsg_opt_count(void);
const struct sock_opt_row *cmsg_opt_row(unsigned int o);
/* The option that makes a receive bring it; of no meaning where the receive's sum has it not. */
enum sock_opt cmsg_type_opt(const struct cmsg_type *t);
/* Its name: "IP_RECVTTL"; NULL: none. */
const char *cmsg_type_option(const struct cmsg_type *t);

/* Is a payload of len bytes of the row's size?  Does the parser of s, one of the row's, take it? */
bool cmsg_type_fits(const struct cmsg_type *t, uint64_t len);
bool cmsg_send_fits(const struct cmsg_type *t, const struct cmsg_send *s, uint64_t len);

extern const struct cmsg_level *const cmsg_levels[]; /* NULL at the end */

/* kind decides between families that share a number; SOCK_KIND_UNKNOWN takes the usual one. */
const struct cmsg_type *cmsg_type_find(int32_t level, int32_t type, enum sock_kind kind);
const char *cmsg_level_name(int32_t level); /* NULL: none */
/* The same, told apart by socket: on an HCI socket level 0 is SOL_HCI. */
const char *cmsg_level_name_on(int32_t level, enum sock_kind kind);
/* Only where such sockets have a level of their own under a shared number; else NULL. */
const char *cmsg_level_own_name(int32_t level, enum sock_kind kind);
/* By "IP_PKTINFO", an alias, or with its level, "SOL_IP/IP_PKTINFO".  NULL: no such row. */
const struct cmsg_type *cmsg_type_by_name(const char *name, size_t len);
/* By name or alias, of that level alone. */
const struct cmsg_type *cmsg_type_of_level(int32_t level, const char *name, size_t len);
bool cmsg_level_by_name(const char *name, size_t len, int32_t *level);

/*
 * Emits c's payload as one nameless field: decoded where its row can and it is long enough, else as
 * bytes.  false: there is no payload and nothing was emitted.
 */
bool cmsg_emit(struct emit *e, const struct cmsg *c);
/* The least payload of a row for an ABI. */
uint32_t cmsg_least_size(const struct cmsg_type *t, const struct abi *abi);

/* Bytes of a cmsghdr and its alignment, for the event's ABI. */
static inline uint32_t cmsg_hdr_size(const struct abi *abi)
{
	return abi->word == 4 ? 12 : 16;
}

static inline uint64_t cmsg_align(const struct abi *abi, uint64_t len)
{
	return (len + abi->word - 1) & ~(uint64_t)(abi->word - 1);
}

/* CMSG_LEN and CMSG_SPACE for payload bytes. */
static inline uint64_t cmsg_len_of(const struct abi *abi, uint64_t payload)
{
	return cmsg_hdr_size(abi) + payload;
}

static inline uint64_t cmsg_space_of(const struct abi *abi, uint64_t payload)
{
	return cmsg_hdr_size(abi) + cmsg_align(abi, payload);
}

/*
 * Walks m's control block as the kernel does and stores the views in m->cmsg (ev's arena), what is
 * left over in m->tail_off and m->tail_len.  The block is m->out's for receives, else m->in's.
 *
 * A tail is shorter than a header.  The kernel ignores it for native callers; for compat callers
 * it takes one byte for a header, so that any tail makes a send fail with EINVAL.  After a header
 * whose cmsg_len is too short the tail is all that follows it.  Where the block was not captured
 * to its end (len < claimed) nothing is known of what follows: no tail is told, and views with a
 * cut payload say so.
 *
 * A message is walked once: whoever needs it first has it done.
 */
void cmsg_walk(struct event *ev, struct msg *m);

/* Did the walk, and so the kernel's, end at a header whose length is malformed? */
static inline bool cmsg_walk_broke(const struct msg *m)
{
	return m->ncmsg &&
	       m->cmsg[m->ncmsg - 1].faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND);
}

/* The messages of a call that returned, as far as the kernel came: the pipeline does it for each. */
void cmsg_walk_event(struct event *ev);

#endif
