/*
 * Greetings: the role that a client gives with its first line, and what it may
 * ask for later
 */
#ifndef GREETING_H
#define GREETING_H

#include "ctl.h"

struct client;
struct server;

/*
 * Give the client the role, the session and the place in the room that it asks
 * for, and answer. Complains first about what this room doesn't offer.
 */
void	 greeting_apply(struct server *s, struct client *c,
	    const struct hello *h, ctl_complain *complain, void *arg);

/* The same answer, which had to wait for the log: see voice_ready(). */
void	 greeting_answer(struct server *s, struct client *c);

/* Answer a client that asks who is here. */
void	 greeting_who(struct server *s, struct client *c,
	    ctl_complain *complain, void *arg);

#endif
