// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT405: timestamps that come in another flavour, or another slot, than was asked for. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum group { STAMP, STAMPING, GROUPS }; /* one of each kind comes with a message */

/* The options, which are the messages' types as well. */
static const struct flavour {
	int32_t number;
	enum group group;
	bool old;
	const char *name, *holds;
} flavours[] = {
	{ 29, STAMP, true, "SO_TIMESTAMP_OLD", "a struct timeval: microseconds" },
	{ 35, STAMP, true, "SO_TIMESTAMPNS_OLD", "a struct timespec: nanoseconds" },
	{ 63, STAMP, false, "SO_TIMESTAMP_NEW", "two 64-bit words: seconds and microseconds" },
	{ 64, STAMP, false, "SO_TIMESTAMPNS_NEW", "two 64-bit words: seconds and nanoseconds" },
	{ 37, STAMPING, true, "SO_TIMESTAMPING_OLD", "three struct timespec" },
	{ 65, STAMPING, false, "SO_TIMESTAMPING_NEW", "three pairs of 64-bit words" },
};

enum { NFLAVOURS = sizeof(flavours) / sizeof(flavours[0]) };

/* Of a socket. */
struct state {
	uint8_t stamps_asked; /* flavours that were switched on: bits of their index */
};

/* Its row, or -1. */
static int flavour_of(int32_t number)
{
	for (int i = 0; i < NFLAVOURS; i++) {
		if (flavours[i].number == number)
			return i;
	}
	return -1;
}

/* Remembers which flavours the program asked for; switching one off switches its group off. */
static void asked(struct check *c, const struct event *ev)
{
	int32_t v = 0;
	int i = (int32_t)ev->args[1] == L_SOCKET ? flavour_of((int32_t)ev->args[2]) : -1;

	if (i < 0 || ev->result || !ev->opt.p || ev->opt.len < sizeof(v))
		return;
	memcpy(&v, ev->opt.p, sizeof(v));

	struct state *s = rule_sock(c);

	if (v) {
		s->stamps_asked |= (uint8_t)(1U << i);
		return;
	}
	for (int k = 0; k < NFLAVOURS; k++) {
		if (flavours[k].group == flavours[i].group)
			s->stamps_asked &= (uint8_t) ~(1U << k);
	}
}

static struct finding *start(struct check *c, const struct rule *r, uint32_t i, const char *key)
{
	return finding_start(c, r, r->severity, (int)check_msg(c)->index, (int)i, key);
}

/* Another one of its group was asked for, and does not come. */
static void check_replaced(struct check *c, const struct rule *r, uint32_t i, int came)
{
	const struct state *s = rule_sock(c);
	uint8_t all = s->stamps_asked;

	for (int k = 0; k < NFLAVOURS; k++) {
		if (k == came || !(all >> k & 1) || flavours[k].group != flavours[came].group)
			continue;

		struct finding *f = start(c, r, i, flavours[k].name);

		if (!f)
			continue;
		finding_message(c, f, "%s was asked for, and the timestamp comes as %s (%s), %s",
				flavours[k].name, flavours[came].name, say_which(c, i),
				flavours[came].holds);
		finding_note(c, f,
			     flavours[k].old == flavours[came].old
				     ? "a socket has one of the two: the setsockopt that came last "
				       "decides"
				     : "one setsockopt with a _NEW (or _OLD) number switches all "
				       "timestamps of the socket");
		finding_note(c, f, "so a loop that looks for cmsg_type %d never finds it",
			     flavours[k].number);
		finding_note(c, f,
			     "kernel: net/core/sock.c sock_set_timestamp(), net/socket.c "
			     "__sock_recv_timestamp()");
		finding_done(c, f);
	}
}

static void check_narrow(struct check *c, const struct rule *r, uint32_t i, int came)
{
	const struct check_msg *cur = check_msg(c);

	if (!flavours[came].old || !cur->ev->abi || cur->ev->abi->kword != 4)
		return;

	struct finding *f = start(c, r, i, "32 bits");

	if (!f)
		return;
	finding_message(c, f,
			"the timestamp of %s (%s) has 32-bit seconds, %s in all: they end in 2038",
			say_which(c, i), flavours[came].name,
			say_count(c, cur->m->cmsg[i].data_len, "byte"));
	finding_note(c, f,
		     "a program that is built with 64-bit time_t (_TIME_BITS=64) gets the _NEW "
		     "flavour: the two have other numbers and other sizes");
	finding_note(c, f,
		     "kernel: net/socket.c __sock_recv_timestamp(), net/core/scm.c "
		     "put_cmsg_scm_timestamping()");
	finding_done(c, f);
}

static bool slot_set(const struct cmsg *cm, unsigned int slot)
{
	uint32_t size = cm->data_len / 3;

	for (uint32_t i = 0; i < size; i++) {
		if (cm->data[slot * size + i])
			return true;
	}
	return false;
}

/* Hardware stamps stand in the third slot: which is set, against what was asked for. */
static void check_slots(struct check *c, const struct rule *r, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct cmsg *cm = &cur->m->cmsg[i];
	const struct sock *s = cur->ev->sock;
	int32_t flags = sock_opt(s, OPT_SO_TIMESTAMPING);

	if ((cur->ev->flags & F_ERRQUEUE) || (cur->m->out.flags & F_ERRQUEUE) ||
	    !known_opt(c, r, OPT_SO_TIMESTAMPING) || !known_payload(c, r, cm) || !cm->data_len ||
	    cm->data_len % 3)
		return;

	bool software = slot_set(cm, 0), hardware = slot_set(cm, 2);
	bool lacks_hardware =
		(flags & SOF_RAW_HARDWARE) && (flags & SOF_RX_HARDWARE) && software && !hardware;
	bool lacks_software = (flags & SOF_SOFTWARE) && hardware && !software;

	if (!lacks_hardware && !lacks_software)
		return;

	struct finding *f = start(c, r, i, lacks_hardware ? "no hardware" : "no software");

	if (!f)
		return;
	finding_message(
		c, f,
		lacks_hardware
			? "of the three slots of %s only the first (software) is set, though "
			  "hardware stamps were asked for"
			: "of the three slots of %s only the third (raw hardware) is set: the "
			  "first, for software, is 0",
		say_which(c, i));
	finding_note(
		c, f,
		"the slots: [0] software, [1] always 0, [2] raw hardware; read the one that is "
		"not 0");
	if (lacks_hardware)
		finding_note(c, f,
			     "the interface has no hardware stamps, or they are not switched on "
			     "(SIOCSHWTSTAMP)");
	finding_note(c, f, "kernel: net/socket.c __sock_recv_timestamp()");
	finding_done(c, f);
}

static void on_call(struct check *c, const struct rule *r, struct event *ev)
{
	(void)r;
	if (ev->call == CALL_SETSOCKOPT)
		asked(c, ev);
}

static void on_recv(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	(void)ev;
	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		int came = cm->level == L_SOCKET ? flavour_of(cm->type) : -1;

		if (came < 0 || (cm->faults & ~CMSG_FAULT_NOT_READ))
			continue;
		check_replaced(c, r, i, came);
		check_narrow(c, r, i, came);
		if (flavours[came].group == STAMPING)
			check_slots(c, r, i);
	}
}

const struct rule ct405 = {
	.id = "CT405",
	.name = "timestamp-flavour",
	.severity = SEVERITY_NOTE,
	.title = "a timestamp of another flavour, width or slot than may be expected",
	.what = "A received timestamp is not of the flavour that the program switched on: SO_TIMESTAMP\n"
		"(timeval) and SO_TIMESTAMPNS (timespec) exclude each other, and a _NEW number switches all\n"
		"timestamps of the socket. Or it has 32-bit seconds, in a 32-bit program. Or, of the three\n"
		"slots of SCM_TIMESTAMPING, not the one is set that was asked for.",
	.why = "The loop over the control messages looks for one type and one size. The stamp that comes\n"
	       "has another: it is not found, or microseconds are read as nanoseconds, or a slot is read\n"
	       "that is 0, that is 1970.",
	.kernel =
		"net/core/sock.c sock_set_timestamp(), sock_set_timestamping(): one flag for _NEW, one for\n"
		"nanoseconds; net/socket.c __sock_recv_timestamp(): slot 0 software, slot 2 raw hardware.",
	.bad = "#include <sys/socket.h>\n"
	       "\n"
	       "#ifndef SO_TIMESTAMPNS\n"
	       "#define SO_TIMESTAMPNS 35\n"
	       "#endif\n"
	       "\n"
	       "void want_times(int fd)\n"
	       "{\n"
	       "	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &(int){ 1 }, sizeof(int));\n"
	       "	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){ 1 }, sizeof(int)); /* instead */\n"
	       "}\n",
	.good = "#include <sys/socket.h>\n"
		"\n"
		"#ifndef SO_TIMESTAMPNS\n"
		"#define SO_TIMESTAMPNS 35\n"
		"#endif\n"
		"\n"
		"void want_times(int fd) /* then look for SCM_TIMESTAMPNS, a struct timespec */\n"
		"{\n"
		"	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){ 1 }, sizeof(int));\n"
		"}\n",
	.remedy =
		"Switch on one flavour, and look for the type of that name: SCM_TIMESTAMP is SO_TIMESTAMP's\n"
		"number as the C library defines it, old or new. Of SCM_TIMESTAMPING's three slots take the one\n"
		"that is not 0.\n"
		"Go: unix.SO_TIMESTAMPNS and unix.SCM_TIMESTAMPNS are the old numbers; on 32-bit systems use\n"
		"   SO_TIMESTAMPNS_NEW and its 16 bytes.\n"
		"Rust: nix ReceiveTimestampns gives ControlMessageOwned::ScmTimestampns.",
	.sock_state = sizeof(struct state),
	.call = on_call,
	.recv = on_recv,
};
