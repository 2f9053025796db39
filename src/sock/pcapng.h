/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes packets with comments as pcapng (draft-ietf-opsawg-pcapng), for Wireshark. */
#ifndef CMSGTRACE_SOCK_PCAPNG_H
#define CMSGTRACE_SOCK_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The section header. */
void pcapng_start(FILE *to);

enum { PCAPNG_RAW = 101 }; /* LINKTYPE_RAW: packets from the IP header on */

/* An interface, the next number from 0 on; linktype: of tcpdump.org's list; times are in ns. */
void pcapng_interface(FILE *to, uint16_t linktype);

enum pcapng_way { PCAPNG_WAY_UNKNOWN, PCAPNG_IN, PCAPNG_OUT };

struct pcapng_packet {
	uint64_t ns;
	const void *data;
	size_t len, claimed;
	uint32_t interface;
	enum pcapng_way way;
	const char *const *comments;
	unsigned int ncomments;
};

void pcapng_packet(FILE *to, const struct pcapng_packet *p);

#endif
