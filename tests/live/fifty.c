// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fifty functions that make the same mistake, called in random order: "fifty SEED ROUNDS [KIND]".  Their frames are
 * alike: stack pointers and msghdrs tell nothing.  Each is reached by different ways, recursion and alloca() among
 * them.  The last word of the output is the number of sends.
 *
 * KIND kinds: one function on sockets of two kinds, with two levels.  KIND pauses: a tracer that reads now and
 * then has time to, 20 sends at a time.
 */
#include <alloca.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOT_UDPS = 6, NOT_UDPS_TYPE = 8, PORT = 9 };

static int sock;
static struct msghdr msg;
static volatile int sum; /* what is added behind a call keeps it from being the function's last */

/* clang-format off */
#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noinline, noclone))
#endif
#define PLACE(n) APART static void place_##n(void) \
	{ struct msghdr m = msg; sum += (int)sendmsg(sock, &m, 0) + 1##n; }
#define TEN(f, n) f(n##0) f(n##1) f(n##2) f(n##3) f(n##4) f(n##5) f(n##6) f(n##7) f(n##8) f(n##9)
#define FIFTY(f) TEN(f, 0) TEN(f, 1) TEN(f, 2) TEN(f, 3) TEN(f, 4)
FIFTY(PLACE)
#define NAME(n) place_##n,
static void (*const places[])(void) = { FIFTY(NAME) };
/* clang-format on */

enum { PLACES = sizeof(places) / sizeof(places[0]) };

APART static void way(void (*place)(void), int deep)
{
	if (deep > 0)
		way(place, deep - 1);
	else
		place();
	sum++;
}

APART static void wide(void (*place)(void), size_t n)
{
	volatile char *p = alloca(n);

	p[0] = 1;
	place();
	sum += p[0];
}

static void once(unsigned int i)
{
	int r = rand();

	if (r % 3 == 0)
		way(places[i], r / 3 % 4);
	else if (r % 3 == 1)
		wide(places[i], (size_t)(r / 3 % 5 + 1) * 16);
	else
		places[i]();
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct cmsghdr *h = (struct cmsghdr *)(void *)control;
	struct iovec io = { "x", 1 };
	int pauses = argc > 3 && !strcmp(argv[3], "pauses");
	int rounds = argc > 2 ? atoi(argv[2]) : 1, sent = 0;

	h->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
	h->cmsg_level = NOT_UDPS;
	h->cmsg_type = NOT_UDPS_TYPE;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to6.sin6_addr = in6addr_loopback;
	msg = (struct msghdr){
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &io, .msg_iovlen = 1
	};
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (argc > 3 && !pauses) {
		place_00();
		h->cmsg_level++;
		place_00();
		sock = socket(AF_INET6, SOCK_DGRAM, 0);
		msg.msg_name = &to6;
		msg.msg_namelen = sizeof(to6);
		place_00();
		return 0;
	}
	srand(argc > 1 ? (unsigned int)atoi(argv[1]) : 1);
	/* the first one alone, long enough for everybody to get used to it */
	for (; sent < 200; sent++)
		places[0]();
	for (int i = 0; i < rounds; i++, sent++) {
		if (pauses && i % 20 == 0)
			usleep(60000);
		once((unsigned int)rand() % PLACES);
	}
	for (unsigned int i = 0; i < PLACES; i++, sent++)
		once(i);
	printf("%d\n", sent);
	return 0;
}
