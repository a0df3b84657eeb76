/*
 * The membership: the part of the state that a room has which shares a log
 *
 * As in state.c, each function writes its part or reads it. The helper goes on
 * over an upgrade, and so does its socket: what was half said on either side is
 * part of the state.
 */
#ifndef MEMBERSHIP_H
#define MEMBERSHIP_H

struct client;
struct serialiser;
struct server;
struct session;

/* The member itself. Reading needs a server with the same -L and -n, and a
 * journal; the sessions and the clients follow later. */
void	 membership_transfer(struct serialiser *z, struct server *s);

/* Who has a session at which node. */
void	 membership_transfer_owner(struct serialiser *z, struct server *s,
	    struct session *session);

/* What a client has said that hasn't come back. */
void	 membership_transfer_speaker(struct serialiser *z, struct server *s,
	    struct client *c);

#endif
