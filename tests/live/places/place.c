/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For places.py: makes one mistake, on the line that says so; with an argument only when a line came; then it stays for another. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile long sent;

int place_send(void);

/* The same mistake in another function, where that is asked for. */
#ifdef PLACE_INLINE
static inline
	__attribute__((always_inline))
#else
static
	__attribute__((noinline, unused))
#endif
	void
	again(int fd, const struct msghdr *m)
{
	sent += sendmsg(fd, m, 0) - 1; /* AGAIN */
}

#ifdef PLACE_INLINE
#ifdef PLACE_DEEP
/* As libuv's functions are named, which are no place: nine within each other. */
#define WITHIN(name, call)                                                                         \
	static inline __attribute__((always_inline)) ssize_t name(int fd, const struct msghdr *m)  \
	{                                                                                          \
		ssize_t n = call(fd, m);                                                           \
                                                                                                   \
		sent += n - 1;                                                                     \
		return n;                                                                          \
	}
#define SEND(fd, m) sendmsg(fd, m, 0)
WITHIN(uv__1, SEND)
WITHIN(uv__2, uv__1)
WITHIN(uv__3, uv__2)
WITHIN(uv__4, uv__3)
WITHIN(uv__5, uv__4)
WITHIN(uv__6, uv__5)
WITHIN(uv__7, uv__6)
WITHIN(uv__8, uv__7)
WITHIN(uv__9, uv__8)
#undef SEND
#define SEND uv__9
#else
#define SEND(fd, m) sendmsg(fd, m, 0)
#endif
static inline __attribute__((always_inline)) void inlined(int fd, const struct msghdr *m)
{
	sent += SEND(fd, m); /* INLINED */
}
#endif

#ifdef PLACE_JIT
/* push rbp; mov rbp, rsp; mov rax, rdi; mov edi, esi; mov rsi, rdx; xor edx, edx; call rax; pop rbp; ret */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8, 0x89, 0xf7,
				      0x48, 0x89, 0xd6, 0x31, 0xd2, 0xff, 0xd0, 0x5d, 0xc3 };

/* Garbage too: what was there before, lines that are none, a name that is no text, and one without an end. */
static void write_map(const char *at, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	f = fopen(path, "w");
	fprintf(f, "%lx 1000 earlier\n\n \nx y z\n%lx\n%lx 12\n%lx 0 empty\n", (long)at, (long)at,
		(long)at, (long)at);
	fprintf(f,
		"ffffffffffffffff ffffffffffffffff everything\n0 10 \033[2Jnothing\n0 1 %05000d\n",
		0);
	fprintf(f, "%lx %zx %s\n%lx 1000 cut of", (long)at, sizeof(code), name, (long)at);
	fclose(f);
	if (getenv("PLACE_OWNER") && chown(path, 1, 1))
		abort();
}

/* A record of a jitdump: kind, size, time, and what follows. */
static void record(FILE *f, uint32_t kind, const void *p, size_t len)
{
	uint32_t head[4] = { kind, (uint32_t)(sizeof(head) + len) };

	fwrite(head, 1, sizeof(head), f);
	fwrite(p, 1, len, f);
}

static void write_dump(const char *at, const char *name)
{
	uint32_t header[] = { 0x4a695444, 1, 40, 62, 0, (uint32_t)getpid(), 0, 0, 0, 0 };
	uint64_t load[] = { 0, 0, (uintptr_t)at, sizeof(code), 1 },
		 other[] = { (uintptr_t)at, 1u << 31 };
	struct {
		uint64_t code, n, first;
		uint32_t line, discriminator;
		char file[8];
		uint64_t second;
		uint32_t line2, discriminator2;
		char same[8];
	} lines = { (uintptr_t)at, 2, (uintptr_t)at, 7, 0, "made.cx", (uintptr_t)at + 13, 9, 0,
		    "\377" };
	char path[64], all[sizeof(load) + 64] = { 0 };
	FILE *f;

	snprintf(path, sizeof(path), "%s/jit-%d.dump", getenv("PLACE_FOLDER"), (int)getpid());
	f = fopen(path, "w+");
	fwrite(header, 1, sizeof(header), f);
	record(f, 2, other, sizeof(other)); /* so many lines aren't there */
	record(f, 9, "unknown", 7);
	record(f, 2, &lines, offsetof(typeof(lines), same) + 2);
	memcpy(all, load, sizeof(load));
	strcpy(all + sizeof(load), name);
	record(f, 0, all, sizeof(load) + strlen(name) + 1);
	record(f, 0, load, sizeof(load)); /* no name */
	fwrite("\0\0\0\0\1", 1, 5, f);    /* no end */
	fflush(f);
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(f), 0);
	fclose(f);
}

/* As a JIT compiler does it: code in memory, and its name where perf looks. */
static long made(int fd, const struct msghdr *m)
{
	union {
		void *p;
		long (*call)(ssize_t (*)(int, const struct msghdr *, int), int,
			     const struct msghdr *);
	} at = { mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0) };

	memcpy(at.p, code, sizeof(code));
	if (getenv("PLACE_FOLDER"))
		write_dump(at.p, "dumped reply");
	else
		write_map(at.p, getenv("PLACE_NAME"));
	return at.call(sendmsg, fd, m); /* MADE */
}

static void remove_map(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	unlink(path);
}
#endif

#ifndef PLACE_LOADS
static __attribute__((noinline)) void user_code(int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct iovec iov = { "x", 1 };
	struct msghdr m = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memset(&control, 0, sizeof(control));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	control.h.cmsg_len = CMSG_LEN(sizeof(int));
	control.h.cmsg_level = SOL_SOCKET;
	control.h.cmsg_type = SCM_RIGHTS;
#if defined(PLACE_INLINE)
	inlined(fd, &m);
#elif defined(PLACE_JIT)
	sent += made(fd, &m);
#else
	sent += sendmsg(fd, &m, 0); /* HERE */
#endif
	if (getenv("PLACE_TWICE"))
		again(fd, &m);
	sent++;
}

int place_send(void)
{
	user_code(socket(AF_INET, SOCK_DGRAM, 0));
	return sent != 2;
}
#endif

#ifdef PLACE_THREAD
/* It goes on alone: the first thread has ended by then. */
static void *lone_thread(void *waits)
{
	usleep(200000);
	place_send();
	if (waits)
		getchar();
	exit(sent != 2);
}
#endif

#ifndef PLACE_LIBRARY
int main(int argc, char **argv)
{
	const char *other = getenv("PLACE_REPLACED_BY");
	int ret;
#ifdef PLACE_LOADS
	int (*send)(void) = (int (*)(void))dlsym(dlopen(PLACE_LOADS, RTLD_NOW), "place_send");
#else
	int (*send)(void) = place_send;
#endif

	if (argc > 1)
		getchar();
	if (other)
		rename(other, argv[0]);
	if (getenv("PLACE_DELETED"))
		unlink(argv[0]);
#ifdef PLACE_THREAD
	pthread_create(&(pthread_t){ 0 }, NULL, lone_thread, argc > 1 ? argv : NULL);
	pthread_exit(NULL);
#endif
	ret = send();
	if (argc > 1)
		getchar();
#ifdef PLACE_JIT
	remove_map();
#endif
	return ret;
}
#endif
