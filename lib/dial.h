/*
 * Dialling: connecting to a room while the program goes on
 *
 * Looking up a name can take long and can't be interrupted, so a child process
 * does it all and hands the connected socket over.
 */
#ifndef DIAL_H
#define DIAL_H

#include <sys/types.h>

#include <stddef.h>

struct addr;

struct dial {
	int		 fd;		/* readable when it's over; -1: none */
	pid_t		 pid;
};

/* Begin to connect to the room at a. 0, or -1 with errno. */
int	 dial_start(struct dial *d, const struct addr *a);

/*
 * End it when fd is readable. Returns the socket, as net_connect() does, or -1
 * with the reason in why, which has size bytes.
 */
int	 dial_finish(struct dial *d, char *why, size_t size);

/* Give it up, if there is one. */
void	 dial_stop(struct dial *d);

#endif
