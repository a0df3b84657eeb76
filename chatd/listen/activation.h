/*
 * Socket activation: sockets from a service manager, as sd_listen_fds(3) gets
 * them
 */
#ifndef ACTIVATION_H
#define ACTIVATION_H

struct listeners;

/*
 * Add the sockets that a service manager has passed to this process, if any,
 * and remove its variables from the environment. Returns 0, or -1 with the
 * reason in *why; *fd is then the descriptor that it is about, or -1 if it is
 * about LISTEN_FDS. The files of Unix-domain sockets stay the manager's.
 */
int	 activation_take(struct listeners *l, int *fd, const char **why);

#endif
