/*
 * The door: where connections are accepted, and where they end
 */
#ifndef DOOR_H
#define DOOR_H

#include <sys/socket.h>

#include <stdbool.h>

struct client;
struct server;

/* Whether to poll listeners for new clients in this round. */
bool	 door_is_open(const struct server *s);

/* Accept the clients that wait at a listener's descriptor. */
void	 door_accept(struct server *s, int listener);

/* A client from sa is connected with the socket fd, which becomes the
 * door's. */
void	 door_enter(struct server *s, int fd, const struct sockaddr *sa);

/*
 * A client is gone: take it out of everything that knows it, and free it. Its
 * place among the server's clients is the caller's.
 */
void	 door_leave(struct server *s, struct client *c);

#endif
