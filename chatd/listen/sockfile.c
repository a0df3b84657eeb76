/*
 * The file of a Unix-domain socket: its name, its place, and its end
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "sockfile.h"

/* The directory that a name is in, as realpath(3) has it, or NULL. */
static char *
find_directory(const char *name, size_t len)
{
	char *start = strndup(name, len), *directory;

	if (start == NULL)
		return NULL;
	directory = realpath(start, NULL);
	free(start);
	return directory;
}

char *
sockfile_path(const char *name)
{
	const char *base = strrchr(name, '/') + 1;
	struct sockaddr_un sun;
	size_t size = sizeof(sun.sun_path);
	char path[sizeof(sun.sun_path)], *directory;
	int n = -1;

	if (base[0] == '\0' || strcmp(base, ".") == 0 ||
	    strcmp(base, "..") == 0)
		return strdup(name);
	/* With the slash, which may be all there is. */
	directory = find_directory(name, (size_t)(base - name));
	if (directory != NULL)
		n = snprintf(path, size, "%s/%s",
		    strcmp(directory, "/") == 0 ? "" : directory, base);
	free(directory);
	return strdup(n > 0 && n < (int)size ? path : name);
}

static void
close_saving_errno(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

/* Whether nobody is there; errno is why somebody seems to be. */
static bool
is_dead(const char *path)
{
	struct sockaddr_storage ss;
	socklen_t len = net_unix_address(&ss, path);
	int status, fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1)
		return false;
	status = fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ? -1 :
	    connect(fd, (struct sockaddr *)&ss, len);
	close_saving_errno(fd);
	/* A full backlog is a sign of life as well. */
	if (status == 0 || errno == EAGAIN || errno == EINPROGRESS)
		errno = EADDRINUSE;
	return errno == ECONNREFUSED;
}

const char *
sockfile_replace(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? NULL : strerror(errno);
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return "something else than a socket is there";
	if (!is_dead(path))
		return errno == EADDRINUSE ? "a room is there already" :
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
