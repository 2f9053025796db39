/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of /proc: names, small ones read whole, numbered folders.  Reads are bounded; nothing is owned. */
#ifndef CMSGTRACE_PROCFS_PROCFS_H
#define CMSGTRACE_PROCFS_PROCFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procfs_path {
	char s[64];
};

/* "/proc/ID/" and what fmt makes, for a process or a task. */
struct procfs_path procfs_path(int id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, opened for reading: a descriptor, or -errno. */
int procfs_open(int id, const char *name);
/* The first bytes of a file, up to size - 1, terminated.  How many, or -errno. */
ssize_t procfs_read(const char *path, char *to, size_t size);
/* The same of an open file, which it closes; fd may be a negative errno. */
ssize_t procfs_take(int fd, char *to, size_t size);
/* What a link says, cut to size - 1, terminated.  How many bytes, or -errno. */
ssize_t procfs_link(const char *path, char *to, size_t size);
/* Inode of what a path leads to, which tells namespaces apart; 0 where it can't be told. */
uint64_t procfs_inode(const char *path);
/* Inodes of the machine's first namespaces: PROC_PID_INIT_INO and PROC_USER_INIT_INO of include/linux/proc_ns.h */
enum { PROCFS_FIRST_PID_NS = 0xeffffffc, PROCFS_FIRST_USER_NS = 0xeffffffd };
/* What follows "KEY:" in a text like /proc/PID/status; NULL: no such line. */
const char *procfs_value(const char *text, const char *key);
/* The letter of a task's state, out of its status; 0 unknown. */
char procfs_state(const char *status);
/* The number that a task has in its own pid namespace, out of its status; 0 unknown. */
int procfs_inner_pid(const char *status);
/* For a DIR * variable, which may be NULL. */
#define auto_dir __attribute__((cleanup(procfs_close_dir)))
void procfs_close_dir(DIR **dir);
/* The next entry of a folder that is a number; -1 at the end, and where dir is NULL. */
int procfs_next(DIR *dir);
/* How many entries a folder has that are numbers below that one; -errno. */
int procfs_count(const char *path, int64_t below);

/* A number out of /proc/PID/status ("Tgid"), or -1. */
long proc_status(int pid, const char *key);
/* Is it a thread of the kernel's own? */
bool proc_is_kthread(int pid);

#endif
