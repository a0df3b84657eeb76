/*
 * Listeners: the sockets that clients come in by
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "listener.h"
#include "net.h"

#define PORT_TRIES	16		/* to find one free in two families */

static void
close_saving_errno(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

struct listener *
listeners_add(struct listeners *l, int fd, char *path)
{
	struct listener *list;

	list = reallocarray(l->list, l->n + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	l->list = list;
	memset(&list[l->n], 0, sizeof(*list));
	list[l->n].fd = fd;
	list[l->n].path = path;
	return &list[l->n++];
}

/* A socket that listens at sa, or -1 with errno. */
static int
listen_at(const struct sockaddr *sa, socklen_t len)
{
	int one = 1, fd = socket(sa->sa_family, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		goto fail;
	if (sa->sa_family != AF_UNIX && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR,
	    &one, sizeof(one)) == -1)
		goto fail;
	/* So that 0.0.0.0 and :: can have the same port. */
	if (sa->sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &one, sizeof(one)) == -1)
		goto fail;
	if (bind(fd, sa, len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
fail:
	close_saving_errno(fd);
	return -1;
}

/*
 * Remove the file of a socket if nobody listens there any more. Returns NULL,
 * or what else it is.
 */
static const char *
remove_stale(const struct sockaddr *sa, socklen_t len, const char *path)
{
	struct stat st;
	int fd, status;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? NULL : strerror(errno);
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return "there is a file that is not a socket";
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1)
		return strerror(errno);
	/* A full backlog is a sign of life as well. */
	status = fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ? -1 :
	    connect(fd, sa, len);
	close_saving_errno(fd);
	if (status == 0 || errno == EAGAIN || errno == EINPROGRESS) {
		errno = EADDRINUSE;
		return "a room is there already";
	}
	if (errno != ECONNREFUSED)
		return strerror(errno);
	return unlink(path) == -1 ? strerror(errno) : NULL;
}

static int
open_unix(struct listeners *l, const struct addr *a, const char **why)
{
	struct sockaddr_storage ss;
	socklen_t len = net_unix_address(&ss, a->name);
	struct listener *new;
	struct stat st;
	char *path;
	int fd;

	*why = remove_stale((struct sockaddr *)&ss, len, a->name);
	if (*why != NULL)
		return -1;
	fd = listen_at((struct sockaddr *)&ss, len);
	if (fd == -1) {
		*why = strerror(errno);
		return -1;
	}
	path = strdup(a->name);
	if (path == NULL || lstat(path, &st) == -1 ||
	    (new = listeners_add(l, fd, path)) == NULL) {
		*why = strerror(errno);
		free(path);
		(void)close(fd);
		(void)unlink(a->name);
		return -1;
	}
	new->dev = st.st_dev;
	new->ino = st.st_ino;
	return 0;
}

static void
set_port(struct sockaddr *sa, in_port_t port)
{
	if (sa->sa_family == AF_INET)
		((struct sockaddr_in *)sa)->sin_port = port;
	else
		((struct sockaddr_in6 *)sa)->sin6_port = port;
}

/* The port that a socket got, in network order; 0 if nobody knows. */
static in_port_t
get_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return 0;
	return ss.ss_family == AF_INET ?
	    ((struct sockaddr_in *)&ss)->sin_port :
	    ((struct sockaddr_in6 *)&ss)->sin6_port;
}

static void
close_from(struct listeners *l, size_t first)
{
	int saved = errno;

	while (l->n > first)
		(void)close(l->list[--l->n].fd);
	errno = saved;
}

/* A machine without IPv6, or IPv4, still has the other. */
static bool
is_missing_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL ||
	    error == EPROTONOSUPPORT;
}

/* Listen on every address of the list. 0, or -1 with errno. */
static int
open_all(struct listeners *l, struct addrinfo *list, bool any_port)
{
	size_t first = l->n;
	struct addrinfo *ai;
	in_port_t port = 0;
	int fd, error = 0;

	for (ai = list; ai != NULL; ai = ai->ai_next) {
		if (any_port)
			set_port(ai->ai_addr, port);
		fd = listen_at(ai->ai_addr, ai->ai_addrlen);
		if (fd == -1) {
			error = errno;
			if (is_missing_family(error))
				continue;
			break;
		}
		if (port == 0)
			port = get_port(fd);
		if (listeners_add(l, fd, NULL) == NULL) {
			close_saving_errno(fd);
			error = errno;
			break;
		}
	}
	if (ai == NULL && l->n > first)
		return 0;
	close_from(l, first);
	errno = error;
	return -1;
}

int
listeners_open(struct listeners *l, const struct addr *a, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE }, *list;
	bool any_port = strcmp(a->port, "0") == 0;
	int error, tries = 1, status;

	if (a->local)
		return open_unix(l, a, why);
	error = getaddrinfo(a->host[0] == '\0' ? NULL : a->host, a->port,
	    &hints, &list);
	if (error != 0) {
		*why = error == EAI_SYSTEM ? strerror(errno) :
		    gai_strerror(error);
		errno = EINVAL;
		return -1;
	}
	/* A port that is free in one family may be taken in the other. */
	do {
		status = open_all(l, list, any_port);
	} while (status == -1 && errno == EADDRINUSE && any_port &&
	    tries++ < PORT_TRIES);
	error = errno;
	if (status == -1)
		*why = strerror(error);
	freeaddrinfo(list);
	errno = error;
	return status;
}

/* Another room may have taken the place since. */
static bool
is_still_ours(const struct listener *l)
{
	struct stat st;

	return lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino;
}

void
listeners_leave_sockets(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		(void)close(l->list[i].fd);
		l->list[i].fd = -1;
	}
}

void
listeners_leave_files(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->list[i].path);
		l->list[i].path = NULL;
	}
}

void
listeners_close(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->list[i].path != NULL && is_still_ours(&l->list[i]))
			(void)unlink(l->list[i].path);
		free(l->list[i].path);
		if (l->list[i].fd != -1)
			(void)close(l->list[i].fd);
	}
	free(l->list);
	l->list = NULL;
	l->n = 0;
}
