// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: the walk takes the kernel's steps and never leaves the captured bytes; every row of the
 * tables is sane, registered and decodes within its payload; payloads give the fields they hold.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "base/alloc.h"
#include "cmsg-recorder.h"
#include "kernel/model.h"
#include "report/list-cmsgs.h"

enum { ROOM = 512 };

/* A control block under construction. */
struct block {
	const struct abi *abi;
	unsigned char p[ROOM];
	size_t len;
};

static void put(struct block *b, const void *p, size_t n)
{
	assert_true(b->len + n <= sizeof(b->p));
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static void put_zeros(struct block *b, size_t n)
{
	static const unsigned char zeros[ROOM];

	put(b, zeros, n);
}

static void put_hdr(struct block *b, uint64_t len, int32_t level, int32_t type)
{
	put(b, &len, b->abi->word);
	put(b, &level, sizeof(level));
	put(b, &type, sizeof(type));
}

/* A whole, padded message whose payload is n bytes of 0x11. */
static void put_cmsg(struct block *b, int32_t level, int32_t type, size_t n)
{
	unsigned char payload[ROOM];

	memset(payload, 0x11, sizeof(payload));
	put_hdr(b, cmsg_len_of(b->abi, n), level, type);
	put(b, payload, n);
	put_zeros(b, cmsg_align(b->abi, n) - n);
}

static struct msg the_msg;

/* Walks the first len bytes of b, of which got were captured, as control of a sendmsg. */
static struct msg *walk_part(const struct block *b, uint64_t claimed, size_t got)
{
	static struct event *ev;

	event_free(ev);
	ev = event_new();
	ev->abi = b->abi;
	ev->call = CALL_SENDMSG;
	the_msg = (struct msg){
		.in = { .control = { .p = b->p, .len = got, .claimed = claimed } },
	};
	the_msg.in.controllen = claimed;
	cmsg_walk(ev, &the_msg);
	return &the_msg;
}

static struct msg *walk(const struct block *b)
{
	return walk_part(b, b->len, b->len);
}

static struct block native(void)
{
	return (struct block){ .abi = abi_by_name("x86_64") };
}

static struct block compat(void)
{
	return (struct block){ .abi = abi_by_name("i386") };
}

/* --- the walk, native: doc/kernel.md 2 --- */

static void a_padded_list_is_walked_to_its_end(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_cmsg(&b, 0, 8, 12);
	put_cmsg(&b, 0, 2, 4);
	put_cmsg(&b, 1, 36, 4);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 3);
	assert_int_equal(m->cmsg[0].offset, 0);
	assert_int_equal(m->cmsg[0].len, 28);
	assert_int_equal(m->cmsg[0].data_len, 12);
	assert_string_equal(m->cmsg[0].row->name, "IP_PKTINFO");
	assert_int_equal(m->cmsg[1].offset, 32);
	assert_string_equal(m->cmsg[1].row->name, "IP_TTL");
	assert_int_equal(m->cmsg[2].offset, 56);
	assert_string_equal(m->cmsg[2].row->name, "SO_MARK");
	for (int i = 0; i < 3; i++)
		assert_int_equal(m->cmsg[i].faults, 0);
	assert_int_equal(m->tail_len, 0);
}

static void a_tail_of_1_to_15_bytes_is_no_header(void **state)
{
	(void)state;
	for (size_t tail = 1; tail <= 15; tail++) {
		struct block b = native();
		struct msg *m;

		put_cmsg(&b, 0, 2, 4);
		memset(b.p + b.len, 0xff, tail);
		b.len += tail;
		m = walk(&b);
		assert_int_equal(m->ncmsg, 1);
		assert_int_equal(m->cmsg[0].faults, 0);
		assert_int_equal(m->tail_off, 24);
		assert_int_equal(m->tail_len, tail);
	}
}

static void a_block_of_1_to_15_bytes_is_all_tail(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 15; len++) {
		struct block b = native();
		struct msg *m;

		memset(b.p, 0xff, len);
		b.len = len;
		m = walk(&b);
		assert_int_equal(m->ncmsg, 0);
		assert_int_equal(m->tail_off, 0);
		assert_int_equal(m->tail_len, len);
	}
}

static void a_block_of_ff_is_one_header_that_reaches_beyond(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	memset(b.p, 0xff, 64);
	b.len = 64;
	m = walk(&b);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, CMSG_FAULT_LEN_BEYOND);
	assert_int_equal(m->cmsg[0].level, -1);
	assert_int_equal(m->cmsg[0].data_len, 48);
	assert_null(m->cmsg[0].row);
	assert_int_equal(m->tail_len, 0);
}

static void a_cmsg_len_of_0_to_15_ends_the_walk(void **state)
{
	(void)state;
	for (uint64_t len = 0; len <= 15; len++) {
		struct block b = native();
		struct msg *m;

		put_hdr(&b, len, 999, 1); /* any level: it is not looked at yet */
		put_zeros(&b, 32);
		m = walk(&b);
		assert_int_equal(m->ncmsg, 1);
		assert_int_equal(m->cmsg[0].faults, CMSG_FAULT_LEN_SHORT);
		assert_int_equal(m->cmsg[0].len, len);
		assert_int_equal(m->cmsg[0].data_len, 0);
		assert_int_equal(m->tail_off, 16);
		assert_int_equal(m->tail_len, 32);
	}
}

static void a_cmsg_len_beyond_the_block_ends_the_walk(void **state)
{
	static const uint64_t lens[] = { 29, 32, 1000, INT32_MAX, (uint64_t)-8, SIZE_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct block b = native();
		struct msg *m;

		put_hdr(&b, lens[i], 0, 8);
		put_zeros(&b, 12);
		m = walk(&b);
		assert_int_equal(m->ncmsg, 1);
		assert_int_equal(m->cmsg[0].faults, CMSG_FAULT_LEN_BEYOND);
		assert_int_equal(m->cmsg[0].len, lens[i]);
		assert_int_equal(m->cmsg[0].data_len, 12);
		assert_int_equal(m->tail_len, 0);
	}
}

static void the_last_cmsg_needs_no_padding(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_cmsg(&b, 0, 8, 12);
	m = walk_part(&b, 28, 28);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, 0);
	assert_int_equal(m->cmsg[0].data_len, 12);
	assert_int_equal(m->tail_len, 0);
	m = walk_part(&b, 27, 27); /* one less is EINVAL */
	assert_int_equal(m->cmsg[0].faults, CMSG_FAULT_LEN_BEYOND);
	b = native();
	put_cmsg(&b, 0, 2, 4);
	m = walk_part(&b, 20, 20);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, 0);
}

static void a_whole_zeroed_buffer_has_a_second_header_of_zeros(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_cmsg(&b, 0, 8, 12);
	put_zeros(&b, 8);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->tail_len, 8);
	put_zeros(&b, 8);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 2);
	assert_int_equal(m->cmsg[1].faults, CMSG_FAULT_LEN_SHORT);
	assert_int_equal(m->cmsg[1].offset, 32);
	assert_int_equal(m->tail_len, 0);
}

static void a_second_header_at_cmsg_len_is_misread(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_hdr(&b, 28, 0, 8);
	put_zeros(&b, 12);
	put_hdr(&b, 20, 0, 2); /* at 28, where CMSG_SPACE would have it at 32 */
	put_zeros(&b, 8);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 2);
	assert_int_equal(m->cmsg[1].offset, 32);
	/* its length is the upper half of the one that was meant, and the level: 0 */
	assert_int_equal(m->cmsg[1].len, 0);
	assert_int_equal(m->cmsg[1].level, 2);
	assert_int_equal(m->cmsg[1].faults, CMSG_FAULT_LEN_SHORT);
}

static void a_cmsg_len_of_cmsg_space_counts_the_padding(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_hdr(&b, 24, 1, 1); /* SCM_RIGHTS with CMSG_SPACE(4): the kernel sees two descriptors */
	put_zeros(&b, 8);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, 0);
	assert_int_equal(m->cmsg[0].data_len, 8);
}

static void a_cmsg_len_without_the_header_is_short(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_hdr(&b, 12, 0, 8); /* sizeof(struct in_pktinfo) */
	put_zeros(&b, 16);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, CMSG_FAULT_LEN_SHORT);
}

static void control_that_could_not_be_read_has_no_views(void **state)
{
	struct block b = native();
	struct msg m = { .in = { .control = { .claimed = 64, .why = BYTES_FAULT } } };
	struct event *ev = event_new();

	(void)state;
	ev->abi = b.abi;
	ev->call = CALL_SENDMSG;
	cmsg_walk(ev, &m);
	assert_int_equal(m.ncmsg, 0);
	assert_int_equal(m.tail_len, 0);
	event_free(ev);
}

static void a_payload_cut_by_the_capture_is_marked_not_faulted(void **state)
{
	struct block b = native();
	struct msg *m;

	(void)state;
	put_cmsg(&b, 0, 8, 12);
	put_cmsg(&b, 0, 2, 4);
	m = walk_part(&b, b.len, 50); /* 2 bytes of the second payload */
	assert_int_equal(m->ncmsg, 2);
	assert_int_equal(m->cmsg[1].faults, CMSG_FAULT_NOT_READ);
	assert_int_equal(m->cmsg[1].data_len, 2);
	assert_int_equal(m->tail_len, 0);
	m = walk_part(&b, b.len, 40); /* half a header: nothing is known of it */
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].faults, 0);
	assert_int_equal(m->tail_len, 0);
	m = walk_part(&b, UINT64_MAX, 56); /* absurd msg_controllen */
	assert_int_equal(m->ncmsg, 2);
	assert_int_equal(m->tail_len, 0);
}

static void a_huge_length_inside_a_huge_claim_does_not_wrap(void **state)
{
	static const uint64_t lens[] = { INT64_MAX, INT64_MAX - 7, UINT64_MAX - 8, 1ULL << 62 };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct block b = native();
		struct msg *m;

		put_hdr(&b, lens[i], 0, 8);
		put_zeros(&b, 32);
		m = walk_part(&b, UINT64_MAX, b.len);
		assert_int_equal(m->ncmsg, 1);
		assert_true(m->cmsg[0].faults & CMSG_FAULT_NOT_READ);
		assert_int_equal(m->cmsg[0].data_len, 32);
	}
}

static void a_megabyte_of_empty_cmsgs_is_walked_in_one_go(void **state)
{
	enum { N = 65536 };
	struct event *ev = event_new();
	unsigned char *p = alloc_zeroed(N, 16);
	struct msg m = { .in = { .control = { .p = p, .len = N * 16, .claimed = N * 16 } } };

	(void)state;
	for (size_t i = 0; i < N; i++)
		p[i * 16] = 16;
	ev->abi = abi_by_name("x86_64");
	ev->call = CALL_SENDMSG;
	cmsg_walk(ev, &m);
	assert_int_equal(m.ncmsg, N);
	assert_int_equal(m.cmsg[N - 1].offset, (N - 1) * 16);
	assert_int_equal(m.cmsg[N - 1].data_len, 0);
	event_free(ev);
	alloc_free(p);
}

static void a_receive_is_walked_in_what_came_back(void **state)
{
	struct block in = native(), out = native();
	struct event *ev = event_new();
	struct msg m = { 0 };

	(void)state;
	put_cmsg(&in, 1, 36, 4);
	/* a buffer of 20 bytes: the kernel cut the payload and shortened cmsg_len */
	put_hdr(&out, 20, 0, 8);
	put_zeros(&out, 4);
	m.in.control = (struct bytes){ .p = in.p, .len = in.len, .claimed = in.len };
	m.out.control = (struct bytes){ .p = out.p, .len = out.len, .claimed = out.len };
	ev->abi = out.abi;
	ev->call = CALL_RECVMSG;
	cmsg_walk(ev, &m);
	assert_int_equal(m.ncmsg, 1);
	assert_string_equal(m.cmsg[0].row->name, "IP_PKTINFO");
	assert_int_equal(m.cmsg[0].faults, 0);
	assert_int_equal(m.cmsg[0].data_len, 4);
	event_free(ev);
}

/* --- the walk, compat --- */

static void compat_headers_are_12_bytes_aligned_to_4(void **state)
{
	struct block b = compat();
	struct msg *m;

	(void)state;
	put_cmsg(&b, 0, 1, 1);
	put_cmsg(&b, 0, 8, 12);
	put_cmsg(&b, 0, 2, 4);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 3);
	assert_int_equal(m->cmsg[0].len, 13);
	assert_int_equal(m->cmsg[0].data_len, 1);
	assert_int_equal(m->cmsg[1].offset, 16);
	assert_int_equal(m->cmsg[2].offset, 40);
	assert_int_equal(m->tail_len, 0);
}

static void a_compat_tail_of_1_to_11_bytes_is_told(void **state)
{
	(void)state;
	for (size_t tail = 1; tail <= 11; tail++) {
		struct block b = compat();
		struct msg *m;

		put_cmsg(&b, 0, 2, 4);
		put_zeros(&b, tail);
		m = walk(&b);
		assert_int_equal(m->ncmsg, 1);
		assert_int_equal(m->tail_off, 16);
		assert_int_equal(m->tail_len, tail);
		b = compat();
		put_zeros(&b, tail);
		m = walk(&b);
		assert_int_equal(m->ncmsg, 0);
		assert_int_equal(m->tail_len, tail);
	}
}

static void compat_lengths_are_held_to_12_and_to_the_block(void **state)
{
	(void)state;
	for (uint32_t len = 0; len <= 40; len++) {
		struct block b = compat();
		unsigned int want = len < 12   ? CMSG_FAULT_LEN_SHORT
				    : len > 28 ? CMSG_FAULT_LEN_BEYOND
					       : 0;

		put_hdr(&b, len, 1, 1);
		put_zeros(&b, 16);
		assert_int_equal(walk(&b)->cmsg[0].faults, want);
	}
}

static void an_x32_caller_has_compat_headers(void **state)
{
	struct block b = { .abi = abi_by_name("x32") };
	struct msg *m;

	(void)state;
	put_cmsg(&b, 1, 29, 16);
	m = walk(&b);
	assert_int_equal(m->ncmsg, 1);
	assert_int_equal(m->cmsg[0].len, 28);
	assert_int_equal(m->cmsg[0].data_len, 16);
}

/* --- the tables --- */

#define FOR_EACH_ROW(l, t)                                                                         \
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++)                             \
		for (const struct cmsg_type *t = (*l)->types; t < (*l)->types + (*l)->n; t++)

static unsigned int __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	return 1;
}

static void every_row_is_sane(void **state)
{
	unsigned int bad = 0;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		assert_int_equal(t->level, (*l)->level);
		assert_non_null(t->name);
		if (!cmsg_type_sent(t) && !cmsg_type_received(t))
			bad += complain("%s/%s is neither sent nor received: .send.by, .recv.from",
					(*l)->name, t->name);
		assert_true(!t->size_max || t->size_max > t->size);
		assert_true(!t->size32 || t->size32 < t->size);
		assert_true(t->kinds && !(t->kinds & 1) && !(t->kinds >> SOCK_KIND_COUNT));
		assert_true(!(t->kinds_send & ~t->kinds) && !(t->kinds_recv & ~t->kinds));
		assert_true((cmsg_type_sent(t) && cmsg_type_received(t)) ||
			    (!t->kinds_send && !t->kinds_recv));
		assert_true(!t->since || t->since >= KERNEL_RELEASE(2, 6, 12));
		assert_true(!cmsg_type_option(t) || cmsg_type_received(t));
		if (t->recv.from > FROM_UNSUMMED && !cmsg_type_opt(t))
			bad += complain("%s/%s is in the receive's sum without an option",
					(*l)->name, t->name);
		assert_non_null(t->effect);
		assert_true(strlen(t->effect) > 8 && t->effect[strlen(t->effect) - 1] != '.');
		assert_non_null(t->kernel);
		assert_true(!strncmp(t->kernel, "net/", 4) || !strncmp(t->kernel, "crypto/", 7) ||
			    !strncmp(t->kernel, "drivers/", 8) ||
			    !strncmp(t->kernel, "include/", 8));
	}
	assert_int_equal(bad, 0);
}

/* An option of a row's own is known by nothing else, and there is room for its fact. */
static void every_option_is_told_once(void **state)
{
	(void)state;
	assert_true(cmsg_opt_count() <= OPT_ROOM);
	for (unsigned int i = 0; i < cmsg_opt_count(); i++) {
		const struct sock_opt_row *a = cmsg_opt_row(i);

		assert_non_null(a->name);
		assert_true(a->families);
		for (unsigned int j = i + 1; j < cmsg_opt_count(); j++) {
			const struct sock_opt_row *b = cmsg_opt_row(j);

			if (!strcmp(a->name, b->name) ||
			    (a->level == b->level && a->optname == b->optname))
				fail_msg("%s and %s are one option", a->name, b->name);
		}
	}
	assert_null(cmsg_opt_row(cmsg_opt_count()));
	FOR_EACH_ROW(l, t)
	{
		if (t->recv.from > FROM_UNSUMMED)
			assert_true(cmsg_type_opt(t) < cmsg_opt_count());
	}
}

static void rows_and_names_are_unique_in_their_level(void **state)
{
	(void)state;
	FOR_EACH_ROW(l, t)
	{
		for (const struct cmsg_type *u = t + 1; u < (*l)->types + (*l)->n; u++) {
			assert_int_not_equal(t->type, u->type);
			assert_true(t->type < u->type); /* ascending, for the reader */
			assert_string_not_equal(t->name, u->name);
		}
	}
}

static void every_row_is_found_by_number_and_by_name(void **state)
{
	char full[128];

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		enum sock_kind kind = SOCK_KIND_UNKNOWN;

		if ((*l)->kinds) /* any of them */
			kind = (enum sock_kind)__builtin_ctzll((*l)->kinds);
		assert_ptr_equal(cmsg_type_find(t->level, t->type, kind), t);
		snprintf(full, sizeof(full), "%s/%s", (*l)->name, t->name);
		assert_ptr_equal(cmsg_type_by_name(full, strlen(full)), t);
		assert_non_null(cmsg_type_by_name(t->name, strlen(t->name)));
	}
	assert_null(cmsg_type_find(0, 9999, SOCK_KIND_UDP4));
	assert_null(cmsg_type_find(-1, 1, SOCK_KIND_UDP4));
	assert_null(cmsg_type_by_name("IP_PKT", 6));
	assert_string_equal(cmsg_type_by_name("SCM_TXTIME", 10)->name, "SO_TXTIME");
	assert_null(cmsg_type_by_name("SOL_IPV6/IP_PKTINFO", 19));
}

static void families_that_share_level_0_are_told_apart(void **state)
{
	(void)state;
	assert_string_equal(cmsg_type_find(0, 1, SOCK_KIND_BT_HCI)->name, "HCI_CMSG_DIR");
	assert_string_equal(cmsg_type_find(0, 1, SOCK_KIND_UDP4)->name, "IP_TOS");
	assert_string_equal(cmsg_type_find(0, 1, SOCK_KIND_UNKNOWN)->name, "IP_TOS");
	assert_null(cmsg_type_find(0, 8, SOCK_KIND_BT_HCI));
	assert_string_equal(cmsg_level_name_on(0, SOCK_KIND_BT_HCI), "SOL_HCI");
	assert_string_equal(cmsg_level_name_on(0, SOCK_KIND_UDP6), "SOL_IP");
	assert_null(cmsg_level_own_name(0, SOCK_KIND_UDP6));
	assert_string_equal(cmsg_type_find(0, 1, SOCK_KIND_ISDN)->name, "MISDN_TIME_STAMP");
	assert_string_equal(cmsg_type_find(0, 3, SOCK_KIND_IEEE802154)->name, "WPAN_WANTLQI");
}

static void levels_have_the_names_that_strace_gives_them(void **state)
{
	static const struct {
		int32_t level;
		const char *name;
	} known[] = {
		{ 0, "SOL_IP" },        { 1, "SOL_SOCKET" },     { 40, "AF_VSOCK" },
		{ 41, "SOL_IPV6" },     { 100, "SOL_CAN_BASE" }, { 255, "SOL_RAW" },
		{ 270, "SOL_NETLINK" }, { 282, "SOL_TLS" },      { 284, "SOL_MPTCP" },
		{ 285, "SOL_MCTP" },    { 286, "SOL_SMC" },      { 287, "SOL_VSOCK" },
	};
	int32_t back;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_string_equal(cmsg_level_name(known[i].level), known[i].name);
		assert_true(cmsg_level_by_name(known[i].name, strlen(known[i].name), &back));
		assert_int_equal(back, known[i].level);
	}
	assert_null(cmsg_level_name(-1));
	assert_null(cmsg_level_name(9999));
	assert_false(cmsg_level_by_name("SOL_", 4, &back));
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++) {
		if (!(*l)->kinds)
			assert_string_equal(cmsg_level_name((*l)->level), (*l)->name);
	}
}

/* The model (src/kernel) and the tables are written apart: neither may deny what the other says. */
static void what_a_socket_takes_is_of_a_level_that_it_reads(void **state)
{
	unsigned int bad = 0;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		for (unsigned int k = 1; k < SOCK_KIND_COUNT; k++) {
			if (!cmsg_type_takes(t, (enum sock_kind)k))
				continue;
			if (t->level ==
			    282) /* SOL_TLS: only with the tls ULP, which a kind can't say */
				continue;
			if (model_level((enum sock_kind)k, PATH_NATIVE, t->level) ==
				    VERDICT_IGNORE &&
			    model_level((enum sock_kind)k, PATH_MAPPED, t->level) == VERDICT_IGNORE)
				bad += complain("%s: %s reads no %s", t->name,
						sock_kind_name((enum sock_kind)k), (*l)->name);
		}
	}
	assert_int_equal(bad, 0);
}

static void a_level_that_a_socket_reads_has_a_row_that_it_takes(void **state)
{
	unsigned int bad = 0;

	(void)state;
	for (unsigned int k = 1; k < SOCK_KIND_COUNT; k++) {
		for (int32_t level = 0; level < 300; level++) {
			bool takes = false;

			if (model_level((enum sock_kind)k, PATH_NATIVE, level) != VERDICT_ACCEPT)
				continue;
			if (level == 17 && (k == SOCK_KIND_UDPLITE4 || k == SOCK_KIND_UDPLITE6))
				continue; /* parsed; to send it so is EIO */
			FOR_EACH_ROW(l, t)
			takes |= t->level == level && cmsg_type_takes(t, (enum sock_kind)k);
			if (!takes)
				bad += complain("%s reads level %d, but takes no row of it",
						sock_kind_name((enum sock_kind)k), level);
		}
	}
	assert_int_equal(bad, 0);
}

/* The whole of a source file. */
static char *slurp(const char *dir, const char *name)
{
	char path[4096];
	char *text;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	text = alloc_zeroed(1, 1 << 18);
	n = fread(text, 1, (1 << 18) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void every_table_file_is_registered(void **state)
{
	static const char def[] = "const struct cmsg_level cmsg_level_";
	const char *srcdir = getenv("srcdir");
	char dir[4000], wanted[128];
	unsigned int defined = 0, registered = 0;
	char *registry;
	struct dirent *d;
	DIR *dp;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/src/cmsg", srcdir ? srcdir : ".");
	registry = slurp(dir, "cmsg-table.c");
	dp = opendir(dir);
	if (!registry || !dp)
		skip(); /* run outside the source tree */
	while ((d = readdir(dp))) {
		size_t n = strlen(d->d_name);

		if (strncmp(d->d_name, "sol-", 4) || n < 2 || strcmp(d->d_name + n - 2, ".c"))
			continue;

		char *text = slurp(dir, d->d_name);
		unsigned int here = 0;

		for (char *p = text; (p = strstr(p, def)); here++) {
			p += sizeof(def) - 1;
			snprintf(wanted, sizeof(wanted), "&cmsg_level_%.*s,", (int)strcspn(p, " ="),
				 p);
			if (!strstr(registry, wanted))
				fail_msg("%s: %s is not in cmsg_levels[]", d->d_name, wanted);
		}
		assert_int_not_equal(here, 0);
		defined += here;
		alloc_free(text);
	}
	closedir(dp);
	alloc_free(registry);
	for (const struct cmsg_level *const *l = cmsg_levels; *l; l++)
		registered++;
	assert_int_equal(defined, registered);
}

static void the_list_for_programs_is_json_and_holds_every_row(void **state)
{
	struct buf out = { 0 };
	json_error_t err;
	json_t *list;
	size_t i = 0;

	(void)state;
	list_cmsgs_json(&out);
	list = json_loadb(out.p, out.len, JSON_REJECT_DUPLICATES, &err);
	if (!list)
		fail_msg("line %d: %s", err.line, err.text);
	FOR_EACH_ROW(l, t)
	{
		json_t *row = json_array_get(list, i++);
		const char *level, *type;
		json_t *sent, *received, *errors;

		assert_int_equal(json_unpack(row, "{s:s,s:s,s:o,s:o,s:o}", "level_name", &level,
					     "type_name", &type, "sent_on", &sent, "received_on",
					     &received, "error_queue_on", &errors),
				 0);
		assert_string_equal(level, (*l)->name);
		assert_string_equal(type, t->name);
		assert_int_equal(!!json_array_size(sent), cmsg_type_sent(t));
		assert_int_equal(!!json_array_size(received), cmsg_type_received(t));
		/* TCP brings what the options of IP ask for with its transmit timestamps */
		assert_int_equal(!!json_array_size(errors),
				 t->recv.from >= FROM_IPV6_ANY && t->recv.from < FROM_ERROR);
	}
	assert_int_equal(json_array_size(list), i);
	json_decref(list);
	buf_free(&out);
}

static void the_list_for_people_names_every_row(void **state)
{
	struct buf out = { 0 };
	char want[64];

	(void)state;
	list_cmsgs_text(&out);

	const char *text = buf_cstr(&out);

	FOR_EACH_ROW(l, t)
	{
		snprintf(want, sizeof(want), "\n  %-3d %s ", t->type, t->name);
		assert_non_null(strstr(text, want));
		assert_non_null(strstr(text, (*l)->name));
	}
	assert_non_null(strstr(text, "sockets: udp and udplite, raw4, ping4\n"));
	assert_non_null(strstr(text, "      in error queues: tcp\n"));
	assert_non_null(strstr(text, "16 bytes, 8 for 32-bit programs"));
	buf_free(&out);
}

/* --- decoding --- */

/* n bytes whose end touches a page that can't be read. */
struct guarded {
	unsigned char *map;
	size_t size;
};

static struct guarded guarded_new(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guarded g = { .size = page };

	g.map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g.map, MAP_FAILED);
	assert_int_equal(mprotect(g.map + page, page, PROT_NONE), 0);
	return g;
}

static void guarded_free(struct guarded *g)
{
	munmap(g->map, 2 * g->size);
}

static unsigned char *guarded_end(struct guarded *g, size_t n)
{
	return g->map + g->size - n;
}

/* xorshift: the same bytes in every run */
static void fill(unsigned char *p, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++) {
		*seed ^= *seed << 13;
		*seed ^= *seed >> 7;
		*seed ^= *seed << 17;
		p[i] = (unsigned char)*seed;
	}
}

static struct cmsg view(const struct cmsg_type *t, const unsigned char *p, size_t n)
{
	return (struct cmsg){
		.len = 16 + n,
		.level = t->level,
		.type = t->type,
		.data = p,
		.data_len = (uint32_t)n,
		.row = t,
	};
}

static const char *const abis[] = { "x86_64", "i386", "x32" };

static void too_short_a_payload_is_bytes(void **state)
{
	struct guarded g = guarded_new();
	struct recorder r = { 0 };
	struct event *ev = event_new();
	uint64_t seed = 1;

	(void)state;
	for (size_t a = 0; a < sizeof(abis) / sizeof(abis[0]); a++) {
		ev->abi = abi_by_name(abis[a]);
		FOR_EACH_ROW(l, t)
		{
			for (size_t n = 0; n < cmsg_least_size(t, ev->abi); n++) {
				unsigned char *p = guarded_end(&g, n);
				struct buf hex = { 0 };
				struct cmsg c = view(t, p, n);
				const char *said;

				fill(p, n, &seed);
				said = recorder_run(&r, ev, &c);
				assert_null(r.broken);
				buf_char(&hex, '"');
				buf_hexbytes(&hex, p, n);
				buf_char(&hex, '"');
				if (n)
					assert_string_equal(said, buf_cstr(&hex));
				else
					assert_null(said);
				buf_free(&hex);
			}
		}
	}
	event_free(ev);
	buf_free(&r.text);
	guarded_free(&g);
}

static void the_least_payload_is_decoded(void **state)
{
	struct guarded g = guarded_new();
	struct recorder r = { 0 };
	struct event *ev = event_new();

	(void)state;
	for (size_t a = 0; a < sizeof(abis) / sizeof(abis[0]); a++) {
		ev->abi = abi_by_name(abis[a]);
		FOR_EACH_ROW(l, t)
		{
			size_t n = cmsg_least_size(t, ev->abi);
			unsigned char *p = guarded_end(&g, n);
			struct cmsg c = view(t, p, n);
			const char *said;

			memset(p, 0, n);
			said = recorder_run(&r, ev, &c);
			assert_null(r.broken);
			if (!n) {
				assert_null(said);
				continue;
			}
			/* Labels are text; all other decoders give structure. */
			if (t->decode && strcmp(t->name, "SCM_SECURITY"))
				assert_int_not_equal(said[0], '"');
		}
	}
	event_free(ev);
	buf_free(&r.text);
	guarded_free(&g);
}

static void random_payloads_keep_every_decoder_inside(void **state)
{
	struct guarded g = guarded_new();
	struct recorder r = { 0 };
	struct event *ev = event_new();
	uint64_t seed = 0x9e3779b97f4a7c15;

	(void)state;
	for (unsigned int round = 0; round < 24; round++) {
		ev->abi = abi_by_name(abis[round % 3]);
		FOR_EACH_ROW(l, t)
		{
			for (size_t n = 0; n <= 128; n++) {
				unsigned char *p = guarded_end(&g, n);
				struct cmsg c = view(t, p, n);

				fill(p, n, &seed);
				if (round % 4 == 1) /* small numbers: lengths that fit */
					for (size_t i = 0; i < n; i++)
						p[i] &= 7;
				recorder_run(&r, ev, &c);
				if (r.broken)
					fail_msg("%s, %zu bytes: %s", t->name, n, r.broken);
			}
		}
	}
	event_free(ev);
	buf_free(&r.text);
	guarded_free(&g);
}

struct golden {
	const char *abi; /* NULL: x86_64 */
	int32_t level, type;
	const char *hex;
	const char *want;
};

#include "cmsg-golden.h"

static size_t unhex(unsigned char *p, const char *hex)
{
	size_t n = 0;

	for (; *hex; hex++) {
		char two[3] = { hex[0], hex[1], 0 };

		if (*hex == ' ')
			continue;
		p[n++] = (unsigned char)strtoul(two, NULL, 16);
		hex++;
	}
	return n;
}

static const struct golden *golden_at(size_t i, enum sock_kind *kind)
{
	const size_t n = sizeof(golden) / sizeof(golden[0]);

	*kind = SOCK_KIND_UNKNOWN;
	if (i < n)
		return &golden[i];
	i -= n;
	if (i == sizeof(golden_of_kind) / sizeof(golden_of_kind[0]))
		return NULL;
	*kind = golden_of_kind[i].kind;
	return &golden_of_kind[i].of;
}

static void every_row_has_a_payload_in_cmsg_golden_h(void **state)
{
	unsigned int bad = 0;

	(void)state;
	FOR_EACH_ROW(l, t)
	{
		const struct golden *k;
		enum sock_kind kind;
		bool found = false;

		for (size_t i = 0; !found && (k = golden_at(i, &kind)); i++)
			found = cmsg_type_find(k->level, k->type, kind) == t;
		if (!found)
			bad += complain("%s has no payload there", t->name);
	}
	assert_int_equal(bad, 0);
}

static void payloads_give_the_fields_that_they_hold(void **state)
{
	struct guarded g = guarded_new();
	struct recorder r = { 0 };
	struct event *ev = event_new();
	const struct golden *k;
	enum sock_kind kind;
	unsigned int bad = 0;

	(void)state;
	for (size_t i = 0; (k = golden_at(i, &kind)); i++) {
		unsigned char bytes[ROOM];
		size_t n = unhex(bytes, k->hex);
		unsigned char *p = guarded_end(&g, n);
		struct cmsg c = {
			.len = 16 + n,
			.level = k->level,
			.type = k->type,
			.data = p,
			.data_len = (uint32_t)n,
			.row = cmsg_type_find(k->level, k->type, kind),
		};
		const char *said;

		memcpy(p, bytes, n);
		ev->abi = abi_by_name(k->abi ? k->abi : "x86_64");
		said = recorder_run(&r, ev, &c);
		assert_null(r.broken);
		if (strcmp(said ? said : "nothing", k->want)) {
			print_error("%s\n  want %s\n  said %s\n", c.row ? c.row->name : "?",
				    k->want, said ? said : "nothing");
			bad++;
		}
	}
	assert_int_equal(bad, 0);
	event_free(ev);
	buf_free(&r.text);
	guarded_free(&g);
}

static void j1939_statistics_have_their_own_names(void **state)
{
	static const unsigned char p[] = { 8, 0, 1, 0, 64, 1, 0, 0 };
	struct recorder r = { 0 };
	struct event *ev = event_new();
	struct cmsg c = view(cmsg_type_find(1, 54, SOCK_KIND_UNKNOWN), p, sizeof(p));

	(void)state;
	ev->abi = abi_by_name("x86_64");
	assert_string_equal(recorder_run(&r, ev, &c), "[{nla_type=TCP_NLA_BUSY, nla_data=320}]");
	ev->sock = sock_new();
	ev->sock->has = SOCK_HAS_DOMAIN | SOCK_HAS_PROTOCOL;
	ev->sock->domain = 29;
	ev->sock->protocol = 7;
	sock_derive(ev->sock);
	assert_string_equal(recorder_run(&r, ev, &c),
			    "[{nla_type=J1939_NLA_BYTES_ACKED, nla_data=320}]");
	event_free(ev);
	buf_free(&r.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_padded_list_is_walked_to_its_end),
		cmocka_unit_test(a_tail_of_1_to_15_bytes_is_no_header),
		cmocka_unit_test(a_block_of_1_to_15_bytes_is_all_tail),
		cmocka_unit_test(a_block_of_ff_is_one_header_that_reaches_beyond),
		cmocka_unit_test(a_cmsg_len_of_0_to_15_ends_the_walk),
		cmocka_unit_test(a_cmsg_len_beyond_the_block_ends_the_walk),
		cmocka_unit_test(the_last_cmsg_needs_no_padding),
		cmocka_unit_test(a_whole_zeroed_buffer_has_a_second_header_of_zeros),
		cmocka_unit_test(a_second_header_at_cmsg_len_is_misread),
		cmocka_unit_test(a_cmsg_len_of_cmsg_space_counts_the_padding),
		cmocka_unit_test(a_cmsg_len_without_the_header_is_short),
		cmocka_unit_test(control_that_could_not_be_read_has_no_views),
		cmocka_unit_test(a_payload_cut_by_the_capture_is_marked_not_faulted),
		cmocka_unit_test(a_huge_length_inside_a_huge_claim_does_not_wrap),
		cmocka_unit_test(a_megabyte_of_empty_cmsgs_is_walked_in_one_go),
		cmocka_unit_test(a_receive_is_walked_in_what_came_back),
		cmocka_unit_test(compat_headers_are_12_bytes_aligned_to_4),
		cmocka_unit_test(a_compat_tail_of_1_to_11_bytes_is_told),
		cmocka_unit_test(compat_lengths_are_held_to_12_and_to_the_block),
		cmocka_unit_test(an_x32_caller_has_compat_headers),
		cmocka_unit_test(every_row_is_sane),
		cmocka_unit_test(every_option_is_told_once),
		cmocka_unit_test(rows_and_names_are_unique_in_their_level),
		cmocka_unit_test(every_row_is_found_by_number_and_by_name),
		cmocka_unit_test(families_that_share_level_0_are_told_apart),
		cmocka_unit_test(levels_have_the_names_that_strace_gives_them),
		cmocka_unit_test(every_table_file_is_registered),
		cmocka_unit_test(what_a_socket_takes_is_of_a_level_that_it_reads),
		cmocka_unit_test(a_level_that_a_socket_reads_has_a_row_that_it_takes),
		cmocka_unit_test(the_list_for_programs_is_json_and_holds_every_row),
		cmocka_unit_test(the_list_for_people_names_every_row),
		cmocka_unit_test(too_short_a_payload_is_bytes),
		cmocka_unit_test(the_least_payload_is_decoded),
		cmocka_unit_test(random_payloads_keep_every_decoder_inside),
		cmocka_unit_test(every_row_has_a_payload_in_cmsg_golden_h),
		cmocka_unit_test(payloads_give_the_fields_that_they_hold),
		cmocka_unit_test(j1939_statistics_have_their_own_names),
	};

	return cmocka_run_group_tests_name("cmsg", tests, NULL, NULL);
}
