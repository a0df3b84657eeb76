/*
 * The door: letting clients in, and turning them away
 */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>

struct client;
struct server;

/* Whether to look for new clients in this round. */
bool	 door_is_open(const struct server *s);

/* Let in who waits at a listener. */
void	 door_accept(struct server *s, int listener);

/* A client is gone: forget it, and free it. */
void	 door_leave(struct server *s, struct client *c);

#endif
