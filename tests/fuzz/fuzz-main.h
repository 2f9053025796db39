/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main() of a fuzz target where it is built for make check: replays its corpus, files and folders. */
#ifndef CMSGTRACE_TESTS_FUZZ_MAIN_H
#define CMSGTRACE_TESTS_FUZZ_MAIN_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef FUZZING_ENGINE
static unsigned int replay_file(const char *path)
{
	enum { MAX = 1 << 20 };
	FILE *f = fopen(path, "re");
	unsigned char *p;
	size_t n;

	if (!f)
		return 0;
	p = malloc(MAX);
	n = p ? fread(p, 1, MAX, f) : 0;
	fclose(f);
	if (p)
		LLVMFuzzerTestOneInput(p, n);
	free(p);
	return 1;
}

static unsigned int replay(const char *path)
{
	char inner[4096];
	unsigned int n = 0;
	struct dirent *d;
	DIR *dp = opendir(path);

	if (!dp)
		return replay_file(path);
	while ((d = readdir(dp))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, d->d_name);
		n += replay_file(inner);
	}
	closedir(dp);
	return n;
}

int main(int argc, char *argv[])
{
	const char *srcdir = getenv("srcdir");
	char corpus[4000];
	unsigned int n = 0;

	snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/" FUZZ_CORPUS, srcdir ? srcdir : ".");
	for (int i = 1; i < argc; i++)
		n += replay(argv[i]);
	if (argc == 1)
		n = replay(corpus);
	printf("1..1\n%sok 1 - %u inputs replayed\n", n ? "" : "not ", n);
	return n ? 0 : 1;
}
#endif

#endif
