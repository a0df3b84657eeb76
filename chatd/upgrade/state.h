/*
 * The state: all that a server knows, in a file, for a program to go on with
 *
 * It is made for the next program on the same machine, which gets the same
 * descriptors: they are called by their place among them, 0 being the first. It
 * has no configuration: that comes from the command line. Clients that can't
 * move aren't in it; their sessions are.
 */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How it begins: its version changes whenever what follows does. */
#define STATE_VERSION	"chatd state 4"

struct server;

/*
 * Fill in all descriptors of the state, at most one for the store, before all
 * others, and one for each listener and client. Returns how many there are.
 */
size_t	 state_fds(const struct server *s, int *fds);

/*
 * Write a server's state, which doesn't change by it. Returns NULL, or what is
 * wrong, which is good until errno's texts change.
 */
const char	*state_write(struct server *s, FILE *f);

/*
 * Read it into a server that was just set up without a room, clients and
 * listeners, with n descriptors that were handed over, which are not touched;
 * on trial there may be less than it needs. Returns NULL, or what is wrong; the
 * server is then good for nothing but server_free().
 */
const char	*state_read(struct server *s, FILE *f, const int *fds,
		    size_t n, bool trial);

#endif
