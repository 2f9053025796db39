// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: stacks of stopped tasks come out in order and by name, through libraries loaded later, signal
 * handlers, code without call frame information and i386 programs; and that a walk ends.
 *
 * Each test forks a child that stops itself where the stack is known.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <fcntl.h>
#include <gnu/lib-names.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../i386.h"
#include "base/alloc.h"
#include "ptrace/memory.h"
#include "stack/demangle.h"
#include "stack/elf-file.h"
#include "stack/gopclntab.h"
#include "stack/unwind.h"

static struct unwinder *unwinder;
static volatile int depth;

static int setup(void **state)
{
	(void)state;
	unwinder = unwind_libunwind.new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unwind_libunwind.free(unwinder);
	event_pool_free();
	return 0;
}

static void built(char *path, size_t size, const char *name)
{
	const char *dir = getenv("builddir");

	snprintf(path, size, "%s/tests/unit/%s", dir ? dir : ".", name);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- the child --- */

static __attribute__((noinline)) void stop_here(void)
{
	kill(getpid(), SIGSTOP);
	depth++;
}

static __attribute__((noinline)) void nest_c(void)
{
	stop_here();
	depth++;
}

static __attribute__((noinline)) void nest_b(void)
{
	nest_c();
	depth++;
}

static __attribute__((noinline)) void nest_a(void)
{
	nest_b();
	depth++;
}

static int start(void (*fn)(void))
{
	int pid = fork(), status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL);
	return pid;
}

static void go_on(int pid)
{
	int status;

	ptrace(PTRACE_CONT, pid, NULL, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
}

static void finish(int pid)
{
	int status;

	ptrace(PTRACE_CONT, pid, NULL, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	unwind_libunwind.gone(unwinder, pid);
}

static int walk_into(struct event *ev)
{
	struct ptrace_memory mem;
	struct registers reg;
	int err = ptrace_registers(ev->tid, &reg);

	ptrace_memory_init(&mem, ev->tid, -1);
	return err ? err : unwind_libunwind.walk(unwinder, ev, &reg, &mem.memory);
}

static struct event *walk(int pid)
{
	struct event *ev = event_new();

	ev->tid = ev->tgid = pid;
	assert_int_equal(walk_into(ev), 0);
	assert_true(ev->stack.have);
	assert_in_range(ev->stack.n, 1, 64);
	return ev;
}

static void show(const struct event *ev)
{
	for (uint32_t i = 0; i < ev->stack.n; i++) {
		const struct frame *f = &ev->stack.frames[i];

		print_message("# %2u %#llx %s(%s+%#llx) [%#llx]\n", i, (unsigned long long)f->pc,
			      f->module ? f->module : "?", f->function ? f->function : "?",
			      (unsigned long long)f->function_off,
			      (unsigned long long)f->module_off);
	}
}

/* Index of the frame named so, at or behind from; fails the test where there is none. */
static uint32_t frame_named(const struct event *ev, uint32_t from, const char *name)
{
	for (uint32_t i = from; i < ev->stack.n; i++) {
		const char *f = ev->stack.frames[i].function;

		if (f && !strcmp(f, name))
			return i;
	}
	show(ev);
	fail_msg("no frame %s", name);
	return 0;
}

static void assert_order(const struct event *ev, uint32_t from, const char *const *names)
{
	uint32_t i = frame_named(ev, from, names[0]);

	for (unsigned int k = 0; names[k]; k++) {
		const struct frame *f = &ev->stack.frames[i + k];

		if (i + k >= ev->stack.n || !f->function || strcmp(f->function, names[k]) != 0) {
			show(ev);
			fail_msg("frame %u is not %s", i + k, names[k]);
		}
		assert_in_range(f->function_off, 1, 0x200);
		assert_non_null(f->module);
	}
}

/* --- tests --- */

static const char *const nest[] = { "stop_here", "nest_c", "nest_b", "nest_a", NULL };

static void a_nest_of_functions_is_named_from_inside_out(void **state)
{
	char exe[4096] = "";
	int pid = start(nest_a);
	struct event *ev = walk(pid);

	(void)state;
	assert_order(ev, 0, nest);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_string_equal(ev->stack.frames[frame_named(ev, 0, "nest_b")].module, exe);
	frame_named(ev, 0, "main");
	event_free(ev);
	finish(pid);
}

static void twice(void)
{
	nest_a();
	nest_c();
}

static void a_second_walk_sees_the_second_stack(void **state)
{
	static const char *const second[] = { "stop_here", "nest_c", "twice", NULL };
	int pid = start(twice);
	struct event *ev = walk(pid);

	(void)state;
	assert_order(ev, 0, nest);
	event_free(ev);
	go_on(pid);
	ev = walk(pid);
	assert_order(ev, 0, second);
	event_free(ev);
	finish(pid);
}

static void enter_module(const char *name)
{
	char path[4096];
	void (*enter)(void (*stop)(void));

	built(path, sizeof(path), name);

	void *lib = dlopen(path, RTLD_NOW);

	if (!lib)
		_exit(1);
	*(void **)&enter = dlsym(lib, "nest_enter");
	enter(stop_here);
}

static void load_plain(void)
{
	stop_here();
	enter_module("nest.so");
}

static void a_library_loaded_later_is_found_unasked(void **state)
{
	static const char *const names[] = { "stop_here",  "nest_inner",   "nest_outer",
					     "nest_enter", "enter_module", "load_plain",
					     NULL };
	char path[4096];
	int pid = start(load_plain);
	struct event *ev = walk(pid);

	(void)state;
	event_free(ev);
	go_on(pid);
	ev = walk(pid);
	assert_order(ev, 0, names);
	built(path, sizeof(path), "nest.so");

	const char *module = ev->stack.frames[frame_named(ev, 0, "nest_inner")].module;

	assert_string_equal(strrchr(module, '/'), "/nest.so");
	event_free(ev);
	finish(pid);
}

static void load_stripped(void)
{
	enter_module("nest-stripped.so");
}

static void a_stripped_library_gives_module_and_offset(void **state)
{
	int pid = start(load_stripped);
	struct event *ev = walk(pid);
	uint32_t i = frame_named(ev, 0, "stop_here") + 1;

	(void)state;
	assert_true(ev->stack.n > i + 3);
	for (uint32_t k = i; k < i + 2; k++) {
		const struct frame *f = &ev->stack.frames[k];

		assert_null(f->function);
		assert_string_equal(strrchr(f->module, '/'), "/nest-stripped.so");
		assert_in_range(f->module_off, 1, 0x4000);
	}
	assert_int_equal(frame_named(ev, i, "nest_enter"), i + 2);
	assert_int_equal(frame_named(ev, i, "enter_module"), i + 3);
	event_free(ev);
	finish(pid);
}

static void load_without_cfi(void)
{
	enter_module("nest-nocfi.so");
}

static void code_without_unwind_tables_is_walked_by_frame_pointers(void **state)
{
	static const char *const names[] = { "stop_here",  "nest_inner",   "nest_outer",
					     "nest_enter", "enter_module", "load_without_cfi",
					     NULL };
	int pid = start(load_without_cfi);
	struct event *ev = walk(pid);

	(void)state;
	assert_order(ev, 0, names);
	event_free(ev);
	finish(pid);
}

static void on_signal(int sig)
{
	(void)sig;
	stop_here();
}

static __attribute__((noinline)) void nest_signal(void)
{
	kill(getpid(), SIGUSR1);
	depth++;
}

static void with_handler(void)
{
	signal(SIGUSR1, on_signal);
	nest_signal();
	depth++;
}

#if defined(__x86_64__)
/* As Go's Syscall6: no call frame information, no frame of its own. kill(getpid(), SIGSTOP) */
void leaf_without_frame(void);
__asm__(".text\n"
	".type leaf_without_frame, @function\n"
	"leaf_without_frame:\n"
	"	mov $39, %eax\n"
	"	syscall\n"
	"	mov %eax, %edi\n"
	"	mov $19, %esi\n"
	"	mov $62, %eax\n"
	"	syscall\n"
	"	ret\n"
	".size leaf_without_frame, . - leaf_without_frame\n");

static __attribute__((noinline)) void nest_leaf(void)
{
	leaf_without_frame();
	depth++;
}
#endif

static void a_leaf_without_a_frame_leads_to_its_caller(void **state)
{
#if defined(__x86_64__)
	static const char *const names[] = { "leaf_without_frame", "nest_leaf", NULL };
	int pid = start(nest_leaf);
	struct event *ev = walk(pid);

	(void)state;
	assert_order(ev, 0, names);
	event_free(ev);
	finish(pid);
#else
	(void)state;
	skip(); /* the return address is in a register */
#endif
}

/* It has no file: its names are read from memory. */
static void code_of_the_vdso_is_named(void **state)
{
	unsigned long base = getauxval(AT_SYSINFO_EHDR);
	int pid = start(nest_a);
	bool named = false;

	(void)state;
	if (!base) {
		finish(pid);
		skip();
	}
	for (unsigned long off = 0x400; off < 0x2000 && !named; off += 16) {
		struct event *ev = event_new();
		struct registers reg = { .word = sizeof(long) };
		struct ptrace_memory mem;

		reg.v[arch_native->pc] = base + off;
		ev->tid = ev->tgid = pid;
		ptrace_memory_init(&mem, pid, -1);
		assert_int_equal(unwind_libunwind.walk(unwinder, ev, &reg, &mem.memory), 0);
		named = ev->stack.n && ev->stack.frames[0].function &&
			!strcmp(ev->stack.frames[0].module, "[vdso]");
		event_free(ev);
	}
	assert_true(named);
	finish(pid);
}

static void a_signal_handler_leads_back_to_what_it_interrupted(void **state)
{
	int pid = start(with_handler), status; /* SIGUSR1 is about to be delivered */

	(void)state;
	ptrace(PTRACE_CONT, pid, NULL, SIGUSR1);
	assert_int_equal(waitpid(pid, &status, 0), pid);

	struct event *ev = walk(pid);
	uint32_t i = frame_named(ev, 0, "on_signal");

	assert_int_equal(i, frame_named(ev, 0, "stop_here") + 1);
	/* on_signal, the kernel's return code, kill() of libc, nest_signal */
	assert_int_equal(frame_named(ev, i, "nest_signal"), i + 3);
	assert_int_equal(frame_named(ev, i, "with_handler"), i + 4);
	event_free(ev);
	finish(pid);
}

static __attribute__((noinline)) void recurse(int n)
{
	if (n)
		recurse(n - 1);
	else
		stop_here();
	depth++;
}

static void recurse_deeply(void)
{
	recurse(500);
}

static void a_deep_stack_ends_at_64_frames(void **state)
{
	int pid = start(recurse_deeply);
	struct event *ev = walk(pid);

	(void)state;
	assert_int_equal(ev->stack.n, 64);
	event_free(ev);
	finish(pid);
}

static void processes_are_kept_apart(void **state)
{
	static const char *const second[] = { "stop_here", "nest_c", "twice", NULL };
	int a = start(nest_a), b = start(twice);
	struct event *ev;

	(void)state;
	go_on(b);
	for (int round = 0; round < 3; round++) {
		ev = walk(a);
		assert_order(ev, 0, nest);
		event_free(ev);
		ev = walk(b);
		assert_order(ev, 0, second);
		event_free(ev);
		unwind_libunwind.changed(unwinder, a);
	}
	finish(a);
	finish(b);
}

static void a_task_that_is_gone_is_an_error(void **state)
{
	struct event *ev = event_new();
	int pid = start(nest_a);

	(void)state;
	finish(pid);
	ev->tid = ev->tgid = pid;
	assert_true(walk_into(ev) < 0);
	assert_false(ev->stack.have);
	event_free(ev);
}

static const char *program32;

static void exec32(void)
{
	char path[4096];

	built(path, sizeof(path), program32);
	execl(path, path, (char *)NULL);
	_exit(127);
}

static void walk_program32(const char *name)
{
	static const char *const names[] = { "stop_self",  "nest_inner", "nest_outer",
					     "nest_enter", "main",       NULL };
	char path[4096];

	built(path, sizeof(path), name);
	if (access(path, X_OK) != 0) {
		print_message("# skipped: no compiler for i386\n");
		skip();
	}
	if (!runs_i386()) {
		print_message("# skipped: " NO_I386 "\n");
		skip();
	}
	program32 = name;

	int pid = start(exec32); /* the SIGTRAP of exec */

	go_on(pid);

	struct event *ev = walk(pid);

	assert_order(ev, 0, names);
	event_free(ev);
	finish(pid);
}

static void an_i386_program_is_walked_by_its_unwind_tables(void **state)
{
	(void)state;
	walk_program32("nest32");
}

static void an_i386_program_without_them_is_walked_by_frame_pointers(void **state)
{
	(void)state;
	walk_program32("nest32-fp");
}

/* A pclntab as Go's linker writes it, of two functions: "a" has lines 10, from its 5th byte on 12; "b" line 7. */
struct table {
	unsigned char p[512];
	size_t len;
};

static void add(struct table *t, uint64_t v, size_t n)
{
	memcpy(t->p + t->len, &v, n);
	t->len += n;
}

static void make_table(struct table *t, uint32_t magic, uint64_t text)
{
	static const char names[] = "\0a\0b", files[] = "\0/x/a.go\0/x/b.go";
	static const unsigned char values[] = {
		0,                /* offset 0: none */
		22, 5,  4, 11, 0, /* 1: line 10 for 5 bytes, 12 for 11 */
		16, 16, 0,        /* 6: line 7 for 16 */
		2,  16, 0,        /* 9: file 0 */
		4,  16, 0,        /* 12: file 1 */
		0,  5,  2, 11, 0, /* 15: nothing inlined for 5 bytes, call 0 for 11 */
	};
	bool old = magic == 0xfffffffa;
	unsigned int word = old ? 8 : 4;
	uint64_t at = old ? 64 : 72, functions;

	memset(t, 0, sizeof(*t));
	add(t, magic | 1ULL << 48 | 8ULL << 56, 8);
	add(t, 2, 8);
	add(t, 2, 8);
	if (!old)
		add(t, text, 8);
	add(t, at, 8);
	add(t, at + 8, 8);
	add(t, at + 16, 8);
	add(t, at + 48, 8);
	add(t, at + 72, 8);
	memcpy(t->p + at, names, sizeof(names));
	t->len = at + 8;
	add(t, 1, 4); /* the unit's files */
	add(t, 9, 4);
	memcpy(t->p + at + 16, files, sizeof(files));
	memcpy(t->p + at + 48, values, sizeof(values));
	t->len = functions = at + 72;
	for (unsigned int i = 0; i < 3; i++) {
		add(t, (old ? text : 0) + i * 16, word);
		add(t, i < 2 ? 6 * word + i * 96 : 0, word);
	}
	for (unsigned int i = 0; i < 2; i++) {
		t->len = functions + 6 * word + i * 96;
		add(t, (old ? text : 0) + i * 16, word);
		add(t, i ? 3 : 1, 4); /* the name */
		add(t, 0, 8);
		add(t, 0, 4);
		add(t, i ? 12 : 9, 4);
		add(t, i ? 6 : 1, 4);
		add(t, i ? 0 : 3, 4);                   /* tables */
		add(t, 0, magic == 0xfffffff1 ? 8 : 4); /* the unit; where it starts */
		add(t, i ? 0 : 4ULL << 24, 4);          /* how much data */
		add(t, 0, 8);
		add(t, i ? 0 : 15, 4);
		t->len = (t->len + word - 1) / word * word + 3 * (uint64_t)word;
		add(t, old ? 0x5000 : 0, word);
	}
	t->len = functions + 6 * word + 192;
}

/* A call of b, as a's third byte of code makes it. */
static void make_calls(struct table *t, uint32_t magic)
{
	memset(t, 0, sizeof(*t));
	t->len = magic == 0xfffffff1 ? 4 : 12;
	add(t, 3, 4);
	add(t, 2, 4);
	add(t, 0, 4);
	t->len = magic == 0xfffffff1 ? 16 : 20;
}

static void finds(const struct gopclntab *t, uint64_t pc, const char *function, const char *file,
		  uint32_t line)
{
	struct go_place place;

	assert_true(gopclntab_find(t, pc, &place));
	assert_string_equal(place.function, function);
	assert_string_equal(place.file, file);
	assert_int_equal(place.line, line);
	assert_int_equal(place.entry, 0x1000 + (*function == 'b') * 16);
}

/* 1.16, 1.18, 1.20; the last also as position-independent programs have it. */
static void tables_of_all_go_releases_are_read(void **state)
{
	static const uint32_t magic[] = { 0xfffffffa, 0xfffffff0, 0xfffffff1, 0xfffffff1 };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct table raw, calls;
		struct gopclntab t;
		struct go_place place;

		make_table(&raw, magic[i], i == 3 ? 0 : 0x1000);
		make_calls(&calls, magic[i]);
		assert_true(gopclntab_init(&t, raw.p, raw.len, 0x1000));
		t.data = (struct go_data){ calls.p, calls.len, 0x5000,
					   gopclntab_has_addresses(&t) ? 0 : 0x5000 };
		finds(&t, 0x1000, "a", "/x/a.go", 10);
		finds(&t, 0x1004, "a", "/x/a.go", 10);
		finds(&t, 0x1005, "a", "/x/a.go", 12);
		finds(&t, 0x1010, "b", "/x/b.go", 7);
		assert_true(gopclntab_find(&t, 0x1005, &place));
		assert_string_equal(place.inlined, "b");
		assert_int_equal(place.caller, 0x1002);
		assert_true(gopclntab_find(&t, 0x1002, &place));
		assert_null(place.inlined);
		assert_true(gopclntab_find(&t, 0x1010, &place));
		assert_null(place.inlined);
		for (calls.len--; calls.len; calls.len--) { /* cut off */
			t.data.len = calls.len;
			assert_true(gopclntab_find(&t, 0x1005, &place));
			assert_null(place.inlined);
		}
		assert_false(gopclntab_find(&t, 0xfff, &place));
		assert_false(gopclntab_find(&t, 0x1020, &place));
	}
}

/* Each byte of a table once changed, and the table cut at each: nothing is read outside. */
static void a_broken_go_table_is_survived(void **state)
{
	struct table raw;

	(void)state;
	for (size_t i = 0; i < sizeof(raw.p); i++) {
		make_table(&raw, 0xfffffff1, 0x1000);
		if (i >= raw.len)
			break;
		for (unsigned int change = 0; change < 3; change++) {
			size_t len = change == 2 ? i : raw.len;
			unsigned char *copy =
				malloc(len + !len); /* of this size: a sanitizer sees more */
			struct gopclntab t;
			struct go_place place;

			memcpy(copy, raw.p, len);
			if (change < 2)
				copy[i] = change ? 0xff : (unsigned char)(copy[i] + 1);
			if (gopclntab_init(&t, copy, len, 0x1000)) {
				t.data = (struct go_data){ copy, len, 0x5000, 0x5000 };
				for (uint64_t pc = 0xff0; pc < 0x1030; pc += 4)
					gopclntab_find(&t, pc, &place);
			}
			free(copy);
		}
	}
}

/* Which one has an address of libc, "" where none has. */
static void function_of(struct elf_file *f, uint64_t vaddr, char name[64])
{
	struct elf_function v = { .vaddr = vaddr };

	elf_file_functions(f, getpid(), &v, 1);
	snprintf(name, 64, "%s+%d", v.name ? v.name : "", v.name ? (int)v.off : 0);
	alloc_free(v.name);
}

static void many_questions_have_the_answers_of_few(void **state)
{
	enum { QUESTIONS = 10, MANY = 100 }; /* from the 16th on symbols are sorted */
	static char few[QUESTIONS][64];
	const char *const names[] = { "kill", "send", "write", "memcpy", "qsort" };
	/* libc's own: a sanitizer has functions of these names, too */
	void *own = dlopen(LIBC_SO, RTLD_LAZY | RTLD_NOLOAD);
	char many[64];
	Dl_info libc;
	struct stat st;
	int fd, found = 0;

	(void)state;
	assert_non_null(own);
	assert_true(dladdr(dlsym(own, "kill"), &libc));
	fd = open(libc.dli_fname, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && !fstat(fd, &st));

	size_t size = (size_t)st.st_size;
	unsigned char *image = alloc_bytes(size);

	assert_int_equal(pread(fd, image, size, 0), size);
	close(fd);

	struct elf_file *f = elf_file_of_memory(image, size);
	uint64_t at[QUESTIONS];

	assert_non_null(f);
	for (unsigned int i = 0; i < QUESTIONS; i++) {
		Dl_info to;

		assert_true(dladdr(dlsym(own, names[i % 5]), &to));
		at[i] = (uintptr_t)to.dli_saddr - (uintptr_t)libc.dli_fbase + i * 4;
		function_of(f, at[i], few[i]);
		found += few[i][0] != '+';
	}
	assert_string_equal(few[0], "kill+0");
	assert_true(found >= QUESTIONS / 5);
	for (unsigned int i = 0; i < MANY; i++) {
		function_of(f, at[i % QUESTIONS], many);
		assert_string_equal(many, few[i % QUESTIONS]);
	}
	elf_file_put(f);
	dlclose(own);
}

#ifdef HAVE_LIBIBERTY
static void demangles(const char *symbol, const char *name)
{
	char *got = demangle(symbol, strlen(symbol));

	assert_string_equal(got, name);
	free(got);
}

static void symbols_become_names(void **state)
{
	char many[512] = "_Z1fSt4pairIiiE";

	(void)state;
	demangles("main", "main");
	demangles("_start", "_start");
	demangles("_ZN6Server5replyERKSs", "Server::reply(std::string const&)");
	demangles("_ZN4demo5reply17h0123456789abcdefE", "demo::reply");
	demangles("_RNvNtCs1234_4demo3foo3bar", "demo::foo::bar");
	/* each type is a pair of the one before: 2 to the 25th words */
	for (int i = 0; i < 25; i++) {
		char id = (char)(i < 10 ? '0' + i : 'A' + i - 10);

		sprintf(many + strlen(many), "S_IS%c_S%c_E", id, id);
	}
	demangles(many, many);
}
#endif

#ifdef __x86_64__
/*
 * i386 stacks without a kernel that runs such programs: a child of 64 bits maps frames32.so and a stack that was laid
 * out by hand, and the registers are made up.  All is below 4 GiB.
 */
enum {
	CODE32 = 0x20000000,
	STACK32 = 0x30000000,
	AT = 16, /* of each function: where it is left */
	LEAF = CODE32 + 0x1000 + AT,
	ALIGNED = LEAF + 0x40,
	BY_EBX = LEAF + 0x80,
	FIRST = LEAF + 0xc0,
	PLAIN = LEAF + 0x100,
	PLAINER = LEAF + 0x140,
};

static void map32(void)
{
	char path[4096];
	int fd;

	built(path, sizeof(path), "frames32.so");
	fd = open(path, O_RDONLY);
	if (mmap((void *)CODE32, 0x2000, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) ==
		    MAP_FAILED ||
	    mmap((void *)STACK32, 0x1000, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		_exit(1);

	static const uint32_t words[][2] = {
		/* leaf: ebx, return address; by_ebx has its frame at ebx + 8 */
		{ 0x00, STACK32 + 0xa0 },
		{ 0x04, ALIGNED },
		/* aligned: the frame's address, ebp; the return address is below that frame */
		{ 0x3c, STACK32 + 0x80 },
		{ 0x40, STACK32 + 0xc0 },
		{ 0x7c, BY_EBX },
		{ 0xa4, FIRST },
		/* first has no caller; frame pointers would find one */
		{ 0xc4, PLAIN },
		/* plain, plainer: ebp, return address */
		{ 0x240, STACK32 + 0x280 },
		{ 0x244, PLAINER },
		{ 0x280, 0 },
		{ 0x284, FIRST },
		/* leaf, called by plain */
		{ 0x214, PLAIN },
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		*(volatile uint32_t *)(uintptr_t)(STACK32 + words[i][0]) = words[i][1];
	stop_here();
}

/* A child's memory, but another file's bytes where the vdso is: a 32-bit one, which has names and tables as well. */
struct other_vdso {
	struct memory memory;
	struct ptrace_memory child;
	uint64_t base;
	unsigned char file[0x2000];
};

static ssize_t read_other(const struct memory *m, void *to, const struct iovec *at, unsigned int n)
{
	const struct other_vdso *o = (const struct other_vdso *)m;
	uint64_t off = (uint64_t)(uintptr_t)at->iov_base - o->base;

	if (off >= sizeof(o->file))
		return o->child.memory.readv(&o->child.memory, to, at, n);
	assert_int_equal(n, 1);
	assert_in_range(at->iov_len, 0, sizeof(o->file) - off);
	memcpy(to, o->file + off, at->iov_len);
	return (ssize_t)at->iov_len;
}

struct stack_of {
	uint64_t pc;
	const char *name;
};

/* Walks from these registers and compares. */
static void walk32(uint64_t pc, uint32_t sp, uint32_t fp, const struct stack_of *want, uint32_t n)
{
	struct event *ev = event_new();
	struct registers reg = { .word = 4 };
	struct other_vdso mem = { .memory.readv = read_other, .base = getauxval(AT_SYSINFO_EHDR) };
	char path[4096];
	int pid = start(map32);
	FILE *file;

	built(path, sizeof(path), "frames32.so");
	file = fopen(path, "re");
	assert_non_null(file);
	assert_in_range(fread(mem.file, 1, sizeof(mem.file), file), 1, sizeof(mem.file) - 1);
	fclose(file);
	reg.v[arch_native->pc] = pc;
	reg.v[arch_native->sp] = sp;
	reg.v[arch_native->fp] = fp;
	ev->tid = ev->tgid = pid;
	ptrace_memory_init(&mem.child, pid, -1);
	assert_int_equal(unwind_libunwind.walk(unwinder, ev, &reg, &mem.memory), 0);
	if (ev->stack.n != n)
		show(ev);
	assert_int_equal(ev->stack.n, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(ev->stack.frames[i].pc, want[i].pc);
		assert_string_equal(ev->stack.frames[i].function, want[i].name);
	}
	event_free(ev);
	finish(pid);
}

static void an_i386_stack_is_walked_by_its_unwind_tables(void **state)
{
	static const struct stack_of want[] = {
		{ LEAF, "leaf" },
		{ ALIGNED, "aligned" },
		{ BY_EBX, "by_ebx" },
		{ FIRST, "first" },
	};

	(void)state;
	walk32(LEAF, STACK32, STACK32 + 0x40, want, 4);
}

static void an_i386_stack_without_them_is_walked_by_frame_pointers(void **state)
{
	static const struct stack_of want[] = {
		{ PLAIN, "plain" },
		{ PLAINER, "plainer" },
		{ FIRST, "first" },
	};

	(void)state;
	walk32(PLAIN, STACK32 + 0x200, STACK32 + 0x240, want, 3);
}

static void the_vdso_has_tables_of_its_own(void **state)
{
	uint64_t base = getauxval(AT_SYSINFO_EHDR);
	const struct stack_of want[] = {
		{ base + LEAF - CODE32, "leaf" },
		{ PLAIN, "plain" },
		{ PLAINER, "plainer" },
		{ FIRST, "first" },
	};

	(void)state;
	if (!base)
		skip();
	walk32(want[0].pc, STACK32 + 0x210, STACK32 + 0x240, want, 4);
}
#endif

enum { LINE_OF_STOP = __LINE__ + 4 };

static __attribute__((noinline)) void nest_line(void)
{
	stop_here();
	depth += 3;
}

static void source_lines_are_those_of_the_calls(void **state)
{
	setenv("DEBUGINFOD_URLS", "http://127.0.0.1:9/", 1);

	int pid = start(nest_line);
	struct event *ev = walk(pid);
	const struct frame *f = &ev->stack.frames[frame_named(ev, 0, "nest_line")];

	(void)state;
	assert_null(f->file);

	uint64_t t = now_ns();

	unwind_libunwind.lines(unwinder, ev);
	f = &ev->stack.frames[frame_named(ev, 0, "nest_line")];
	print_message("# first source lines: %.1f ms\n", (double)(now_ns() - t) / 1e6);
	assert_non_null(f->file);
	assert_non_null(strstr(f->file, "test-unwind.c"));
	assert_int_equal(f->line, LINE_OF_STOP);
	event_free(ev);
	finish(pid);
}

static void price_of_a_warm_walk(void **state)
{
	enum { ROUNDS = 2000 };
	int pid = start(nest_a);
	struct event *ev = walk(pid);
	uint32_t n = ev->stack.n;

	(void)state;
	event_free(ev);

	uint64_t t = now_ns();

	for (int i = 0; i < ROUNDS; i++)
		event_free(walk(pid));
	t = now_ns() - t;
	print_message("# %u frames, warm: %.1f us\n", n, (double)t / ROUNDS / 1000);
	finish(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nest_of_functions_is_named_from_inside_out),
		cmocka_unit_test(a_second_walk_sees_the_second_stack),
		cmocka_unit_test(a_library_loaded_later_is_found_unasked),
		cmocka_unit_test(a_stripped_library_gives_module_and_offset),
		cmocka_unit_test(code_without_unwind_tables_is_walked_by_frame_pointers),
		cmocka_unit_test(a_leaf_without_a_frame_leads_to_its_caller),
		cmocka_unit_test(code_of_the_vdso_is_named),
		cmocka_unit_test(a_signal_handler_leads_back_to_what_it_interrupted),
		cmocka_unit_test(a_deep_stack_ends_at_64_frames),
		cmocka_unit_test(processes_are_kept_apart),
		cmocka_unit_test(a_task_that_is_gone_is_an_error),
		cmocka_unit_test(an_i386_program_is_walked_by_its_unwind_tables),
		cmocka_unit_test(an_i386_program_without_them_is_walked_by_frame_pointers),
		cmocka_unit_test(tables_of_all_go_releases_are_read),
		cmocka_unit_test(a_broken_go_table_is_survived),
		cmocka_unit_test(many_questions_have_the_answers_of_few),
#ifdef HAVE_LIBIBERTY
		cmocka_unit_test(symbols_become_names),
#endif
#ifdef __x86_64__
		cmocka_unit_test(an_i386_stack_is_walked_by_its_unwind_tables),
		cmocka_unit_test(an_i386_stack_without_them_is_walked_by_frame_pointers),
		cmocka_unit_test(the_vdso_has_tables_of_its_own),
#endif
		cmocka_unit_test(source_lines_are_those_of_the_calls),
		cmocka_unit_test(price_of_a_warm_walk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
