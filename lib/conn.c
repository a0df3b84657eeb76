/*
 * A connection: what reads, writes, and what to poll for
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "conn.h"

int
conn_init(struct conn *c, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	c->fd = fd;
	return 0;
}

ssize_t
conn_read(struct conn *c, void *buf, size_t size)
{
	return recv(c->fd, buf, size, 0);
}

ssize_t
conn_writev(struct conn *c, const struct iovec *iov, int n)
{
	/* The short way to a socket: nearly always, and measurably. */
	if (n == 1)
		return send(c->fd, iov->iov_base, iov->iov_len, 0);
	return writev(c->fd, iov, n);
}

int
conn_shutdown(struct conn *c)
{
	return shutdown(c->fd, SHUT_WR);
}

short
conn_events(const struct conn *c, bool reading, bool writing)
{
	(void)c;
	return (short)((reading ? POLLIN : 0) | (writing ? POLLOUT : 0));
}

bool
conn_can_move(const struct conn *c)
{
	(void)c;
	return true;
}

void
conn_close(struct conn *c)
{
	(void)close(c->fd);
	c->fd = -1;
}
