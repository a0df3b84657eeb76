/*
 * A connection, plain or encrypted
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
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
	c->tls = NULL;
	return 0;
}

int
conn_peek(const struct conn *c)
{
	unsigned char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK);

	if (n == 0)
		errno = 0;
	return n == 1 ? byte : -1;
}

int
conn_secure(struct conn *c, struct tls_context *x)
{
	c->tls = tls_new(x, c->fd);
	if (c->tls != NULL)
		return 0;
	errno = ENOMEM;
	return -1;
}

int
conn_start_reading(struct conn *c)
{
	if (tls_start_reading(c->tls))
		return 0;
	errno = ENOMEM;
	return -1;
}

enum tls_step
conn_handshake(struct conn *c)
{
	return tls_handshake(c->tls);
}

void
conn_plain(struct conn *c)
{
	if (c->tls != NULL)
		tls_free(c->tls);
	c->tls = NULL;
}

ssize_t
conn_read(struct conn *c, void *buf, size_t size)
{
	if (c->tls != NULL)
		return tls_read(c->tls, buf, size);
	return recv(c->fd, buf, size, 0);
}

ssize_t
conn_writev(struct conn *c, const struct iovec *iov, int n)
{
	if (c->tls != NULL)
		return tls_writev(c->tls, iov, n);
	/* The short way to a socket: nearly always, and measurably. */
	if (n == 1)
		return send(c->fd, iov->iov_base, iov->iov_len, 0);
	return writev(c->fd, iov, n);
}

bool
conn_more(const struct conn *c)
{
	return c->tls != NULL && tls_more(c->tls);
}

bool
conn_unsent(const struct conn *c)
{
	return c->tls != NULL && tls_unsent(c->tls);
}

int
conn_flush(struct conn *c)
{
	return c->tls == NULL ? 0 : tls_flush(c->tls);
}

int
conn_shutdown(struct conn *c)
{
	return c->tls != NULL ? tls_shutdown(c->tls) :
	    shutdown(c->fd, SHUT_WR);
}

const char *
conn_why(const struct conn *c)
{
	const char *why = c->tls == NULL ? NULL : tls_why(c->tls);

	return why == NULL ? strerror(errno) : why;
}

short
conn_events(const struct conn *c, bool reading, bool writing)
{
	if (c->tls != NULL && tls_wants(c->tls) != 0)
		return tls_wants(c->tls);
	return (short)((reading ? POLLIN : 0) |
	    (writing || conn_unsent(c) ? POLLOUT : 0));
}

bool
conn_can_move(const struct conn *c)
{
	return c->tls == NULL;
}

void
conn_close(struct conn *c)
{
	conn_plain(c);
	(void)close(c->fd);
	c->fd = -1;
}
