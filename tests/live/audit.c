// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sends and receives messages by many threads, and keeps of each what a tracer must have shown:
 *   audit KIND THREADS MESSAGES LOG
 * KIND is unix (sendmsg or sendto to oneself) or mixed (half of the threads by UDP, with a control message;
 * of those, half by vectors).  LOG is 4 bytes a message, thread after thread: the CRC-32 of what was sent.
 * Prints "ready", waits for a line, runs, prints "done", waits for the end of its input.  Exit status 44.
 *
 * A message is its thread and its number (4 bytes each), then up to 56 bytes of noise.
 */
#include "config.h"

#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { VECTOR = 4, HEAD = 8, NOISE = 56, STATUS = 44, MAX_THREADS = 64 };
enum kind { UNIX_MSG, UNIX_TO, UDP_MSG, UDP_VECTOR };

static uint32_t crc_table[256];
static uint32_t *log_of_all;
static unsigned int per_thread;
static bool mixed;
static pthread_barrier_t begin, end, leave;

static void crc_init(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
		crc_table[i] = c;
	}
}

static uint32_t crc32(const unsigned char *p, size_t n)
{
	uint32_t c = ~0u;

	while (n--)
		c = crc_table[(c ^ *p++) & 0xff] ^ (c >> 8);
	return ~c;
}

struct message {
	unsigned char bytes[HEAD + NOISE], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov;
};

static struct timespec pause_time; /* after each turn */

struct channel {
	int in, out; /* descriptors */
	unsigned int thread;
	enum kind kind;
	uint64_t noise;
};

static uint64_t noise(struct channel *ch)
{
	ch->noise ^= ch->noise << 13;
	ch->noise ^= ch->noise >> 7;
	ch->noise ^= ch->noise << 17;
	return ch->noise;
}

static void channel_open(struct channel *ch)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd[2], one = 1;

	if (ch->kind == UNIX_MSG || ch->kind == UNIX_TO) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd))
			err(1, "socketpair");
		ch->out = fd[0];
		ch->in = fd[1];
		return;
	}
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ch->in = ch->out = socket(AF_INET, SOCK_DGRAM, 0);
	if (ch->in < 0 || bind(ch->in, (void *)&sin, sizeof(sin)) ||
	    getsockname(ch->in, (void *)&sin, &len) || connect(ch->in, (void *)&sin, len) ||
	    setsockopt(ch->in, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)))
		err(1, "UDP socket");
}

/* The TTL that goes with a message. */
static int ttl_of(unsigned int no)
{
	return 1 + (int)(no % 255);
}

/* Message no: its content, a header of it, and its line in the log. */
static void compose(struct channel *ch, struct message *m, struct msghdr *h, unsigned int no)
{
	uint32_t head[2] = { ch->thread, no };
	size_t n = HEAD + noise(ch) % (NOISE + 1);
	int ttl = ttl_of(no);
	struct cmsghdr *c;

	memcpy(m->bytes, head, HEAD);
	for (size_t i = HEAD; i < n; i++)
		m->bytes[i] = (unsigned char)noise(ch);
	log_of_all[ch->thread * per_thread + no] = crc32(m->bytes, n);
	m->iov = (struct iovec){ m->bytes, n };
	*h = (struct msghdr){ .msg_iov = &m->iov, .msg_iovlen = 1 };
	if (ch->kind < UDP_MSG)
		return;
	h->msg_control = m->control;
	h->msg_controllen = sizeof(m->control);
	c = CMSG_FIRSTHDR(h);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(ttl)), IPPROTO_IP, IP_TTL };
	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));
}

/* Room for a message. */
static void offer(struct message *m, struct msghdr *h)
{
	m->iov = (struct iovec){ m->bytes, sizeof(m->bytes) };
	*h = (struct msghdr){ .msg_iov = &m->iov,
			      .msg_iovlen = 1,
			      .msg_control = m->control,
			      .msg_controllen = sizeof(m->control) };
}

static void compare(const struct channel *ch, const struct message *m, size_t n, unsigned int no)
{
	if (crc32(m->bytes, n) != log_of_all[ch->thread * per_thread + no])
		errx(1, "thread %u: message %u came as another", ch->thread, no);
}

static void turn(struct channel *ch, unsigned int no)
{
	struct message out, in;
	struct msghdr h;
	ssize_t n, got;

	compose(ch, &out, &h, no);
	n = ch->kind == UNIX_TO ? sendto(ch->out, out.bytes, out.iov.iov_len, 0, NULL, 0)
				: sendmsg(ch->out, &h, 0);
	offer(&in, &h);
	got = ch->kind == UNIX_TO ? recvfrom(ch->in, in.bytes, sizeof(in.bytes), 0, NULL, NULL)
				  : recvmsg(ch->in, &h, 0);
	if (n < 0 || got != n)
		err(1, "message %u: %zd bytes sent, %zd received", no, n, got);
	compare(ch, &in, (size_t)n, no);
}

static void turn_vector(struct channel *ch, unsigned int no, unsigned int n)
{
	struct message m[VECTOR];
	struct mmsghdr v[VECTOR] = { 0 };
	int sent, got;

	for (unsigned int i = 0; i < n; i++)
		compose(ch, &m[i], &v[i].msg_hdr, no + i);
	sent = sendmmsg(ch->out, v, n, 0);
	for (unsigned int i = 0; i < n; i++)
		offer(&m[i], &v[i].msg_hdr);
	got = recvmmsg(ch->in, v, n, 0, NULL);
	if (sent != (int)n || got != sent)
		err(1, "vector %u: %d sent, %d received", no, sent, got);
	for (unsigned int i = 0; i < n; i++)
		compare(ch, &m[i], v[i].msg_len, no + i);
}

static void *run(void *arg)
{
	struct channel *ch = arg;

	ch->kind = (enum kind)(ch->thread % (mixed ? 4 : 2));
	ch->noise = 0x9e3779b97f4a7c15ull * (ch->thread + 1);
	channel_open(ch);
	pthread_barrier_wait(&begin);
	for (unsigned int no = 0; no < per_thread;) {
		unsigned int n = per_thread - no < VECTOR ? per_thread - no : VECTOR;

		if (ch->kind == UDP_VECTOR) {
			turn_vector(ch, no, n);
			no += n;
		} else {
			turn(ch, no++);
		}
		if (pause_time.tv_nsec)
			nanosleep(&pause_time, NULL);
	}
	pthread_barrier_wait(&end);
	pthread_barrier_wait(&leave);
	return NULL;
}

static void *map_log(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	void *p;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		err(1, "%s", path);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "%s", path);
	return p;
}

static void say(const char *word)
{
	puts(word);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	static struct channel channels[MAX_THREADS];
	unsigned int threads = argc == 5 ? (unsigned int)atoi(argv[2]) : 0;
	pthread_t t[MAX_THREADS];
	char line[16];

	if (!threads || threads > MAX_THREADS)
		errx(2, "usage: audit unix|mixed THREADS MESSAGES LOG");
	if (getenv("CMSGTRACE_AUDIT_PAUSE"))
		pause_time.tv_nsec = atol(getenv("CMSGTRACE_AUDIT_PAUSE")) * 1000;
	mixed = strcmp(argv[1], "mixed") == 0;
	per_thread = (unsigned int)atoi(argv[3]) / threads;
	log_of_all = map_log(argv[4], (size_t)threads * per_thread * sizeof(*log_of_all));
	crc_init();
	pthread_barrier_init(&begin, NULL, threads + 1);
	pthread_barrier_init(&end, NULL, threads + 1);
	pthread_barrier_init(&leave, NULL, threads + 1);
	for (unsigned int i = 0; i < threads; i++) {
		channels[i].thread = i;
		if (pthread_create(&t[i], NULL, run, &channels[i]))
			errx(1, "thread %u can't be made", i);
	}
	say("ready");
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	say("done");
	while (fgets(line, sizeof(line), stdin))
		;
	pthread_barrier_wait(&leave);
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	return STATUS;
}
