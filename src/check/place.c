// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which frame of a stack is the program's own, as opposed to the library that makes the call. */
#include "config.h"

#include "check/place.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Without what the kernel says of a file that is no longer there: another may be, after an upgrade. */
size_t place_path_len(const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(path), tail = sizeof(deleted) - 1;

	return len > tail && !strcmp(path + len - tail, deleted) ? len - tail : len;
}

struct path {
	char s[PATH_MAX];
};

/* For patterns; "" is none.  A copy in to, where one is needed. */
static const char *path_of(struct path *to, const char *path)
{
	size_t len = path ? place_path_len(path) : 0;

	if (!path || !path[len])
		return path ? path : "";
	snprintf(to->s, sizeof(to->s), "%.*s", (int)len, path);
	return to->s;
}

/* Files of the C library, the loader, sanitizers, and what stands before libc's calls, as a shell has patterns. */
static const char *const libc_modules[] = {
	"libc.so",
	"libc.so.[0-9]*",
	"libc-[0-9].[0-9]*.so",
	"libc.musl-*.so*",
	"libpthread.so*",
	"libpthread-[0-9].[0-9]*.so",
	"ld.so*",
	"ld-linux*.so*",
	"ld-musl-*.so*",
	"ld-[0-9].[0-9]*.so",
	"ld64.so*",
	"\\[vdso]",
	"linux-vdso*",
	"libasan.so*",
	"libtsan.so*",
	"libubsan.so*",
	"liblsan.so*",
	"libclang_rt.*.so*",
	"libsocket.so*",
	"libc_malloc_debug.so*",
	"libgcc_s.so*",
};

/*
 * The C library's calls, which are told apart from a function of the program's own by what they call: the system, or
 * one other of them (musl's).
 */
static const struct libc_call {
	const char *name, *calls;
} libc_calls[] = {
	{ "sendmsg", NULL },  { "recvmsg", NULL },    { "sendmmsg", "sendmsg" },
	{ "recvmmsg", NULL }, { "sendto", NULL },     { "recvfrom", NULL },
	{ "send", "sendto" }, { "recv", "recvfrom" }, { "syscall", NULL },
};

/* A row's module of code that an interpreter runs or a compiler made in the process. */
#define MADE ""

/*
 * Frames that are no place: a language's runtime, and what wraps the calls.  One row each: patterns, as a shell has
 * them, of the module and of the function.  A module's pattern without "/" is that of its file's name; NULL: any file
 * of machine code, for a script's function may have any name.  A function's NULL: any.
 */
static const struct layer {
	const char *module, *function;
} layers[] = {
	/* libc's own, in a program that has it built in; libc_calls[] too */
	{ NULL, "__sendm*msg" },
	{ NULL, "__recvm*msg" },
	{ NULL, "__libc_send*" },
	{ NULL, "__libc_recv*" },
	{ NULL, "__syscall_cancel*" },
	{ NULL, "__internal_syscall_cancel" },
	/* sanitizers */
	{ NULL, "__interceptor_*" },
	{ NULL, "___interceptor_*" },
	/* Go: runtime, system calls, net */
	{ NULL, "syscall.*" },
	{ NULL, "internal/runtime/syscall.*" },
	{ NULL, "runtime/internal/syscall.*" },
	{ NULL, "internal/syscall/*" },
	{ NULL, "internal/poll.*" },
	{ NULL, "golang.org/x/sys/unix.*" },
	{ NULL, "golang.org/x/net/internal/socket.*" },
	{ NULL, "golang.org/x/net/ipv4.*" },
	{ NULL, "golang.org/x/net/ipv6.*" },
	{ NULL, "net.(\\**" },
	{ NULL, "runtime.*" },
	/* Rust: std, wrappers of system calls, tokio and what it stands on */
	{ NULL, "std::sys::*" },
	{ NULL, "std::net::*" },
	{ NULL, "libc::*" },
	{ NULL, "nix::sys::socket*" },
	{ NULL, "rustix::*" },
	{ NULL, "socket2::*" },
	{ NULL, "mio::*" },
	{ NULL, "<mio::* as mio::*" },
	{ NULL, "tokio::*" },
	{ NULL, "<tokio::* as tokio::*" },
	{ NULL, "quinn_udp::*" },
	/* CPython: the interpreter, its socket modules, asyncio */
	{ "_socket.*.so", NULL },
	{ "_asyncio.*.so", NULL },
	{ "_ctypes.*.so", NULL },
	{ "libffi.so*", NULL },
	{ "libpython3*", NULL },
	{ "python3", NULL },
	{ "python3.[0-9]*", NULL },
	{ "<frozen *", NULL },
	{ "*/lib/python3*/asyncio/*.py", NULL },
	{ "*/lib/python3*/socket.py", NULL },
	{ "*/lib/python3*/ssl.py", NULL },
	{ "*/uvloop/*", NULL },
	/* liburing, also where it is built in */
	{ "liburing*.so*", NULL },
	{ NULL, "io_uring_*" },
	{ NULL, "_io_uring_*" },
	{ NULL, "__io_uring_*" },
	/* libuv, node */
	{ "libuv.so*", NULL },
	{ NULL, "uv__*" },
	{ NULL, "uv_*" },
	{ "node", NULL },
	{ "libnode.so*", NULL },
	{ "node:*", NULL },
	{ "node:*/*", NULL },
	{ MADE, "Builtin:*" },
	{ MADE, "BytecodeHandler:*" },
	{ MADE, "Stub:*" },
	/* Java: its virtual machine, java.nio and java.net, Netty */
	{ "libjvm.so", NULL },
	{ "libnio.so", NULL },
	{ "libnet.so", NULL },
	{ "libextnet.so", NULL },
	{ "libnetty*", NULL },
	{ MADE, "sun.nio.*" },
	{ MADE, "java.nio.*" },
	{ MADE, "java.net.*" },
	{ MADE, "io.netty.*" },
	{ MADE, "Interpreter" },
	{ MADE, "StubRoutines*" },
	{ MADE, "native nmethod*" },
	{ MADE, "I2C/C2I adapters*" },
	{ "libjli.so", NULL },
	{ "java", NULL },
	/* modules of the interpreters below */
	{ "*/auto/Socket/*.so", NULL },
	{ "*/auto/IO/*.so", NULL },
	{ "*/ruby/*/socket.so", NULL },
	{ "*/ruby/*/fiddle.so", NULL },
	{ "*/lua/*/socket/*.so", NULL },
	{ "*/php/*/sockets.so", NULL },
};

/*
 * Interpreters whose functions no stack shows, as patterns of file names: layers, and what calls one of them is no exact
 * place either.
 */
static const char *const interpreters[] = {
	"perl",
	"perl5.[0-9]*",
	"libperl.so*",
	"ruby",
	"ruby[0-9].[0-9]*",
	"libruby*.so*",
	"lua",
	"lua5.[0-9]*",
	"luajit*",
	"liblua*.so*",
	"php",
	"php[0-9].[0-9]*",
	"php-fpm*",
	"php-cgi*",
	"libphp*.so*",
};

static bool is_one_of(const char *const *patterns, size_t n, const char *module)
{
	struct path path;
	const char *name = base_name(path_of(&path, module));

	for (size_t i = 0; i < n; i++) {
		if (!fnmatch(patterns[i], name, 0))
			return true;
	}
	return false;
}

bool place_is_libc(const char *module)
{
	return is_one_of(libc_modules, sizeof(libc_modules) / sizeof(libc_modules[0]), module);
}

static bool is_interpreter(const struct frame *f)
{
	return f->module &&
	       is_one_of(interpreters, sizeof(interpreters) / sizeof(interpreters[0]), f->module);
}

/* An interpreter runs it, or a compiler made it in the process: its module, if any, is the source. */
static bool is_made(const struct frame *f)
{
	return !f->module || (f->file && !strcmp(f->file, f->module)) ||
	       !strncmp(f->module, "[anon", 5) || !strncmp(f->module, "/memfd:", 7);
}

/* The call that "__libc_sendmsg" is, or "___interceptor_sendmsg"; NULL: none. */
static const struct libc_call *libc_call_of(const char *function)
{
	static const char *const heads[] = { "_", "libc_", "GI_", "interceptor_" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t len = strlen(heads[i]);

		if (!strncmp(function, heads[i], len))
			return libc_call_of(function + len);
	}
	for (size_t i = 0; i < sizeof(libc_calls) / sizeof(libc_calls[0]); i++) {
		if (!strcmp(function, libc_calls[i].name))
			return &libc_calls[i];
	}
	return NULL;
}

/* Frame g is where a function of libc may have called: the same call, the one that it is made of, or what has no such name. */
static bool is_within(const struct libc_call *c, const struct frame *g)
{
	const struct libc_call *in = g->function ? libc_call_of(g->function) : NULL;

	if (in)
		return in == c || (c->calls && !strcmp(in->name, c->calls));
	return !g->function || !strncmp(g->function, "__", 2) ||
	       (g->module && place_is_libc(g->module));
}

/* libc's own, built into the program, or what stands before it with the same name, as an interceptor does. */
static bool is_libc_call(const struct stack *s, const struct frame *f)
{
	const struct libc_call *c = f->function && !is_made(f) ? libc_call_of(f->function) : NULL;

	if (!c || strcmp(f->function, c->name) != 0)
		return false;
	for (const struct frame *g = s->frames; g < f; g++) {
		if (!is_within(c, g))
			return false;
	}
	return true;
}

/* f is one of s. */
static bool is_layer(const struct stack *s, const struct frame *f)
{
	struct path path;
	const char *module = path_of(&path, f->module), *name = base_name(module);

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		const struct layer *l = &layers[i];

		if (l->function && (!f->function || fnmatch(l->function, f->function, 0)))
			continue;
		if (!l->module || !*l->module
			    ? is_made(f) == (l->module != NULL)
			    : !fnmatch(l->module, strchr(l->module, '/') ? module : name, 0))
			return true;
	}
	return is_interpreter(f) || is_libc_call(s, f);
}

/* The C library's wrapper of the call, built into a program without names: its caller tells more. */
static bool is_nameless_wrapper(const struct stack *s, uint32_t i)
{
	const struct frame *f = &s->frames[i], *caller = f + 1;

	return !i && s->n > 1 && !f->function && !caller->function && f->module && caller->module &&
	       !strcmp(f->module, caller->module);
}

/* Code of no file and no name: a compiler made it, and tells nobody. */
static bool is_nameless(const struct frame *f)
{
	return !f->module && !f->function;
}

const struct frame *place_of(const struct stack *s)
{
	const struct frame *layer = NULL;

	if (!s->have)
		return NULL;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct frame *f = &s->frames[i];

		if (is_nameless(f))
			continue; /* place_coarse() tells of it */
		if (f->module && place_is_libc(f->module))
			continue;
		if (!is_layer(s, f) && !is_nameless_wrapper(s, i))
			return f;
		if (!layer)
			layer = f;
	}
	return layer;
}

const char *place_coarse(const struct stack *s, const struct frame *f)
{
	if (!f)
		return "no stack was seen";
	if (!f->function)
		return "no symbol names the function";
	if (is_layer(s, f))
		return "no frame of the program's own was seen";
	for (const struct frame *g = s->frames; g < f; g++) {
		if (is_nameless(g))
			return "code without a file and a name made the call";
		if (is_interpreter(g))
			return "what an interpreter ran made the call";
	}
	return NULL;
}

uint32_t place_depth(const struct stack *s, const struct frame *f)
{
	/* one that is no place was taken for want of another */
	return f && !is_layer(s, f) ? (uint32_t)(f - s->frames) + 1 : s->n;
}

size_t place_function_len(const char *function)
{
	static const char *const tails[] = { ".isra.",     ".constprop.", ".part.",   ".cold",
					     ".lto_priv.", ".llvm.",      ".__uniq.", " [clone " };
	size_t len = strlen(function);

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		const char *t = strstr(function, tails[i]);

		if (t && t != function && (size_t)(t - function) < len)
			len = (size_t)(t - function);
	}
	return len;
}

bool place_in_file(const struct frame *place, const char *log, uint64_t log_line, const char **file,
		   uint64_t *line)
{
	const bool source = place && place->file;

	*file = source ? place->file : log;
	*line = source ? place->line : log_line;
	return *file;
}

void place_put(struct buf *b, const struct frame *f)
{
	if (f->function)
		buf_escaped(b, f->function, place_function_len(f->function));
	if (f->file) {
		const char *file = base_name(f->file);

		buf_str(b, f->function ? " (" : "(");
		buf_escaped(b, file, strlen(file));
		buf_char(b, ':');
		buf_u64(b, f->line);
		buf_char(b, ')');
	} else if (f->module) {
		const char *module = base_name(f->module);

		buf_str(b, f->function ? " (" : "(");
		buf_escaped(b, module, strlen(module));
		buf_char(b, '+');
		buf_hex(b, f->module_off);
		buf_char(b, ')');
	}
}
