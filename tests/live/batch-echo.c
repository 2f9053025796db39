// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A UDP server that takes and answers datagrams by the batch: UDP_GRO, recvmmsg, sendmmsg with UDP_SEGMENT.
 *   batch-echo LEVEL COUNT    LEVEL: that of the IP_PKTINFO which names the source; -1: none does
 * Prints its port; ends after COUNT datagrams (those that came as one count as one).
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { BATCH = 8, SIZE = 65536 };

static struct slot {
	_Alignas(struct cmsghdr) char control[128];
	char data[SIZE];
	struct sockaddr_in peer;
	struct iovec iov;
} slots[BATCH];

static void add(struct msghdr *m, int lvl, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (void *)((char *)m->msg_control + m->msg_controllen);

	c->cmsg_level = lvl;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

/* What was received becomes its answer. */
static void turn(struct mmsghdr *mm, int level)
{
	struct msghdr *m = &mm->msg_hdr;
	struct in_pktinfo info = { 0 };
	int gro = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&gro, CMSG_DATA(c), sizeof(gro));
	}
	m->msg_iov->iov_len = mm->msg_len;
	m->msg_flags = 0;
	m->msg_controllen = 0;
	memset(m->msg_control, 0, sizeof(slots[0].control));
	info = (struct in_pktinfo){ .ipi_spec_dst = info.ipi_addr };
	if (level >= 0)
		add(m, level, IP_PKTINFO, &info, sizeof(info));
	if (gro && (unsigned int)gro < mm->msg_len)
		add(m, IPPROTO_UDP, UDP_SEGMENT, &(uint16_t){ (uint16_t)gro }, sizeof(uint16_t));
	if (!m->msg_controllen)
		m->msg_control = NULL;
}

static int serve(int fd, int level)
{
	struct mmsghdr mm[BATCH] = { 0 };
	int n;

	for (int i = 0; i < BATCH; i++) {
		slots[i].iov = (struct iovec){ slots[i].data, SIZE };
		mm[i].msg_hdr = (struct msghdr){
			.msg_name = &slots[i].peer,
			.msg_namelen = sizeof(slots[i].peer),
			.msg_iov = &slots[i].iov,
			.msg_iovlen = 1,
			.msg_control = slots[i].control,
			.msg_controllen = sizeof(slots[i].control),
		};
	}
	n = recvmmsg(fd, mm, BATCH, MSG_WAITFORONE, NULL);
	if (n < 0)
		err(1, "recvmmsg");
	for (int i = 0; i < n; i++)
		turn(&mm[i], level);
	if (sendmmsg(fd, mm, (unsigned int)n, 0) != n)
		err(1, "sendmmsg");
	return n;
}

int main(int argc, char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int level = argc > 1 ? atoi(argv[1]) : -1, count = argc > 2 ? atoi(argv[2]) : 1;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, len) ||
	    getsockname(fd, (struct sockaddr *)&any, &len) ||
	    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)))
		err(1, "socket");
	printf("%d\n", ntohs(any.sin_port));
	fflush(stdout);
	while (count > 0)
		count -= serve(fd, level);
	return 0;
}
