/*
 * The guard: finding out who a client is, before it is let in
 *
 * A Unix socket's client is who the kernel says. Any other has to prove that it
 * has a key, if there are keys: with TLS (see tls.h).
 */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "key.h"

#define GUARD_MS	5000		/* most that it may take */
#define GUARD_PENDING_MAX	256		/* unfinished handshakes ... */
#define GUARD_PENDING_PEER	16		/* ... and of them, from an address */

struct client;
struct peer;
struct server;
struct tls_context;

struct guard {
	struct keyring	 keys;
	struct tls_context *tls;	/* NULL: there are no keys */
	struct client	*pending[GUARD_PENDING_MAX]; /* the oldest one first; none
					   of Unix sockets */
	size_t		 n;
};

/*
 * Read the keys of s->config.keys, which fd is open on; it stays the caller's.
 * From then on keys are needed. Returns 0, or -1 with the reason in why, which
 * has KEYS_WHY_SIZE bytes.
 */
int	 guard_open(struct server *s, int fd, char *why);
void	 guard_free(struct guard *g);

/*
 * Read the keys anew, from a file that fd is open on. If something is wrong
 * with it, that is logged, and the old ones stay. Clients whose key has changed
 * or is gone have to leave.
 */
void	 guard_reload(struct server *s, int fd);

/*
 * Whether a new client has to show first who it is. If so it is left knocking,
 * and let in, or turned away, when that is over.
 */
bool	 guard_holds(struct server *s, struct client *c);

/*
 * The room is full, and somebody comes, of an address or by a Unix socket: have
 * one that knocks go, if there is one. Returns whether there is place now.
 */
bool	 guard_evict(struct server *s, const struct peer *peer);

/* Whether to poll for what a knocking client says. */
bool	 guard_wants_read(const struct client *c);

/* A knocking client can be read from, or written to. */
void	 guard_read(struct server *s, struct client *c);

/* A knocking client's time is over. */
void	 guard_timeout(struct server *s, struct client *c);

/* One was handed over, knocking; none of a Unix socket. */
void	 guard_restore(struct guard *g, struct client *c);

/* It isn't knocking any more. */
void	 guard_forget(struct guard *g, const struct client *c);

/* The first len bytes so far from a client that was let in: it is turned away
 * if they are TLS, in a room without keys. Returns whether they are. */
bool	 guard_rejects_tls(struct server *s, struct client *c, const char *buf,
	    size_t len);

/* The answer to ask_name(): the login name of a user, "" if there is none. */
void	 guard_resolved(struct server *s, uid_t uid, const char *name);

#endif
