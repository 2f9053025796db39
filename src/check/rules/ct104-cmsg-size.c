// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT104: a payload of the wrong size for its type. */
#include "config.h"

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"
#include "uapi/uapi.h"

/* What the program probably had in mind, where the sizes give it away. */
static const char *hint(const struct cmsg *cm, uint32_t payload)
{
	if (cm->level == L_UDP && cm->type == T_UDP_SEGMENT && payload == 4)
		return "an int was given: UDP_SEGMENT takes a uint16_t";
	if (payload == 1 && cm->row->size == 4)
		return "one byte was given: it takes an int";
	if (payload == 2 && cm->row->size == 4)
		return "two bytes were given: it takes an int";
	if (payload == 8 && cm->row->size == 4)
		return "eight bytes were given (a long or a size_t): it takes an int";
	if (cm->level == L_IP && cm->type == T_IP_PKTINFO && payload == PKTINFO6_SIZE)
		return "a struct in6_pktinfo was given: that belongs to IPV6_PKTINFO";
	if (cm->level == L_IP && cm->type == T_IP_PKTINFO && payload == 4)
		return "an address was given (IP_SENDSRCADDR of BSD): Linux takes a struct in_pktinfo";
	if (cm->level == L_IPV6 && cm->type == T_IPV6_PKTINFO && payload == PKTINFO_SIZE)
		return "a struct in_pktinfo was given: that belongs to SOL_IP/IP_PKTINFO";
	if (cm->level == L_IPV6 && cm->type == T_IPV6_PKTINFO && payload == 16)
		return "an address was given: it takes a struct in6_pktinfo";
	return NULL;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *cm = &m->cmsg[i];
		const struct verdict *v = &m->verdict[i];

		/* CT302 and CT306 speak of descriptors */
		if (!sizes_wrong(ev, cm) || sizes_is_space(ev, cm) || sizes_is_rights(cm) ||
		    !known_verdict(c, r, i) || v->what != VERDICT_REJECT ||
		    v->check == CHECK_TYPE) /* none of any size is taken: CT102 or CT108 says so */
			continue;

		uint32_t payload = sizes_payload(ev, cm);
		struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

		if (!f)
			continue;
		finding_message(
			c, f, "%s makes the send fail with %s: %s has a payload of %s, it takes %s",
			say_which(c, i), say_errno(v->err), say_row(c, cm->row),
			say_count(c, payload, "byte"), sizes_text(c, cm->row));
		if (hint(cm, payload))
			finding_note(c, f, "%s", hint(cm, payload));
		else if (cm->data_len)
			finding_note(c, f, "holds: %s", say_bytes(c, cm->data, cm->data_len));
		finding_note(c, f, "so cmsg_len is to be CMSG_LEN(%u) = %llu, and is %llu",
			     cm->row->size, (unsigned long long)cmsg_len_of(ev->abi, cm->row->size),
			     (unsigned long long)cm->len);
		if (v->kernel)
			finding_note(c, f, "kernel: %s", v->kernel);
		finding_done(c, f);
	}
}

const struct rule ct104 = {
	.id = "CT104",
	.name = "cmsg-size",
	.severity = SEVERITY_ERROR,
	.title = "the payload's size is wrong for its level and type",
	.explains = EXPLAINS_REFUSAL,
	.what = "The control message's level and type are known, and its payload has a size that the\n"
		"kernel does not take. The finding says which sizes it takes and recognises an int where\n"
		"a uint16_t belongs (UDP_SEGMENT), a byte where an int belongs (IPV6_TCLASS, IP_TTL), one\n"
		"family's pktinfo in the other's message, and a bare address (BSD's IP_SENDSRCADDR).",
	.why = "The send fails with EINVAL, which names neither the message nor the size, and nothing\n"
	       "leaves. A few types take more than one size, and on receive the size may be another one\n"
	       "(IP_TOS comes as one byte, and is taken as a byte or an int).",
	.kernel =
		"net/ipv4/ip_sockglue.c ip_cmsg_send(), net/ipv6/datagram.c ip6_datagram_send_ctl(),\n"
		"net/ipv4/udp.c __udp_cmsg_send(), net/core/sock.c __sock_cmsg_send(): most compare\n"
		"cmsg_len with CMSG_LEN(size) exactly.",
	.bad = "#include <netinet/udp.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void set_segment(struct msghdr *m, int size)\n"
	       "{\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = SOL_UDP;\n"
	       "	c->cmsg_type = UDP_SEGMENT;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(size)); /* an int: EINVAL */\n"
	       "	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
	       "}\n",
	.good = "#include <netinet/udp.h>\n"
		"#include <stdint.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void set_segment(struct msghdr *m, uint16_t size)\n"
		"{\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	c->cmsg_level = SOL_UDP;\n"
		"	c->cmsg_type = UDP_SEGMENT;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(size));\n"
		"	memcpy(CMSG_DATA(c), &size, sizeof(size));\n"
		"}\n",
	.remedy =
		"Give the type that the kernel takes and derive cmsg_len from it.\n"
		"C: CMSG_LEN(sizeof(value)), with value of the right type: uint16_t for UDP_SEGMENT, int for\n"
		"   IP_TTL, IPV6_HOPLIMIT, IPV6_TCLASS, IPV6_DONTFRAG, uint32_t for SO_MARK, uint64_t for SCM_TXTIME.\n"
		"Go: unix.CmsgLen(2) and binary.NativeEndian.PutUint16 for UDP_SEGMENT.\n"
		"Python: struct.pack('@H', size) for UDP_SEGMENT, '@i' for the int types.\n"
		"Rust: nix's ControlMessage variants carry the right type; with libc, size_of::<u16>().",
	.send = check,
};
