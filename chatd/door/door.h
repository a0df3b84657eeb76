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

/* A client is gone: forget it, and free it. */
void	 door_leave(struct server *s, struct client *c);

#endif
