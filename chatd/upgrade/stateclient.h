/*
 * The clients' part of the state
 */
#ifndef STATECLIENT_H
#define STATECLIENT_H

struct server;
struct serialiser;

/* Write all clients that can move, or read them into a server that has its
 * room, its journal and the other sessions already. The tape knows what is
 * wrong. */
void	 state_clients(struct serialiser *t, struct server *s);

#endif
