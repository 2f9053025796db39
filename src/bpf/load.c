// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Loading the programs and attaching them.  Links are descriptors of ours and nothing is pinned: however we
 * end, the kernel takes all of it away.  A hook that this kernel lacks costs what it would have told.
 */
#include "config.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arch/abi.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "bpf/object.h"
#include "bpf/state.h"
#include "live/calls.h"
#include "procfs/procfs.h"
#include "sock/sockread.h"

/* ---- what speaks against it ---- */

const char *watcher_refusal(void)
{
	uint64_t pid_ns = procfs_inode("/proc/self/ns/pid");

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "this kernel has no type information (/sys/kernel/btf/vmlinux): one built with "
		       "CONFIG_DEBUG_INFO_BTF has it";
	if (pid_ns && pid_ns != PROCFS_FIRST_PID_NS)
		return "it numbers processes as the first PID namespace does: start cmsgtrace there";
	return NULL;
}

static const char *remedy(int err)
{
	if (err == -EPERM || err == -EACCES)
		return "it needs root, or CAP_BPF and CAP_PERFMON: run as root";
	if (err == -EMFILE)
		return "a higher limit of open files (ulimit -n) helps";
	return "this kernel refuses the programs: --engine=ptrace works without them";
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (getenv("CMSGTRACE_DEBUG_BPF") && level != LIBBPF_DEBUG)
		return vfprintf(stderr, fmt, ap);
	return 0;
}

const char *watcher_cannot(void)
{
	const char *why = watcher_refusal();

	libbpf_set_print(quiet);
	/* whoever may load one of these may load the others */
	if (!why && libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) != 1)
		why = remedy(-EPERM);
	return why;
}

/* ---- loading ---- */

/* How many arguments a tracepoint's programs get, with the one that is the kernel's own; -1: there is no such tracepoint. */
static int tracepoint_args(const struct btf *btf, const char *name)
{
	char type[64];
	const struct btf_type *t;
	int id, n = -1;

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF);
	t = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type) : NULL;
	t = t && btf_is_ptr(t) ? btf__type_by_id(btf, t->type) : NULL;
	if (t && btf_is_func_proto(t))
		n = btf_vlen(t);
	return n;
}

static int set_config(struct bpf_object *o, const struct btf *btf, const struct live_opts *opts)
{
	struct bpf_map *m = bpf_object__find_map_by_name(o, ".rodata");
	const struct rec_config c = {
		.own_tgid = (uint32_t)getpid(),
		.follow = opts->follow,
		.all = opts->all,
		.cgroup = opts->cgroup != NULL,
		.payload = opts->strsize < REC_PAYLOAD ? opts->strsize : REC_PAYLOAD,
		.cqe = tracepoint_args(btf, "io_uring_complete") == 4,
		.stack = opts->stacks ? REC_STACK_MOST : REC_STACK,
	};

	return m ? bpf_map__set_initial_value(m, &c, sizeof(c)) : -EINVAL;
}

/* What depends on the kernel that runs, and on the options. */
static int prepare(struct bpf_object *o, const struct live_opts *opts)
{
	struct bpf_map *scratches = bpf_object__find_map_by_name(o, "scratches");
	int cpus = libbpf_num_possible_cpus(), err;
	struct btf *btf;

	if (!scratches || cpus < 0)
		return -EINVAL;
	btf = btf__load_vmlinux_btf();
	err = (int)libbpf_get_error(btf);
	if (err)
		return err;
	bpf_program__set_autoload(bpf_object__find_program_by_name(o, "on_skb_recv_udp"),
				  tracepoint_args(btf, "sk_data_ready") < 0);
	err = bpf_map__set_max_entries(scratches, (uint32_t)cpus);
	if (!err)
		err = set_config(o, btf, opts);
	btf__free(btf);
	return err;
}

static int open_object(struct watcher *w)
{
	const struct bpf_object_open_opts opts = {
		.sz = sizeof(opts),
		.object_name = "cmsgtrace",
	};

	libbpf_set_print(quiet);
	w->object = bpf_object__open_mem(bpf_object, bpf_object_size, &opts);
	return w->object ? prepare(w->object, w->o) : -errno;
}

static int map_fd(const struct watcher *w, const char *name)
{
	return bpf_object__find_map_fd_by_name(w->object, name);
}

/* ---- which calls ---- */

static const uint8_t classes[CALL_COUNT] = {
	[CALL_OTHER] = REC_ARGS,          [CALL_SENDMSG] = REC_SENDMSG,
	[CALL_RECVMSG] = REC_RECVMSG,     [CALL_SENDMMSG] = REC_SENDMMSG,
	[CALL_RECVMMSG] = REC_RECVMMSG,   [CALL_SENDTO] = REC_SENDTO,
	[CALL_RECVFROM] = REC_RECVFROM,   [CALL_SEND] = REC_WRITE,
	[CALL_RECV] = REC_READ,           [CALL_WRITE] = REC_WRITE,
	[CALL_READ] = REC_READ,           [CALL_WRITEV] = REC_WRITEV,
	[CALL_READV] = REC_READV,         [CALL_SOCKET] = REC_SOCKET,
	[CALL_BIND] = REC_ADDR,           [CALL_CONNECT] = REC_ADDR,
	[CALL_SETSOCKOPT] = REC_OPT,      [CALL_SOCKETCALL] = REC_SOCKETCALL,
	[CALL_IO_URING_SETUP] = REC_ARGS, [CALL_IO_URING_ENTER] = REC_ARGS,
	[CALL_EXECVE] = REC_ARGS,
};

static uint8_t class_of(const struct call_entry *e)
{
	if (e->use == USE_DEMAND && e->call != CALL_IO_URING_ENTER)
		return classes[e->call];
	if (e->use == USE_EVENT)
		return classes[e->call] | REC_ALWAYS;
	return e->side == SIDE_IDS ? REC_ARGS : REC_NONE;
}

/* prints: the multiplexer is one of the calls that are shown, and with it those that are none of ours. */
static int fill_socketcalls(struct watcher *w, bool prints)
{
	int fd = map_fd(w, "socketcalls");

	for (uint32_t k = 0; k < REC_SOCKETCALLS; k++) {
		const struct socketcall *s = socketcall_find(k);
		enum call call = s ? s->call : CALL_OTHER;
		const struct rec_socketcall c = {
			.class = call != CALL_OTHER || prints ? classes[call] : REC_NONE,
			.nargs = s ? s->nargs : 0,
		};

		if (bpf_map_update_elem(fd, &k, &c, BPF_ANY))
			return -errno;
	}
	return 0;
}

static int fill_calls(struct watcher *w)
{
	unsigned int n;
	const struct call_table *t = calls_tables(live_calls(w->live), &n);
	struct rec_classes wanted[REC_CALLS] = { 0 };
	int fd = map_fd(w, "calls");
	bool prints = false;

	for (unsigned int i = 0; i < n; i++) {
		bool native = t[i].abi == abi_native();

		if (t[i].abi->x32) /* its numbers are out of our range: no kernel of a distribution has it on */
			continue;
		for (uint32_t k = 0; k < t[i].n && k < REC_CALLS; k++) {
			uint8_t class = t[i].v[k].name ? class_of(&t[i].v[k]) : REC_NONE;

			if (t[i].v[k].call == CALL_SOCKETCALL)
				prints = t[i].v[k].prints;
			if (native && k == SYS_getsockopt)
				class |= REC_OWN;
			*(native ? &wanted[k].native : &wanted[k].compat) = class;
		}
	}
	for (uint32_t k = 0; k < REC_CALLS; k++) {
		if (bpf_map_update_elem(fd, &k, &wanted[k], BPF_ANY))
			return -errno;
	}
	return fill_socketcalls(w, prints);
}

/* ---- whose ---- */

static int open_cgroup(const char *path)
{
	char below[PATH_MAX];
	struct statfs s;
	int fd;

	if ((size_t)snprintf(below, sizeof(below), "/sys/fs/cgroup/%s", path) >= sizeof(below))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && *path != '/')
		fd = open(below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &s) && s.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENOTTY;
}

int watcher_cgroup(struct watcher *w)
{
	uint32_t zero = 0;
	int fd = open_cgroup(w->o->cgroup), err = fd < 0 ? fd : 0;

	if (!err && bpf_map_update_elem(map_fd(w, "cgroups"), &zero, &fd, BPF_ANY))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err)
		live_say(w->live, "cannot use the control group '%s': %s", w->o->cgroup,
			 err == -ENOTTY ? "it is no directory of a cgroup2 file system"
					: strerror(-err));
	return err;
}

/* ---- attaching ---- */

static bool needed(const char *name)
{
	static const char *const all[] = { "on_sys_enter", "on_sys_exit", "on_fork", "on_exec",
					   "on_exit" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!strcmp(all[i], name))
			return true;
	}
	return false;
}

static int attach(struct watcher *w)
{
	struct bpf_program *p;
	unsigned int n = 0;

	bpf_object__for_each_program(p, w->object) n++;
	w->links = alloc_zeroed(n, sizeof(*w->links));
	bpf_object__for_each_program(p, w->object)
	{
		const char *name = bpf_program__name(p);
		struct bpf_link *l = bpf_program__autoload(p) ? bpf_program__attach(p) : NULL;

		if (!l && needed(name))
			return -errno;
		if (!l)
			continue;
		w->links[w->nlinks++] = l;
		w->sees_uring |= !strcmp(name, "on_submit_req") || !strcmp(name, "on_submit_sqe");
	}
	return 0;
}

static int find_waking(struct watcher *w)
{
	struct bpf_map *m = bpf_object__find_map_by_name(w->object, ".bss");
	size_t size = 0;

	/* libbpf's name for it; once loaded it is the map's own memory, which is ours to write */
	w->waking = m ? (struct rec_waking *)(uintptr_t)bpf_map__initial_value(m, &size) : NULL;
	return w->waking && size >= sizeof(*w->waking) ? 0 : -EINVAL;
}

int watcher_load(struct watcher *w)
{
	const char *why = watcher_refusal();
	int err = why ? -ENOSYS : open_object(w);

	if (!err) {
		err = bpf_object__load(w->object);
		if (err)
			why = remedy(err);
	}
	if (!err)
		err = find_waking(w);
	if (!err)
		err = fill_calls(w);
	if (!err)
		err = watcher_ring_open(w);
	if (!err)
		err = attach(w);
	live_can(w->live, w->sees_uring ? ENGINE_IO_URING : 0);
	if (err)
		live_say(w->live, "cannot use the eBPF engine (%s): %s", strerror(-err),
			 why ? why : remedy(err));
	return err ? -ENOSYS : 0;
}

void watcher_detach(struct watcher *w)
{
	while (w->nlinks)
		bpf_link__destroy(w->links[--w->nlinks]);
	alloc_free(w->links);
	w->links = NULL;
}

void watcher_unload(struct watcher *w)
{
	watcher_detach(w);
	bpf_object__close(w->object);
	w->object = NULL;
}

int watcher_target(struct watcher *w, int tgid)
{
	uint32_t key = (uint32_t)tgid;
	uint8_t one = 1;

	return bpf_map_update_elem(map_fd(w, "targets"), &key, &one, BPF_ANY) ? -errno : 0;
}

void watcher_target_gone(void *e, struct process *p)
{
	struct watcher *w = e;
	uint32_t key = (uint32_t)p->tgid;

	stacks_forget(w, p->tgid);
	if (!w->object)
		return;
	bpf_map_delete_elem(map_fd(w, "targets"), &key);
	bpf_map_delete_elem(map_fd(w, "interpreters"), &key);
}

int watcher_interpreter(struct watcher *w, int tgid, const struct rec_interpreter *p)
{
	uint32_t key = (uint32_t)tgid;

	if (!w->object)
		return -ENODEV;
	return bpf_map_update_elem(map_fd(w, "interpreters"), &key, p, BPF_ANY) ? -errno : 0;
}

int watcher_shape(struct watcher *w, const struct rec_beginning *b, const struct rec_shape *s)
{
	if (!w->object)
		return -ENODEV;
	return bpf_map_update_elem(map_fd(w, "shapes"), b, s, BPF_ANY) ? -errno : 0;
}

void watcher_no_shape(struct watcher *w, const struct rec_beginning *b)
{
	if (w->object)
		bpf_map_delete_elem(map_fd(w, "shapes"), b);
}

static bool is_compat(const struct rec_inside *u)
{
	return u->arch != abi_native()->audit_arch;
}

/* As the programs would have: a vector has a map of its own. */
static void offered_vector(struct watcher *w, struct rec_inside *u, uint64_t key)
{
	unsigned char v[REC_ELEMENTS * sizeof(struct mmsghdr)];
	size_t n = u->args[2] < REC_ELEMENTS ? u->args[2] : REC_ELEMENTS;
	struct iovec to[] = { { v, n * (is_compat(u) ? MMSGHDR32 : sizeof(struct mmsghdr)) },
			      { u->timeout, sizeof(u->timeout) } };
	struct iovec from[] = { { (void *)(uintptr_t)u->args[1], to[0].iov_len },
				{ (void *)(uintptr_t)u->args[4], to[1].iov_len } };
	size_t all = to[0].iov_len + (u->args[4] ? to[1].iov_len : 0);

	memset(v, 0, sizeof(v));
	if (process_vm_readv((int)(uint32_t)key, to, 2, from, u->args[4] ? 2 : 1, 0) !=
		    (ssize_t)all ||
	    bpf_map_update_elem(map_fd(w, "offered_vectors"), &key, v, BPF_ANY))
		return;
	u->offered_ok = (uint32_t)to[0].iov_len;
	u->timeout_ok = u->args[4] != 0;
}

/* It sleeps there: what it offered is still as it was. */
static void offered(struct watcher *w, struct rec_inside *u, uint64_t key)
{
	bool header = u->class == REC_RECVMSG;
	struct iovec to = { header ? (void *)u->offered : &u->namelen,
			    !header        ? sizeof(u->namelen)
			    : is_compat(u) ? MSGHDR32
					   : sizeof(u->offered) };
	struct iovec from = { (void *)(uintptr_t)u->args[header ? 1 : 5], to.iov_len };

	if (u->class == REC_RECVMMSG)
		offered_vector(w, u, key);
	if (!header && u->class != REC_RECVFROM)
		return;
	if (process_vm_readv((int)(uint32_t)key, &to, 1, &from, 1, 0) != (ssize_t)to.iov_len)
		return;
	u->offered_ok = header;
	u->namelen_ok = !header;
}

/* That socket's packets are told of from here on: the programs see us ask for it. */
static void watch(const struct rec_inside *u, int tgid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	int own = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)u->args[0], 0);
	uint64_t cookie;

	if (own >= 0) {
		sockread_cookie(own, &cookie);
		close(own);
	}
	if (pidfd >= 0)
		close(pidfd);
}

/* As the programs would have; false where the words can't be read. */
static bool look_through(struct rec_inside *u, int tid)
{
	const struct socketcall *s = socketcall_find(u->args[0]);
	uint32_t words[REC_WORDS] = { 0 };
	struct iovec to = { words, s ? s->nargs * sizeof(words[0]) : 0 };
	struct iovec from = { (void *)(uintptr_t)u->args[1], to.iov_len };

	if (!s || process_vm_readv(tid, &to, 1, &from, 1, 0) != (ssize_t)to.iov_len)
		return false;
	memcpy(u->multiplexed, u->args, sizeof(u->multiplexed));
	for (unsigned int i = 0; i < REC_WORDS; i++)
		u->args[i] = words[i];
	u->nwords = s->nargs;
	u->class = classes[s->call];
	return true;
}

void watcher_inside(struct watcher *w, int tgid, int tid, const struct abi *abi, uint32_t nr,
		    const uint64_t *args)
{
	const struct call_entry *e = calls_find(live_calls(w->live), abi, nr);
	struct rec_inside u = {
		.enter_ns = clock_ns(CLOCK_MONOTONIC),
		.nr = nr,
		.arch = abi->audit_arch,
		.class = class_of(e) & REC_CLASS,
		.unseen = class_of(e),
	};
	uint64_t key = (uint64_t)(uint32_t)tgid << 32 | (uint32_t)tid;

	if (!u.class || !e->name)
		return;
	memcpy(u.args, args, sizeof(u.args));
	if (u.class == REC_SOCKETCALL && !look_through(&u, tid))
		return;
	offered(w, &u, key);
	bpf_map_update_elem(map_fd(w, "under_ways"), &key, &u, BPF_NOEXIST);
	if (u.class == REC_RECVMSG || u.class == REC_RECVMMSG || u.class == REC_RECVFROM)
		watch(&u, tgid);
}

int watcher_ring_map(const struct watcher *w)
{
	return map_fd(w, "ring");
}

struct rec_lost watcher_lost(const struct watcher *w)
{
	int cpus = libbpf_num_possible_cpus();
	struct rec_lost sum = { 0 }, *v = alloc_zeroed((size_t)cpus, sizeof(*v));
	uint32_t zero = 0;

	if (w->object && !bpf_map_lookup_elem(map_fd(w, "lost"), &zero, v)) {
		for (int i = 0; i < cpus; i++) {
			sum.calls += v[i].calls;
			sum.others += v[i].others;
			sum.under_way += v[i].under_way;
			sum.parts += v[i].parts;
		}
	}
	alloc_free(v);
	return sum;
}
