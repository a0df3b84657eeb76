/*
 * Listeners: the sockets that clients come in by
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

struct addr;

struct listener {
	int		 fd;
	bool		 local;		/* a Unix-domain socket */
	char		*place;		/* as it is told, or NULL */
	char		*path;		/* of its own file, or NULL */
	dev_t		 dev;		/* which file that is */
	ino_t		 ino;
};

struct listeners {
	struct listener	*list;
	size_t		 n;
};

/*
 * Listen at an address: on every address that its name has, and on the same
 * port for all if it's port 0. A socket file that nobody listens on any more
 * is replaced. Returns 0, or -1 with *why and nothing opened; then errno is
 * EADDRINUSE if somebody else has the address.
 */
int	 listeners_open(struct listeners *l, const struct addr *a,
	    const char **why);

/*
 * Have one more, which listens already and becomes theirs, as path does, which
 * may be NULL. Where it listens is found out now: a sandbox would not let it.
 * Returns NULL with errno if there is not enough memory; both are then still
 * the caller's.
 */
struct listener	*listeners_add(struct listeners *l, int fd, char *path);

/* Another process has the sockets, or the files, and closes them. */
void	 listeners_leave_sockets(struct listeners *l);
void	 listeners_leave_files(struct listeners *l);

/* Close them all and remove the files that are still theirs. */
void	 listeners_close(struct listeners *l);

#endif
