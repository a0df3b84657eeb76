/*
 * Connecting to a room
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "net.h"
#include "tcp.h"

/* Wait until a connect(2) that was begun has ended. 0, or -1 with errno. */
static int
finish_connect(int fd)
{
	int64_t deadline = clock_now() + NET_CONNECT_MS;
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(errno);
	int n, error;

	do {
		n = poll(&pfd, 1, clock_timeout(deadline));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	if (n == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
connect_one(int family, const struct sockaddr *sa, socklen_t len)
{
	int saved, fd = socket(family, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		goto fail;
	if (connect(fd, sa, len) == -1 &&
	    (errno != EINPROGRESS || finish_connect(fd) == -1))
		goto fail;
	if (tcp_prepare(fd) == -1)
		goto fail;
	return fd;
fail:
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

socklen_t
net_unix_address(struct sockaddr_storage *ss, const char *path)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)ss;

	memset(ss, 0, sizeof(*ss));
	sun->sun_family = AF_UNIX;
	/* addr_parse() has made sure that it fits. */
	(void)strlcpy(sun->sun_path, path, sizeof(sun->sun_path));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path) + 1);
}

static int
connect_unix(const char *path, const char **why)
{
	struct sockaddr_storage ss;
	socklen_t len = net_unix_address(&ss, path);
	int fd = connect_one(AF_UNIX, (struct sockaddr *)&ss, len);
	struct stat st;

	if (fd != -1)
		return fd;
	*why = strerror(errno);
	/* To Linux, what is no socket refuses connections. */
	if (errno == ECONNREFUSED && stat(path, &st) == 0 &&
	    !S_ISSOCK(st.st_mode)) {
		*why = "not a socket; give the path that chatd listens on";
		errno = ENOTSOCK;
	}
	return -1;
}

int
net_connect(const struct addr *a, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	int fd = -1, error, saved = 0;

	if (a->local)
		return connect_unix(a->name, why);
	error = getaddrinfo(a->host[0] == '\0' ? "localhost" : a->host, a->port,
	    &hints, &list);
	if (error != 0) {
		*why = error == EAI_SYSTEM ? strerror(errno) :
		    gai_strerror(error);
		errno = 0;
		return -1;
	}
	for (ai = list; ai != NULL && fd == -1; ai = ai->ai_next) {
		fd = connect_one(ai->ai_family, ai->ai_addr, ai->ai_addrlen);
		if (fd == -1) {
			saved = errno;
			*why = strerror(saved);
		}
	}
	freeaddrinfo(list);
	errno = saved;
	return fd;
}

/* Nobody knows such a host: it may have been meant as something else. */
static void
advise_unknown(char *buf, size_t size, const struct addr *a, bool sends)
{
	if (strpbrk(a->name, ".:") != NULL)
		return;
	(void)snprintf(buf, size, "; %sa socket's path has a /, as in ./%s",
	    sends ? NET_TEXT_ADVICE ", and " : "", a->name);
}

static void
advise_local(char *buf, size_t size, const struct addr *a, int error,
    bool sends)
{
	const char *advice = "";

	if (error == ENOENT && sends && strchr(a->name, ' ') != NULL)
		advice = "; " NET_TEXT_ADVICE;
	else if (error == ENOENT && strchr(a->name, ':') != NULL)
		advice = "; an address with a / is the path of a socket";
	else if (error == ENOENT || error == ECONNREFUSED)
		advice = "; is chatd running?";
	else if (error == EACCES)
		advice = "; to join, you need permission to write to the "
		    "socket";
	(void)strlcpy(buf, advice, size);
}

void
net_advise(char *buf, size_t size, const struct addr *a, int error, bool sends)
{
	buf[0] = '\0';
	if (a->local)
		advise_local(buf, size, a, error, sends);
	else if (error == 0)
		advise_unknown(buf, size, a, sends);
	else if (error == ECONNREFUSED)
		(void)snprintf(buf, size, "; is chatd running at port %s?",
		    a->port);
	else if (error == ETIMEDOUT)
		(void)snprintf(buf, size, "; is the host right, and its port "
		    "%s open?", a->port);
}
