// SPDX-License-Identifier: LGPL-2.1-or-later
// For places.py: makes one mistake, on the line that says so; with an argument only when a line came; then it stays for another.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>

namespace demo
{
template <typename T, int N> class Server {
    public:
	explicit Server(T where)
		: fd(where)
	{
	}
	__attribute__((noinline)) long reply(const std::string &what, msghdr *m) const;
	__attribute__((noinline)) long again(msghdr *m) const;

    private:
	T fd;
};

template <typename T, int N> long Server<T, N>::reply(const std::string &what, msghdr *m) const
{
	long n = 0;

	try {
		if (what.empty())
			throw std::runtime_error("nothing to say");
	} catch (const std::exception &e) {
		n = sendmsg(fd, m, 0); // HERE
		n += static_cast<long>(std::strlen(e.what()));
	}
	return n;
}

template <typename T, int N> long Server<T, N>::again(msghdr *m) const
{
	volatile long n = sendmsg(fd, m, 0); // AGAIN

	return n + static_cast<long>(std::strlen("."));
}
}

int main(int argc, char **)
{
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	sockaddr_in to = {};
	iovec iov = { const_cast<char *>("x"), 1 };
	msghdr m = {};
	cmsghdr *h = reinterpret_cast<cmsghdr *>(control);

	if (argc > 1)
		std::getchar();
	to.sin_family = AF_INET;
	to.sin_port = htons(9);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h->cmsg_len = CMSG_LEN(sizeof(int));
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	m.msg_name = &to;
	m.msg_namelen = sizeof(to);
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = control;
	m.msg_controllen = sizeof(control);

	demo::Server<int, 7> server(socket(AF_INET, SOCK_DGRAM, 0));

	if (std::getenv("PLACE_TWICE"))
		server.again(&m);

	bool bad = server.reply(std::string(argc > 9 ? "x" : ""), &m) <= 1;

	if (argc > 1)
		std::getchar();
	return bad;
}
