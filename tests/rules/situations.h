/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the situations are made of: sockets on loopback, requests, replies with control messages. */
#ifndef CMSGTRACE_TESTS_SITUATIONS_H
#define CMSGTRACE_TESTS_SITUATIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct situation {
	const char *rule;
	void (*bad)(void), (*good)(void);
};

/* The same in other clothes; run as they are, in a thread, or in a child. */
struct variant {
	const char *name;
	void (*run)(void);
	const char *expected;   /* "CT101 error, CT108 note"; "": nothing */
	const char *expected32; /* in a 32-bit program, where that differs; else NULL */
};

/* A name, what it gives, and what in a 32-bit program. */
#define GIVES(f, what)                                                                             \
	{                                                                                          \
		.name = #f, .run = (f), .expected = (what), .expected32 = NULL                     \
	}
#define GIVES_OR(f, what, what32)                                                                  \
	{                                                                                          \
		.name = #f, .run = (f), .expected = (what), .expected32 = (what32)                 \
	}

extern const struct variant variants_send[], variants_rest[];

extern const struct situation situations_send[], situations_reply[], situations_rest[];

_Noreturn void die(const char *what);
void must(long result, const char *what);

/* Sockets on a port that the kernel chose; addr NULL: not bound. */
int udp4(const char *addr);
int udp6(const char *addr);
void on(int fd, int level, int option);
void set(int fd, int level, int option, int v);
uint16_t port_of(int fd);
struct sockaddr_in to4(const char *addr, uint16_t port);
struct sockaddr_in6 to6(const char *addr, uint16_t port);

void unix_pair(int type, int pair[2]);

/* A control block under construction. */
struct control {
	_Alignas(struct cmsghdr) unsigned char b[2048];
	size_t len; /* msg_controllen */
};
void add(struct control *c, int level, int type, const void *data, size_t len);
void rights(struct control *c, const int *fds, size_t n);
/* Closes all descriptors that came. */
void close_rights(struct msghdr *m);
void add_int(struct control *c, int level, int type, int v);
struct in_pktinfo info4(const char *spec_dst, const char *addr, int ifindex);

/* One datagram of "answer" (or size bytes) to a peer; the result as sendmsg gives it. */
long send_to(int fd, const struct sockaddr_in *to, const struct control *c);
long send_sized(int fd, const struct sockaddr_in *to, const struct control *c, size_t size);
/* On a pair of Unix sockets. */
long send_unix(int fd, const struct control *c, size_t size);

/* A server that is asked: the socket, its client's, and who asked at which address. */
struct talk {
	int server, client;
	struct sockaddr_in peer;
	struct control received; /* the block that the request came with */
};
/* Wildcard-bound (or to bind), with IP_PKTINFO, asked at addr from 127.0.0.1. */
struct talk asked_at(const char *bind_to, const char *addr);
/* The same client asks once more. */
void ask_again(struct talk *t, const char *addr);
long reply(const struct talk *t, const struct control *c);

#endif
