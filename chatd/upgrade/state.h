/*
 * The state: a file with all that a room process knows, for the next to go on
 *
 * It has the ring, the sessions, the clients and so on, but no configuration:
 * that comes from the command line. Clients whose connection can't be handed
 * over (conn_can_move()) are left out; their sessions aren't.
 *
 * The file goes to the next program on the same machine, together with the
 * descriptors. It has only their numbers, in the order of state_fds().
 */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The first line, without its LF. The number goes up with every change of what
 * follows, here or in the manifest: other versions are refused. */
#define STATE_VERSION	"chatd state 6"

struct server;

/*
 * Collect the descriptors that go with the state: the store's directory, if
 * there is a store, the socket of a shared log's helper, if there is one, then
 * the listeners', then the clients'. The caller has
 * allocated fds for all of them. Returns how many there are.
 */
size_t	 state_fds(const struct server *s, int *fds);

/*
 * Write a server's state; the server stays as it is. Returns NULL, or what is
 * wrong: a string that the next strerror(3) may overwrite.
 */
const char	*state_write(struct server *s, FILE *f);

/*
 * Read a state into a server from loop_init(), without a ring, clients and
 * listeners. fds are the n descriptors of state_fds(): the server takes them as
 * they are. On trial, all but the store's may be missing. Returns NULL, or what
 * is wrong as state_write() does; then only loop_free() may follow.
 */
const char	*state_read(struct server *s, FILE *f, const int *fds,
		    size_t n, bool trial);

#endif
