/*
 * TLS: an encrypted connection between two sides that share a key
 *
 * This is TLS 1.3 with a pre-shared key (RFC 8446, 2.2) and always with a
 * Diffie-Hellman exchange (psk_dhe_ke), for forward secrecy: a key that becomes
 * known later decrypts nothing that was sent before. There are no certificates.
 * chat(7) says what goes over the wire. No other file uses OpenSSL.
 *
 * tls_writev() takes data as a socket's buffer does: the part of a record that
 * the socket doesn't take at once is kept until tls_flush().
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

/* Returns the key of that name, or NULL. It has to stay valid until the
 * function of tls.h that has called this returns. */
typedef const struct key	*tls_find(void *arg, const char *name);

/*
 * Make a context for a client, with a copy of key, or for a room, which calls
 * find() with arg for each name. Nothing opens files after that. Returns it, or
 * NULL with the reason in *why. Free it after all connections that use it.
 */
struct tls_context	*tls_for_client(const struct key *key,
			    const char **why);
struct tls_context	*tls_for_room(tls_find *find, void *arg,
			    const char **why);
void	 tls_context_free(struct tls_context *x);	/* may be NULL */

/* Begin TLS on a connected, non-blocking socket, which stays the caller's, as x
 * does. Returns NULL if memory is short. */
struct tls	*tls_new(struct tls_context *x, int fd);

/* Free it. Sends close_notify first, if the socket takes that at once. */
void	 tls_free(struct tls *t);

/* A client's handshake reads nothing before this call: see
 * conn_start_reading(). Returns false if memory is short. */
bool	 tls_start_reading(struct tls *t);

/* Continue the handshake. If it is cut or refused, tls_why() has the reason. */
enum tls_step	 tls_handshake(struct tls *t);

/*
 * The events to poll for before anything else can go on; 0 if there are none.
 */
short	 tls_wants(const struct tls *t);

/* In a room: the name that the client claims, or "". Before TLS_DONE nothing
 * about it is proven, and it may be any bytes. */
const char	*tls_claim(const struct tls *t);

/* In a room, after TLS_DONE: the number of the key that was proven. */
uint64_t tls_number(const struct tls *t);

/* As conn_read(), conn_writev(), conn_flush() and conn_shutdown(). */
ssize_t	 tls_read(struct tls *t, void *buf, size_t size);
ssize_t	 tls_writev(struct tls *t, const struct iovec *iov, int n);
int	 tls_flush(struct tls *t);
int	 tls_shutdown(struct tls *t);

/* Whether data that was taken isn't in the socket yet: see tls_flush(). */
bool	 tls_unsent(const struct tls *t);

/* Whether tls_read() has data that poll(2) doesn't report. */
bool	 tls_more(const struct tls *t);

/*
 * Why the last call failed: a static string, or NULL if errno has the reason.
 */
const char	*tls_why(const struct tls *t);

#endif
