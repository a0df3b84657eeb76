/*
 * Socket activation: sockets from a service manager, as sd_listen_fds(3) gets
 * them
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activation.h"
#include "listener.h"

#define FIRST		3		/* SD_LISTEN_FDS_START */

/* Whether the sockets are for this process: the environment may be inherited
 * from a parent that they were for. */
static bool
is_activated(void)
{
	const char *pid = getenv("LISTEN_PID"), *wrong;

	return pid != NULL && strtonum(pid, 1, INT_MAX, &wrong) == getpid() &&
	    wrong == NULL;
}

/* How many descriptors were passed in; -1 if LISTEN_FDS is not a number. */
static int
count_passed(void)
{
	const char *n = getenv("LISTEN_FDS"), *wrong = NULL;
	int fds;

	if (n == NULL || !is_activated())
		return 0;
	fds = (int)strtonum(n, 0, INT_MAX - FIRST, &wrong);
	return wrong == NULL ? fds : -1;
}

/* Returns NULL, or why clients can't connect there. */
static const char *
check_socket(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(int);
	int type, listens;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return strerror(errno);
	len = sizeof(int);
	if (type != SOCK_STREAM || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN,
	    &listens, &len) == -1 || listens == 0)
		return "not a listening stream socket";
	len = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return strerror(errno);
	if (ss.ss_family != AF_INET && ss.ss_family != AF_INET6 &&
	    ss.ss_family != AF_UNIX)
		return "neither IPv4 nor IPv6 nor Unix-domain";
	return NULL;
}

/* Returns NULL, or what is wrong. */
static const char *
take_socket(struct listeners *l, int fd)
{
	const char *why = check_socket(fd);
	int flags;

	if (why != NULL)
		return why;
	flags = fcntl(fd, F_GETFL);
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    listeners_add(l, fd, NULL) == NULL)
		return strerror(errno);
	return NULL;
}

int
activation_take(struct listeners *l, int *fd, const char **why)
{
	int n = count_passed(), i;

	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	*fd = -1;
	*why = n == -1 ? "not a number of file descriptors" : NULL;
	for (i = 0; i < n && *why == NULL; i++) {
		*fd = FIRST + i;
		*why = take_socket(l, *fd);
	}
	return *why == NULL ? 0 : -1;
}
