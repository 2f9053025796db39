// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where distributions put debug information, in the process's root and in ours, as the one of a container seldom has any. */
#include "config.h"

#include "stack/elf-debug.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "procfs/procfs.h"
#include "stack/open.h"

enum { CRC_MAX = 256 * 1024 * 1024 }; /* bytes that are summed up */

/* As GDB's manual has it, "Debugging Information in Separate Files": zlib's CRC of all bytes. */
static uint32_t crc_of(int fd)
{
	static unsigned char buf[16 * 1024]; /* not on the stack, which is touched page by page */
	uint32_t table[256], crc = UINT32_MAX;
	ssize_t n;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	for (off_t at = 0; at < CRC_MAX && (n = pread(fd, buf, sizeof(buf), at)) > 0; at += n) {
		for (ssize_t i = 0; i < n; i++)
			crc = crc >> 8 ^ table[(crc ^ buf[i]) & 255];
	}
	return ~crc;
}

/* Is this the debug information that is looked for?  By their build ids, else by the CRC that the link to it has. */
static bool belongs(const struct elf_link *l, int fd)
{
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	const void *id;
	bool same;

	if (l->id_len)
		same = elf && dwelf_elf_gnu_build_id(elf, &id) == (ssize_t)l->id_len &&
		       !memcmp(id, l->id, l->id_len);
	else
		same = elf && crc_of(fd) == l->crc;
	elf_end(elf);
	return same;
}

/* The n-th place where the debug information of file can be; false: there are no more. */
static bool debug_path(const struct elf_link *l, const char *file, unsigned int n,
		       char path[PATH_MAX])
{
	static const char *const by_link[][2] = { { "", "/" },
						  { "", "/.debug/" },
						  { "/usr/lib/debug", "/" } };
	const char *slash = strrchr(file, '/');
	int len;

	path[0] = '\0';
	if (!n) {
		len = sprintf(path, ELF_DEBUG_ROOT ".build-id/");
		for (size_t i = 0; i < l->id_len; i++)
			len += sprintf(path + len, i == 1 ? "/%02x" : "%02x", l->id[i]);
		strcpy(path + len, ".debug");
		return true;
	}
	if (--n >= sizeof(by_link) / sizeof(by_link[0]) || !l->name || !slash)
		return false;
	len = snprintf(path, PATH_MAX, "%s%.*s%s%s", by_link[n][0], (int)(slash - file), file,
		       by_link[n][1], l->name);
	return len < PATH_MAX;
}

int elf_debug_open(const struct elf_link *l, const char *file, int tid, char path[PATH_MAX])
{
	const char *there = file;
	char root[PATH_MAX];
	struct stat st;
	ssize_t len;

	len = procfs_link(procfs_path(tid, "root").s, root, sizeof(root));
	if (len > 1 && !strncmp(there, root, (size_t)len))
		there += len;
	for (int here = 1; here >= 0; here--) {
		for (unsigned int n = 0; debug_path(l, here ? file : there, n, path); n++) {
			int fd = here ? open_regular(-1, path, &st) : open_in_root(tid, path, &st);

			if (fd >= 0 && belongs(l, fd))
				return fd;
			if (fd >= 0)
				close(fd);
		}
	}
	return -1;
}
