// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets of families that many machines haven't got, or only as modules: each ready to be sent from. */
#include "config.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/j1939.h>
#include <linux/if_alg.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"

enum {
	FAMILY_RDS = 21,
	FAMILY_LLC = 26,
	FAMILY_CAN = 29,
	FAMILY_BLUETOOTH = 31,
	FAMILY_RXRPC = 33,
	FAMILY_SMC = 43,
	PROTO_DCCP = 33,
	DCCP_STREAM = 6, /* SOCK_DCCP */
	LEVEL_DCCP = 269,
	OPTNAME_ULP = 31,    /* TCP_ULP */
	OPTNAME_TXTIME = 61, /* SO_TXTIME */
	KEY_LEN = 16,
};

/* The socket can't be used: says why, and closes it. */
static void without(struct subject *s)
{
	s->missing = strerror(errno);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void open_alg(void)
{
	const struct sockaddr_alg cipher = { .salg_family = AF_ALG,
					     .salg_type = "skcipher",
					     .salg_name = "cbc(aes)" };
	static const unsigned char key[KEY_LEN];
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct subject *s;

	if (fd >= 0 && (bind(fd, (const struct sockaddr *)&cipher, sizeof(cipher)) ||
			setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, sizeof(key)))) {
		close(fd);
		fd = -1;
	}
	s = subject_add("alg", fd < 0 ? -1 : accept4(fd, NULL, NULL, SOCK_CLOEXEC));
	s->peer = s->fd; /* what was sent is read back, ciphered */
	s->each = true;
	s->len = KEY_LEN;
	s->level = SOL_ALG;
	if (fd >= 0)
		close(fd);
}

/* Without a peer: its parser reads all, and then there is nobody to send to. */
static void open_sctp(void)
{
	static const struct {
		const char *name;
		int type;
	} styles[] = { { "sctp-many", SOCK_SEQPACKET }, { "sctp-one", SOCK_STREAM } };

	for (unsigned int i = 0; i < 2; i++) {
		struct subject *s =
			subject_add(styles[i].name,
				    socket(AF_INET, styles[i].type | SOCK_CLOEXEC, IPPROTO_SCTP));

		s->level = IPPROTO_SCTP;
		s->flags = MSG_NOSIGNAL;
		s->len = 1;
	}
}

static void open_rds(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(4000),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct subject *s =
		subject_add("rds", socket(FAMILY_RDS, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));

	if (s->fd < 0)
		return;
	if (bind(s->fd, (struct sockaddr *)&at, sizeof(at))) {
		without(s);
		return;
	}
	s->peer = socket(FAMILY_RDS, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	at.sin_port = htons(4001);
	if (bind(s->peer, (struct sockaddr *)&at, sizeof(at))) {
		without(s);
		return;
	}
	memcpy(&s->to, &at, sizeof(at));
	s->tolen = sizeof(at);
	s->level = 276;
}

static void open_tipc(void)
{
	struct sockaddr_tipc name = { .family = AF_TIPC,
				      .addrtype = TIPC_SERVICE_RANGE,
				      .scope = TIPC_NODE_SCOPE,
				      .addr.nameseq = { 18888, 17, 17 } };
	struct subject *s = subject_add("tipc", socket(AF_TIPC, SOCK_RDM | SOCK_CLOEXEC, 0));

	if (s->fd < 0)
		return;
	s->peer = socket(AF_TIPC, SOCK_RDM | SOCK_CLOEXEC, 0);
	if (bind(s->peer, (struct sockaddr *)&name, sizeof(name))) {
		without(s);
		return;
	}
	name.addrtype = TIPC_SERVICE_ADDR;
	name.addr.name.name.type = 18888;
	name.addr.name.name.instance = 17;
	name.addr.name.domain = 0;
	memcpy(&s->to, &name, sizeof(name));
	s->tolen = sizeof(name);
	s->level = 271;
}

/* A virtual bus of this namespace's, at an index that no message names; 0: there is none. */
static unsigned int can_bus(void)
{
	if (system("ip link add vcan7 index 4242 type vcan 2>/dev/null && ip link set vcan7 up"))
		return 0;
	return if_nametoindex("vcan7");
}

static void open_j1939(unsigned int bus)
{
	struct sockaddr_can at = { .can_family = FAMILY_CAN,
				   .can_ifindex = (int)bus,
				   .can_addr.j1939 = { .pgn = J1939_NO_PGN, .addr = 0x20 } };
	struct subject *s =
		subject_add("j1939", socket(FAMILY_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_J1939));

	s->level = SOL_CAN_J1939;
	if (s->fd >= 0 && bind(s->fd, (struct sockaddr *)&at, sizeof(at)))
		without(s);
	at.can_addr.j1939.pgn = 0x12300;
	at.can_addr.j1939.addr = 0x30;
	memcpy(&s->to, &at, sizeof(at));
	s->tolen = sizeof(at);
	s->len = 8; /* one frame */
	s->each = true;
}

static void open_can_raw(const char *name, const struct sockaddr_can *at, bool txtime)
{
	const struct {
		int32_t clock;
		uint32_t flags;
	} monotonic = { .clock = 1 /* CLOCK_MONOTONIC */ };
	struct subject *s = subject_add(name, socket(FAMILY_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW));

	s->len = sizeof(struct can_frame);
	memset(s->payload, 0, sizeof(s->payload));
	s->variant = txtime;
	if (s->fd >= 0 && (bind(s->fd, (const struct sockaddr *)at, sizeof(*at)) ||
			   (txtime && setsockopt(s->fd, SOL_SOCKET, OPTNAME_TXTIME, &monotonic,
						 sizeof(monotonic)))))
		without(s);
}

static void open_can(void)
{
	const unsigned int bus = can_bus();
	struct sockaddr_can at = { .can_family = FAMILY_CAN, .can_ifindex = (int)bus };
	struct subject *s;

	open_can_raw("can-raw", &at, false);
	open_can_raw("can-raw-txtime", &at, true);
	s = subject_add("can-bcm", socket(FAMILY_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_BCM));
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *)&at, sizeof(at)))
		without(s);
	memset(s->payload, 0, sizeof(s->payload));
	s->payload[0] = 4; /* struct bcm_msg_head: TX_SEND, of one frame */
	s->payload[52] = 1;
	s->len = 56 + sizeof(struct can_frame);

	at.can_addr.tp.tx_id = 0x321;
	at.can_addr.tp.rx_id = 0x123;
	s = subject_add("isotp", socket(FAMILY_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_ISOTP));
	if (s->fd >= 0 && bind(s->fd, (struct sockaddr *)&at, sizeof(at)))
		without(s);
	s->len = 7; /* one frame: more wait for a receiver's word */
	s->each = true;
	open_j1939(bus);
}

static void open_vsock(void)
{
	struct sockaddr_vm at = { .svm_family = AF_VSOCK,
				  .svm_port = VMADDR_PORT_ANY,
				  .svm_cid = VMADDR_CID_ANY };
	socklen_t len = sizeof(at);
	int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct subject *s = subject_add("vsock", socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));

	s->level = 287;
	if (s->fd < 0)
		return;
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&at, &len))
		goto out;
	at.svm_cid = VMADDR_CID_LOCAL;
	if (connect(s->fd, (struct sockaddr *)&at, sizeof(at)))
		goto out; /* without the loopback transport it is sent from as it is */
	s->peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	s->stream = true;
	s->len = 1;
out:
	close(listener);
}

static void open_tls(void)
{
	struct {
		uint16_t version, cipher;
		unsigned char iv[8], key[KEY_LEN], salt[4], sequence[8];
	} aes = { .version = 0x0303, .cipher = 51 /* TLS_CIPHER_AES_GCM_128 */ };
	struct subject *s = open_stream("ktls", AF_INET, IPPROTO_TCP, "127.0.0.1");

	s->level = 282;
	s->variant = true;
	if (s->fd >= 0 && (setsockopt(s->fd, IPPROTO_TCP, OPTNAME_ULP, "tls", sizeof("tls")) ||
			   setsockopt(s->fd, 282, 1 /* TLS_TX */, &aes, sizeof(aes))))
		without(s);
}

/* Families that only the first network namespace has; their sockets send nothing: they have no peer. */
static struct {
	const char *name;
	int family, type, protocol, level, fd, err;
} firsts[] = {
	{ .name = "llc", FAMILY_LLC, SOCK_DGRAM, 0, 268 },
	{ .name = "bt-l2cap", FAMILY_BLUETOOTH, SOCK_SEQPACKET, 0, 274 },
	{ .name = "bt-sco", FAMILY_BLUETOOTH, SOCK_SEQPACKET, 2, 274 },
};

void families_begin(void)
{
	for (unsigned int i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		firsts[i].fd =
			socket(firsts[i].family, firsts[i].type | SOCK_CLOEXEC, firsts[i].protocol);
		firsts[i].err = errno;
	}
}

void families_open(void)
{
	struct subject *s;

	open_alg();
	open_sctp();
	open_rds();
	open_tipc();
	open_can();
	open_vsock();
	open_tls();
	open_stream("smc", FAMILY_SMC, 0, "127.0.0.1");
	s = subject_add("dccp", socket(AF_INET, DCCP_STREAM | SOCK_CLOEXEC, PROTO_DCCP));
	s->level = LEVEL_DCCP;
	for (unsigned int i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		errno = firsts[i].err;
		s = subject_add(firsts[i].name, firsts[i].fd);
		s->level = firsts[i].level;
	}
	s = subject_add("rxrpc", socket(FAMILY_RXRPC, SOCK_DGRAM | SOCK_CLOEXEC, AF_INET));
	s->level = 272;
	s->base = EDESTADDRREQ; /* of a call that has an id; without one it is refused for that */
}
