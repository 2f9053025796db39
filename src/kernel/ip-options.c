// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which IP options may be sent.  Pure.  RFC 791; kernel: net/ipv4/ip_options.c ip_options_compile(). */
#include "config.h"

#include <errno.h>

#include "kernel/judge.h"

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

int ip_options_check(const unsigned char *p, unsigned int len, enum truth net_raw, bool *srr,
		     const char **why)
{
	unsigned int seen = 0;
	unsigned int left = len;

	/* The kernel pads to a multiple of four with END, so a lone last byte meets its END. */
	while (left && *p != OPT_END) {
		if (*p == OPT_NOOP) {
			p++;
			left--;
			continue;
		}
		if (left < 2 || p[1] < 2 || p[1] > left + (-len & 3)) {
			*why = "an IP option's length is wrong";
			return EINVAL;
		}

		unsigned char padded[44] = { 0 };
		unsigned int optlen = p[1];

		memcpy(padded, p, optlen < left ? optlen : left);
		switch (one_option(padded, optlen, &seen)) {
		case FINE:
			break;
		case BAD:
			*why = "an IP option is malformed or there twice";
			return EINVAL;
		case UNDECIDED:
			if (net_raw == NO) {
				*why = "a CIPSO option needs CAP_NET_RAW";
				return EINVAL;
			}
			*why = "NetLabel decides about CIPSO options";
			return -1;
		case NEEDS_NET_RAW:
			if (net_raw == YES)
				break;
			*why = net_raw == NO ? "this IP option needs CAP_NET_RAW"
					     : "the sender's capabilities are not known";
			return net_raw == NO ? EINVAL : -1;
		}
		if (optlen >= left)
			break;
		p += optlen;
		left -= optlen;
	}
	*srr = seen & SEEN_SRR;
	if (*srr && net_raw != YES) {
		*why = net_raw == NO ? "source routing needs CAP_NET_RAW"
				     : "the sender's capabilities are not known";
		return net_raw == NO ? EPERM : -1;
	}
	return 0;
}
