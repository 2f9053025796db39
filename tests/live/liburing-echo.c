// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A UDP server on liburing, as programs write one: answers COUNT times what it is asked, on any address.
 *   liburing-echo LEVEL COUNT [multishot]    LEVEL: that of the IP_PKTINFO which names the source; -1: none does
 * multishot: one request receives all, into buffers that the ring picks.  Prints its port.  77: no io_uring for us.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BUFFERS = 16, SIZE = 1024, ANSWER = 1, SKIPPED = 77 };

static struct io_uring ring;
static struct io_uring_buf_ring *pool;
static char buffers[BUFFERS][SIZE];
static int level, fd;

static void die(const char *what, int error)
{
	errx(1, "%s: %s", what, strerror(-error));
}

/* The address that a message was sent to, if its control data say so. */
static struct in_addr asked(struct cmsghdr *c)
{
	struct in_pktinfo info = { 0 };

	if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.ipi_addr;
}

__attribute__((noinline)) static void send_answer(struct sockaddr_in *to, struct in_addr source,
						  void *data, size_t len)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct in_pktinfo info = { .ipi_spec_dst = source };
	struct iovec iov = { data, len };
	struct msghdr m = {
		.msg_name = to, .msg_namelen = sizeof(*to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct cmsghdr *c = (void *)control;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	int r;

	if (level >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c->cmsg_level = level;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
	io_uring_prep_sendmsg(sqe, fd, &m, 0);
	io_uring_sqe_set_data64(sqe, ANSWER);
	r = io_uring_submit(&ring); /* a datagram is sent at once: m is done with */
	if (r < 0)
		die("io_uring_submit", r);
}

/* The next request's end; the answers' ends are passed over. */
static struct io_uring_cqe *next(void)
{
	struct io_uring_cqe *cqe;

	for (;;) {
		int r = io_uring_submit_and_wait(&ring, 1);

		if (r < 0)
			die("io_uring_submit_and_wait", r);
		while (!io_uring_peek_cqe(&ring, &cqe)) {
			if (cqe->res < 0)
				die("request", cqe->res);
			if (cqe->user_data != ANSWER)
				return cqe;
			io_uring_cqe_seen(&ring, cqe);
		}
	}
}

static void serve_one(void)
{
	_Alignas(struct cmsghdr) char control[64];
	struct sockaddr_in from;
	struct iovec iov = { buffers[0], SIZE };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct io_uring_cqe *cqe;
	size_t n;

	io_uring_prep_recvmsg(io_uring_get_sqe(&ring), fd, &m, 0);
	cqe = next();
	n = (size_t)cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	send_answer(&from, asked(CMSG_FIRSTHDR(&m)), buffers[0], n);
}

static void add_buffer(int i)
{
	io_uring_buf_ring_add(pool, buffers[i], SIZE, (unsigned short)i,
			      io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(pool, 1);
}

static void open_pool(void)
{
	struct io_uring_buf_reg reg = { .ring_entries = BUFFERS, .bgid = 0 };
	int r;

	if (posix_memalign((void **)&pool, 4096, BUFFERS * sizeof(struct io_uring_buf)))
		err(1, "memory");
	reg.ring_addr = (uintptr_t)pool;
	r = io_uring_register_buf_ring(&ring, &reg, 0);
	if (r)
		exit(SKIPPED);
	io_uring_buf_ring_init(pool);
	for (int i = 0; i < BUFFERS; i++)
		add_buffer(i);
}

static void serve_many(int count)
{
	struct msghdr m = { .msg_namelen = sizeof(struct sockaddr_in), .msg_controllen = 64 };
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_recvmsg_multishot(sqe, fd, &m, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	while (count-- > 0) {
		struct io_uring_cqe *cqe = next();
		int id = (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
		struct io_uring_recvmsg_out *o =
			io_uring_recvmsg_validate(buffers[id], cqe->res, &m);

		if (!o || !(cqe->flags & IORING_CQE_F_MORE))
			errx(1, "the request ended");
		send_answer(io_uring_recvmsg_name(o), asked(io_uring_recvmsg_cmsg_firsthdr(o, &m)),
			    io_uring_recvmsg_payload(o, &m),
			    io_uring_recvmsg_payload_length(o, cqe->res, &m));
		io_uring_cqe_seen(&ring, cqe);
		add_buffer(id);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int count = argc > 2 ? atoi(argv[2]) : 1, on = 1;

	level = argc > 1 ? atoi(argv[1]) : -1;
	if (io_uring_queue_init(32, &ring, 0))
		return SKIPPED;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, len) ||
	    getsockname(fd, (struct sockaddr *)&any, &len))
		err(1, "socket");
	if (level >= 0 && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)))
		err(1, "IP_PKTINFO");
	printf("%d\n", ntohs(any.sin_port));
	fflush(stdout);
	if (argc > 3) {
		open_pool();
		serve_many(count);
	} else {
		while (count-- > 0)
			serve_one();
	}
	io_uring_submit(&ring);
	return 0;
}
