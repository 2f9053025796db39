// SPDX-License-Identifier: LGPL-2.1-or-later
/* CT106: headers that are not where, or as long as, the kernel expects them. */
#include "config.h"

#include <string.h>

#include "check/check.h"
#include "check/known.h"
#include "check/say.h"
#include "check/sizes.h"
#include "kernel/model.h"

/* A header that was looked for at some offset of the block. */
struct probe {
	uint64_t len;
	int32_t level, type;
};

static bool all_zero(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i])
			return false;
	}
	return true;
}

/* A plausible header of word-sized length at off: a known type that ends within the block. */
static bool header_at(const struct check_msg *cur, uint64_t off, unsigned int word,
		      struct probe *out)
{
	const struct bytes *b = &cur->m->in.control;
	unsigned int hdr = word + 8;
	uint32_t len32;

	if (!b->p || off + hdr > b->len)
		return false;
	if (word == 4) {
		memcpy(&len32, b->p + off, 4);
		out->len = len32;
	} else {
		memcpy(&out->len, b->p + off, 8);
	}
	memcpy(&out->level, b->p + off + word, 4);
	memcpy(&out->type, b->p + off + word + 4, 4);
	return out->len >= hdr && out->len <= b->len - off &&
	       cmsg_type_find(out->level, out->type, cur->kind);
}

/* The one before ended at CMSG_LEN, and the next header stands there, without padding between. */
static bool packed(struct check *c, struct finding *f, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	struct probe at;

	if (!i)
		return false;

	const struct cmsg *before = &cur->m->cmsg[i - 1];
	uint64_t off = before->offset + before->len;

	if (off == cur->m->cmsg[i].offset || !header_at(cur, off, cur->ev->abi->word, &at))
		return false;
	finding_message(
		c, f,
		"the header of control message %u stands at byte %llu, where CMSG_LEN ends: "
		"the kernel looks for it at byte %u (CMSG_SPACE)",
		i, (unsigned long long)off, cur->m->cmsg[i].offset);
	finding_note(c, f, "there it would be: cmsg_level=%s, cmsg_len=%llu",
		     say_level(c, at.level), (unsigned long long)at.len);
	return true;
}

/* msg_controllen lacks just the padding between the messages. */
static bool summed(struct check *c, struct finding *f, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct msg *m = cur->m;
	uint64_t padding = 0, needs = m->cmsg[i].offset + m->cmsg[i].len;

	for (uint32_t k = 0; k < i; k++)
		padding += cmsg_align(cur->ev->abi, m->cmsg[k].len) - m->cmsg[k].len;
	if (!padding || m->in.controllen + padding != needs)
		return false;
	finding_message(c, f,
			"msg_controllen is %llu, the sum of CMSG_LEN: control message %u ends at "
			"byte %llu, so it must be at least that",
			(unsigned long long)m->in.controllen, i, (unsigned long long)needs);
	finding_note(c, f, "meant: the sum of CMSG_SPACE of all messages");
	return true;
}

static void describe(struct check *c, struct finding *f, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct cmsg *cm = &cur->m->cmsg[i];
	const struct bytes *b = &cur->m->in.control;
	unsigned int hdr = cmsg_hdr_size(cur->ev->abi);
	struct probe at;

	if (packed(c, f, i) || ((cm->faults & CMSG_FAULT_LEN_BEYOND) && summed(c, f, i)))
		return;
	if (cm->faults & CMSG_FAULT_LEN_SHORT && all_zero(b->p + cm->offset, b->len - cm->offset)) {
		finding_message(c, f,
				"after %s come %llu zero bytes, which the kernel reads as a header "
				"with cmsg_len 0",
				i ? say_which(c, i - 1) : "the block's start",
				(unsigned long long)(b->len - cm->offset));
		finding_note(
			c, f,
			"meant: msg_controllen=%u, what was filled; it is %llu, the whole buffer",
			cm->offset, (unsigned long long)cur->m->in.controllen);
		return;
	}
	if (hdr == 16 && header_at(cur, cm->offset, 4, &at)) {
		finding_message(
			c, f,
			"the header at byte %u is laid out for 32 bits (12 bytes): cmsg_len is "
			"a size_t of 8 bytes here",
			cm->offset);
		return;
	}
	if (cm->len >> 32 && (uint32_t)cm->len >= hdr &&
	    (uint32_t)cm->len <= cur->m->in.controllen - cm->offset) {
		finding_message(
			c, f,
			"the cmsg_len of %s is 0x%llx: its lower half, %u, is what was meant; "
			"the upper half is uninitialised memory",
			say_which(c, i), (unsigned long long)cm->len, (uint32_t)cm->len);
		return;
	}
	if (cm->faults & CMSG_FAULT_LEN_SHORT)
		finding_message(c, f, "the cmsg_len of %s is %llu, less than the header's %u bytes",
				say_which(c, i), (unsigned long long)cm->len, hdr);
	else
		finding_message(c, f,
				"the cmsg_len of %s is %llu, and only %llu bytes are left of "
				"msg_controllen",
				say_which(c, i), (unsigned long long)cm->len,
				(unsigned long long)(cur->m->in.controllen - cm->offset));
	if (cm->row && cm->len == cm->row->size)
		finding_note(c, f, "meant: cmsg_len=CMSG_LEN(%u) = %llu; %u is the payload alone",
			     cm->row->size,
			     (unsigned long long)cmsg_len_of(cur->ev->abi, cm->row->size),
			     cm->row->size);
}

static void tell_fault(struct check *c, const struct rule *r, uint32_t i)
{
	const struct check_msg *cur = check_msg(c);
	const struct outcome *o = cur->m->outcome;
	struct finding *f = finding_start(c, r, r->severity, (int)cur->index, (int)i, NULL);

	if (!f)
		return;
	describe(c, f, i);
	finding_note(c, f, "so the send fails with %s", say_errno(o->err));
	finding_note(c, f, "kernel: %s",
		     cur->m->verdict[i].kernel ? cur->m->verdict[i].kernel
					       : "include/linux/socket.h CMSG_OK()");
	finding_done(c, f);
}

/* A rest that is shorter than a header: dropped without an error, but for compat callers. */
static void tell_tail(struct check *c, const struct rule *r, const struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	bool fails = !cur->left;
	struct finding *f = finding_start(c, r, fails ? SEVERITY_ERROR : SEVERITY_WARNING,
					  (int)cur->index, -1, "tail");

	if (!f)
		return;
	finding_message(c, f, "the last %u bytes of the control data are less than a header: %s",
			m->tail_len,
			fails ? "a 32-bit call fails with EINVAL"
			      : "they are dropped without an error");
	finding_note(c, f, "they hold: %s",
		     say_bytes(c, m->in.control.p + m->tail_off, m->tail_len));
	finding_note(c, f, "kernel: %s",
		     fails ? "net/compat.c cmsghdr_from_user_compat_to_kern()"
			   : "include/linux/socket.h __cmsg_nxthdr()");
	finding_done(c, f);
}

/* Did the call fail with err, or stop a vector, which hides it? */
static bool failed_so(const struct event *ev, int err)
{
	return ev->result >= 0 || ev->result == -err;
}

static void check(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
{
	const struct check_msg *cur = check_msg(c);
	const struct outcome *o = m->outcome;
	uint32_t last = m->ncmsg - 1;
	bool fault = cmsg_walk_broke(m), whole = m->in.control.why == BYTES_WHOLE;

	if (!whole && m->in.controllen && !fault) {
		rule_skipped(c, r, "not all bytes of the control data are known");
		return;
	}
	if (!m->in.control.p || ((fault || m->tail_len) && !known_outcome(c, r)) || !o || !o->known)
		return;
	if (fault) {
		if (!cur->left && o->err && (o->cmsg < 0 || o->cmsg == (int)last) &&
		    (whole || failed_so(ev, o->err)))
			tell_fault(c, r, last);
		return;
	}
	if (!m->tail_len)
		return;
	if (cur->left ? !all_zero(m->in.control.p + m->tail_off, m->tail_len)
		      : ev->abi->compat && o->err)
		tell_tail(c, r, m);
}

const struct rule ct106 = {
	.id = "CT106",
	.name = "control-layout",
	.severity = SEVERITY_ERROR,
	.title = "headers are not where, or as long as, the kernel expects them",
	.explains = EXPLAINS_REFUSAL,
	.what = "The control data does not parse: an all-zero or garbage header follows the last good one\n"
		"(msg_controllen counts the whole buffer), the second header stands at CMSG_LEN instead of\n"
		"CMSG_SPACE, msg_controllen is summed with CMSG_LEN, the header has the 32-bit layout,\n"
		"cmsg_len leaves out the header or has garbage in its upper half; or a rest that is shorter\n"
		"than a header is dropped.",
	.why = "Each header is found from the length of the one before, so that one wrong length makes\n"
	       "garbage of all that follows: EINVAL at best, another message than was meant at worst. A\n"
	       "rest of less than 16 bytes is dropped without an error.",
	.kernel =
		"include/linux/socket.h CMSG_OK() and __cmsg_nxthdr(): cmsg_len is at least a header and\n"
		"within the block, the next header follows at CMSG_ALIGN(cmsg_len); 32-bit callers:\n"
		"net/compat.c cmsghdr_from_user_compat_to_kern().",
	.bad = "#include <netinet/in.h>\n"
	       "#include <string.h>\n"
	       "#include <sys/socket.h>\n"
	       "\n"
	       "void fill(struct msghdr *m, char *buffer, size_t size, int ttl)\n"
	       "{\n"
	       "	memset(buffer, 0, size);\n"
	       "	m->msg_control = buffer;\n"
	       "	m->msg_controllen = size; /* and stays so: zeros follow the message */\n"
	       "\n"
	       "	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
	       "\n"
	       "	c->cmsg_level = IPPROTO_IP;\n"
	       "	c->cmsg_type = IP_TTL;\n"
	       "	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
	       "	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
	       "}\n",
	.good = "#include <netinet/in.h>\n"
		"#include <string.h>\n"
		"#include <sys/socket.h>\n"
		"\n"
		"void fill(struct msghdr *m, char *buffer, size_t size, int ttl)\n"
		"{\n"
		"	memset(buffer, 0, size);\n"
		"	m->msg_control = buffer;\n"
		"	m->msg_controllen = size; /* for CMSG_FIRSTHDR */\n"
		"\n"
		"	struct cmsghdr *c = CMSG_FIRSTHDR(m);\n"
		"\n"
		"	c->cmsg_level = IPPROTO_IP;\n"
		"	c->cmsg_type = IP_TTL;\n"
		"	c->cmsg_len = CMSG_LEN(sizeof(ttl));\n"
		"	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));\n"
		"	m->msg_controllen = CMSG_SPACE(sizeof(ttl)); /* what was filled */\n"
		"}\n",
	.remedy =
		"Walk with CMSG_FIRSTHDR and CMSG_NXTHDR over a zeroed buffer, add CMSG_SPACE(payload) for\n"
		"each message to a sum, and set msg_controllen to that sum before the call.\n"
		"Go: append what unix.CmsgSpace() sized slices hold; h.SetLen(unix.CmsgLen(n)).\n"
		"Rust: nix::sys::socket::sendmsg() lays them out; with libc use CMSG_NXTHDR and CMSG_SPACE.",
	.send = check,
};
