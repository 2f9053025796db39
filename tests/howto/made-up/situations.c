static void made_up(unsigned int sockets)
{
	int fd[3], server = udp4("127.0.0.1");
	struct sockaddr_in to = to4("127.0.0.1", port_of(server));

	for (unsigned int i = 0; i < sockets; i++)
		fd[i] = udp4(NULL);
	for (unsigned int i = 0; i < 3; i++)
		must(send_sized(fd[i % sockets], &to, NULL, 1313), "sendmsg");
}

static void ct999_bad(void)
{
	made_up(1);
}

static void ct999_good(void)
{
	made_up(3);
}
