/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said of a control message that is sent, and what its judge may know beyond the event.  Made by
 * the model in src/kernel and by the checks of the rows.
 */
#ifndef CMSGTRACE_CMSG_VERDICT_H
#define CMSGTRACE_CMSG_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "event/addr.h"
#include "event/event.h"

enum verdict_what {
	VERDICT_UNKNOWN, /* a fact is missing, or the model has no row */
	VERDICT_ACCEPT,
	VERDICT_IGNORE,      /* skipped, or validated and then without effect: see ignored */
	VERDICT_REJECT,      /* the call fails with err */
	VERDICT_NOT_REACHED, /* an earlier message (or the generic layer) ended the parsing */
};

enum verdict_why { /* why it is ignored */
		   WHY_NONE,
		   WHY_LEVEL,      /* the parser never reads this level */
		   WHY_FAMILY,     /* the family doesn't fit the destination (v4-mapped, real v6) */
		   WHY_NO_EFFECT,  /* validated, then without effect on this socket */
		   WHY_NO_PARSER,  /* this protocol looks at no control message (MPTCP, vsock) */
		   WHY_CORKED,     /* data is pending: nothing is parsed */
		   WHY_OVERRIDDEN, /* a later one of the same kind wins */
};

enum verdict_check { /* what is at fault where it is rejected */
		     CHECK_NONE,
		     CHECK_LIST,      /* cmsg_len */
		     CHECK_TYPE,      /* no such type of that level */
		     CHECK_SIZE,      /* of the payload */
		     CHECK_VALUE,     /* in the payload */
		     CHECK_REPEATED,  /* together with an earlier one of the call */
		     CHECK_PRIVILEGE, /* a capability is missing */
		     CHECK_STATE,     /* an option or the protocol of the socket */
		     CHECK_ADDRESS,   /* a source or interface that this host hasn't got */
};

struct verdict {
	enum verdict_what what;
	enum verdict_why ignored;
	enum verdict_check check;
	bool unplaced;      /* unknown: not even whether it is read at all */
	int err;            /* positive errno where rejected */
	const char *why;    /* the check or the effect, one clause, static text */
	const char *kernel; /* "net/ipv4/ip_sockglue.c ip_cmsg_send()", static */
};

struct outcome {
	bool known;
	int err;         /* 0: the control messages let it pass; positive errno */
	int cmsg;        /* index of the one to blame, -1 none (msghdr, destination, or no error) */
	const char *why; /* the check, static text */
	const char *kernel;
	/*
	 * What has to hold for err to be true and could not be learned: "the descriptors are open";
	 * NULL: nothing.  Static text.
	 */
	const char *assumes;
	struct addr source;   /* source given by the control messages; len 0: none, automatic */
	uint32_t oif;         /* interface given by them; 0: none */
	bool oif_hint;        /* IPv6 with a source address: routing only prefers that interface */
	bool has_source_cmsg; /* an effective pktinfo is there, even one with a zero address */
	int32_t gso;          /* segment size given; -1 none */
};

/*
 * Which of the kernel's parsers a message meets: AF_INET6 UDP towards IPv4 takes the IPv4 one.
 */
enum model_path {
	PATH_UNKNOWN,
	PATH_NATIVE, /* the socket's own */
	PATH_MAPPED, /* AF_INET6 UDP handed to udp_sendmsg() */
};

/* Members that are zero (or NULL) are unknown. */
enum model_pending { PENDING_UNKNOWN, PENDING_NO, PENDING_YES };

struct model_env {
	uint32_t release;           /* KERNEL_RELEASE(); 0: the newest that the model knows */
	const struct ask *ask;      /* interfaces, addresses, descriptors …: or NULL */
	enum model_pending pending; /* UDP: data that waits for more (UDP_CORK, MSG_MORE) */
};

#endif
