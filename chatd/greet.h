/*
 * Greeting: what a client becomes by its first line, and asks for later
 */
#ifndef GREET_H
#define GREET_H

struct client;
struct hello;
struct server;

/*
 * Give the client the role, the session and the place in the room that it asks
 * for, and tell it so.
 */
void	 greet(struct server *s, struct client *c, const struct hello *h);

/* The client asks who is here. */
void	 greet_who(struct server *s, struct client *c);

#endif
