/*
 * Sockets for test tools: at a path, or at 127.0.0.1:PORT
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sock.h"

#define LOOPBACK	"127.0.0.1:"
#define BACKLOG		64

union sock_address {
	struct sockaddr		 sa;
	struct sockaddr_un	 sun;
	struct sockaddr_in	 sin;
};

static socklen_t
parse(union sock_address *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	if (strchr(name, '/') != NULL) {
		a->sun.sun_family = AF_UNIX;
		if (strlcpy(a->sun.sun_path, name, sizeof(a->sun.sun_path)) >=
		    sizeof(a->sun.sun_path))
			errx(2, "%s: too long", name);
		return sizeof(a->sun);
	}
	if (strncmp(name, LOOPBACK, strlen(LOOPBACK)) != 0)
		errx(2, "%s: neither a path nor " LOOPBACK "PORT", name);
	a->sin.sin_family = AF_INET;
	a->sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->sin.sin_port = htons((in_port_t)strtol(name + strlen(LOOPBACK),
	    NULL, 10));
	return sizeof(a->sin);
}

int
sock_listen(const char *name)
{
	union sock_address a;
	socklen_t len = parse(&a, name);
	int fd = socket(a.sa.sa_family, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, &a.sa, len) == -1 || listen(fd, BACKLOG) == -1)
		err(2, "%s", name);
	return fd;
}

const char *
sock_name(int fd, const char *name)
{
	static char text[sizeof(LOOPBACK) + 8];
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	if (strchr(name, '/') != NULL)
		return name;
	if (getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(2, "%s", name);
	(void)snprintf(text, sizeof(text), LOOPBACK "%u", ntohs(sin.sin_port));
	return text;
}

int
sock_connect(const char *name)
{
	struct timeval patience = { .tv_sec = 5 };
	union sock_address a;
	socklen_t len = parse(&a, name);
	int fd = socket(a.sa.sa_family, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	/* On Linux it bounds connect(2), too. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
	if (connect(fd, &a.sa, len) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

void
sock_abort(int fd)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}
