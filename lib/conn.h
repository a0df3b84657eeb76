/*
 * A connection, plain or encrypted
 *
 * All other code reads and writes through these functions, and needn't know
 * which of the two it is. The socket is non-blocking. The program has to ignore
 * SIGPIPE.
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
 * Look at the next byte, and leave it in the socket. Returns the byte, or -1
 * with errno: EAGAIN if none is there yet, 0 at the end.
 */
int	 conn_peek(const struct conn *c);

/* Encrypt it from now on; the handshake comes next. x is borrowed as long as c
 * is open. Returns 0, or -1 with errno. */
int	 conn_secure(struct conn *c, struct tls_context *x);

/* A client's handshake reads nothing before this call. Make it when the answer
 * is known to be TLS, not plain text. Returns 0, or -1 with errno. */
int	 conn_start_reading(struct conn *c);

/*
 * Continue the handshake. If it is cut or refused, conn_why() has the reason.
 */
enum tls_step	 conn_handshake(struct conn *c);

/* Stop encrypting, if the handshake has failed or has not begun: what is sent
 * and read from now on is plain. */
void	 conn_plain(struct conn *c);

/* As read(2) and writev(2). Fails with EAGAIN where these would block, or where
 * the encryption first needs the socket to become ready. */
ssize_t	 conn_read(struct conn *c, void *buf, size_t size);
ssize_t	 conn_writev(struct conn *c, const struct iovec *iov, int n);

/* Whether conn_read() has data that poll(2) doesn't report. */
bool	 conn_more(const struct conn *c);

/*
 * Whether data that conn_writev() has taken is not in the socket yet. If so,
 * wait for POLLOUT and call conn_flush(), which returns 0, or -1 with errno.
 */
bool	 conn_unsent(const struct conn *c);
int	 conn_flush(struct conn *c);

/* Shut down the sending half, after all that is unsent: the peer then reads the
 * end. Returns 0, or -1 with errno. */
int	 conn_shutdown(struct conn *c);

/* Why the last call failed: what TLS reports, or else strerror(errno). */
const char	*conn_why(const struct conn *c);

/* The events to poll for, if the caller wants to read or write. While TLS needs
 * something else first, such as its handshake, they are what that needs. */
short	 conn_events(const struct conn *c, bool reading, bool writing);

/* Whether another process that has the socket can continue the connection. */
bool	 conn_can_move(const struct conn *c);

/* Close the socket and free what belongs to it; fd is -1 after that. */
void	 conn_close(struct conn *c);

#endif
