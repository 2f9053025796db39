// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a tracer must survive, one situation a subcommand.  Each verifies what it sees itself: messages
 * arrive whole, children end as they meant to.  Exit status 0 and a line "ok …" where all was right; 1 and the
 * reason where the tracer changed something; 77 where this machine can't do it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
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
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "torture.h"

#ifndef CLONE_UNTRACED
#define CLONE_UNTRACED 0x00800000
#endif

/* ---- the situations ---- */

/* Children that have children, each with a message and a status of its own. */
static int storm(int depth, int width)
{
	pid_t child[64];

	turns((unsigned int)getpid(), 3);
	if (!depth)
		return 0;
	for (int i = 0; i < width; i++) {
		child[i] = fork();
		if (child[i] < 0)
			fail("fork: %s", strerror(errno));
		if (!child[i])
			_exit(storm(depth - 1, width) ? 1 : 10 + i);
	}
	for (int i = 0; i < width; i++)
		expect(child[i], (10 + i) << 8);
	return 0;
}

/* Every exit status there is, and signals that end. */
static int ends(void)
{
	static const int sigs[] = {
		SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGALRM, SIGTERM, SIGPIPE, 40
	};
	pid_t child[256];

	for (int i = 0; i < 256; i++) {
		child[i] = fork();
		if (!child[i])
			_exit(i);
	}
	for (int i = 0; i < 256; i++)
		expect(child[i], i << 8);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		pid_t pid = fork();

		if (!pid) {
			kill(getpid(), sigs[i]);
			pause();
		}
		expect(pid, sigs[i]);
	}
	return 0;
}

static char *self;

static void *exec_in_thread(void *arg)
{
	char *argv[] = { self, arg, NULL };

	execv(self, argv);
	return NULL;
}

static void *wait_for_ever(void *arg)
{
	char c;

	(void)arg;
	for (;;) /* in a traced call, so that it dies inside one */
		recv(*(int *)arg, &c, 1, 0);
	return NULL;
}

/* execve in a thread that is not the leader, while others are blocked in calls. */
static int thread_exec(void)
{
	for (int i = 0; i < 8; i++) {
		pid_t pid = fork();

		if (!pid) {
			static int fd[2];
			static char what[] = "exec-target";
			pthread_t t;

			if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd))
				_exit(1);
			for (int k = 0; k < 6; k++)
				pthread_create(&t, NULL, wait_for_ever, &fd[k & 1]);
			if (i & 1)
				usleep(2000);
			pthread_create(&t, NULL, exec_in_thread, what);
			wait_for_ever(&fd[0]);
		}
		expect(pid, 33 << 8);
	}
	return 0;
}

static __attribute__((noinline)) pid_t vfork_exec(char *const *argv)
{
	pid_t pid = vfork();

	if (!pid) {
		execv(self, argv);
		_exit(1);
	}
	return pid;
}

static int vforks(int n)
{
	char *argv[] = { self, (char[]){ "exec-target" }, NULL };

	for (int i = 0; i < n; i++)
		expect(vfork_exec(argv), 33 << 8);
	return 0;
}

/* The parent sits in vfork() until the child, which sleeps, executes. */
static int vfork_slow(int ms)
{
	char text[16], *argv[] = { self, (char[]){ "sleep-exec" }, text, NULL };
	pid_t pid;

	snprintf(text, sizeof(text), "%d", ms);
	expect(vfork_exec(argv), 0); /* execve releases the parent; the next one holds it: */
	pid = vfork();
	if (!pid) {
		struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

		nanosleep(&ts, NULL);
		_exit(5);
	}
	expect(pid, 5 << 8);
	return 0;
}

static char state_of(pid_t pid)
{
	char path[64], text[512], *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return '?';
	text[n] = '\0';
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

/* Job control: a stopped process stays stopped until SIGCONT, its parent hears of both. */
static int group_stop(void)
{
	static const int sigs[] = { SIGSTOP, SIGTSTP, SIGSTOP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		int status, fd[2], go[2];
		char c = 0;
		pid_t pid;

		if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) || pipe2(go, O_CLOEXEC))
			fail("pipe: %s", strerror(errno));
		pid = fork();
		if (!pid) {
			setpgid(0, 0); /* an orphaned group would ignore the terminal's stops … */
			kill(getpid(), sigs[i]);
			if (write(fd[1], "x", 1) != 1)
				_exit(1);
			turns(1, 5);
			_exit(read(go[0], &c, 1) == 1 ? 44 : 1);
		}
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
		    WSTOPSIG(status) != sigs[i])
			fail("stop by signal %d: status %#x", sigs[i], status);
		usleep(20000);
		if (read(fd[0], &c, 1) > 0)
			fail("it ran on while stopped by signal %d", sigs[i]);
		if (state_of(pid) != 'T' && state_of(pid) != 't')
			fail("state %c while stopped by signal %d", state_of(pid), sigs[i]);
		if (kill(pid, SIGCONT) || waitpid(pid, &status, WCONTINUED) != pid ||
		    !WIFCONTINUED(status))
			fail("continued: status %#x", status);
		if (write(go[1], &c, 1) != 1) /* its end would take that status's place */
			fail("write: %s", strerror(errno));
		expect(pid, 44 << 8);
		close(fd[0]);
		close(fd[1]);
		close(go[0]);
		close(go[1]);
	}
	return 0;
}

static volatile sig_atomic_t ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

/* A signal every 100 µs while receiving, first with SA_RESTART, then without. */
static int signals(void)
{
	for (int restart = 1; restart >= 0; restart--) {
		struct sigaction sa = { .sa_handler = on_tick,
					.sa_flags = restart ? SA_RESTART : 0 };
		const struct itimerval every = { { 0, 100 }, { 0, 100 } },
				       never = { { 0, 0 }, { 0, 0 } };
		struct pair p;
		unsigned int interrupted = 0;
		pid_t pid;
		int got = 0;

		pair_open(&p, 7);
		pid = fork();
		if (!pid) { /* the other side: waits, so that the receive blocks and is interrupted */
			for (int i = 0; i < 60; i++) {
				usleep(1000);
				if (send(p.fd[0], &i, sizeof(i), 0) != sizeof(i))
					_exit(1);
			}
			_exit(0);
		}
		sigaction(SIGALRM, &sa, NULL);
		setitimer(ITIMER_REAL, &every, NULL);
		for (int i = 0; i < 60; i++) {
			struct iovec iov = { &got, sizeof(got) };
			struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
			ssize_t n;

			while ((n = recvmsg(p.fd[1], &m, 0)) < 0 && errno == EINTR)
				interrupted++;
			if (n != sizeof(got) || got != i)
				fail("message %d: %zd bytes, value %d, %s", i, n, got,
				     strerror(errno));
		}
		setitimer(ITIMER_REAL, &never, NULL);
		expect(pid, 0);
		pair_close(&p);
		if (restart && interrupted)
			fail("%u calls returned EINTR in spite of SA_RESTART", interrupted);
		if (!restart && !interrupted)
			fail("no call returned EINTR");
		if (!ticks)
			fail("no signal came");
		ticks = 0;
	}
	return 0;
}

/* Each signal arrives exactly once. */
static int once(void)
{
	struct sigaction sa = { .sa_handler = on_tick };

	sigaction(SIGUSR1, &sa, NULL);
	for (int i = 1; i <= 300; i++) {
		kill(getpid(), SIGUSR1);
		if (ticks != i)
			fail("%d signals sent, %d handled", i, (int)ticks);
	}
	return 0;
}

static void *turn_for_ever(void *arg)
{
	struct pair p;

	pair_open(&p, (unsigned int)(uintptr_t)arg);
	for (;;)
		pair_turn(&p);
	return NULL;
}

/* Killed at any moment: in a call, between two, while being born. */
static int killed(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			pthread_t t;

			for (uintptr_t k = 0; k < (uintptr_t)(i % 4); k++)
				pthread_create(&t, NULL, turn_for_ever, (void *)k);
			turn_for_ever(NULL);
		}
		usleep((useconds_t)(i * 7919 % 4000));
		kill(pid, SIGKILL);
		expect(pid, SIGKILL);
	}
	return 0;
}

static void *turn_some(void *arg)
{
	turns((unsigned int)(uintptr_t)arg, 6);
	return NULL;
}

static int threads(int n)
{
	pthread_t *t = calloc((size_t)n, sizeof(*t));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < n; i++) {
		int err = pthread_create(&t[i], &attr, turn_some, (void *)(uintptr_t)i);

		if (err)
			fail("thread %d: %s", i, strerror(err));
	}
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	free(t);
	return 0;
}

static atomic_int stop;
static pthread_barrier_t together;
static unsigned int
	pause_us; /* of each thread, now and then: leaves some of the machine to others */

static void *turn_until_stop(void *arg)
{
	struct pair p;

	pair_open(&p, (unsigned int)(uintptr_t)arg);
	pthread_barrier_wait(&together);
	while (!stop) {
		pair_turn(&p);
		if (pause_us && p.count % 4 == 0)
			usleep(pause_us);
	}
	pair_close(&p);
	return NULL;
}

/* n threads that verify their data until standard input ends (or ms have passed). */
static int busy(int n, int ms)
{
	pthread_t *t = calloc((size_t)n, sizeof(*t));
	pthread_attr_t attr;
	char c;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_barrier_init(&together, NULL, (unsigned int)n + 1);
	for (int i = 0; i < n; i++) {
		if (pthread_create(&t[i], &attr, turn_until_stop, (void *)(uintptr_t)i))
			fail("thread %d", i);
	}
	pthread_barrier_wait(&together);
	puts("ready");
	fflush(stdout);
	if (ms) {
		usleep((useconds_t)ms * 1000);
	} else {
		ssize_t r;

		do {
			r = read(0, &c, 1);
		} while (r > 0 || (r < 0 && errno == EINTR));
	}
	stop = 1;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	free(t);
	return 0;
}

static pthread_t leader;

static void *after_leader(void *arg)
{
	char c;

	(void)arg;
	pthread_join(leader, NULL);
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	stop = 1;
	usleep(20000);
	_exit(0);
}

/* The leader ends, its threads go on. */
static _Noreturn void leaderless(void)
{
	pthread_t t;

	leader = pthread_self();
	pthread_barrier_init(&together, NULL, 2);
	pause_us = 1000;
	pthread_create(&t, NULL, turn_until_stop, NULL);
	pthread_barrier_wait(&together);
	pthread_create(&t, NULL, after_leader, NULL);
	pthread_exit(NULL);
}

/* Blocks in recvmsg until a datagram comes to the abstract name; EINTR would be the tracer's fault. */
static int blocked(void)
{
	struct pair p;
	char c;
	int value = 0;
	struct iovec iov = { &value, sizeof(value) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	pid_t pid;
	ssize_t n;

	pair_open(&p, 1);
	pid = fork();
	if (!pid) { /* answers when the test says so */
		value = 4711;
		if (read(0, &c, 1) != 1 || send(p.fd[0], &value, sizeof(value), 0) < 0)
			_exit(1);
		_exit(0);
	}
	puts("ready");
	fflush(stdout);
	n = recvmsg(p.fd[1], &m, 0);
	if (n != sizeof(value) || value != 4711)
		fail("recvmsg: %zd, %d, %s", n, value, strerror(errno));
	expect(pid, 0);
	return 0;
}

/* Same user, same rights, and yet not to be traced without CAP_SYS_PTRACE. */
static int undumpable(void)
{
	char c;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}

/* A process that wants its parent to trace it, which has a tracer already. */
static int self_trace(void)
{
	if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		fail("PTRACE_TRACEME was allowed twice");
	if (errno != EPERM)
		fail("PTRACE_TRACEME: %s", strerror(errno));
	turns(1, 5);
	return 0;
}

/* A filter of the program's own, stricter than ours. */
static int own_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmmsg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };
	struct mmsghdr mm = { 0 };
	pid_t pid = fork();

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
			_exit(77);
		if (sendmmsg(-1, &mm, 1, 0) != -1 || errno != EACCES)
			_exit(1);
		turns(3, 5);
		bind(-1, NULL, 0);
		_exit(2);
	}
	expect(pid, SIGSYS);
	return 0;
}

/* Children that ask not to be traced: their calls work, and the parent's registers are what they were. */
static int untraced(void)
{
	uint64_t args[11] = { CLONE_UNTRACED };

	args[4] = SIGCHLD; /* exit_signal */
	for (int i = 0; i < 40; i++) {
		uint64_t flags = CLONE_UNTRACED | SIGCHLD;
		long pid;
#if defined(__x86_64__) && !defined(__ILP32__)
		uint64_t first = i % 2 ? (uintptr_t)args : flags, was = first;
		register uint64_t tid asm("r10") = 0, tls asm("r8") = 0;

		asm volatile("syscall"
			     : "=a"(pid), "+D"(first)
			     : "0"(i % 2 ? SYS_clone3 : SYS_clone), "S"(i % 2 ? sizeof(args) : 0),
			       "d"(0), "r"(tid), "r"(tls)
			     : "rcx", "r11", "memory");
		if (first != was)
			fail("a register was changed: %#llx, not %#llx", (unsigned long long)first,
			     (unsigned long long)was);
#else
		pid = i % 2 ? syscall(SYS_clone3, args, sizeof(args))
			    : syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
		if (!pid) {
			turns(9, 3);
			_exit(21);
		}
		if (pid < 0)
			fail("clone: %ld", pid);
		expect((pid_t)pid, 21 << 8);
	}
	return args[0] != CLONE_UNTRACED;
}

static int seccomp_mode(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
}

/* Strict mode: four calls are left, any other ends the task by SIGKILL. */
static int strict(void)
{
	int before = seccomp_mode();

	if (before)
		fail("a task without a filter has mode %d", before);
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (i == 2 ? syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)
				   : prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
				_exit(1);
			if (write(2, "", 0) != 0)
				syscall(SYS_exit, 2);
			if (i)
				turns(3, 1);
			syscall(SYS_exit, 12);
		}
		expect(pid, i ? SIGKILL : 12 << 8);
	}
	return 0;
}

static void filter_answers(int nr, uint32_t answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		_exit(77);
	if (seccomp_mode() != SECCOMP_MODE_FILTER)
		_exit(3);
}

static volatile sig_atomic_t trapped;

static void on_sigsys(int sig)
{
	trapped = sig;
}

/* Each answer of a filter of the program's own, for a call that a tracer looks at, and for one that it doesn't. */
static int own_answers(void)
{
	static const int calls[] = { SYS_sendmmsg, SYS_getppid };
	struct mmsghdr mm = { 0 };

	for (unsigned int i = 0; i < 2; i++) {
		for (int what = 0; what < 4; what++) {
			pid_t pid = fork();
			uint32_t answer[] = { SECCOMP_RET_TRACE | 7, SECCOMP_RET_ERRNO | EACCES,
					      SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS };
			long r;

			if (pid) {
				expect(pid, what == 3 ? SIGSYS : 0);
				continue;
			}
			signal(SIGSYS, on_sigsys);
			filter_answers(calls[i], answer[what]);
			r = i ? syscall(SYS_getppid) : sendmmsg(-1, &mm, 1, 0);
			if (what < 2 && (r != -1 || errno != (what ? EACCES : ENOSYS)))
				fail("call %u, answer %d: %ld %s", i, what, r, strerror(errno));
			if (what == 2 && !trapped)
				fail("call %u: no SIGSYS", i);
			turns(4, 2);
			_exit(0);
		}
	}
	return 0;
}

static struct {
	int fd;
	atomic_uint served;
} pager;

/* Brings the page that somebody waits for, after a message of its own. */
static void *serve_pages(void *unused)
{
	static char page[65536] __attribute__((aligned(4096)));
	struct uffd_msg m;

	memset(page, 'p', sizeof(page));
	while (read(pager.fd, &m, sizeof(m)) == sizeof(m)) {
		uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
		struct uffdio_copy copy = {
			.dst = m.arg.pagefault.address & ~(size - 1),
			.src = (uintptr_t)page,
			.len = size,
		};

		turns(8, 1);
		pager.served++;
		if (ioctl(pager.fd, UFFDIO_COPY, &copy))
			fail("UFFDIO_COPY: %s", strerror(errno));
	}
	return unused;
}

/* Messages whose bytes are not there before another thread, which makes traced calls, has brought them. */
static int userfault(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	size_t size = (size_t)sysconf(_SC_PAGESIZE), len = 8 * size;
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char got[16];
	pthread_t thread;
	struct pair pair;

	pager.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (pager.fd < 0 || ioctl(pager.fd, UFFDIO_API, &api))
		return 77;
	range.range.start = (uintptr_t)p;
	range.range.len = len;
	if (ioctl(pager.fd, UFFDIO_REGISTER, &range))
		return 77;
	pair_open(&pair, 1);
	pthread_create(&thread, NULL, serve_pages, NULL);
	for (size_t i = 0; i < 8; i++) {
		struct iovec iov = { p + i * size, sizeof(got) };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

		if (sendmsg(pair.fd[0], &m, 0) != sizeof(got) ||
		    recv(pair.fd[1], got, sizeof(got), 0) != sizeof(got) ||
		    memcmp(got, p + i * size, sizeof(got)) || got[0] != 'p')
			fail("message %zu: %s", i, strerror(errno));
	}
	return pager.served != 8;
}

static struct {
	int fd;
	char *page;
	atomic_int tid;
} hanging;

static void *send_what_hangs(void *unused)
{
	struct iovec iov = { hanging.page, 16 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	hanging.tid = (int)syscall(SYS_gettid);
	if (sendmsg(hanging.fd, &m, 0) != 16)
		fail("sendmsg: %s", strerror(errno));
	return unused;
}

/* Is the thread inside that call, and not stopped in it? */
static bool is_in_sendmsg(int tid)
{
	char path[64], line[512] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f) || atol(line) != SYS_sendmsg)
		line[0] = '\0';
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = line[0] ? fopen(path, "re") : NULL;
	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	return strstr(line, ") S ") || strstr(line, ") D ");
}

/*
 * A message in a page that a file system brings only once it is asked for the file "release" (hang-fs): the other thread
 * goes on, though nobody can read that page before.
 */
static int hangs(const char *folder)
{
	char path[4096], got[16];
	pthread_t thread;
	struct pair pair;
	int fd;

	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	hanging.page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd < 0 || hanging.page == MAP_FAILED)
		fail("%s: %s", path, strerror(errno));
	pair_open(&pair, 1);
	hanging.fd = pair.fd[0];
	pthread_create(&thread, NULL, send_what_hangs, NULL);
	while (!hanging.tid || !is_in_sendmsg(hanging.tid))
		sched_yield();
	turns(5, 20);
	snprintf(path, sizeof(path), "%s/release", folder);
	if (!access(path, F_OK))
		fail("%s exists", path);
	pthread_join(thread, NULL);
	return recv(pair.fd[1], got, sizeof(got), 0) != sizeof(got) || got[0] != 'p' ||
	       got[15] != 'p';
}

/* A child that asks to be traced by its parent's tracer: without -f nobody waits for it. */
static int clone_ptrace(void)
{
	for (int i = 0; i < 5; i++) {
		pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PTRACE | SIGCHLD, 0, 0, 0, 0);

		if (!pid) {
			turns(9, 3);
			_exit(21);
		}
		expect(pid, 21 << 8);
	}
	return 0;
}

/* Calls of the x32 ABI from an ordinary program. */
static int x32(void)
{
	enum { X32 = 0x40000000, X32_SENDMSG = 518, X32_GETPID = 39 };

	if (syscall(X32 | X32_GETPID) < 0)
		return 77;
	if (syscall(X32 | X32_SENDMSG, -1, 0, 0) != -1 || errno != EBADF)
		fail("x32 sendmsg: %s", strerror(errno));
	return 0;
}

static int run(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int a = argc > 2 ? atoi(argv[2]) : 0, b = argc > 3 ? atoi(argv[3]) : 0;

	if (!strcmp(what, "storm"))
		return storm(a, b);
	if (!strcmp(what, "ends"))
		return ends();
	if (!strcmp(what, "exit"))
		return a;
	if (!strcmp(what, "kill"))
		return kill(getpid(), a) | pause();
	if (!strcmp(what, "exec-target")) {
		turns(5, 3);
		return 33;
	}
	if (!strcmp(what, "sleep-exec"))
		return usleep((useconds_t)a * 1000);
	if (!strcmp(what, "thread-exec"))
		return thread_exec();
	if (!strcmp(what, "vforks"))
		return vforks(a);
	if (!strcmp(what, "vfork-slow"))
		return vfork_slow(a);
	if (!strcmp(what, "group-stop"))
		return group_stop();
	if (!strcmp(what, "signals"))
		return signals();
	if (!strcmp(what, "once"))
		return once();
	if (!strcmp(what, "killed"))
		return killed(a);
	if (!strcmp(what, "threads"))
		return threads(a);
	if (!strcmp(what, "busy")) {
		pause_us = argc > 4 ? (unsigned int)atoi(argv[4]) : 0;
		return busy(a, b);
	}
	if (!strcmp(what, "blocked"))
		return blocked();
	if (!strcmp(what, "leaderless"))
		leaderless();
	if (!strcmp(what, "undumpable"))
		return undumpable();
	if (!strcmp(what, "self-trace"))
		return self_trace();
	if (!strcmp(what, "own-filter"))
		return own_filter();
	if (!strcmp(what, "untraced"))
		return untraced();
	if (!strcmp(what, "strict"))
		return strict();
	if (!strcmp(what, "userfault"))
		return userfault();
	if (!strcmp(what, "hangs"))
		return hangs(argc > 2 ? argv[2] : ".");
	if (!strcmp(what, "own-answers"))
		return own_answers();
	if (!strcmp(what, "clone-ptrace"))
		return clone_ptrace();
	if (!strcmp(what, "x32"))
		return x32();
	if (!strcmp(what, "ids"))
		return printf("uid %d euid %d\n", (int)getuid(), (int)geteuid()) < 0;
	a = storms(self, what, a, b);
	if (a < 0)
		fail("what is '%s'?", what);
	return a;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int rc;

	if (!getrlimit(RLIMIT_NOFILE, &files)) { /* two a thread */
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	self = argv[0];
	rc = run(argc, argv);
	if (!rc && argc > 1 && strcmp(argv[1], "exit"))
		printf("ok %s\n", argv[1]);
	return rc;
}
