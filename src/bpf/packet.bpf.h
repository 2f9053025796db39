/* SPDX-License-Identifier: GPL-2.0-only */
/* The packets of messages: what a send queued, what was put into a socket's queue. */
#ifndef CMSGTRACE_BPF_PACKET_BPF_H
#define CMSGTRACE_BPF_PACKET_BPF_H

enum {
	WATCHED = 8192,   /* sockets */
	WALK = 32,        /* datagrams of a queue that are looked at */
	REQUESTS = 16384, /* of io_urings, under way */
	SENDINGS = 4096,
	UDP_HEADER = 8,
	FRAGMENT_OFFSET = 0x1fff,
	RECEIVINGS = 4096,
	LINUX_6_3 = 0x60300, /* brought sk_data_ready */
};

/* Sockets that targets receive from, by address: the inode tells whether it is still the same one. */
struct watched {
	uint64_t inode;
	uint64_t last; /* the newest datagram that was told of … */
	uint64_t head; /* … and the first bytes of its header: the buffer may be used again */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WATCHED);
	__type(key, uint64_t);
	__type(value, struct watched);
} watcheds SEC(".maps");

/* Addresses, ports and length of a UDP packet, from its headers in the kernel's own buffer. */
static __always_inline bool read_packet(struct rec_packet *p, struct sk_buff *skb)
{
	unsigned char *head = READ(struct sk_buff, skb, head);
	uint8_t *ip = head + READ(struct sk_buff, skb, network_header);
	uint8_t *udp = head + READ(struct sk_buff, skb, transport_header);
	uint64_t before = udp - READ(struct sk_buff, skb, data); /* 0: data starts at the header */
	uint16_t offset = 0;
	uint8_t version = 0;

	bpf_probe_read_kernel(&version, 1, ip);
	p->version = version >> 4;
	if (p->version == 4) {
		bpf_probe_read_kernel(&offset, 2, ip + 6);
		if (__builtin_bswap16(offset) & FRAGMENT_OFFSET)
			return false;
		bpf_probe_read_kernel(p->src, 4, ip + 12);
		bpf_probe_read_kernel(p->dst, 4, ip + 16);
	} else if (p->version == 6) {
		bpf_probe_read_kernel(p->src, 16, ip + 8);
		bpf_probe_read_kernel(p->dst, 16, ip + 24);
	} else {
		return false;
	}
	bpf_probe_read_kernel(&p->sport, 2, udp);
	bpf_probe_read_kernel(&p->dport, 2, udp + 2);
	/* what lies in front of the payload and still counts: nothing, or headers from data on */
	p->len = READ(struct sk_buff, skb, len) - (uint32_t)(before + UDP_HEADER);
	p->nhead = !bpf_probe_read_kernel(p->head_bytes, REC_HEAD, udp + UDP_HEADER) ? REC_HEAD : 0;
	return true;
}

/* at: of the packet's buffer.  Not static: it is verified once, not for each turn of a loop. */
__noinline int put_packet(uint32_t type, uint64_t sk, uint64_t of, uint64_t at)
{
	struct rec_packet *p = bpf_ringbuf_reserve(&ring, sizeof(*p), 0);
	struct sk_buff *skb = (void *)at;

	if (!p) {
		count_lost(LOST_OTHERS);
		return 0;
	}
	__builtin_memset(p, 0, sizeof(*p));
	fill_head(&p->head, type, sizeof(*p));
	p->sk = sk;
	p->of = of;
	if (skb && !read_packet(p, skb)) {
		bpf_ringbuf_discard(p, BPF_RB_NO_WAKEUP);
		return 0;
	}
	if (type == REC_LEFT)
		p->ifindex = READ(struct sk_buff, skb, dev, ifindex);
	else if (skb)
		p->ifindex = READ(struct sk_buff, skb, skb_iif);
	bpf_ringbuf_submit(p, BPF_RB_NO_WAKEUP);
	return 0;
}

/* By the address of the request.  Those that are never told to complete fall out. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, REQUESTS);
	__type(key, uint64_t);
	__type(value, struct rec_request);
} requests SEC(".maps");

/* The last request to send that each thread submitted: most are carried out at once, by the same thread. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SENDINGS);
	__type(key, uint64_t);
	__type(value, uint64_t);
} sendings SEC(".maps");

static __always_inline void packet_of_request(uint64_t id, struct sk_buff *skb)
{
	uint64_t *req = bpf_map_lookup_elem(&sendings, &id);
	struct rec_request *r = req ? bpf_map_lookup_elem(&requests, req) : NULL;

	if (r && r->inside.udp && (uint64_t)BPF_CORE_READ(skb, sk) == r->inside.sock.sk)
		put_packet(REC_LEFT, r->inside.sock.sk, *req, (uint64_t)skb);
}

/* A packet is handed to a device: inside the send that made it, where it is that socket's. */
SEC("raw_tp/net_dev_queue")
int on_net_dev_queue(struct bpf_raw_tracepoint_args *ctx)
{
	struct sk_buff *skb = (void *)ctx->args[0];
	uint64_t id = bpf_get_current_pid_tgid();
	struct rec_inside *u = bpf_map_lookup_elem(&under_ways, &id);

	if (u && u->sock.sk && u->udp && (uint64_t)BPF_CORE_READ(skb, sk) == u->sock.sk)
		put_packet(REC_LEFT, u->sock.sk, 0, (uint64_t)skb);
	else
		packet_of_request(id, skb);
	return 0;
}

/* The request of an io_uring that receives from each socket; 0: there were several, and nobody knows whose a datagram is. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RECEIVINGS);
	__type(key, uint64_t);
	__type(value, uint64_t);
} receivings SEC(".maps");

static __always_inline void request_receives(uint64_t sk, uint64_t req)
{
	uint64_t *other;

	if (LINUX_KERNEL_VERSION >= LINUX_6_3)
		return;
	other = bpf_map_lookup_elem(&receivings, &sk);
	if (other && *other != req)
		req = 0;
	bpf_map_update_elem(&receivings, &sk, &req, BPF_ANY);
}

static __always_inline void request_received(uint64_t sk, uint64_t req)
{
	uint64_t *known =
		LINUX_KERNEL_VERSION < LINUX_6_3 ? bpf_map_lookup_elem(&receivings, &sk) : NULL;

	if (known && *known == req)
		bpf_map_delete_elem(&receivings, &sk);
}

/*
 * A receive took (or looked at) a datagram.  For kernels without the tracepoint of on_sk_data_ready(), where a datagram
 * is told of before anybody receives it; others needn't allow this hook.
 */
SEC("fexit/__skb_recv_udp")
int on_skb_recv_udp(uint64_t *ctx)
{
	uint64_t id = bpf_get_current_pid_tgid(), sk = 0, skb = 0, *req;
	struct rec_inside *u = bpf_map_lookup_elem(&under_ways, &id);

	/* as numbers, to be a key and an argument */
	bpf_probe_read_kernel(&skb, sizeof(skb), ctx + 4);
	bpf_probe_read_kernel(&sk, sizeof(sk), ctx);
	if (!skb)
		return 0;
	if (u) {
		if (u->udp && sk == u->sock.sk)
			put_packet(REC_TAKEN, sk, 0, skb);
		else if (!u->sock.sk) /* in io_uring_enter(), say */
			u = NULL;
	}
	req = u ? NULL : bpf_map_lookup_elem(&receivings, &sk);
	if (req && *req)
		put_packet(REC_TAKEN, sk, *req, skb);
	return 0;
}

static __always_inline uint64_t inode_of(struct sock *sk)
{
	return READ(struct sock, sk, sk_socket, file, f_inode, i_ino);
}

/* Source address, ports and checksums: enough to tell a buffer that is used again. */
__noinline uint64_t head_of(uint64_t at)
{
	struct sk_buff *skb = (void *)at;
	unsigned char *head = READ(struct sk_buff, skb, head);
	uint64_t ip = 0, udp = 0;

	bpf_probe_read_kernel(&ip, 8, head + READ(struct sk_buff, skb, network_header) + 4);
	bpf_probe_read_kernel(&udp, 8, head + READ(struct sk_buff, skb, transport_header));
	return ip * 31 + udp;
}

/*
 * Datagrams were put at the end of sk's queue; several may have been since the last one was told.  Those
 * that a receive took meanwhile are in no queue: it will find no destination.
 */
SEC("raw_tp/sk_data_ready")
int on_sk_data_ready(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (void *)ctx->args[0];
	uint64_t key = (uint64_t)sk;
	struct watched *w = bpf_map_lookup_elem(&watcheds, &key);
	struct sk_buff *skb, *v, *newest;
	uint32_t n = 0;

	if (!w)
		return 0;
	if (w->inode != inode_of(sk)) {
		bpf_map_delete_elem(&watcheds, &key);
		return 0;
	}
	newest = skb = BPF_CORE_READ(sk, sk_receive_queue.prev);
	for (uint32_t i = 0; i < WALK; i++) {
		if (!skb || (void *)skb == (void *)&sk->sk_receive_queue)
			break;
		if ((uint64_t)skb == w->last && head_of((uint64_t)skb) == w->head)
			break;
		n++;
		skb = BPF_CORE_READ(skb, prev);
	}
	if (!n)
		return 0;
	v = skb ? BPF_CORE_READ(skb, next) : newest;
	for (uint32_t i = 0; i < WALK; i++) {
		if (i >= n || !v || (void *)v == (void *)&sk->sk_receive_queue)
			break;
		put_packet(REC_CAME, key, 0, (uint64_t)v);
		v = BPF_CORE_READ(v, next);
	}
	w->last = (uint64_t)newest;
	w->head = head_of((uint64_t)newest);
	return 0;
}

static __always_inline void tell_queue(struct watched *w, uint64_t key, struct sk_buff_head *head)
{
	struct sk_buff *skb = BPF_CORE_READ(head, next);

	for (uint32_t i = 0; i < WALK; i++) {
		if (!skb || (void *)skb == (void *)head)
			return;
		put_packet(REC_CAME, key, 0, (uint64_t)skb);
		w->last = (uint64_t)skb;
		w->head = head_of((uint64_t)skb);
		skb = BPF_CORE_READ(skb, next);
	}
}

/* A target receives from sk: what waits there already is told, then what comes. */
static __always_inline void watch(struct sock *sk)
{
	uint64_t key = (uint64_t)sk;
	struct watched *w = bpf_map_lookup_elem(&watcheds, &key);
	struct watched fresh = { .inode = inode_of(sk) };

	if (w && w->inode == fresh.inode)
		return;
	bpf_map_update_elem(&watcheds, &key, &fresh, BPF_ANY);
	put_packet(REC_WATCH, key, 0, 0);
	tell_queue(&fresh, key, &((struct udp_sock *)sk)->reader_queue);
	tell_queue(&fresh, key, &sk->sk_receive_queue);
	w = bpf_map_lookup_elem(&watcheds, &key);
	if (w && fresh.last) {
		w->last = fresh.last;
		w->head = fresh.head;
	}
}

#endif
