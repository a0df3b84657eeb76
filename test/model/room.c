/*
 * The room: a chatd with options of its own, its log, and its end
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"

#define OPTIONS_MAX	32
#define LOG_SIZE	8192
#define LISTENING	"listening on "

int room_log = -1;

static char *options[OPTIONS_MAX];
static int noptions = 1;
static pid_t pid;
static char text[LOG_SIZE + 1];		/* the last of what it has logged */
static size_t textlen;
static size_t upgrades;
static char address[128];

void
room_option(const char *option, const char *value)
{
	options[noptions++] = strdup(option);
	if (value != NULL)
		options[noptions++] = strdup(value);
}

static void
execute(const char *program, int log)
{
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	(void)dup2(log, STDERR_FILENO);
	options[0] = strdup(program);
	(void)execv(program, options);
	_exit(127);
}

void
room_hear(void)
{
	char buf[4096];
	ssize_t n = read(room_log, buf, sizeof(buf));
	size_t drop;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		(void)close(room_log);
		room_log = -1;
		return;
	}
	if (textlen + (size_t)n > LOG_SIZE) {
		drop = textlen + (size_t)n - LOG_SIZE;
		memmove(text, text + drop, textlen - drop);
		textlen -= drop;
	}
	memcpy(text + textlen, buf, (size_t)n);
	textlen += (size_t)n;
	text[textlen] = '\0';
}

void
room_show_log(void)
{
	struct pollfd pfd = { .fd = room_log, .events = POLLIN };
	int i;

	while (room_log != -1 && poll(&pfd, 1, 50) > 0)
		room_hear();
	(void)printf("The room: chatd");
	for (i = 1; i < noptions; i++)
		(void)printf(" %s", options[i]);
	(void)printf("\nIts log:\n%s", text);
}

bool
room_was_upgraded(void)
{
	const char *p = text;
	size_t n = 0;

	while ((p = strstr(p, "upgraded")) != NULL) {
		p++;
		n++;
	}
	if (n == upgrades)
		return false;
	upgrades = n;
	return true;
}

void
room_start(const char *program)
{
	struct pollfd pfd = { .events = POLLIN };
	char *at = NULL;
	int log[2];

	if (pipe(log) == -1)
		err(2, "pipe");
	textlen = upgrades = 0;
	pid = fork();
	if (pid == -1)
		err(2, "fork");
	if (pid == 0)
		execute(program, log[1]);
	(void)close(log[1]);
	(void)fcntl(log[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(log[0], F_SETFL, O_NONBLOCK);
	pfd.fd = room_log = log[0];
	while (at == NULL || strchr(at, '\n') == NULL) {
		if (poll(&pfd, 1, 20000) <= 0 || room_log == -1)
			broken(NULL, "It listens", "it doesn't");
		room_hear();
		if (room_log == -1)
			broken(NULL, "It listens", "it has ended");
		at = strstr(text, LISTENING);
	}
	(void)snprintf(address, sizeof(address), "%.*s",
	    (int)strcspn(at + strlen(LISTENING), "\n"), at + strlen(LISTENING));
}

void
room_signal(int sig)
{
	if (kill(pid, sig) == -1)
		err(2, "kill");
}

int
room_wait(void)
{
	struct pollfd pfd = { .events = POLLIN };
	int status;

	/* Both of its processes have the pipe. */
	while (room_log != -1) {
		pfd.fd = room_log;
		if (poll(&pfd, 1, 20000) <= 0)
			broken(NULL, "TERM and KILL end it", "it goes on");
		room_hear();
	}
	if (waitpid(pid, &status, 0) != pid)
		err(2, "waitpid");
	return status;
}

static int
make_socket(int family, int rcvbuf)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(2, "socket");
	if (rcvbuf > 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
		    sizeof(rcvbuf));
	return fd;
}

int
room_connect(int rcvbuf)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	socklen_t len = sizeof(sin);
	int fd;

	if (setting.local) {
		(void)strlcpy(sun.sun_path, address, sizeof(sun.sun_path));
		sa = (struct sockaddr *)&sun;
		len = sizeof(sun);
	} else {
		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		sin.sin_port = htons((in_port_t)atoi(strrchr(address, ':') +
		    1));
	}
	fd = make_socket(setting.local ? AF_UNIX : AF_INET, rcvbuf);
	if (connect(fd, sa, len) == -1)
		broken(NULL, "It listens", "connect: %s", strerror(errno));
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}
