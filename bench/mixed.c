// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A sendmsg, its recvmsg and 20 other calls, for ever: each quarter of a second the mean ns that took.
 *   mixed [OTHERS [BATCH [THREADS]]]
 * BATCH: messages of one sendmmsg and recvmmsg, 1: sendmsg and recvmsg, 0: none, and what is told is a call of the OTHERS.
 * THREADS: that do so, each on a socket of its own; told are the ns of all together for one message.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_MAX = 64, THREADS_MAX = 1024, PERIOD_NS = 250000000, STACK = 256 * 1024 };

static int others = 20, batch = 1, threads = 1;
static pthread_mutex_t start_line =
	PTHREAD_MUTEX_INITIALIZER; /* busy ones would keep others from being made */
static struct count {
	_Alignas(64) unsigned long n;
} counts[THREADS_MAX];

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_socket(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, (struct sockaddr *)&a, len) || getsockname(fd, (struct sockaddr *)&a, &len) ||
	    connect(fd, (struct sockaddr *)&a, len)) {
		perror("mixed");
		exit(1);
	}
	return fd;
}

static void message(int fd)
{
	char text[64] = "message", control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct iovec iov = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct mmsghdr v[BATCH_MAX];
	int bad;

	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	for (int i = 0; batch > 1 && i < batch; i++)
		v[i] = (struct mmsghdr){ .msg_hdr = m };
	if (batch > 1)
		bad = sendmmsg(fd, v, (unsigned int)batch, 0) != batch ||
		      recvmmsg(fd, v, (unsigned int)batch, 0, NULL) < 1;
	else
		bad = batch && (sendmsg(fd, &m, 0) < 0 || recvmsg(fd, &m, 0) < 0);
	if (bad) {
		perror("mixed");
		exit(1);
	}
	for (int i = 0; i < others; i++)
		syscall(SYS_getppid);
}

static void *work(void *count)
{
	int fd = open_socket();

	pthread_mutex_lock(&start_line);
	pthread_mutex_unlock(&start_line);
	for (;;) {
		message(fd);
		__atomic_store_n((unsigned long *)count, *(unsigned long *)count + 1,
				 __ATOMIC_RELAXED);
	}
	return NULL;
}

static unsigned long sum(void)
{
	unsigned long n = 0;

	for (int i = 0; i < threads; i++)
		n += __atomic_load_n(&counts[i].n, __ATOMIC_RELAXED);
	return n * (unsigned long)(batch ? batch : others);
}

int main(int argc, char **argv)
{
	unsigned long last = 0;
	pthread_attr_t attr;
	long start;

	others = argc > 1 ? atoi(argv[1]) : others;
	batch = argc > 2 ? atoi(argv[2]) : batch;
	threads = argc > 3 ? atoi(argv[3]) : threads;
	if (batch > BATCH_MAX || threads > THREADS_MAX || (!batch && !others))
		return 2;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_mutex_lock(&start_line);
	for (int i = 0; i < threads; i++) {
		pthread_t t;

		if (pthread_create(&t, &attr, work, &counts[i].n))
			return 1;
	}
	pthread_mutex_unlock(&start_line);
	for (start = now();;) {
		struct timespec t = { 0, PERIOD_NS };
		unsigned long n;
		long end;

		nanosleep(&t, NULL);
		n = sum();
		end = now();
		if (n == last)
			continue;
		printf("%ld\n", (end - start) / (long)(n - last));
		fflush(stdout);
		start = end;
		last = n;
	}
}
