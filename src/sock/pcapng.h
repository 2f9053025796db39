/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes packets with comments as pcapng (draft-ietf-opsawg-pcapng), for Wireshark. */
#ifndef CMSGTRACE_SOCK_PCAPNG_H
#define CMSGTRACE_SOCK_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Section header and the one interface: packets from the IP header on, times in ns. */
void pcapng_start(FILE *to);

struct pcapng_packet {
	uint64_t ns;
	const void *data;
	size_t len, claimed;
	bool out;
	const char *const *comments;
	unsigned int ncomments;
};

void pcapng_packet(FILE *to, const struct pcapng_packet *p);

#endif
