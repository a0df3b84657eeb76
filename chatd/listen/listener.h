/*
 * Listeners: the sockets that clients connect to
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

struct addr;

struct listener {
	int		 fd;		/* -1: another process has it */
	bool		 local;		/* a Unix-domain socket */
	char		*place;		/* its address, for the log; NULL if
					   it came without fd */
	char		*path;		/* of a file that we remove, or NULL */
	dev_t		 dev;		/* that file's device and inode */
	ino_t		 ino;
};

struct listeners {
	struct listener	*list;
	size_t		 n;
};

/*
 * Listen at an address: at each that its host name has, all with the same port
 * if that is 0. A socket file that nobody listens on any more is replaced. The
 * sockets don't block, and are closed on exec. Returns 0; or -1 with the reason
 * in *why, and nothing opened. Then errno is EADDRINUSE if the address is in
 * use, and 0 if getaddrinfo(3) has failed.
 */
int	 listeners_open(struct listeners *l, const struct addr *a,
	    const char **why);

/*
 * Add a socket that listens already, or -1, and the path of its file, or NULL;
 * both become the listeners'. Finds the socket's address now, since a sandbox
 * might forbid that later. Returns NULL with errno if memory runs out; both are
 * then still the caller's. The result is valid until the next call.
 */
struct listener	*listeners_add(struct listeners *l, int fd, char *path);

/* Close the sockets, and keep the files; for the keeper. */
void	 listeners_close_sockets(struct listeners *l);

/* Forget the files without removing them; for the room process. */
void	 listeners_forget_files(struct listeners *l);

/* Close the sockets, remove the files that are still ours, and free it all. */
void	 listeners_close(struct listeners *l);

#endif
