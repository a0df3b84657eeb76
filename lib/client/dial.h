/*
 * Dialling: a child process that connects to a room
 *
 * getaddrinfo(3) can take long and can't be interrupted, and the sandbox of the
 * program forbids it, like connect(2). So a child process does both. It is
 * forked at the start, never reads what a room sends, and passes each socket
 * back when it is connected.
 */
#ifndef DIAL_H
#define DIAL_H

#include <sys/types.h>

#include <stddef.h>

struct addr_list;

struct dial {
	int		 fd;		/* to the child; -1: there is none */
	pid_t		 pid;		/* of the child */
};

/* Fork the child, for the room at those addresses. Returns 0, or -1 with errno.
 */
int	 dial_open(struct dial *d, const struct addr_list *rooms);

/* Ask the child to connect to address i of them, counted from 0: d->fd becomes
 * readable when it has succeeded or failed. Returns 0, or -1 with errno if the
 * child is gone. */
int	 dial_start(struct dial *d, size_t i);

/*
 * Take the result, once d->fd is readable. Returns the socket, which is the
 * caller's, as net_connect() does, or -1 with the reason in why, which has size
 * bytes.
 */
int	 dial_finish(struct dial *d, char *why, size_t size);

/* Kill the child, if there is one, and wait for its end. */
void	 dial_close(struct dial *d);

#endif
