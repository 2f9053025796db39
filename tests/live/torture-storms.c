// SPDX-License-Identifier: LGPL-2.1-or-later
/* Situations in which much happens at once: processes and threads that come, execute and go, signals, stops, memory that vanishes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture.h"

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* Until standard input ends. */
static void wait_for_word(void)
{
	char c;
	ssize_t r;

	do {
		r = read(0, &c, 1);
	} while (r > 0 || (r < 0 && errno == EINTR));
}

/* n grandchildren whose parents end at once, and n more whose parent, the command itself, does. */
static int orphans(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (!fork())
				turns((unsigned int)i, 3);
			_exit(0);
		}
		expect(pid, 0);
	}
	for (int i = 0; i < n; i++) {
		if (!fork()) {
			turns((unsigned int)i, 3);
			_exit(0);
		}
	}
	_exit(0);
}

static atomic_int stop;

static void *turn_on_and_on(void *seed)
{
	struct pair p;

	pair_open(&p, (unsigned int)(uintptr_t)seed);
	while (!stop)
		pair_turn(&p);
	pair_close(&p);
	return NULL;
}

static char *program;

static void *exec_again(void *count)
{
	char text[16], *argv[] = { program, (char[]){ "exec-link" }, text, NULL };

	snprintf(text, sizeof(text), "%d", (int)(intptr_t)count - 1);
	execv(program, argv);
	fail("execv: %s", strerror(errno));
}

/* One program of a chain of count: threads send while it, or one of them, executes the next. */
static int exec_link(int count)
{
	pthread_t t;

	turns((unsigned int)count, 1);
	if (count <= 0)
		return 33;
	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&t, NULL, turn_on_and_on, (void *)i);
	if (count % 2)
		exec_again((void *)(intptr_t)count);
	pthread_create(&t, NULL, exec_again, (void *)(intptr_t)count);
	for (;;)
		pause();
}

static int exec_storm(int processes, int length)
{
	pid_t child[16];

	for (int i = 0; i < processes; i++) {
		child[i] = fork();
		if (!child[i])
			exec_again((void *)(intptr_t)(length + 1));
	}
	for (int i = 0; i < processes; i++)
		expect(child[i], 33 << 8);
	return 0;
}

/* The same for ever, to attach to: it ends with its input. */
static int exec_for_ever(void)
{
	pid_t pid = fork();

	if (!pid)
		exec_again((void *)(intptr_t)1000000);
	printf("%d\n", pid);
	ready();
	wait_for_word();
	kill(pid, SIGKILL);
	expect(pid, SIGKILL);
	return 0;
}

static void *turn_some_and_end(void *last)
{
	static atomic_int ended;

	turns((unsigned int)(uintptr_t)last, 5);
	if (++ended == 3)
		_exit(7);
	return NULL;
}

/* The leader ends first: what remains of it is a zombie until the last thread ends the process. */
static _Noreturn void leader_ends(void)
{
	pthread_t t;

	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&t, NULL, turn_some_and_end, (void *)i);
	pthread_exit(NULL);
}

static volatile sig_atomic_t got;

static void on_queued(int sig)
{
	(void)sig;
	got++;
}

static void *receive_on_and_on(void *fd)
{
	char c;
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	while (recv(*(int *)fd, &c, 1, 0) != 0) /* the other end is shut down at last */
		;
	return NULL;
}

/* Queued signals to a thread that sits in recv(), until the input ends: each comes, and once. */
static int queued(void)
{
	struct sigaction sa = { .sa_handler = on_queued, .sa_flags = SA_RESTART };
	int sent = 0, sig = SIGRTMIN + 6, fd[2], flags;
	sigset_t set;
	pthread_t t;
	char c;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigaction(sig, &sa, NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		fail("socketpair: %s", strerror(errno));
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* the other thread gets them */
	pthread_create(&t, NULL, receive_on_and_on, &fd[1]);
	flags = fcntl(0, F_GETFL);
	fcntl(0, F_SETFL, flags | O_NONBLOCK);
	ready();
	while (read(0, &c, 1) != 0) {
		union sigval v = { .sival_int = sent };

		if (!sigqueue(getpid(), sig, v))
			sent++;
		usleep(200);
	}
	while (got < sent)
		usleep(1000);
	shutdown(fd[0], SHUT_RDWR);
	pthread_join(t, NULL);
	if (got != sent || !sent)
		fail("%d signals were sent, %d came", sent, (int)got);
	return 0;
}

/* A child that is stopped and continued in turn, until the input ends: what its parent sees of it. */
static int stop_and_go(void)
{
	char c;
	int status, rounds = 0;
	pid_t pid = fork();

	if (!pid)
		turn_on_and_on(NULL);
	ready();
	fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	while (read(0, &c, 1) != 0) {
		kill(pid, SIGSTOP);
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
			fail("round %d: not stopped: %#x", rounds, status);
		kill(pid, SIGCONT);
		if (waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status))
			fail("round %d: not continued: %#x", rounds, status);
		rounds++;
	}
	kill(pid, SIGKILL);
	expect(pid, SIGKILL);
	return !rounds;
}

enum { CHAINS = 64, LOOKS = 3 };

static atomic_uint looked[CHAINS], untraced; /* LOOKS: enough of a chain */

static bool has_tracer(void)
{
	char text[2048] = "", *tracer;
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		fail("status: %s", strerror(errno));
	close(fd);
	tracer = strstr(text, "\nTracerPid:");
	return tracer && atoi(tracer + strlen("\nTracerPid:"));
}

/* Each thread makes its successor, and ends. */
static void *breed(void *chain)
{
	uintptr_t i = (uintptr_t)chain;
	pthread_attr_t attr;
	pthread_t t;

	turns((unsigned int)i, 1);
	if (stop)
		return NULL;
	if (looked[i] < LOOKS) {
		untraced += !has_tracer();
		looked[i]++;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 65536);
	while (pthread_create(&t, &attr, breed, chain))
		usleep(1000); /* those that ended have not gone yet */
	return NULL;
}

/* Chains of threads that replace themselves; for each byte of input it tells how many of them had no tracer. */
static int breeding(int chains)
{
	char c;

	for (int i = 0; i < CHAINS; i++)
		looked[i] = LOOKS;
	for (int i = 0; i < chains && i < CHAINS; i++)
		breed((void *)(intptr_t)i);
	ready();
	while (read(0, &c, 1) > 0) {
		untraced = 0;
		for (int i = 0; i < chains && i < CHAINS; i++)
			looked[i] = 0;
		for (int i = 0; i < chains && i < CHAINS; i++) {
			while (looked[i] < LOOKS)
				usleep(1000);
		}
		printf("%u\n", untraced);
		fflush(stdout);
	}
	stop = 1;
	usleep(1000);
	return 0;
}

static char *shifting_page;

static void *shift(void *unused)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	while (!stop) {
		mmap(shifting_page, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		mprotect(shifting_page, size, PROT_NONE);
	}
	return unused;
}

/* Messages whose bytes come and go meanwhile: sent whole or refused with EFAULT. */
static int shifting(int n)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char in[512];
	struct pair p;
	pthread_t t;

	shifting_page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pair_open(&p, 1);
	pthread_create(&t, NULL, shift, NULL);
	for (int i = 0; i < n; i++) {
		struct iovec iov[2] = { { in, 1 }, { shifting_page, 256 } };
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
		ssize_t r = sendmsg(p.fd[0], &m, MSG_DONTWAIT);

		if (r != 257 && !(r < 0 && errno == EFAULT))
			fail("sendmsg: %zd %s", r, strerror(errno));
		/* the header itself */
		if (syscall(SYS_sendmsg, p.fd[0], shifting_page, MSG_DONTWAIT) > 0)
			fail("an empty header sent something");
		while (recv(p.fd[1], in, sizeof(in), MSG_DONTWAIT) > 0)
			;
	}
	stop = 1;
	pthread_join(t, NULL);
	return 0;
}

#ifdef __x86_64__
/* Numbers of other ABIs: what a kernel without them says, and with them; never a call of our own ABI's. */
static int foreign(void)
{
	enum { X32 = 0x40000000 };
	static const long numbers[] = { X32 | 518, X32 | SYS_sendmsg, X32, SYS_sendmsg + 0x10000 };

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		long r = syscall(numbers[i], -1, 0, 0);

		if (r != -1 || (errno != ENOSYS && errno != EBADF))
			fail("call %#lx: %ld %s", numbers[i], r, strerror(errno));
	}
	turns(1, 3);
	return 0;
}
#else
static int foreign(void)
{
	return 77;
}
#endif

static void *answer_notifications(void *fd)
{
	struct seccomp_notif n;
	struct seccomp_notif_resp r = { .error = -EACCES };

	for (;;) {
		memset(&n, 0, sizeof(n));
		if (ioctl(*(int *)fd, SECCOMP_IOCTL_NOTIF_RECV, &n))
			return NULL;
		turns(2, 1); /* traced calls, while the other one waits for the answer */
		r.id = n.id;
		if (ioctl(*(int *)fd, SECCOMP_IOCTL_NOTIF_SEND, &r))
			fail("SECCOMP_IOCTL_NOTIF_SEND: %s", strerror(errno));
	}
}

/* A filter of the program's own hands a call to another thread of it, which answers. */
static int user_notif(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmmsg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	struct mmsghdr mm = { 0 };
	static int fd;
	pthread_t t;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 77;
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			  &prog);
	if (fd < 0)
		return 77;
	pthread_create(&t, NULL, answer_notifications, &fd);
	for (int i = 0; i < 5; i++) {
		if (sendmmsg(-1, &mm, 1, 0) != -1 || errno != EACCES)
			fail("sendmmsg: %s", strerror(errno));
	}
	return 0;
}

int storms(const char *self, const char *what, int a, int b)
{
	program = (char *)(uintptr_t)self;
	if (!strcmp(what, "orphans"))
		return orphans(a);
	if (!strcmp(what, "exec-link"))
		return exec_link(a);
	if (!strcmp(what, "exec-storm"))
		return exec_storm(a, b);
	if (!strcmp(what, "exec-for-ever"))
		return exec_for_ever();
	if (!strcmp(what, "leader-ends"))
		leader_ends();
	if (!strcmp(what, "queued"))
		return queued();
	if (!strcmp(what, "stop-and-go"))
		return stop_and_go();
	if (!strcmp(what, "breeding"))
		return breeding(a);
	if (!strcmp(what, "shifting"))
		return shifting(a);
	if (!strcmp(what, "user-notif"))
		return user_notif();
	if (!strcmp(what, "foreign"))
		return foreign();
	return -1;
}
