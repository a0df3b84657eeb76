/*
 * Upgrading: another program goes on with the room, in the same process
 *
 * On SIGUSR2 chatd executes its program anew, which may be a newer one, and
 * hands it everything, so that clients notice nothing. Before that it has the
 * new program read the state on trial, in a process of its own, because what
 * is executed can't be taken back.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

#include <stdbool.h>
#include <stdio.h>

struct server;

/* What a program gets that is to go on. */
struct handover {
	FILE	*state;
	int	 report;		/* -1, or to tell how the trial went */
};

/* Whether we are such a program. Anything strange ends it with status 2. */
bool	 upgrade_inherit(struct handover *h);

/*
 * Read the state into a server as state_read() wants it. If that can't be, the
 * program ends.
 */
void	 upgrade_read(const struct handover *h, struct server *s);

/* Everything is ready to go on: on trial, the program ends here. */
void	 upgrade_finish(struct handover *h, struct server *s);

/*
 * Hand the server over to the program of argv. If that returns, it was not
 * possible, as the log says, and everything is as it was.
 */
void	 upgrade(struct server *s, char **argv);

#endif
