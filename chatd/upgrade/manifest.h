/*
 * The manifest: a file that the old keeper leaves to the new one
 *
 * It names the process to kill, the helper to go on with, the files to remove
 * one day, and the inherited descriptors. The new keeper trusts it, so the room
 * process never gets hold of it: the room's state is in a file of its own (see
 * state.h).
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <sys/types.h>

#include <stddef.h>
#include <stdio.h>

#include "keeper/helper.h"

struct listeners;

struct manifest {
	pid_t	 child;			/* the old room process */
	struct helper helper;		/* but for its command and node */
	int	*fds;			/* descriptors, in the state's order */
	size_t	 nfds;
};

/*
 * Write a manifest, and the paths of the sockets' files in l. Returns NULL, or
 * what is wrong: a string that the next strerror(3) may overwrite.
 */
const char	*manifest_write(FILE *f, struct manifest *m,
		    struct listeners *l);

/*
 * Read a manifest, and add the sockets' files to l, each with -1 for its
 * descriptor. Returns as manifest_write() does. In either case the caller has
 * to free m->fds.
 */
const char	*manifest_read(FILE *f, struct manifest *m,
		    struct listeners *l);

#endif
