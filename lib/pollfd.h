/*
 * Entries for poll(2)
 */
#ifndef POLLFD_H
#define POLLFD_H

#include <poll.h>

/* Poll fd for events, which may be none: a hangup is reported all the same.
 * With fd -1, poll(2) passes over the entry. */
void	 pollfd_set(struct pollfd *pfd, int fd, short events);

#endif
