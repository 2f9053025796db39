// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CPython's structures: Include/internal/pycore_runtime.h, pycore_interp.h, pycore_frame.h, Include/cpython/pystate.h,
 * code.h, unicodeobject.h; lines: Objects/locations.md.  A release that isn't in the table, or a thread that isn't
 * found, has no frames.  Nothing that is read is believed: all of it may be garbage.
 */
#include "config.h"

#include "stack/python.h"

#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "stack/open.h"

enum {
	INTERPRETERS_MAX = 64,
	THREADS_MAX = 4096, /* of each */
	FRAMES_MAX = 256,   /* looked at */
	KNOWN_MAX = 4096,   /* instructions of a process */
	TEXT_MAX = 512,     /* characters of a name … */
	ESCAPE_MAX = 10,    /* … and bytes that one becomes: \U00110000 */
	LINES_MAX = 64 * 1024,
	OWNED_BY_C = 3, /* since 3.12: a frame that stands for a call of the loop */
	/* The same in all releases: objects. */
	BYTES_SIZE = 16,
	BYTES_DATA = 32,
	TEXT_LENGTH = 16,
	TEXT_STATE = 32,
};

/* Offsets by release; in bytes. */
static const struct layout {
	unsigned int release;                    /* 0x30b: 3.11 */
	unsigned int interpreters;               /* _PyRuntimeState.interpreters.head */
	unsigned int next;                       /* PyInterpreterState.next */
	unsigned int threads;                    /* PyInterpreterState.threads.head */
	unsigned int native_id, cframe, current; /* PyThreadState; cframe 0: none between */
	unsigned int code, previous, instruction, owner,
		is_entry;                 /* _PyInterpreterFrame; is_entry 0: has none */
	unsigned int firstline, bytecode; /* PyCodeObject.co_firstlineno, co_code_adaptive */
	unsigned int ascii, compact;      /* sizeof PyASCIIObject, PyCompactUnicodeObject */
} layouts[] = {
	{ 0x30b, 40, 0, 16, 160, 56, 8, 32, 48, 56, 69, 68, 72, 184, 48, 72 },
	{ 0x30c, 40, 0, 72, 144, 56, 0, 0, 8, 56, 70, 0, 68, 192, 40, 56 },
	{ 0x30d, 632, 7264, 7344, 160, 0, 72, 0, 8, 56, 70, 0, 68, 200, 40, 56 },
};

enum {
	/* The same in these releases. */
	THREAD_PREVIOUS = 0,
	THREAD_NEXT = 8,
	THREAD_INTERPRETER = 16,
	THREAD_SIZE = 168, /* with its number */
	CODE_FILE = 112,
	CODE_NAME = 128,
	CODE_LINES = 136,
	FRAME_SIZE = 80,
	CODE_SIZE = 144,
};

struct reading {
	const struct memory *mem;
	const struct layout *l;
	struct arena *a;
};

static bool get(const struct reading *r, uint64_t addr, void *to, size_t len)
{
	return addr && memory_read(r->mem, addr, to, len) == (ssize_t)len;
}

static uint64_t word(const struct reading *r, uint64_t addr)
{
	uint64_t v;

	return get(r, addr, &v, sizeof(v)) ? v : 0;
}

/* What each call of a function writes: as it was at that moment, or not at all. */
static bool get_then(const struct reading *r, uint64_t addr, void *to, size_t len)
{
	const struct memory *m = r->mem;

	return (!m->late || (m->taken && m->taken(m, addr, len))) && get(r, addr, to, len);
}

static uint64_t word_then(const struct reading *r, uint64_t addr)
{
	uint64_t v;

	return get_then(r, addr, &v, sizeof(v)) ? v : 0;
}

static uint64_t word_in(const unsigned char *p, unsigned int off)
{
	uint64_t v;

	memcpy(&v, p + off, sizeof(v));
	return v;
}

/* As Python writes it in a string. */
static char *put_escape(char *to, uint32_t c)
{
	static const char digits[] = "0123456789abcdef";
	int shift = c > 0xffff ? 28 : c > 0xff ? 12 : 4;

	*to++ = '\\';
	*to++ = shift > 12 ? 'U' : shift > 4 ? 'u' : 'x';
	for (; shift >= 0; shift -= 4)
		*to++ = digits[c >> shift & 15];
	return to;
}

/*
 * In UTF-8; what is no character there (half a surrogate pair stands for a byte of a file's name) or could not be shown
 * as it is becomes ASCII, so that two names stay two.
 */
static char *put_character(char *to, uint32_t c)
{
	unsigned char *start = (unsigned char *)to;

	if (c <= 0x10ffff) {
		char *end = utf8_put(to, c);

		if (utf8_shown(start, (size_t)(end - to)))
			return end;
	}
	return put_escape(to, c);
}

/* A str as text; NULL where it is none. */
static char *text(const struct reading *r, uint64_t addr)
{
	unsigned char head[TEXT_STATE + 4], raw[TEXT_MAX * 4];
	char s[TEXT_MAX * ESCAPE_MAX], *end = s;

	if (!get(r, addr, head, sizeof(head)))
		return NULL;

	uint64_t n = word_in(head, TEXT_LENGTH);
	unsigned int state = head[TEXT_STATE], kind = state >> 2 & 7;
	bool compact = state >> 5 & 1, ascii = state >> 6 & 1;

	if (!compact || !n || n > TEXT_MAX || (kind != 1 && kind != 2 && kind != 4) ||
	    !get(r, addr + (ascii ? r->l->ascii : r->l->compact), raw, n * kind))
		return NULL;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t c = 0;

		for (unsigned int k = kind; k--;)
			c = c << 8 | raw[i * kind + k];
		end = put_character(end, c);
	}
	return arena_strndup(r->a, s, (size_t)(end - s));
}

/* Six bits a byte, the lowest first. */
static uint32_t varint(const unsigned char *p, size_t n, size_t *at)
{
	uint32_t v = 0;

	for (unsigned int shift = 0; *at < n && shift < 32; shift += 6) {
		unsigned char c = p[(*at)++];

		v |= (uint32_t)(c & 63) << shift;
		if (!(c & 64))
			break;
	}
	return v;
}

/* The line of the instruction at off bytes, by a table of locations. */
static uint32_t line_of(const unsigned char *p, size_t n, uint32_t line, uint64_t off)
{
	uint64_t end = 0;

	for (size_t at = 0; at < n;) {
		unsigned int kind = p[at] >> 3 & 15;
		uint32_t change = 0;

		end += ((p[at++] & 7U) + 1) * 2;
		if (kind >= 10 && kind <= 12)
			change = kind - 10;
		if (kind == 13 || kind == 14) {
			uint32_t v = varint(p, n, &at);

			change = v & 1 ? -(v >> 1) : v >> 1;
		}
		line += change;
		if (off < end)
			return line;
		/* columns, and the last line */
		while (at < n && !(p[at] & 128))
			at++;
	}
	return 0;
}

static bool put_frame(const struct reading *r, uint64_t code, uint64_t instruction, struct frame *f)
{
	unsigned char raw[CODE_SIZE], *lines;
	uint32_t first;
	uint64_t n, at;

	if (!get(r, code, raw, sizeof(raw)))
		return false;
	memset(f, 0, sizeof(*f));
	f->function = text(r, word_in(raw, CODE_NAME));
	f->file = text(r, word_in(raw, CODE_FILE));
	if (!f->function || !f->file)
		return false;
	f->module = f->file;
	memcpy(&first, raw + r->l->firstline, sizeof(first));
	at = word_in(raw, CODE_LINES);
	n = word(r, at + BYTES_SIZE);
	if (n > LINES_MAX)
		n = LINES_MAX;
	lines = arena_array(r->a, unsigned char, n + 1);
	if (get(r, at + BYTES_DATA, lines, n))
		f->line = line_of(lines, n, first, instruction - (code + r->l->bytecode));
	return true;
}

/* ---- of a process that may be gone when its frames are named ---- */

struct line {
	char *function, *file;
	uint32_t number;
};

void python_forget(struct python_known *k)
{
	struct map_slot *s;

	for (size_t i = 0; (s = map_next(&k->lines, &i));) {
		struct line *l = s->value;

		alloc_free(l->function);
		alloc_free(l->file);
	}
	map_free_values(&k->lines);
	map_free_values(&k->threads);
	memset(k, 0, sizeof(*k));
}

static void remember(struct python_known *k, uint64_t instruction, const struct frame *f)
{
	struct line *l;

	if (map_get(&k->lines, instruction))
		return;
	if (k->lines.n >= KNOWN_MAX)
		python_forget(k);
	l = alloc_zeroed(1, sizeof(*l));
	*l = (struct line){ alloc_strdup(f->function), alloc_strdup(f->file), f->line };
	map_put(&k->lines, instruction, l);
}

static bool recall(const struct reading *r, const struct python_known *k, uint64_t instruction,
		   struct frame *f)
{
	const struct line *l = map_get(&k->lines, instruction);

	if (!l)
		return false;
	memset(f, 0, sizeof(*f));
	f->function = arena_strdup(r->a, l->function);
	f->file = f->module = arena_strdup(r->a, l->file);
	f->line = l->number;
	return true;
}

/* Of late memory, whose process may be gone: what is there still counts before what was. */
static bool name_frame(const struct reading *r, struct python_known *k, uint64_t code,
		       uint64_t instruction, struct frame *f)
{
	if (!put_frame(r, code, instruction, f))
		return r->mem->late && recall(r, k, instruction, f);
	if (r->mem->late)
		remember(k, instruction, f);
	return true;
}

/* ---- threads ---- */

/* Of a task, in an interpreter. */
struct thread {
	uint64_t at, native_id;
};

/* Is it still this thread's, and in its interpreter's list?  What was freed keeps its number. */
static bool is_thread(const struct reading *r, const struct thread *t, uint64_t interpreter)
{
	unsigned char raw[THREAD_SIZE];
	uint64_t previous;

	if (!get(r, t->at, raw, sizeof(raw)) || word_in(raw, r->l->native_id) != t->native_id ||
	    word_in(raw, THREAD_INTERPRETER) != interpreter)
		return false;
	previous = word_in(raw, THREAD_PREVIOUS);
	return word(r, previous ? previous + THREAD_NEXT : interpreter + r->l->threads) == t->at;
}

/* Tasks are numbered far below 1 << 22, and what is found is proved. */
static uint64_t key_of(uint64_t interpreter, int tid)
{
	return interpreter << 22 ^ (uint64_t)tid;
}

static void remember_thread(struct python_known *k, uint64_t key, struct thread t)
{
	struct thread *known = map_get(&k->threads, key);

	if (!known) {
		if (k->threads.n >= THREADS_MAX)
			map_free_values(&k->threads);
		known = alloc_zeroed(1, sizeof(*known));
		map_put(&k->threads, key, known);
	}
	*known = t;
}

/* What was taken stands first, and of it no more than its number. */
static uint64_t thread_taken(const struct reading *r, uint64_t interpreter, uint64_t native_id)
{
	uint64_t at = word(r, interpreter + r->l->threads);

	return at && word(r, at + r->l->native_id) == native_id ? at : 0;
}

/*
 * What an interpreter has for task tid, which is native_id where it runs; 0: nothing.  The list begins with the newest
 * thread, so that a program's first one is its last: which one it was is remembered.
 */
static uint64_t thread_of(const struct reading *r, struct python_known *k, uint64_t interpreter,
			  int tid, uint64_t native_id)
{
	uint64_t at = word(r, interpreter + r->l->threads), key = key_of(interpreter, tid);
	const struct thread *known = map_get(&k->threads, key);
	unsigned char raw[THREAD_SIZE];

	for (unsigned int i = 0; i < THREADS_MAX && get(r, at, raw, sizeof(raw)); i++) {
		uint64_t number = word_in(raw, r->l->native_id);

		if (number == native_id || (!i && known && number == known->native_id)) {
			remember_thread(k, key, (struct thread){ at, number });
			return at;
		}
		if (!i && known && is_thread(r, known, interpreter))
			return known->at;
		at = word_in(raw, THREAD_NEXT);
	}
	return 0;
}

static const struct layout *layout_of(const struct reading *r, const struct python *py)
{
	uint64_t version = word(r, py->version);

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].release == version >> 16)
			return &layouts[i];
	}
	return NULL;
}

bool python_chain(const struct python *py, const struct memory *mem, struct python_chain *to)
{
	const struct reading r = { .mem = mem };
	const struct layout *l = layout_of(&r, py);

	if (!l)
		return false;
	*to = (struct python_chain){
		.interpreters = py->runtime + l->interpreters,
		.next_interpreter = l->next,
		.threads = l->threads,
		.native_id = l->native_id,
		.previous_thread = THREAD_PREVIOUS,
		.next = THREAD_NEXT,
		.interpreter = THREAD_INTERPRETER,
		.cframe = l->cframe,
		.current = l->current,
		.previous = l->previous,
		.frame_size = FRAME_SIZE,
	};
	return true;
}

/* Where frames go. */
struct frames {
	struct frame *v;
	bool *last;
	unsigned int n, max;
};

static void put_frames(const struct reading *r, struct python_known *known, uint64_t thread,
		       struct frames *to)
{
	uint64_t at = r->l->cframe ? word_then(r, thread + r->l->cframe) : thread;

	at = at ? word_then(r, at + r->l->current) : 0;
	for (unsigned int i = 0; at && to->n < to->max && i < FRAMES_MAX; i++) {
		unsigned char raw[FRAME_SIZE];

		if (!get_then(r, at, raw, sizeof(raw)))
			break;
		at = word_in(raw, r->l->previous);
		if (!r->l->is_entry && raw[r->l->owner] == OWNED_BY_C) {
			if (to->n)
				to->last[to->n - 1] = true;
			continue;
		}
		if (!name_frame(r, known, word_in(raw, r->l->code), word_in(raw, r->l->instruction),
				&to->v[to->n]))
			continue;
		to->last[to->n++] = r->l->is_entry && raw[r->l->is_entry];
	}
}

/*
 * A task that runs a subinterpreter's code came there from another's, which is older: the newest one is first in the
 * list.  Those that it runs nothing of have no frames.
 */
static void put_thread(const struct reading *r, const struct python *py, struct python_known *known,
		       int tid, uint64_t native_id, struct frames *to)
{
	uint64_t at = word(r, py->runtime + r->l->interpreters), thread;

	if (r->mem->late) {
		thread = at ? thread_taken(r, at, native_id) : 0;
		if (thread)
			put_frames(r, known, thread, to);
		return;
	}
	for (unsigned int i = 0; at && i < INTERPRETERS_MAX; i++) {
		thread = thread_of(r, known, at, tid, native_id);
		if (thread)
			put_frames(r, known, thread, to);
		at = word(r, at + r->l->next);
	}
}

unsigned int python_frames(const struct python *py, struct python_known *known,
			   const struct memory *mem, int tid, struct arena *a, struct frame *frames,
			   bool *last, unsigned int max)
{
	struct frames to = { .v = frames, .last = last, .max = max };
	struct reading r = { .mem = mem, .a = a };
	uint64_t inner;

	r.l = layout_of(&r, py);
	if (r.l)
		known->layout = (unsigned int)(r.l - layouts) + 1;
	else if (mem->late && known->layout)
		r.l = &layouts[known->layout - 1];
	if (!r.l)
		return 0;
	put_thread(&r, py, known, tid, (uint64_t)tid, &to);
	if (!to.n && (inner = inner_tid(tid)) && inner != (uint64_t)tid)
		put_thread(&r, py, known, tid, inner, &to);
	return to.n;
}
