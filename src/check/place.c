// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which frame of a stack is the program's own, as opposed to the library that makes the call. */
#include "config.h"

#include "check/place.h"

#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Beginnings of file names: "libc.so.6", "libc-2.31.so", "libc.musl-x86_64.so.1". */
static const char *const libc_modules[] = {
	"libc.so",  "libc-",        "libc.musl",  "libpthread.so", "libpthread-",
	"ld-linux", "ld-musl",      "ld.so",      "ld-2.",         "ld64.so",
	"[vdso]",   "linux-vdso",   "libasan.",   "libtsan.",      "libubsan.",
	"liblsan.", "libclang_rt.", "libsocket.", "libc_malloc",   "libgcc_s.",
};

/* libc's own functions, in a program that has it built in. */
static const char *const libc_functions[] = {
	"sendmsg",
	"recvmsg",
	"sendmmsg",
	"recvmmsg",
	"sendto",
	"recvfrom",
	"send",
	"recv",
	"syscall",
	"__sendmsg",
	"__recvmsg",
	"__libc_sendmsg",
	"__libc_recvmsg",
	"__sendmmsg",
	"__recvmmsg",
	"__libc_sendto",
	"__libc_recvfrom",
	"__syscall_cancel",
	"__internal_syscall_cancel",
	"__syscall_cancel_arch_end",
};

/* The layers between a Go, Rust or wrapped program and the call. */
static const char *const layer_functions[] = {
	"syscall.",
	"internal/runtime/syscall.",
	"runtime/internal/syscall.",
	"internal/syscall/",
	"internal/poll.",
	"golang.org/x/sys/unix.",
	"golang.org/x/net/internal/socket.",
	"net.(*",
	"runtime.",
	"__interceptor_",
	"___interceptor_",
	"std::sys::",
	"std::net::",
	"libc::",
	"nix::sys::socket",
	"rustix::",
};

bool place_is_libc(const char *module)
{
	const char *name = base_name(module);

	for (size_t i = 0; i < sizeof(libc_modules) / sizeof(libc_modules[0]); i++) {
		if (!strncmp(name, libc_modules[i], strlen(libc_modules[i])))
			return true;
	}
	return false;
}

static bool is_layer(const char *function)
{
	for (size_t i = 0; i < sizeof(libc_functions) / sizeof(libc_functions[0]); i++) {
		if (!strcmp(function, libc_functions[i]))
			return true;
	}
	for (size_t i = 0; i < sizeof(layer_functions) / sizeof(layer_functions[0]); i++) {
		if (!strncmp(function, layer_functions[i], strlen(layer_functions[i])))
			return true;
	}
	return false;
}

const struct frame *place_of(const struct stack *s)
{
	const struct frame *layer = NULL;

	if (!s->have)
		return NULL;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct frame *f = &s->frames[i];

		if (!f->module && !f->function)
			continue;
		if (f->module && place_is_libc(f->module))
			continue;
		if (!f->function || !is_layer(f->function))
			return f;
		if (!layer)
			layer = f;
	}
	return layer;
}

size_t place_function_len(const char *function)
{
	static const char *const tails[] = { ".isra.", ".constprop.", ".part.",
					     ".cold",  ".lto_priv.",  " [clone " };
	size_t len = strlen(function);

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		const char *t = strstr(function, tails[i]);

		if (t && t != function && (size_t)(t - function) < len)
			len = (size_t)(t - function);
	}
	return len;
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
