/*
 * The file of a Unix-domain socket: its path, replacing it, removing it
 */
#ifndef SOCKFILE_H
#define SOCKFILE_H

#include <sys/types.h>

/*
 * The absolute path of a name, without links. The kernel lists a socket by the
 * path that it was bound to, and systemd-tmpfiles(8), before it cleans up,
 * looks there for sockets in use. The result is a copy of name, which has a
 * slash, if there is no such path or if it is too long for a socket. The caller
 * frees it. Returns NULL with errno if memory runs out.
 */
char	*sockfile_resolve(const char *name);

/*
 * Remove the file of a socket if nobody listens on it any more. Returns NULL if
 * nothing is there now. Otherwise it returns the reason; errno is EADDRINUSE if
 * somebody listens, and EEXIST if the file is no socket.
 */
const char	*sockfile_replace(const char *path);

/*
 * Remove the file of our own socket, which has that device and inode; another
 * room may have replaced it by now. Logs an error.
 */
void	 sockfile_remove(const char *path, dev_t dev, ino_t ino);

#endif
