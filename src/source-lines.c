// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of source files. */
#include "config.h"

#include "source-lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stack/open.h"

enum { AROUND = 3, LINE_MAX_SHOWN = 400, SIZE_MAX_READ = 16 << 20 };

static bool named_as_source(const char *file)
{
	static const char *const ends[] = { ".c",   ".h",    ".cc",  ".cpp", ".cxx",
					    ".c++", ".hh",   ".hpp", ".m",   ".rs",
					    ".go",  ".zig",  ".d",   ".py",  ".js",
					    ".ts",  ".java", ".kt",  ".rb",  ".cs",
					    ".f90", ".pas",  ".adb", ".nim", ".swift" };
	const char *dot = strrchr(file, '.');

	for (size_t i = 0; dot && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!strcmp(dot, ends[i]))
			return true;
	return false;
}

static FILE *open_source(const char *file)
{
	struct stat st;
	int fd = named_as_source(file) ? open_regular(-1, file, &st) : -1;
	FILE *in;

	if (fd < 0)
		return NULL;
	in = st.st_mode & S_IROTH && st.st_size <= SIZE_MAX_READ ? fdopen(fd, "re") : NULL;
	if (!in)
		close(fd);
	return in;
}

bool source_lines(const char *file, uint32_t line, struct buf *lines, uint32_t *first)
{
	FILE *in = open_source(file);
	uint32_t no = 0, from = line > AROUND ? line - AROUND : 1;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	if (!in)
		return false;
	*first = from;
	while (no < line + AROUND && (len = getline(&text, &room, in)) > 0) {
		if (++no < from)
			continue;
		if (text[len - 1] == '\n')
			len--;
		buf_add(lines, text, len < LINE_MAX_SHOWN ? (size_t)len : LINE_MAX_SHOWN);
		buf_char(lines, '\n');
	}
	free(text);
	fclose(in);
	return no >= line;
}
