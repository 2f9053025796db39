// SPDX-License-Identifier: LGPL-2.1-or-later
/* Families 3, 4, 7 and 9: descriptors, receiving, credentials, the tracer's limits. */
#include "config.h"

#include "situations.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void unix_pair(int type, int pair[2])
{
	must(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), "socketpair");
}

static void claim(int pid)
{
	struct ucred u = { .pid = pid, .uid = getuid(), .gid = getgid() };
	struct control c = { .len = 0 };
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	add(&c, SOL_SOCKET, SCM_CREDENTIALS, &u, sizeof(u));
	send_unix(pair[0], &c, 1);
}

static void ct701_bad(void)
{
	if (!getuid()) /* root may claim anything */
		must(setresuid(65534, 65534, 65534), "setresuid");
	claim(1);
}

static void ct701_good(void)
{
	claim(getpid());
}

static void ct901_bad(void)
{
	unsigned char params[120] = { 0 }; /* struct io_uring_params */

	must(syscall(425, 1, params), "io_uring_setup");
}

static void ct901_good(void)
{
	int pair[2];

	unix_pair(SOCK_DGRAM, pair);
	must(send_unix(pair[0], NULL, 1), "sendmsg");
}

const struct situation situations_rest[] = {
	{ "CT701", ct701_bad, ct701_good },
	{ "CT901", ct901_bad, ct901_good },
	{ 0 },
};
