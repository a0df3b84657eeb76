/*
 * Sockets for test tools: at a path, or at 127.0.0.1:PORT
 */
#ifndef SOCK_H
#define SOCK_H

/* Both end the program if that can't be done at all. */
int	 sock_listen(const char *name);

/* The name of a listening socket, with the port it got: good until the next
 * call. */
const char *sock_name(int fd, const char *name);

/* Connect, for a bounded time; -1 if that doesn't work. */
int	 sock_connect(const char *name);

/* Make close(2) destroy what is on its way: TCP then sends a reset. */
void	 sock_abort(int fd);

#endif
