// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Neighbours of the situations of families 1, 2 and 5: the same mistakes in other clothes, and right
 * programs that look much like them.  What each gives stands in the table; tests/live/variants.py compares.
 */
#include "config.h"

#include "situations.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
	LEVEL_UDP = 17,
	OPTION_CORK = 1,
	TYPE_PROTOCOL = 52, /* IP_PROTOCOL */
};

/* ---- what they are made of ---- */

/* One datagram over IPv6 from one socket to another, with c. */
static long send6(int fd, const char *to, uint16_t port, const struct control *c)
{
	struct sockaddr_in6 sin6 = to6(to, port);
	struct iovec iov = { "answer", 6 };
	struct msghdr m = { .msg_name = &sin6,
			    .msg_namelen = sizeof(sin6),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = (void *)c->b,
			    .msg_controllen = c->len };

	return sendmsg(fd, &m, 0);
}

/* From ::1 to ::1; or, where mapped, from 127.0.0.1 to 127.0.0.1 over an IPv6 socket. */
static long over6(bool mapped, const struct control *c)
{
	const char *at = mapped ? "::ffff:127.0.0.1" : "::1";
	int fd = udp6(at), other = udp6(at);

	return send6(fd, at, port_of(other), c);
}

static struct in6_pktinfo info6(const char *addr)
{
	struct sockaddr_in6 sin6 = to6(addr, 0);

	return (struct in6_pktinfo){ .ipi6_addr = sin6.sin6_addr };
}

static long over4(const struct control *c)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));

	return send_to(fd, &to, c);
}

static void one(int level, int type, int v)
{
	struct control c = { .len = 0 };

	add_int(&c, level, type, v);
	over4(&c);
}

static void one6(bool mapped, int level, int type, int v)
{
	struct control c = { .len = 0 };

	add_int(&c, level, type, v);
	over6(mapped, &c);
}

/* ---- family 1 ---- */

static void level_on_connected(void)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c = { .len = 0 };

	must(connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect");
	add_int(&c, IPPROTO_TCP, IP_TTL, 9);
	must(send_to(fd, NULL, &c), "sendmsg");
}

static void level_on_udp6(void)
{
	one6(false, IPPROTO_TCP, IPV6_HOPLIMIT, 9);
}

static void level_of_bsd(void)
{
	one(0xffff, SO_PRIORITY, 3);
}

static void level_and_type_swapped(void)
{
	struct in_pktinfo info = info4("127.0.0.1", "0.0.0.0", 0);
	struct control c = { .len = 0 };

	add(&c, IP_PKTINFO, IPPROTO_IP, &info, sizeof(info));
	over4(&c);
}

static void level_on_tcp(void)
{
	int listening = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = to4("127.0.0.1", 0);
	struct control c = { .len = 0 };

	must(bind(listening, (struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(listening, 1), "listen");
	at = to4("127.0.0.1", port_of(listening));
	must(connect(fd, (struct sockaddr *)&at, sizeof(at)), "connect");
	add_int(&c, IPPROTO_IP, IP_TOS, 0x10);
	must(send_unix(fd, &c, 4), "sendmsg");
}

static void level_in_a_vector(void)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c = { .len = 0 };
	struct iovec iov = { "answer", 6 };
	struct mmsghdr v[2];

	add_int(&c, IPPROTO_TCP, IP_TTL, 9);
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 2; i++)
		v[i].msg_hdr = (struct msghdr){ .msg_name = &to,
						.msg_namelen = sizeof(to),
						.msg_iov = &iov,
						.msg_iovlen = 1,
						.msg_control = c.b,
						.msg_controllen = c.len };
	must(sendmmsg(fd, v, 2, 0), "sendmmsg");
}

/* struct cmsghdr with a 32-bit cmsg_len: level and type stand where the kernel doesn't look. */
static void header_of_32_bits(void)
{
	struct in_pktinfo info = info4("127.0.0.1", "0.0.0.0", 0);
	struct control c = { .len = 12 + 12 };
	uint32_t head[3] = { 12 + 12, IPPROTO_IP, IP_PKTINFO };

	memcpy(c.b, head, sizeof(head));
	memcpy(c.b + 12, &info, sizeof(info));
	over4(&c);
}

static void ip_to_ipv6(void)
{
	one6(false, IPPROTO_IP, IP_TTL, 9);
}

static void tclass_to_mapped(void)
{
	one6(true, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
}

static void ttl_to_mapped(void)
{
	one6(true, IPPROTO_IP, IP_TTL, 9);
}

static void pktinfo_to_mapped(void)
{
	struct in6_pktinfo info = info6("::ffff:127.0.0.1");
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	must(over6(true, &c), "sendmsg");
}

static void real_pktinfo_to_mapped(void)
{
	struct in6_pktinfo info = info6("::1");
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	over6(true, &c);
}

static void ipv6_on_ipv4(void)
{
	one(IPPROTO_IPV6, IPV6_TCLASS, 0x20);
}

static void segment_as_int(void)
{
	one(LEVEL_UDP, UDP_SEGMENT, 100);
}

static void tclass_as_byte(void)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IPV6, IPV6_TCLASS, "\x20", 1);
	over6(false, &c);
}

static void tos_as_byte(void)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_TOS, "\x20", 1);
	must(over4(&c), "sendmsg");
}

static void tos_as_int(void)
{
	one(IPPROTO_IP, IP_TOS, 0x20);
}

static void pktinfo_of_bsd(void)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, "\x7f\0\0\1", 4);
	over4(&c);
}

static void rights_counted_with_padding(int padding)
{
	struct control c = { .len = 0 };
	size_t len = CMSG_SPACE(sizeof(int));
	int pair[2], fds[] = { 2, padding };

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, fds, 1);
	memcpy(c.b, &len, sizeof(len));
	memcpy(c.b + sizeof(struct cmsghdr), fds, sizeof(fds));
	send_unix(pair[0], &c, 1);
}

static void padding_of_zero(void)
{
	rights_counted_with_padding(0);
}

static void padding_of_garbage(void)
{
	rights_counted_with_padding(0x7a7a7a);
}

static void two_descriptors(void)
{
	struct control c = { .len = 0 };
	int pair[2], fds[] = { 2, 1 };

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, fds, 2);
	must(send_unix(pair[0], &c, 1), "sendmsg");
}

static void ttl_counted_with_padding(void)
{
	struct control c = { .len = 0 };
	size_t len = CMSG_SPACE(sizeof(int));

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	memcpy(c.b, &len, sizeof(len));
	over4(&c);
}

static void zeros_behind(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	c.len += 32;
	over4(&c);
}

static void eight_zeros_behind(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	c.len += 8;
	over4(&c);
}

static void rest_behind(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	memset(c.b + c.len, 0x55, 8);
	c.len += 8;
	over4(&c);
}

static void unpadded(void)
{
	struct in_pktinfo info = info4("127.0.0.1", "0.0.0.0", 0);
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	c.len = CMSG_LEN(sizeof(info));
	must(over4(&c), "sendmsg");
}

static void summed_with_len(void)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_TOS, "\x20", 1);
	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	c.len = CMSG_LEN(1) + CMSG_LEN(sizeof(int));
	over4(&c);
}

static void more(bool second_too, bool cork)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c = { .len = 0 };
	struct iovec iov = { "part", 4 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	if (cork)
		on(fd, LEVEL_UDP, OPTION_CORK);
	m.msg_control = c.b;
	m.msg_controllen = c.len;
	must(sendmsg(fd, &m, cork ? 0 : MSG_MORE), "sendmsg");
	if (!second_too) {
		m.msg_control = NULL;
		m.msg_controllen = 0;
	}
	must(sendmsg(fd, &m, 0), "sendmsg");
	if (cork)
		set(fd, LEVEL_UDP, OPTION_CORK, 0);
	m.msg_control = c.b;
	m.msg_controllen = c.len;
	must(sendmsg(fd, &m, 0), "sendmsg"); /* a new datagram: it is read again */
}

static void more_without_effect(void)
{
	more(true, false);
}

static void more_right(void)
{
	more(false, false);
}

static void cork_without_effect(void)
{
	more(true, true);
}

static void cork_right(void)
{
	more(false, true);
}

static void protocol_on_udp(void)
{
	one(IPPROTO_IP, TYPE_PROTOCOL, 17);
}

static void ttl_at_icmp(void)
{
	one(IPPROTO_ICMP, IP_TTL, 9);
}

static void rights_on_udp(void)
{
	one(SOL_SOCKET, SCM_RIGHTS, 2);
}

static void ttl_twice(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IP, IP_TTL, 9);
	add_int(&c, IPPROTO_IP, IP_TTL, 10);
	must(over4(&c), "sendmsg");
}

static void rights_twice(void)
{
	struct control c = { .len = 0 };
	int pair[2], fd = 2;

	unix_pair(SOCK_DGRAM, pair);
	rights(&c, &fd, 1);
	rights(&c, &fd, 1);
	must(send_unix(pair[0], &c, 1), "sendmsg");
}

static void value_refused(void)
{
	one(IPPROTO_IP, IP_TTL, 300);
}

static void txtime_without_option(void)
{
	struct control c = { .len = 0 };
	uint64_t when = 1;

	add(&c, SOL_SOCKET, 61, &when, sizeof(when));
	over4(&c);
}

static void second_of_a_vector_refused(void)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c[2] = { { .len = 0 }, { .len = 0 } };
	struct iovec iov = { "answer", 6 };
	struct mmsghdr v[2];

	add_int(&c[0], IPPROTO_IP, IP_TTL, 9);
	add_int(&c[1], IPPROTO_IP, IP_TTL, 300);
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 2; i++)
		v[i].msg_hdr = (struct msghdr){ .msg_name = &to,
						.msg_namelen = sizeof(to),
						.msg_iov = &iov,
						.msg_iovlen = 1,
						.msg_control = c[i].b,
						.msg_controllen = c[i].len };
	must(sendmmsg(fd, v, 2, 0), "sendmmsg");
}

/* ---- family 2 ---- */

static void reply_with(struct in_pktinfo info, const char *bound)
{
	struct talk t = asked_at(bound, "127.0.0.2");
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	must(reply(&t, &c), "sendmsg");
}

static void interface_of_loopback(void)
{
	reply_with(info4("127.0.0.2", "0.0.0.0", 1), "0.0.0.0");
}

static void bound_replaced(void)
{
	reply_with(info4("0.0.0.0", "0.0.0.0", 1), "127.0.0.2");
}

static void bound_and_silent(void)
{
	struct talk t = asked_at("127.0.0.2", "127.0.0.2");

	must(reply(&t, NULL), "sendmsg");
}

static void echoed_without_interface(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	int none = 0;

	memcpy(t.received.b + sizeof(struct cmsghdr), &none, sizeof(none));
	must(reply(&t, &t.received), "sendmsg");
}

/* As languages do that copy what they hand over. */
static void echoed_from_a_copy(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	struct control copy = t.received;

	must(reply(&t, &copy), "sendmsg");
}

static void reply_in_a_vector(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	struct iovec iov = { "answer", 6 };
	struct mmsghdr v = { .msg_hdr = { .msg_name = &t.peer,
					  .msg_namelen = sizeof(t.peer),
					  .msg_iov = &iov,
					  .msg_iovlen = 1 } };

	must(sendmmsg(t.server, &v, 1, 0), "sendmmsg");
}

static void new_socket_at_the_asked_address(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	int fd = udp4("127.0.0.2");

	must(sendto(fd, "answer", 6, 0, (struct sockaddr *)&t.peer, sizeof(t.peer)), "sendto");
}

static void peeked_before(void)
{
	int server = udp4("0.0.0.0"), client = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.2", port_of(server)), peer = to4("127.0.0.1", 9);
	socklen_t len = sizeof(peer);
	char data[8];

	must(sendto(client, "q", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
	must(recvfrom(server, data, sizeof(data), MSG_PEEK, (struct sockaddr *)&peer, &len),
	     "recvfrom");
	/* to somebody else: its own question */
	must(sendto(server, "q", 1, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* ---- family 5 ---- */

static void segments(uint16_t size, size_t total, bool by_option, bool no_check)
{
	int fd = udp4("127.0.0.1"), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c = { .len = 0 };

	if (no_check)
		on(fd, SOL_SOCKET, 11 /* SO_NO_CHECK */);
	if (by_option)
		set(fd, LEVEL_UDP, UDP_SEGMENT, size);
	else
		add(&c, LEVEL_UDP, UDP_SEGMENT, &size, sizeof(size));
	send_sized(fd, &to, &c, total);
}

static void segments_too_many(void)
{
	segments(100, 20000, false, false);
}

static void segments_too_many_by_option(void)
{
	segments(100, 20000, true, false);
}

static void segments_most(void)
{
	segments(100, 6400, false, false);
}

static void segments_too_long(void)
{
	segments(1000, 65536, false, false);
}

static void segments_unchecked(void)
{
	segments(100, 1000, false, true);
}

static void segment_of_all(void)
{
	segments(1000, 1000, false, false);
}

/* ---- CT113, CT115, CT111's zeros ---- */

static void class_of_socket(int option, int given)
{
	int fd = udp6("::1"), other = udp6("::1");
	struct control c = { .len = 0 };

	set(fd, IPPROTO_IPV6, IPV6_TCLASS, option);
	add_int(&c, IPPROTO_IPV6, IPV6_TCLASS, given);
	must(send6(fd, "::1", port_of(other), &c), "sendmsg");
}

static void ecn_over_class(void)
{
	class_of_socket(0xb8, 1);
}

static void ecn_beside_class(void)
{
	class_of_socket(0xb8, 0xb9);
}

static void ecn_over_ecn(void)
{
	class_of_socket(2, 1);
}

static void class_set_back(void)
{
	class_of_socket(0xb8, 0);
}

static void class_of_the_socket(void)
{
	class_of_socket(0xb8, -1);
}

static void unbound_with(const struct in_pktinfo *info)
{
	int fd = udp4(NULL), other = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(other));
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, info, sizeof(*info));
	must(send_to(fd, &to, &c), "sendmsg");
}

static void zeros_unbound(void)
{
	struct in_pktinfo info = { 0 };

	unbound_with(&info);
}

static void source_unbound(void)
{
	struct in_pktinfo info = info4("127.0.0.1", "0.0.0.0", 0);

	unbound_with(&info);
}

static void hop_limit_chosen(void)
{
	struct control c = { .len = 0 };

	add_int(&c, IPPROTO_IPV6, IPV6_HOPLIMIT, 64);
	must(over6(false, &c), "sendmsg");
}

const struct variant variants_send[] = {
	GIVES(level_on_connected, "CT101 error"),
	GIVES(level_on_udp6, "CT101 error"),
	GIVES(level_of_bsd, "CT101 error"),
	GIVES(level_and_type_swapped, "CT101 error"),
	GIVES(level_on_tcp, "CT101 error"),
	GIVES(level_in_a_vector, "CT101 error"),
	GIVES_OR(header_of_32_bits, "CT101 error", ""),
	GIVES(ip_to_ipv6, "CT103 error"),
	GIVES(tclass_to_mapped, "CT103 error"),
	GIVES(ttl_to_mapped, ""),
	GIVES(pktinfo_to_mapped, ""),
	GIVES(real_pktinfo_to_mapped, "CT103 error"),
	GIVES(ipv6_on_ipv4, "CT103 error"),
	GIVES(segment_as_int, "CT104 error"),
	GIVES(tclass_as_byte, "CT104 error"),
	GIVES(tos_as_byte, ""),
	GIVES(tos_as_int, ""),
	GIVES(pktinfo_of_bsd, "CT104 error"),
	GIVES_OR(padding_of_zero, "CT105 error", ""),
	GIVES_OR(padding_of_garbage, "CT105 error", ""),
	GIVES(two_descriptors, ""),
	GIVES_OR(ttl_counted_with_padding, "CT105 error", ""),
	GIVES(zeros_behind, "CT106 error"),
	GIVES_OR(eight_zeros_behind, "", "CT106 error"),
	GIVES_OR(rest_behind, "CT106 warning", "CT106 error"),
	GIVES(unpadded, ""),
	GIVES_OR(summed_with_len, "CT106 warning", "CT106 error"),
	GIVES(value_refused, "CT108 note"),
	GIVES(txtime_without_option, "CT108 note"),
	GIVES(second_of_a_vector_refused, "CT108 note"),
	GIVES(more_without_effect, "CT111 warning"),
	GIVES(more_right, ""),
	GIVES(cork_without_effect, "CT111 warning"),
	GIVES(cork_right, ""),
	GIVES(protocol_on_udp, "CT111 warning"),
	GIVES(ttl_at_icmp, "CT111 warning"),
	GIVES(rights_on_udp, "CT111 warning"),
	GIVES(ttl_twice, "CT112 warning"),
	GIVES(rights_twice, ""),
	GIVES(interface_of_loopback, ""),
	GIVES(bound_replaced, "CT204 error"),
	GIVES(bound_and_silent, ""),
	GIVES(echoed_without_interface, ""),
	GIVES(echoed_from_a_copy, "CT207 note"),
	GIVES(reply_in_a_vector, "CT201 error"),
	GIVES(new_socket_at_the_asked_address, ""),
	GIVES(peeked_before, ""),
	GIVES(segments_too_many, "CT501 error"),
	GIVES(segments_too_many_by_option, "CT501 error"),
	GIVES(segments_most, ""),
	GIVES(segments_too_long, "CT501 error"),
	GIVES(segments_unchecked, "CT501 error"),
	GIVES(segment_of_all, "CT502 note"),
	GIVES(ecn_over_class, "CT113 warning"),
	GIVES(ecn_beside_class, ""),
	GIVES(ecn_over_ecn, ""),
	GIVES(class_set_back, ""),
	GIVES(class_of_the_socket, ""),
	GIVES(zeros_unbound, "CT111 warning"),
	GIVES(source_unbound, ""),
	GIVES(hop_limit_chosen, ""),
	{ 0 },
};
