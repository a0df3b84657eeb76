/*
 * Upgrading: another program goes on with the room, in the same process
 *
 * On SIGUSR2 the keeper executes its program anew, which may be a newer one,
 * and hands it everything, so that clients notice nothing. Before that it has
 * the new program read the state on trial, in a process of its own, because
 * what is executed can't be taken back. The new program starts a new room, and
 * the old one ends.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

#include <stdbool.h>
#include <stdio.h>

#include "manifest.h"

struct keeper;
struct listeners;
struct server;

/* What a program gets that is to go on. */
struct takeover {
	FILE	*state;			/* as the old room has written it */
	int	 report;		/* -1, or to tell how the trial went */
	struct manifest legacy;
};

/*
 * Whether we are such a program. The files of sockets are then in l, without
 * their sockets. Anything strange ends the program with status 2.
 */
bool	 takeover_begin(struct takeover *h, struct listeners *l);

/*
 * In the room: read the state into a server as state_read() wants it. If that
 * can't be, the program ends.
 */
void	 takeover_read(const struct takeover *h, struct server *s);

/* Everything is ready to go on: on trial, the program ends here. */
void	 takeover_finish(struct takeover *h, struct server *s);

/* In the keeper: the new room has it all now. The old one ends. */
void	 takeover_end_old(struct takeover *h);

/*
 * In the keeper: have the program of its arguments go on. If that returns, it
 * was not possible, as the log says, and everything is as it was.
 */
void	 upgrade_run(struct keeper *k);

#endif
