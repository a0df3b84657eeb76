/*
 * Activation: listening on sockets that were passed in, as sd_listen_fds(3)
 * takes them
 */
#ifndef ACTIVATION_H
#define ACTIVATION_H

struct listeners;

/*
 * Add the sockets that a service manager has passed to this process, if any,
 * and forget what the environment says of them. Returns 0, or -1 with *why,
 * and *fd is the descriptor that is wrong, or -1.
 */
int	 activation_take(struct listeners *l, int *fd, const char **why);

#endif
