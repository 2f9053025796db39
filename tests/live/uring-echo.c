// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A UDP server whose messages go through an io_uring: answers COUNT times what it is asked, on any address.
 *   uring-echo LEVEL COUNT    LEVEL: that of the IP_PKTINFO which names the source; -1: none does
 * Prints its port.  77: this kernel has no io_uring for us.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENTRIES = 8, SKIPPED = 77 };

struct in_pktinfo_of { /* as struct in_pktinfo, which needs _GNU_SOURCE */
	int ifindex;
	struct in_addr spec_dst, addr;
};

static struct {
	int fd;
	uint32_t *tail, *mask, *array, *cqhead, *cqtail, *cqmask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static char *map(size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, what);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

static void open_ring(void)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	ring.fd = (int)syscall(__NR_io_uring_setup, ENTRIES, &p);
	if (ring.fd < 0) {
		warn("io_uring_setup");
		exit(SKIPPED);
	}
	sq = map(p.sq_off.array + p.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	cq = map(p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring.sqes = (void *)map(p.sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	ring.tail = (uint32_t *)(void *)(sq + p.sq_off.tail);
	ring.mask = (uint32_t *)(void *)(sq + p.sq_off.ring_mask);
	ring.array = (uint32_t *)(void *)(sq + p.sq_off.array);
	ring.cqhead = (uint32_t *)(void *)(cq + p.cq_off.head);
	ring.cqtail = (uint32_t *)(void *)(cq + p.cq_off.tail);
	ring.cqmask = (uint32_t *)(void *)(cq + p.cq_off.ring_mask);
	ring.cqes = (void *)(cq + p.cq_off.cqes);
}

/* One request, to its end: its result. */
static int request(uint8_t op, int fd, void *p, uint32_t len)
{
	uint32_t tail = *ring.tail, head = *ring.cqhead;
	int result;

	ring.sqes[tail & *ring.mask] = (struct io_uring_sqe){
		.opcode = op,
		.fd = fd,
		.addr = (uintptr_t)p,
		.len = len,
		.msg_flags = MSG_NOSIGNAL,
	};
	ring.array[tail & *ring.mask] = tail & *ring.mask;
	__atomic_store_n(ring.tail, tail + 1, __ATOMIC_RELEASE);
	while (syscall(__NR_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
		if (errno != EINTR)
			err(1, "io_uring_enter");
	}
	if (head == __atomic_load_n(ring.cqtail, __ATOMIC_ACQUIRE))
		errx(1, "io_uring_enter returned without a completion");
	result = ring.cqes[head & *ring.cqmask].res;
	__atomic_store_n(ring.cqhead, head + 1, __ATOMIC_RELEASE);
	return result;
}

/* The address that m was sent to. */
static struct in_addr asked(struct msghdr *m)
{
	struct in_pktinfo_of info = { 0 };
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.addr;
}

static void name_source(struct msghdr *m, int level, struct in_addr source)
{
	const struct in_pktinfo_of info = { .spec_dst = source };
	struct cmsghdr *c = m->msg_control;

	m->msg_controllen = CMSG_SPACE(sizeof(info));
	c->cmsg_level = level;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static void serve(int fd, int level)
{
	_Alignas(struct cmsghdr) char control[64];
	char data[256];
	struct sockaddr_in from;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int n = request(IORING_OP_RECVMSG, fd, &m, 1);
	struct in_addr source;

	if (n < 0)
		errx(1, "recvmsg: %s", strerror(-n));
	source = asked(&m);
	memset(control, 0, sizeof(control));
	m.msg_controllen = 0;
	m.msg_flags = 0;
	if (level >= 0)
		name_source(&m, level, source);
	iov.iov_len = (size_t)n;
	n = request(IORING_OP_SENDMSG, fd, &m, 1);
	if (n < 0)
		errx(1, "sendmsg: %s", strerror(-n));
}

int main(int argc, char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int level = argc > 1 ? atoi(argv[1]) : -1, count = argc > 2 ? atoi(argv[2]) : 1;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	open_ring();
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, len) ||
	    getsockname(fd, (struct sockaddr *)&any, &len))
		err(1, "socket");
	if (level >= 0 && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)))
		err(1, "IP_PKTINFO");
	printf("%d\n", ntohs(any.sin_port));
	fflush(stdout);
	while (count-- > 0)
		serve(fd, level);
	return 0;
}
