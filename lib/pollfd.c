/*
 * Entries for poll(2)
 */
#include "pollfd.h"

void
pollfd_set(struct pollfd *pfd, int fd, short events)
{
	pfd->fd = fd;
	pfd->events = events;
	pfd->revents = 0;
}
