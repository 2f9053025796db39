// SPDX-License-Identifier: LGPL-2.1-or-later
/* Ranges of a stopped tracee's memory in few vectored reads.  Reads by a struct memory only. */
#include "config.h"

#include "live/capture-fetch.h"

#include <errno.h>
#include <string.h>

enum {
	PAGE = 4096, /* the smallest of all machines: larger pages only make the rule stricter */
	/*
	 * Ranges are read as one where the gap between them is at most this: a further segment costs
	 * 0.5 us, 4 KiB of copying 0.4 us.
	 */
	GAP_MAX = 3 * 1024,
	HINT_SPAN_MAX = 256 * 1024, /* bytes of one remembered span */
	HINT_PAD = 128,             /* lengths vary from message to message */
	READV_MAX = 1024,           /* UIO_MAXIOV */
	FETCH_TOTAL_MAX = 64 * 1024 * 1024,
};

void fetch_init(struct fetch *f, const struct memory *mem, struct arena *arena, size_t slack)
{
	f->mem = mem;
	f->exact = false;
	f->arena = arena;
	f->gone = false;
	f->slack = slack;
	f->want = f->want0;
	f->nwant = 0;
	f->room = FETCH_WANTS;
	f->nround = 0;
	f->next.n = 0;
}

static uint64_t page_of(uint64_t addr)
{
	return addr / PAGE;
}

/*
 * Can b, which starts at or behind a, be read together with a without touching a page that neither of
 * them touches?  Then joining them can't make a fault where there was none.
 */
static bool joinable(const struct fetch *f, uint64_t a, size_t a_len, uint64_t b, size_t *gap)
{
	uint64_t end = a + a_len;

	*gap = 0;
	if (b <= end)
		return true;
	*gap = (size_t)(b - end);
	return !f->mem->apart && b - end <= GAP_MAX && page_of(b) <= page_of(end - 1) + 1;
}

static const unsigned char *find(const struct fetch *f, uint64_t addr, size_t len)
{
	for (unsigned int r = 0; r < f->nround; r++) {
		const struct fetch_span *v = f->round[r].span;
		unsigned int lo = 0, hi = f->round[r].n;

		while (lo < hi) { /* the last span that starts at or before addr */
			unsigned int mid = (lo + hi) / 2;

			if (v[mid].addr <= addr)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (!lo)
			continue;
		v += lo - 1;
		if (addr - v->addr <= v->got && len <= v->got - (addr - v->addr))
			return v->p + (addr - v->addr);
	}
	return NULL;
}

void fetch_want(struct fetch *f, uint64_t addr, size_t len)
{
	size_t gap;

	if (!addr || !len || len > UINT64_MAX - addr || find(f, addr, len))
		return;
	/* Most structures lie in arrays: the next one extends the last. */
	if (f->nwant) {
		struct fetch_range *last = &f->want[f->nwant - 1];

		if (addr >= last->addr && joinable(f, last->addr, last->len, addr, &gap) &&
		    gap <= f->slack) {
			f->slack -= gap;
			if (addr + len > last->addr + last->len)
				last->len = (size_t)(addr + len - last->addr);
			return;
		}
	}
	if (f->nwant == f->room) {
		struct fetch_range *more = arena_raw(f->arena, 2 * (size_t)f->room * sizeof(*more));

		memcpy(more, f->want, f->nwant * sizeof(*more));
		f->want = more;
		f->room *= 2;
	}
	f->want[f->nwant++] = (struct fetch_range){ addr, len };
}

/* Shell sort with Ciura's gaps: in place, and quick on the few runs that there are. */
static void sort_ranges(struct fetch_range *v, unsigned int n)
{
	static const unsigned int gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
		unsigned int gap = gaps[g];

		for (unsigned int i = gap; i < n; i++) {
			struct fetch_range x = v[i];
			unsigned int k = i;

			for (; k >= gap && v[k - gap].addr > x.addr; k -= gap)
				v[k] = v[k - gap];
			v[k] = x;
		}
	}
}

/* Joins sorted ranges; returns how many are left and their total. */
static unsigned int join_ranges(struct fetch *f, struct fetch_range *v, unsigned int n,
				size_t *total)
{
	unsigned int k = 0;

	*total = v[0].len;
	for (unsigned int i = 1; i < n; i++) {
		struct fetch_range *last = &v[k];
		size_t gap;

		if (joinable(f, last->addr, last->len, v[i].addr, &gap) && gap <= f->slack) {
			uint64_t end = v[i].addr + v[i].len;

			f->slack -= gap;
			if (end > last->addr + last->len) {
				*total += (size_t)(end - last->addr - last->len);
				last->len = (size_t)(end - last->addr);
			}
			continue;
		}
		v[++k] = v[i];
		*total += v[i].len;
	}
	return k + 1;
}

/* A span that faults midway is left as far as it came; those behind it are read all the same. */
static void read_spans(struct fetch *f, struct fetch_span *v, unsigned int n)
{
	struct iovec few[FETCH_WANTS];
	struct iovec *remote = few;

	if (n == 1 && f->mem->quick && !f->exact && f->mem->quick(f->mem, v->addr, v->p, v->len)) {
		v->got = v->len;
		return;
	}
	if (n > FETCH_WANTS)
		remote = arena_raw(f->arena, (n < READV_MAX ? n : READV_MAX) * sizeof(*remote));

	for (unsigned int i = 0; i < n;) {
		unsigned int k = n - i < READV_MAX ? n - i : READV_MAX;

		for (unsigned int s = 0; s < k; s++) {
			remote[s].iov_base = (void *)(uintptr_t)v[i + s].addr;
			remote[s].iov_len = v[i + s].len;
		}

		ssize_t got = f->mem->readv(f->mem, v[i].p, remote, k);

		if (got < 0 && got != -EFAULT) {
			f->gone = got == -ESRCH;
			return;
		}
		if (got < 0)
			got = 0;
		for (; k && (size_t)got >= v[i].len; i++, k--) {
			v[i].got = v[i].len;
			got -= (ssize_t)v[i].len;
		}
		if (k)
			v[i++].got = (size_t)got;
	}
}

void fetch_now(struct fetch *f)
{
	unsigned int n = f->nwant;
	size_t total;

	f->nwant = 0;
	if (!n || f->gone || f->nround == FETCH_ROUNDS)
		return;
	sort_ranges(f->want, n);
	n = join_ranges(f, f->want, n, &total);
	if (total > FETCH_TOTAL_MAX)
		return; /* fetch_fill() reads them one by one */

	struct fetch_span *v = arena_raw(f->arena, n * sizeof(*v));
	unsigned char *p = arena_raw(f->arena, total);

	for (unsigned int i = 0; i < n; i++) {
		v[i] = (struct fetch_span){ f->want[i].addr, f->want[i].len, 0, p };
		p += v[i].len;
	}
	read_spans(f, v, n);
	f->round[f->nround].span = v;
	f->round[f->nround++].n = n;
}

/* Adds a range to the next hint, joined where it lies near one. */
static void remember(struct fetch *f, uint64_t addr, size_t len)
{
	struct capture_place *h = &f->next;

	for (unsigned int i = h->n; i-- > 0;) {
		uint64_t lo = h->span[i].addr, hi = lo + h->span[i].len;
		size_t gap;

		if (addr >= lo ? !joinable(f, lo, (size_t)(hi - lo), addr, &gap)
			       : !joinable(f, addr, len, lo, &gap))
			continue;
		if (addr < lo)
			lo = addr;
		if (addr + len > hi)
			hi = addr + len;
		if (hi - lo > HINT_SPAN_MAX)
			continue;
		h->span[i].addr = lo;
		h->span[i].len = (uint32_t)(hi - lo);
		return;
	}
	if (h->n == CAPTURE_SPANS || len > HINT_SPAN_MAX)
		return;
	h->span[h->n].addr = addr;
	h->span[h->n++].len = (uint32_t)len;
}

static const unsigned char *read_alone(struct fetch *f, uint64_t addr, size_t *len)
{
	unsigned char *p = arena_raw(f->arena, *len);
	ssize_t n = f->gone ? -ESRCH : memory_read(f->mem, addr, p, *len);

	if (n == -ESRCH)
		f->gone = true;
	*len = n > 0 ? (size_t)n : 0;
	return n > 0 ? p : NULL;
}

const unsigned char *fetch_need(struct fetch *f, uint64_t addr, size_t len)
{
	const unsigned char *p = find(f, addr, len);
	size_t got = len;

	if (!p && addr && len)
		p = read_alone(f, addr, &got);
	if (!p || got < len)
		return NULL;
	remember(f, addr, len);
	return p;
}

struct bytes fetch_plan(uint64_t addr, uint64_t claimed, uint64_t limit)
{
	if (!addr || !claimed)
		return (struct bytes){ .addr = addr };
	return (struct bytes){
		.addr = addr,
		.claimed = claimed,
		.len = (size_t)(claimed < limit ? claimed : limit),
	};
}

void fetch_fill(struct fetch *f, struct bytes *plan)
{
	size_t want = plan->len;

	plan->why = BYTES_WHOLE;
	if (want) {
		plan->p = find(f, plan->addr, want);
		if (!plan->p)
			plan->p = read_alone(f, plan->addr, &plan->len);
		if (plan->len)
			remember(f, plan->addr, plan->len);
	}
	if (plan->len == plan->claimed)
		return;
	if (plan->len == want ||
	    (f->mem->left_out && f->mem->left_out(f->mem, plan->addr + plan->len)))
		plan->why = BYTES_LIMIT;
	else if (f->gone || (f->mem->absent && *f->mem->absent))
		plan->why = BYTES_GONE;
	else
		plan->why = BYTES_FAULT;
}

static struct capture_place *place_of(struct capture_hint *h, uint64_t key)
{
	for (unsigned int i = 0; h && i < CAPTURE_PLACES; i++) {
		if (h->place[i].key == key)
			return &h->place[i];
	}
	return NULL;
}

bool fetch_hint_want(struct fetch *f, struct capture_hint *h, uint64_t key)
{
	const struct capture_place *p = place_of(h, key);

	for (unsigned int i = 0; p && i < p->n; i++) {
		/* Longer than last time, if no other page is touched for it. */
		uint64_t end = p->span[i].addr + p->span[i].len;
		uint64_t pad = PAGE - 1 - (end - 1) % PAGE;

		fetch_want(f, p->span[i].addr,
			   p->span[i].len + (size_t)(pad < HINT_PAD ? pad : HINT_PAD));
	}
	return p && p->n;
}

void fetch_hint_save(const struct fetch *f, struct capture_hint *h, uint64_t key)
{
	if (!h || !f->next.n)
		return;

	struct capture_place *p = place_of(h, key);

	if (!p)
		p = &h->place[h->next++ % CAPTURE_PLACES];
	p->key = key;
	p->n = f->next.n;
	memcpy(p->span, f->next.span, f->next.n * sizeof(p->span[0]));
}
