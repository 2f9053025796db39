// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * --demo.  All of 127/8 is local: a server on a wildcard address that is asked at 127.0.0.2 answers from
 * 127.0.0.1 unless it says otherwise.  So a wrong source shows without privilege or a second host.
 */
#include "config.h"

#include "demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "complain.h"

enum { STATUS_FOUND = 3, PATIENCE_S = 10 };

#define ASKED "127.0.0.2"

/* The server beside this program (in the build tree), else the installed one. */
static const char *server_path(char *self, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", self, size - sizeof("pktinfo-server"));
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		strcpy(slash + 1, "pktinfo-server");
		if (!access(self, X_OK))
			return self;
	}
	return PKGLIBEXECDIR "/pktinfo-server";
}

/* Asks once at ASKED and says who answered: 0 the right one, 1 another, 2 nobody. */
static int ask_server(int port_fd)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_in to = { .sin_family = AF_INET }, from = { 0 };
	socklen_t from_len = sizeof(from);
	char text[INET_ADDRSTRLEN], data[64];
	FILE *in = fdopen(port_fd, "r");
	int port, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!in || fd < 0 || fscanf(in, "%d", &port) != 1)
		return 2;
	inet_pton(AF_INET, ASKED, &to.sin_addr);
	to.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (sendto(fd, "question\n", 9, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len) < 0)
		return 2;
	inet_ntop(AF_INET, &from.sin_addr, text, sizeof(text));
	printf("client: asked %s, answered by %s%s\n", ASKED, text,
	       strcmp(text, ASKED) ? ": a client that is connected to " ASKED
				     " never sees this answer"
				   : "");
	fflush(stdout);
	return strcmp(text, ASKED) ? 1 : 0;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One server under cmsgtrace, one client beside it. 0 where both say what is expected. */
static int demo_half(const char *server, const char *bug, const char *format, int client_expected,
		     int traced_expected)
{
	char bug_arg[32], fd_arg[32], format_arg[4096];
	int fds[2], client_status, traced_status;
	pid_t client, traced;

	if (pipe(fds) < 0)
		return -1;
	snprintf(bug_arg, sizeof(bug_arg), "--bug=%s", bug);
	snprintf(format_arg, sizeof(format_arg), "--format=%s", format ? format : "");
	snprintf(fd_arg, sizeof(fd_arg), "--port-fd=%d", fds[1]);
	printf("$ cmsgtrace pktinfo-server %s\n", bug_arg);
	fflush(stdout);
	client = fork();
	if (!client) {
		close(fds[1]);
		_exit(ask_server(fds[0]));
	}
	traced = fork();
	if (!traced) {
		close(fds[0]);
		execl("/proc/self/exe", "cmsgtrace", "--error-exitcode=3",
		      format ? format_arg : "--color=auto", "--", server, bug_arg, fd_arg,
		      (char *)NULL);
		_exit(EXIT_TOOL);
	}
	close(fds[0]);
	close(fds[1]);
	if (client < 0 || traced < 0)
		return -1;
	traced_status = wait_status(traced);
	client_status = wait_status(client);
	printf("\n");
	fflush(stdout);
	return client_status == client_expected && traced_status == traced_expected ? 0 : -1;
}

int demo_run(const char *format)
{
	char self[4096];
	const char *server = server_path(self, sizeof(self));

	if (access(server, X_OK)) {
		complain("the demo needs %s: %s", server, strerror(errno));
		return EXIT_TOOL;
	}
	unsetenv("CMSGTRACE_OPTS");
	puts("A UDP server on the wildcard address is asked at " ASKED
	     ".  It names its source in a control\n"
	     "message, but with cmsg_level 6 (SOL_TCP) in place of 0 (SOL_IP):\n");
	if (demo_half(server, "level", format, 1, STATUS_FOUND)) {
		complain("the broken server was not diagnosed as it should be");
		return EXIT_TOOL;
	}
	puts("The same server with the right level:\n");
	if (demo_half(server, "none", NULL, 0, 0)) {
		complain("the corrected server was not found clean");
		return EXIT_TOOL;
	}
	return 0;
}
