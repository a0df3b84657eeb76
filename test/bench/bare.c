/*
 * bare - the least a room can do: what one client says goes to all others
 *
 * The yardstick of the benchmark, not a server. It looks at no line, keeps
 * nothing, limits nothing, and waits for the slowest. See README.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

enum {
	CLIENTS_MAX	= 8192,
	READ_MAX	= 128 * 1024,	/* most of one client, in a round */
	ROUND_MAX	= 1024 * 1024	/* and of all of them */
};

#define SOH		'\001'
#define READY		"\001at 0\n"

/* What a client said in this round is the piece it does not get back. */
struct client {
	size_t		 from, to;	/* its own piece of the round */
	size_t		 sent;		/* how much of the round it has */
	bool		 gone;
};

/* pfd[0] is the listener; clients[i] goes with pfd[i]. */
struct bare {
	struct pollfd	 pfd[1 + CLIENTS_MAX];
	struct client	 clients[1 + CLIENTS_MAX];
	nfds_t		 n;
	char		 round[ROUND_MAX];
	size_t		 len;
	struct pollfd	 late[CLIENTS_MAX];
	nfds_t		 owners[CLIENTS_MAX];	/* whose late[i] is */
	bool		 gone;		/* somebody is */
};

static void
listen_loopback(struct bare *b)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(2, "127.0.0.1");
	b->pfd[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	b->n = 1;
	/* In chatd's words, so that the driver can read either. */
	fprintf(stderr, "bare: listening on 127.0.0.1:%u\n",
	    (unsigned)ntohs(sin.sin_port));
}

static void
accept_all(struct bare *b)
{
	int fd, on = 1;

	while (b->n <= CLIENTS_MAX &&
	    (fd = accept(b->pfd[0].fd, NULL, NULL)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		b->pfd[b->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
		b->clients[b->n++] = (struct client){ .gone = false };
	}
}

static void
client_gone(struct bare *b, nfds_t i)
{
	b->clients[i].gone = true;
	b->gone = true;
}

static void
client_read(struct bare *b, nfds_t i)
{
	struct client *c = &b->clients[i];
	char *piece = b->round + b->len;
	ssize_t n;

	n = recv(b->pfd[i].fd, piece, READ_MAX, MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		client_gone(b, i);
	if (n <= 0)
		return;
	/* A greeting: whoever gives one here only wants to hear "ready". */
	if (piece[0] == SOH) {
		send(b->pfd[i].fd, READY, strlen(READY), MSG_NOSIGNAL);
		return;
	}
	c->from = b->len;
	b->len += (size_t)n;
	c->to = b->len;
}

/* What is left of the round for this client: before and after its own. */
static ssize_t
client_write(struct bare *b, nfds_t i)
{
	struct client *c = &b->clients[i];
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (c->sent >= c->from && c->sent < c->to)
		c->sent = c->to;
	if (c->sent >= c->to)
		return send(b->pfd[i].fd, b->round + c->sent, b->len - c->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	iov[0].iov_base = b->round + c->sent;
	iov[0].iov_len = c->from - c->sent;
	iov[1].iov_base = b->round + c->to;
	iov[1].iov_len = b->len - c->to;
	return sendmsg(b->pfd[i].fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Returns true when this client needs nothing more of the round. */
static bool
client_flush(struct bare *b, nfds_t i)
{
	struct client *c = &b->clients[i];
	size_t own = c->to - c->from;
	ssize_t n;

	if (own < b->len && !c->gone) {
		if ((n = client_write(b, i)) == -1) {
			if (errno == EAGAIN || errno == EINTR)
				return false;
			client_gone(b, i);
		} else {
			if (c->sent < c->from && c->sent + (size_t)n > c->from)
				c->sent += own;
			c->sent += (size_t)n;
			if (c->sent < b->len &&
			    !(c->sent == c->from && c->to == b->len))
				return false;
		}
	}
	c->from = c->to = c->sent = 0;
	return true;
}

/* The plainest way with whoever is late: everybody waits. */
static void
wait_for(struct bare *b, nfds_t late)
{
	nfds_t i, kept;

	while (late > 0) {
		if (poll(b->late, late, -1) == -1 && errno != EINTR)
			err(2, "poll");
		for (i = kept = 0; i < late; i++) {
			if (b->late[i].revents != 0 &&
			    client_flush(b, b->owners[i]))
				continue;
			b->late[kept] = b->late[i];
			b->owners[kept++] = b->owners[i];
		}
		late = kept;
	}
}

static void
flush(struct bare *b)
{
	nfds_t i, late = 0;

	for (i = 1; i < b->n; i++) {
		if (client_flush(b, i))
			continue;
		b->late[late] = (struct pollfd){ .fd = b->pfd[i].fd,
		    .events = POLLOUT };
		b->owners[late++] = i;
	}
	wait_for(b, late);
	b->len = 0;
}

static void
reap(struct bare *b)
{
	nfds_t i = 1;

	while (i < b->n) {
		if (!b->clients[i].gone) {
			i++;
			continue;
		}
		close(b->pfd[i].fd);
		b->clients[i] = b->clients[--b->n];
		b->pfd[i] = b->pfd[b->n];
	}
	b->gone = false;
}

int
main(int argc, char *argv[])
{
	bool once = argc == 2 && strcmp(argv[1], "-1") == 0;
	struct bare *b;
	nfds_t i;

	/* Zeroed pages cost nothing until a client touches them. */
	if ((argc > 1 && !once) || (b = calloc(1, sizeof(*b))) == NULL)
		errx(2, "usage: bare [-1]");
	proc_descriptors();
	listen_loopback(b);
	do {
		if (poll(b->pfd, b->n, -1) == -1 && errno != EINTR)
			err(2, "poll");
		for (i = 1; i < b->n && b->len + READ_MAX <= ROUND_MAX; i++)
			if (b->pfd[i].revents != 0)
				client_read(b, i);
		if (b->len > 0)
			flush(b);
		/* With -1 the first to leave is the sender: all is said. */
		if (b->gone && once)
			return 0;
		if (b->gone)
			reap(b);
		if (b->pfd[0].revents != 0)
			accept_all(b);
	} while (true);
}
