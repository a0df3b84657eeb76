/*
 * Dialling: connecting to a room while the program goes on
 *
 * Looking up a name can take long and can't be interrupted, and who hears a
 * room is to be able to do neither that nor to connect. So a child process does
 * it, which is there from the start and never hears what a room says: it hands
 * each connected socket over.
 */
#ifndef DIAL_H
#define DIAL_H

#include <sys/types.h>

#include <stddef.h>

struct addr;

struct dial {
	int		 fd;		/* readable when it's over; -1: none */
	pid_t		 pid;		/* of the child */
};

/* Have a child that connects to the room at a. 0, or -1 with errno. */
int	 dial_open(struct dial *d, const struct addr *a);

/* Begin to connect. 0, or -1 with errno. */
int	 dial_start(struct dial *d);

/*
 * End it when fd is readable. Returns the socket, as net_connect() does, or -1
 * with the reason in why, which has size bytes.
 */
int	 dial_finish(struct dial *d, char *why, size_t size);

/* End the child, if there is one, whatever it is doing. */
void	 dial_close(struct dial *d);

#endif
