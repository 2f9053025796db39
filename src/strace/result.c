// SPDX-License-Identifier: LGPL-2.1-or-later
/* What stands behind the parenthesis of a call in a log: "= -1 EINVAL (Invalid argument) <0.000012>". Pure. */
#include "config.h"

#include <string.h>

#include "strace/call.h"
#include "strace/values.h"

/* "0.000012" as nanoseconds. */
static bool parse_seconds(const char *p, const char *end, uint64_t *ns)
{
	uint64_t sec = 0, frac = 0, unit = 1000000000;
	const char *start = p;

	for (; p < end && *p >= '0' && *p <= '9' && sec < 1ULL << 34; p++)
		sec = sec * 10 + (unsigned int)(*p - '0');
	if (p == start)
		return false;
	if (p < end && *p == '.') {
		for (p++; p < end && *p >= '0' && *p <= '9'; p++) {
			if (unit > 1) {
				frac = frac * 10 + (unsigned int)(*p - '0');
				unit /= 10;
			}
		}
	}
	*ns = sec * 1000000000 + frac * unit;
	return true;
}

/* What follows the number: an errno's name, (left …), <0.000012>. */
static void result_rest(struct strace_result *r, struct arena *a, const char *p, const char *end)
{
	const char *word = p;

	while (p < end && ((*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_'))
		p++;
	if (p > word && *word == 'E') {
		int err = strace_errno(word, (size_t)(p - word));

		if (err) {
			r->value = -err;
			r->unknown = false;
		}
	}
	while (p < end && *p != '(' && *p != '<')
		p++;
	if (p < end && *p == '(') {
		const char *close = strace_close(p + 1, end);

		if (!close)
			return;
		r->left = strace_parse(a, p + 1, close);
		p = close + 1;
	}
	p = p < end ? memchr(p, '<', (size_t)(end - p)) : NULL;
	if (p)
		r->spent = parse_seconds(p + 1, end, &r->spent_ns);
}

struct strace_result strace_result_parse(struct arena *a, const char *p, const char *end)
{
	struct strace_result r = { .have = false };
	uint64_t num;
	size_t n;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p++ != '=')
		return r;
	while (p < end && *p == ' ')
		p++;
	if (p < end && *p == '?') {
		r.have = r.unknown = true;
		p++;
	} else {
		n = strace_number(p, end, &num);
		if (!n)
			return r;
		r.have = true;
		r.value = (int64_t)num;
		p += n;
		if (p < end && *p == '<') {
			struct val *v = strace_parse(a, p - n, end)->child;

			r.path = v ? val_path(v, &r.path_len) : NULL;
			if (r.path)
				p = r.path + r.path_len + 1;
		}
	}
	while (p < end && *p == ' ')
		p++;
	result_rest(&r, a, p, end);
	return r;
}
