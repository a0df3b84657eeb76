/*
 * The legacy: what one keeper leaves to the next
 *
 * It is in a file of its own, which the room never has: the next keeper
 * believes it. The room's state is in another.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <sys/types.h>

#include <stddef.h>
#include <stdio.h>

struct listeners;

struct manifest {
	pid_t	 room;			/* the old one */
	int	*fds;			/* what the state calls 0, 1, 2 ... */
	size_t	 nfds;
};

/*
 * Write it, with the files of sockets that are in l. Returns NULL, or what is
 * wrong, which is good until errno's texts change.
 */
const char	*manifest_write(FILE *f, struct manifest *g, struct listeners *l);

/*
 * Read it, and add the files to l, without their sockets. The memory of fds is
 * the caller's, also if something is wrong.
 */
const char	*manifest_read(FILE *f, struct manifest *g, struct listeners *l);

#endif
