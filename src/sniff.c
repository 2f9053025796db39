// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a file is, by its first bytes: those that people hand over by mistake, or compressed. Pure. */
#include "config.h"

#include "sniff.h"

#include <stdio.h>
#include <string.h>

/* Shells take them as they are. */
static bool plain_name(const char *s)
{
	for (; *s; s++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/,:@%",
			    *s))
			return false;
	}
	return true;
}

static const struct {
	const char *magic;
	size_t len;
	const char *what;
	const char *tool; /* that makes text of it; or NULL … */
	const char *help; /* … and then this */
} magics[] = {
#define MAGIC(bytes) bytes, sizeof(bytes) - 1
#define TAKES "cmsgtrace reads its own recordings (--record) and logs of strace"
	{ MAGIC("\x1f\x8b"), "compressed with gzip", "gzip -dc", NULL },
	{ MAGIC("\xfd"
		"7zXZ\0"),
	  "compressed with xz", "xz -dc", NULL },
	{ MAGIC("\x28\xb5\x2f\xfd"), "compressed with zstd", "zstd -dc", NULL },
	{ MAGIC("BZh"), "compressed with bzip2", "bzip2 -dc", NULL },
	{ MAGIC("\x04\x22\x4d\x18"), "compressed with lz4", "lz4 -dc", NULL },
	{ MAGIC("PK\3\4"), "a zip archive", "unzip -p", NULL },
	{ MAGIC("\xa1\xb2\xc3\xd4"), "a packet capture (pcap)", NULL, TAKES },
	{ MAGIC("\xd4\xc3\xb2\xa1"), "a packet capture (pcap)", NULL, TAKES },
	{ MAGIC("\xa1\xb2\x3c\x4d"), "a packet capture (pcap)", NULL, TAKES },
	{ MAGIC("\x4d\x3c\xb2\xa1"), "a packet capture (pcap)", NULL, TAKES },
	{ MAGIC("\x0a\x0d\x0d\x0a"), "a packet capture (pcapng)", NULL, TAKES },
	{ MAGIC("\x7f"
		"ELF"),
	  "a program", NULL, "to trace it, run cmsgtrace and its name, without --read" },
	{ MAGIC("PERFILE2"), "a recording of perf", NULL, TAKES },
	{ MAGIC("LPKSHHRH"), "a journal of systemd", NULL,
	  "journalctl --file prints its text, which can be piped to cmsgtrace --read=-" },
	{ MAGIC("% time"), "the table of strace -c", NULL,
	  "it holds no calls: run strace without -c" },
};

/* Every other byte is 0, as in UTF-16 without its mark. */
static bool looks_wide(const char *p, size_t len)
{
	size_t zeros[2] = { 0, 0 };

	for (size_t i = 0; i < len; i++)
		zeros[i % 2] += !p[i];
	return len >= 8 && (zeros[0] > len / 2 - len / 8) != (zeros[1] > len / 2 - len / 8) &&
	       (zeros[0] < len / 16 || zeros[1] < len / 16);
}

/*
 * More control characters than text has.  Zeros alone don't tell: a log that was truncated under its writer
 * begins with them.
 */
static bool looks_binary(const char *p, size_t len)
{
	size_t zeros = 0, odd = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		zeros += !c;
		odd += c && c < ' ' && !strchr("\t\n\r\033", c);
	}
	return odd > (len - zeros) / 20;
}

static void tell(struct buf *why, const char *what, const char *tool, const char *help,
		 const char *name)
{
	buf_str(why, what);
	buf_lit(why, "; ");
	if (!tool) {
		buf_str(why, help);
		return;
	}
	buf_lit(why, "read it by: ");
	buf_str(why, tool);
	if (strcmp(name, "-") != 0) {
		buf_char(why, ' ');
		buf_str(why, plain_name(name) ? name : "FILE");
	}
	buf_lit(why, " | cmsgtrace --read=-");
}

/* Whose text looks like calls, too, but holds no control messages; by its first line. */
static const char *other_tracer(const char *p, size_t len)
{
	char line[256] = "", last = 0;

	memcpy(line, p, len < sizeof(line) - 1 ? len : sizeof(line) - 1);
	/* "     0.000 ( 0.004 ms): nc/1234 recvmsg(fd: 3, …" */
	if (sscanf(line, " %*f (%*[ 0-9.ms]): %c", &last) == 1)
		return "lines of perf trace";
	/* "71 14:02:11.000000000 0 nginx (4711) > recvmsg fd=3 …" */
	if (sscanf(line, "%*u %*u:%*u:%*u.%*u %*u %*s (%*u) %c", &last) == 1 &&
	    (last == '>' || last == '<'))
		return "lines of sysdig or falco";
	return NULL;
}

/* Of the row that p begins with, or NULL. */
static const char *tool_for(const char *p, size_t len)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (len >= magics[i].len && !memcmp(p, magics[i].magic, magics[i].len))
			return magics[i].tool;
	}
	return NULL;
}

bool sniff_packed(const char *p, size_t len, char tool[16])
{
	static const char how[] = " -dc";
	const char *row = tool_for(p, len);
	size_t n = row ? strlen(row) : 0;

	if (n < sizeof(how) || n >= 16 || strcmp(row + n - strlen(how), how) != 0)
		return false;
	memcpy(tool, row, n);
	tool[n - strlen(how)] = '\0';
	return true;
}

bool sniff_wide(const char *p, size_t len, bool *big)
{
	bool marked = len >= 2 && (!memcmp(p, "\xff\xfe", 2) || !memcmp(p, "\xfe\xff", 2));

	if (!marked && !looks_wide(p, len))
		return false;
	*big = marked ? p[0] == '\xfe' : !p[0];
	return true;
}

bool sniff_foreign(const char *p, size_t len, const char *name, struct buf *why)
{
	const char *tracer = other_tracer(p, len);

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (len < magics[i].len || memcmp(p, magics[i].magic, magics[i].len) != 0)
			continue;
		tell(why, magics[i].what, magics[i].tool, magics[i].help, name);
		return true;
	}
	if (tracer) {
		tell(why, tracer, NULL,
		     "they hold no control messages: run cmsgtrace itself, or strace -f -v -s 4096 -yy",
		     name);
		return true;
	}
	if (looks_binary(p, len)) {
		tell(why, "binary data", NULL, TAKES, name);
		return true;
	}
	return false;
}

size_t sniff_bom(const char *p, size_t len)
{
	return len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;
}
