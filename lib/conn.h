/*
 * A connection: what reads, writes, and what to poll for
 *
 * Everything above speaks to the other side through these functions alone, be
 * the connection plain or encrypted. The socket is non-blocking; SIGPIPE is to
 * be ignored.
 */
#ifndef CONN_H
#define CONN_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stdbool.h>

#include "tls.h"

struct conn {
	int		 fd;
	struct tls	*tls;		/* NULL: it is plain */
};

/* Take over fd, a connected stream socket, and make it non-blocking. Returns
 * 0, or -1 with errno; fd is then still the caller's. */
int	 conn_init(struct conn *c, int fd);

/*
 * Look at the first byte of what can be read, and leave it there. Returns it,
 * or -1 with errno: EAGAIN when there is nothing, 0 when nothing will come.
 */
int	 conn_peek(const struct conn *c);

/* Encrypt it from now on: the handshake is next. 0, or -1 with errno. */
int	 conn_secure(struct conn *c, struct tls_context *x);

/* A client's handshake reads nothing before this: call it when it's sure that
 * the answer is no plain text. 0, or -1 with errno. */
int	 conn_start_reading(struct conn *c);

/* Go on with the handshake; conn_why() tells why it isn't done. */
enum tls_step	 conn_handshake(struct conn *c);

/* Don't, after all: the handshake has failed, or hasn't begun. */
void	 conn_plain(struct conn *c);

/* As read(2) and writev(2): -1 with EAGAIN when it isn't its time. */
ssize_t	 conn_read(struct conn *c, void *buf, size_t size);
ssize_t	 conn_writev(struct conn *c, const struct iovec *iov, int n);

/* Something can be read that poll(2) doesn't know of. */
bool	 conn_more(const struct conn *c);

/*
 * Something that was written is still in here: wait until it can be written,
 * then call conn_flush(), which returns 0, or -1 with errno.
 */
bool	 conn_unsent(const struct conn *c);
int	 conn_flush(struct conn *c);

/* End the sending half, as soon as nothing is unsent any more: the other side
 * then reads the end. 0, or -1 with errno. */
int	 conn_shutdown(struct conn *c);

/* Why something has just failed, in words: errno's, or better ones. */
const char	*conn_why(const struct conn *c);

/* What poll(2) is to watch so that reading or writing, or first of all the
 * handshake, can go on. */
short	 conn_events(const struct conn *c, bool reading, bool writing);

/* Whether another process can go on with it, that has its socket. */
bool	 conn_can_move(const struct conn *c);

/* Close it; the conn is not to be used after that. */
void	 conn_close(struct conn *c);

#endif
