// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Workload 1: one socket that sends to itself with an IP_PKTINFO and receives with one.
 *   selfsend CALLS [THREADS]
 * Prints nanoseconds of wall time a call; with THREADS also the calls of each (fairness).
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Atomic int stop;
static unsigned long calls = 100000;

struct worker {
	pthread_t thread;
	unsigned long done;
	unsigned long limit; /* 0: until stop */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(struct sockaddr_in *self)
{
	socklen_t len = sizeof(*self);
	int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*self = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)self, sizeof(*self)) < 0 ||
	    getsockname(fd, (struct sockaddr *)self, &len) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
		die("socket");
	return fd;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct sockaddr_in self, from;
	int fd = open_socket(&self);
	char data[64] = "payload", in[2048], control_in[128];
	union {
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec iov = { data, sizeof(data) }, iov_in = { in, sizeof(in) };
	struct msghdr out = { .msg_name = &self,
			      .msg_namelen = sizeof(self),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };

	control.align.cmsg_level = IPPROTO_IP;
	control.align.cmsg_type = IP_PKTINFO;
	control.align.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.align), &info, sizeof(info));
	while (w->limit ? w->done < w->limit : !atomic_load(&stop)) {
		struct msghdr mh = { .msg_name = &from,
				     .msg_namelen = sizeof(from),
				     .msg_iov = &iov_in,
				     .msg_iovlen = 1,
				     .msg_control = control_in,
				     .msg_controllen = sizeof(control_in) };

		if (sendmsg(fd, &out, 0) != sizeof(data) || recvmsg(fd, &mh, 0) != sizeof(data))
			die("message");
		w->done += 2;
	}
	close(fd);
	return NULL;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	unsigned long x = ((const struct worker *)a)->done, y = ((const struct worker *)b)->done;

	return (x > y) - (x < y);
}

/* All threads run for a while; what counts is how evenly. */
static void fairness(unsigned long threads, unsigned int seconds)
{
	struct worker *w = calloc(threads, sizeof(*w));
	unsigned long total = 0;

	for (unsigned long i = 0; i < threads; i++) {
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			die("thread");
	}
	sleep(seconds);
	atomic_store(&stop, 1);
	for (unsigned long i = 0; i < threads; i++) {
		pthread_join(w[i].thread, NULL);
		total += w[i].done;
	}
	qsort(w, threads, sizeof(*w), compare);
	printf("total %lu slowest %lu median %lu fastest %lu\n", total, w[0].done,
	       w[threads / 2].done, w[threads - 1].done);
	free(w);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		calls = strtoul(argv[1], NULL, 10);
	if (argc > 2) {
		fairness(strtoul(argv[2], NULL, 10), (unsigned int)calls);
		return 0;
	}

	struct worker w = { .limit = calls };
	double start = now();

	work(&w);
	printf("%.1f\n", (now() - start) / (double)w.done * 1e9);
	return 0;
}
