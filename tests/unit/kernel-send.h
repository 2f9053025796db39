/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A send that is made up and judged: test-kernel.c, test-refusals.c. */
#ifndef CMSGTRACE_TESTS_KERNEL_SEND_H
#define CMSGTRACE_TESTS_KERNEL_SEND_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "kernel/model.h"

struct send {
	struct event *ev;
	struct msg msg;
	unsigned char control[512];
	size_t len;
	struct sockaddr_storage name;
};

static inline void send_begin(struct send *s, int domain, int type, int protocol)
{
	memset(s, 0, sizeof(*s));
	s->ev = event_new();
	s->ev->kind = EVENT_CALL;
	s->ev->call = CALL_SENDMSG;
	s->ev->abi = abi_native();
	s->ev->sock = sock_new();
	s->ev->sock->domain = domain;
	s->ev->sock->type = type;
	s->ev->sock->protocol = protocol;
	s->ev->sock->has = SOCK_HAS_DOMAIN | SOCK_HAS_TYPE | SOCK_HAS_PROTOCOL;
	sock_derive(s->ev->sock);
	s->ev->tgid = s->ev->tid = 100;
	s->msg.total = 10;
	s->msg.in.have = true;
}

static inline void send_to(struct send *s, const char *text)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&s->name;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&s->name;
	struct hdr *h = &s->msg.in;

	if (strchr(text, ':')) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(53);
		inet_pton(AF_INET6, text, &sin6->sin6_addr);
		h->namelen = sizeof(*sin6);
	} else {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(53);
		inet_pton(AF_INET, text, &sin->sin_addr);
		h->namelen = sizeof(*sin);
	}
	h->name_ptr = 0x1000;
	h->name = (struct bytes){ .p = (unsigned char *)&s->name,
				  .len = (size_t)h->namelen,
				  .claimed = (uint64_t)h->namelen };
}

static inline void send_cmsg(struct send *s, int level, int type, const void *payload, size_t len)
{
	uint64_t cmsg_len = 16 + len;
	unsigned char *p = s->control + s->len;

	memcpy(p, &cmsg_len, 8);
	memcpy(p + 8, &level, 4);
	memcpy(p + 12, &type, 4);
	memcpy(p + 16, payload, len);
	s->len += (cmsg_len + 7) & ~7ULL;
}

static inline void send_caps(struct send *s, uint64_t caps)
{
	s->ev->proc = proc_new();
	s->ev->proc->has = PROC_HAS_CAPS | PROC_HAS_IDS;
	s->ev->proc->caps = caps;
	s->ev->proc->caps_in_netns = true;
	s->ev->proc->uid = s->ev->proc->euid = s->ev->proc->suid = 1000;
	s->ev->proc->gid = s->ev->proc->egid = s->ev->proc->sgid = 1000;
}

static inline const struct outcome *send_judge(struct send *s, uint32_t release)
{
	s->msg.in.controllen = s->len;
	s->msg.in.control_ptr = s->len ? 0x2000 : 0;
	s->msg.in.control =
		(struct bytes){ .p = s->control, .len = s->len, .claimed = s->len, .addr = 0x2000 };
	s->msg.walked = false;
	cmsg_walk(s->ev, &s->msg);
	model_send(s->ev, &s->msg, release);
	return s->msg.outcome;
}

static inline void send_end(struct send *s)
{
	event_free(s->ev);
}

#endif
