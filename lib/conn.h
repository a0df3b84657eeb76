/*
 * A connection: what reads, writes, and what to poll for
 *
 * Everything above speaks to the other side through these functions alone, so
 * that another kind of connection can take the place of a plain socket. The
 * socket is non-blocking; SIGPIPE is to be ignored.
 */
#ifndef CONN_H
#define CONN_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stdbool.h>

struct conn {
	int	 fd;
};

/* Take over fd, a connected stream socket, and make it non-blocking. Returns
 * 0, or -1 with errno; fd is then still the caller's. */
int	 conn_init(struct conn *c, int fd);

/* As read(2) and writev(2): -1 with EAGAIN when it isn't its time. */
ssize_t	 conn_read(struct conn *c, void *buf, size_t size);
ssize_t	 conn_writev(struct conn *c, const struct iovec *iov, int n);

/* End the sending half: the other side then reads the end. 0, or -1 with
 * errno. */
int	 conn_shutdown(struct conn *c);

/* Fill in what poll(2) is to watch so that reading or writing can go on. */
short	 conn_events(const struct conn *c, bool reading, bool writing);

/* Whether another process can go on with it, that has its socket. */
bool	 conn_can_move(const struct conn *c);

/* Close it; the conn is not to be used after that. */
void	 conn_close(struct conn *c);

#endif
