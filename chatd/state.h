/*
 * The state: all that a server knows, in a file, for a program to go on with
 *
 * It is made for the next program on the same machine, which has the same
 * descriptors. It has no configuration: that comes from the command line.
 */
#ifndef STATE_H
#define STATE_H

#include <stdio.h>

/* How it begins: its version changes whenever what follows does. */
#define STATE_VERSION	"chatd state 2"

struct server;

/*
 * Write a server's state, which doesn't change by it. Returns NULL, or what is
 * wrong, which is good until errno's texts change.
 */
const char	*state_write(struct server *s, FILE *f);

/*
 * Read it into a server that was just set up without a room, clients and
 * listeners. No descriptor is touched. Returns NULL, or what is wrong; the
 * server is then good for nothing but server_free().
 */
const char	*state_read(struct server *s, FILE *f);

#endif
