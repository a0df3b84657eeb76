/*
 * The file of a Unix-domain socket: its name, its place, and its end
 */
#ifndef SOCKFILE_H
#define SOCKFILE_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * The path from the root on, without links, in memory of its own. By that name
 * the system knows a socket, and who looks for those that live: before it
 * cleans up, systemd-tmpfiles(8) does. If there's none, or it is too long for a
 * socket, it is name, which has a slash. NULL with errno: no memory.
 */
char	*sockfile_path(const char *name);

/*
 * Remove the file of a socket if nobody listens there any more. Returns NULL,
 * or what else it is; then errno is EADDRINUSE if somebody does.
 */
const char	*sockfile_replace(const char *path);

/*
 * Remove one's own file, which was that one: another room may have taken the
 * place since. Who may not do that any more says so in the log.
 */
void	 sockfile_remove(const char *path, dev_t dev, ino_t ino);

#endif
