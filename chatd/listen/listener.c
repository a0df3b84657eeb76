/*
 * Listeners: the sockets that clients connect to
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
#include "log.h"
#include "net.h"
#include "sockfile.h"

#define PORT_TRIES	16		/* until a port is free for all */

static void
close_saving_errno(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

/* Find the address that a socket listens at. Returns 0, or -1 with errno. */
static int
find_address(struct listener *l)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char text[ADDR_TEXT_SIZE];

	if (l->fd == -1)
		return 0;
	memset(&ss, 0, sizeof(ss));
	/* If that fails, the text says that the address is unknown. */
	(void)getsockname(l->fd, (struct sockaddr *)&ss, &len);
	l->local = ss.ss_family == AF_UNIX;
	l->place = strdup(addr_format(text, (struct sockaddr *)&ss, len));
	return l->place == NULL ? -1 : 0;
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
	if (find_address(&list[l->n]) == -1)
		return NULL;
	return &list[l->n++];
}

/* Returns a socket that listens at sa, or -1 with errno. */
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
	/* Otherwise 0.0.0.0 and :: couldn't have the same port. */
	if (sa->sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &one, sizeof(one)) == -1)
		goto fail;
	if (bind(fd, sa, len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
fail:
	close_saving_errno(fd);
	return -1;
}

/* The log shows the name from the command line, not the resolved path. Returns
 * 0, or -1 with errno. */
static int
add_unix(struct listeners *l, int fd, char *path, const char *name)
{
	struct listener *new;
	struct stat st;
	char *place = strdup(name);

	if (place == NULL || lstat(path, &st) == -1 ||
	    (new = listeners_add(l, fd, path)) == NULL) {
		free(place);
		return -1;
	}
	free(new->place);
	new->place = place;
	new->dev = st.st_dev;
	new->ino = st.st_ino;
	return 0;
}

/* path becomes the listeners' if this succeeds. */
static int
open_path(struct listeners *l, char *path, const char *name, const char **why)
{
	struct sockaddr_storage ss;
	socklen_t len = net_unix_address(&ss, path);
	int fd;

	*why = sockfile_replace(path);
	if (*why != NULL)
		return -1;
	fd = listen_at((struct sockaddr *)&ss, len);
	if (fd == -1) {
		*why = strerror(errno);
		return -1;
	}
	if (add_unix(l, fd, path, name) == 0)
		return 0;
	*why = strerror(errno);
	(void)close(fd);
	(void)unlink(path);
	return -1;
}

static int
open_unix_socket(struct listeners *l, const struct addr *a, const char **why)
{
	char *path = sockfile_resolve(a->name);
	int error;

	if (path != NULL && open_path(l, path, a->name, why) == 0) {
		if (path[0] != '/')
			log_event("%s: the absolute path is too long for a "
			    "socket; programs that clean up may delete it",
			    a->name);
		return 0;
	}
	error = errno;
	if (path == NULL)
		*why = strerror(error);
	free(path);
	errno = error;
	return -1;
}

static void
set_port(struct sockaddr *sa, in_port_t port)
{
	if (sa->sa_family == AF_INET)
		((struct sockaddr_in *)sa)->sin_port = port;
	else
		((struct sockaddr_in6 *)sa)->sin6_port = port;
}

/* The port that a socket is bound to, in network order; 0 if unknown. */
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

	while (l->n > first) {
		(void)close(l->list[--l->n].fd);
		free(l->list[l->n].place);
	}
	errno = saved;
}

/* On a machine without IPv6, or without IPv4, the other will do. */
static bool
is_missing_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL ||
	    error == EPROTONOSUPPORT;
}

/* Listen at every address of the list. Returns 0, or -1 with errno. */
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
		return open_unix_socket(l, a, why);
	error = getaddrinfo(a->host[0] == '\0' ? NULL : a->host, a->port,
	    &hints, &list);
	if (error != 0) {
		*why = error == EAI_SYSTEM ? strerror(errno) :
		    gai_strerror(error);
		errno = 0;
		return -1;
	}
	/* A port that is free in one family may be used in the other. */
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

void
listeners_close_sockets(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		(void)close(l->list[i].fd);
		l->list[i].fd = -1;
	}
}

void
listeners_forget_files(struct listeners *l)
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
		if (l->list[i].path != NULL)
			sockfile_remove(l->list[i].path, l->list[i].dev,
			    l->list[i].ino);
		free(l->list[i].path);
		free(l->list[i].place);
		if (l->list[i].fd != -1)
			(void)close(l->list[i].fd);
	}
	free(l->list);
	l->list = NULL;
	l->n = 0;
}
