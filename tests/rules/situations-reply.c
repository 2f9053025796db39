// SPDX-License-Identifier: LGPL-2.1-or-later
/* Family 2: where a reply comes from. */
#include "config.h"

#include "situations.h"

#include <unistd.h>

static void answer_from(struct talk *t, struct in_pktinfo info)
{
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	must(reply(t, &c), "sendmsg");
}

static void right(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	answer_from(&t, info4("127.0.0.2", "0.0.0.0", 0));
}

static void ct201_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	must(sendto(t.server, "answer", 6, 0, (struct sockaddr *)&t.peer, sizeof(t.peer)),
	     "sendto");
}

static void ct202_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	answer_from(&t, info4("127.0.0.2", "0.0.0.0", 0));
	ask_again(&t, "127.0.0.2");
	must(reply(&t, NULL), "sendmsg");
}

static void ct203_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	struct in_pktinfo info = info4("127.0.0.2", "0.0.0.0", 1 << 24); /* htonl(1) */
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	reply(&t, &c); /* ENODEV */
}

static void ct204_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	answer_from(&t, info4("0.0.0.0", "127.0.0.2", 0));
}

static void session(bool bound)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	int fd = udp4(bound ? "127.0.0.2" : NULL);

	must(connect(fd, (struct sockaddr *)&t.peer, sizeof(t.peer)), "connect");
	must(send(fd, "answer", 6, 0), "send");
}

static void ct205_bad(void)
{
	session(false);
}

static void ct205_good(void)
{
	session(true);
}

static void ct206_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	answer_from(&t, info4("127.0.0.3", "0.0.0.0", 0));
}

static void ct207_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");

	ask_again(&t, "127.0.0.2"); /* into the buffer that is sent back */
	must(reply(&t, &t.received), "sendmsg");
}

static void ct208_bad(void)
{
	struct talk t = asked_at("0.0.0.0", "127.0.0.2");
	struct in_pktinfo info = info4("198.51.100.7", "0.0.0.0", 0);
	struct control c = { .len = 0 };

	add(&c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	reply(&t, &c); /* ENETUNREACH */
}

const struct situation situations_reply[] = {
	{ "CT201", ct201_bad, right },
	{ "CT202", ct202_bad, right },
	{ "CT203", ct203_bad, right },
	{ "CT204", ct204_bad, right },
	{ "CT205", ct205_bad, ct205_good },
	{ "CT206", ct206_bad, right },
	{ "CT207", ct207_bad, right },
	{ "CT208", ct208_bad, right },
	{ 0 },
};
