/*
 * The file of a Unix-domain socket: its path, replacing it, removing it
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "sockfile.h"

/* Resolve the directory part of a name, its first len bytes. Returns a path
 * that the caller frees, or NULL. */
static char *
resolve_directory(const char *name, size_t len)
{
	char *start = strndup(name, len), *directory;

	if (start == NULL)
		return NULL;
	directory = realpath(start, NULL);
	free(start);
	return directory;
}

char *
sockfile_resolve(const char *name)
{
	const char *base = strrchr(name, '/') + 1;
	struct sockaddr_un sun;
	size_t size = sizeof(sun.sun_path);
	char path[sizeof(sun.sun_path)], *directory;
	int n = -1;

	if (base[0] == '\0' || strcmp(base, ".") == 0 ||
	    strcmp(base, "..") == 0)
		return strdup(name);
	/* Together with its slash, which may be all of it. */
	directory = resolve_directory(name, (size_t)(base - name));
	if (directory != NULL)
		n = snprintf(path, size, "%s/%s",
		    strcmp(directory, "/") == 0 ? "" : directory, base);
	free(directory);
	return strdup(n > 0 && n < (int)size ? path : name);
}

/* Whether nobody listens on a socket; if not, errno says how we know. */
static bool
is_abandoned(const char *path)
{
	struct sockaddr_storage ss;
	socklen_t len = net_unix_address(&ss, path);
	int status, error, fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1)
		return false;
	status = fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ? -1 :
	    connect(fd, (struct sockaddr *)&ss, len);
	error = errno;
	(void)close(fd);
	/* Even a full listen backlog shows that somebody listens. */
	if (status == 0 || error == EAGAIN || error == EINPROGRESS)
		error = EADDRINUSE;
	errno = error;
	return error == ECONNREFUSED;
}

const char *
sockfile_replace(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? NULL : strerror(errno);
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return "not a socket; remove it, or choose another path";
	if (!is_abandoned(path))
		return errno == EADDRINUSE ? "a room listens there already" :
		    strerror(errno);
	return unlink(path) == -1 ? strerror(errno) : NULL;
}

void
sockfile_remove(const char *path, dev_t dev, ino_t ino)
{
	struct stat st;
	int status = lstat(path, &st);

	if (status == 0 && (st.st_dev != dev || st.st_ino != ino))
		return;
	if (status == 0)
		status = unlink(path);
	if (status == -1 && errno != ENOENT)
		log_event("%s: %s, the file stays", path, strerror(errno));
}
