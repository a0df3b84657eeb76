/*
 * Wire: a connection to a member of etcd, plain or with TLS
 *
 * There is no other place that knows about TLS. Members prove who they are by
 * certificates, as lib/tls.h, which is for the rooms' own keys, can't.
 */
#ifndef WIRE_H
#define WIRE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_WHY_SIZE	192		/* bytes, for any reason */

struct ssl_st;
struct ssl_ctx_st;

struct wire {
	int		 fd;
	struct ssl_st	*ssl;		/* NULL: it is plain */
	bool		 shaking;	/* the handshake isn't over */
	short		 events;	/* what to poll for, beside writing */
	bool		 blocked;	/* the last write was cut short */
	char		 why[WIRE_WHY_SIZE]; /* why it has ended */
};

/*
 * Read the files of PEM for TLS: whom to believe (ca), and who we are
 * (certificate and key, or NULL). Returns a context, which the caller frees.
 * Ends the program with status 2 if one is wrong.
 */
struct ssl_ctx_st	*wire_context(const char *ca, const char *certificate,
			    const char *key);
void	 wire_context_free(struct ssl_ctx_st *context); /* or NULL */

/*
 * Take the connected socket fd, which does not block. With a context, the
 * other end has to prove that it is host. Returns 0, or -1 if memory is short;
 * fd is closed then.
 */
int	 wire_open(struct wire *w, int fd, struct ssl_ctx_st *context,
	    const char *host);
void	 wire_close(struct wire *w);

/* Read up to size bytes, at least 1. Returns how many, 0 if there are none now,
 * or -1 at the end, with the reason in w->why. */
ssize_t	 wire_read(struct wire *w, uint8_t *buf, size_t size);

/* The same for writing. */
ssize_t	 wire_write(struct wire *w, const uint8_t *buf, size_t len);

#endif
