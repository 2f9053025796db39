// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any control block, walked and decoded, keeps the promises of cmsg.h and emit.h.
 *
 * tests/fuzz/run builds it for libFuzzer (FUZZING_ENGINE); without that it has a main() that replays
 * files and directories, for make check.
 *
 * Input: one byte of ABI and direction, one of socket, one of how many bytes of the block were not
 * captured, then the block.
 */
#include "config.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "unit/cmsg-recorder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static struct sock *sock_for(unsigned int choice)
{
	static const struct {
		int domain, type, protocol;
	} kinds[] = {
		{ AF_INET, SOCK_DGRAM, 17 }, { AF_INET6, SOCK_DGRAM, 17 },
		{ AF_UNIX, SOCK_STREAM, 0 }, { 29, SOCK_DGRAM, 7 },
		{ 31, SOCK_RAW, 1 },
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);
	struct sock *s;

	if (choice % (n + 1) == n)
		return NULL;
	s = sock_new();
	s->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL;
	s->domain = kinds[choice % (n + 1)].domain;
	s->type = kinds[choice % (n + 1)].type;
	s->protocol = kinds[choice % (n + 1)].protocol;
	sock_derive(s);
	return s;
}

/* The views lie in order, within the block, and account for all of it. */
static void check_walk(const struct event *ev, const struct msg *m, const struct bytes *b)
{
	uint32_t hdr = cmsg_hdr_size(ev->abi);
	uint64_t at = 0;

	for (uint32_t i = 0; i < m->ncmsg; i++) {
		const struct cmsg *c = &m->cmsg[i];

		MUST(c->offset == at);
		MUST(c->data == b->p + c->offset + hdr);
		MUST(c->offset + hdr + (uint64_t)c->data_len <= b->len);
		MUST(!(c->faults & (CMSG_FAULT_LEN_SHORT | CMSG_FAULT_LEN_BEYOND)) ||
		     i + 1 == m->ncmsg);
		MUST(!!(c->faults & CMSG_FAULT_LEN_SHORT) == (c->len < hdr));
		MUST(!!(c->faults & CMSG_FAULT_LEN_BEYOND) == (c->len > b->claimed - c->offset));
		MUST(c->faults || c->data_len == c->len - hdr);
		if (!c->faults)
			at += cmsg_align(ev->abi, c->len);
	}
	MUST(!m->tail_len || b->len == b->claimed);
	MUST(!m->tail_len || m->tail_off + (uint64_t)m->tail_len == b->len);
	if (b->len == b->claimed && (!m->ncmsg || !m->cmsg[m->ncmsg - 1].faults))
		MUST(m->tail_len < hdr && m->tail_len == (b->len > at ? b->len - at : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64" };
	static struct recorder r;

	if (size < 3)
		return 0;

	struct event *ev = event_new();
	struct msg m = { 0 };
	struct bytes b = { .len = size - 3, .claimed = size - 3 };
	/* a copy of its own, so that one byte too far is seen */
	unsigned char *copy = alloc_bytes(b.len ? b.len : 1);

	memcpy(copy, data + 3, b.len);
	b.p = copy;
	if (data[2] == 0xff)
		b.claimed = UINT64_MAX;
	else
		b.claimed += data[2];
	ev->abi = abi_by_name(abis[data[0] & 3]);
	ev->call = data[0] & 4 ? CALL_RECVMSG : CALL_SENDMSG;
	ev->sock = sock_for(data[1]);
	m.in.control = m.out.control = b;
	cmsg_walk(ev, &m);
	if (b.claimed > INT64_MAX)
		b.claimed = INT64_MAX; /* as the walk does: the kernel refuses far less */
	check_walk(ev, &m, &b);
	for (uint32_t i = 0; i < m.ncmsg; i++) {
		recorder_run(&r, ev, &m.cmsg[i]);
		if (r.broken) {
			fprintf(stderr, "cmsg %u: %s\n", i, r.broken);
			abort();
		}
	}
	event_free(ev);
	alloc_free(copy);
	return 0;
}

#ifndef FUZZING_ENGINE
static unsigned int replay_file(const char *path)
{
	FILE *f = fopen(path, "re");
	enum { MAX = 1 << 20 };
	unsigned char *p;
	size_t n;

	if (!f)
		return 0;
	p = alloc_bytes(MAX);
	n = fread(p, 1, MAX, f);
	fclose(f);
	LLVMFuzzerTestOneInput(p, n);
	alloc_free(p);
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

	snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus-cmsg", srcdir ? srcdir : ".");
	for (int i = 1; i < argc; i++)
		n += replay(argv[i]);
	if (argc == 1)
		n = replay(corpus);
	printf("1..1\n");
	if (n)
		printf("ok 1 - %u inputs replayed\n", n);
	else
		printf("not ok 1 - no corpus in %s\n", corpus);
	return n ? 0 : 1;
}
#endif
