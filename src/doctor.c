// SPDX-License-Identifier: LGPL-2.1-or-later
/* --doctor: each row is a fact of this machine, user or build, and where it stands in the way, the one remedy. */
#include "config.h"

#include "doctor.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "engines.h"
#include "kernel/model.h"
#include "live/live.h"
#include "procfs/procfs.h"
#include "ptrace/refused.h"
#include "uapi/uapi.h"

enum state { NO, YES, FACT };

struct row {
	const char *section, *what;
	enum state state;
	char value[160];
	const char *remedy; /* static; NULL: none is needed */
};

struct rows {
	struct row v[40];
	unsigned int n;
	bool works; /* a command can be traced */
};

static struct row *add(struct rows *r, const char *section, const char *what, enum state state,
		       const char *remedy)
{
	struct row *row = &r->v[r->n++];

	*row = (struct row){ section, what, state, "", remedy };
	return row;
}

/* A value that is static text. */
static void say(struct rows *r, const char *section, const char *what, enum state state,
		const char *value, const char *remedy)
{
	struct row *row = add(r, section, what, state, remedy);

	snprintf(row->value, sizeof(row->value), "%s", value);
}

/* Which processes, and by which engine where none is named. */
static void look_attaching(struct rows *r)
{
	const char *remedy = "run as root, or with CAP_SYS_PTRACE (docker: --cap-add=SYS_PTRACE)";
	bool capable = refused_capable(), yama = !capable && refused_yama() > 0;
	int self = getpid();
	const struct live_opts opts = { .pids = &self, .npids = 1 };
	const char *why;
	struct row *row = add(r, "Engines", "-p",
			      yama      ? NO
			      : capable ? YES
					: FACT,
			      capable ? NULL : remedy);

	if (yama)
		snprintf(row->value, sizeof(row->value),
			 "not: Yama forbids to attach without CAP_SYS_PTRACE");
	else
		snprintf(row->value, sizeof(row->value), "%s, by %s",
			 capable ? "any process of this user namespace"
				 : "processes of this user only",
			 engine_auto(&opts, &why)->name);
}

static void look_engines(struct rows *r)
{
	for (unsigned int i = 0; engines[i]; i++) {
		const char *why = engines[i]->refusal();

		r->works |= !why && !engines[i]->all;
		say(r, "Engines", engines[i]->name, why ? NO : YES, engines[i]->good_for, why);
	}
	look_attaching(r);
}

static void look_limits(struct rows *r)
{
	static const struct {
		const char *name;
		int bit;
	} caps[] = { { "CAP_SYS_PTRACE", CAPABILITY_SYS_PTRACE },
		     { "CAP_SYS_ADMIN", CAPABILITY_SYS_ADMIN },
		     { "CAP_NET_ADMIN", CAPABILITY_NET_ADMIN },
		     { "CAP_NET_RAW", CAPABILITY_NET_RAW },
		     { "CAP_BPF", CAPABILITY_BPF },
		     { "CAP_PERFMON", CAPABILITY_PERFMON } };
	uint64_t have = refused_capabilities(), pid = procfs_inode("/proc/self/ns/pid");
	uint64_t user = procfs_inode("/proc/self/ns/user");
	struct row *row = add(r, "Limits", "capabilities", FACT, NULL);
	int yama = refused_yama();
	size_t n = 0;

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (have >> caps[i].bit & 1)
			n += (size_t)snprintf(row->value + n, sizeof(row->value) - n, "%s%s",
					      n ? " " : "", caps[i].name);
	if (!n)
		snprintf(row->value, sizeof(row->value), "none that matters here");
	row = add(r, "Limits", "Yama", FACT, NULL);
	snprintf(row->value, sizeof(row->value), yama < 0 ? "no" : "kernel.yama.ptrace_scope %d",
		 yama);
	say(r, "Limits", "seccomp", refused_seccomp() ? NO : YES,
	    refused_seccomp() ? "a filter on this process forbids ptrace" : "ptrace is allowed",
	    refused_seccomp() ? "docker: --cap-add=SYS_PTRACE" : NULL);
	say(r, "Limits", "user namespace", FACT,
	    !user                          ? "not known"
	    : user == PROCFS_FIRST_USER_NS ? "the first"
					   : "another: privileges count within it only",
	    NULL);
	say(r, "Limits", "pid namespace", FACT,
	    !pid                         ? "not known"
	    : pid == PROCFS_FIRST_PID_NS ? "the first"
					 : "another: --engine=bpf needs the first",
	    NULL);
	say(r, "Limits", "/proc", live_proc_is_ours() ? YES : NO,
	    live_proc_is_ours() ? "of this pid namespace" : "of another pid namespace, or missing",
	    live_proc_is_ours() ? NULL : "mount -t proc proc /proc, in this namespace");
}

static void look_kernel(struct rows *r, const struct utsname *u)
{
	bool btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	struct row *row = add(r, "Kernel", "release", FACT, NULL);
	char name[sizeof(u->release) + sizeof(u->version)];
	bool proven;

	model_kernel_name(u->release, u->version, name, sizeof(name));
	proven = model_proven(model_release(name));
	snprintf(row->value, sizeof(row->value), "%.60s %.30s", u->release, u->machine);
	say(r, "Kernel", "model", proven ? YES : FACT,
	    proven ? "proven on this series by tests/kernel"
		   : "not proven on this series: known changes between releases are followed",
	    proven ? NULL : "make check TESTS=tests/kernel/oracle proves it here");
	say(r, "Kernel", "type information", btf ? YES : NO,
	    btf ? "/sys/kernel/btf/vmlinux" : "no /sys/kernel/btf/vmlinux: no --engine=bpf",
	    btf ? NULL : "a kernel built with CONFIG_DEBUG_INFO_BTF has it");
}

static void look_build(struct rows *r)
{
	say(r, "Build", "unwinding", YES, "libunwind, elfutils, frame pointers", NULL);
	say(r, "Build", "source lines", YES, "libdw", NULL);
#ifdef HAVE_LZMA
	say(r, "Build", "MiniDebugInfo", YES, "liblzma", NULL);
#else
	say(r, "Build", "MiniDebugInfo", NO, "no", "build it with liblzma-dev");
#endif
#ifdef HAVE_LIBIBERTY
	say(r, "Build", "names of C++ and Rust", YES, "libiberty", NULL);
#else
	say(r, "Build", "names of C++ and Rust", NO, "no", "build it with libiberty-dev");
#endif
#ifdef HAVE_LIBPCAP
	bool raw = refused_capabilities() >> CAPABILITY_NET_RAW & 1;

	say(r, "Build", "--wire", raw ? YES : NO, raw ? "libpcap" : "libpcap, but no CAP_NET_RAW",
	    raw ? NULL : "run as root, or with CAP_NET_RAW");
#else
	say(r, "Build", "--wire", NO, "no", "build it with libpcap-dev");
#endif
}

static void look(struct rows *r)
{
	struct utsname u = { 0 };

	uname(&u);
	look_engines(r);
	look_limits(r);
	look_kernel(r, &u);
	look_build(r);
}

static void put_text(struct buf *b, const struct rows *r)
{
	static const char *const states[] = { [NO] = "no ", [YES] = "yes", [FACT] = "   " };
	const char *section = "";

	buf_lit(b, PACKAGE_STRING "\n");
	for (unsigned int i = 0; i < r->n; i++) {
		const struct row *row = &r->v[i];

		if (strcmp(section, row->section))
			buf_printf(b, "\n%s\n", row->section);
		section = row->section;
		buf_printf(b, "  %s  %-22s %s\n", states[row->state], row->what, row->value);
		if (row->remedy && row->state != YES)
			buf_printf(b, "       %-22s -> %s\n", "", row->remedy);
	}
	buf_str(b, r->works ? "\nCommands can be traced here.\n"
			    : "\nNo command can be traced here; --read=FILE works everywhere.\n");
}

static void put_json(struct buf *b, const struct rows *r)
{
	static const char *const states[] = { [NO] = "no", [YES] = "yes", [FACT] = "fact" };
	struct json json = { .out = b }, *j = &json;

	jput_object(j, NULL);
	jput_str(j, "type", "doctor");
	jput_str(j, "tool", PACKAGE_STRING);
	jput_bool(j, "works", r->works);
	jput_array(j, "rows");
	for (unsigned int i = 0; i < r->n; i++) {
		const struct row *row = &r->v[i];

		buf_char(b, '\n');
		jput_object(j, NULL);
		jput_str(j, "section", row->section);
		jput_str(j, "what", row->what);
		jput_str(j, "state", states[row->state]);
		jput_str(j, "value", row->value);
		if (row->remedy)
			jput_str(j, "remedy", row->remedy);
		jput_object_end(j);
	}
	jput_array_end(j);
	jput_object_end(j);
	buf_char(b, '\n');
}

void doctor_version(FILE *to)
{
	struct rows r = { 0 };
	struct utsname u;

	look_build(&r);
	for (unsigned int i = 0; i < r.n; i++)
		fprintf(to, "%s: %s\n", r.v[i].what, r.v[i].value);
	if (!uname(&u))
		fprintf(to, "kernel: %s %s %s\n", u.sysname, u.release, u.machine);
	for (unsigned int i = 0; engines[i]; i++) {
		const char *why = engines[i]->refusal();

		fprintf(to, "--engine=%s: %s\n", engines[i]->name, why ? why : "yes");
	}
}

int doctor_run(bool json)
{
	struct rows r = { 0 };
	struct buf b = { 0 };
	bool written;

	look(&r);
	(json ? put_json : put_text)(&b, &r);
	written = fwrite(b.p, 1, b.len, stdout) == b.len && !fflush(stdout);
	buf_free(&b);
	return r.works && written ? 0 : 1;
}
