// SPDX-License-Identifier: LGPL-2.1-or-later
/* The classes of -e trace=%class, as strace(1) describes them. */
#include "config.h"

#include "syscall-classes.h"

#include <string.h>

struct syscall_class {
	const char *name;
	const char *alias;
	const char *calls; /* separated and enclosed by single spaces */
};

static const struct syscall_class classes[] = {
	{ "network", "net",
	  " accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg"
	  " recvmmsg_time64 recvmsg send sendfile sendfile64 sendmmsg sendmsg sendto setsockopt shutdown"
	  " socket socketcall socketpair getpmsg putpmsg " },
	{ "desc", NULL,
	  " accept accept4 bind bpf close close_range connect copy_file_range dup dup2 dup3 epoll_create"
	  " epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execveat faccessat"
	  " faccessat2 fadvise64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchown fchownat"
	  " fcntl fcntl64 fdatasync fgetxattr finit_module flistxattr flock fremovexattr fsconfig fsetxattr"
	  " fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64"
	  " futimesat getdents getdents64 getpeername getsockname getsockopt inotify_add_watch inotify_init"
	  " inotify_init1 inotify_rm_watch io_uring_enter io_uring_register io_uring_setup ioctl kcmp"
	  " kexec_file_load linkat listen _llseek lseek memfd_create mkdirat mknodat mmap mmap2 move_mount"
	  " mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend name_to_handle_at newfstatat open"
	  " open_by_handle_at open_tree openat openat2 perf_event_open pidfd_getfd pidfd_open"
	  " pidfd_send_signal pipe pipe2 poll ppoll ppoll_time64 pread64 preadv preadv2 pselect6"
	  " pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlinkat readv recv recvfrom recvmmsg"
	  " recvmmsg_time64 recvmsg renameat renameat2 select _newselect send sendfile sendfile64 sendmmsg"
	  " sendmsg sendto setns setsockopt shutdown signalfd signalfd4 socket socketcall socketpair splice"
	  " statx symlinkat sync_file_range syncfs tee timerfd_create timerfd_gettime timerfd_settime"
	  " unlinkat userfaultfd utimensat utimensat_time64 vmsplice write writev " },
	{ "file", NULL,
	  " access acct chdir chmod chown chown32 chroot creat execve execveat faccessat faccessat2 fanotify_mark"
	  " fchmodat fchownat fspick fstatat64 futimesat getcwd getxattr inotify_add_watch lchown lchown32 lgetxattr"
	  " link linkat listxattr llistxattr lremovexattr lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat"
	  " mount mount_setattr move_mount name_to_handle_at newfstatat oldstat oldlstat open open_tree openat openat2"
	  " pivot_root quotactl readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat"
	  " stat64 statfs statfs64 statx swapoff swapon symlink symlinkat truncate truncate64 umount umount2"
	  " unlink unlinkat uselib utime utimensat utimensat_time64 utimes " },
	{ "process", NULL,
	  " _exit clone clone2 clone3 execve execveat exit exit_group fork kill pidfd_open pidfd_send_signal"
	  " process_mrelease rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill vfork wait4 waitid waitpid unshare " },
	{ "signal", NULL,
	  " kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn"
	  " rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sgetmask sigaction sigaltstack"
	  " signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend ssetmask tgkill tkill " },
	{ "ipc", NULL,
	  " ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt"
	  " shmget " },
	{ "memory", NULL,
	  " brk get_mempolicy io_destroy io_setup madvise mbind mincore mlock mlock2 mlockall mmap mmap2 mprotect"
	  " mremap msync munlock munlockall munmap move_pages pkey_mprotect process_madvise remap_file_pages"
	  " set_mempolicy shmat shmdt migrate_pages " },
	{ "creds", NULL,
	  " capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid"
	  " getresgid32 getresuid getresuid32 getuid getuid32 prctl setfsgid setfsgid32 setfsuid setfsuid32 setgid"
	  " setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid"
	  " setreuid32 setuid setuid32 " },
	{ "clock", NULL,
	  " adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64"
	  " clock_settime clock_settime64 gettimeofday settimeofday stime time " },
	{ "pure", NULL,
	  " getegid getegid32 geteuid geteuid32 getgid getgid32 getpgrp getpid getppid gettid getuid getuid32 " },
	{ "stat", NULL, " oldstat stat stat64 " },
	{ "lstat", NULL, " lstat lstat64 oldlstat " },
	{ "fstat", NULL, " fstat fstat64 fstatat64 newfstatat oldfstat " },
	{ "%stat", NULL,
	  " oldstat stat stat64 lstat lstat64 oldlstat fstat fstat64 fstatat64 newfstatat oldfstat statx " },
	{ "statfs", NULL, " statfs statfs64 " },
	{ "fstatfs", NULL, " fstatfs fstatfs64 " },
	{ "%statfs", NULL, " statfs statfs64 fstatfs fstatfs64 ustat " },
};

/* Of desc, those whose first argument is no descriptor. */
static const char first_is_none[] =
	" bpf close_range epoll_create epoll_create1 eventfd eventfd2 fanotify_init fsopen inotify_init inotify_init1"
	" io_uring_setup kcmp memfd_create mmap mmap2 mq_open open perf_event_open pidfd_open pipe pipe2 poll ppoll"
	" ppoll_time64 pselect6 pselect6_time64 select _newselect socket socketcall socketpair timerfd_create"
	" userfaultfd ";

static const struct syscall_class *class_find(const char *name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!strcmp(classes[i].name, name) ||
		    (classes[i].alias && !strcmp(classes[i].alias, name)))
			return &classes[i];
	}
	return NULL;
}

bool syscall_class_known(const char *name)
{
	return class_find(name) != NULL;
}

static bool is_among(const char *call, const char *calls)
{
	size_t len = strlen(call);

	for (const char *p = calls; p; p = strchr(p, ' ')) {
		p++;
		if (!strncmp(p, call, len) && p[len] == ' ')
			return true;
	}
	return false;
}

bool syscall_in_class(const char *call, const char *name)
{
	const struct syscall_class *c = class_find(name);

	return c && is_among(call, c->calls);
}

bool syscall_begins_with_fd(const char *call)
{
	return syscall_in_class(call, "desc") && !is_among(call, first_is_none);
}
