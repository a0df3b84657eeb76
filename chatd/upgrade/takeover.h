/*
 * Taking over: the new program's half of an upgrade
 *
 * The old keeper has executed this program and left it files and descriptors;
 * EXEC_VARIABLE in the environment says where. It is either a trial, in a
 * process that ends once it has read everything, or for good: then the process
 * is still the old keeper's, with its pid, and it forks a new room process.
 */
#ifndef TAKEOVER_H
#define TAKEOVER_H

#include <stdbool.h>
#include <stdio.h>

#include "manifest.h"

struct listeners;
struct server;

struct takeover {
	FILE	*state;			/* written by the old room process */
	int	 report;		/* on trial, where to report; else -1 */
	struct manifest manifest;	/* written by the old keeper */
};

/*
 * Begin if the environment asks for it; returns false if it doesn't. Fills in
 * *t, and adds to l the files of the sockets, each without its descriptor.
 * Exits with status 2, or reports on trial, if anything is not in order.
 */
bool	 takeover_begin(struct takeover *t, struct listeners *l);

/*
 * In the new room process: read the state into a server, which has to be as
 * state_read() needs it. Exits or reports if the state is not in order.
 */
void	 takeover_read(const struct takeover *t, struct server *s);

/*
 * In the new room process: s is ready to serve. A trial reports that and exits
 * here. Otherwise the state's file is closed, the memory of t is freed, and
 * the descriptors, which are the server's now, are closed on exec again.
 */
void	 takeover_finish(struct takeover *t, struct server *s);

/*
 * In the keeper, once the new room process has been forked: close the files and
 * descriptors, and kill and reap the old room process.
 */
void	 takeover_end_old(struct takeover *t);

#endif
