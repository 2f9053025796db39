// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a person asked to see. */
#include "config.h"

#include "select.h"

#include <errno.h>
#include <regex.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cmsg/cmsg.h"
#include "event/names.h"
#include "syscall-classes.h"
#include "complain.h"

enum { RT_FIRST = 32 }; /* the kernel's SIGRTMIN */

/* ---- parsing ---- */

static void set_clear(struct select_set *s)
{
	for (unsigned int i = 0; i < s->n; i++)
		alloc_free(s->v[i]);
	alloc_free(s->v);
	*s = (struct select_set){ 0 };
}

/* A later qualifier replaces an earlier one of its kind, as strace has it. */
static void set_parse(struct select_set *s, const char *value)
{
	set_clear(s);
	s->given = true;
	while (*value == '!') {
		s->invert = !s->invert;
		value++;
	}
	if (!strcmp(value, "all")) {
		s->all = true;
		return;
	}
	if (!strcmp(value, "none")) {
		s->all = true;
		s->invert = !s->invert;
		return;
	}
	while (*value) {
		size_t len = strcspn(value, ",");

		if (len) {
			s->v = alloc_resize(s->v, (s->n + 1) * sizeof(*s->v));
			s->v[s->n] = alloc_bytes(len + 1);
			memcpy(s->v[s->n], value, len);
			s->v[s->n++][len] = '\0';
		}
		value += len + (value[len] == ',');
	}
}

static bool call_exists(const char *name)
{
	static const uint32_t arches[] = { SCMP_ARCH_NATIVE, SCMP_ARCH_X86, SCMP_ARCH_X86_64,
					   SCMP_ARCH_ARM, SCMP_ARCH_AARCH64 };

	for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++) {
		if (seccomp_syscall_resolve_name_arch(arches[i], name) != __NR_SCMP_ERROR)
			return true;
	}
	return false;
}

/* Every value of trace= must mean something: a typo that selects nothing would look like silence. */
static int check_trace(struct select_set *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		const char *v = s->v[i];

		if (*v == '?') /* strace: no error where it is unknown */
			continue;
		if (*v == '/') {
			regex_t re;
			int err = regcomp(&re, v + 1, REG_EXTENDED | REG_NOSUB);

			if (err) {
				char text[128];

				regerror(err, &re, text, sizeof(text));
				complain("-e trace=%s: %s", v, text);
				return -EINVAL;
			}
			regfree(&re);
			continue;
		}
		if (*v == '%' ? syscall_class_known(v + 1)
			      : call_exists(v) || syscall_class_known(v))
			continue;
		const char *at = strchr(v, '@');

		if (at && (!strcmp(at, "@64") || !strcmp(at, "@32") || !strcmp(at, "@x32")))
			complain("-e trace=%s: calls are selected in every ABI; leave out '%s'", v,
				 at);
		else
			complain("invalid system call '%s' (a name, %%class, /regex, all or none)",
				 v);
		return -EINVAL;
	}
	return 0;
}

/* "SIGIO", "io", "29", "SIGRT_2", "RTMIN", as strace takes them: its number; 0 where there is no such signal. */
static int signal_of(const char *text)
{
	const char *v = strncasecmp(text, "SIG", 3) ? text : text + 3;
	char *end;
	long n = strtol(v, &end, 10);

	if (end != v)
		return *end || n <= 0 || n >= NSIG ? 0 : (int)n;
	if (!strcasecmp(v, "RTMIN"))
		return RT_FIRST;
	if (!strcasecmp(v, "POLL"))
		return SIGIO;
	if (!strncasecmp(v, "RT_", 3)) { /* as strace counts them, the C library's own included */
		n = strtol(v + 3, &end, 10);
		return *end || end == v + 3 || n < 0 || n >= NSIG - RT_FIRST ? 0
									     : RT_FIRST + (int)n;
	}
	for (int sig = 1; sig < NSIG; sig++) {
		const char *abbrev = names_signal(sig);

		if (abbrev && !strcasecmp(abbrev, v))
			return sig;
	}
	return 0;
}

static int check_signals(struct select_set *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (!signal_of(s->v[i])) {
			complain("invalid signal '%s' in -e signal=", s->v[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_status(struct select_set *s)
{
	static const char *const words[] = { "successful",  "failed",   "unfinished",
					     "unavailable", "detached", NULL };

	for (unsigned int i = 0; i < s->n; i++) {
		const char *const *w = words;

		while (*w && strcmp(*w, s->v[i]))
			w++;
		if (!*w) {
			complain("invalid value '%s' in -e status=", s->v[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_socks(struct select_set *s)
{
	static const char *const families[] = { "udp",  "tcp",   "raw", "ping", "unix",
						"inet", "inet6", "can", NULL };

	for (unsigned int i = 0; i < s->n; i++) {
		bool ok = false;

		for (int k = 0; k < SOCK_KIND_COUNT && !ok; k++)
			ok = !strcmp(sock_kind_name((enum sock_kind)k), s->v[i]);
		for (const char *const *f = families; *f && !ok; f++)
			ok = !strcmp(*f, s->v[i]);
		if (!ok) {
			complain(
				"invalid socket '%s' in -e sock= (udp, udp4, tcp, unix, unix-stream, netlink, ...)",
				s->v[i]);
			return -EINVAL;
		}
	}
	return 0;
}

/* "IP_PKTINFO", "SOL_UDP", or "0/8"; each must be in the tables. */
static bool cmsg_known(const char *v)
{
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		if (!strcmp((*l)->name, v))
			return true;
		for (unsigned int i = 0; i < (*l)->n; i++) {
			if (!strcmp((*l)->types[i].name, v))
				return true;
		}
	}
	return strchr(v, '/') && strspn(v, "-0123456789/") == strlen(v);
}

static int check_cmsgs(struct select_set *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (!cmsg_known(s->v[i])) {
			complain(
				"invalid control message '%s' in -e cmsg= (cmsgtrace --list-cmsgs shows all)",
				s->v[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static bool rule_matches(const char *pattern, const struct rule *r)
{
	return !strcmp(pattern, r->name) || !strncasecmp(pattern, r->id, strlen(pattern));
}

/* "!CT101,!CT201" takes both out, as "!CT101,CT201" does: the first '!' is of the whole list. */
static void join_exclusions(struct select_set *s)
{
	for (unsigned int i = 1; i < s->n; i++) {
		if (s->v[i][0] != '!')
			return;
	}
	for (unsigned int i = 0; i < s->n && s->invert; i++) {
		if (s->v[i][0] == '!') /* the first one has it in "!,!CT201" */
			memmove(s->v[i], s->v[i] + 1, strlen(s->v[i]));
	}
}

static int check_rules(struct select_set *s)
{
	join_exclusions(s);
	for (unsigned int i = 0; i < s->n; i++) {
		const char *v = s->v[i] + (s->v[i][0] == '!');
		const struct rule *const *r = rules;

		while (*r && (!*v || !rule_matches(v, *r)))
			r++;
		if (!*r && strcmp(v, "all") && strcmp(v, "none")) {
			complain("no rule '%s' in -e check= (cmsgtrace --list-rules shows all)", v);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_fds(struct select_set *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (strspn(s->v[i], "0123456789") != strlen(s->v[i])) {
			complain("invalid descriptor '%s' in -e fd=", s->v[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static int parse_level(struct select *s, const char *value)
{
	for (int i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++) {
		if (!strcmp(value, severity_name((enum severity)i))) {
			s->level = i;
			return 0;
		}
	}
	complain("-e level= takes note, warning or error, not '%s'", value);
	return -EINVAL;
}

/* As it is given, and what it leads to: /proc knows descriptors by that. */
static void add_path(struct select_set *p, const char *path)
{
	char *real = realpath(path, NULL);

	p->given = true;
	p->v = alloc_resize(p->v, (p->n + 2) * sizeof(*p->v));
	p->v[p->n++] = alloc_strdup(path);
	if (real && strcmp(real, path))
		p->v[p->n++] = alloc_strdup(real);
	free(real);
}

/* What selects by a set of values: its name with strace's other spellings, and what a value of it is. */
static const struct qualifier {
	const char *names[4];
	size_t set; /* offset into struct select */
	int (*check)(struct select_set *s);
	const char *values;
} qualifiers[] = {
#define SET(member) offsetof(struct select, member)
	{ { "trace", "t" }, SET(trace), check_trace, "a name, %class, /regex" },
	{ { "fd", "trace-fd", "trace-fds", "fds" }, SET(fd), check_fds, "a descriptor" },
	{ { "signal", "signals", "s" }, SET(signal), check_signals, "a signal" },
	{ { "status" }, SET(status), check_status, "successful, failed ..." },
	{ { "cmsg" }, SET(cmsg), check_cmsgs, "a control message or a level" },
	{ { "sock" }, SET(sock), check_socks, "a kind of socket" },
	{ { "check" }, SET(check), check_rules, "a rule's id, name or prefix" },
#undef SET
};

static const struct qualifier *qualifier_find(const char *q)
{
	for (size_t i = 0; i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
		for (size_t k = 0; k < 4 && qualifiers[i].names[k]; k++) {
			if (!strcmp(qualifiers[i].names[k], q))
				return &qualifiers[i];
		}
	}
	return NULL;
}

int select_add_to(struct select *s, const char *q, const char *value)
{
	const struct qualifier *row = qualifier_find(q);

	if (row) {
		struct select_set *set = (void *)((char *)s + row->set);

		set_parse(set, value);
		if (set->all || set->n)
			return row->check(set);
		/* as if it were a variable that is not set: it would select nothing, silently */
		complain("-e %s= needs a value (%s, all or none)", row->names[0], row->values);
		return -EINVAL;
	}
	if (!strcmp(q, "path")) {
		add_path(&s->path, value);
		return 0;
	}
	if (!strcmp(q, "level"))
		return parse_level(s, value);
	complain("unknown qualifier '%s' (trace, signal, status, fd, cmsg, sock, check, level)", q);
	return -EINVAL;
}

int select_add(struct select *s, const char *expr)
{
	const char *eq = strchr(expr, '=');
	char name[16];

	/* a regular expression may hold '=' */
	if (!eq || *expr == '/' || *expr == '%' || *expr == '!')
		return select_add_to(s, "trace", expr);
	if ((size_t)(eq - expr) >= sizeof(name)) {
		complain("unknown qualifier in -e %s", expr);
		return -EINVAL;
	}
	memcpy(name, expr, (size_t)(eq - expr));
	name[eq - expr] = '\0';
	return select_add_to(s, name, eq + 1);
}

void select_free(struct select *s)
{
	struct select_set *const sets[] = { &s->trace, &s->fd,   &s->signal, &s->status,
					    &s->cmsg,  &s->sock, &s->check,  &s->path };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		set_clear(sets[i]);
}

/* ---- asking ---- */

static bool regex_matches(const char *pattern, const char *name)
{
	regex_t re;
	bool hit;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	hit = !regexec(&re, name, 0, NULL, 0);
	regfree(&re);
	return hit;
}

static bool trace_matches(const char *v, const char *name)
{
	if (*v == '?')
		v++;
	if (*v == '/')
		return regex_matches(v + 1, name);
	if (*v == '%')
		return syscall_in_class(name, v + 1);
	return !strcmp(v, name) || syscall_in_class(name, v);
}

bool select_prints(void *ctx, const char *name)
{
	static const char *const messages[] = {
		"sendmsg", "recvmsg",  "sendmmsg", "recvmmsg", "recvmmsg_time64",
		"sendto",  "recvfrom", "send",     "recv",
	};
	const struct select *s = ctx;

	if (!s->trace.given) {
		for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
			if (!strcmp(messages[i], name))
				return true;
		}
		return false;
	}

	bool hit = s->trace.all;

	for (unsigned int i = 0; i < s->trace.n && !hit; i++)
		hit = trace_matches(s->trace.v[i], name);
	return hit != s->trace.invert;
}

bool select_rule(void *ctx, const struct rule *r)
{
	const struct select_set *s = &((const struct select *)ctx)->check;

	if (!s->given)
		return true;
	if (s->all)
		return !s->invert;

	/* the last value that matches decides; a list that begins with an exclusion starts from all */
	bool on = s->n && s->v[0][0] == '!';

	for (unsigned int i = 0; i < s->n; i++) {
		bool off = s->v[i][0] == '!';
		const char *v = s->v[i] + off;

		if (!strcmp(v, "all") || rule_matches(v, r))
			on = !off;
		else if (!strcmp(v, "none"))
			on = off;
	}
	return on != s->invert;
}

/* A call that is printed only has its descriptor among its arguments. */
static int fd_of(const struct event *ev)
{
	if (ev->call == CALL_OTHER && ev->name && syscall_begins_with_fd(ev->name))
		return (int)ev->args[0];
	return ev->fd;
}

static bool shows_fd(const struct select_set *s, const struct event *ev)
{
	bool hit = s->all;
	int fd = fd_of(ev);

	for (unsigned int i = 0; i < s->n && !hit; i++)
		hit = fd >= 0 && atoi(s->v[i]) == fd;
	return hit != s->invert;
}

static bool shows_path(const struct select_set *s, const struct event *ev)
{
	const char *path = event_fd_path(ev, ev->fd);

	for (unsigned int i = 0; path && i < s->n; i++) {
		if (!strcmp(path, s->v[i]))
			return true;
	}
	return false;
}

static bool shows_status(const struct select_set *s, const struct event *ev)
{
	const char *status = ev->end == CALL_PENDING || ev->end == CALL_DIED ? "unfinished"
			     : ev->end == CALL_LEFT                          ? "detached"
			     : event_error(ev)                               ? "failed"
									     : "successful";
	bool hit = s->all;

	for (unsigned int i = 0; i < s->n && !hit; i++)
		hit = !strcmp(s->v[i], status);
	return hit != s->invert;
}

static bool shows_sock(const struct select_set *s, const struct event *ev)
{
	enum sock_kind kind = sock_kind(ev->sock);
	const char *name = sock_kind_name(kind);
	bool hit = s->all;

	for (unsigned int i = 0; i < s->n && !hit; i++) {
		const char *v = s->v[i];

		if (!strcmp(v, "inet") || !strcmp(v, "inet6"))
			hit = ev->sock && (ev->sock->has & SOCK_HAS_DOMAIN) &&
			      ev->sock->domain == (v[4] ? AF_INET6 : AF_INET);
		else
			hit = !strncmp(name, v, strlen(v)) &&
			      (strcmp(v, "udp") || sock_kind_is_udp(kind));
	}
	return hit != s->invert;
}

static bool cmsg_matches(const char *v, const struct cmsg *c)
{
	const char *level = cmsg_level_name(c->level);
	char *end;

	if ((level && !strcmp(level, v)) || (c->row && !strcmp(c->row->name, v)))
		return true;
	if (!strchr(v, '/'))
		return false;
	return strtol(v, &end, 10) == c->level && *end == '/' &&
	       strtol(end + 1, NULL, 10) == c->type;
}

static bool shows_cmsg(const struct select_set *s, const struct event *ev)
{
	bool hit = false;

	for (unsigned int m = 0; m < ev->nmsg && !hit; m++) {
		for (unsigned int i = 0; i < ev->msg[m].ncmsg && !hit; i++) {
			hit = s->all;
			for (unsigned int k = 0; k < s->n && !hit; k++)
				hit = cmsg_matches(s->v[k], &ev->msg[m].cmsg[i]);
		}
	}
	return hit != s->invert;
}

static bool shows_signal(const struct select_set *s, int sig)
{
	bool hit = s->all;

	for (unsigned int i = 0; i < s->n && !hit; i++)
		hit = signal_of(s->v[i]) == sig;
	return hit != s->invert;
}

bool select_shows(const struct select *s, const struct event *ev)
{
	/* A death by a signal is one of its signal's lines, as in strace. */
	if (ev->kind == EVENT_SIGNAL || ev->kind == EVENT_STOPPED || ev->kind == EVENT_KILLED)
		return !s->signal.given || shows_signal(&s->signal, ev->sig);
	if (ev->kind != EVENT_CALL)
		return true;
	return ev->print && (!s->fd.given || shows_fd(&s->fd, ev)) &&
	       (!s->path.given || shows_path(&s->path, ev)) &&
	       (!s->status.given || shows_status(&s->status, ev)) &&
	       (!s->sock.given || shows_sock(&s->sock, ev)) &&
	       (!s->cmsg.given || shows_cmsg(&s->cmsg, ev));
}
