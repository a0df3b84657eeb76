/*
 * TLS: a connection that is encrypted, between two who share a key
 *
 * TLS 1.3 with a key that both sides know beforehand (RFC 8446, 2.2), always
 * with a fresh exchange, so that a key that becomes known later opens nothing
 * that was said before. There are no certificates. All that is OpenSSL's is in
 * here; chat(7) says what goes over the wire.
 *
 * What is written is taken as a socket's buffer takes it: what the socket
 * doesn't take at once of a record is kept until tls_flush().
 */
#ifndef TLS_H
#define TLS_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key;
struct tls;				/* a connection */
struct tls_context;			/* what connections share */

#define TLS_WRITE_MAX	(256 * 1024)	/* most that is written in a call */
#define TLS_RECORDS_MAX	256		/* most that are read in a call */

enum tls_step {
	TLS_DONE,			/* both sides have proven the key */
	TLS_GOES_ON,
	TLS_CUT,			/* the connection has ended */
	TLS_REFUSED			/* one side doesn't take the other */
};

/* The key of that name, borrowed until the call returns; NULL: nobody's. */
typedef const struct key	*tls_find(void *arg, const char *name);

/*
 * For a client with a copy of that key, or for a room. Nothing is opened later
 * than this. NULL with the reason in *why.
 */
struct tls_context	*tls_for_client(const struct key *key,
			    const char **why);
struct tls_context	*tls_for_room(tls_find *find, void *arg,
			    const char **why);
void	 tls_context_free(struct tls_context *x);	/* may be NULL */

/* Begin on a connected socket, which stays the caller's. NULL: no memory. */
struct tls	*tls_new(struct tls_context *x, int fd);

/* Forget it; a last word is said if the socket takes it at once. */
void	 tls_free(struct tls *t);

/* A client's handshake reads nothing before this: call it when it's sure that
 * the answer is no plain text. False: no memory. */
bool	 tls_start_reading(struct tls *t);

/* Go on with the handshake; tls_why() tells why it isn't done. */
enum tls_step	 tls_handshake(struct tls *t);

/* What poll(2) is to watch for it; 0 when it is over. */
short	 tls_wants(const struct tls *t);

/* In a room: the name that a client gives, "" if none. Before TLS_DONE it
 * can be anybody's and anything. */
const char	*tls_claim(const struct tls *t);

/* In a room, after TLS_DONE: the number of the key that was proven. */
uint64_t tls_number(const struct tls *t);

/* As conn_read(), conn_writev(), conn_flush() and conn_shutdown(). */
ssize_t	 tls_read(struct tls *t, void *buf, size_t size);
ssize_t	 tls_writev(struct tls *t, const struct iovec *iov, int n);
int	 tls_flush(struct tls *t);
int	 tls_shutdown(struct tls *t);

/* Something that was taken isn't in the socket yet; see tls_flush(). */
bool	 tls_unsent(const struct tls *t);

/* Something can be read that poll(2) doesn't know of. */
bool	 tls_more(const struct tls *t);

/* What was wrong the last time; NULL if errno says so. */
const char	*tls_why(const struct tls *t);

#endif
