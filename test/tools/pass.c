/*
 * pass - start a program with sockets passed in, as a service manager does
 *
 *	pass [-n number] [-p pid] [what ...] -- command [argument ...]
 *
 * What is tcp or tcp6 (on loopback, at a port that is free), free6 (the same,
 * whether there is such an address or not: systemd's FreeBind=), any (on every
 * interface), unix:PATH, dgram:PATH, idle (a TCP socket that doesn't listen) or
 * file:PATH; they become descriptors from 3 on. -n and -p set LISTEN_FDS and
 * LISTEN_PID to something that isn't true.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST	3
#define HIGH	64			/* where nothing is in the way */

static int
check(int status, const char *what)
{
	if (status == -1)
		err(2, "%s", what);
	return status;
}

static int
open_tcp(int family, in_addr_t address, int free)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	int fd = check(socket(family, SOCK_STREAM, 0), "socket");

	sin.sin_addr.s_addr = htonl(address);
	sin6.sin6_addr = in6addr_loopback;
	if (family == AF_INET6)
		sa = (struct sockaddr *)&sin6;
	check(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &free, sizeof(free)),
	    "IP_FREEBIND");
	check(bind(fd, sa, family == AF_INET6 ? sizeof(sin6) : sizeof(sin)),
	    "bind");
	return fd;
}

static int
open_unix(const char *path, int type)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = check(socket(AF_UNIX, type, 0), "socket");

	(void)strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	check(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), path);
	return fd;
}

static int
open_what(const char *what)
{
	const char *path = strchr(what, ':');
	int fd;

	path = path == NULL ? "" : path + 1;
	if (strncmp(what, "file:", 5) == 0)
		return check(open(path, O_RDONLY), path);
	if (strncmp(what, "dgram:", 6) == 0)
		return open_unix(path, SOCK_DGRAM);
	if (strcmp(what, "idle") == 0)
		return open_tcp(AF_INET, INADDR_LOOPBACK, 0);
	if (strncmp(what, "unix:", 5) == 0)
		fd = open_unix(path, SOCK_STREAM);
	else if (strcmp(what, "any") == 0)
		fd = open_tcp(AF_INET, INADDR_ANY, 0);
	else
		fd = open_tcp(strcmp(what + strlen(what) - 1, "6") == 0 ?
		    AF_INET6 : AF_INET, INADDR_LOOPBACK,
		    strcmp(what, "free6") == 0);
	check(listen(fd, SOMAXCONN), "listen");
	return fd;
}

/* In place of what is there already, and open in the program. */
static void
put(int fd, int n)
{
	int high = check(fcntl(fd, F_DUPFD, HIGH), "fcntl");

	(void)close(fd);
	check(dup2(high, FIRST + n), "dup2");
	(void)close(high);
}

int
main(int argc, char **argv)
{
	char number[16] = "", pid[16] = "";
	int c, n = 0;

	while ((c = getopt(argc, argv, "+n:p:")) != -1) {
		if (c == 'n')
			(void)strlcpy(number, optarg, sizeof(number));
		else if (c == 'p')
			(void)strlcpy(pid, optarg, sizeof(pid));
		else
			return 2;
	}
	/* getopt(3) has passed over it if nothing comes before it. */
	if (strcmp(argv[optind - 1], "--") == 0)
		optind--;
	for (argv += optind; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
		put(open_what(*argv), n++);
	if (*argv == NULL || argv[1] == NULL)
		errx(2, "no command");
	if (number[0] == '\0')
		(void)snprintf(number, sizeof(number), "%d", n);
	if (pid[0] == '\0')
		(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (setenv("LISTEN_FDS", number, 1) == -1 ||
	    setenv("LISTEN_PID", pid, 1) == -1)
		err(2, "setenv");
	(void)execvp(argv[1], argv + 1);
	err(2, "%s", argv[1]);
}
