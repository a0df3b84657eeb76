/*
 * Greeting: what a client becomes by its first line, and asks for later
 */
#ifndef GREETING_H
#define GREETING_H

#include "ctl.h"

struct client;
struct server;

/*
 * Give the client the role, the session and the place in the room that it asks
 * for, and tell it so, after complaints about what this room doesn't have.
 */
void	 greeting_apply(struct server *s, struct client *c, const struct hello *h,
	    ctl_complain *complain, void *arg);

/* The client asks who is here. */
void	 greeting_who(struct server *s, struct client *c, ctl_complain *complain,
	    void *arg);

#endif
