// SPDX-License-Identifier: LGPL-2.1-or-later
/* The text report: events built by hand, and the very lines that strace would print of them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/check.h"
#include "report/report.h"
#include "report/text-impl.h"
#include "report/text.h"

/* One run of the report: options, the stream it writes to, and the report. */
struct run {
	struct text_opts o;
	struct stream out;
	struct report *r;
};

static void run_start(struct run *run)
{
	if (!run->o.strsize)
		run->o.strsize = 32;
	if (!run->o.column)
		run->o.column = 40;
	run->out.fd = -1; /* whoever flushes loses: what is tested is the buffer */
	run->r = report_text_new(&run->out, &run->o);
}

static void run_stop(struct run *run)
{
	report_free(run->r);
	buf_free(&run->out.buf);
}

static void expect(struct run *run, const char *lines)
{
	assert_string_equal(buf_cstr(&run->out.buf), lines);
	buf_clear(&run->out.buf);
}

static struct event *event_call(enum call call, int tid)
{
	struct event *ev = event_new();

	ev->kind = EVENT_CALL;
	ev->call = call;
	ev->name = call_rows[call].name;
	ev->abi = abi_native();
	ev->tid = ev->tgid = tid;
	ev->ntasks = 1;
	ev->print = true;
	ev->fd = 3;
	ev->args[0] = 3;
	return ev;
}

static struct bytes slice(const void *p, size_t len, uint64_t addr)
{
	return (struct bytes){ .p = p, .len = len, .claimed = len, .addr = addr };
}

static struct iov *one_iov(struct event *ev, const void *p, size_t len)
{
	struct iov *v = arena_new(&ev->arena, struct iov);

	v->base = 0x1000;
	v->len = len;
	v->data = slice(p, len, 0x1000);
	return v;
}

/* A sendmsg of data to 127.0.0.1:9 with a control block. */
static struct event *event_sendmsg(int tid, const char *data, const void *control, size_t len)
{
	struct event *ev = event_call(CALL_SENDMSG, tid);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct msg *m = arena_new(&ev->arena, struct msg);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ev->args[1] = 0x7000;
	ev->msg = m;
	ev->nmsg = 1;
	m->in.have = true;
	m->in.name_ptr = 0x2000;
	m->in.namelen = sizeof(to);
	m->in.name = slice(arena_memdup(&ev->arena, &to, sizeof(to)), sizeof(to), 0x2000);
	m->in.iov_ptr = 0x3000;
	m->in.iovlen = 1;
	m->iov = one_iov(ev, data, strlen(data));
	m->niov = 1;
	m->in.control_ptr = len ? 0x4000 : 0;
	m->in.controllen = len;
	m->in.control = slice(control, len, 0x4000);
	ev->result = (int64_t)strlen(data);
	return ev;
}

static struct event *event_recvmsg(int tid, int64_t result)
{
	struct event *ev = event_call(CALL_RECVMSG, tid);
	struct msg *m = arena_new(&ev->arena, struct msg);

	ev->args[1] = 0x7000;
	ev->msg = m;
	ev->nmsg = 1;
	m->in.have = true;
	m->in.namelen = 128;
	ev->result = result;
	if (result >= 0) {
		m->out.have = true;
		m->out.namelen = 0;
		m->out.iovlen = 1;
		m->out.iov_ptr = 0x3000;
		m->iov = one_iov(ev, "hello", 5);
		m->iov[0].len = 100;
		m->niov = 1;
	}
	return ev;
}

static void say(struct run *run, struct event *ev)
{
	report_event(run->r, ev, NULL);
	event_free(ev);
}

#define SENT_A                                                                                     \
	"sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(9), "                             \
	"sin_addr=inet_addr(\"127.0.0.1\")}, msg_namelen=16, msg_iov=[{iov_base=\"a\", "           \
	"iov_len=1}], msg_iovlen=1, "

static void prints_a_sendmsg(void **state)
{
	struct run run = { 0 };

	(void)state;
	run_start(&run);
	say(&run, event_sendmsg(10, "a", NULL, 0));
	expect(&run, SENT_A "msg_controllen=0, msg_flags=0}, 0) = 1\n");
	run_stop(&run);
}

static void pads_to_the_column(void **state)
{
	struct run run = { 0 };
	struct event *ev = event_call(CALL_SENDMSG, 10);

	(void)state;
	run_start(&run);
	ev->args[1] = 16;
	ev->result = -EFAULT;
	say(&run, ev);
	expect(&run, "sendmsg(3, 0x10, 0)                     = -1 EFAULT (Bad address)\n");
	run_stop(&run);
}

static void prints_what_strace_decodes(void **state)
{
	static const struct {
		int level, type;
		const char *data;
		size_t len;
		const char *text;
	} rows[] = {
		{ SOL_SOCKET, SCM_RIGHTS, "\1\0\0\0\2\0\0\0", 8,
		  "cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[1, 2]" },
		{ SOL_SOCKET, 2, "\1\0\0\0\377\377\377\377\5\0\0\0", 12,
		  "cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, "
		  "cmsg_data={pid=1, uid=-1, gid=5}" },
		{ SOL_SOCKET, 29, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16,
		  "cmsg_len=32, cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMP_OLD, "
		  "cmsg_data={tv_sec=1, tv_usec=2}" },
		{ SOL_SOCKET, 35, "\1\0", 2,
		  "cmsg_len=18, cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMPNS_OLD, cmsg_data=\"\\x01\\x00\"" },
		{ SOL_SOCKET, 0x1234, "\253\315", 2,
		  "cmsg_len=18, cmsg_level=SOL_SOCKET, cmsg_type=0x1234 /* SCM_??? */, "
		  "cmsg_data=\"\\xab\\xcd\"" },
		{ SOL_IP, IP_TTL, "\100\0\0\0", 4,
		  "cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]" },
		{ SOL_IP, IP_TOS, "\1\0\0\0", 4,
		  "cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x1 /* DSCP CS0, ECN ECT(1) */, 0, 0, 0]" },
		{ SOL_IP, IP_PKTINFO, "\0\0\0\0\177\0\0\1\0\0\0\0", 12,
		  "cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=0, "
		  "ipi_spec_dst=inet_addr(\"127.0.0.1\"), ipi_addr=inet_addr(\"0.0.0.0\")}" },
		{ SOL_IP, IP_PKTINFO, "\1\2", 2,
		  "cmsg_len=18, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data=\"\\x01\\x02\"" },
		{ SOL_IP, 999, "", 0,
		  "cmsg_len=16, cmsg_level=SOL_IP, cmsg_type=0x3e7 /* IP_??? */" },
		{ 6, 8, "\34", 1,
		  "cmsg_len=17, cmsg_level=SOL_TCP, cmsg_type=0x8, cmsg_data=\"\\x1c\"" },
		{ 999, 0, "", 0, "cmsg_len=16, cmsg_level=0x3e7 /* SOL_??? */, cmsg_type=0" },
	};
	struct run run = { 0 };

	(void)state;
	run_start(&run);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char block[64] = { 0 };
		char want[512];
		size_t len = 16 + rows[i].len;

		memcpy(block, &len, 8);
		memcpy(block + 8, &rows[i].level, 4);
		memcpy(block + 12, &rows[i].type, 4);
		memcpy(block + 16, rows[i].data, rows[i].len);
		say(&run, event_sendmsg(10, "a", block, len));
		snprintf(want, sizeof(want),
			 SENT_A "msg_control=[{%s}], msg_controllen=%zu, msg_flags=0}, 0) = 1\n",
			 rows[i].text, len);
		expect(&run, want);
	}
	run_stop(&run);
}

static void shows_malformed_blocks_as_strace_does(void **state)
{
	unsigned char block[64] = { 4 };
	struct run run = { 0 };
	struct event *ev;

	(void)state;
	run_start(&run);
	say(&run, event_sendmsg(10, "a", block, 40));
	expect(&run,
	       SENT_A "msg_control=[{cmsg_len=4, cmsg_level=SOL_IP, cmsg_type=0 /* IP_??? */}, "
		      "... /* 0x4010 */], msg_controllen=40, msg_flags=0}, 0) = 1\n");
	block[0] = 20;
	say(&run, event_sendmsg(10, "a", block, 30));
	expect(&run,
	       SENT_A "msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=0 /* IP_??? */, "
		      "cmsg_data=\"\\x00\\x00\\x00\\x00\"}, ... /* 0x4018 */], "
		      "msg_controllen=30, msg_flags=0}, 0) = 1\n");
	say(&run, event_sendmsg(10, "a", block, 3));
	expect(&run, SENT_A "msg_control=0x4000, msg_controllen=3, msg_flags=0}, 0) = 1\n");

	/* A length near the top of the address space must end the walk, not wrap around. */
	memset(block, 0xff, 8);
	say(&run, event_sendmsg(10, "a", block, 16));
	expect(&run,
	       SENT_A "msg_control=[{cmsg_len=18446744073709551615, cmsg_level=SOL_IP, "
		      "cmsg_type=0 /* IP_??? */}], msg_controllen=16, msg_flags=0}, 0) = 1\n");

	ev = event_sendmsg(10, "a", NULL, 0);
	ev->msg->in.controllen = 30;
	say(&run, ev);
	expect(&run, SENT_A "msg_control=NULL, msg_controllen=30, msg_flags=0}, 0) = 1\n");
	run_stop(&run);
}

static void quotes_as_strace(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		int style;
		const char *out;
	} rows[] = {
		{ "a\"\\\n\t\r\v\f", 8, QUOTE_OCTAL, "\"a\\\"\\\\\\n\\t\\r\\v\\f\"" },
		{ "\0001\0009\0x", 6, QUOTE_OCTAL, "\"\\0001\\09\\0x\"" },
		{ "\1\0337\377\33", 5, QUOTE_OCTAL, "\"\\1\\0337\\377\\33\"" },
		{ "abc\n", 4, QUOTE_NON_ASCII, "\"abc\\n\"" },
		{ "abc\1", 4, QUOTE_NON_ASCII, "\"\\x61\\x62\\x63\\x01\"" },
		{ "ab", 2, QUOTE_HEX, "\"\\x61\\x62\"" },
		{ "", 0, QUOTE_OCTAL, "\"\"" },
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		text_quoted(&b, rows[i].in, rows[i].len, rows[i].style);
		assert_string_equal(buf_cstr(&b), rows[i].out);
	}
	buf_free(&b);
}

static void no_control_byte_gets_through(void **state)
{
	struct buf b = { 0 };
	unsigned char all[256];

	(void)state;
	for (unsigned int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (int style = QUOTE_OCTAL; style <= QUOTE_HEX; style++) {
		buf_clear(&b);
		text_quoted(&b, all, sizeof(all), style);
		for (size_t i = 0; i < b.len; i++)
			assert_true(b.p[i] >= ' ' && b.p[i] < 0x7f);
	}
	buf_free(&b);
}

#define ADDR(fam, rest) (const unsigned char *)fam rest, sizeof(fam rest) - 1

static void prints_addresses(void **state)
{
	static const struct {
		const unsigned char *p;
		size_t len;
		const char *text;
	} rows[] = {
		{ ADDR("\1\0", "/tmp/x\0yy"), "{sa_family=AF_UNIX, sun_path=\"/tmp/x\"}" },
		{ ADDR("\1\0", "\0ab\0001"), "{sa_family=AF_UNIX, sun_path=@\"ab\\0001\"}" },
		{ ADDR("\1\0", "\0"), "{sa_family=AF_UNIX, sun_path=@\"\"}" },
		{ ADDR("\1\0", ""), "{sa_family=AF_UNIX}" },
		{ ADDR("\2\0", "\0"), "{sa_family=AF_INET, sa_data=\"\\0\"}" },
		{ ADDR("\12\0", "\0\5\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\4\0\0\0"),
		  "{sa_family=AF_INET6, sin6_port=htons(5), sin6_flowinfo=htonl(7), "
		  "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=4}" },
		{ ADDR("\20\0", "\0\0\5\0\0\0\3\0\0\0"),
		  "{sa_family=AF_NETLINK, nl_pid=5, nl_groups=0x000003}" },
		{ ADDR("\20\0", "\0\0\5\0\0\0\0\0\0\0"),
		  "{sa_family=AF_NETLINK, nl_pid=5, nl_groups=00000000}" },
		{ ADDR("\21\0", "\0\3\0\0\0\0\1\0\4\6\0\1\2\3\4\5\0\0"),
		  "{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=0, "
		  "sll_hatype=ARPHRD_ETHER, sll_pkttype=PACKET_OUTGOING, sll_halen=6, "
		  "sll_addr=[00, 0x1, 0x2, 0x3, 0x4, 0x5]}" },
		{ ADDR("\347\3", "\1"), "{sa_family=0x3e7 /* AF_??? */, sa_data=\"\\1\"}" },
	};
	struct buf b = { 0 };
	struct event *ev = event_call(CALL_SENDMSG, 1);
	struct text_ctx x = { .b = &b, .ev = ev, .strsize = 32 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		text_sockaddr(&x, rows[i].p, rows[i].len);
		assert_string_equal(buf_cstr(&b), rows[i].text);
	}
	event_free(ev);
	buf_free(&b);
}

static void writes_ipv6_addresses_as_libc(void **state)
{
	unsigned char a[16];
	char ours[INET6_ADDRSTRLEN + 1], libc[INET6_ADDRSTRLEN];
	uint32_t seed = 4711;

	(void)state;
	for (unsigned int round = 0; round < 200000; round++) {
		/* Few distinct words, so that runs of zeros of every length and place come up. */
		for (int i = 0; i < 8; i++) {
			static const uint16_t words[] = { 0, 0, 0, 0, 0xffff, 1, 0x20, 0xab0c };
			uint16_t w;

			seed = seed * 1664525 + 1013904223;
			w = words[seed >> 29];
			a[2 * i] = (unsigned char)(w >> 8);
			a[2 * i + 1] = (unsigned char)w;
		}
		ours[text_ntop6(ours, a)] = '\0';
		assert_non_null(inet_ntop(AF_INET6, a, libc, sizeof(libc)));
		assert_string_equal(ours, libc);
	}
}

static void prints_a_recvmsg(void **state)
{
	struct run run = { 0 };

	(void)state;
	run_start(&run);
	say(&run, event_recvmsg(10, 5));
	expect(&run,
	       "recvmsg(3, {msg_name=NULL, msg_namelen=128 => 0, msg_iov=[{iov_base=\"hello\", "
	       "iov_len=100}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 5\n");
	say(&run, event_recvmsg(10, -EAGAIN));
	expect(&run, "recvmsg(3, {msg_namelen=128}, 0)        = -1 EAGAIN (Resource temporarily "
		     "unavailable)\n");
	say(&run, event_recvmsg(10, -512));
	expect(&run, "recvmsg(3, {msg_namelen=128}, 0)        = ? ERESTARTSYS (To be restarted if "
		     "SA_RESTART is set)\n");
	run_stop(&run);
}

static void offered_room_only_with_v(void **state)
{
	struct run run = { .o.verbose = true };
	struct event *ev = event_recvmsg(10, 5);

	(void)state;
	run_start(&run);
	ev->msg->in.controllen = 64;
	say(&run, ev);
	expect(&run,
	       "recvmsg(3, {msg_name=NULL, msg_namelen=128 => 0, msg_iov=[{iov_base=\"hello\", "
	       "iov_len=100}], msg_iovlen=1, msg_controllen=64 => 0, msg_flags=0}, 0) = 5\n");
	run_stop(&run);
}

/* Two tasks: the one's line is broken by the other's, and resumed. */
static void breaks_and_resumes_lines(void **state)
{
	struct run run = { 0 };
	struct event *a = event_recvmsg(11, 5), *b = event_sendmsg(12, "a", NULL, 0);

	(void)state;
	a->ntasks = b->ntasks = 2;
	run_start(&run);
	report_enter(run.r, a);
	expect(&run, "");
	report_enter(run.r, b);
	expect(&run, "[pid    11] recvmsg(3,  <unfinished ...>\n");
	report_event(run.r, a, NULL);
	expect(&run, "[pid    12] " SENT_A "msg_controllen=0, msg_flags=0}, 0 <unfinished ...>\n"
		     "[pid    11] <... recvmsg resumed>{msg_name=NULL, msg_namelen=128 => 0, "
		     "msg_iov=[{iov_base=\"hello\", iov_len=100}], msg_iovlen=1, msg_controllen=0, "
		     "msg_flags=0}, 0) = 5\n");
	report_event(run.r, b, NULL);
	expect(&run, "[pid    12] <... sendmsg resumed>)      = 1\n");
	event_free(a);
	event_free(b);
	run_stop(&run);
}

/* What waits is seen: its begin is written when the tracer waits, and completed in the same line. */
static void completes_a_waiting_line(void **state)
{
	struct run run = { 0 };
	struct event *a = event_recvmsg(11, -EAGAIN);

	(void)state;
	run_start(&run);
	report_enter(run.r, a);
	report_idle(run.r);
	assert_int_equal(run.out.buf.len, 0); /* flushed */
	report_event(run.r, a, NULL);
	expect(&run,
	       "{msg_namelen=128}, 0)        = -1 EAGAIN (Resource temporarily unavailable)\n");
	event_free(a);
	run_stop(&run);
}

static void says_how_calls_end_that_never_return(void **state)
{
	struct run run = { 0 };
	struct event *a = event_recvmsg(11, 0);

	(void)state;
	run_start(&run);
	a->end = CALL_DIED;
	report_enter(run.r, a);
	say(&run, a);
	expect(&run, "recvmsg(3,  <unfinished ...>)           = ?\n");
	a = event_sendmsg(11, "a", NULL, 0);
	a->end = CALL_DIED;
	say(&run, a);
	expect(&run, SENT_A "msg_controllen=0, msg_flags=0}, 0) = ?\n");
	a = event_recvmsg(11, 0);
	a->end = CALL_LEFT;
	report_enter(run.r, a);
	say(&run, a);
	expect(&run, "recvmsg(3,  <detached ...>\n");
	run_stop(&run);
}

static struct event *event_other(enum event_kind kind, int tid)
{
	struct event *ev = event_new();

	ev->kind = kind;
	ev->tid = ev->tgid = tid;
	ev->abi = abi_native();
	ev->ntasks = 1;
	return ev;
}

static void prints_signals_and_ends(void **state)
{
	struct run run = { 0 };
	struct event *ev;
	siginfo_t si = { 0 };

	(void)state;
	run_start(&run);
	si.si_signo = SIGCHLD;
	si.si_code = CLD_EXITED;
	si.si_pid = 99;
	si.si_uid = 7;
	si.si_utime = 12;
	ev = event_other(EVENT_SIGNAL, 5);
	ev->sig = SIGCHLD;
	ev->siginfo = slice(&si, sizeof(si), 0);
	say(&run, ev);
	expect(&run, "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=99, si_uid=7, "
		     "si_status=0, si_utime=12 /* 0.12 s */, si_stime=0} ---\n");
	ev = event_other(EVENT_STOPPED, 5);
	ev->sig = SIGSTOP;
	say(&run, ev);
	expect(&run, "--- stopped by SIGSTOP ---\n");
	ev = event_other(EVENT_EXITED, 5);
	ev->status = 3;
	say(&run, ev);
	expect(&run, "+++ exited with 3 +++\n");
	ev = event_other(EVENT_KILLED, 5);
	ev->sig = SIGSEGV;
	ev->core = true;
	say(&run, ev);
	expect(&run, "+++ killed by SIGSEGV (core dumped) +++\n");
	ev = event_other(EVENT_SUPERSEDED, 5);
	ev->other_pid = 6;
	say(&run, ev);
	expect(&run, "+++ superseded by execve in pid 6 +++\n");
	ev = event_other(EVENT_ATTACHED, 5);
	say(&run, ev);
	expect(&run, "cmsgtrace: Process 5 attached\n");
	run_stop(&run);
}

static void names_signals_and_caught_calls_as_strace(void **state)
{
	struct run run = { 0 };
	struct event *ev;
	siginfo_t si = { 0 };

	(void)state;
	run_start(&run);
	si.si_signo = SIGIO;
	si.si_code = POLL_IN;
	si.si_band = 65;
	si.si_fd = 3;
	ev = event_other(EVENT_SIGNAL, 5);
	ev->sig = SIGIO;
	ev->siginfo = slice(&si, sizeof(si), 0);
	say(&run, ev);
	expect(&run, "--- SIGIO {si_signo=SIGIO, si_code=POLL_IN, si_band=65, si_fd=3} ---\n");
	memset(&si, 0, sizeof(si));
	si.si_signo = SIGSYS;
	si.si_code = 1; /* SYS_SECCOMP */
	si.si_errno = E2BIG;
	si.si_call_addr = (void *)0x1234;
	si.si_syscall = 309;
	si.si_arch = AUDIT_ARCH_X86_64;
	ev = event_other(EVENT_SIGNAL, 5);
	ev->sig = SIGSYS;
	ev->siginfo = slice(&si, sizeof(si), 0);
	ev->name = "getcpu";
	say(&run, ev);
	expect(&run,
	       "--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_errno=E2BIG, "
	       "si_call_addr=0x1234, si_syscall=__NR_getcpu, si_arch=AUDIT_ARCH_X86_64} ---\n");
	si.si_arch = 8; /* a MIPS */
	ev = event_other(EVENT_SIGNAL, 5);
	ev->sig = SIGSYS;
	ev->siginfo = slice(&si, sizeof(si), 0);
	say(&run, ev);
	expect(&run, "--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_errno=E2BIG, "
		     "si_call_addr=0x1234, si_syscall=309, si_arch=0x8} ---\n");
	run_stop(&run);
}

static void columns_of_pids_and_times(void **state)
{
	struct run run = { .o = { .to_file = true, .follow = true, .stamp = 3, .spent = true } };
	struct event *ev = event_recvmsg(11, -EAGAIN);

	(void)state;
	run_start(&run);
	ev->enter_ns = 1700000000123456789;
	ev->exit_ns = ev->enter_ns + 1500000;
	say(&run, ev);
	expect(&run,
	       "11    1700000000.123456 recvmsg(3, {msg_namelen=128}, 0) = -1 EAGAIN (Resource "
	       "temporarily unavailable) <0.001500>\n");
	run_stop(&run);

	run.o = (struct text_opts){ .stamp = 2, .relative = true };
	run_start(&run);
	ev = event_recvmsg(11, -EAGAIN);
	ev->enter_ns = 1700000000123456789;
	say(&run, ev);
	ev = event_recvmsg(11, -EAGAIN);
	ev->enter_ns = 1700000001123556789;
	say(&run, ev);
	expect(&run,
	       "22:13:20.123456 (+     0.000000) recvmsg(3, {msg_namelen=128}, 0) = -1 EAGAIN "
	       "(Resource temporarily unavailable)\n"
	       "22:13:21.123556 (+     1.000100) recvmsg(3, {msg_namelen=128}, 0) = -1 EAGAIN "
	       "(Resource temporarily unavailable)\n");
	run_stop(&run);

	run.o = (struct text_opts){
		.stamp = 3,
		.stamp_precision = PRECISION_S,
		.relative = true,
		.relative_precision = PRECISION_MS,
		.spent = true,
		.spent_precision = PRECISION_NS,
	};
	run_start(&run);
	ev = event_recvmsg(11, -EAGAIN);
	ev->enter_ns = 1700000000123456789;
	ev->exit_ns = ev->enter_ns + 1500001;
	say(&run, ev);
	expect(&run, "1700000000 (+     0.000) recvmsg(3, {msg_namelen=128}, 0) = -1 EAGAIN "
		     "(Resource temporarily unavailable) <0.001500001>\n");
	run_stop(&run);
}

static void z_drops_the_other_half(void **state)
{
	struct run run = { .o.only_ok = true };
	struct event *ev = event_recvmsg(11, -EAGAIN);

	(void)state;
	run_start(&run);
	report_enter(run.r, ev);
	report_idle(run.r);
	say(&run, ev);
	expect(&run, "");
	run_stop(&run);
	run.o = (struct text_opts){ .only_failed = true };
	run_start(&run);
	say(&run, event_recvmsg(11, 5));
	expect(&run, "");
	say(&run, event_recvmsg(11, -EAGAIN));
	expect(&run, "recvmsg(3, {msg_namelen=128}, 0)        = -1 EAGAIN (Resource temporarily "
		     "unavailable)\n");
	run_stop(&run);
}

static void shows_descriptors_with_y(void **state)
{
	struct run run = { .o.paths = 1 };
	struct event *ev = event_recvmsg(11, -EAGAIN);
	struct sock *s;

	(void)state;
	run_start(&run);
	event_add_fd_path(ev, 3, "/tmp/<a>\33 (deleted)");
	say(&run, ev);
	expect(&run, "recvmsg(3</tmp/\\74a\\76\\33>(deleted), {msg_namelen=128}, 0) = -1 EAGAIN "
		     "(Resource temporarily unavailable)\n");
	run_stop(&run);

	run.o = (struct text_opts){ .paths = 2 };
	run_start(&run);
	ev = event_recvmsg(11, -EAGAIN);
	s = sock_new();
	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL | SOCK_HAS_INODE;
	s->domain = AF_INET6;
	s->type = SOCK_DGRAM;
	s->protocol = IPPROTO_UDP;
	s->inode = 77;
	sock_derive(s);
	s->local = addr_of_in6(&in6addr_loopback, 53, 0);
	ev->sock = s;
	say(&run, ev);
	expect(&run, "recvmsg(3<UDPv6:[[::1]:53]>, {msg_namelen=128}, 0) = -1 EAGAIN (Resource "
		     "temporarily unavailable)\n");
	run_stop(&run);
}

static void prints_other_calls_raw(void **state)
{
	struct run run = { 0 };
	struct event *ev = event_call(CALL_BIND, 11);

	(void)state;
	run_start(&run);
	ev->call = CALL_OTHER;
	ev->name = "mmap";
	ev->args[0] = 0;
	ev->args[1] = 0x2000;
	ev->args[4] = UINT64_MAX;
	ev->result = 0x1000;
	say(&run, ev);
	expect(&run, "mmap(0, 0x2000, 0, 0, 0xffffffffffffffff, 0) = 4096\n");
	run_stop(&run);
}

static void findings_stand_below_the_line(void **state)
{
	struct run run = { 0 };
	struct rule rule = { .id = "CT101", .name = "cmsg-ignored" };
	const char *notes[] = { "meant: IP_PKTINFO", "comm \33[31m is \xc3\xa9 \x9b" };
	struct frame place = {
		.function = "reply", .function_off = 0x1f, .module = "/bin/x", .module_off = 0x1234
	};
	struct finding f = { .rule = &rule,
			     .severity = SEVERITY_ERROR,
			     .message = "it is ignored",
			     .notes = notes,
			     .nnotes = 2,
			     .place = &place };

	(void)state;
	run_start(&run);
	report_finding(run.r, &f);
	expect(&run, "*** CT101 error: it is ignored [cmsg-ignored] ***\n"
		     " |  meant: IP_PKTINFO\n"
		     " |  comm \\x1b[31m is \xc3\xa9 \\x9b\n"
		     " |  at reply+0x1f (/bin/x+0x1234)\n");
	place.file = "conn.c";
	place.line = 239;
	f.nnotes = 0;
	report_finding(run.r, &f);
	expect(&run,
	       "*** CT101 error: it is ignored [cmsg-ignored] ***\n |  at reply (conn.c:239)\n");
	run_stop(&run);
}

/* With colour, the control messages at fault stand out in the line above the findings. */
static const char *written(int fd)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	assert_true(n > 0);
	text[n] = '\0';
	return text;
}

/* é may pass; a C1 control, a change of direction, a byte that is no UTF-8 are escaped. */
static void annotations_hold_nothing_that_acts(void **state)
{
	struct rule rule = { .id = "CT101", .name = "cmsg-ignored" };
	struct frame place = { .file = "d\xc2\x9b,\xe2\x80\xae\xff.c", .line = 7 };
	struct finding f = { .rule = &rule,
			     .severity = SEVERITY_ERROR,
			     .message = "100% \xc3\xa9\xc2\x9b\n\xe2\x80\xae\xff",
			     .place = &place };
	struct stream out = { .fd = memfd_create("out", MFD_CLOEXEC) };
	struct report *r = report_github_new(&out, NULL);

	(void)state;
	report_finding(r, &f);
	assert_string_equal(
		written(out.fd),
		"::error file=d\\xc2\\x9b%2C\\xe2\\x80\\xae\\xff.c,line=7,title=cmsgtrace (CT101)::"
		"100%25 \xc3\xa9\\xc2\\x9b%0A\\xe2\\x80\\xae\\xff\n");
	report_free(r);
	assert_int_equal(ftruncate(out.fd, 0), 0);
	assert_int_equal(lseek(out.fd, 0, SEEK_SET), 0);

	struct run_end end = { 0 };

	f.place = NULL;
	r = report_junit_new(&out, NULL);
	report_finding(r, &f);
	report_end(r, &end);
	assert_non_null(
		strstr(written(out.fd), "100% \xc3\xa9\\xc2\\x9b&#10;\\xe2\\x80\\xae\\xff"));
	report_free(r);
	buf_free(&out.buf);
	close(out.fd);
}

static void colours_what_is_at_fault(void **state)
{
	static const unsigned char block[40] = { 20, 0, 0, 0, 0, 0, 0,  0, 6, 0, 0, 0,  1,
						 0,  0, 0, 9, 0, 0, 0,  0, 0, 0, 0, 16, 0,
						 0,  0, 0, 0, 0, 0, 17, 0, 0, 0, 2 };
	struct run run = { .o.color = true };
	struct rule rule = { .id = "CT101", .name = "cmsg-ignored" };
	struct event *ev = event_sendmsg(10, "a", block, sizeof(block));
	struct finding f = {
		.rule = &rule, .severity = SEVERITY_ERROR, .message = "first", .event = ev
	};

	(void)state;
	run_start(&run);
	ev->no = 7;
	report_event(run.r, ev, NULL);
	report_finding(run.r, &f);
	report_finding(run.r, &f);
	f.cmsg = 1;
	f.message = "second";
	report_finding(run.r, &f);
	expect(&run,
	       SENT_A "msg_control=[\33[1;31m{cmsg_len=20, cmsg_level=SOL_TCP, cmsg_type=0x1, "
		      "cmsg_data=\"\\x09\\x00\\x00\\x00\"}\33[0m, \33[1;31m{cmsg_len=16, "
		      "cmsg_level=SOL_UDP, cmsg_type=0x2}\33[0m], msg_controllen=40, msg_flags=0}, "
		      "0) = 1\n"
		      "*** CT101 \33[1;31merror\33[0m: first [cmsg-ignored] ***\n"
		      "*** CT101 \33[1;31merror\33[0m: first [cmsg-ignored] ***\n"
		      "*** CT101 \33[1;31merror\33[0m: second [cmsg-ignored] ***\n");
	event_free(ev);
	run_stop(&run);
}

static void prints_netlink_headers(void **state)
{
	/* RTM_GETLINK with a byte of payload, and the acknowledgement of a request that failed */
	static const unsigned char get[20] = { 17, 0, 0, 0, 18, 0, 1, 3, 1 };
	static const unsigned char ack[36] = { 36, 0, 0, 0, 2,  0, 0,    1,    7,    0,
					       0,  0, 0, 0, 0,  0, 0xff, 0xff, 0xff, 0xff,
					       20, 0, 0, 0, 18, 0, 5,    0,    7 };
	struct sock s = { .has = SOCK_HAS_DOMAIN | SOCK_HAS_PROTOCOL, .domain = AF_NETLINK };
	struct event *ev = event_call(CALL_SENDTO, 1);
	struct bytes b = slice(get, sizeof(get), 0x1000);
	struct buf out = { 0 };
	struct text_ctx x = { .b = &out, .ev = ev, .strsize = 64 };

	(void)state;
	sock_derive(&s);
	ev->sock = &s;
	text_netlink(&x, &b, 0x1000, sizeof(get));
	assert_string_equal(buf_cstr(&out), "[{nlmsg_len=17, nlmsg_type=RTM_GETLINK, "
					    "nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, nlmsg_seq=1, "
					    "nlmsg_pid=0}, \"\\x00\"]");
	buf_clear(&out);
	b = slice(ack, sizeof(ack), 0x1000);
	text_netlink(&x, &b, 0x1000, sizeof(ack));
	assert_string_equal(buf_cstr(&out),
			    "[{nlmsg_len=36, nlmsg_type=NLMSG_ERROR, nlmsg_flags=NLM_F_CAPPED, "
			    "nlmsg_seq=7, nlmsg_pid=0}, {error=-EPERM, msg={nlmsg_len=20, "
			    "nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK, "
			    "nlmsg_seq=7, nlmsg_pid=0}}]");

	static const struct {
		int protocol;
		unsigned char msg[16];
		const char *text;
	} others[] = {
		{ NETLINK_XFRM,
		  { 16, 0, 0, 0, 18, 0, 1, 3 },
		  "{nlmsg_len=16, nlmsg_type=XFRM_MSG_GETSA, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, "
		  "nlmsg_seq=0, nlmsg_pid=0}" },
		{ NETLINK_AUDIT,
		  { 16, 0, 0, 0, 0x64, 4, 5, 0 },
		  "{nlmsg_len=16, nlmsg_type=AUDIT_USER_TTY, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK, "
		  "nlmsg_seq=0, nlmsg_pid=0}" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		buf_clear(&out);
		b = slice(others[i].msg, sizeof(others[i].msg), 0x1000);
		s.protocol = others[i].protocol;
		text_netlink(&x, &b, 0x1000, sizeof(others[i].msg));
		assert_string_equal(buf_cstr(&out), others[i].text);
	}
	ev->sock = NULL;
	event_free(ev);
	buf_free(&out);
}

static void any_netlink_length_ends(void **state)
{
	/* what a program may claim: its aligned value passes 32 bits, and an errno that has no negative */
	static const unsigned char longest[20] = { 0xff, 0xff, 0xff, 0xff, 2, [19] = 0x80 };
	static const unsigned char lowest[20] = { 20, 0, 0, 0, 2, [19] = 0x80 };
	struct sock s = { .has = SOCK_HAS_DOMAIN | SOCK_HAS_PROTOCOL, .domain = AF_NETLINK };
	struct event *ev = event_call(CALL_SENDTO, 1);
	struct bytes b = slice(longest, sizeof(longest), 0x1000);
	struct buf out = { 0 };
	struct text_ctx x = { .b = &out, .ev = ev, .strsize = 64 };

	(void)state;
	sock_derive(&s);
	ev->sock = &s;
	text_netlink(&x, &b, 0x1000, sizeof(longest));
	assert_string_equal(buf_cstr(&out),
			    "[{nlmsg_len=4294967295, nlmsg_type=NLMSG_ERROR, nlmsg_flags=0, "
			    "nlmsg_seq=0, nlmsg_pid=0}, {error=-2147483648}]");
	buf_clear(&out);
	b = slice(lowest, sizeof(lowest), 0x1000);
	text_netlink(&x, &b, 0x1000, sizeof(lowest));
	assert_string_equal(buf_cstr(&out),
			    "[{nlmsg_len=20, nlmsg_type=NLMSG_ERROR, nlmsg_flags=0, "
			    "nlmsg_seq=0, nlmsg_pid=0}, {error=-2147483648}]");
	ev->sock = NULL;
	event_free(ev);
	buf_free(&out);
}

static void hookless_free(struct report *r)
{
	(void)r;
}

/* Only what it is freed by has to be there. */
static void an_output_may_leave_out_every_hook(void **state)
{
	static const struct report_ops none = { .free = hookless_free };
	struct report r = { .ops = &none };
	struct run_info run = { .tool = "t" };
	struct run_end end = { 0 };
	struct finding f = { 0 };
	struct event *ev = event_call(CALL_SENDTO, 1);

	(void)state;
	report_start(&r, &run);
	report_enter(&r, ev);
	report_event(&r, ev, NULL);
	report_finding(&r, &f);
	report_idle(&r);
	report_end(&r, &end);
	report_free(&r);
	report_free(NULL);
	event_free(ev);
}

static void prints_what_makes_sockets(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(53) };
	struct run run = { 0 };
	struct event *ev;
	int one = 1;

	(void)state;
	run_start(&run);
	ev = event_call(CALL_SOCKET, 1);
	ev->args[0] = AF_INET;
	ev->args[1] = SOCK_DGRAM | SOCK_CLOEXEC;
	ev->args[2] = IPPROTO_UDP;
	ev->result = 3;
	say(&run, ev);
	expect(&run, "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_UDP) = 3\n");
	ev = event_call(CALL_BIND, 1);
	ev->args[1] = 0x2000;
	ev->args[2] = sizeof(sin);
	ev->opt = slice(&sin, sizeof(sin), 0x2000);
	say(&run, ev);
	expect(&run, "bind(3, {sa_family=AF_INET, sin_port=htons(53), "
		     "sin_addr=inet_addr(\"0.0.0.0\")}, 16) = 0\n");
	ev = event_call(CALL_SETSOCKOPT, 1);
	ev->args[1] = SOL_IP;
	ev->args[2] = IP_PKTINFO;
	ev->args[3] = 0x2000;
	ev->args[4] = sizeof(one);
	ev->opt = slice(&one, sizeof(one), 0x2000);
	say(&run, ev);
	expect(&run, "setsockopt(3, SOL_IP, IP_PKTINFO, [1], 4) = 0\n");
	run_stop(&run);
}

/* Whatever a tracee holds, lines are printable text, and they end. */
static void survives_any_bytes(void **state)
{
	struct run run = { .o.verbose = true };
	unsigned char raw[300];
	uint32_t seed = 20261122;

	(void)state;
	run_start(&run);
	for (unsigned int round = 0; round < 20000; round++) {
		struct event *ev;
		struct hdr *h;

		for (size_t i = 0; i < sizeof(raw); i++) {
			seed = seed * 1664525 + 1013904223;
			/* Small numbers are likelier to be lengths, levels, types and families. */
			raw[i] = (unsigned char)(seed >> 31 ? seed >> 24 : (seed >> 24) % 48);
			if (i % 8 > 1 && (seed >> 16 & 3))
				raw[i] = 0;
		}
		ev = event_sendmsg(1, "x", raw, seed % sizeof(raw));
		h = &ev->msg->in;
		if (round % 2)
			ev->abi = abi_by_name("i386") ? abi_by_name("i386") : abi_native();
		h->namelen = (int64_t)(seed % 140);
		h->name = slice(raw + 100, (size_t)h->namelen, 0x2000);
		ev->msg->iov->data = slice(raw + 10, 280, 0x1000);
		ev->msg->iov->len = 280;
		say(&run, ev);
		assert_true(run.out.buf.len > 1 && run.out.buf.p[run.out.buf.len - 1] == '\n');
		for (size_t i = 0; i + 1 < run.out.buf.len; i++)
			assert_true(run.out.buf.p[i] >= ' ' && run.out.buf.p[i] < 0x7f);
		buf_clear(&run.out.buf);
	}
	run_stop(&run);
}

static void keeps_the_first_write_error(void **state)
{
	struct stream s = { .fd = -1 };

	(void)state;
	buf_str(&s.buf, "x");
	stream_flush(&s);
	assert_int_equal(s.err, EBADF);
	assert_int_equal(s.buf.len, 0);
	buf_str(&s.buf, "y");
	s.fd = -2;
	stream_flush(&s);
	assert_int_equal(s.err, EBADF);
	assert_int_equal(s.buf.len, 0);
	buf_free(&s.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_a_sendmsg),
		cmocka_unit_test(pads_to_the_column),
		cmocka_unit_test(prints_what_strace_decodes),
		cmocka_unit_test(shows_malformed_blocks_as_strace_does),
		cmocka_unit_test(quotes_as_strace),
		cmocka_unit_test(no_control_byte_gets_through),
		cmocka_unit_test(prints_addresses),
		cmocka_unit_test(writes_ipv6_addresses_as_libc),
		cmocka_unit_test(prints_a_recvmsg),
		cmocka_unit_test(offered_room_only_with_v),
		cmocka_unit_test(breaks_and_resumes_lines),
		cmocka_unit_test(completes_a_waiting_line),
		cmocka_unit_test(says_how_calls_end_that_never_return),
		cmocka_unit_test(prints_signals_and_ends),
		cmocka_unit_test(names_signals_and_caught_calls_as_strace),
		cmocka_unit_test(columns_of_pids_and_times),
		cmocka_unit_test(z_drops_the_other_half),
		cmocka_unit_test(shows_descriptors_with_y),
		cmocka_unit_test(prints_other_calls_raw),
		cmocka_unit_test(findings_stand_below_the_line),
		cmocka_unit_test(annotations_hold_nothing_that_acts),
		cmocka_unit_test(colours_what_is_at_fault),
		cmocka_unit_test(prints_netlink_headers),
		cmocka_unit_test(any_netlink_length_ends),
		cmocka_unit_test(an_output_may_leave_out_every_hook),
		cmocka_unit_test(prints_what_makes_sockets),
		cmocka_unit_test(survives_any_bytes),
		cmocka_unit_test(keeps_the_first_write_error),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
