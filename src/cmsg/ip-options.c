// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which IP options may be sent.  Pure.  RFC 791; kernel: net/ipv4/ip_options.c ip_options_compile(). */
#include "config.h"

#include <errno.h>

#include "cmsg/judge.h"

enum {
	OPT_END = 0,
	OPT_NOOP = 1,
	OPT_RR = 7,
	OPT_TIMESTAMP = 68,
	OPT_LSRR = 131,
	OPT_CIPSO = 134,
	OPT_SSRR = 137,
	OPT_RA = 148,
};

enum { SEEN_SRR = 1, SEEN_RR = 2, SEEN_TS = 4, SEEN_CIPSO = 8 };

/* What one option needs: any of these verdicts. */
enum found { FINE, BAD, NEEDS_NET_RAW, UNDECIDED };

static enum found record_route(const unsigned char *p, unsigned int len)
{
	if (len < 3 || p[2] < 4)
		return BAD;
	return p[2] <= len && p[2] + 3U > len ? BAD : FINE;
}

static enum found source_route(const unsigned char *p, unsigned int len)
{
	return len < 7 || p[2] != 4 || ((len - 3) & 3) ? BAD : FINE;
}

static enum found timestamp(const unsigned char *p, unsigned int len)
{
	enum { TS_ONLY = 0, TS_AND_ADDR = 1, TS_PRESPEC = 3 };

	if (len < 4 || p[2] < 5)
		return BAD;

	unsigned int flag = p[3] & 0xf;

	if (p[2] > len) /* full: the overflow counter has to have room */
		return flag != TS_PRESPEC && p[3] >> 4 == 15 ? BAD : FINE;
	if (p[2] + 3U > len)
		return BAD;
	if (flag == TS_ONLY)
		return FINE;
	if (flag == TS_AND_ADDR || flag == TS_PRESPEC)
		return p[2] + 7U > len ? BAD : FINE;
	return NEEDS_NET_RAW;
}

static enum found one_option(const unsigned char *p, unsigned int len, unsigned int *seen)
{
	unsigned int bit = 0;
	enum found f = FINE;

	switch (p[0]) {
	case OPT_LSRR:
	case OPT_SSRR:
		bit = SEEN_SRR;
		f = source_route(p, len);
		break;
	case OPT_RR:
		bit = SEEN_RR;
		f = record_route(p, len);
		break;
	case OPT_TIMESTAMP:
		bit = SEEN_TS;
		f = timestamp(p, len);
		break;
	case OPT_RA:
		f = len < 4 ? BAD : FINE;
		break;
	case OPT_CIPSO: /* its tags are checked by NetLabel, where that is built in */
		bit = SEEN_CIPSO;
		f = UNDECIDED;
		break;
	default:
		f = NEEDS_NET_RAW;
		break;
	}
	if (*seen & bit)
		return BAD;
	*seen |= bit;
	return f;
}

static struct options_check verdict(int err, enum verdict_check check, const char *why)
{
	return (struct options_check){ .err = err, .check = check, .why = why };
}

static struct options_check needs(enum truth net_raw, int err, const char *why)
{
	if (net_raw == YES)
		return verdict(0, CHECK_NONE, NULL);
	if (net_raw == NO)
		return verdict(err, CHECK_PRIVILEGE, why);
	return verdict(-1, CHECK_NONE, "the sender's capabilities are not known");
}

/* What is found of one option, under the sender's capabilities. */
static struct options_check judge_found(enum found f, enum truth net_raw)
{
	struct options_check o = verdict(0, CHECK_NONE, NULL);

	switch (f) {
	case FINE:
		return o;
	case BAD:
		return verdict(EINVAL, CHECK_VALUE, "an IP option is malformed or there twice");
	case NEEDS_NET_RAW:
		return needs(net_raw, EINVAL, "an IP option in it needs CAP_NET_RAW");
	case UNDECIDED:
		o = needs(net_raw, EINVAL, "a CIPSO option needs CAP_NET_RAW");
		break;
	}
	return o.err ? o : verdict(-1, CHECK_NONE, "NetLabel decides about CIPSO options");
}

struct options_check ip_options_check(const unsigned char *p, unsigned int len, enum truth net_raw)
{
	/* The kernel pads to a multiple of four with END. */
	unsigned char padded[44] = { 0 };
	unsigned int left = (len + 3) & ~3U, seen = 0;
	struct options_check o;

	if (len)
		memcpy(padded, p, len);
	for (p = padded; left && *p != OPT_END;) {
		unsigned int optlen = 1;

		if (*p != OPT_NOOP) {
			if (left < 2 || p[1] < 2 || p[1] > left)
				return verdict(EINVAL, CHECK_VALUE,
					       "an IP option's length is wrong");
			optlen = p[1];
			o = judge_found(one_option(p, optlen, &seen), net_raw);
			if (o.err)
				return o;
		}
		p += optlen;
		left -= optlen;
	}
	if (!(seen & SEEN_SRR))
		return verdict(0, CHECK_NONE, NULL);
	o = needs(net_raw, EPERM, "source routing needs CAP_NET_RAW");
	o.source_route = true;
	return o;
}
