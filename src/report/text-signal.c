// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signals and siginfo_t as strace prints them (include/uapi/asm-generic/siginfo.h).  Pure. */
#include "config.h"

#include <linux/audit.h>
#include <signal.h>
#include <string.h>

#include "event/names.h"
#include "report/text-impl.h"
#include "report/text-names.h"

enum { KERNEL_SIGRTMIN = 32, KERNEL_SIGRTMAX = 64, USER_HZ = 100 };

void text_signal_name(struct buf *b, int sig)
{
	const char *s = sig < KERNEL_SIGRTMIN ? names_signal(sig) : NULL;

	if (s) {
		buf_lit(b, "SIG");
		buf_str(b, s);
	} else if (sig == KERNEL_SIGRTMIN) {
		buf_lit(b, "SIGRTMIN");
	} else if (sig > KERNEL_SIGRTMIN && sig <= KERNEL_SIGRTMAX) {
		buf_lit(b, "SIGRT_");
		buf_s64(b, sig - KERNEL_SIGRTMIN);
	} else {
		buf_s64(b, sig);
	}
}

struct code {
	int sig; /* 0: any */
	int code;
	const char *name;
};

static const struct code codes[] = {
	{ 0, 0, "SI_USER" },
	{ 0, 0x80, "SI_KERNEL" },
	{ 0, -1, "SI_QUEUE" },
	{ 0, -2, "SI_TIMER" },
	{ 0, -3, "SI_MESGQ" },
	{ 0, -4, "SI_ASYNCIO" },
	{ 0, -5, "SI_SIGIO" },
	{ 0, -6, "SI_TKILL" },
	{ 0, -7, "SI_DETHREAD" },
	{ 0, -60, "SI_ASYNCNL" },
	{ SIGCHLD, 1, "CLD_EXITED" },
	{ SIGCHLD, 2, "CLD_KILLED" },
	{ SIGCHLD, 3, "CLD_DUMPED" },
	{ SIGCHLD, 4, "CLD_TRAPPED" },
	{ SIGCHLD, 5, "CLD_STOPPED" },
	{ SIGCHLD, 6, "CLD_CONTINUED" },
	{ SIGSEGV, 1, "SEGV_MAPERR" },
	{ SIGSEGV, 2, "SEGV_ACCERR" },
	{ SIGSEGV, 3, "SEGV_BNDERR" },
	{ SIGSEGV, 4, "SEGV_PKUERR" },
	{ SIGSEGV, 5, "SEGV_ACCADI" },
	{ SIGSEGV, 6, "SEGV_ADIDERR" },
	{ SIGSEGV, 7, "SEGV_ADIPERR" },
	{ SIGSEGV, 8, "SEGV_MTEAERR" },
	{ SIGSEGV, 9, "SEGV_MTESERR" },
	{ SIGBUS, 1, "BUS_ADRALN" },
	{ SIGBUS, 2, "BUS_ADRERR" },
	{ SIGBUS, 3, "BUS_OBJERR" },
	{ SIGBUS, 4, "BUS_MCEERR_AR" },
	{ SIGBUS, 5, "BUS_MCEERR_AO" },
	{ SIGILL, 1, "ILL_ILLOPC" },
	{ SIGILL, 2, "ILL_ILLOPN" },
	{ SIGILL, 3, "ILL_ILLADR" },
	{ SIGILL, 4, "ILL_ILLTRP" },
	{ SIGILL, 5, "ILL_PRVOPC" },
	{ SIGILL, 6, "ILL_PRVREG" },
	{ SIGILL, 7, "ILL_COPROC" },
	{ SIGILL, 8, "ILL_BADSTK" },
	{ SIGFPE, 1, "FPE_INTDIV" },
	{ SIGFPE, 2, "FPE_INTOVF" },
	{ SIGFPE, 3, "FPE_FLTDIV" },
	{ SIGFPE, 4, "FPE_FLTOVF" },
	{ SIGFPE, 5, "FPE_FLTUND" },
	{ SIGFPE, 6, "FPE_FLTRES" },
	{ SIGFPE, 7, "FPE_FLTINV" },
	{ SIGFPE, 8, "FPE_FLTSUB" },
	{ SIGTRAP, 1, "TRAP_BRKPT" },
	{ SIGTRAP, 2, "TRAP_TRACE" },
	{ SIGTRAP, 3, "TRAP_BRANCH" },
	{ SIGTRAP, 4, "TRAP_HWBKPT" },
	{ SIGTRAP, 5, "TRAP_UNK" },
	{ SIGTRAP, 6, "TRAP_PERF" },
	{ SIGIO, 1, "POLL_IN" },
	{ SIGIO, 2, "POLL_OUT" },
	{ SIGIO, 3, "POLL_MSG" },
	{ SIGIO, 4, "POLL_ERR" },
	{ SIGIO, 5, "POLL_PRI" },
	{ SIGIO, 6, "POLL_HUP" },
	{ SIGSYS, 1, "SYS_SECCOMP" },
	{ SIGSYS, 2, "SYS_USER_DISPATCH" },
};

/* include/uapi/linux/audit.h, of the machines whose ABIs we know */
static const struct names audit_arch_names = NAMES(
	"AUDIT_ARCH_???", VALUE(AUDIT_ARCH_I386, "AUDIT_ARCH_I386"),
	VALUE(AUDIT_ARCH_ARM, "AUDIT_ARCH_ARM"), VALUE(0x80000000u | 243, "AUDIT_ARCH_RISCV64"),
	VALUE(AUDIT_ARCH_X86_64, "AUDIT_ARCH_X86_64"),
	VALUE(AUDIT_ARCH_AARCH64, "AUDIT_ARCH_AARCH64"));

static void put_code(struct buf *b, int sig, int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code && (!codes[i].sig || codes[i].sig == sig)) {
			buf_str(b, codes[i].name);
			return;
		}
	}
	buf_hex0(b, (uint32_t)code);
}

static void put_source(struct buf *b, const siginfo_t *si)
{
	buf_lit(b, ", si_pid=");
	buf_s64(b, si->si_pid);
	buf_lit(b, ", si_uid=");
	text_id(b, si->si_uid);
}

static void put_value(struct buf *b, const siginfo_t *si)
{
	buf_lit(b, ", si_int=");
	buf_s64(b, si->si_int);
	buf_lit(b, ", si_ptr=");
	text_addr(b, (uint64_t)(uintptr_t)si->si_ptr);
}

static void put_ticks(struct buf *b, const char *name, uint64_t v)
{
	buf_str(b, name);
	buf_u64(b, v);
	if (!v)
		return;
	buf_lit(b, " /* ");
	buf_u64(b, v / USER_HZ);
	buf_char(b, '.');
	buf_char(b, (char)('0' + v % USER_HZ / 10));
	buf_char(b, (char)('0' + v % 10));
	buf_lit(b, " s */");
}

static void put_user(struct text_ctx *x, const siginfo_t *si)
{
	switch (si->si_code) {
	case SI_USER:
	case SI_TKILL:
		put_source(x->b, si);
		break;
	case SI_TIMER:
		buf_lit(x->b, ", si_timerid=");
		buf_hex0(x->b, (uint32_t)si->si_timerid);
		buf_lit(x->b, ", si_overrun=");
		buf_s64(x->b, si->si_overrun);
		put_value(x->b, si);
		break;
	case SI_SIGIO:
		buf_lit(x->b, ", si_band=");
		buf_s64(x->b, si->si_band);
		buf_lit(x->b, ", si_fd=");
		text_fd(x, si->si_fd);
		break;
	default:
		put_source(x->b, si);
		if (si->si_ptr)
			put_value(x->b, si);
	}
}

static void put_child(struct buf *b, const siginfo_t *si)
{
	put_source(b, si);
	buf_lit(b, ", si_status=");
	if (si->si_code == CLD_EXITED)
		buf_s64(b, si->si_status);
	else
		text_signal_name(b, si->si_status);
	put_ticks(b, ", si_utime=", (uint64_t)si->si_utime);
	put_ticks(b, ", si_stime=", (uint64_t)si->si_stime);
}

/* What a seccomp filter or a dispatcher in user space caught. */
static void put_caught_call(struct text_ctx *x, const siginfo_t *si)
{
	const char *arch = names_find(&audit_arch_names, si->si_arch);

	buf_lit(x->b, ", si_call_addr=");
	text_addr(x->b, (uint64_t)(uintptr_t)si->si_call_addr);
	buf_lit(x->b, ", si_syscall=");
	if (x->ev->name) {
		buf_lit(x->b, "__NR_");
		buf_str(x->b, x->ev->name);
	} else {
		buf_s64(x->b, si->si_syscall);
	}
	buf_lit(x->b, ", si_arch=");
	if (arch)
		buf_str(x->b, arch);
	else
		buf_hex0(x->b, si->si_arch);
}

static void put_kernel(struct text_ctx *x, const siginfo_t *si)
{
	switch (si->si_signo) {
	case SIGCHLD:
		put_child(x->b, si);
		break;
	case SIGILL:
	case SIGFPE:
	case SIGBUS:
	case SIGSEGV:
	case SIGTRAP:
		buf_lit(x->b, ", si_addr=");
		text_addr(x->b, (uint64_t)(uintptr_t)si->si_addr);
		break;
	case SIGIO:
		if (si->si_code < POLL_IN || si->si_code > POLL_MSG)
			break;
		buf_lit(x->b, ", si_band=");
		buf_s64(x->b, si->si_band);
		buf_lit(x->b, ", si_fd=");
		text_fd(x, si->si_fd);
		break;
	case SIGSYS:
		put_caught_call(x, si);
		break;
	default:
		if (si->si_pid || si->si_uid)
			put_source(x->b, si);
		if (si->si_ptr)
			put_value(x->b, si);
	}
}

void text_siginfo(struct text_ctx *x, const struct bytes *info)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	memcpy(&si, info->p, info->len < sizeof(si) ? info->len : sizeof(si));
	buf_char(x->b, '{');
	if (si.si_signo) {
		buf_lit(x->b, "si_signo=");
		text_signal_name(x->b, si.si_signo);
		buf_lit(x->b, ", si_code=");
		put_code(x->b, si.si_signo, si.si_code);
		if (si.si_errno) {
			const char *name = text_errno_name(si.si_errno);

			buf_lit(x->b, ", si_errno=");
			if (name)
				buf_str(x->b, name);
			else
				buf_s64(x->b, si.si_errno);
		}
		if (si.si_code <= 0)
			put_user(x, &si);
		else
			put_kernel(x, &si);
	}
	buf_char(x->b, '}');
}
