/*
 * The guard: finding out who a client is before it is admitted
 *
 * A local client is whoever the kernel says. A client from elsewhere has to
 * prove that it has a key, if the room has keys: with TLS (see tls.h).
 */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "key.h"
#include "peer.h"

#define GUARD_MS	5000		/* most that authenticating takes */
#define GUARD_PENDING_MAX 256		/* unfinished handshakes */
#define GUARD_PENDING_PEER 16		/* of them, from one address */

struct client;
struct server;
struct tls_context;

struct guard {
	struct peers	 peers;		/* connections of each address */
	struct keyring	 keys;
	struct tls_context *tls;	/* NULL: there are no keys */
	struct client	*pending[GUARD_PENDING_MAX]; /* unfinished handshakes,
					   the oldest first; no local ones */
	size_t		 n;
};

/* A guard without keys, to be freed; NULL with errno if memory is short. */
struct guard	*guard_new(void);
void	 guard_free(struct guard *g);

/*
 * Read the keys of s->config.keys from fd, which stays the caller's. From then
 * on a key is needed. Returns 0, or -1 with the reason in why, which has
 * KEYS_WHY_SIZE bytes.
 */
int	 guard_open(struct server *s, int fd, char *why);

/*
 * Read the keys again, from fd. An error is logged, and the old keys stay.
 * Clients whose key has changed or is gone are expelled.
 */
void	 guard_reload(struct server *s, int fd);

/*
 * Whether a new client has to authenticate. If so, this has begun, and ends
 * with its admission, or with turning it away.
 */
bool	 guard_begin(struct server *s, struct client *c);

/*
 * The room is full, and a client of that peer, or, for NULL, a local one, wants
 * to come in: evict an unfinished handshake, if there is one. Returns whether
 * there is a place now.
 */
bool	 guard_evict(struct server *s, const struct peer *peer);

/* How many clients are in the room: without unfinished handshakes, and without
 * those that were turned away. Local ones count while their name is looked
 * up. */
size_t	 guard_admitted(const struct server *s);

/* Whether to poll for what an authenticating client sends. */
bool	 guard_wants_read(const struct client *c);

/* An authenticating client can be read from, or written to. */
void	 guard_read(struct server *s, struct client *c);

/* The deadline of an authenticating client has passed. */
void	 guard_timeout(struct server *s, struct client *c);

/* An upgrade has handed over a client with an unfinished handshake. */
void	 guard_restore(struct guard *g, struct client *c);

/* A client's handshake is over; does nothing if it had none. */
void	 guard_forget(struct guard *g, const struct client *c);

/*
 * Turn an admitted client away if the first len bytes from it, at buf, are TLS
 * in a room without keys. Returns whether they are.
 */
bool	 guard_rejects_tls(struct server *s, struct client *c, const char *buf,
	    size_t len);

/*
 * The keeper has answered: name is the login name of a user, or "" if there is
 * none. Asks for the next one that is needed.
 */
void	 guard_resolved(struct server *s, uid_t uid, const char *name);

/* Ask the keeper, which owes no answer yet, for the first name needed. */
void	 guard_ask_names(struct server *s);

#endif
