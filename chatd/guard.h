/*
 * The guard: finding out who a client is, before it is let in
 */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

#include <stdbool.h>

#define GUARD_MS	5000		/* most that a client may take for it */

struct client;
struct server;

/*
 * Whether a new client has to show first who it is. If so it is left knocking,
 * and let in, or turned away, when that is over.
 */
bool	 guard_stops(struct server *s, struct client *c);

/* Read the keys anew, from a descriptor that becomes the guard's. */
void	 guard_reload(struct server *s, int fd);

/* The answer to ask_name(): the login name of a user, "" if there is none. */
void	 guard_name(struct server *s, uid_t uid, const char *name);

#endif
