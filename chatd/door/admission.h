/*
 * The door: letting clients in, and turning them away
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"

struct server;

/* Whether to look for new clients in this round. */
bool	 door_is_open(const struct server *s);

/* Let in who waits at a listener. */
void	 door_accept(struct server *s, int listener);

/* Somebody has come from sa on the socket fd, which is not the caller's any
 * more. */
void	 door_enter(struct server *s, int fd, const struct sockaddr *sa);

/*
 * The guard has no objection to a client that was knocking: it is in the room
 * from now on. name is who it is for sure, borrowed, or NULL.
 */
void	 door_let_in(struct server *s, struct client *c, const char *name);

/* The guard turns a client away, which is told why. */
void	 door_turn_away(struct server *s, struct client *c, enum bye bye);

/* End its connection for a reason: client_bye(), and what was read of a line
 * without an end counts for nobody from now on. */
void	 door_bye(struct server *s, struct client *c, uint64_t until,
	    int64_t deadline, enum bye bye);

/* Show out one that is in already. It gets what is in the room before until, or
 * nothing if that is CURSOR_NONE, and then is told why. */
void	 door_show_out(struct server *s, struct client *c, uint64_t until,
	    enum bye bye);

/* A client is gone: forget it, and free it. */
void	 door_leave(struct server *s, struct client *c);

#endif
