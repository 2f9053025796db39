// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a line of a log is. Pure; looks at the line's beginning only, for most lines are not ours. */
#include "config.h"

#include "strace/line.h"

#include <string.h>

#include "strace/call.h"

enum { LOOK_MAX = 512, PREFIX_TOKENS = 4 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- cleaning ---- */

static size_t strip_colours(char *p, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] != '\033' || i + 1 == len || p[i + 1] != '[') {
			p[to++] = p[i];
			continue;
		}
		for (i += 2; i < len && !(p[i] >= '@' && p[i] <= '~'); i++)
			;
	}
	return to;
}

static const struct {
	const char *text;
	char c;
} entities[] = {
	{ "&quot;", '"' }, { "&#34;", '"' },  { "&lt;", '<' },    { "&gt;", '>' },
	{ "&amp;", '&' },  { "&#39;", '\'' }, { "&apos;", '\'' },
};

static size_t entity_at(const char *p, size_t len, char *c)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t n = strlen(entities[i].text);

		if (n <= len && !memcmp(p, entities[i].text, n)) {
			*c = entities[i].c;
			return n;
		}
	}
	return 0;
}

/*
 * Where quotes are entities too, all of the line was encoded; else only what stands outside of strings, for
 * a payload may hold the same text of its own.
 */
static size_t decode_entities(char *p, size_t len)
{
	bool all = !memchr(p, '"', len), quoted = false;
	size_t to = 0;

	for (size_t i = 0; i < len;) {
		char c = p[i];
		size_t n = c == '&' && (all || !quoted) ? entity_at(p + i, len - i, &c) : 0;

		if (!n && c == '"' && !(i && p[i - 1] == '\\'))
			quoted = !quoted;
		p[to++] = c;
		i += n ? n : 1;
	}
	return to;
}

/* No-break spaces (U+00A0, U+202F), which web pages and chats make of blanks: strace prints no such bytes. */
static size_t plain_blanks(char *p, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		size_t n = len - i > 1 && !memcmp(p + i, "\xc2\xa0", 2)       ? 2
			   : len - i > 2 && !memcmp(p + i, "\xe2\x80\xaf", 3) ? 3
									      : 0;

		p[to++] = n ? ' ' : p[i];
		i += n ? n - 1 : 0;
	}
	return to;
}

/* Whatever holds other bytes was not printed by strace, which escapes them. */
static bool is_text(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Sixteen bytes at once: the compiler makes of it what the processor has. */
typedef signed char some_bytes __attribute__((vector_size(16)));

/* Not zero where there may be something to clean. */
static some_bytes odd_bytes(const char *p)
{
	some_bytes v;

	memcpy(&v, p, sizeof(v));
	/* ';' of an entity; strace itself writes &sin6_addr.  Signed: those from 0x80 on are below ' ' too */
	return (v < ' ') | (v == 0x7f) | (v == ';');
}

/* Is there nothing to clean? Most of a log goes by here. */
static bool is_clean(const char *p, size_t len)
{
	char rest[sizeof(some_bytes)];
	some_bytes odd = { 0 };
	uint64_t any[2];
	size_t i = 0;

	for (; len - i >= sizeof(rest); i += sizeof(rest))
		odd |= odd_bytes(p + i);
	memset(rest, ' ', sizeof(rest));
	memcpy(rest, p + i, len - i);
	odd |= odd_bytes(rest);
	memcpy(any, &odd, sizeof(any));
	return !(any[0] | any[1]);
}

static size_t without_blanks_behind(const char *p, size_t len)
{
	while (len && (p[len - 1] == '\r' || is_blank(p[len - 1])))
		len--;
	return len;
}

bool strace_line_clean(char *p, size_t *len)
{
	size_t n = without_blanks_behind(p, *len);

	if (!is_clean(p, n)) {
		if (memchr(p, 0xc2, n) || memchr(p, 0xe2, n))
			n = without_blanks_behind(p, plain_blanks(p, n));
		if (memchr(p, '\033', n))
			n = strip_colours(p, n);
		if (memchr(p, '&', n) && memchr(p, ';', n))
			n = decode_entities(p, n);
		if (!is_text(p, n))
			return false;
	}
	*len = n;
	return true;
}

/* ---- what stands before the call ---- */

/* 1700000000.123456 (-ttt) and 0.000123 (-r), 12:34:56, 12:34:56.789012. */
static bool is_time(const char *p, size_t len, uint64_t *ns)
{
	size_t digits = 0, colons = 0, dots = 0, before = 0;
	uint64_t sec = 0, frac = 0, unit = 1000000000;

	for (size_t i = 0; i < len; i++) {
		if (is_digit(p[i])) {
			digits++;
			if (dots && unit > 1) {
				frac = frac * 10 + (unsigned int)(p[i] - '0');
				unit /= 10;
			} else if (!dots && ++before <= 12) {
				sec = sec * 10 + (unsigned int)(p[i] - '0');
			}
		} else if (p[i] == ':' && !dots) {
			colons++;
		} else if (p[i] == '.' && !dots) {
			dots++;
		} else {
			return false;
		}
	}
	if (!digits || !((colons == 2 && before == 6) || (!colons && dots && before <= 12)))
		return false;
	if (!colons && sec >= 100000000) /* -r counts from 0 */
		*ns = sec * 1000000000 + frac * unit;
	return true;
}

static bool take_pid(const char *p, size_t len, struct strace_line *out)
{
	uint64_t num;
	size_t n = strace_number(p, p + len, &num), comm;

	if (!n || *p == '-' || num > INT32_MAX || !num)
		return false;
	if (n < len && (p[n] != '<' || p[len - 1] != '>'))
		return false;
	out->tid = (int)num;
	comm = n < len ? len - n - 2 : 0;
	if (comm)
		memcpy(out->comm, p + n + 1, comm < 16 ? comm : 16);
	return true;
}

/* Reads what is before the call from its right end: strace's time, then its pid; the rest is foreign. */
static void look_before(const char *p, size_t len, struct strace_line *out)
{
	bool timed = false;

	out->foreign = len;
	for (unsigned int i = 0; i < PREFIX_TOKENS; i++) {
		size_t start, end = len;

		while (end && is_blank(p[end - 1]))
			end--;
		start = end;
		if (end && p[end - 1] == ']') { /* [pid 123], [pid 123<comm>] */
			while (start && p[start - 1] != '[')
				start--;
			if (start && end - start > 5 && !memcmp(p + start, "pid ", 4)) {
				const char *q = p + start + 4;
				size_t n = end - 1 - start - 4;

				while (n && is_blank(*q)) {
					q++;
					n--;
				}
				if (take_pid(q, n, out))
					out->foreign = start - 1;
			}
			return;
		}
		if (end && p[end - 1] == ')') { /* 12:34:56 (+     0.000123) of -r -t */
			while (start && p[start - 1] != '(')
				start--;
			if (!start || p[start] != '+')
				return;
			len = start - 1;
			out->foreign = len;
			continue;
		}
		while (start && !is_blank(p[start - 1]))
			start--;
		if (start == end)
			return;
		if (!timed && is_time(p + start, end - start, &out->stamp_ns)) {
			timed = true;
		} else {
			if (take_pid(p + start, end - start, out))
				out->foreign = start;
			return;
		}
		len = start;
		out->foreign = len;
	}
}

/* ---- what it is ---- */

/* The name before the parenthesis at i; 0: none. */
static size_t name_before(const char *p, size_t i, size_t *start)
{
	size_t s = i;

	while (s && is_name(p[s - 1]))
		s--;
	if (s == i || is_digit(p[s]))
		return 0;
	if (s && !is_blank(p[s - 1]) && !memchr("]|>:", p[s - 1], 4))
		return 0;
	*start = s;
	return i - s;
}

static void look_resumed(const char *p, size_t len, size_t at, struct strace_line *out)
{
	const char *end = p + len, *name = p + at + 5, *e = name, *close;

	while (e < end && is_name(*e))
		e++;
	close = memmem(e, (size_t)(end - e), "resumed>", 8);
	out->name = name;
	out->name_len = (size_t)(e - name);
	out->call = strace_call_find(name, out->name_len);
	out->kind = close && out->call != STRACE_NONE ? STRACE_LINE_RESUMED : STRACE_LINE_SKIP;
	out->rest = close ? close + 8 : end;
	look_before(p, at, out);
}

static bool starts(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && !memcmp(p, word, n);
}

static void look_plus(const char *p, size_t len, size_t at, struct strace_line *out)
{
	const char *q = p + at + 4, *end = p + len;

	out->kind = STRACE_LINE_SKIP;
	out->rest = q;
	if (starts(q, end, "exited with ")) {
		out->kind = STRACE_LINE_EXITED;
		out->rest = q + 12;
	} else if (starts(q, end, "killed by ")) {
		out->kind = STRACE_LINE_KILLED;
		out->rest = q + 10;
	} else if (starts(q, end, "superseded by execve in pid ")) {
		out->kind = STRACE_LINE_SUPERSEDED;
		out->rest = q + 28;
	}
	look_before(p, at, out);
}

static bool look_frame(const char *p, size_t len, struct strace_line *out)
{
	const char *mark = NULL, *end = p + len;

	if (len < 8 || p[len - 1] != ']')
		return false;
	mark = memmem(p, len < 128 ? len : 128, "> ", 2);
	if (!mark || !memmem(mark, (size_t)(end - mark), " [0x", 4))
		return false;
	out->kind = STRACE_LINE_FRAME;
	out->rest = mark + 2;
	return true;
}

/* A parenthesis that belongs to another call: "build(1): sendmsg(" is a prefix, "write(1" is not. */
static bool is_prefix(const char *p, size_t len, size_t open)
{
	const char *close = memchr(p + open, ')', len - open < 32 ? len - open : 32);

	return close && close + 1 < p + len && (close[1] == ':' || close[1] == ']') &&
	       !memchr(p + open, '"', (size_t)(close - p) - open);
}

static bool look_call(const char *p, size_t len, size_t open, struct strace_line *out)
{
	size_t start, n = name_before(p, open, &start);

	if (!n)
		return false;
	out->call = strace_call_find(p + start, n);
	if (out->call == STRACE_NONE && is_prefix(p, len, open))
		return false;
	out->kind = out->call == STRACE_NONE ? STRACE_LINE_SKIP : STRACE_LINE_CALL;
	out->name = p + start;
	out->name_len = n;
	if (out->kind == STRACE_LINE_SKIP)
		return true;
	out->rest = p + open + 1;
	look_before(p, start, out);
	return true;
}

bool strace_line_is_rest(const char *p, struct strace_line *l, bool have_pid)
{
	static const char *const functions[] = { "inet_pton", "inet_addr",      "htons",   "htonl",
						 "htobs",     "if_nametoindex", "makedev", "left" };

	if (!l->name)
		return false;
	/* none of these is a call's name */
	for (size_t i = 0; l->call == STRACE_NONE && i < sizeof(functions) / sizeof(functions[0]);
	     i++) {
		size_t n = strlen(functions[i]);

		/* the line may begin in the middle of the word */
		if (l->name_len <= n &&
		    (!l->name_len || functions[i][n - 1] == l->name[l->name_len - 1]) &&
		    !memcmp(functions[i] + n - l->name_len, l->name, l->name_len))
			return true;
	}
	if (!have_pid || l->tid)
		return false;
	look_before(p, (size_t)(l->name - p), l);
	return !l->tid;
}

static bool begins_word(const char *p, size_t i)
{
	return !i || is_blank(p[i - 1]);
}

void strace_line_look(const char *p, size_t len, struct strace_line *out)
{
	size_t look = len < LOOK_MAX ? len : LOOK_MAX;

	out->kind = STRACE_LINE_OTHER;
	out->tid = 0;
	out->comm[0] = '\0';
	out->stamp_ns = 0;
	out->foreign = 0;
	out->name = NULL;
	for (size_t i = 0; i < look; i++) {
		switch (p[i]) {
		case '(':
			if (look_call(p, len, i, out))
				return;
			break;
		case '<':
			if (starts(p + i, p + len, "<... ")) {
				look_resumed(p, len, i, out);
				return;
			}
			break;
		case '+':
			if (starts(p + i, p + len, "+++ ") && begins_word(p, i)) {
				look_plus(p, len, i, out);
				return;
			}
			break;
		case '-':
			if (starts(p + i, p + len, "--- ") && begins_word(p, i)) {
				out->kind = STRACE_LINE_SKIP;
				return;
			}
			break;
		case '[':
			if (starts(p + i, p + len, "[ Process PID=")) {
				out->kind = STRACE_LINE_MODE;
				out->rest = p + i + 14;
				return;
			}
			break;
		case '"':
		case '{':
			look = i; /* a call's arguments: the rest of a line that was wrapped */
			break;
		default:
			break;
		}
	}
	if (look_frame(p, len, out))
		return;
	if (starts(p, p + len, "strace: "))
		out->kind = STRACE_LINE_SKIP;
}
